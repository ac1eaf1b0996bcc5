"""`run()`: the order of the steps, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy import store
from eventstudy.asked import Asked, read_asked
from eventstudy.assembly import assemble
from eventstudy.design import Design
from eventstudy.errors import DesignError, MaxLossError, PriceDataError
from eventstudy.firm_events import FirmEvents
from eventstudy.loading import Loaded, given_returns, known_series, load_prices, with_factors
from eventstudy.measure import Measured, Setting, measure
from eventstudy.models import NormalReturnModel, model_named
from eventstudy.panel import build_panel
from eventstudy.prices.opening import cache_directory, open_source, snapshot_directory
from eventstudy.prices.quality import findings
from eventstudy.prices.series import fingerprint
from eventstudy.prices.source import Finding, PriceSeries, PriceSource
from eventstudy.results import EventStudyResult

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.prices.factors import FactorTable

Progress = Callable[[str, int, int], None]  #: what is going on, how far it is, of how much


def run(
    events: Any = "events.yaml",
    *,
    prices: Any = "auto",
    returns: pd.DataFrame | None = None,
    factors: Any = None,
    design: Design | None = None,
    tickers: Sequence[str] | None = None,
    benchmark: Any = None,
    cache: str | Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
) -> EventStudyResult:
    """Measure abnormal returns around dated events and test them.

    Parameters
    ----------
    events
        Path of a study file or an event list, a list of `Event`, or a DataFrame with ``event_id``, ``ticker``
        and ``session`` (or ``when``).
    prices
        ``"auto"`` (cache, then snapshot, then Yahoo), ``"yahoo"``, a folder or file of prices, a DataFrame,
        or any object with ``load``.
    returns
        Returns in decimals, sessions x series, benchmark and factors as columns; replaces ``prices``.
    factors
        A factor file, several, or a folder; for models that need factors.
    design
        How to measure; default: the study file's.
    tickers, benchmark
        Replace what the study and its events say.
    cache
        Where fetched prices are kept.
    offline, refresh
        Fetch nothing; fetch even what is cached.
    progress
        Called with the step, how far it is, and of how much.

    Returns
    -------
    EventStudyResult
        Every firm-event asked for is in it, measured or skipped with the reason.

    Raises
    ------
    EventsFileError, DesignError, UnknownNameError
        What was asked is wrong, with the place.
    PriceDataError
        The benchmark, or every security, has no usable prices; a factor is missing.
    MaxLossError
        More firm-events were skipped than ``design.max_loss`` allows; it carries them with their reasons.
    """
    placed = place(
        events,
        prices=prices,
        returns=returns,
        factors=factors,
        design=design,
        tickers=tickers,
        benchmark=benchmark,
        cache=cache,
        offline=offline,
        refresh=refresh,
        progress=progress,
    )
    asked, loaded, firm_events = placed.asked, placed.loaded, placed.setting.panel.firm_events
    measured = measure(placed.setting, None if progress is None else partial(progress, "measuring"))
    _refuse_losses(measured, firm_events, loaded, asked.design.max_loss)
    tables = assemble(
        placed.setting,
        measured,
        series=loaded.series,
        findings=price_findings(asked, loaded),
        claims=judged_claims(asked, loaded, placed.source),
    )
    manifest = {**manifest_of(asked, loaded, placed.factors), "tickers": list(firm_events.tickers)}
    return EventStudyResult(tables, manifest)


@dataclass(frozen=True)
class Placed:
    """A study before anything is measured: what was asked, from where, and its firm-events on the returns."""

    asked: Asked
    source: PriceSource | None
    loaded: Loaded
    factors: FactorTable | None
    setting: Setting


def place(
    events: Any,
    *,
    prices: Any = "auto",
    returns: pd.DataFrame | None = None,
    factors: Any = None,
    design: Design | None = None,
    tickers: Sequence[str] | None = None,
    benchmark: Any = None,
    cache: str | Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
) -> Placed:
    """Read events and prices and place the firm-events on the returns; parameters and errors as in `run`."""
    asked = read_asked(events, design)
    if benchmark is not None:  # what the manifest says was asked
        asked = replace(asked, design=asked.design.replace(benchmark=benchmark))
    model = model_named(asked.design.model)
    firm_events = asked.firm_events(tickers, benchmark)
    source = None
    if returns is None:
        source = _source(asked, prices, cache, offline, refresh, progress)
        wanted = firm_events.price_tickers if model.benchmark else firm_events.tickers
        loaded = load_prices(firm_events, asked.design, source, wanted, calendars=asked.calendars)
    else:
        loaded = given_returns(returns, asked.design)
    table = _factor_table(asked, model, factors) if returns is None else None
    return Placed(asked, source, loaded, table, _setting(asked, model, firm_events, loaded, table))


def _source(
    asked: Asked,
    prices: Any,
    cache: str | Path | None,
    offline: bool,
    refresh: bool,
    progress: Progress | None,
) -> PriceSource:
    return open_source(
        prices,
        cache_dir=cache_directory(cache, asked.path),
        snapshot_dir=snapshot_directory(asked.path),
        offline=offline,
        refresh=refresh,
        exchanges=asked.exchanges,
        progress=progress,
    )


def _factor_table(asked: Asked, model: NormalReturnModel, given: Any) -> FactorTable | None:
    """Read the factors that the model needs from the caller's files or the study's."""
    columns = _factor_columns(asked, model)
    if not columns and not model.excess:
        return None
    from eventstudy.prices.factors import read_factors

    wanted = (*columns, "RF") if model.excess else columns
    if given is not None:
        return read_factors(given, wanted=wanted)
    if asked.factors is None:
        raise PriceDataError(
            "factors",
            f"the model {model.name} needs a factor file",
            "give --factors FILE or factors: in the study",
        )
    return read_factors(asked.factors.path, asked.factors.unit, wanted)


def _factor_columns(asked: Asked, model: NormalReturnModel) -> tuple[str, ...]:
    """Return the factors a model regresses on: its own, or the design's.

    Raises
    ------
    DesignError
        The model ``factors`` without any.
    """
    if model.factors is not None:
        return model.factors
    if not asked.design.factors:
        raise DesignError("factors", f"the model {model.name} needs columns, such as factors: [SMH]")
    return asked.design.factors


def _setting(
    asked: Asked, model: NormalReturnModel, firm_events: FirmEvents, loaded: Loaded, table: FactorTable | None
) -> Setting:
    """Place the firm-events on the returns, and refuse a study whose benchmark nobody has."""
    panel = build_panel(
        firm_events,
        loaded.matrix if table is None else with_factors(loaded.matrix, table, asked.design),
        asked.design,
        benchmark=model.benchmark,
        factors=_factor_columns(asked, model),
        excess=model.excess,
        failures=loaded.failures,
    )
    if model.benchmark and (panel.regressors[:, 0] < 0).all():
        member = firm_events.benchmarks[int(firm_events.benchmark[0])].tickers[0]
        raise PriceDataError(
            member, f"the benchmark has no prices: {loaded.failures.get(member, 'not in the table')}"
        )
    return Setting(panel, model, asked.design)


def _refuse_losses(measured: Measured, firm_events: FirmEvents, loaded: Loaded, allowed: float) -> None:
    """Refuse a run that lost more firm-events than the design allows."""
    lost = np.flatnonzero(~measured.ok)
    if len(lost) <= allowed * len(firm_events):
        return
    without = [ticker for ticker in firm_events.tickers if ticker in loaded.failures]
    if without and all(firm_events.ticker[event] in loaded.failures for event in lost):
        raise PriceDataError(
            without[0], loaded.failures[without[0]], f"max_loss allows to lose {allowed:.0%} only"
        )
    triples = [(firm_events.event_id[e], firm_events.ticker[e], measured.reason[e]) for e in lost]
    raise MaxLossError(triples, len(firm_events), allowed)


def price_findings(asked: Asked, loaded: Loaded) -> list[Finding]:
    """Return what is amiss in the series; without exchange calendars only what reading them showed."""
    if not asked.calendars:
        return [finding for series in loaded.series.values() for finding in series.findings]
    return [finding for series in loaded.series.values() for finding in findings(series, asked.exchanges)]


def judged_claims(asked: Asked, loaded: Loaded, source: PriceSource | None) -> Any:
    """Judge the articles' claims by the prices at hand; nothing is fetched for them."""
    if not any(event.claims for event in asked.events):
        return {}
    from eventstudy.claims import claim_columns, claimed_tickers, judge_claims

    claimed = [ticker for ticker in claimed_tickers(asked.events) if ticker not in loaded.series]
    extra = known_series(source, claimed, loaded) if source is not None and claimed else {}
    return claim_columns(judge_claims(asked.events, {**loaded.series, **extra}))


def manifest_of(asked: Asked, loaded: Loaded, table: FactorTable | None) -> dict[str, Any]:
    """Return the manifest: the design, and where every figure came from."""
    return store.build_manifest(
        design=asked.design,
        tables={},
        prices={ticker: _provenance(series) for ticker, series in loaded.series.items()},
        factors=None if table is None else {"sha256": table.sha256, "vintage": table.vintage},
        study_path_name=None if asked.path is None else asked.path.name,
        study_sha256=asked.sha256,
    )


def _provenance(series: PriceSeries) -> dict[str, Any]:
    return {
        "source": series.source,
        "first": series.sessions[0].item(),
        "last": series.sessions[-1].item(),
        "rows": len(series.sessions),
        "sha256": fingerprint(series),
    }
