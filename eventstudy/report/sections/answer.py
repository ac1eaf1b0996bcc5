"""The main results: the headline of the study, its named firm-days, and what to know before reading them."""

from __future__ import annotations

from eventstudy.charts.strongest import strongest
from eventstudy.report.chart_blocks import figure
from eventstudy.report.section import Block, Paragraph, Section
from eventstudy.report.sections.benchmarks_of import sensitivity
from eventstudy.report.sections.tests_of import TESTS, figures, is_sound
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import blank, joined, name, paragraph, sentence
from eventstudy.results.first_screen import MOST_NAMED, named_firm_days, none_named
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

SOME_TICKERS = 6
NAMED = ("ticker", "mark", "car:percent:car",
         "interval:first_interval:conformal_low,conformal_high,ci_low,ci_high", "study:p:pvalue_study_bh",
         "conformal:p:conformal_pvalue", "t:ratio:statistic", "event", "day0:text:session")  # fmt: skip


def answer_section(view: ResultView) -> Section:
    """Return the main results, or that nothing was measured."""
    words = view.words
    title = words.say("answer.title")
    if not view.first_cars:
        nothing = paragraph(words, "answer.nothing", "notice")
        return Section("answer", title, (nothing, _study(view)))
    blocks: list[Block] = [
        *_headline(view),
        *_named(view),
        *sensitivity(view),
        paragraph(words, "answer.beware", "quiet"),
        _study(view),
    ]
    if view.measure != "returns":
        blocks.append(paragraph(words, f"measures.{view.measure}.note", "notice"))
    if view.large:
        blocks.append(paragraph(words, "answer.large", "notice", n=count(len(view.firm_events))))
    blocks += _over_dates(view)
    groups = [key for key in view.groups("tests").places if key[0] in ("all", "expected", "kind")]
    rows = [row for key in groups for row in view.groups("tests")[key]]
    shown = [row for row in rows if view.is_first(row) and row["measure"] == "CAR"]
    if shown:
        caption = words.say("answer.tests", window=view.first_label)
        blocks.append(table(words, "tests-all", caption, shown, ("level", "key", *TESTS), "tests"))
    return Section("answer", title, tuple(blocks))


def _headline(view: ResultView) -> list[Block]:
    """Return the sentences of the headline, the first larger than the others."""
    first, *others = map(name, view.headline["sentences"])
    return [Paragraph(first, "lead"), *([Paragraph(blank(*others))] if others else [])]


def _named(view: ResultView) -> list[Block]:
    """Return the named firm-days as a chart and a table, or say that there are none."""
    words, window, rows = view.words, view.first_label, named_firm_days(view)
    if not rows:
        none = none_named(view)
        return [paragraph(words, none[0], **none[1])] if none else []
    shown = rows[:MOST_NAMED]
    caption = words.say("answer.named", n=count(len(shown)), of=count(len(rows)), window=window)
    drawn = words.say("answer.named_chart", level=view.level, window=window)
    return [
        table(words, "named", caption, shown, NAMED, folded=False),
        figure("strongest", drawn, strongest(view)),
    ]


def _study(view: ResultView) -> Paragraph:
    """Say what the study is about and what was measured; a benchmark only where the model uses it."""
    words, design = view.words, view.design
    days = sorted(row["session"] for row in view.firm_events if row["session"] is not None)
    model = sentence(words, "asked.model", model=name(design["model"]))
    if view.benchmark:
        model = sentence(words, "asked.against", model=model, benchmark=name(view.benchmark))
    spans = [words.say("asked.span", start=each.start, end=each.end) for each in view.estimation]
    key = "asked.sentence" if days else "asked.undated"
    about = sentence(
        words,
        key if spans else "asked.without",
        events=words.counted("event", len(view.event_ids)),
        tickers=words.counted("ticker", len(view.tickers)),
        names=joined(words, [name(each) for each in view.tickers], SOME_TICKERS),
        first=days[0] if days else "",
        last=days[-1] if days else "",
        model=model,
        sessions=", ".join(spans),
    )
    measured, asked = count(len(view.measured)), words.counted("firm_event", len(view.firm_events))
    key = "asked.skipped" if view.skipped else "asked.all"
    return Paragraph(blank(about, sentence(words, key, n=measured, asked=asked)))


def _over_dates(view: ResultView) -> list[Block]:
    words, test = view.words, view.tests(*view.mean_group).get(("cross_section_t", "date"))
    if test is not None and is_sound(test):
        dates = words.counted("date", test["n"])
        text = "answer.dates" if view.mean_group == ("all", "all") else "answer.dates_expected"
        return [paragraph(words, text, dates=dates, window=view.first_label, **figures(view, test))]
    if test is not None and test["note"]:
        return [paragraph(words, "answer.no_dates", note=test["note"])]
    return []
