"""The source of the package as its inspectors read it: modules, docstrings, imports."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "eventstudy"


@dataclass(frozen=True)
class Import:
    """One import: the dotted name it reaches for, where, and whether it runs while the module is loaded."""

    target: str
    line: int
    on_load: bool

    @property
    def party(self) -> str:
        return self.target.partition(".")[0]


@dataclass(frozen=True)
class Module:
    """One file of the package; `path` is relative to the package, with forward slashes."""

    path: str
    source: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, self.path)

    @property
    def name(self) -> str:
        return ".".join(("eventstudy", *Path(self.path).with_suffix("").parts)).removesuffix(".__init__")

    @property
    def first_line(self) -> str:
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    @cached_property
    def imports(self) -> list[Import]:
        return list(imports_below(self, self.tree, on_load=True))


def is_module(name: str) -> bool:
    """Tell whether a dotted name is a file or a folder of the package."""
    path = PACKAGE.parent.joinpath(*name.split("."))
    return name.startswith("eventstudy") and (path.is_dir() or path.with_suffix(".py").is_file())


def imports_below(module: Module, node: ast.AST, on_load: bool) -> Iterator[Import]:
    """Walk down from a node; what stands in a function or under TYPE_CHECKING does not run on load."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from (Import(alias.name, child.lineno, on_load) for alias in child.names)
        elif isinstance(child, ast.ImportFrom):
            base = absolute(module, child)
            for alias in child.names:
                inner = f"{base}.{alias.name}"
                yield Import(inner if is_module(inner) else base, child.lineno, on_load)
        else:
            lazy = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or (
                isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            )
            yield from imports_below(module, child, on_load and not lazy)


def absolute(module: Module, node: ast.ImportFrom) -> str:
    """Spell out the package that `from .x import y` starts at."""
    if not node.level:
        return node.module or ""
    inside = module.name.split(".") + ["__init__"] * module.path.endswith("__init__.py")
    return ".".join([*inside[: -node.level], *([node.module] if node.module else [])])
