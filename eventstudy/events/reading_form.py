"""The form of what a study file says of its files of prices: which they are, and how to read them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, create_model

from eventstudy.events.data_form import CLOSES, ClosesForm
from eventstudy.events.values import Form, Text, blank_is
from eventstudy.intake.options import STATEMENTS, ReadingOptions, Statement, reading_options


def _key(statement: Statement) -> tuple[Any, Any]:
    """Return the type and the default of a key."""
    kind: Any = Literal[statement.choices] if statement.choices else Text
    return kind | None, Field(None, description=statement.meaning)


def _keys(under: str) -> dict[str, Any]:
    parts = {each.key.rpartition("."): each for each in STATEMENTS if each.key}
    return {name: _key(each) for (above, _, name), each in parts.items() if above == under}


class _Keys(Form):
    """Files of prices or returns, and how to read them."""

    def reading(self) -> ReadingOptions:
        """Return what is stated, as options."""
        given: dict[str, Any] = {}
        for statement in STATEMENTS:
            above, _, name = statement.key.rpartition(".")
            if name:
                given[statement.name] = getattr(getattr(self, above) if above else self, name)
        return reading_options(**given)


ColumnsForm: Any = create_model("ColumnsForm", __base__=Form, __doc__="Columns to take.", **_keys("columns"))
ReadingForm: Any = create_model(
    "ReadingForm",
    __base__=_Keys,
    __doc__=_Keys.__doc__,
    files=(
        Annotated[tuple[Text, ...], blank_is(())],
        Field(
            (),
            description="Files of prices or returns, relative to this one; --prices replaces them.",
        ),
    ),
    closes=(ClosesForm | None, Field(None, description=CLOSES)),
    columns=(
        Annotated[ColumnsForm, blank_is({})],
        Field(default_factory=ColumnsForm, description="The column of the securities, dates and figures."),
    ),
    **_keys(""),
)
