"""The rooms and floors of the package, and the rules that keep it a pleasure to walk through.

`ROOMS` is the ground plan. A module that is in no row fails: give it a row on a floor above all that it
imports, with the first line of its docstring, or put its content where it belongs.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "eventstudy"
MAX_LINES = 300


@dataclass(frozen=True)
class Room:
    """A module or a folder of modules, and its one responsibility."""

    floor: int
    name: str
    responsibility: str


ROOMS = (
    Room(0, "errors.py", "Every exception and warning, and the sentences they speak"),
    Room(0, "_typing.py", "Array aliases and Literal option names"),
    Room(1, "design.py", "`Window` and `Design`: what is asked of a study"),
    Room(1, "schema.py", "The columns of every result table: dtype, unit, meaning"),
    Room(1, "kernels.py", "Vectorised array arithmetic: batched least squares, ranks, cumulation"),
    Room(1, "distributions.py", "Tail probabilities and quantiles of the reference distributions"),
    Room(2, "events/", "`Event`, and reading and checking an event list with line and column"),
    Room(2, "sessions/", "From a time stamp to the first session that can react to it"),
    Room(2, "prices/", "Where prices come from"),
    Room(3, "firm_events.py", "Which security meets which event on which session: the `FirmEvents`"),
    Room(3, "returns.py", "From prices to returns on one axis of sessions: the `ReturnMatrix`"),
    Room(4, "panel.py", "From calendar time to event time: returns, windows, masks, the `Panel`"),
    Room(4, "abnormal.py", "`AbnormalReturns`: AR, standardised AR, CAR, BHAR and their variances"),
    Room(5, "models/", "Normal-return models, one small file per family, and the `MODELS` registry"),
    Room(6, "significance/", "Tests of significance, one small file per author, and the `TESTS` registry"),
    Room(7, "measure.py", "Measure firm-events a chunk at a time: fit, forecast, cumulate, rank"),
    Room(8, "groups.py", "Which firm-events belong together: all, per event, per ticker, per kind"),
    Room(9, "battery.py", "Every applicable test on every group, with the notes and the headline rule"),
    Room(12, "store/", "Save, load and export results, with a manifest"),
    Room(
        14,
        "__init__.py",
        "Event studies: what did this news do to that stock, and can we tell it from noise?",
    ),
)

#: The rooms where a third party is imported; numpy may be, anywhere above the ground floor. Result tables are
#: Arrow tables first, so `results.py` speaks pyarrow beside the pandas that it hands out.
HOMES = {
    "exchange_calendars": "sessions/",
    "filelock": "store/",
    "numpy": "_typing.py",
    "pandas": "sessions/ firm_events.py returns.py",
    "pydantic": "events/",
    "pyarrow": "schema.py prices/ store/",
    "scipy": "distributions.py",
    "yaml": "events/",
}

#: Neighbours on one floor that may be asked, and why.
NEIGHBOURS: dict[tuple[str, str], str] = {}


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
    def room(self) -> Room | None:
        return room_of(self.name)

    @property
    def docstring_line(self) -> str:
        return (ast.get_docstring(self.tree) or "").partition("\n")[0]

    @cached_property
    def imports(self) -> list[Import]:
        return list(imports_below(self, self.tree, on_load=True))


Rule = Callable[[Module], Iterator[tuple[int, str]]]


def room_of(name: str) -> Room | None:
    """Find the room that a dotted name of the package lies in; the package itself is its `__init__.py`."""
    first = [*name.split("."), "__init__"][1]
    return next((room for room in ROOMS if room.name in (f"{first}.py", f"{first}/")), None)


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


def unlisted(module: Module) -> Iterator[tuple[int, str]]:
    """Every module is in a room."""
    if module.room is None:
        yield 1, "is in no room; add a row to ROOMS in tests/test_architecture.py, or move the content"


def upward(module: Module) -> Iterator[tuple[int, str]]:
    """A module asks only lower floors, its own folder, and the neighbours that have a reason."""
    own = module.room
    for asked in module.imports:
        other = room_of(asked.target) if asked.party == "eventstudy" else None
        if own is None or other is None or own == other or (own.name, other.name) in NEIGHBOURS:
            continue
        if other.floor >= own.floor:
            where = f"of floor {other.floor} from floor {own.floor}"
            yield asked.line, f"imports {asked.target} {where}; move what is shared down, or pass it in"


def out_of_room(module: Module) -> Iterator[tuple[int, str]]:
    """A third party is imported only in the rooms that name it; numpy anywhere above the ground floor."""
    for asked in module.imports:
        if module.room is None or asked.party in {"eventstudy", *sys.stdlib_module_names}:
            continue
        homes = HOMES.get(asked.party, "no room")
        if module.room.name not in homes.split() and not (asked.party == "numpy" and module.room.floor):
            yield (
                asked.line,
                f"imports {asked.party}, which lives in {homes}; ask there, or give it a new home",
            )


def prints(module: Module) -> Iterator[tuple[int, str]]:
    """The library is silent; only the command line talks."""
    for node in ast.walk(module.tree):
        is_print = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print"
        if is_print and not module.path.startswith("cli/"):
            yield node.lineno, "prints outside cli; return the text and let the command print it"


def undocumented(module: Module) -> Iterator[tuple[int, str]]:
    """Every public function, class and method says what it is."""
    pending: list[ast.stmt] = list(module.tree.body)
    while pending:
        node = pending.pop()
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) or node.name[0] == "_":
            continue
        if isinstance(node, ast.ClassDef):
            pending += node.body
        repeated = any(ast.unparse(mark).endswith(("overload", ".setter")) for mark in node.decorator_list)
        if not ast.get_docstring(node) and not repeated:
            yield (
                node.lineno,
                f"{node.name} is public without a docstring; write one, or begin its name with _",
            )


def misnamed(module: Module) -> Iterator[tuple[int, str]]:
    """A room's docstring begins with its responsibility, word for word; a module inside says its own."""
    if not module.docstring_line:
        yield 1, "has no docstring; begin with the one thing that the module is responsible for"
    is_door = "/" not in module.path or module.path.endswith("__init__.py")
    if is_door and module.room and module.docstring_line.rstrip(".") != module.room.responsibility:
        yield 1, f"begins otherwise than its row in ROOMS, {module.room.responsibility!r}; make them one"


def too_long(module: Module) -> Iterator[tuple[int, str]]:
    """A file can be read in one sitting."""
    if (lines := len(module.source.splitlines())) > MAX_LINES:
        yield lines, f"is longer than {MAX_LINES} lines; split it by responsibility"


def knotted(modules: list[Module]) -> set[str]:
    """Name the modules that are in, or need on loading, a cycle of imports."""
    needs = {m.name: {i.target for i in m.imports if i.on_load and is_module(i.target)} for m in modules}
    while free := {name for name, needed in needs.items() if not needed & needs.keys()}:
        needs = {name: needed for name, needed in needs.items() if name not in free}
    return set(needs)


FILES = sorted(PACKAGE.rglob("*.py"))
MODULES = [Module(path.relative_to(PACKAGE).as_posix(), path.read_text("utf-8")) for path in FILES]
RULES: tuple[Rule, ...] = (unlisted, upward, out_of_room, prints, undocumented, misnamed, too_long)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule) -> None:
    broken = [f"eventstudy/{m.path}:{line}: {problem}" for m in MODULES for line, problem in rule(m)]
    assert not broken, "\n".join(["", *dict.fromkeys(broken)])


def test_no_import_cycle() -> None:
    knot = knotted(MODULES)
    assert not knot, f"an import cycle among, or below, {sorted(knot)}; move what they share to a lower floor"


def test_the_plan_shows_nothing_that_is_not_there() -> None:
    rooms = [room.name for room in ROOMS if not (PACKAGE / room.name).exists()]
    assert not rooms, f"ROOMS has rows for {rooms}, which are not there; delete the rows"
    used = {(asked.party, module.room.name) for module in MODULES if module.room for asked in module.imports}
    homes = {(party, name) for party, names in HOMES.items() for name in names.split()}
    assert homes <= used, f"HOMES allows {sorted(homes - used)}, which nobody uses; delete that"


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (unlisted, "helpers.py", ""),
        (upward, "kernels.py", "def f():\n    from eventstudy.sessions import g"),
        (upward, "kernels.py", "from . import sessions"),
        (upward, "kernels.py", "import eventstudy"),
        (upward, "events/reading.py", "from ..sessions import g"),
        (upward, "events/__init__.py", "from .. import sessions"),
        (out_of_room, "kernels.py", "import yaml.nodes"),
        (out_of_room, "errors.py", "import numpy as np"),
        (prints, "kernels.py", "print(1)"),
        (undocumented, "kernels.py", "def f(): ..."),
        (undocumented, "kernels.py", 'class A:\n    """A."""\n    def f(self): ...'),
        (misnamed, "kernels.py", '"""Kernels."""'),
        (misnamed, "events/__init__.py", '"""Events."""'),
        (misnamed, "events/reading.py", ""),
        (too_long, "kernels.py", "\n" * (MAX_LINES + 1)),
    ],
)
def test_rule_catches(rule: Rule, path: str, source: str) -> None:
    assert len(list(rule(Module(path, source)))) == 1


def test_cycles_are_caught_and_late_imports_are_none() -> None:
    design = Module("design.py", "from .errors import f")
    assert knotted([Module("errors.py", "from eventstudy import design"), design]) == {
        "eventstudy.errors",
        "eventstudy.design",
    }
    assert not knotted([Module("errors.py", "def f():\n    from eventstudy import design"), design])
