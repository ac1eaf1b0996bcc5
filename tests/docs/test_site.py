"""The documentation site: it builds, loads nothing from elsewhere, and what its pages show is so."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml
from commands import example, said
from pages_of_docs import DOCS, PAGES, ROOT, blocks, module, read

#: what a browser fetches by itself for an element, and the attributes that say from where
FETCHED = {
    "script": ("src",),
    "link": ("href",),
    "img": ("src", "srcset"),
    "iframe": ("src",),
    "source": ("src", "srcset"),
    "video": ("src", "poster"),
    "audio": ("src",),
    "object": ("data",),
    "embed": ("src",),
}
ELSEWHERE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:)?//|^\s*https?:", flags=re.IGNORECASE)
IN_STYLE = re.compile(r"url\(\s*['\"]?([^'\")]+)|@import\s+['\"]([^'\"]+)", flags=re.IGNORECASE)


class Fetches(HTMLParser):
    """Collects what a page makes a browser fetch, and what else the tests ask about."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.tags: list[str] = []
        self.classes: set[str] = set()
        self._style = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append(tag)
        self.classes.update(given.get("class", "").split())
        self.found += [given[name] for name in FETCHED.get(tag, ()) if name in given]
        self.found += addresses(given.get("style", ""))
        self._style = tag == "style"

    def handle_data(self, data: str) -> None:
        if self._style:
            self.found += addresses(data)


def addresses(style: str) -> list[str]:
    return [first or second for first, second in IN_STYLE.findall(style)]


def built(root: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Build the site as `make docs` does; with --quiet mkdocs would not count its warnings."""
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(folder)],
        cwd=root,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the built site, in a folder of the test."""
    folder = tmp_path_factory.mktemp("documentation") / "site"
    done = built(ROOT, folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.process
def test_a_link_that_leads_nowhere_ends_the_build(tmp_path: Path) -> None:
    shutil.copy(ROOT / "mkdocs.yml", tmp_path)
    shutil.copytree(DOCS, tmp_path / "docs", ignore=shutil.ignore_patterns("*.csv", "__pycache__"))
    with (tmp_path / "docs" / "faq.md").open("a", encoding="utf-8") as page:
        page.write("\n[gone](gone.md) and [gone](methods.md#gone)\n")
    done = built(tmp_path, tmp_path / "site")
    assert done.returncode == 1
    assert "'gone.md'" in done.stderr
    assert "'#gone'" in done.stderr


def entries(navigation: Any) -> Iterator[str]:
    """Yield the pages of a navigation, sections gone through."""
    for entry in navigation:
        for below in entry.values():
            yield from ([below] if isinstance(below, str) else entries(below))


@pytest.mark.process
def test_every_page_is_built_and_stands_in_the_navigation(site: Path) -> None:
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    listed = list(entries(yaml.safe_load(text)["nav"]))
    assert sorted(listed) == PAGES
    for page in listed:
        assert (site / page).with_suffix(".html").is_file(), page
    published = {file.suffix for file in site.rglob("*") if file.is_file()}
    assert published.isdisjoint({".py", ".csv", ".md", ".pyc"})


@pytest.mark.process
def test_no_page_fetches_anything_from_elsewhere(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) == len(PAGES) + 1  # and the page for what is not found
    for page in pages:
        fetches = Fetches(page.read_text(encoding="utf-8"))
        assert fetches.found, page.name
        assert not [address for address in fetches.found if ELSEWHERE.search(address)], page.name
        assert "mermaid" not in fetches.classes, f"{page.name}: the theme would fetch a script to draw this"
    for sheet in site.rglob("*.css"):
        found = addresses(sheet.read_text(encoding="utf-8"))
        assert not [address for address in found if ELSEWHERE.search(address)], sheet.name


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ("<script src='https://cdn.example/x.js'></script>", "https://cdn.example/x.js"),
        ("<link rel='stylesheet' href='//fonts.example/x.css'>", "//fonts.example/x.css"),
        ("<p style='background: url(https://a.example/x.png)'>", "https://a.example/x.png"),
        ("<style>@import 'https://a.example/x.css';</style>", "https://a.example/x.css"),
    ],
)
def test_what_is_fetched_from_elsewhere_would_be_seen(html: str, found: str) -> None:
    (address,) = Fetches(html).found
    assert address == found
    assert ELSEWHERE.search(address)


@pytest.mark.process
def test_every_formula_of_the_methods_is_mathml(site: Path) -> None:
    text, formulas = module("formulas").with_mathml(read("methods.md"), "methods.md")
    tags = Fetches((site / "methods.html").read_text(encoding="utf-8")).tags
    assert len(formulas) >= 40
    assert tags.count("math") == sum(formula.count("<math") for formula in formulas.values())
    assert "$" not in text
    for page in site.glob("*.html"):
        assert "of-this-page" not in page.read_text(encoding="utf-8"), page.name


@pytest.mark.parametrize("text", [r"$\nosuchcommand{x}$", r"$$\frac{1}{$$", "five $ and no more"])
def test_a_formula_that_cannot_be_converted_ends_the_build(text: str) -> None:
    from mkdocs.exceptions import PluginError

    with pytest.raises(PluginError, match=r"page\.md"):
        module("formulas").with_mathml(text, "page.md")


def test_dollar_signs_in_code_are_no_formulas() -> None:
    text = "`$HOME` costs\n\n```sh\necho $HOME $PATH\n```\n"
    assert module("formulas").with_mathml(text, "page.md") == (text, {})


def test_the_page_on_tables_names_every_check(study: Path) -> None:
    import eventstudy as es

    checks = es.load(study / "results").diagnostics["check"]
    of_one_model = ["day0_variance", "market_rsquared"]
    assert list(module("build_tables").CHECKS) == [*dict.fromkeys(checks), *of_one_model]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the example study with its results, as `eventstudy init` and `run` leave it."""
    return example(tmp_path_factory.mktemp("example") / "study")


#: pages whose command lines read what their examples in Python write
BY_READER = (
    "from-exports.md",
    "from-crsp.md",
    "in-a-notebook.md",
    "one-date.md",
    "long-run.md",
)
#: pages that a test file of their own runs, on files like those shown
OWN_TEST = ("regressions-of-cars.md", "large-studies.md", "engines.md")


@pytest.mark.process
@pytest.mark.parametrize("page", BY_READER)
def test_a_page_for_a_reader_runs_on_the_files_that_it_writes(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = example(tmp_path / "study")
    monkeypatch.chdir(folder)
    scope: dict[str, Any] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), scope)
    assert set(scope["result"].events["status"]) == {"ok"}
    for line in shown_lines(page):
        done = said(*shlex.split(line)[1:], cwd=folder)
        assert done.code == 0, f"{line}: {done.err}"


@pytest.mark.process
@pytest.mark.parametrize(
    "page", [page for page in PAGES if blocks(page, "python") and page not in BY_READER + OWN_TEST]
)
def test_the_examples_in_python_run(page: str, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    scope: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, page, "exec"), scope)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "yaml")])
def test_the_study_files_shown_are_valid(page: str, tmp_path: Path) -> None:
    from eventstudy.events.study_file import read_study

    for block in blocks(page, "yaml"):
        file = tmp_path / "events.yaml"
        file.write_text(block, encoding="utf-8")
        study = read_study(file)
        assert study.events or study.events_file


def test_the_event_list_shown_is_valid(tmp_path: Path) -> None:
    from eventstudy.events.event_list import read_event_table

    (block,) = blocks("study-file.md", "csv")
    file = tmp_path / "events.csv"
    file.write_text(block, encoding="utf-8")
    assert "sector" in read_event_table(file)


def test_the_start_shows_what_the_example_prints(study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    printed = said("run", "--details", "--out", "again", cwd=study).out
    shown = module("build_blocks").example(printed, "product-recall")
    assert shown in read("index.md"), "run `python docs/build_blocks.py`"


@pytest.mark.process
def test_the_quick_start_runs_from_first_to_last(tmp_path: Path) -> None:
    folder = tmp_path
    for line in shown_lines("quick-start.md"):
        name, *words = shlex.split(line)
        if name == "cd":
            folder /= words[0]
        elif not takes_long(words):
            done = said(*words, cwd=folder)
            assert done.code == 0, f"{line}: {done.err}"


def shown_lines(page: str) -> list[str]:
    return [line for block in blocks(page, "sh") for line in block.splitlines() if line]


def takes_long(words: list[str]) -> bool:
    """Simulations, and figures for print."""
    return words[0] == "simulate" or "--figures" in words


GUIDES = [
    page
    for page in PAGES
    if page not in ("index.md", "quick-start.md", *BY_READER, *OWN_TEST) and blocks(page, "sh")
]


@pytest.mark.process
@pytest.mark.parametrize("page", GUIDES)
def test_the_command_lines_of_a_guide_run_in_the_example_study(page: str, study: Path) -> None:
    for line in shown_lines(page):
        name, *words = shlex.split(line, comments=True)
        assert name == "eventstudy"
        if not takes_long(words):
            done = said(*words, cwd=study)
            assert done.code == 0, f"{line}: {done.err}"


def test_the_page_on_study_files_names_every_key() -> None:
    from eventstudy.events.form import StudyForm
    from eventstudy.events.study_file import FORMS

    text = read("study-file.md")
    for form in (StudyForm, *FORMS.values()):
        for key in form.model_fields:
            assert f"`{key}`" in text or f"{key}:" in text, f"{form.__name__}.{key}"
    table = text.partition("## Top level")[2].partition("\n## ")[0]
    assert [key for key in StudyForm.model_fields if f"| `{key}` |" not in table] == []


def command_lines() -> Iterator[tuple[str, str]]:
    """Yield every command line of the tool that a page shows: of its blocks, and in its text."""
    for page in ("../README.md", "../CONTRIBUTING.md", *PAGES):
        shown = [part for block in blocks(page, "sh", "") for part in re.split(r"\n|&&", block)]
        shown += re.findall(
            r"`(eventstudy [^`]+)`", re.sub(r"^```.*?^```", "", read(page), flags=re.M | re.S)
        )
        yield from ((page, line.strip()) for line in shown if line.strip().startswith("eventstudy "))


@pytest.mark.parametrize(("page", "line"), sorted(set(command_lines())))
def test_command_lines_name_what_exists(page: str, line: str) -> None:
    from eventstudy.cli.app import command

    entry: Any = command()
    words = shlex.split(line, comments=True)[1:]
    while words and not words[0].startswith("-") and hasattr(entry, "commands"):
        assert words[0] in entry.commands, f"{page}: {line}"
        entry = entry.commands[words.pop(0)]
    assert not hasattr(entry, "commands") or not words or words[0].startswith("-"), f"{page}: {line}"
    known = {"--help", "--version"}.union(*((*each.opts, *each.secondary_opts) for each in entry.params))
    for word in words:
        if word.startswith("--"):
            assert word.partition("=")[0] in known, f"{page}: {line}: {word}"
