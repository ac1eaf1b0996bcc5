"""The form of what a study file states about its prices: what closes hold, and corporate actions."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Tag, model_validator

from eventstudy._typing import Closes
from eventstudy.events.corporate_actions import ActionKind, CorporateAction
from eventstudy.events.values import Day, Form, Stated, Text, Ticker, shape

ClosesForm = Annotated[
    Annotated[Closes, Tag("(text)")] | Annotated[dict[Ticker, Closes], Tag("(mapping)")],
    Discriminator(shape),
]


CLOSES = "What the closes of own prices hold, for all of them or by ticker; needed where it cannot be told."


class ActionForm(Form):
    """A corporate action of a ticker."""

    ticker: Ticker
    """The security."""
    date: Day
    """The ex-date."""
    kind: ActionKind
    """What happened."""
    value: Stated
    """New shares per old one (split), per share held (stock-dividend), or the amount per share."""

    @model_validator(mode="after")
    def _is_an_action(self) -> ActionForm:
        self.action()
        return self

    def action(self) -> CorporateAction:
        """Return the `CorporateAction`."""
        return CorporateAction(self.ticker, self.date, self.kind, self.value)


Actions = Annotated[
    Annotated[Text, Tag("(text)")] | Annotated[tuple[ActionForm, ...], Tag("(list)")], Discriminator(shape)
]
