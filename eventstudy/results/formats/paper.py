"""Tables as papers have them, in LaTeX: regressions side by side, and mean CARs of sub-samples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.atomic import PART
from eventstudy.results.folder import Saved
from eventstudy.results.regression_models import CONSTANT, RegressionModel, coefficient, regression_models
from eventstudy.words import words
from eventstudy.words.formatting import MISSING, car_label, count, one_line, pvalue, ratio

if TYPE_CHECKING:
    from eventstudy.results.row_groups import Row
    from eventstudy.results.view import ResultView

DIGITS = 4  #: of a coefficient
MOST_GROUPS = 60  #: groups of a level that have a line each
_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{",
    "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "<": r"\textless{}",
    ">": r"\textgreater{}",
}  # fmt: skip


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
    yield _line("", [_escaped(model.label) for model in models])
    yield "\\midrule"
    for term in ordered:
        found = [next((row for row in model.rows if row["term"] == term), None) for model in models]
        yield _line(_escaped(term), [_number(row, "estimate") if row else "" for row in found])
        yield _line("", [f"({_number(row, 'std_error')})" if row else "" for row in found])
        yield _line("", [f"[{_pvalue(row)}]" if row else "" for row in found])
    yield "\\midrule"
    yield _line("Estimator", [_escaped(say(f"regressions.estimator.{row['estimator']}")) for row in shared])
    yield _line(
        "Standard errors", [_escaped(say(f"regressions.covariance.{row['covariance']}")) for row in shared]
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


def caars_in_latex(view: ResultView, name: str = "caars") -> str:
    """Return the mean CARs of all firm-days and of sub-samples as one booktabs table, a panel per window.

    Means are percent; ``t`` is that of the date means, ``adj. BMP`` that of Kolari and Pynnonen, each with
    its p-value, where a group has the dates for it.
    """
    lines = [
        f"% {name}: rounded to 2 decimals; needs \\usepackage{{booktabs}}",
        "\\begin{tabular}{lrrrrrrr}",
        "\\toprule",
        _line("", ["$N$", "dates", r"CAAR (\%)", "$t$", "$p$", "adj. BMP", "$p$"]),
    ]
    for window in view.windows:
        lines += ["\\midrule", f"\\multicolumn{{8}}{{l}}{{{_escaped(car_label(window))}}} \\\\"]
        for level, key in _groups(view):
            tests = view.tests(level, key, window)
            mean = view.mean_car(level, key, window)
            shown = [tests.get(of) for of in (("cross_section_t", "date"), ("bmp_adj_t", "firm-event"))]
            if mean is None or not any(shown):
                continue
            first = next(filter(None, shown))
            figures = [ratio(100 * mean), *(cell for test in shown for cell in _tested(test))]
            counts = [count(max(test["n"] for test in shown if test)), count(first["n_dates"])]
            lines.append(_line(_escaped(key), [*counts, *figures]))
    return "\n".join([*lines, "\\bottomrule", "\\end{tabular}", ""])


def _groups(view: ResultView) -> Iterator[tuple[str, str]]:
    """Yield all firm-days, those with an expected direction, and the kinds and columns of the design."""
    from eventstudy.results.view import EXPECTED

    yield "all", "all"
    yield EXPECTED
    for level in (level for level in view.labels if level not in ("event", "ticker")):
        keys = [key for key in dict.fromkeys(view.labels[level]) if key]
        yield from ((level, key) for key in keys[:MOST_GROUPS])


def _tested(test: Row | None) -> list[str]:
    if test is None or not test["headline"] or test["pvalue"] is None:
        return [MISSING, MISSING]
    return [ratio(test["statistic"]), _escaped(pvalue(test["pvalue"]))]


def _number(row: Row, name: str) -> str:
    return coefficient(row[name], row["formula"])


def _pvalue(row: Row) -> str:
    wild = row["pvalue_wild"]
    return _escaped(pvalue(row["pvalue"] if wild is None else wild)) + ("" if wild is None else "w")


def _line(head: str, cells: Iterable[str]) -> str:
    return " & ".join([head, *cells]) + r" \\"


def _escaped(text: object) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in one_line(text))


def _view(saved: Saved) -> ResultView:
    from eventstudy.results.view import ResultView

    return ResultView({name: saved.table(name) for name in ("events", "cars", "tests")}, saved.manifest)


def write_paper(names: Iterable[str], saved: Saved, folder: Path) -> None:
    """Write a LaTeX file per name of `PAPER`."""
    for name in names:
        (folder / f"{name}.tex{PART}").write_text(PAPER[name](saved), encoding="utf-8", newline="\n")


#: Tables for print that are made of several result tables, or laid out in another way than they are.
PAPER: Mapping[str, Callable[[Saved], str]] = {
    "regression_models": lambda saved: regressions_in_latex(saved.table("regressions").to_pylist()),
    "caars": lambda saved: caars_in_latex(_view(saved)),
}
