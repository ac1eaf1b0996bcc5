"""The plan of the package: its parts in the order in which data flows through them, and the rules they keep.

`PLAN` is that order. A part (a package or a module at the root) imports only from parts above it in the list.
A new module goes into the package whose responsibility it shares; a new package needs a line here.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from package_source import PACKAGE, Module, is_module

MAX_LINES = 300
#: Thirty parts of a study, and the engine, which does the same work for more firm-events than fit in memory.
MAX_PARTS, MAX_LEVELS, MAX_INSIDE_PRICES = 31, 13, 10


@dataclass(frozen=True)
class Part:
    """A package, or a module at the root: its name, its one responsibility, the third parties it imports."""

    name: str
    responsibility: str
    parties: str = ""


#: numpy may be imported nearly everywhere. Result tables are Arrow tables first, so what fills and
#: hands them out imports pyarrow; pandas is for the frames of users.
PLAN = (
    Part("errors.py", "Every exception, and its message"),
    Part("_typing.py", "Array aliases and Literal option names", "numpy"),
    Part("uris.py", "URIs: telling one from a path, and what may be shown of it"),
    Part("atomic.py", "Files replaced as a whole, and temporary folders", "filelock"),
    Part("design/", "What is requested of a study: windows, benchmark, model, tests and their options"),
    Part("schema/", "The columns of every result table: dtype, unit, meaning", "pyarrow"),
    Part(
        "numerics/",
        "Arrays in, arrays out: least squares, ranks, distributions, multiplicity",
        "numba pyarrow scipy threadpoolctl",
    ),
    Part(
        "words/", "The sentences of the report and the charts in every language, and numbers as text", "yaml"
    ),
    Part(
        "sessions/",
        "From a time stamp to the first session that can react to it",
        "exchange_calendars platformdirs",
    ),
    Part(
        "intake/",
        "Any file or frame into named columns, one small file per layout; what was understood, in one line",
        "charset_normalizer narwhals pandas pyarrow pyreadstat python_calamine rdata",
    ),
    Part(
        "events/",
        "Events: study files, event lists, articles, and everything a run is about",
        "pandas pydantic yaml",
    ),
    Part(
        "prices/",
        "Price series and where they come from; claims about prices",
        "filelock pandas platformdirs pyarrow tenacity yfinance",
    ),
    Part("panel/", "From calendar time to event time: returns, benchmarks, windows, masks", "pandas"),
    Part(
        "soundness/",
        "What is wrong or doubtful in prices, returns and factors, by one set of rules for every source",
    ),
    Part("significance/", "Tests of significance, one small file each, and their registry"),
    Part(
        "models/",
        "Normal-return models, one small file each, their registry, and estimation",
        "arch sklearn",
    ),
    Part(
        "inference/",
        "Groups, the battery of tests, resampling, comparisons, regressions, diagnostics",
        "formulaic pandas pyarrow",
    ),
    Part("assembly/", "From arrays to the result tables of a run", "pyarrow"),
    Part(
        "results/",
        "A result as it is read, saved and exported: view, folder, manifest, formats",
        "docx filelock pyarrow xlsxwriter",
    ),
    Part(
        "engine/",
        "Large studies: estimation on a grid, and sums over shards of firm-events",
        "dask distributed llvmlite numba py4j pyarrow pyspark ray",
    ),
    Part("charts/", "Charts of a result, one function per chart", "altair platformdirs vl_convert"),
    Part("study_result.py", "`EventStudyResult`: what a study returns", "pandas pyarrow"),
    Part("preparation/", "What is read and prepared before anything is estimated", "pandas"),
    Part("study.py", "`run()`: the order of the steps, and nothing else"),
    Part(
        "specification_curve/",
        "Specification curves: firm-events under many specifications, and their joint inference",
        "pyarrow",
    ),
    Part("compare_results.py", "Tickers, events and kinds side by side, with adjusted p-values", "pandas"),
    Part("simulation/", "Size and power: placebo events, and how often each test rejects", "pandas pyarrow"),
    Part("report/", "One self-contained HTML page from a result", "jinja2 markupsafe"),
    Part("__init__.py", "Event studies of security prices: abnormal returns, tests of significance, reports"),
    Part("cli/", "The command line: parse, call, print; one file per command", "pandas rich typer"),
    Part("__main__.py", "`python -m eventstudy` is the command line"),
)
WITHOUT_NUMPY = ("errors.py", "uris.py", "atomic.py")
ORDER = {part.name: place for place, part in enumerate(PLAN)}
Rule = Callable[[Module], Iterator[tuple[int, str]]]


def part_of(name: str) -> Part | None:
    """Find the part that a dotted name of the package lies in; the package itself is its `__init__.py`."""
    first = [*name.split("."), "__init__"][1]
    place = ORDER.get(f"{first}.py", ORDER.get(f"{first}/"))
    return None if place is None else PLAN[place]


def unlisted(module: Module) -> Iterator[tuple[int, str]]:
    """Every module lies in a part of the plan."""
    if part_of(module.name) is None:
        yield 1, "is in no part of PLAN in tests/test_architecture.py; move it into a package"


def upward(module: Module) -> Iterator[tuple[int, str]]:
    """A module imports from parts above its own in the plan, and from its own, late imports included."""
    own = part_of(module.name)
    for found in module.imports:
        other = part_of(found.target) if found.party == "eventstudy" else None
        if own and other and ORDER[own.name] < ORDER[other.name]:
            yield (
                found.line,
                f"imports {found.target}, which comes later; move what is shared up, or pass it in",
            )


def out_of_place(module: Module) -> Iterator[tuple[int, str]]:
    """A third party is imported only in the parts that name it."""
    part = part_of(module.name)
    if part is None:
        return
    allowed = {"eventstudy", *sys.stdlib_module_names, *part.parties.split()}
    if part.name not in WITHOUT_NUMPY:
        allowed.add("numpy")
    for found in module.imports:
        if found.party not in allowed:
            yield (
                found.line,
                f"imports {found.party}, which {part.name} may not; ask where it may, or add it to PLAN",
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
                f"{node.name} is public and says nothing; write a docstring, or call it private",
            )


def misnamed(module: Module) -> Iterator[tuple[int, str]]:
    """A part's docstring begins with its responsibility, word for word; a module inside says its own."""
    if not module.first_line:
        yield 1, "has no docstring; begin with the one thing that the module is responsible for"
    part = part_of(module.name)
    doors = (part.name, f"{part.name}__init__.py") if part else ()
    if part and module.path in doors and module.first_line.rstrip(".") != part.responsibility.rstrip("."):
        yield 1, f"begins otherwise than PLAN says, {part.responsibility!r}; make them one"


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
RULES: tuple[Rule, ...] = (unlisted, upward, out_of_place, prints, undocumented, misnamed, too_long)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule_holds(rule: Rule) -> None:
    broken = [f"eventstudy/{m.path}:{line}: {problem}" for m in MODULES for line, problem in rule(m)]
    assert not broken, "\n".join(["", *dict.fromkeys(broken)])


def test_no_import_cycle() -> None:
    knot = knotted(MODULES)
    assert not knot, f"an import cycle among, or below, {sorted(knot)}; move what they share to a lower floor"


def test_the_plan_shows_nothing_that_is_not_there() -> None:
    gone = [part.name for part in PLAN if not (PACKAGE / part.name).exists()]
    assert not gone, f"PLAN shows {gone}, which are not there; delete the lines"
    used = {(found.party, part.name) for m in MODULES if (part := part_of(m.name)) for found in m.imports}
    unused = [(party, p.name) for p in PLAN for party in p.parties.split() if (party, p.name) not in used]
    assert not unused, f"PLAN allows {unused}, which nobody uses; delete that"


def level_of(name: str, needs: dict[str, set[str]]) -> int:
    """Return the level of a part: one above the highest of those it imports from."""
    return 1 + max((level_of(other, needs) for other in needs[name]), default=0)


def test_the_plan_can_be_seen_at_a_glance() -> None:
    """Few parts, on few levels; `prices/`, the largest, has few rooms of its own."""
    needs: dict[str, set[str]] = {part.name: set() for part in PLAN}
    for module in MODULES:
        own = part_of(module.name)
        others = (part_of(found.target) for found in module.imports if found.party == "eventstudy")
        needs[own.name] |= {other.name for other in others if other and other != own} if own else set()
    assert len(PLAN) <= MAX_PARTS
    assert max(level_of(name, needs) for name in needs) <= MAX_LEVELS
    inside = [p.name for p in (PACKAGE / "prices").iterdir() if p.name not in ("__init__.py", "__pycache__")]
    assert len(inside) <= MAX_INSIDE_PRICES, sorted(inside)


def plan_table() -> str:
    """Return `PLAN` as the table that pages for contributors show."""
    rows = ((f"`{part.name}`", part.responsibility, part.parties.replace(" ", ", ")) for part in PLAN)
    header = (("part", "responsibility", "third parties"), ("---", "---", "---"))
    return "\n".join(f"| {' | '.join(row)} |" for row in (*header, *rows))


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "docs/architecture.md"])
def test_the_pages_for_contributors_show_the_plan(page: str) -> None:
    shown = (PACKAGE.parent / page).read_text("utf-8")
    assert f"<!-- plan:begin -->\n{plan_table()}\n<!-- plan:end -->" in shown, "run docs/build_blocks.py"


@pytest.mark.parametrize(
    ("rule", "path", "source"),
    [
        (unlisted, "helpers.py", ""),
        (upward, "numerics/kernels.py", "def f():\n    from eventstudy.sessions import g"),
        (upward, "numerics/kernels.py", "from .. import sessions"),
        (upward, "numerics/kernels.py", "import eventstudy"),
        (upward, "events/reading.py", "from ..prices import g"),
        (upward, "events/__init__.py", "from .. import prices"),
        (out_of_place, "numerics/kernels.py", "import yaml.nodes"),
        (out_of_place, "errors.py", "import numpy as np"),
        (prints, "numerics/kernels.py", "print(1)"),
        (undocumented, "numerics/kernels.py", "def f(): ..."),
        (undocumented, "numerics/kernels.py", 'class A:\n    """A."""\n    def f(self): ...'),
        (misnamed, "study_result.py", '"""Designs."""'),
        (misnamed, "events/__init__.py", '"""Events."""'),
        (misnamed, "events/reading.py", ""),
        (too_long, "numerics/kernels.py", "\n" * (MAX_LINES + 1)),
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
