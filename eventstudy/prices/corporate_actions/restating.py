"""Corporate actions that the user lists, put into series that a source has made already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from eventstudy.errors import PriceDataError
from eventstudy.events.price_statements import Stated, Statements
from eventstudy.prices.series import FIGURES, fingerprint, series_of
from eventstudy.prices.source import PriceBatch, PriceSeries, PriceSource


@dataclass(frozen=True)
class RestatedSource:
    """A source of another kind, with the user's actions in its series."""

    source: PriceSource
    stated: Statements

    @property
    def name(self) -> str:
        """The name of the source."""
        return self.source.name

    def load(self, tickers: Sequence[str], start: date, end: date) -> PriceBatch:
        """Return the prices of the source with the actions; raises as it does."""
        return restate(self.source.load(tickers, start, end), self.stated)


def restate(batch: PriceBatch, stated: Statements) -> PriceBatch:
    """Return a batch with the user's actions in its series; one that disagrees is among the failures."""
    series, failures = dict(batch.series), dict(batch.failures)
    for ticker, each in batch.series.items():
        if own := stated.of(ticker).actions:
            try:
                series[ticker] = _restated(each, Stated("adjusted" if each.adjusted_only else None, own))
            except PriceDataError as error:
                del series[ticker]
                failures[ticker] = error.reason(ticker)
    return PriceBatch(series, failures)


def _restated(series: PriceSeries, stated: Stated) -> PriceSeries:
    columns = {
        name: getattr(series, name) for name in FIGURES if name != "dividend" or not series.price_index
    }
    others = {"split": series.split, "return": series.returns, "lumped": series.lumped}
    others |= {"shares": series.shares}
    columns |= {name: values for name, values in others.items() if values is not None}
    made = series_of(
        series.ticker,
        series.sessions,
        columns,
        series.source,
        unadjusted=not series.adjusted_only,
        stated=stated,
    )
    findings = tuple(dict.fromkeys((*series.findings, *made.findings)))
    origin = {**series.origin, "sha256": fingerprint(made)}
    return replace(made, findings=findings, origin=origin)
