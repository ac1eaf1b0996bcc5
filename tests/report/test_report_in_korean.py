"""The Korean page of several studies: no English on it but names and symbols."""

from __future__ import annotations

import dataclasses
import html
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from panels import REPOSITORY, bundled
from tools import tool

import eventstudy as es
from eventstudy.design import DESIGN_FIELDS
from eventstudy.report.documents import save_report
from eventstudy.report.packing import unpacked
from eventstudy.report.page import chosen, page_view
from eventstudy.report.section import EventList, Figure, Formula, Paragraph
from eventstudy.schema import TABLES
from eventstudy.significance import TESTS
from eventstudy.study_result import EventStudyResult

#: Two or more words of Latin letters in a row.
RUN = re.compile(r"[A-Za-z][A-Za-z_'.-]*(?: [A-Za-z][A-Za-z_'.-]*)+")
WORD = re.compile(r"[A-Za-z][A-Za-z_'-]{2,}")
HANGUL = re.compile("[가-힣]")
#: Parts of blocks that no reader sees: names of elements, columns of downloads, rows of drawings.
HIDDEN = {"kind", "id", "how", "fields", "header", "values", "names", "source", "target", "side", "tone",
          "paths", "figure", "dataset", "table", "first", "verdict", "name"}  # fmt: skip
#: What is not text for readers: formulas as MathML, and sources, which are cited as they were published.
NO_TEXT = re.compile(r'<math.*?</math>|<span class="quiet">.*?</span>|<[^>]+>', re.DOTALL)
#: Words that stay, each with its reason; names of the study are added.
STAYING = {
    # statisticians and the tests, models and methods that bear their names
    "Holm", "Benjamini-Hochberg", "Ljung-Box", "Jarque-Bera", "Romano-Wolf", "Newey-West", "Huber", "Dimson",
    "Scholes-Williams", "Fama-French", "Fama-MacBeth", "Parkinson", "Wilder", "Kolari", "Pynnönen",
    # symbols and abbreviations of the field
    "CAR", "CARs", "CAAR", "AAR", "BHAR", "ARCH", "GARCH", "CAPM", "OLS", "WLS", "CSV", "Mom", "SHA-",
    "alpha_i", "beta_i", "gamma_i", "mean_j", "sum_j", "omega", "N_eff", "R_m", "R_j", "e_t-", "h_t-",
    # programs, options and values of options as they are typed
    "eventstudy", "Python", "events", "event", "ar1", "trade-to-trade", "exclude", "dimson", "garch", "hc1",
    "hc3", "placebo_history", "all", "snapshot", "Yahoo", "DIR", "donor", "look-ahead", "peers", "Intercept",
}  # fmt: skip


def strings(block: Any) -> Iterator[str]:
    """Yield every text of a section or block of the page that is shown to readers."""
    if isinstance(block, str):
        yield html.unescape(NO_TEXT.sub("", block))
    elif isinstance(block, Figure):
        yield from (block.caption, block.description, block.chooser)
        for each in (block.datasets, *(choice["datasets"] for choice in block.choices.values())):
            for rows in each.values():
                yield from _texts(unpacked(rows))
        yield from (choice["description"] for choice in block.choices.values())
        yield from _titles(block.drawings)
    elif isinstance(block, EventList):
        yield block.caption
        yield from (heading.title for heading in block.headings)
        yield from _texts(unpacked(block.rows))
        for card in block.cards:
            yield from strings(card)
    elif dataclasses.is_dataclass(block) and not isinstance(block, Formula):
        for field in dataclasses.fields(block):
            if field.name not in HIDDEN:
                yield from strings(getattr(block, field.name))
    elif isinstance(block, tuple | list):
        for each in block:
            yield from strings(each)


def _texts(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield from (value for row in rows for value in row.values() if isinstance(value, str))


def _titles(drawing: Any) -> Iterator[str]:
    """Yield titles of axes, legends and choosers of drawings."""
    if isinstance(drawing, Mapping):
        for key, value in drawing.items():
            if key in ("title", "text") and isinstance(value, str):
                yield value
            if key == "name" and "input" in drawing:
                yield str(value)
            yield from _titles(value)
    elif isinstance(drawing, list | tuple):
        for each in drawing:
            yield from _titles(each)


def names_of(result: EventStudyResult) -> set[str]:
    """Return the words of the study's own names: ids, tickers, cards, publishers, files, libraries."""
    manifest, tables = result.manifest, result.tables
    own = {
        str(value) for name in ("event_id", "ticker", "kind") for value in tables["events"][name].to_pylist()
    }
    own |= {
        *map(str, manifest["prices"]),
        *(manifest.get("libraries") or {}),
        *TABLES,
        *DESIGN_FIELDS,
        *TESTS,
    }
    own |= {str(value) for row in tables["claims"].to_pylist() for value in (row["ticker"], row["card"])}
    own |= {str(value) for value in tables["benchmarks"]["benchmark"].to_pylist()}
    own |= {str(row["term"]) for row in tables["regressions"].to_pylist()}
    own |= {str(row["formula"]) for row in tables["regressions"].to_pylist()}
    own |= {str(manifest[name]["file"]) for name in ("study", "factors") if manifest.get(name)}
    own |= {str(manifest["package"]), str(manifest["model"]["reference"])}
    own |= {
        word for each in manifest["texts"].get("titles", {}).values() for word in WORD.findall(each["ko"])
    }
    articles = manifest.get("articles") or {}
    own |= {
        word for card in articles.get("cards", {}).values() for word in WORD.findall(card["reports"]["ko"])
    }
    own |= {card["publisher"] if isinstance(card["publisher"], str) else card["publisher"]["ko"]
            for card in articles.get("cards", {}).values()}  # fmt: skip
    return own


def english(result: EventStudyResult) -> set[str]:
    """Return what the Korean page says in English words, without names and symbols."""
    names = names_of(result)
    staying = STAYING | {word for name in names for word in [name, *WORD.findall(name)]}
    whole = sorted((name for name in names if " " in name), key=len, reverse=True)
    left = set()
    for section in chosen(page_view(result, "ko")):
        for text in strings(section):
            for name in whole:
                text = text.replace(name, "")
            for run in RUN.findall(text):
                left |= {run} if not set(WORD.findall(run)) <= staying else set()
            if not HANGUL.search(text):
                left |= {word for word in WORD.findall(text) if word not in staying and not _is_hash(word)}
    return left


def _is_hash(word: str) -> bool:
    return re.fullmatch(r"[0-9a-f]+", word) is not None


STUDY = """
title: {{en: Five events, ko: 다섯 사건}}
tickers: [NVDA, AMD, MSFT]
benchmark: SPY
kinds: {{deal: {{en: deal, ko: 계약}}, selloff: {{en: selloff, ko: 급락}}}}
design:
  estimation: [-{length}, -11]
  window: [-5, 5]
  car_windows: [[0, 0], [-1, 1]]
  max_loss: 0.9
  {design}
events:
  - id: one
    title: {{en: One, ko: 첫째}}
    when: 2025-01-27
    timing: pre
    kind: selloff
    expect: {{NVDA: down}}
    confounders: {{NVDA: {{date: 2025-01-27, reason: {{en: another cause, ko: 다른 원인}}}}}}
    claims:
      - {{ticker: NVDA, kind: close_to_close, date: 2025-01-27, stated: -17%}}
      - {{ticker: ARM, kind: premarket, date: 2025-01-27, stated: -10%}}
  - {{id: two, title: {{en: Two, ko: 둘째}}, when: 2025-10-06, timing: post, kind: deal, expect: {{AMD: up}}}}
  - {{id: three, title: {{en: Three, ko: 셋째}}, session: 2025-10-08, kind: deal}}
  - {{id: four, title: {{en: Four, ko: 넷째}}, when: 2025-09-20, kind: deal}}
  - {{id: five, title: {{en: Five, ko: 다섯째}}, when: 2026-11-10, kind: deal, tickers: [NVDA, XXX]}}
{more}"""
DESIGNS = {
    "regressions": (
        "regress: ['car ~ C(kind)']",
        "by: [kind]",
        "benchmarks: [[GOOGL, ORCL]]",
        "alternative: greater",
    ),
    "volume": ("measure: volume", "noise: ar1"),
    "volatility": ("measure: volatility", "model: mean", "placebo_history: estimation"),
    "garch": ("model: garch", "garch_dist: t", "returns: log", "mask_dates: {NVDA: [2024-11-21]}"),
    "peers": (
        *("model: peers", "peers: [GOOGL, ORCL, AAPL]", "mask_events: false", "placebo_history: all"),
        "quality: flag",
    ),
}  #: lines of the design


def study(folder: Path, name: str, more: str = "") -> Path:
    path, length = folder / f"{name}.yaml", 260 if name == "garch" else 130
    text = STUDY.format(design="\n  ".join(DESIGNS[name]), length=length, more=more)
    path.write_text(text, encoding="utf-8")
    return path


PRICES = REPOSITORY / "cache" / "snapshot"


def test_the_page_of_the_bundled_study_is_korean() -> None:
    assert english(bundled()) == set()


@pytest.mark.parametrize("name", [
    "regressions", *(pytest.param(each, marks=pytest.mark.more) for each in DESIGNS if each != "regressions"),
])  # fmt: skip
def test_the_page_of_a_study_is_korean(tmp_path: Path, name: str) -> None:
    """Of a study with skipped and confounded firm-events, claims, regressions, other models and measures."""
    result = es.run(study(tmp_path, name), prices=PRICES)
    events = result.tables["events"]
    assert {"ok", "skipped"} <= set(events["status"].to_pylist()) and any(events["confounders"].to_pylist())
    assert english(result) == set()


@pytest.mark.more
def test_the_page_of_specifications_is_korean(tmp_path: Path) -> None:
    grid = "robustness: {models: [market, mean], return_kinds: [simple, log]}\n"
    result = es.robustness(study(tmp_path, "regressions", grid), prices=PRICES)
    assert len(result.tables["specification_curves"])
    assert english(result) == set()


def test_english_is_found() -> None:
    """A sentence, a cell and a title of an axis; but no formula, source or command."""
    drawing = {400: {"encoding": {"x": {"title": "size of it"}}, "name": "view_1"}}
    figure = Figure("id", "막대", "그림", drawing, {"rows": {"n": 1, "columns": {"text": ["from a cell"]}}})
    source = Paragraph('<math>a b</math>모형 <span class="quiet">Fama et al.</span> and <b>more text</b>')
    found = list(strings((figure, source, Formula("eventstudy run"))))
    assert [RUN.findall(text) for text in found if RUN.search(text)] == [
        ["from a cell"], ["size of it"], ["and more text"]
    ]  # fmt: skip


@pytest.mark.process
def test_an_office_opens_the_korean_report(tmp_path: Path) -> None:
    """LibreOffice prints it with Korean letters."""
    office, reader = tool("OFFICE", "soffice"), tool("POPPLER", "pdftotext")
    save_report(es.run(study(tmp_path, "regressions"), prices=PRICES), tmp_path / "a.docx", "docx", "ko")
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    words = [office, profile, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, tmp_path / "a.docx"]
    subprocess.run(words, check=True, capture_output=True, timeout=300)
    text = subprocess.run(
        [reader, tmp_path / "a.pdf", "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "주요 결과" in text and "제외된 종목" in text
