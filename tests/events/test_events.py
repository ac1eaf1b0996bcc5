"""Study files: what is read out of them, and what is said about every way of getting one wrong."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from eventstudy.design import Benchmark, Design
from eventstudy.errors import EventsFileError, UsageError
from eventstudy.events import nodes
from eventstudy.events.claim import Claim, read_figure
from eventstudy.events.event import Confounder, Event, Evidence, Study
from eventstudy.events.form import DesignForm
from eventstudy.events.moments import read_when
from eventstudy.events.study_file import read_study

GOOD = """\
tickers: [NVDA, AMD]
events:
  - id: deal
    title: AMD and OpenAI
    when: 2025-10-06 07:00 America/New_York
    expect: {AMD: up}
"""

FULL = """\
design:
  model: mean
  estimation: -200:-21
  window: [-3, 3]
  car_windows: ["0:0", [-1, 1]]
  returns: log
  factors: [SMB]
  min_estimation: 0.5
  tests: [bmp_t]
  alternative: greater
  confidence: 0.9
  mask_events: true
  gaps: lump
  max_loss: 0.1
  seed: 7
tickers: [NVDA, ORCL]
benchmark: {ticker: SPY, exclude_self: {NVDA: 0.066}}
factors: {path: data/ff5.csv, unit: percent}
exchanges: {ORCL: XNYS, BTC: 24/7}
events:
  - id: first
    title: A deal
    when: 2025-09-22 11:30 America/New_York
    kind: deal
    benchmark: [QQQ, SMH]
    tickers: [AMD, NVDA]
    expect: {AMD: up, NVDA: down}
    confounders:
      AMD: {date: 2025-09-22, reason: results}
      NVDA: [{date: 2025-09-23, reason: one}, {date: 2025-09-24, reason: another}]
    background: yes
    evidence:
      - {card: a-card, needle: abc, basis: stated, note: seen}
      - {card: b-card, needle: def, basis: public}
    claims:
      - {ticker: ^IXIC, kind: close_to_close, date: 2025-09-22, stated: -6.36%, sessions: 3, bound: over}
      - {ticker: AMD, kind: sign, date: 2025-09-22, stated: up, card: b-card, needle: x}
  - {id: second, session: 2025-09-23}
  - {id: third, when: 2025-09-24, timing: session}
  - {id: fourth, when: 2025-09-25, timing: post}
"""


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "events.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def study_of(folder: Path, text: str | bytes) -> Study:
    return read_study(write(folder, text))


def problems_of(folder: Path, text: str | bytes) -> list[str]:
    """Return the lines of a refused file, from the line number on."""
    path = write(folder, text)
    with pytest.raises(EventsFileError) as caught:
        read_study(path)
    assert all("\n" not in problem for problem in caught.value.problems)
    return [problem.removeprefix(f"{path}:") for problem in caught.value.problems]


class TestReading:
    def test_the_least_a_file_needs(self, tmp_path: Path) -> None:
        study = study_of(tmp_path, GOOD)
        assert study.path == tmp_path / "events.yaml"
        assert study.tickers == ("NVDA", "AMD")
        assert study.design == Design()
        assert study.factors is None
        (event,) = study.events
        assert event == Event(
            id="deal",
            title="AMD and OpenAI",
            when=datetime(2025, 10, 6, 7, tzinfo=ZoneInfo("America/New_York")),
            expect={"AMD": "up"},
            line=3,
        )

    def test_everything_a_file_can_say(self, tmp_path: Path) -> None:
        study = study_of(tmp_path, FULL)
        assert study.design == Design(
            model="mean", estimation=(-200, -21), window=(-3, 3), car_windows=((0, 0), (-1, 1)),
            returns="log", factors=("SMB",), min_estimation=0.5, tests=("bmp_t",), alternative="greater",
            confidence=0.9, mask_events=True, gaps="lump", max_loss=0.1, seed=7,
            benchmark=Benchmark(("SPY",), (("NVDA", 0.066),), "self", drift=False),
        )  # fmt: skip
        assert study.factors is not None
        assert (study.factors.path, study.factors.unit) == (tmp_path / "data/ff5.csv", "percent")
        assert study.exchanges == {"ORCL": "XNYS", "BTC": "24/7"}
        first, second, third, fourth = study.events
        assert first.benchmark == Benchmark(("QQQ", "SMH"))
        assert first.tickers == ("AMD", "NVDA")
        assert first.background is True
        assert first.confounders == (
            Confounder("AMD", date(2025, 9, 22), "results"),
            Confounder("NVDA", date(2025, 9, 23), "one"),
            Confounder("NVDA", date(2025, 9, 24), "another"),
        )
        assert first.evidence == (
            Evidence("a-card", "abc", "stated", "seen"),
            Evidence("b-card", "def", "public"),
        )
        assert [claim.card for claim in first.claims] == ["a-card", "b-card"]
        assert first.claims[0].figure == (-0.0636, 0.00005, "return")
        assert (second.when, second.session, second.timing) == (date(2025, 9, 23), date(2025, 9, 23), None)
        assert (third.when, third.session, third.timing) == (date(2025, 9, 24), date(2025, 9, 24), None)
        assert (fourth.when, fourth.session, fourth.timing) == (date(2025, 9, 25), None, "post")
        assert [event.line for event in study.events] == [21, 38, 39, 40]

    def test_one_evidence_and_one_benchmark_need_no_brackets(self, tmp_path: Path) -> None:
        study = study_of(
            tmp_path,
            GOOD + "    evidence: {card: c, needle: n, basis: derived}\nbenchmark: ^GSPC\n",
        )
        assert study.events[0].evidence == (Evidence("c", "n", "derived"),)
        assert study.design.benchmark == Benchmark(("^GSPC",))

    def test_tickers_of_the_events_are_the_study_s_where_it_names_none(self, tmp_path: Path) -> None:
        events = "{id: a, when: 2025-01-02, tickers: [B, A]}, {id: b, when: 2025-01-02, tickers: [A, C]}"
        study = study_of(tmp_path, f"events: [{events}]\n")
        assert study.tickers == ("A", "B", "C"), "by name: the order of the events is of no account"

    def test_factor_columns_become_the_design_s(self, tmp_path: Path) -> None:
        study = study_of(tmp_path, GOOD + "factors: {path: f.csv, columns: [SMB, HML]}\n")
        assert study.design.factors == ("SMB", "HML")
        assert study.factors is not None
        assert study.factors.columns == ("SMB", "HML")

    @pytest.mark.parametrize("text", ["design:\n", "exchanges:\n", "design: {}\n", "design: ~\n"])
    def test_an_empty_block_says_nothing(self, tmp_path: Path, text: str) -> None:
        assert study_of(tmp_path, GOOD + text).design == Design()

    def test_a_byte_order_mark_and_windows_line_ends_are_read(self, tmp_path: Path) -> None:
        text = b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode()
        assert study_of(tmp_path, text).events[0].line == 3
        assert problems_of(tmp_path, text.replace(b"[NVDA, AMD]", b"AMD"))[0].startswith("1:10: tickers")

    def test_a_few_aliases_are_read(self, tmp_path: Path) -> None:
        text = GOOD.replace("[NVDA, AMD]", "&names [NVDA, AMD]") + "    tickers: *names\n"
        assert study_of(tmp_path, text).events[0].tickers == ("NVDA", "AMD")

    def test_columns_count_characters_not_bytes(self, tmp_path: Path) -> None:
        (problem,) = problems_of(tmp_path, "tickers: [A]\nevents:\n  - {id: 한국어, when: 어제}\n")
        assert problem.startswith("3:21: when: '어제'")

    def test_the_pure_python_parser_reads_alike(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with_c = study_of(tmp_path, FULL)
        monkeypatch.setattr(nodes, "LOADER", yaml.SafeLoader)
        assert study_of(tmp_path, FULL) == with_c

    def test_the_form_of_the_design_is_the_design(self) -> None:
        fields = {field.name: field.default for field in dataclasses.fields(Design)}
        form = {name: field.default for name, field in DesignForm.model_fields.items()}
        assert form == fields | {"benchmark": "SPY", "mask_dates": ""}


TICKERS = st.from_regex(r"[A-Za-z0-9^][A-Za-z0-9.^=_&-]{0,31}", fullmatch=True).filter(
    lambda ticker: ".." not in ticker
)


class TestTextStaysText:
    NAMES = "ON, NO, YES, TRUE, off, y, 700, 007, 0x1F, 1e5, 1_0, 2025-01-02, NaN, NA, NULL, ^GSPC, M&M, ES=F"

    def test_names_that_yaml_would_take_for_something_else(self, tmp_path: Path) -> None:
        study = study_of(tmp_path, GOOD.replace("[NVDA, AMD]", f"[AMD, {self.NAMES}]"))
        assert study.tickers == ("AMD", *self.NAMES.split(", "))

    def test_ids_and_labels_too(self, tmp_path: Path) -> None:
        study = study_of(tmp_path, GOOD.replace("id: deal", "id: 007\n    kind: 1e5"))
        assert (study.events[0].id, study.events[0].kind) == ("007", "1e5")

    @given(tickers=st.lists(TICKERS, min_size=1, max_size=8, unique=True), quoted=st.booleans())
    def test_any_ticker_comes_back_as_written(
        self, tmp_path_factory: pytest.TempPathFactory, tickers: list[str], quoted: bool
    ) -> None:
        shown = [f"'{t}'" if quoted or t in ("null", "~") else t for t in tickers]
        text = (
            "tickers:\n"
            + "".join(f"  - {name}\n" for name in shown)
            + "events: [{id: a, when: 2025-01-02}]\n"
        )
        assert study_of(tmp_path_factory.mktemp("study"), text).tickers == tuple(tickers)

    @given(title=st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1))
    def test_any_title_comes_back_as_written(
        self, tmp_path_factory: pytest.TempPathFactory, title: str
    ) -> None:
        quoted = "'" + title.replace("'", "''") + "'"
        study = study_of(tmp_path_factory.mktemp("study"), GOOD.replace("AMD and OpenAI", quoted))
        assert study.events[0].title == title


class TestWhen:
    NEW_YORK = ZoneInfo("America/New_York")

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("2024-02-29", date(2024, 2, 29)),
            ("2024-02-08 21:00 America/New_York", datetime(2024, 2, 8, 21, tzinfo=NEW_YORK)),
            ("2024-02-08T21:00:30.5 America/New_York", datetime(2024, 2, 8, 21, 0, 30, 500000, NEW_YORK)),
            ("2024-02-08T21:00-05:00", datetime(2024, 2, 8, 21, tzinfo=timezone(-timedelta(hours=5)))),
            ("2024-02-08 21:00 +0900", datetime(2024, 2, 8, 21, tzinfo=timezone(timedelta(hours=9)))),
            ("2024-02-08T21:00:00Z", datetime(2024, 2, 8, 21, tzinfo=UTC)),
            ("2024-02-08 21:00 UTC", datetime(2024, 2, 8, 21, tzinfo=UTC)),
            ("2024-11-03T01:30-05:00", datetime(2024, 11, 3, 6, 30, tzinfo=UTC)),
        ],
    )
    def test_is_read(self, text: str, expected: date) -> None:
        assert read_when(text) == expected
        assert type(read_when(text)) is type(expected)

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("2025-02-30", ["no day 30", "28 days"]),
            ("2024-02-30", ["no day 30", "29 days"]),
            ("2025-13-02", ["no month 13"]),
            ("2025-00-02", ["no month 00"]),
            ("0202-01-02", ["year 0202"]),
            ("2025-1-2", ["YYYY-MM-DD"]),
            ("02.01.2025", ["YYYY-MM-DD"]),
            ("2025-0102", ["YYYY-MM-DD"]),
            ("2025-W02-1", ["YYYY-MM-DD"]),
            ("yesterday", ["YYYY-MM-DD"]),
            ("\u0662\u0660\u0662\u0665-01-02", ["YYYY-MM-DD"]),
            ("2025-01-02 9:30 America/New_York", ["is not a time", "21:00 America/New_York"]),
            ("2025-01-02 25:00 America/New_York", ["no time 25:00"]),
            ("2025-01-02 21:60Z", ["no time 21:60"]),
            ("2025-01-02 21:00", ["no time zone", "'2025-01-02 21:00 America/New_York'", "date alone"]),
            ("2025-01-02 21:00 ET", ["did you mean America/New_York"]),
            ("2025-01-02 21:00 EST", ["did you mean America/New_York"]),
            ("2025-01-02 21:00 KST", ["did you mean Asia/Seoul"]),
            ("2025-01-02 21:00 America/NewYork", ["did you mean America/New_York"]),
            ("2025-01-02 21:00 New York", ["did you mean America/New_York"]),
            ("2025-01-02 21:00 america/new_york", ["did you mean America/New_York"]),
            ("2025-01-02 21:00 America/", ["not known"]),
            ("2025-01-02 21:00 ../../etc/passwd", ["not known"]),
            ("2025-01-02 21:00 posix/America/New_York", ["not known"]),
            ("2025-01-02 21:00+25:00", ["+25:00 does not exist"]),
            ("2025-03-09 02:30 America/New_York", ["does not exist", "03:30"]),
            ("2025-11-02 01:30 America/New_York", ["twice", "T01:30-04:00 or 2025-11-02T01:30-05:00"]),
        ],
    )  # fmt: skip
    def test_is_refused_with_the_remedy(self, text: str, words: list[str]) -> None:
        with pytest.raises(UsageError) as caught:
            read_when(text)
        assert all(word in str(caught.value) for word in words), str(caught.value)


#: in GOOD, what is put in place of what; where the mistake is; words that must be said
MISTAKES = [
    # YAML itself
    ("    when", "\twhen", "5:1", ["tab", "spaces"]),
    ("[NVDA, AMD]", "[NVDA, AMD", "1:10", ["[ is never closed"]),
    ("{AMD: up}", "{AMD: up", "6:13", ["{ is never closed"]),
    ("AMD and OpenAI", '"AMD and OpenAI', "4:12", ["quotation mark"]),
    ("AMD and OpenAI", "AMD: and OpenAI", "4:15", ["': '", "quotes"]),
    ("AMD and OpenAI", "@AMD and OpenAI", "4:12", ["quotes"]),
    ("    title", "   title", "4:4", ["not valid YAML"]),
    ("    title: AMD and OpenAI", "    title", "4:5", ["not valid YAML", "': '"]),
    ("AMD and OpenAI", "AMD \x07 OpenAI", "4:16", ["U+0007"]),
    ("AMD and OpenAI", "!!python/object/apply:os.system [ls]", "4:12", ["!!python/object/apply:os.system"]),
    ("AMD and OpenAI", "!secret x", "4:12", ["!secret", "not supported"]),
    ("AMD and OpenAI", "*missing", "4:12", ["*missing", "&missing"]),
    ("    title: AMD", "    <<: {id: x}\n    title: AMD", "4:5", ["merge keys"]),
    ("    title: AMD", "    ? [a]\n    : b\n    title: AMD", "4:7", ["key must be plain text"]),
    ("    title: AMD", "    id: again\n    title: AMD", "4:5", ["'id'", "twice", "line 3"]),
    ("events:", "---\nevents:", "2:1", ["second document"]),
    # keys
    ("    title", "    titel", "4:5", ["unknown key 'titel'", "did you mean 'title'", "evidence"]),
    ("events:", "desing: {}\nevents:", "2:1", ["'desing'", "did you mean 'design'"]),
    ("events:", "design: {windw: [-5, 5]}\nevents:", "2:10", ["'windw'", "did you mean 'window'"]),
    ("  - id: deal\n    title", "  - title", "3:5", ["id is missing", "id: amd-openai-deal"]),
    ("    when: 2025-10-06 07:00 America/New_York\n", "", "3:5", ["when", "session"]),
    ("events:", "evnts:", "1:1", ["events is missing", "eventstudy init"]),
    ("AMD and OpenAI", "", "4:5", ["title is empty", "remove the line"]),
    ("AMD and OpenAI", "[a, b]", "4:12", ["title", "must be text", "a list"]),
    ("{AMD: up}", "up", "6:13", ["expect", "mapping", "'up'"]),
    # dates
    ("2025-10-06 07:00 America/New_York", "2025-13-02", "5:11", ["month 13"]),
    ("2025-10-06 07:00 America/New_York", "2025-02-30", "5:11", ["day 30", "28 days"]),
    ("07:00 America/New_York", "07:00", "5:11", ["no time zone", "America/New_York"]),
    ("America/New_York", "America/New_Yrok", "5:11", ["did you mean America/New_York"]),
    ("2025-10-06 07:00", "2025-03-09 02:30", "5:11", ["does not exist", "03:30"]),
    ("2025-10-06 07:00", "2025-11-02 01:30", "5:11", ["twice", "-04:00"]),
    ("    expect", "    timing: afternoon\n    expect", "6:13", ["'afternoon'", "pre, regular, post"]),
    ("    expect", "    timing: session\n    expect", "6:13", ["date", "without a time"]),
    (
        "    expect",
        "    session: 2025-10-06\n    timing: pre\n    expect",
        "7:13",
        ["day 0 itself", "remove"],
    ),
    ("    expect", "    session: 2025-09-30\n    expect", "6:14", ["before 2025-10-06"]),
    ("    expect", "    session: 2025-10-06 09:30\n    expect", "6:14", ["time of day", "2025-10-06"]),
    # ids and tickers
    ("id: deal", "id: a/b", "3:9", ["'a/b'", "file names"]),
    ("id: deal", "id: ../up", "3:9", ["'../up'"]),
    ("id: deal", "id: a..b", "3:9", ["'a..b'", "dot"]),
    ("id: deal", "id: ' deal'", "3:9", ["blank"]),
    ("id: deal", 'id: "de\\u0000al"', "3:9", ["control"]),
    ("id: deal", 'id: "de\\u200bal"', "3:9", ["invisible"]),
    ("id: deal", f"id: {'x' * 101}", "3:9", ["101 characters"]),
    ("[NVDA, AMD]", "[AMD, ../B]", "1:16", ["'../B'", "NVDA"]),
    ("[NVDA, AMD]", "[AMD, ..]", "1:16", ["'..'"]),
    ("events:", "exchanges: {/B: XNYS}\nevents:", "2:13", ["'/B'"]),
    ("[NVDA, AMD]", "[AMD, '']", "1:16", ["ticker is empty"]),
    ("[NVDA, AMD]", f"[AMD, {'A' * 65}]", "1:16", ["1 to 64"]),
    ("[NVDA, AMD]", "[AMD, NVDA, AMD]", "1:22", ["'AMD'", "twice"]),
    ("[NVDA, AMD]", "AMD", "1:10", ["must be a list", "[AMD]"]),
    ("[NVDA, AMD]", "", "3:5", ["no tickers", "tickers: [NVDA, AMD]"]),
    ("tickers: [NVDA, AMD]\n", "", "2:5", ["no tickers"]),
    ("    expect", "    tickers: [AMD, AMD]\n    expect", "6:20", ["'AMD'", "twice"]),
    # what is said about tickers
    ("{AMD: up}", "{AMD: higher}", "6:19", ["'higher'", "up, down"]),
    ("{AMD: up}", "{ORCL: up}", "6:14", ["'ORCL'", "['NVDA', 'AMD']"]),
    ("expect: {AMD: up}", "confounders: {ORCL: {date: 2025-10-06, reason: x}}", "6:19", ["'ORCL'"]),
    ("expect: {AMD: up}", "confounders: {AMD: {date: 2025-02-30, reason: x}}", "6:31", ["day 30"]),
    ("expect: {AMD: up}", "confounders: {AMD: [{date: 2025-10-06}]}", "6:25", ["reason is missing"]),
    ("expect: {AMD: up}", "background: perhaps", "6:17", ["'perhaps'", "true nor false"]),
    ("expect: {AMD: up}", "evidence: {card: c, needel: n, basis: stated}", "6:25", ["'needel'", "'needle'"]),
    ("expect: {AMD: up}", "evidence: [{card: c, needle: n, basis: said}]", "6:44", ["'said'", "derived"]),
    (
        "expect: {AMD: up}",
        "evidence: {card: c, needle: 5,000 x, basis: stated}",
        "6:35",
        ["'000 x'", "quotes"],
    ),
    # claims
    (
        "expect: {AMD: up}",
        "claims: [{ticker: A, kind: sgn, date: 2025-10-06, stated: up}]",
        "6:32",
        ["'sign'"],
    ),
    (
        "expect: {AMD: up}",
        "claims: [{ticker: A, kind: sign, date: 2025-10-06, stated: '5%'}]",
        "6:14",
        ["up or down"],
    ),
    (
        "expect: {AMD: up}",
        "claims: [{ticker: A, kind: sign, date: 2025-10-06}]",
        "6:14",
        ["stated is missing"],
    ),
    # the study
    ("events:", "benchmark: [SPY, SPY]\nevents:", "2:12", ["twice"]),
    ("events:", "benchmark: {ticker: SPY, exclude: event}\nevents:", "2:12", ["needs weights", "estimate"]),
    (
        "events:",
        "benchmark: {ticker: SPY, exclude: self, weights: most}\nevents:",
        "2:50",
        ["'most'", "estimate"],
    ),
    ("events:", "benchmark:\nevents:", "2:1", ["is empty", "benchmark: none"]),
    ("events:", "benchmarks: [none]\nevents:", "2:14", ["the study as a whole"]),
    ("events:", "benchmarks: [A, B, A]\nevents:", "2:13", ["A is listed twice"]),
    ("events:", "benchmark: {ticker: SPY, exclude_self: {AMD: 2}}\nevents:", "2:12", ["between 0 and 1"]),
    ("events:", "benchmark: SPY\ndesign: {benchmark: QQQ}\nevents:", "3:10", ["keep one"]),
    ("events:", "factors: {path: f, columns: [A]}\ndesign: {factors: [B]}\nevents:", "3:10", ["keep one"]),
    ("events:", "factors: {path: f, unit: bps}\nevents:", "2:26", ["'bps'", "percent, decimal"]),
    ("events:", "exchanges: {AMD: XNYX}\nevents:", "2:18", ["unknown exchange 'XNYX'", "'XNYS'", "XKRX"]),
    ("events:", "design: {window: 5}\nevents:", "2:18", ["'5' is not a window", "-5:5"]),
    ("events:", "design: {window: [-5, 5.5]}\nevents:", "2:18", ["is not a window"]),
    ("events:", "design: {window: [5, -5]}\nevents:", "2:18", ["ends before it starts"]),
    ("events:", "design: {estimation: '-260:-1'}\nevents:", "2:22", ["must end before the event window"]),
    ("events:", "design: {car_windows: [[0, 9]]}\nevents:", "2:23", ["inside the event window"]),
    ("events:", "design: {confidence: 95}\nevents:", "2:22", ["between 0 and 1"]),
    ("events:", "design: {confidence: high}\nevents:", "2:22", ["'high' is not a number"]),
    ("events:", "design: {max_loss: .inf}\nevents:", "2:20", ["not a"]),
    ("events:", "design: {min_estimation: inf}\nevents:", "2:26", ["sessions", "share"]),
    ("events:", "design: {seed: 1.5}\nevents:", "2:16", ["whole number"]),
    ("events:", "design: {returns: Log}\nevents:", "2:19", ["'Log'", "simple, log"]),
]


@pytest.mark.parametrize(("old", "new", "place", "words"), MISTAKES, ids=lambda value: str(value)[:40])
def test_a_mistake_is_told_with_its_place(
    tmp_path: Path, old: str, new: str, place: str, words: list[str]
) -> None:
    assert old in GOOD
    problems = problems_of(tmp_path, GOOD.replace(old, new, 1))
    at_place = [problem for problem in problems if problem.startswith(f"{place}: ")]
    assert any(all(word in problem for word in words) for problem in at_place), problems


FILES = [
    (b"", "1:1", ["empty", "eventstudy init"]),
    (b"# nothing but a remark\n", "1:1", ["empty"]),
    (b"- a\n- b\n", "1:1", ["holds a list", "events:"]),
    (b"just words\n", "1:1", ["holds text"]),
    (b"events: []\n", "1:9", ["events", "empty list", "eventstudy init"]),
    (b"events: {}\n", "1:9", ["events", "must be a list"]),
    (b"events: [deal]\n", "1:10", ["mapping", "'deal'"]),
    (b"events:\n", "1:1", ["events is empty", "at least one event"]),
    ("tickers: [삼성]\n".encode("euc-kr"), "1:11", ["not UTF-8"]),
    ("tickers: [A]\n".encode("utf-16"), "1:1", ["UTF-16", "UTF-8"]),
    (b"tickers: [\x00A]\n", "1:11", ["U+0000"]),
    (b"a: " + b"[" * 200_000, "1:20", ["16 levels"]),
    (b"a: &a [1, 2]\n" + b"b: [" + b"*a, " * 101 + b"]\n", "2:405", ["100 aliases"]),
    (
        b"a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + b"".join(b"a%d: &a%d [%s]\n" % (i, i, b", ".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 9)),
        "6:",
        ["500,000 values"],
    ),
]


@pytest.mark.parametrize(("content", "place", "words"), FILES, ids=lambda value: str(value)[:30])
def test_a_file_that_is_none_is_refused(tmp_path: Path, content: bytes, place: str, words: list[str]) -> None:
    problem = problems_of(tmp_path, content)[0]
    assert problem.startswith(place), problem
    assert all(word in problem for word in words), problem


@pytest.mark.parametrize("loader", [yaml.SafeLoader, getattr(yaml, "CSafeLoader", yaml.SafeLoader)])
@pytest.mark.parametrize(("old", "new", "place", "words"), MISTAKES[:16], ids=lambda value: str(value)[:30])
def test_both_parsers_complain_alike(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    loader: type,
    old: str,
    new: str,
    place: str,
    words: list[str],
) -> None:
    monkeypatch.setattr(nodes, "LOADER", loader)
    test_a_mistake_is_told_with_its_place(tmp_path, old, new, place, words)


class TestTheWholeFile:
    def test_every_mistake_is_listed_in_reading_order(self, tmp_path: Path) -> None:
        text = (
            "tickers: [NVDA, NVDA]\n"
            "design: {seed: x}\n"
            "events:\n"
            "  - {id: a, when: 2025-13-02, expect: {ORCL: up}}\n"
            "  - {id: a, when: 2025-01-02, titel: x}\n"
            "  - {when: 2025-01-02}\n"
        )
        problems = problems_of(tmp_path, text)
        assert [problem.split(" ")[0] for problem in problems] == [
            "1:17:", "2:16:", "4:19:", "4:40:", "5:10:", "5:31:", "6:5:",
        ]  # fmt: skip

    def test_the_sentence_speaks_of_the_first_and_counts_the_rest(self, tmp_path: Path) -> None:
        path = write(tmp_path, GOOD.replace("title", "titel").replace("up}", "upp}"))
        with pytest.raises(EventsFileError) as caught:
            read_study(path)
        error = caught.value
        assert (error.path, error.line, error.column, error.exit_code) == (path, 4, 5, 3)
        assert str(error).startswith(f"{path}:4:5: unknown key 'titel'")
        assert str(error).endswith("(and 1 more: eventstudy events check lists them)")
        assert error.problems[1].startswith(f"{path}:6:19: ")

    def test_a_repeated_id_names_the_line_of_the_first(self, tmp_path: Path) -> None:
        (problem,) = problems_of(tmp_path, GOOD + "  - {id: deal, when: 2025-01-02}\n")
        assert problem.startswith("7:10: ")
        assert "line 3" in problem

    def test_a_missing_file_names_init(self, tmp_path: Path) -> None:
        with pytest.raises(
            EventsFileError, match=r"events\.yaml: there is no such file; eventstudy init DIR"
        ):
            read_study(tmp_path / "events.yaml")

    def test_a_folder_names_the_file_in_it(self, tmp_path: Path) -> None:
        with pytest.raises(
            EventsFileError, match=r"is a folder; name the study file, such as .*events\.yaml"
        ):
            read_study(tmp_path)

    def test_a_table_is_not_a_study_file(self, tmp_path: Path) -> None:
        with pytest.raises(EventsFileError, match="is an event table"):
            read_study(tmp_path / "events.csv")

    def test_a_file_that_is_too_large_points_to_tables(self, tmp_path: Path) -> None:
        with pytest.raises(EventsFileError, match="CSV or Parquet"):
            study_of(tmp_path, b"# " + b"x" * nodes.MAX_BYTES)

    def test_a_page_of_text_is_not_repeated(self, tmp_path: Path) -> None:
        (problem,) = problems_of(tmp_path, GOOD.replace("2025-10-06 07:00 America/New_York", "x" * 10_000))
        assert len(problem) < 1000


class TestNouns:
    def test_text_is_read_as_in_a_file(self) -> None:
        event = Event("deal", "2025-10-06 07:00 America/New_York", session="2025-10-06")  # type: ignore[arg-type]
        assert event.when == datetime(2025, 10, 6, 11, tzinfo=UTC)
        assert event.session == date(2025, 10, 6)

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"id": "a/b"}, "file names"),
            ({"when": datetime(2025, 1, 2, 9)}, "no time zone"),
            ({"session": datetime(2025, 1, 2, tzinfo=UTC)}, "day 0 is a date"),
            ({"tickers": (" A",)}, "' A'"),
            ({"timing": "session"}, "unknown timing"),
            ({"expect": {"A": "sideways"}}, "unknown direction"),
        ],
    )
    def test_an_event_that_is_none_is_refused(self, change: dict[str, object], words: str) -> None:
        with pytest.raises(UsageError, match=words):
            Event(**({"id": "deal", "when": date(2025, 1, 2)} | change))  # type: ignore[arg-type]

    CLAIM: ClassVar = {
        "ticker": "NVDA",
        "kind": "close_to_close",
        "on": date(2025, 1, 27),
        "stated": "-6.36%",
    }
    DAYS = (date(2025, 6, 1), date(2025, 5, 1))

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ({"ticker": "/B"}, "'/B'"),
            ({"kind": "rumour"}, "unknown claim kind"),
            ({"bound": "nearly"}, "unknown bound"),
            ({"stated": "much"}, "write a figure such as -6.36%"),
            ({"stated": "125"}, "states a return"),
            ({"sessions": 0}, "at least 1"),
            ({"at": "10:00"}, "at does not go with"),
            ({"kind": "intraday"}, "needs at"),
            ({"kind": "intraday", "at": "ten"}, "write the exchange's local time"),
            ({"kind": "intraday", "at": "10:00", "sessions": 2}, "sessions does not go with"),
            ({"kind": "since_range", "stated": "60%"}, "needs since"),
            ({"kind": "since_range", "since": DAYS}, "first and the last"),
            ({"kind": "market_value", "since": (date(2025, 1, 2),)}, "states money"),
            ({"kind": "since_range", "since": (date(2025, 1, 1), date(2025, 2, 1))}, "not before 2025-01-27"),
            ({"kind": "sign"}, "states up or down"),
        ],
    )  # fmt: skip
    def test_a_claim_that_is_none_is_refused(self, change: dict[str, object], words: str) -> None:
        with pytest.raises(UsageError, match=words):
            Claim(**(self.CLAIM | change))  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("text", "figure"),
        [
            ("-6.36%", (-0.0636, 0.00005, "return")),
            ("\N{MINUS SIGN}6.36%", (-0.0636, 0.00005, "return")),
            ("+60%", (0.6, 0.005, "return")),
            ("3.0 %", (0.03, 0.0005, "return")),
            ("125", (125.0, 0.5, "level")),
            ("1,234.50 dollars", (1234.5, 0.005, "level")),
            ("-315 billion dollars", (-315e9, 0.5e9, "money")),
            ("4.5 trillion", (4.5e12, 0.05e12, "money")),
        ],
    )
    def test_a_figure_keeps_its_precision(self, text: str, figure: tuple[float, float, str]) -> None:
        assert read_figure(text) == figure


def test_the_package_loads_its_readers_only_when_asked() -> None:
    code = "import sys, eventstudy.events.event; print(*{'yaml', 'pydantic', 'pandas'} & {*sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == ""
