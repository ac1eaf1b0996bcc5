"""The forms of what is said of one event: other causes, evidence, and the articles' claims."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Discriminator, Tag, model_validator

from eventstudy.events.claim import Bound, Claim, ClaimKind
from eventstudy.events.values import AnyText, AnyTextOrNone, Day, Form, Stated, Text, Ticker


class ConfounderForm(Form):
    """Another cause that moved a ticker."""

    date: Day
    """Its session."""
    reason: AnyText
    """The cause, in words, or in the words of each language."""


class EvidenceForm(Form):
    """Where the event's date or figure comes from."""

    card: Text
    """Name of the article's card in seeds/, without .yaml."""
    needle: Text
    """A short fragment of the article's text that carries the date or figure."""
    basis: Literal["stated", "derived", "public"]
    """The article gives the date, it follows from the article, or it is public record."""
    note: AnyTextOrNone = ""
    """How it was read, or that in each language."""


class ClaimForm(Form):
    """What an article says that a price did."""

    ticker: Ticker
    """The security; it need not be one of the study's."""
    kind: ClaimKind
    """Kind of claim."""
    stated: Stated
    """The figure with the article's own digits: -6.36%, 125, -315 billion dollars; up or down."""
    date: Day
    """The session it is about, or ends on."""
    bound: Bound | None = None
    """Where the article gives a bound instead of the value."""
    sessions: int = 1
    """Over how many sessions the return runs."""
    at: str = ""
    """Local time of the exchange, such as 10:00."""
    since: tuple[Day, ...] = ()
    """First and last possible start (since_range), or the candidate starts (market_value)."""
    card: str = ""
    """The article's card; the event's first by default."""
    needle: str = ""
    """A short fragment of the article's text that carries the figure."""
    sentence: str = ""
    """A label; claims of the event that share it are one sentence and are judged together as well."""

    @model_validator(mode="after")
    def _is_a_claim(self) -> Self:
        self.claim()
        return self

    def claim(self, card: str = "") -> Claim:
        """Return the `Claim`; ``card`` is that of a claim without one."""
        written = {name: getattr(self, name) for name in self.model_fields_set - {"date"}}
        return Claim(on=self.date, **written | {"card": self.card or card})


Confounders = Annotated[
    Annotated[tuple[ConfounderForm, ...], Tag("(list)")] | Annotated[ConfounderForm, Tag("(mapping)")],
    Discriminator(lambda value: "(list)" if isinstance(value, list) else "(mapping)"),
]
EvidenceForms = Annotated[
    Annotated[tuple[EvidenceForm, ...], Tag("(list)")] | Annotated[EvidenceForm, Tag("(mapping)")],
    Discriminator(lambda value: "(list)" if isinstance(value, list) else "(mapping)"),
]
