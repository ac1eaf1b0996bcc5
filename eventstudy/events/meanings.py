"""What the keys of a form mean: the texts under its fields, read from the source when they are needed."""

from __future__ import annotations

import ast
import inspect
import sys
from functools import cache


def meanings(form: type) -> dict[str, str]:
    """Return the text under each field of a class and of those that it is derived from, by field.

    Pydantic reads them for every class when it is made, which costs each start of the program more than all
    else it does with a form.
    """
    found: dict[str, str] = {}
    for each in reversed(form.__mro__):
        found |= _texts(each.__module__).get(each.__name__, {})
    return found


@cache
def _texts(module: str) -> dict[str, dict[str, str]]:
    """Return the texts under the fields of every class of a module."""
    if module.partition(".")[0] != __name__.partition(".")[0]:
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {each.name: _of_class(each) for each in tree.body if isinstance(each, ast.ClassDef)}


def _of_class(node: ast.ClassDef) -> dict[str, str]:
    texts = {}
    for field, below in zip(node.body, node.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(below, ast.Expr)
            and isinstance(below.value, ast.Constant)
            and isinstance(below.value.value, str)
        ):
            texts[field.target.id] = inspect.cleandoc(below.value.value)
    return texts
