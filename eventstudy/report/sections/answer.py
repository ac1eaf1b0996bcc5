"""The main results: headline figures with their uncertainty, the largest and the joint results."""

from __future__ import annotations

from eventstudy.charts.strongest import strongest
from eventstudy.report.chart_blocks import figure
from eventstudy.report.section import Block, Fact, Facts, Paragraph, Section
from eventstudy.report.sections.heat_map import CARS
from eventstudy.report.sections.tests_of import TESTS, figures, is_sound, joint_tests
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import counted, joined, name, paragraph, sentence
from eventstudy.results.row_groups import Row
from eventstudy.results.view import UNUSUAL, ResultView, by_size, is_small
from eventstudy.words.formatting import count, percent, share, size

SOME_TICKERS = 6


def answer_section(view: ResultView) -> Section:
    """Return the main results, or that nothing was measured."""
    words = view.words
    blocks: list[Block] = [_study(view)]
    if view.large:
        blocks.append(paragraph(words, "answer.large", "notice", n=count(len(view.firm_events))))
    if not view.first_cars:
        blocks.append(paragraph(words, "answer.nothing", "notice"))
        return Section("answer", words.say("answer.title"), tuple(blocks))
    joint = joint_tests(view)
    facts = (*_counts(view, joint), *_mean(view))
    blocks += [Facts(facts), *_strongest(view), *_joint(view, joint), *_over_dates(view)]
    blocks.append(paragraph(words, "answer.beware", "quiet"))
    groups = [key for key in view.groups("tests").places if key[0] in ("all", "kind")]
    rows = [row for key in groups for row in view.groups("tests")[key]]
    shown = [row for row in rows if view.is_first(row) and row["measure"] == "CAR"]
    if shown:
        caption = words.say("answer.tests", window=view.first_label)
        blocks.append(table(words, "tests-all", caption, shown, ("level", "key", *TESTS), "tests"))
    return Section("answer", words.say("answer.title"), tuple(blocks))


def _study(view: ResultView) -> Paragraph:
    """Say in one sentence what the study is about; a benchmark only where the model uses it."""
    words, design = view.words, view.design
    days = sorted(row["session"] for row in view.firm_events if row["session"] is not None)
    model = sentence(words, "asked.model", model=name(design["model"]))
    if view.benchmark:
        model = sentence(words, "asked.against", model=model, benchmark=name(view.benchmark))
    start, end = design["estimation"] or ("", "")
    key = "asked.sentence" if days else "asked.undated"
    return paragraph(
        words,
        key if design["estimation"] else "asked.without",
        "lead",
        events=counted(words, "event", len(view.event_ids)),
        tickers=counted(words, "ticker", len(view.tickers)),
        names=joined(words, [name(each) for each in view.tickers], SOME_TICKERS),
        first=days[0] if days else "",
        last=days[-1] if days else "",
        model=model,
        start=start,
        end=end,
    )


def _counts(view: ResultView, joint: list[Row]) -> list[Fact]:
    say, window, level = view.words.say, view.first_label, share(UNUSUAL)
    skipped = say("fact.skipped", n=count(view.skipped)) if view.skipped else say("fact.none_skipped")
    how = say("fact.unusual_how", level=level)
    facts = [
        _of(len(view.measured), len(view.firm_events), say("fact.measured"), skipped),
        _of(len(view.unusual), len(view.first_cars), say("fact.unusual", window=window), how),
    ]
    if joint:
        small = sum(is_small(row["pvalue_holm"]) for row in joint)
        label, how = say("fact.joint", window=window), say("fact.joint_how", level=level)
        facts.append(_of(small, len(joint), label, how))
    return facts


def _of(number: int, total: int, label: str, detail: str) -> Fact:
    return Fact(f"{count(number)} / {count(total)}", label, detail)


def _mean(view: ResultView) -> list[Fact]:
    """Return the average abnormal return of day 0 with its test over date means."""
    test = view.tests("all", "all").get(("cross_section_t", "date"))
    averages = [
        row for row in view.rows("averages", "all", "all") if row["tau"] == 0 and row["aar"] is not None
    ]
    if not averages or test is None or not is_sound(test) or view.first != (0, 0):
        return []
    values = {**figures(test), "n": count(test["n"]), "se": size(averages[0]["aar_se"])}
    say = view.words.say
    return [Fact(percent(averages[0]["aar"]), say("fact.mean"), say("fact.mean_how", **values))]


def _strongest(view: ResultView) -> list[Block]:
    words, window = view.words, view.first_label
    if not view.unusual:
        return [paragraph(words, "answer.none_unusual", window=window, n=count(len(view.first_cars)))]
    chart = strongest(view)
    shown = view.unusual[: len(chart.datasets["rows"])]
    unusual = counted(words, "firm_event", len(view.unusual))
    caption = words.say("answer.strongest_caption", level=view.level, window=window)
    listed = words.say("answer.strongest_table", n=len(shown), window=window)
    return [
        paragraph(words, "answer.strongest", window=window, unusual=unusual),
        figure("strongest", caption, chart),
        table(words, "unusual", listed, shown, CARS, "cars"),
    ]


def _joint(view: ResultView, joint: list[Row]) -> list[Block]:
    """Name the events whose tickers, tested jointly, moved."""
    if not joint:
        return []
    words, of = view.words, count(len(joint))
    small = [name(row["key"]) for row in by_size(joint) if is_small(row["pvalue_holm"])]
    if not small:
        return [paragraph(words, "answer.no_joint", of=of)]
    return [paragraph(words, "answer.joint", names=joined(words, small), n=count(len(small)), of=of)]


def _over_dates(view: ResultView) -> list[Block]:
    words, test = view.words, view.tests("all", "all").get(("cross_section_t", "date"))
    if test is not None and is_sound(test):
        dates = counted(words, "date", test["n"])
        return [paragraph(words, "answer.dates", dates=dates, window=view.first_label, **figures(test))]
    if test is not None and test["note"]:
        return [paragraph(words, "answer.no_dates", note=test["note"])]
    return []
