"""`simulate()`: placebo events drawn, measured, tested and counted, in blocks of replications."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eventstudy._typing import Values
from eventstudy.design import Design
from eventstudy.design.arguments import check_callable, check_kind
from eventstudy.errors import UsageError
from eventstudy.events.inputs import StudyInputs, read_inputs
from eventstudy.inference.chosen_tests import applicable_tests, chosen_tests
from eventstudy.intake.options import reading_options
from eventstudy.models import model_of
from eventstudy.models.estimation import Specification
from eventstudy.numerics.threads import one_thread
from eventstudy.preparation.data_request import DataRequest
from eventstudy.preparation.preparing import prepare
from eventstudy.prices.source import Progress
from eventstudy.significance import SignificanceTest
from eventstudy.simulation.counting import Case, Count, counted
from eventstudy.simulation.own import OwnPanel
from eventstudy.simulation.replications import Replications
from eventstudy.simulation.result import SimulationResult, rejection_table
from eventstudy.simulation.situation import Situation
from eventstudy.simulation.synthetic import SyntheticPanel

if TYPE_CHECKING:
    pass

SYNTHETIC_DESIGN = Design(car_windows=((0, 0),))  #: of synthetic markets, by default
TOGETHER = 2_048  #: firm-events per block: bounds the memory


class PlaceboPanel(Protocol):
    """The user's own returns, or those of synthetic markets."""

    def prepare(self, replications: range) -> Specification:
        """Return the firm-events of some replications on their returns, replication by replication."""
        ...


def simulate(
    situation: Situation | None = None,
    events: Any = None,
    *,
    prices: Any = "auto",
    returns: Any = None,
    factors: Any = None,
    design: Design | None = None,
    tickers: str | Sequence[str] | None = None,
    benchmark: Any = None,
    cache: str | Path | None = None,
    offline: bool = False,
    refresh: bool = False,
    progress: Progress | None = None,
    values: Values | None = None,
    exchange: str | None = None,
    closes: Any = None,
    actions: Any = None,
    **reading: Any,
) -> SimulationResult:
    """Draw placebo events and count how often each test rejects.

    Every replication is a group of firm-events that is measured and tested as `run` would.

    Parameters
    ----------
    situation
        What is drawn; default: fifty firm-events on random dates, a thousand times.
    events
        A study, as for `run`: placebo events are drawn from its tickers and sessions, excluding its own
        events. None: synthetic markets.
    prices, returns, factors, tickers, benchmark, cache, offline, refresh, values, exchange
        As for `run`; of a study only.
    closes, actions, reading
        As for `run`; of a study only.
    design
        How to measure; ``tests`` are the tests, by default all that are not resampled. ``seed`` is that of
        everything drawn. Default: the study file's; for synthetic markets the standard one with the CAR of
        day 0 alone.
    progress
        Called with the step, how much is done, and the total.

    Returns
    -------
    SimulationResult
        Reproducible for a seed.

    Raises
    ------
    UsageError
        A situation that does not go with the panel.
    EventStudyError
        As for `run`.

    References
    ----------
    Brown & Warner 1985, Journal of Financial Economics 14, 3-31, doi:10.1016/0304-405X(85)90042-X.
    """
    situation = Situation() if situation is None else situation
    check_kind("situation", situation, Situation, "a Situation")
    if design is not None:
        check_kind("design", design, Design, "a Design")
    check_callable("progress", progress)
    stated = reading_options(**reading)
    if events is not None:
        inputs = read_inputs(events, design, tickers, exchange=exchange, benchmark=benchmark)
        data = DataRequest(
            prices, returns, factors, cache, offline, refresh, progress, values, stated, closes, actions
        )
        return simulate_study(situation, inputs, data)
    _refuse_study_options(
        tickers=tickers,
        benchmark=benchmark,
        returns=returns,
        factors=factors,
        values=values,
        exchange=exchange,
        closes=closes,
        actions=actions,
        **reading,
    )
    design = design or SYNTHETIC_DESIGN
    if design.measure != "returns":
        raise UsageError(f"a synthetic panel holds returns, no {design.measure}; give events with prices")
    panel = SyntheticPanel.of(situation, design, model_of(design))
    return _simulated(panel, situation, design, (), progress)


def simulate_study(situation: Situation, inputs: StudyInputs, data: DataRequest) -> SimulationResult:
    """Draw placebo events on the returns of a study; errors of `simulate`."""
    if situation.of_synthetic:
        raise UsageError(f"{situation.of_synthetic[0]} is of a synthetic panel; the study has its own")
    own = OwnPanel.of(situation, prepare(inputs, data).spec)
    return _simulated(own, situation, own.spec.design, own.tickers, data.progress)


@one_thread()
def _simulated(
    panel: PlaceboPanel,
    situation: Situation,
    design: Design,
    drawn_on: tuple[str, ...],
    progress: Progress | None,
) -> SimulationResult:
    if not design.window.start <= 0 <= design.window.end:
        raise UsageError(f"the event window {design.window} has no day 0 to put an effect on")
    tests = simulated_tests(design)
    table = rejection_table(_counts(panel, situation, tests, progress), tests, design.alternative)
    return SimulationResult(table, situation, design, drawn_on)


def simulated_tests(design: Design) -> list[SignificanceTest]:
    """Return the tests that the design names, or all that are not resampled."""
    tests = applicable_tests(chosen_tests(design.tests), design)
    return tests if design.tests else [test for test in tests if not test.resampled]


def _refuse_study_options(**given: Any) -> None:
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"{name} is of a study; a synthetic panel has its own")


def _counts(
    panel: PlaceboPanel,
    situation: Situation,
    tests: Sequence[SignificanceTest],
    progress: Progress | None,
) -> dict[Case, Count]:
    counts: dict[Case, Count] = {}
    systems = situation.dates == 1 and any(test.scope == "one date" for test in tests)
    step = max(TOGETHER // situation.firm_events, 1)
    for start in range(0, situation.replications, step):
        together = range(start, min(start + step, situation.replications))
        replications = Replications.of(panel.prepare(together), situation, systems=systems)
        for effect in situation.effects:
            counted(counts, replications.tested(tests, effect), effect)
        if progress is not None:
            progress("simulating", together.stop, situation.replications)
    return counts
