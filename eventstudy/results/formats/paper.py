"""Tables as papers have them, in LaTeX, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.atomic import PART
from eventstudy.results.folder import Saved
from eventstudy.results.formats.print_cars import cars_by_event
from eventstudy.results.formats.print_means import caars, caars_by_group
from eventstudy.results.formats.print_table import PaperStyle, PrintTable
from eventstudy.results.formats.typeset import escaped, typeset
from eventstudy.results.regression_models import CONSTANT, RegressionModel, coefficient, regression_models
from eventstudy.words import words
from eventstudy.words.formatting import count, one_line, pvalue, ratio

if TYPE_CHECKING:
    from eventstudy.results.row_groups import Row
    from eventstudy.results.view import ResultView

DIGITS = 4  #: of a coefficient


def regressions_in_latex(rows: Iterable[Row], name: str = "regression_models") -> str:
    """Return the rows of the table ``regressions`` as booktabs tables, one per window, a column per model.

    Below each coefficient are its standard error, in round brackets, and its p-value, in square ones: that of
    the wild bootstrap, marked w, where clusters are few. Coefficients of returns are percentage points.
    """
    models = regression_models(rows)
    text = f"% {name}: rounded to {DIGITS} digits; needs \\usepackage{{booktabs}}\n"
    for window in dict.fromkeys(model.window for model in models):
        own = [model for model in models if model.window == window]
        text += "\n" + "\n".join(_side_by_side(own)) + "\n"
    return text


def _side_by_side(models: Sequence[RegressionModel]) -> Iterator[str]:
    terms = dict.fromkeys(row["term"] for model in models for row in model.rows)
    ordered = [*(term for term in terms if term != CONSTANT), *(term for term in terms if term == CONSTANT)]
    say, shared = words("en").say, [model.shared for model in models]
    yield f"\\begin{{tabular}}{{l{'c' * len(models)}}}"
    yield "\\toprule"
    yield _line("", [f"({model.number})" for model in models])
    yield _line("", [escaped(model.label) for model in models])
    yield "\\midrule"
    for term in ordered:
        found = [next((row for row in model.rows if row["term"] == term), None) for model in models]
        yield _line(escaped(term), [_number(row, "estimate") if row else "" for row in found])
        yield _line("", [f"({_number(row, 'std_error')})" if row else "" for row in found])
        yield _line("", [f"[{_pvalue(row)}]" if row else "" for row in found])
    yield "\\midrule"
    yield _line("Estimator", [escaped(say(f"regressions.estimator.{row['estimator']}")) for row in shared])
    yield _line(
        "Standard errors", [escaped(say(f"regressions.covariance.{row['covariance']}")) for row in shared]
    )
    yield _line("Clusters", [count(row["clusters"]) for row in shared])
    yield _line("$N$", [count(row["n"]) for row in shared])
    yield _line("Dropped", [count(row["dropped"]) for row in shared])
    if any(row["winsorised"] is not None for row in shared):
        yield _line("Winsorised", [count(row["winsorised"]) for row in shared])
    yield _line("$R^2$", [ratio(row["rsquared"], 3) for row in shared])
    yield "\\bottomrule"
    yield "\\end{tabular}"
    for model, row in zip(models, shared, strict=True):
        yield f"% ({model.number}) {one_line(row['formula'])}" + (f": {row['note']}" if row["note"] else "")


def _number(row: Row, name: str) -> str:
    return coefficient(row[name], row["formula"])


def _pvalue(row: Row) -> str:
    wild = row["pvalue_wild"]
    return escaped(pvalue(row["pvalue"] if wild is None else wild)) + ("" if wild is None else "w")


def _line(head: str, cells: Iterable[str]) -> str:
    return " & ".join([head, *cells]) + r" \\"


def _view(saved: Saved) -> ResultView:
    from eventstudy.results.view import ResultView

    return ResultView({name: saved.table(name) for name in ("events", "cars", "tests")}, saved.manifest)


def print_tables(names: Iterable[str], saved: Saved, style: PaperStyle) -> Iterator[PrintTable]:
    """Yield the tables of each name of `PRINT_TABLES`."""
    view = _view(saved)
    for name in names:
        yield from PRINT_TABLES[name](view, style)


def write_paper(names: Sequence[str], saved: Saved, folder: Path, style: PaperStyle) -> None:
    """Write the LaTeX of each name of `PAPER`, one file per table."""
    if not names:
        return
    texts = {
        table.name: typeset(table)
        for table in print_tables([name for name in names if name != REGRESSIONS], saved, style)
    }
    if REGRESSIONS in names:
        texts[REGRESSIONS] = regressions_in_latex(saved.table("regressions").to_pylist())
    for stem, text in texts.items():
        (folder / f"{stem}.tex{PART}").write_text(text, encoding="utf-8", newline="\n")


REGRESSIONS = "regression_models"

#: Tables for print that are made of several result tables, or laid out in another way than they are.
PRINT_TABLES: Mapping[str, Callable[[ResultView, PaperStyle], list[PrintTable]]] = {
    "cars_by_event": cars_by_event,
    "caars": caars,
    "caars_by_group": caars_by_group,
}
PAPER = (*PRINT_TABLES, REGRESSIONS)
USUAL = ("cars_by_event", "caars")  #: those of a LaTeX export by default
