"""Formulas of regressions: what they may say, the columns they name, and their design matrices.

Formulas come with study files that others wrote, and formulaic evaluates what stands in a function's
brackets as Python: only arithmetic, comparisons and the functions of `FUNCTIONS` are let through.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from eventstudy._typing import FloatArray, IntArray
from eventstudy.errors import UnknownNameError, UsageError, first_line

MEASURES = ("car", "scar", "bhar")  #: of which one stands on the left side
FUNCTIONS = ("C", "I", "abs", "center", "exp", "log", "log10", "log2", "scale", "sqrt", "standardize")
CODINGS = ("treatment", "sum", "helmert", "diff")  #: of a category, ``C(kind, contr.treatment('other'))``
GREATEST_POWER = 4  #: of ``**``, whose products are written out
_POWER = re.compile(r"(?:\*\*|\^)\s*(?![0-4](?![\d.]|\s*(?:\*\*|\^)))")
_POWER_OF_SUM = re.compile(r"\)\s*(?:\*\*|\^)")
_ALLOWED = (
    *(ast.Expression, ast.Call, ast.Name, ast.Load, ast.Constant, ast.keyword, ast.List, ast.Tuple),
    *(ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.unaryop, ast.cmpop, ast.boolop),
    *(ast.Add, ast.Sub, ast.Mult, ast.Div, ast.Pow, ast.BitAnd, ast.BitOr),
)
_COLOURS = re.compile("\u29db\\[[\\d;]*m|\u29da|\x1b\\[[\\d;]*m|[\u29db\u29da]")


@dataclass(frozen=True)
class DesignMatrix:
    """A formula on the rows where all of its columns are known.

    Attributes
    ----------
    y, x
        Shapes (m,) and (m, k).
    terms
        Name of each column of ``x``, the constant's is ``Intercept``.
    rows
        Which rows of the data they are, shape (m,).
    """

    y: FloatArray
    x: FloatArray
    terms: tuple[str, ...]
    rows: IntArray


def variables(formula: str) -> tuple[str, ...]:
    """Return the columns that a formula names, in alphabetical order.

    Raises
    ------
    UsageError
        It is no formula, has not one measure on its left side, or uses what is not allowed in it.
    """
    parsed = _parsed(formula)
    names = {name for side in (parsed.lhs, parsed.rhs) for name in _names(formula, side)}
    left = set(_names(formula, parsed.lhs))
    if len(list(parsed.lhs)) != 1 or not left & set(MEASURES):
        raise _refusal(formula, f"its left side is one measure: {', '.join(MEASURES)}")
    return tuple(sorted(names))


def check_formula(formula: str, columns: Iterable[str]) -> None:
    """Refuse a formula that is none (UsageError) or names a column that is not there (UnknownNameError)."""
    known = tuple(dict.fromkeys((*MEASURES, *columns)))
    for name in variables(formula):
        if name not in known:
            raise UnknownNameError(f"column in the formula {formula!r}:", name, known)


def design_matrix(formula: str, columns: Mapping[str, Any]) -> DesignMatrix:
    """Evaluate a formula; rows with a missing or infinite value in any of its terms are left out.

    Parameters
    ----------
    columns
        Arrays of shape (n,) by name: numbers with NaN, or text (dtype object) with None, for what is missing.

    Raises
    ------
    UsageError
        A function cannot be applied to its column.
    """
    import pandas as pd

    frame = pd.DataFrame({name: columns[name] for name in variables(formula)})
    rows = np.flatnonzero(frame.notna().all(axis=1))
    while True:
        y, x, terms = _evaluated(formula, frame.iloc[rows])
        finite = np.isfinite(y) & np.isfinite(x).all(axis=1)
        if finite.all():
            return DesignMatrix(y, x, terms, rows)
        rows = rows[finite]  # once more, so that no category is left without a row


def _evaluated(formula: str, frame: Any) -> tuple[FloatArray, FloatArray, tuple[str, ...]]:
    if not len(frame):
        return np.zeros(0), np.zeros((0, 0)), ()
    try:
        with np.errstate(all="ignore"):
            made = _parsed(formula).get_model_matrix(
                frame, na_action="ignore", context={"sqrt": np.sqrt, "abs": np.abs}
            )
        y, x = made.lhs.to_numpy(dtype=float), made.rhs.to_numpy(dtype=float)
    except Exception as error:  # formulaic raises what the functions inside the formula raise
        raise _refusal(formula, _plain(error)) from error
    if y.shape[1] != 1:
        raise _refusal(formula, "its left side is no number")
    return y[:, 0], x, tuple(map(str, made.rhs.columns))


@lru_cache(maxsize=64)
def _parsed(formula: str) -> Any:
    from formulaic import Formula
    from formulaic.errors import FormulaicError

    if _POWER.search(formula) or len(_POWER_OF_SUM.findall(formula)) > 1:
        raise _refusal(formula, f"a power is a whole number up to {GREATEST_POWER}, once of a sum")
    try:
        parsed = Formula(formula)
        if not hasattr(parsed, "lhs") or not hasattr(parsed, "rhs") or not hasattr(parsed.rhs, "__iter__"):
            raise _refusal(formula, "write car ~ size + C(kind)")
        list(_factors(parsed.lhs)), list(_factors(parsed.rhs))
    except (FormulaicError, SyntaxError) as error:
        raise _refusal(formula, _plain(error)) from error
    except (AttributeError, RecursionError):  # of several parts, or without an end of brackets
        raise _refusal(formula, "it has more parts than car ~ size + C(kind)") from None
    return parsed


def _factors(side: Any) -> list[Any]:
    return [factor for term in side for factor in term.factors]


def _names(formula: str, side: Any) -> Iterator[str]:
    for factor in _factors(side):
        kind = factor.eval_method.value
        if kind == "lookup":
            yield str(factor.expr)
        elif kind == "python":
            yield from _checked(formula, str(factor.expr))


def _checked(formula: str, text: str) -> Iterator[str]:
    """Yield the columns that a Python expression names, or refuse what is not allowed in it."""
    quoted: dict[str, str] = {}

    def stand_in(found: re.Match[str]) -> str:
        return quoted.setdefault(found[1], f"_quoted_{len(quoted)}")

    try:
        tree = ast.parse(re.sub("`([^`]*)`", stand_in, text), mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        raise _refusal(formula, f"{text!r} is not an expression") from None
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    original = {stand: name for name, stand in quoted.items()}
    skipped: set[int] = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Attribute) and _is_coding(node) and id(node) in called:
            skipped.add(id(node.value))
        elif not isinstance(node, _ALLOWED) or _is_unbounded(node):
            raise _refusal(formula, f"{ast.unparse(node)[:40]!r} is not allowed in it")
        elif isinstance(node, ast.Call) and not _is_coding(node.func) and not _is_function(node.func):
            name = ast.unparse(node.func)
            raise UnknownNameError(f"function in the formula {formula!r}:", name, FUNCTIONS)
        elif isinstance(node, ast.Name) and id(node) not in called:
            yield original.get(node.id, node.id)


def _is_function(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in FUNCTIONS


def _is_coding(node: ast.AST) -> bool:
    named = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    return named and node.value.id == "contr" and node.attr in CODINGS  # type: ignore[attr-defined]


def _is_unbounded(node: ast.AST) -> bool:
    """Tell whether a result may be huge: of text or lists multiplied, or of a number raised to a power."""
    if not isinstance(node, ast.BinOp):
        return False
    if isinstance(node.op, ast.Pow) and not any(isinstance(each, ast.Name) for each in ast.walk(node.left)):
        return True
    return any(
        isinstance(side, ast.List | ast.Tuple)
        or (isinstance(side, ast.Constant) and not isinstance(side.value, int | float))
        for side in (node.left, node.right)
    )


def _plain(error: BaseException) -> str:
    return first_line(Exception(_COLOURS.sub("", str(error))))


def _refusal(formula: str, problem: str) -> UsageError:
    return UsageError(f"formula {formula!r}: {problem}")
