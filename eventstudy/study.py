"""`run()`: the order of the steps, and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy import results as store
from eventstudy._typing import Values
from eventstudy.assembly.assemble import assemble
from eventstudy.design import Design
from eventstudy.errors import MaxLossError, PriceDataError
from eventstudy.events.characteristics import check_columns
from eventstudy.events.firm_events import FirmEvents
from eventstudy.events.inputs import StudyInputs, read_inputs
from eventstudy.inference.regression_table import check_regressions
from eventstudy.inference.unmasked import named_without_mask
from eventstudy.intake.options import reading_options
from eventstudy.models.estimation import Estimates, estimate
from eventstudy.numerics.threads import one_thread
from eventstudy.panel.loading import Loaded
from eventstudy.panel.masking import masked_sessions
from eventstudy.preparation.data_request import DataRequest
from eventstudy.preparation.inputs_manifest import manifest_of
from eventstudy.preparation.preparing import prepare
from eventstudy.prices.source import PriceSource
from eventstudy.study_result import EventStudyResult

if TYPE_CHECKING:
    from eventstudy.prices.source import Progress


def run(
    events: Any = "events.yaml",
    *,
    prices: Any = "auto",
    returns: Any = None,
    factors: Any = None,
    design: Design | None = None,
    tickers: str | Sequence[str] | None = None,
    benchmark: Any = None,
    known: Any = None,
    cache: str | Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
    values: Values | None = None,
    exchange: str | None = None,
    closes: Any = None,
    actions: Any = None,
    **reading: Any,
) -> EventStudyResult:
    """Measure abnormal returns around dated events and test them.

    Parameters
    ----------
    events
        Path of a study file or an event list, a list of `Event`, or a DataFrame with ``event_id``, ``ticker``
        and ``session`` (or ``when``).
    prices
        ``"auto"`` (cache, then snapshot, then Yahoo), ``"yahoo"``, a file or folder of prices or returns, a
        frame of any library, a list of these, or any object with ``load``, such as that of `read_prices`.
    returns
        Returns in decimals, sessions x series, benchmark and factors as columns (or factors in ``factors``):
        a DataFrame, a Series with the ticker as its name, a dictionary of Series, or a path; replaces
        ``prices``.
    factors
        A factor file, several, or a folder; for models that need factors, beside ``returns`` too.
    design
        How to measure; default: the study file's.
    tickers, benchmark
        Replace what the study and its events say.
    known
        Public news besides the events, which flags the firm-events that it touches: a table's path, a data
        frame with ``ticker``, ``date``, ``kind``, ``what`` (and ``timing``), or a list of `KnownNews`.
    cache
        Where fetched prices are kept.
    offline, refresh
        Fetch nothing; fetch even what is cached.
    progress
        Called with the step, how far it is, and of how much.
    values
        What ``returns``, or files of ``prices``, hold: ``returns`` (decimals, of the design's kind),
        ``percent``, ``log-returns`` or ``prices``. Default: an error that asks where it can be doubted.
    exchange
        The exchange (MIC, such as XKRX) of every ticker without a suffix; default: New York.
    closes
        What the closes of own ``prices`` are, one word for all or a mapping by ticker: ``raw``,
        ``split-adjusted``, ``adjusted`` (for dividends too) or ``total-return-index``. Default: told by the
        ticks and the prices on ex-dates, and an error that asks where these do not tell.
    actions
        Corporate actions that the prices lack: a table's path, a data frame with ``ticker``, ``date``,
        ``kind``, ``value``, or a list of such mappings. Each is applied once.
    reading
        What else is stated about files that can be read in two ways: the options of `read_prices`.

    Returns
    -------
    EventStudyResult
        Every firm-event requested is in it, measured or skipped with the reason.

    Raises
    ------
    EventsFileError, DesignError, UnknownNameError
        The events or the design are wrong, with the place.
    PriceDataError
        The benchmark or every security has no usable prices, or a factor is missing; as AmbiguousDataError,
        closes that may hold the listed dividends or not.
    MaxLossError
        More firm-events were skipped than ``design.max_loss`` allows; the error lists their reasons.
    """
    stated = reading_options(**reading)
    inputs = read_inputs(events, design, tickers, known, exchange, benchmark=benchmark)
    stated = reading_options(**reading)
    data = DataRequest(
        prices, returns, factors, cache, offline, refresh, progress, values, stated, closes, actions
    )
    return run_study(inputs, data)


@one_thread()
def run_study(inputs: StudyInputs, data: DataRequest) -> EventStudyResult:
    """Do what `run` does, with its arguments put together."""
    inputs = inputs.on_own_windows()
    if inputs.design.regress or inputs.design.prologue or inputs.design.weights is not None:
        listed = inputs.firm_events()
        check_regressions(inputs.design.regress, listed)
        check_columns(inputs.design, listed)
    prepared, progress = prepare(inputs, data), data.progress
    loaded, firm_events = prepared.loaded, prepared.spec.panel.firm_events
    estimates = estimate(prepared.spec, None if progress is None else partial(progress, "measuring"))
    _refuse_losses(estimates, firm_events, loaded, inputs.design.max_loss)
    tables = assemble(
        prepared.spec,
        estimates,
        series=loaded.series,
        findings=prepared.findings,
        claims=judged_claims(inputs, loaded, prepared.source),
        failures=loaded.failures,
        inputs=prepared.read,
        left_out=inputs.left_out,
        returns=loaded.matrix,
        unrequested=0 if inputs.frame is None else len(inputs.frame) - len(firm_events),
    )
    manifest = {
        **manifest_of(inputs, loaded, prepared.factors),
        "read": [each.row() for each in prepared.read],
        "tickers": list(firm_events.tickers),
        "masked_dates": masked_sessions(prepared.spec.panel),
        "unmasked": named_without_mask(prepared.spec),
        "articles": _cited(inputs),
        "inputs": store.named_inputs(
            inputs.path, inputs.files, data.prices, data.returns, data.factors, data.actions
        ),
    }
    return EventStudyResult(tables, manifest)


def _refuse_losses(estimates: Estimates, firm_events: FirmEvents, loaded: Loaded, allowed: float) -> None:
    """Refuse a run that lost more firm-events than the design allows."""
    lost = np.flatnonzero(~estimates.ok)
    if len(lost) <= allowed * len(firm_events):
        return
    without = [ticker for ticker in firm_events.tickers if ticker in loaded.failures]
    if without and all(firm_events.ticker[event] in loaded.failures for event in lost):
        raise PriceDataError(
            without[0], loaded.failures[without[0]], f"max_loss allows to lose {allowed:.0%} only"
        )
    triples = [(firm_events.event_id[e], firm_events.ticker[e], estimates.reason[e]) for e in lost]
    raise MaxLossError(triples, len(firm_events), allowed)


def judged_claims(inputs: StudyInputs, loaded: Loaded, source: PriceSource | None) -> Any:
    """Compare the articles' claims with the stored prices; nothing is fetched for them."""
    if not any(event.claims for event in inputs.events):
        return {}
    from eventstudy.prices.claims import claim_columns, claimed_tickers, judge_claims, load_claimed

    claimed = [ticker for ticker in claimed_tickers(inputs.events) if ticker not in loaded.series]
    series = dict(loaded.series)
    if source is not None and loaded.start is not None and loaded.end is not None and claimed:
        series |= load_claimed(source, claimed, loaded.start, loaded.end, fetch=False).series
    return claim_columns(judge_claims(inputs.events, series))


def _cited(inputs: StudyInputs) -> dict[str, Any]:
    """Return the articles that the events cite, from the cards next to the study file."""
    if inputs.path is None or not any(event.evidence for event in inputs.events):
        return {}
    from eventstudy.events.articles import CARDS, cited_articles

    return cited_articles(inputs.events, inputs.path.parent / CARDS)
