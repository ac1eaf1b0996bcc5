"""`PlaceboPanel`: what replications are drawn on, and placing their firm-events on its returns."""

from __future__ import annotations

from typing import Protocol

from eventstudy.design import Design
from eventstudy.events.firm_events import FirmEvents
from eventstudy.models import NormalReturnModel
from eventstudy.models.estimation import Specification
from eventstudy.panel.panel import build_panel
from eventstudy.panel.returns import ReturnMatrix


class PlaceboPanel(Protocol):
    """The user's own returns, or those of synthetic markets."""

    def prepare(self, replications: range) -> Specification:
        """Return the firm-events of some replications on their returns, replication by replication."""
        ...


def placed(
    firm_events: FirmEvents, matrix: ReturnMatrix, design: Design, model: NormalReturnModel
) -> Specification:
    """Return the setting that placebo events are measured in.

    Raises
    ------
    PriceDataError
        The model needs a factor that the returns do not have.
    """
    panel = build_panel(
        firm_events,
        matrix,
        design,
        benchmark=model.benchmark,
        factors=design.factors if model.factors is None else model.factors,
        excess=model.excess,
        failures={},
    )
    return Specification(panel, model, design)
