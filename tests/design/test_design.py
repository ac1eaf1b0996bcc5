"""Every field of `Design` is stated once: its option, the study file's key, the schema and the docs agree."""

from __future__ import annotations

import dataclasses
import functools
import importlib.util
import subprocess
import sys
from pathlib import Path
from typing import Any, get_origin

import pytest

from eventstudy.cli.app import command
from eventstudy.cli.options import design_options
from eventstudy.cli.simulate import UNUSED
from eventstudy.design import (
    DESIGN_FIELDS,
    Benchmark,
    Design,
    DesignField,
    MaskDates,
    Regression,
    Window,
    Windows,
)
from eventstudy.errors import DesignError, UnknownNameError
from eventstudy.events.form import DesignForm
from eventstudy.events.inputs import read_inputs
from eventstudy.events.json_schema import study_json_schema

EACH = pytest.mark.parametrize("record", DESIGN_FIELDS.values(), ids=list(DESIGN_FIELDS))
#: another value than the default of any field, as an option's text and as a study file's value, by type
SAMPLES: dict[Any, tuple[str, str]] = {
    str: ("mean", "mean"),
    str | None: ("size", "size"),
    int: ("7", "7"),
    float: ("0.4", "0.4"),
    float | None: ("150", "150"),
    Benchmark | None: ("QQQ+SMH", "[QQQ, SMH]"),
    MaskDates: ("results", "results"),
    tuple[Benchmark, ...]: ("QQQ+SMH", "[[QQQ, SMH]]"),
    int | str: ("500", "500"),
    tuple[Regression, ...]: ("car ~ size", "[car ~ size]"),
    tuple[str, ...]: ("one", "[one]"),
    tuple[Window, ...]: ("0:2", "[[0, 2]]"),
    Window | Windows | None: ("-130:-11,11:130", "[[-130, -11], [11, 130]]"),
}


def sample(record: DesignField[Any, Any]) -> tuple[str, str]:
    if record.kind is bool:
        return "", str(not record.default).lower()
    if record.choices:
        return record.choices[-1], record.choices[-1]
    if record.kind is Window:
        other = Window(record.default.start - 1, record.default.end)
        return f"{other.start}:{other.end}", f"[{other.start}, {other.end}]"
    return SAMPLES[record.kind]


@functools.cache
def commands() -> Any:
    return command().commands


@functools.cache
def schema_of_a_study() -> Any:
    return study_json_schema()


def by_option(*words: str) -> Design:
    """Return the design that `eventstudy run` gets from options."""
    run = commands()["run"]
    given = run.make_context("run", list(words)).params
    group = design_options()
    changes = group.gather(None, **{name: given[name] for name in group.options})
    return read_inputs([]).design.replace(**{name: v for name, v in changes.items() if v is not None})


@EACH
def test_an_option_and_a_key_of_the_study_file_say_the_same(
    record: DesignField[Any, Any], tmp_path: Path
) -> None:
    text, written = sample(record)
    study = tmp_path / "events.yaml"
    study.write_text(
        f"design: {{{record.name}: {written}}}\ntickers: [A]\nevents: [{{id: e, session: 2024-01-02}}]\n"
        "known: [{ticker: A, date: 2023-12-04, kind: results, what: its results}]\n"
    )
    design = read_inputs(study).design
    assert getattr(design, record.name) != record.default
    assert design == Design().replace(**{record.name: getattr(design, record.name)})
    if record.no_option:
        assert record.name not in design_options().options
    else:
        switch = f"--no-{record.option[2:]}" if record.default is True else record.option
        words = [switch] if record.kind is bool else [f"{record.option}={text}"]
        assert by_option(*words) == design


@EACH
def test_help_schema_and_docs_take_the_sentence_from_the_record(
    record: DesignField[Any, Any], repo: Path
) -> None:
    schema = schema_of_a_study()["definitions"]["DesignForm"]["properties"][record.name]
    assert schema["description"] == record.meaning
    assert DesignForm.model_fields[record.name].annotation is not None
    assert f"| `{record.name}` |" in (repo / "docs/study-file.md").read_text("utf-8")
    assert record.name in str(Design.__doc__)
    assert record.meaning in str(Design.__doc__)
    if not record.no_option:
        for name in ["run"] if record.name in UNUSED else ["run", "simulate"]:
            option = {opt: each for each in commands()[name].params for opt in each.opts}
            assert option[record.option].help.startswith(record.meaning)


def test_the_page_on_the_study_file_is_what_the_records_say(repo: Path) -> None:
    spec = importlib.util.spec_from_file_location("build_design", repo / "docs/build_design.py")
    assert spec and spec.loader
    builder = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(builder)
    text = (repo / "docs/study-file.md").read_text("utf-8")
    assert builder.page(text) == text, "run `python docs/build_design.py`"
    row = next(line for line in text.splitlines() if line.startswith("| `seed` |"))
    assert builder.page(text.replace(row, "| `seed` | 1 | | other |")) == text


def test_every_field_is_a_record() -> None:
    assert [field.name for field in dataclasses.fields(Design)] == list(DESIGN_FIELDS)
    for record in DESIGN_FIELDS.values():
        assert getattr(Design(), record.name) == record.default
        assert record.meaning.endswith(".")
        assert bool(record.check) == bool(record.rule)
        assert get_origin(record.kind) is not DesignField


def test_windows_and_benchmark_are_of_their_types() -> None:
    design = Design(window=(-3, 3), estimation=(-100, -10), car_windows=[(0, 1)] * 2, benchmark=["A", "B"])
    assert isinstance(design.window, Window)
    assert isinstance(design.estimation, Window)
    assert design.car_windows == (Window(0, 1),)
    assert isinstance(design.car_windows[0], Window)
    assert design.benchmark == Benchmark(("A", "B"))
    assert design == design.replace() == Design(**{f: getattr(design, f) for f in DESIGN_FIELDS})
    with pytest.raises(dataclasses.FrozenInstanceError):
        design.window = Window(0, 0)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"confidence": 1}, "confidence", "between 0 and 1"),
        ({"confidence": "high"}, "confidence", "between 0 and 1"),
        ({"confidence": float("nan")}, "confidence", "between 0 and 1"),
        ({"max_loss": -0.1}, "max_loss", "share from 0 to 1"),
        ({"min_estimation": 0}, "min_estimation", "above 0"),
        ({"seed": -1}, "seed", "must be a whole number from 0"),
        ({"lags": 21}, "lags", "must be a whole number from 0 to 20"),
        ({"leads": 1.5}, "leads", "must be a whole number from 0 to 20"),
        *(
            ({"placebo_history": value}, "placebo_history", "must be a number of earlier sessions")
            for value in (0, -5, True, 2.5, None, "0")
        ),
        ({"window": "wide"}, "window", "pair of whole sessions"),
        ({"window": (5, -5)}, "window", "ends before it starts"),
        ({"estimation": (-60, 0)}, "estimation", "must end before the event window"),
        ({"car_windows": ()}, "car_windows", "at least one window"),
        ({"car_windows": ((0, 9),)}, "car_windows", "not inside the event window"),
        ({"benchmark": []}, "benchmark", "at least one ticker"),
        ({"tests": [1]}, "tests", "not a list of names"),
    ],
)
def test_a_wrong_value_is_refused_with_its_field(changes: dict[str, Any], field: str, problem: str) -> None:
    with pytest.raises(DesignError, match=problem) as caught:
        Design(**changes)
    assert caught.value.field == field


@pytest.mark.parametrize("record", [r for r in DESIGN_FIELDS.values() if r.choices], ids=lambda r: r.name)
def test_a_name_that_is_not_allowed_is_refused(record: DesignField[Any, Any]) -> None:
    with pytest.raises(UnknownNameError, match=record.choices[0]):
        Design(**{record.name: "other"})


LIGHT = """
import sys
from eventstudy.cli.app import command
if {"numpy", "pydantic"} & set(sys.modules):
    sys.exit("the options load heavy libraries")
from eventstudy.events.json_schema import study_json_schema
keys = study_json_schema()["definitions"]["DesignForm"]["properties"]
sys.exit(0 if "Seed" in keys["seed"]["description"] else "no description")
"""


@pytest.mark.parametrize("flags", [[], ["-OO"]])
def test_records_need_neither_numpy_nor_docstrings(flags: list[str], repo: Path) -> None:
    words = [sys.executable, *flags, "-c", LIGHT]
    done = subprocess.run(words, capture_output=True, text=True, cwd=repo, timeout=120)
    assert done.returncode == 0, done.stderr
