"""`refuse_design`: designs that a model cannot do."""

from __future__ import annotations

from eventstudy.design import Design
from eventstudy.errors import DesignError
from eventstudy.events.firm_events import FirmEvents
from eventstudy.models.model import NormalReturnModel


def refuse_design(model: NormalReturnModel, design: Design, firm_events: FirmEvents) -> None:
    """Refuse what would be silently wrong.

    Raises
    ------
    DesignError
        Returns from trade to trade that the model does not weight, or estimation windows that no path of
        sessions joins to the event window, where the model follows one.
    """
    if design.gaps == "trade-to-trade" and not model.weighs_spans:
        problem = f"trade-to-trade weights returns by their sessions, which the model {model.name} does not"
        raise DesignError("gaps", f"{problem}; choose another model, or missing")
    if not model.requires.between:
        return
    own = firm_events.own_windows
    ends = None if own is None else own.estimation[:, :, 1]
    unlike = ends is not None and bool((ends != design.estimation_window.end).any())
    if unlike or len(design.estimation_windows) != 1 or design.looks_ahead:
        problem = f"the model {model.name} follows the sessions from the estimation to the event window"
        raise DesignError("estimation", f"{problem}; it takes one window before the event, alike for all")
