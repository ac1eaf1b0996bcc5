"""A study in two languages: each page, view and list says its texts in its own language."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from pages import bundled_page
from panels import REPOSITORY, bundled

from eventstudy.design import Benchmark
from eventstudy.errors import EventsFileError, UsageError
from eventstudy.events.event import Event
from eventstudy.events.study_file import read_study
from eventstudy.results.naming import benchmark_name, event_name, group_name, model_name, sentence_of
from eventstudy.results.view import ResultView
from eventstudy.words.by_language import in_language
from eventstudy.words.sentences import Translator

STUDY = "title: {title}\ntickers: [AAA]\nevents:\n  - id: one\n    title: {title}\n    when: 2024-05-07\n"


def texts(lang: str) -> list[str]:
    """Return titles, summaries, notes and known news of the bundled study in a language."""
    manifest = bundled().manifest
    own, articles = manifest["texts"], manifest["articles"]
    found = [own["title"], *own["titles"].values(), *own["phrases"]]
    found += [card["reports"] for card in articles["cards"].values()]
    found += [cited["note"] for listed in articles["events"].values() for cited in listed if cited["note"]]
    return [in_language(each, lang) for each in found]


def shown(lang: str) -> str:
    page = bundled_page(lang).read_text("utf-8").partition('<script id="report-library"')[0]
    return html.unescape(page)


@pytest.mark.parametrize(("lang", "other"), [("ko", "en"), ("en", "ko")])
def test_the_page_has_the_texts_of_its_language_and_no_others(lang: str, other: str) -> None:
    page, measured = shown(lang), {row["event_id"] for row in bundled().view(lang).measured}
    assert len(measured) > 20
    for event in measured:
        assert in_language(bundled().manifest["texts"]["titles"][event], lang) in page
    assert [text for text in texts(other) if text in page] == []


def test_the_view_says_the_program_s_sentences_in_korean() -> None:
    view = bundled().view("ko")
    row = next(
        row for row in view.firm_events if (row["event_id"], row["ticker"]) == ("gemini-3-launch", "NVDA")
    )
    assert row["session_note"] == "장중"
    assert "엔비디아 실적 발표(2거래일 후)" in sentence_of(view, row["confounders"])
    assert view.kind("deal") == "계약·투자" and view.kind("other") == "other"


def test_groups_and_benchmarks_are_named_in_each_language() -> None:
    english, korean = bundled().view("en"), bundled().view("ko")
    assert group_name(english, "expected", "as expected") == "as expected"
    assert group_name(korean, "expected", "as expected") == "예상 방향 기준"
    assert group_name(korean, "kind", "deal") == "계약·투자"
    assert (event_name(english, "gemini-3-launch"), event_name(korean, "gemini-3-launch")) == (
        "gemini-3-launch", "구글, 제미나이 3 출시"
    )  # fmt: skip
    assert benchmark_name(korean, "SPY ex event (estimated)") == "SPY(사건 종목 제외, 비중 추정)"
    assert benchmark_name(english, "SPY ex event (estimated)") == "SPY ex event (estimated)"
    assert model_name(korean, "market") == "시장모형"
    assert "mine" in model_name(korean, "mine")


def test_the_tables_keep_the_first_language() -> None:
    titles = bundled().tables["events"]["title"].to_pylist()
    assert "Google launches Gemini 3" in titles
    assert bundled().view("en").tables["events"]["title"].to_pylist() == titles


def test_a_language_that_is_missing_is_the_first() -> None:
    manifest = {**bundled().manifest, "texts": {"titles": {"code-red-memo": {"en": "A memo"}}}}
    rows = ResultView(bundled().tables, manifest, "ko").rows("events", "code-red-memo")
    assert {row["title"] for row in rows} == {"A memo"}


def test_a_phrase_with_a_semicolon_stays_whole() -> None:
    told = Translator("ko", {"a strike; a flood": "파업과 홍수"}, {"one": "첫째"})
    text = "2024-05-07 a strike; a flood (tau -2); one at tau +0; and 3 more listed events"
    assert (
        told.translate(text) == "2024-05-07 파업과 홍수(2거래일 전); 첫째(사건일 당일); 그 밖의 등록 사건 3개"
    )
    assert told.translate("what nobody knows; one at tau +1") == "what nobody knows; 첫째(1거래일 후)"


@pytest.mark.parametrize(
    ("written", "where", "problem"),
    [
        ("{en: Results, kr: 실적}", "1:22: ", "'kr' is not the code of a language that is known: en, ko"),
        ("{en: Results, ko: }", "1:22: ", "ko is empty"),
        ("{}", "1:8: ", "has no language"),
        ("[Results]", "1:8: ", "must be text"),
    ],
)
def test_a_wrong_text_is_refused_with_its_place(
    tmp_path: Path, written: str, where: str, problem: str
) -> None:
    (tmp_path / "study.yaml").write_text(STUDY.replace("{title}", written), encoding="utf-8")
    with pytest.raises(EventsFileError) as caught:
        read_study(tmp_path / "study.yaml")
    assert f"study.yaml:{where}" in str(caught.value) and problem in str(caught.value)


def test_an_event_of_python_may_have_titles() -> None:
    title = {"ko": "실적", "en": "results"}
    assert in_language(Event("one", "2024-05-07", title).title, "en") == "results"  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="'kr' is not the code"):
        Event("one", "2024-05-07", {"kr": "실적"})  # type: ignore[arg-type]


def test_every_event_of_the_bundled_study_has_both_languages() -> None:
    study = read_study(REPOSITORY / "events.yaml")
    assert [event.id for event in study.events if {*dict(event.title)} != {"en", "ko"}] == []  # type: ignore[arg-type]


def test_every_other_text_of_the_bundled_study_has_both_languages() -> None:
    """Its kinds, known news, notes, sources of weights, and what each article reports."""
    manifest = bundled().manifest
    own, articles = manifest["texts"], manifest["articles"]
    found = [own["title"], *own["kinds"].values(), *own["phrases"]]
    found += [card["reports"] for card in articles["cards"].values()]
    found += [cited["note"] for listed in articles["events"].values() for cited in listed if cited["note"]]
    assert len(found) > 40 and [text for text in found if {*text} != {"en", "ko"}] == []
    kinds = {str(kind) for kind in bundled().tables["events"]["kind"].to_pylist()}
    assert kinds == set(own["kinds"])


def test_a_source_of_weights_may_be_in_several_languages() -> None:
    source = {"en": "my estimate", "ko": "직접 추정"}
    benchmark = Benchmark.parse(
        {"ticker": "SPY", "exclude": "event", "weights": {"A": 0.1}, "source": source}
    )
    assert Benchmark.parse(benchmark.notation()) == benchmark and hash(benchmark)
    row = next(
        row for row in bundled().view("ko").rows("findings") if row["rule"] == "benchmark-holds-treated"
    )
    assert "발행주식 수와 지수 시가총액에서 구한 근삿값" in row["detail"]


def test_a_source_in_an_unknown_language_is_refused(tmp_path: Path) -> None:
    weights = "benchmark: {ticker: SPY, exclude: event, weights: {AAA: 0.1}, source: {kr: 추정}}\n"
    (tmp_path / "study.yaml").write_text(weights + STUDY.replace("{title}", "Results"), encoding="utf-8")
    with pytest.raises(EventsFileError, match="'kr' is not the code of a language"):
        read_study(tmp_path / "study.yaml")
