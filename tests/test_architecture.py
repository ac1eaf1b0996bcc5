"""The rooms and floors of the package, and the rules that keep it a pleasure to walk through.

`FLOORS` is the plan of the house. A module that it does not show fails: add it on a floor above all that it
imports, with the first line of its docstring, or put its content where it belongs.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from package_source import PACKAGE, Module, is_module

MAX_LINES = 300


#: The rooms, floor by floor from the ground: a module or folder, and its one responsibility.
FLOORS = (
    {
        "errors.py": "Every exception and warning, and the sentences they speak",
        "_typing.py": "Array aliases and Literal option names",
        "uris.py": "URIs: telling one from a path, and what may be shown of it",
    },
    {
        "design.py": "`Window` and `Design`: what is asked of a study",
        "schema.py": "The columns of every result table: dtype, unit, meaning",
        "kernels.py": "Vectorised array arithmetic: batched least squares, ranks, cumulation",
        "arrow.py": "NumPy arrays to Arrow arrays and back, through their buffers",
        "multiplicity.py": "Many tests at once: p-values adjusted over the tests of a family",
        "distributions.py": "Tail probabilities and quantiles of the reference distributions",
        "sessions/": "From a time stamp to the first session that can react to it",
    },
    {
        "events/": "`Event`, and reading and checking an event list with line and column",
        "prices/": "Where prices come from",
    },
    {
        "figures.py": "How figures are written: percent, ratios, p-values that rounding never carries "
        "across a threshold",
        "articles.py": "The cards in seeds/: what each article says, and proof that it says it",
        "firm_events.py": "Which security meets which event on which session: the `FirmEvents`",
        "returns.py": "From prices to returns on one axis of sessions: the `ReturnMatrix`",
        "abnormal.py": "`AbnormalReturns`: AR, standardised AR, CAR, BHAR and their variances",
    },
    {
        "asked.py": "What a run is about: events from wherever they come, and the design that goes with them",
        "benchmarks.py": "The return of a benchmark: a ticker, a basket, or an index without "
        "the security itself",
        "loading.py": "The prices and factors a run needs, on the sessions it needs them",
        "significance/": "Tests of significance, one small file per author, and the `TESTS` registry",
    },
    {
        "panel.py": "From calendar time to event time: returns, windows, masks, the `Panel`",
    },
    {
        "soundness.py": "Which findings lie in the prices that a firm-event uses: counted, and errors "
        "held against it",
        "confounding.py": "What else happened to the security: other listed events and stated "
        "confounders near each event",
        "models/": "Normal-return models, one small file per family, and the `MODELS` registry",
    },
    {
        "measure.py": "Measure firm-events a chunk at a time: fit, forecast, cumulate, rank",
    },
    {
        "groups.py": "Which firm-events belong together: all, per event, per ticker, per kind, "
        "per column of the event list",
        "resampling.py": "Event windows drawn from estimation residuals: what Romano & Wolf's adjustment "
        "asks for",
        "diagnostics.py": "What a referee would ask: confounding, estimation quality, power",
        "tables.py": "Labelled tidy tables out of arrays, one function per result table",
    },
    {
        "battery.py": "Every applicable test on every group, with the notes and the headline rule",
        "methods.py": "What a test of significance is, in words and formulas: read from the docstring of "
        "its function",
        "differences.py": "Differences of CARs with error, t and adjusted p-values: rows of the "
        "`comparisons` table",
        "linear_forms.py": "CARs as linear forms in the residuals of their security on the calendar",
    },
    {
        "contrasts.py": "Differences between firm-events, with the residual covariance: the "
        "`comparisons` table",
    },
    {
        "assembly.py": "Every result table of a run, put together in one place",
        "claims.py": "What the articles claim about prices, held against the prices",
        "verification.py": "Whether a run repeats an earlier one: what differs between two manifests, "
        "and what follows from it",
        "store/": "Save, load and export results, with a manifest",
        "words/": "The sentences of the report and of the charts, one file per language",
    },
    {
        "charts/": "Charts of a result, one function per chart, from its tidy tables",
    },
    {
        "placing.py": "From what is asked to firm-events on their returns: read, load, place, before "
        "anything is measured",
        "results.py": "`EventStudyResult`: labelled tidy tables out of arrays",
    },
    {
        "study.py": "`run()`: the order of the steps, and nothing else",
    },
    {
        "comparing.py": "Tickers, events and kinds side by side, with adjusted p-values",
    },
    {
        "report/": "One self-contained HTML file from a result",
        "simulation/": "Known truths for size and power: placebo events, and how often each test rejects",
    },
    {
        "__init__.py": "Event studies: what did this news do to that stock, and can we tell it from noise?",
    },
    {
        "cli/": "Parse, call, print: one file per command",
    },
    {
        "__main__.py": "`python -m eventstudy` is the command line",
    },
)

#: The rooms where a third party is imported; numpy may be, anywhere above the ground floor. Result tables are
#: Arrow tables first, so what fills and hands them out speaks pyarrow; pandas is for the frames of users.
HOMES = {
    "altair": "charts/",
    "exchange_calendars": "sessions/",
    "filelock": "prices/ store/",
    "jinja2": "report/",
    "markupsafe": "report/",
    "numpy": "_typing.py",
    "pandas": "events/ prices/ firm_events.py returns.py asked.py loading.py "
    "store/ results.py comparing.py placing.py study.py simulation/ cli/",
    "platformdirs": "prices/ sessions/ charts/",
    "pyarrow": "arrow.py schema.py events/ prices/ tables.py assembly.py store/ charts/ results.py "
    "simulation/ report/",
    "pydantic": "events/ articles.py",
    "rich": "cli/",
    "scipy": "distributions.py",
    "tenacity": "prices/",
    "typer": "cli/",
    "vl_convert": "charts/",
    "xlsxwriter": "store/",
    "yaml": "events/ words/",
    "yfinance": "prices/",
}


@dataclass(frozen=True)
class Room:
    """A module or a folder of modules, as the plan shows it."""

    name: str
    floor: int
    responsibility: str


ROOMS = {name: Room(name, n, line) for n, floor in enumerate(FLOORS) for name, line in floor.items()}
Rule = Callable[[Module], Iterator[tuple[int, str]]]


def room_of(name: str) -> Room | None:
    """Find the room that a dotted name of the package lies in; the package itself is its `__init__.py`."""
    first = [*name.split("."), "__init__"][1]
    return ROOMS.get(f"{first}.py") or ROOMS.get(f"{first}/")


def unlisted(module: Module) -> Iterator[tuple[int, str]]:
    """Every module is in a room."""
    if room_of(module.name) is None:
        yield 1, "is in no room; add it to FLOORS in tests/test_architecture.py, or move the content"


def upward(module: Module) -> Iterator[tuple[int, str]]:
    """A module asks only lower floors, and its neighbours in one folder."""
    own = room_of(module.name)
    for asked in module.imports:
        other = room_of(asked.target) if asked.party == "eventstudy" else None
        if own and other and own != other and own.floor <= other.floor:
            where = f"of floor {other.floor} from floor {own.floor}"
            yield asked.line, f"imports {asked.target} {where}; move what is shared down, or pass it in"


def out_of_room(module: Module) -> Iterator[tuple[int, str]]:
    """A third party is imported only in the rooms that name it; numpy anywhere above the ground floor."""
    room = room_of(module.name)
    own = {"eventstudy", *sys.stdlib_module_names, *(["numpy"] if room and room.floor else [])}
    for asked in module.imports:
        homes = HOMES.get(asked.party, "no room")
        if room and asked.party not in own and room.name not in homes.split():
            yield asked.line, f"imports {asked.party}, which lives in {homes}; ask there, or add a home"


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
                f"{node.name} is public and says nothing; write a docstring, or call it private",
            )


def misnamed(module: Module) -> Iterator[tuple[int, str]]:
    """A room's docstring begins with its responsibility, word for word; a module inside says its own."""
    if not module.first_line:
        yield 1, "has no docstring; begin with the one thing that the module is responsible for"
    room = room_of(module.name)
    doors = (room.name, f"{room.name}__init__.py") if room else ()
    if room and module.path in doors and module.first_line.rstrip(".") != room.responsibility:
        yield 1, f"begins otherwise than FLOORS says, {room.responsibility!r}; make them one"


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
    gone = [name for name in ROOMS if not (PACKAGE / name).exists()]
    assert not gone, f"FLOORS shows {gone}, which are not there; delete the lines"
    rooms = [(room, module.imports) for module in MODULES if (room := room_of(module.name))]
    used = {(asked.party, room.name) for room, imports in rooms for asked in imports}
    homes = {(party, name) for party, names in HOMES.items() for name in names.split()}
    assert homes <= used, f"HOMES allows {sorted(homes - used)}, which nobody uses; delete that"


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (unlisted, "helpers.py", ""),
        (upward, "kernels.py", "def f():\n    from eventstudy.sessions import g"),
        (upward, "kernels.py", "from . import sessions"),
        (upward, "kernels.py", "import eventstudy"),
        (upward, "events/reading.py", "from ..prices import g"),
        (upward, "events/__init__.py", "from .. import prices"),
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
