"""The table of regressions for print: the models side by side, coefficients down."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from eventstudy.results.formats.print_table import PaperStyle, PrintTable
from eventstudy.results.formats.typeset import typeset
from eventstudy.results.regression_models import CONSTANT, RegressionModel, coefficient, regression_models
from eventstudy.words import words
from eventstudy.words.formatting import count, pvalue, ratio

if TYPE_CHECKING:
    from eventstudy.results.row_groups import Row
    from eventstudy.results.view import ResultView
    from eventstudy.words import Words

ACROSS = 4  #: models beside each other
NAME = "regression_models"


def regressions_for_print(view: ResultView, style: PaperStyle) -> list[PrintTable]:
    """Return the regressions of a study, a table per window and `ACROSS` models."""
    return regression_tables(view.rows("regressions"), view.words, style)


def regressions_in_latex(rows: Iterable[Row]) -> str:
    """Return the rows of the table ``regressions`` as LaTeX."""
    return "\n".join(typeset(each) for each in regression_tables(rows, words("en"), PaperStyle()))


def regression_tables(rows: Iterable[Row], said: Words, style: PaperStyle) -> list[PrintTable]:
    """Return the rows of the table ``regressions`` as tables with a column per model.

    Below each coefficient are its standard error, in round brackets, and its p-value, in square ones: that of
    the wild bootstrap, marked w, where clusters are few. Coefficients of returns are percentage points.
    """
    models = regression_models(rows)
    parts = [
        own[at : at + ACROSS]
        for window in dict.fromkeys(model.window for model in models)
        for own in [[model for model in models if model.window == window]]
        for at in range(0, len(own), ACROSS)
    ]
    return [
        _side_by_side(part, said, style, f"{NAME}_{number}" if len(parts) > 1 else NAME)
        for number, part in enumerate(parts, start=1)
    ]


def _side_by_side(models: Sequence[RegressionModel], said: Words, style: PaperStyle, name: str) -> PrintTable:
    say = said.say
    return PrintTable(
        name=name,
        caption=say("print.regressions", window=str(models[0].window)),
        head=("", *(f"({model.number})" for model in models)),
        rows=(
            ("", *(model.label for model in models)),
            *_coefficients(models, style),
            (say("print.regression.basis"),),
            *_basis(models, said),
        ),
        numbers=(False, *(True for _ in models)),
        notes=" ".join(_notes(models, said, style)),
        rounding="4 digits",
    )


def _coefficients(models: Sequence[RegressionModel], style: PaperStyle) -> Iterator[tuple[str, ...]]:
    """Yield three rows per term: coefficient, standard error, p-value; the constant last."""
    terms = dict.fromkeys(row["term"] for model in models for row in model.rows)
    for term in sorted(terms, key=lambda term: term == CONSTANT):
        found = [next((row for row in model.rows if row["term"] == term), None) for model in models]
        yield (term, *(_estimate(row, style) if row else "" for row in found))
        yield ("", *(f"({coefficient(row['std_error'], row['formula'])})" if row else "" for row in found))
        yield ("", *(f"[{_pvalue(row)}]" if row else "" for row in found))


def _estimate(row: Row, style: PaperStyle) -> str:
    return style.starred(coefficient(row["estimate"], row["formula"]), _shown_pvalue(row))


def _shown_pvalue(row: Row) -> float | None:
    found: float | None = row["pvalue"] if row["pvalue_wild"] is None else row["pvalue_wild"]
    return found


def _pvalue(row: Row) -> str:
    return pvalue(_shown_pvalue(row)) + ("" if row["pvalue_wild"] is None else "w")


def _basis(models: Sequence[RegressionModel], said: Words) -> Iterator[tuple[str, ...]]:
    """Yield what each model rests on."""
    for field in ("n", "dropped", "n_dates", "clusters", "winsorised"):
        values = [model.shared[field] for model in models]
        if any(value is not None for value in values):
            yield (said.say(f"print.regression.{field}"), *map(count, values))
    yield ("R²", *(ratio(model.shared["rsquared"], 3) for model in models))


def _notes(models: Sequence[RegressionModel], said: Words, style: PaperStyle) -> Iterator[str]:
    yield said.say("print.regression.reading")
    for model in models:
        row = model.shared
        values = {
            "number": model.number,
            "formula": row["formula"],
            "estimator": said.say(f"regressions.estimator.{row['estimator']}"),
            "covariance": said.say(f"regressions.covariance.{row['covariance']}"),
        }
        yield said.say("print.regression.model", **values) + (f" {row['note']}." if row["note"] else "")
    if style.stars:
        yield said.say("print.stars", what="t")
