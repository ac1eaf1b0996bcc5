"""Recorded failures: what a provider said it does not have, kept for a day so that it is not asked again.

Only lasting failures are recorded: the ticker is unknown, or has no prices in the requested range. Too many
requests, or no answer, say nothing about the ticker.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from eventstudy.prices.cache.locked_files import locked, replace_file
from eventstudy.prices.source import FailureKind
from eventstudy.prices.tickers import file_stem, ticker_of

FOLDER = ".refused"  #: inside the cache
LASTING: tuple[FailureKind, ...] = ("not-found", "empty")
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class RecordedFailure:
    """A failure of a provider: which ticker, which kind and why, for which range, and when."""

    ticker: str
    kind: str
    reason: str
    asked_from: str
    asked_to: str
    answered_at: str

    @property
    def until(self) -> datetime:
        """When it expires."""
        return datetime.fromisoformat(self.answered_at) + KEPT

    def applies(self, start: date, end: date) -> bool:
        """Whether it has not expired and covers the dates from ``start`` to ``end``."""
        is_fresh = timedelta(0) < self.until - datetime.now(UTC) <= KEPT  # not from a clock that ran ahead
        return is_fresh and self.asked_from <= f"{start}" and f"{end}" <= self.asked_to

    def sentence(self) -> str:
        """Return the reason, when it was given, and when the provider is asked again."""
        answered = datetime.fromisoformat(self.answered_at)
        return (
            f"{self.reason} (answered {answered:%Y-%m-%d %H:%M} UTC, asked again after a day or by --refresh)"
        )


def record_failure(cache_dir: Path, failure: RecordedFailure) -> None:
    """Store a failure in place of an earlier one; an OSError says that the cache cannot be written to."""
    path = failure_file(cache_dir, failure.ticker)
    with locked(path):
        replace_file(path, json.dumps({**asdict(failure), "sha256": _checksum(failure)}).encode())


def recorded_failure(cache_dir: Path, ticker: str) -> RecordedFailure | None:
    """Return the recorded failure of a ticker, None where there is none or its file is damaged."""
    try:
        content = json.loads(failure_file(cache_dir, ticker).read_bytes())
        failure = RecordedFailure(
            **{field.name: str(content[field.name]) for field in fields(RecordedFailure)}
        )
        return failure if content["sha256"] == _checksum(failure) and failure.ticker == ticker else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):  # to ask again is always right
        return None


def forget_failure(cache_dir: Path, ticker: str) -> bool:
    """Remove the recorded failure of a ticker; False where there is none."""
    try:
        failure_file(cache_dir, ticker).unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def failed_tickers(cache_dir: Path) -> list[str]:
    """Return the tickers with a recorded failure, in order."""
    return sorted(ticker_of(path.stem) for path in (cache_dir / FOLDER).glob("[!.]*.json"))


def failure_file(cache_dir: Path, ticker: str) -> Path:
    """Return the file of the recorded failure of a ticker, whether it exists or not."""
    return cache_dir / FOLDER / f"{file_stem(ticker)}.json"


def _checksum(failure: RecordedFailure) -> str:
    return hashlib.sha256(json.dumps(asdict(failure), sort_keys=True).encode()).hexdigest()
