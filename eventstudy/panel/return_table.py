"""Returns of any source, prepared for the rules that need nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from eventstudy._typing import BoolArray, DateArray, FloatArray, ReturnKind
from eventstudy.prices.source import Finding, Severity


@dataclass(frozen=True)
class ReturnTable:
    """Returns of several series on the sessions of one exchange.

    Attributes
    ----------
    names
        The series: tickers, or factors.
    sessions
        datetime64[D] of shape (T,), ascending.
    values
        Shape (T, S), decimal, simple or log as ``kind`` says; NaN = no return on that session.
    benchmark
        The series that the others are measured against, "" if unknown.
    exchanges
        Exchanges that the suffix of a ticker does not tell.
    used
        Which sessions some firm-event uses, shape (T,); None without events.
    near
        Day 0 of each series and the sessions beside it, shape (T, S); None without events.
    """

    names: tuple[str, ...]
    sessions: DateArray
    values: FloatArray
    kind: ReturnKind = "simple"
    benchmark: str = ""
    exchanges: Mapping[str, str] = field(default_factory=dict)
    used: BoolArray | None = None
    near: BoolArray | None = None

    def only(self, names: Collection[str]) -> ReturnTable:
        """Return the table with some of its series."""
        columns = [at for at, name in enumerate(self.names) if name in names]
        return replace(
            self,
            names=tuple(self.names[at] for at in columns),
            values=self.values[:, columns],
            near=None if self.near is None else self.near[:, columns],
        )

    def finding(self, row: int, column: int, rule: str, severity: Severity, detail: str) -> Finding:
        """Return a finding on one return."""
        session: Any = self.sessions[row].item()
        return Finding(self.names[column], session, rule, severity, detail)

    def about(self, column: int, rule: str, severity: Severity, detail: str) -> Finding:
        """Return a finding about a whole series."""
        return Finding(self.names[column], None, rule, severity, detail)
