"""What a provider said it does not have, remembered for a day so that nobody asks again and again.

Only what another try would not change at once is remembered: that a ticker is unknown, or has no prices in
the range asked for. A refusal because of too many requests, or no answer at all, says nothing of the ticker.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from eventstudy.prices.cache.writing import locked, put
from eventstudy.prices.source import Refusal
from eventstudy.prices.tickers import file_stem, ticker_of

FOLDER = ".refused"  #: inside the cache
LASTING: tuple[Refusal, ...] = ("not-found", "empty")
KEPT = timedelta(days=1)


@dataclass(frozen=True)
class Remembered:
    """A refusal of a provider: of which ticker, of what kind and why, for which range, and when."""

    ticker: str
    kind: str
    reason: str
    asked_from: str
    asked_to: str
    answered_at: str

    @property
    def until(self) -> datetime:
        """When it is forgotten."""
        return datetime.fromisoformat(self.answered_at) + KEPT

    def holds(self, start: date, end: date) -> bool:
        """Tell whether it still answers a need from ``start`` to ``end``."""
        is_fresh = timedelta(0) < self.until - datetime.now(UTC) <= KEPT  # not of a clock that ran ahead
        return is_fresh and self.asked_from <= f"{start}" and f"{end}" <= self.asked_to

    def sentence(self) -> str:
        """Return why there are no prices, when that was answered and when it is asked again."""
        answered = datetime.fromisoformat(self.answered_at)
        return (
            f"{self.reason} (answered {answered:%Y-%m-%d %H:%M} UTC, asked again after a day or by --refresh)"
        )


def remember(cache_dir: Path, refused: Remembered) -> None:
    """Keep a refusal in place of an earlier one.

    Raises
    ------
    OSError
        The cache cannot be written to.
    """
    path = refusal_file(cache_dir, refused.ticker)
    with locked(path):
        put(path, json.dumps({**asdict(refused), "sha256": _checksum(refused)}).encode())


def recall(cache_dir: Path, ticker: str) -> Remembered | None:
    """Return what was remembered of a ticker, None where nothing was or the note is damaged."""
    try:
        content = json.loads(refusal_file(cache_dir, ticker).read_bytes())
        refused = Remembered(**{field.name: str(content[field.name]) for field in fields(Remembered)})
        return refused if content["sha256"] == _checksum(refused) and refused.ticker == ticker else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):  # to ask again is always right
        return None


def forget(cache_dir: Path, ticker: str) -> bool:
    """Forget what was remembered of a ticker; False where nothing was.

    Raises
    ------
    OSError
        The note cannot be removed.
    """
    try:
        refusal_file(cache_dir, ticker).unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def remembered(cache_dir: Path) -> list[str]:
    """Return the tickers with a note, in order."""
    return sorted(ticker_of(path.stem) for path in (cache_dir / FOLDER).glob("[!.]*.json"))


def refusal_file(cache_dir: Path, ticker: str) -> Path:
    """Return the file of the note on a ticker, whether it exists or not."""
    return cache_dir / FOLDER / f"{file_stem(ticker)}.json"


def _checksum(refused: Remembered) -> str:
    return hashlib.sha256(json.dumps(asdict(refused), sort_keys=True).encode()).hexdigest()
