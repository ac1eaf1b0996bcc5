"""The documents: generated parts are current, examples run, links lead somewhere, sentences have lines."""

from __future__ import annotations

import re
import shutil
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pages_of_docs import DOCS, PAGES, ROOT, blocks, module, read
from panels import bundled, one

from eventstudy.cli.failure import BUG, INTERRUPTED
from eventstudy.errors import EventStudyError
from eventstudy.models import MODELS
from eventstudy.schema import TABLES
from eventstudy.significance import TESTS

README = "../README.md"
README_WORDS = 1_300
#: Generated whole from sentences of the code, which are not lines.
GENERATED = {"commands.md", "files-read.md", "methods.md", "result-tables.md"}
HANDWRITTEN = [
    *(f"../{page.name}" for page in sorted(ROOT.glob("*.md"))),
    *(page for page in PAGES if page not in GENERATED),
    "methods_opening.md",
    "../benchmarks/README.md",
    "../cache/snapshot/README.md",
]
CODE_OR_TABLE = re.compile(r"^(```|\||#|<!--|!\[)")
SECOND_SENTENCE = re.compile(r"[a-z0-9)`%][.?!] (?=[A-Z`][a-z`])")
LEAD = re.compile(r"^\s*(?:[-*] |\d+\. )?(?:\*\*[^*]+[.?!:]\*\* )?")  #: what a list item is about
NO_END = re.compile(r"\b(?:et al|e\.g|i\.e|vs|cf)\. ")


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the bundled study, as a clone has it."""
    folder = tmp_path_factory.mktemp("study")
    shutil.copy(ROOT / "events.yaml", folder)
    for name in ("seeds", "cache/snapshot"):
        shutil.copytree(ROOT / name, folder / name)
    return folder


def test_the_readme_can_be_read_in_five_minutes() -> None:
    assert len(read(README).split()) <= README_WORDS


def test_the_readme_leads_to_every_page() -> None:
    linked = set(re.findall(r"\]\(docs/([\w-]+\.md)\)", read(README)))
    assert linked == set(PAGES) - {"index.md"}


@pytest.mark.process
def test_the_readme_shows_what_run_prints(
    study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from eventstudy.cli import main

    monkeypatch.chdir(study)
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["run", "--details", "--offline"]) == 0
    shown = module("build_blocks").example(capsys.readouterr().out, "deepseek-selloff")
    assert shown in read(README), "run `python docs/build_blocks.py`"


def test_the_pages_have_the_figures_of_the_bundled_study() -> None:
    result = bundled()
    car = one(result.cars, event_id="deepseek-selloff", ticker="NVDA", start=0, end=0)["car"]
    assert f"Nvidia fell {-100 * car:.2f} % more" in read(README)
    found, unmasked = result.headline(), result.manifest["unmasked"]["named"]
    page = read("headline.md")
    assert f"they are {found['count']} where {found['expected']:.1f} are expected" in page
    assert f"any one of the {found['count']}" in page
    assert f"in the bundled study {unmasked} firm-days instead of {found['named']}" in page


@pytest.mark.parametrize("page", [README, "index.md", "result-tables.md", "working-with-results.md"])
def test_the_number_of_tables_is_right(page: str) -> None:
    assert len(TABLES) == 19
    assert re.search(r"nineteen (long )?tables", read(page))


@pytest.mark.process
def test_the_examples_of_the_readme_in_python_run(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    (block,) = blocks(README, "python")
    exec(compile(block, "README.md", "exec"), {})
    assert (study / "results" / "manifest.json").is_file()


def test_the_study_file_in_the_readme_is_valid(tmp_path: Path) -> None:
    from eventstudy.events.study_file import read_study

    (block,) = blocks(README, "yaml")
    file = tmp_path / "events.yaml"
    file.write_text(block, encoding="utf-8")
    (event,) = read_study(file).events
    assert event.id == "amd-openai-deal"


@pytest.mark.parametrize(
    ("page", "script"),
    [
        ("methods.md", "build_methods"),
        ("commands.md", "build_commands"),
        ("result-tables.md", "build_tables"),
        ("files-read.md", "build_layouts"),
    ],
)
def test_a_generated_page_is_what_the_code_gives(page: str, script: str) -> None:
    assert read(page) == module(script).page(), f"run `python docs/{script}.py`"


def test_the_formulas_of_the_report_are_those_of_the_tests(monkeypatch: pytest.MonkeyPatch) -> None:
    builder = with_formulas(monkeypatch)
    assert builder.FILE.read_text(encoding="utf-8") == builder.document(), (
        "run `python docs/build_formulas.py`"
    )


def with_formulas(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import the script with docs/ on the path, where it finds the converter of the site."""
    monkeypatch.syspath_prepend(str(DOCS))
    return module("build_formulas")


def test_the_table_of_models_is_what_the_registry_gives() -> None:
    builder, page = module("build_blocks"), "docs/models-and-tests.md"
    current = builder.written(page, "models", builder.models())
    assert read(f"../{page}") == current, "run `python docs/build_blocks.py`"


def test_a_page_without_a_place_for_its_table_is_an_error() -> None:
    with pytest.raises(ValueError, match="no place for 'models'"):
        module("build_blocks").written("SECURITY.md", "models", "")


def test_every_simulated_situation_has_words() -> None:
    builder = module("build_methods")
    assert set(builder.SIMULATED_AS) >= {key[0] for key in builder._rates()}


def test_the_page_on_commands_names_every_command_option_and_exit_code() -> None:
    builder, text = module("build_commands"), read("commands.md")
    for name, entry in builder.commands():
        assert f"\n## {name}\n" in text
        for parameter in entry.params:
            for option in (*parameter.opts, *parameter.secondary_opts):
                assert f">{option}" in text or f" / {option}<" in text or not option.startswith("--"), option
    codes = {kind.exit_code for kind in _kinds(EventStudyError)} | {0, BUG, INTERRUPTED}
    assert set(builder.EXIT_CODES) == codes


def _kinds(kind: type[EventStudyError]) -> set[type[EventStudyError]]:
    return {kind}.union(*(_kinds(below) for below in kind.__subclasses__()))


@pytest.mark.parametrize(
    ("page", "name"),
    [
        *(("models-and-tests.md", name) for name in MODELS),
        *(("methods.md", name) for name in TESTS),
        *(("result-tables.md", name) for name in TABLES),
    ],
)
def test_every_model_test_and_table_is_documented(page: str, name: str) -> None:
    assert f"`{name}`" in read(page)


@pytest.mark.parametrize("name", MODELS)
def test_every_model_has_a_section_of_the_methods(name: str) -> None:
    assert f"\n### {name}\n" in read("methods.md")


@pytest.mark.parametrize("page", [page for page in PAGES if page.startswith("model-")])
def test_a_page_on_a_model_says_when_how_from_where_and_shows_it(page: str) -> None:
    text = read(page)
    assert "\n## When\n" in text
    assert "$$" in text
    assert "\n## Source\n" in text or "https://doi.org/" in text
    assert "```python" in text
    assert f"({page})" in read("which-model.md")


def test_every_chart_is_documented() -> None:
    from eventstudy.charts import CHARTS

    assert not [name for name in CHARTS if f"| `{name}` |" not in read("python-api.md")]


def test_links_between_documents_lead_somewhere() -> None:
    for document in (*ROOT.glob("*.md"), *ROOT.glob(".github/*.md")):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (ROOT / target).exists(), f"{document.name} -> {target}"


def prose(text: str) -> list[str]:
    """Return the lines of a page outside code, tables and headings."""
    text = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
    return [line for line in text.splitlines() if line.strip() and not CODE_OR_TABLE.match(line)]


def crowded(line: str) -> bool:
    """Tell whether a line holds more than one sentence; what a list item is about is not one."""
    return bool(SECOND_SENTENCE.search(NO_END.sub(" ", LEAD.sub("", line))))


@pytest.mark.parametrize("page", HANDWRITTEN)
def test_a_sentence_has_a_line_of_its_own(page: str) -> None:
    lines = prose(read(page))
    assert not [line for line in lines if crowded(line)]
    ends = (".", ":", "?", "!", ";", "*", ")")
    broken = [line for line, after in pairwise(lines) if after[0].islower() and not line.endswith(ends)]
    assert not broken


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("One sentence. Another one.", True),
        ("`run` ends. `compare` begins.", True),
        ("- **A lead.** One sentence.", False),
        ("As Brown et al. Wrote it, 5.2 % of all.", False),
    ],
)
def test_a_second_sentence_would_be_seen(line: str, expected: bool) -> None:
    assert crowded(line) is expected
