"""Regressions of CARs as text: a table per model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventstudy.cli.call import Line
from eventstudy.cli.columns import dim, table_lines
from eventstudy.results.regression_models import RegressionModel, coefficient, left_side
from eventstudy.results.row_groups import Row
from eventstudy.words import words
from eventstudy.words.formatting import count, pvalue, ratio

MOST_MODELS = 10  #: models that `run` prints; the table has all


def regressions_text(models: Sequence[RegressionModel], width: int) -> Iterator[Line]:
    """Yield each model: formula, what it rests on, and a line per term."""
    for model in models:
        yield Line(f"{model.rows[0]['formula']}, {model.label}", "bold")
        yield from dim(_basis(model.shared), width)
        wild = any(row["pvalue_wild"] is not None for row in model.rows)
        header = ["term", "estimate", "s.e.", "t", "p", *(["wild p"] if wild else [])]
        yield from table_lines(
            "l" + "r" * (len(header) - 1), [header, *(_cells(row, wild) for row in model.rows)]
        )
        if note := model.rows[0]["note"]:
            yield from dim(f"{note}.", width)
        yield Line("")


def _basis(row: Row) -> str:
    say = words("en").say
    told = [say(f"regressions.estimator.{row['estimator']}"), _errors(row)]
    told.append(f"n {count(row['n'])}, {count(row['dropped'])} dropped")
    if row["rsquared"] is not None:
        told.append(f"R² {ratio(row['rsquared'], 3)}")
    if row["winsorised"] is not None:
        told.append(f"{count(row['winsorised'])} winsorised")
    if left_side(row["formula"]) in ("car", "bhar"):
        told.append("in percentage points")
    return ", ".join(told)


def _errors(row: Row) -> str:
    clusters = "" if row["clusters"] is None else f" ({count(row['clusters'])})"
    return words("en").say(f"regressions.covariance.{row['covariance']}") + clusters


def _cells(row: Row, wild: bool) -> list[str]:
    formula = row["formula"]
    cells = [
        row["term"],
        coefficient(row["estimate"], formula),
        coefficient(row["std_error"], formula),
        ratio(row["statistic"]),
        pvalue(row["pvalue"]),
    ]
    return [*cells, pvalue(row["pvalue_wild"])] if wild else cells
