"""The documents: they name what there is, their examples run, and what they show is what is printed."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from eventstudy.models import MODELS
from eventstudy.schema import TABLES
from eventstudy.significance import TESTS


@pytest.fixture(scope="module")
def readme(repo: Path) -> str:
    return (repo / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def study(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the bundled study, as a clone has it."""
    folder = tmp_path_factory.mktemp("study")
    shutil.copy(repo / "events.yaml", folder)
    for name in ("seeds", "cache/snapshot"):
        shutil.copytree(repo / name, folder / name)
    return folder


def commands() -> Iterator[tuple[str, object]]:
    """Yield every command of the command line, groups gone through, with its full name."""
    from eventstudy.cli.app import command

    def walk(name: str, entry: object) -> Iterator[tuple[str, object]]:
        inner = getattr(entry, "commands", None)
        if inner is None:
            yield name, entry
        for part, child in (inner or {}).items():
            yield from walk(f"{name} {part}".strip(), child)

    yield from walk("", command())


def test_the_readme_names_every_command_and_option(readme: str) -> None:
    for name, command in commands():
        assert f"`eventstudy {name}" in readme or f"`{name}" in readme, name
        for parameter in command.params:  # type: ignore[attr-defined]
            for option in parameter.opts:
                if option.startswith("--"):
                    assert f"`{option}" in readme, f"{name} {option}"


@pytest.mark.parametrize("name", [*MODELS, *TESTS, *TABLES])
def test_the_readme_names_every_model_test_and_table(readme: str, name: str) -> None:
    assert f"`{name}`" in readme


@pytest.mark.process
def test_the_readme_shows_what_run_prints(
    readme: str, study: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from eventstudy.cli import main

    monkeypatch.chdir(study)
    monkeypatch.setenv("COLUMNS", "80")
    assert main(["run", "--offline"]) == 0
    printed = capsys.readouterr().out
    shown = re.findall(r"<!-- run -->\n```\n(.*?)```", readme, flags=re.DOTALL)
    assert shown
    for block in shown:
        assert block in printed


@pytest.mark.process
def test_the_examples_in_python_run(readme: str, study: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(study)
    blocks = re.findall(r"```python\n(.*?)```", readme, flags=re.DOTALL)
    assert len(blocks) >= 3
    scope: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, "README.md", "exec"), scope)
    assert (study / "results" / "manifest.json").is_file()


def test_the_study_file_in_the_readme_is_valid(readme: str, tmp_path: Path) -> None:
    from eventstudy.events import read_study

    (block,) = re.findall(r"```yaml\n(.*?)```", readme, flags=re.DOTALL)
    file = tmp_path / "events.yaml"
    file.write_text(block, encoding="utf-8")
    (event,) = read_study(file).events
    assert event.id == "amd-openai-deal"


def test_the_page_on_methods_is_what_the_registry_and_the_simulation_give(repo: Path) -> None:
    spec = importlib.util.spec_from_file_location("build_methods", repo / "docs" / "build_methods.py")
    assert spec is not None
    assert spec.loader is not None
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    committed = (repo / "docs" / "methods.md").read_text(encoding="utf-8")
    assert committed == builder.page(), "run `python docs/build_methods.py`"
    assert set(builder.SIMULATED_AS) >= {key[0] for key in builder._rates()}


def test_links_between_documents_lead_somewhere(repo: Path) -> None:
    for document in repo.glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", document.read_text(encoding="utf-8")):
            assert (repo / target).exists(), f"{document.name} -> {target}"
