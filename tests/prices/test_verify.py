"""`prices verify`: what the rules find, and where two sources of the same prices disagree and why."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from commands import fingerprint, said
from price_walks import YEARS, before, series, walk

from eventstudy._typing import FloatArray
from eventstudy.prices import opening
from eventstudy.prices.files.source import DirectorySource
from eventstudy.prices.series import between
from eventstudy.prices.source import Finding, PriceSeries
from eventstudy.soundness.cross_check import CAUSES, compare_series

AT = 400
NAMES = ("here", "there")
MIN_IN_BOTH = 9  # the five securities, SPY and the basket without them


def compared(one: dict[str, FloatArray], other: dict[str, FloatArray], **options: Any) -> list[Finding]:
    return compare_series(series(one), series(other), NAMES, **options)


def one(found: list[Finding]) -> Finding:
    (single,) = found
    assert (single.ticker, single.rule) == ("AAA", "disagreement")
    return single


def test_a_series_agrees_with_itself() -> None:
    assert compared(walk(), walk()) == []
    scaled = {name: values * 0.37 for name, values in walk().items()}  # another base, the same returns
    assert compared(walk(), scaled) == []


def test_what_each_disagreement_looks_like() -> None:
    """The session, both returns and the cause, for every cause there is."""
    columns = walk()
    paid = {name: values.copy() for name, values in columns.items()}
    paid["dividend"][AT] = 0.02 * columns["close"][AT - 1]
    wrong = {name: values.copy() for name, values in columns.items()}
    wrong["close"][AT] *= 1.03
    late = {name: np.concatenate([values[:1], values[:-1]]) for name, values in columns.items()}
    cases = {
        "unit": (before(columns, AT, 100), "there changes its unit"),
        "split": (before(columns, AT, 2), "there has not applied a 2:1 split, or its reverse"),
        "dividend": (paid, "here lacks the dividend of"),
        "close": (wrong, "one close differs"),
        "level": (before(columns, AT, 1.07), "the levels differ from here on"),
        "shift": (late, "there is a session behind"),
    }
    assert set(cases) == set(CAUSES)
    for cause, (other, words) in cases.items():
        told = [f for f in compared(columns, other) if words in f.detail]
        assert {f.severity for f in told} == {CAUSES[cause]}, cause
        if cause != "shift":
            assert one(compared(columns, other)).session == YEARS[AT].astype(date)
    here = columns["close"][AT] / columns["close"][AT - 1] - 1
    there = wrong["close"][AT] / wrong["close"][AT - 1] - 1
    assert f"here {here:+.2%}, there {there:+.2%}: " in one(compared(columns, wrong)).detail


def test_a_shift_by_a_day_is_told_once_with_its_number() -> None:
    columns = walk()
    late = {name: np.concatenate([values[:1], values[:-1]]) for name, values in columns.items()}
    shift = next(f for f in compared(columns, late) if "a session behind" in f.detail)
    number = int(shift.detail.split("the first of ")[1].split()[0])
    assert number > 0.95 * len(YEARS)


def test_a_dividend_that_differs_or_that_one_source_does_not_know() -> None:
    columns = walk()
    paid = columns | {"dividend": columns["dividend"].copy()}
    paid["dividend"][AT] = 0.02 * columns["close"][AT - 1]
    more = paid | {"dividend": 1.5 * paid["dividend"]}
    assert "dividends of" in one(compared(paid, more)).detail
    index = {name: values for name, values in columns.items() if name != "dividend"}
    assert "there lacks the dividend of" in one(compared(paid, index)).detail
    adjusted = {"adj_close": columns["close"] * np.where(np.arange(len(YEARS)) < AT, 0.98, 1.0)}
    assert compared(paid, adjusted) == []  # both know it


def test_the_tolerance_is_the_callers() -> None:
    wrong = {name: values.copy() for name, values in walk().items()}
    wrong["close"][AT] *= 1.001
    assert one(compared(walk(), wrong)).session == YEARS[AT].astype(date)
    assert compared(walk(), wrong, tolerance=0.0015) == []


def test_sessions_that_one_source_has_alone() -> None:
    whole = series(walk())
    hole = replace(whole, close=np.where(np.arange(len(YEARS)) == AT, np.nan, whole.close))
    found = one(compare_series(whole, hole, NAMES))
    assert (found.session, found.detail) == (YEARS[AT].astype(date), "only here has a close")
    early, late = (
        between(whole, date(2022, 1, 1), date(2022, 6, 30)),
        between(whole, date(2023, 1, 1), date(2024, 1, 1)),
    )
    assert one(compare_series(early, late, NAMES)).detail == "here and there share no session"
    assert compare_series(early, whole, NAMES) == []


def test_the_reference_prices_agree_with_the_other_files(shared: Path) -> None:
    ours, theirs = DirectorySource(shared / "prices"), DirectorySource(shared / "reference_prices")
    both = sorted(set(ours.tickers()) & set(theirs.tickers()))
    assert len(both) >= MIN_IN_BOTH
    for name in both:
        assert compare_series(ours.whole(name), theirs.whole(name), NAMES) == []


class TestCommand:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Return a folder of three series, one of them with an error and one with a warning."""
        broken, stale = walk(11), walk(12)
        broken["close"][AT] *= 100
        stale["close"][AT] = stale["close"][AT - 1]
        stale["volume"][AT] = 0
        for name, columns in {"AAA": walk(10), "BBB": broken, "CCC": stale}.items():
            lines = [",".join(["date", *columns])]
            rows = zip(YEARS.astype(str), *columns.values(), strict=True)
            lines += [",".join(map(str, row)) for row in rows]
            (tmp_path / "prices").mkdir(exist_ok=True)
            (tmp_path / "prices" / f"{name}.csv").write_text("\n".join(lines), encoding="utf-8")
        return tmp_path

    def test_it_lists_the_findings_and_writes_nothing(self, folder: Path) -> None:
        before_it = fingerprint(folder)
        done = said("prices", "verify", "--prices", "prices", cwd=folder)
        assert done.code == 0
        assert "3 series checked: " in done.out
        for row in (("BBB", "error", "unit-jump"), ("CCC", "warning", "stale-run")):
            assert any(all(word in line for word in (*row, str(YEARS[AT]))) for line in done.out.splitlines())
        assert fingerprint(folder) == before_it

    def test_json_and_named_tickers(self, folder: Path) -> None:
        document = said("prices", "verify", "CCC", "--prices", "prices", "--json", cwd=folder).document
        assert [entry["ticker"] for entry in document["series"]] == ["CCC"]
        assert [(f["rule"], f["session"]) for f in document["findings"]] == [("stale-run", str(YEARS[AT]))]
        assert document["failures"] == {}

    def test_strict_fails_on_an_error_and_on_nothing_less(self, folder: Path) -> None:
        done = said("prices", "verify", "--prices", "prices", "--strict", cwd=folder)
        assert done.code == 4
        assert "error: BBB: " in done.err and "findings are errors" in done.err
        assert "unit-jump" in done.out  # the table comes first
        assert said("prices", "verify", "AAA", "CCC", "--prices", "prices", "--strict", cwd=folder).code == 0

    def test_what_cannot_be_read_is_never_passed_over(self, folder: Path) -> None:
        (folder / "prices" / "DDD.csv").write_text("date,close\n2024-01-02,x\n", encoding="utf-8")
        done = said("prices", "verify", "--prices", "prices", cwd=folder)
        assert done.code == 4
        assert "DDD" in done.err and "1 series could not be verified" in done.err

    def test_two_folders_compared(self, folder: Path) -> None:
        shutil.copytree(folder / "prices", folder / "other")
        columns = walk(10)
        columns["close"][AT] *= 1.02
        rows = [f"{day},{close}" for day, close in zip(YEARS, columns["close"], strict=True)]
        (folder / "other" / "AAA.csv").write_text("date,close\n" + "\n".join(rows), encoding="utf-8")
        done = said("prices", "verify", "--prices", "prices", "--against", "other", "--json", cwd=folder)
        (found,) = done.document["findings"]
        assert (found["ticker"], found["rule"], found["session"]) == ("AAA", "disagreement", str(YEARS[AT]))
        assert "one close differs" in found["detail"]
        loose = ("prices", "verify", "--prices", "prices", "--against", "other", "--tolerance", "0.03")
        assert "3 series compared with other: 0 findings." in said(*loose, cwd=folder).out
        (folder / "other" / "CCC.csv").unlink()
        done = said("prices", "verify", "--prices", "prices", "--against", "other", cwd=folder)
        assert done.code == 4 and "CCC" in done.err

    def test_the_bundled_study_is_clean_and_agrees_with_the_files_of_record(
        self, repo: Path, shared: Path, tmp_path: Path
    ) -> None:
        shutil.copy(repo / "events.yaml", tmp_path)
        shutil.copytree(repo / "seeds", tmp_path / "seeds")
        shutil.copytree(repo / "cache" / "snapshot", tmp_path / "cache" / "snapshot")
        plain = said("prices", "verify", "--offline", cwd=tmp_path)
        assert (plain.code, plain.out) == (0, "6 series checked: 0 findings.\n")
        other = said("prices", "verify", "--offline", "--against", shared / "prices", "--json", cwd=tmp_path)
        assert (other.code, other.document["findings"]) == (0, [])

    def test_yahoo_is_asked_anew_and_nothing_of_it_is_kept(
        self, folder: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        @dataclass
        class Fake:
            def fetch(
                self, tickers: Iterable[str], start: date, end: date
            ) -> Iterator[tuple[str, PriceSeries]]:
                asked = {"asked_from": "2000-01-01", "asked_to": "2025-01-31", "sha256": ""}
                for name in tickers:
                    columns = walk(10)
                    columns["dividend"][AT] = 1.0
                    yield name, replace(series(columns, name), source="yahoo", origin=asked)

        monkeypatch.setattr(opening, "_yahoo", Fake)
        before_it = fingerprint(folder)
        words = ("prices", "verify", "AAA", "--prices", "prices", "--against", "yahoo", "--json")
        (found,) = said(*words, cwd=folder).document["findings"]
        assert "prices lacks the dividend of 1" in found["detail"]
        assert fingerprint(folder) == before_it

    def test_odd_words_are_refused(self, folder: Path) -> None:
        for words in (("--tolerance", "0"), ("--against", "nowhere"), ("--prices", "nowhere")):
            done = said("prices", "verify", "AAA", "--offline", *words, cwd=folder)
            assert done.code == 2, words

    def test_without_a_study_all_that_is_stored(self, folder: Path) -> None:
        for cache in ("empty", "stored"):
            if cache == "stored":
                assert said("prices", "import", "prices", "--cache", cache, cwd=folder).code == 0
            done = said("prices", "verify", "--cache", cache, "--offline", cwd=folder)
            assert done.code == 0
            assert done.out.splitlines()[-1].startswith(f"{3 if cache == 'stored' else 0} series checked")
