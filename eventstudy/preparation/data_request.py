"""Where a study gets its data: the source of prices, and what is stated about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from eventstudy._typing import Values
from eventstudy.design import Design
from eventstudy.design.arguments import check_callable, check_flags, check_kind, check_places, refusal
from eventstudy.errors import UnknownNameError
from eventstudy.events.inputs import StudyInputs
from eventstudy.events.price_statements import Statements, read_closes
from eventstudy.intake.options import UNSTATED, ReadingOptions, stated_over
from eventstudy.models import NormalReturnModel
from eventstudy.prices.opening import are_own, cache_directory, open_source, snapshot_directory
from eventstudy.prices.source import PriceSource
from eventstudy.sessions.exchange import WITHOUT_SUFFIX

if TYPE_CHECKING:
    from eventstudy.prices.source import Progress


@dataclass(frozen=True)
class DataRequest:
    """Where a study gets its data; the parameters of `run` of the same names."""

    prices: Any = "auto"
    returns: Any = None
    factors: Any = None
    cache: str | Path | None = None
    offline: bool = False
    refresh: bool = False
    progress: Progress | None = None
    values: Values | None = None
    reading: ReadingOptions = UNSTATED
    closes: Any = None
    actions: Any = None

    def __post_init__(self) -> None:
        """Refuse arguments of a wrong type; a UsageError names the argument."""
        check_flags(offline=self.offline, refresh=self.refresh)
        check_places(cache=self.cache)
        check_callable("progress", self.progress)
        if self.values is not None and self.values not in get_args(Values):
            raise UnknownNameError("values", str(self.values), get_args(Values))
        listed = [self.factors] if isinstance(self.factors, str | PathLike) else self.factors
        wanted = "the path of a factor file, or a list of paths"
        if listed is not None and (not isinstance(listed, Iterable) or isinstance(listed, bytes | Mapping)):
            raise refusal("factors", listed, wanted)
        for path in listed or ():
            check_kind("factors", path, (str, PathLike), wanted)

    def source(
        self, inputs: StudyInputs | None = None, exchanges: Mapping[str, str] | None = None
    ) -> PriceSource:
        """Open the price source of a study, next to whose file prices are kept.

        What is stated here goes before what the study file states; its files are those of ``auto``.
        """
        study = inputs.path if inputs else None
        exchanges = exchanges or (inputs.exchanges if inputs else {})
        reading, prices = self.reading, self.prices
        if inputs is not None and inputs.data is not None:
            reading = stated_over(inputs.data.reading, reading)
            prices = list(inputs.data.files) if prices == "auto" and inputs.data.files else prices
        if self.values is not None and self.returns is None:
            reading = replace(reading, values=self.values)
        stated = self.stated(inputs)
        return open_source(
            prices,
            cache_dir=cache_directory(self.cache, study),
            snapshot_dir=snapshot_directory(study),
            offline=self.offline,
            refresh=self.refresh,
            exchanges=exchanges,
            progress=self.progress,
            options=replace(reading, exchange=exchanges.get(WITHOUT_SUFFIX)),
            stated=stated if stated.closes or stated.actions else None,
        )

    def stated(self, inputs: StudyInputs | None = None) -> Statements:
        """Return what is stated about prices: here, else in the study, whose words are of its own prices."""
        from eventstudy.events.corporate_actions import read_actions

        closes = read_closes(self.closes)
        actions = () if self.actions is None else read_actions(self.actions)
        own = are_own(self.prices) or bool(inputs and inputs.data and self.prices == "auto")
        if inputs is not None and self.closes is None and own:
            closes = dict(inputs.stated.closes)
        if inputs is not None and self.actions is None:
            actions = inputs.stated.actions
        return Statements(closes, actions)


def with_pool_at_hand(model: NormalReturnModel, design: Design, source: PriceSource) -> NormalReturnModel:
    """Return a model with the series that a source holds as its pool, where the design lists none.

    A source that cannot list what it holds leaves the series that the study needs anyway.
    """
    if not model.requires.pool or model.requires.pooled(design):
        return model
    held = getattr(source, "tickers", None) or getattr(source, "stored", None)
    at_hand = tuple(held()) if callable(held) else ()
    return replace(model, requires=replace(model.requires, at_hand=at_hand))


def with_told_exchanges(inputs: StudyInputs, source: PriceSource) -> StudyInputs:
    """Return the inputs with the exchanges that the files of prices tell, where the user states none."""
    told = getattr(source, "exchanges", None)
    if not callable(told):
        return inputs
    for_all = WITHOUT_SUFFIX in inputs.exchanges  # stated of every ticker without a suffix
    unstated = [
        name for name in inputs.named() if name not in inputs.exchanges and not (for_all and "." not in name)
    ]
    return replace(inputs, exchanges={**told(unstated), **inputs.exchanges})
