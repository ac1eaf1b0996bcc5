"""The answer in one screen: headline figures with their uncertainty, the strongest and the joint results."""

from __future__ import annotations

from typing import Any

from eventstudy.charts.source import UNUSUAL
from eventstudy.charts.strongest import strongest
from eventstudy.report.chart_blocks import figure
from eventstudy.report.data_tables import table
from eventstudy.report.reading import Reading, Row, is_small
from eventstudy.report.section import Block, Fact, Facts, Section
from eventstudy.report.sections.heat_map import CARS
from eventstudy.report.sections.tests_of import TESTS, sound
from eventstudy.report.writing import counted, joined, name, paragraph, sentence, share
from eventstudy.words.formatting import MISSING, percent, pvalue, ratio

SOME_TICKERS = 6


def answer_section(reading: Reading) -> Section:
    """Return what came out; where nothing was measured, that."""
    words = reading.words
    blocks: list[Block] = [_asked(reading)]
    if reading.large:
        blocks.append(paragraph(words, "answer.large", "notice", n=f"{len(reading.firm_events):,}"))
    if not reading.first_cars:
        blocks.append(paragraph(words, "answer.nothing", "notice"))
        return Section("answer", words.say("answer.title"), tuple(blocks))
    blocks += [Facts(tuple(_facts(reading))), *_strongest(reading), *_together(reading)]
    blocks.append(paragraph(words, "answer.beware", "quiet"))
    rows = [row for (level, _), rows in reading.tests.items() if level in ("all", "kind") for row in rows]
    shown = [row for row in rows if reading.is_first(row) and row["measure"] == "CAR"]
    if shown:
        caption = words.say("answer.tests", window=reading.first_label)
        blocks.append(table(words, "tests-all", caption, shown, ("level", "key", *TESTS), "tests"))
    return Section("answer", words.say("answer.title"), tuple(blocks))


def _asked(reading: Reading) -> Any:
    """Say in one sentence what was asked."""
    words, design = reading.words, reading.design
    days = sorted(row["session"] for row in reading.firm_events if row["session"] is not None)
    benchmark = design.get("benchmark")
    model = sentence(words, "asked.model", model=name(design.get("model", MISSING)))
    if benchmark:
        model = sentence(words, "asked.against", model=model, benchmark=name(_benchmark(benchmark)))
    start, end = design.get("estimation") or ("?", "?")
    return paragraph(
        words,
        "asked.sentence" if days else "asked.undated",
        "lead",
        events=counted(words, "event", len(reading.events)),
        tickers=counted(words, "ticker", len(reading.tickers)),
        names=joined(words, [name(each) for each in reading.tickers], SOME_TICKERS),
        first=days[0] if days else "",
        last=days[-1] if days else "",
        model=model,
        start=start,
        end=end,
    )


def _benchmark(benchmark: Any) -> str:
    if isinstance(benchmark, dict):
        return str(benchmark.get("ticker", benchmark))
    return " + ".join(benchmark) if isinstance(benchmark, list | tuple) else str(benchmark)


def _facts(reading: Reading) -> list[Fact]:
    words, asked, measured = reading.words, len(reading.firm_events), len(reading.measured)
    skipped = asked - measured
    facts = [
        Fact(
            f"{measured:,} / {asked:,}",
            words.say("fact.measured"),
            words.say("fact.skipped", n=f"{skipped:,}") if skipped else words.say("fact.none_skipped"),
        ),
        Fact(
            f"{len(reading.unusual):,} / {len(reading.first_cars):,}",
            words.say("fact.unusual", window=reading.first_label),
            words.say("fact.unusual_how", level=share(UNUSUAL)),
        ),
    ]
    joint = _joint(reading)
    if joint:
        small = [row for row in joint if is_small(row["pvalue_holm"])]
        facts.append(
            Fact(
                f"{len(small):,} / {len(joint):,}",
                words.say("fact.joint", window=reading.first_label),
                words.say("fact.joint_how", level=share(UNUSUAL)),
            )
        )
    return [*facts, *_mean(reading)]


def _mean(reading: Reading) -> list[Fact]:
    """Return the average abnormal return of day 0 with what the test of date means makes of it."""
    words, test = reading.words, reading.first_tests("all", "all").get(("cross_section_t", "date"))
    averages = [row for row in _averages(reading) if row["tau"] == 0 and row["aar"] is not None]
    if not averages or test is None or not sound(test) or reading.first != (0, 0):
        return []
    figures = {"t": ratio(test["statistic"]), "p": pvalue(test["pvalue"]), "n": f"{test['n']:,}"}
    detail = words.say("fact.mean_how", se=percent(averages[0]["aar_se"]).lstrip("+"), **figures)
    return [Fact(percent(averages[0]["aar"]), words.say("fact.mean"), detail)]


def _averages(reading: Reading) -> list[Row]:
    import pyarrow.compute as pc

    averages = reading.tables["averages"]
    rows: list[Row] = averages.filter(pc.equal(averages["level"].cast("string"), "all")).to_pylist()
    return rows


def _joint(reading: Reading) -> list[Row]:
    """Return the joint tests of the events over the first window."""
    tests = (reading.first_tests("event", each).get(("joint_f", "tickers")) for each in reading.events)
    return [row for row in tests if row is not None and row["pvalue"] is not None]


def _strongest(reading: Reading) -> list[Block]:
    words, window = reading.words, reading.first_label
    if not reading.unusual:
        return [paragraph(words, "answer.none_unusual", window=window, n=f"{len(reading.first_cars):,}")]
    level = share(reading.confidence)
    chart = strongest(reading.source, window=window)
    shown = reading.unusual[: len(chart.datasets["rows"])]
    caption = words.say("answer.strongest_caption", level=level, window=window)
    return [
        paragraph(
            words,
            "answer.strongest",
            window=window,
            unusual=counted(words, "firm_event", len(reading.unusual)),
        ),
        figure("strongest", caption, chart),
        table(
            words,
            "unusual",
            words.say("answer.strongest_table", n=len(shown), window=window),
            shown,
            CARS,
            "cars",
        ),
    ]


def _together(reading: Reading) -> list[Block]:
    """Say on which events the tickers moved jointly more than their noise, and what all dates say."""
    words, joint = reading.words, reading.by_size(_joint(reading))
    blocks: list[Block] = []
    small = [row for row in joint if is_small(row["pvalue_holm"])]
    if small:
        names = joined(words, [name(row["key"]) for row in small])
        blocks.append(
            paragraph(words, "answer.joint", names=names, n=f"{len(small):,}", of=f"{len(joint):,}")
        )
    elif joint:
        blocks.append(paragraph(words, "answer.no_joint", of=f"{len(joint):,}"))
    test = reading.first_tests("all", "all").get(("cross_section_t", "date"))
    if test is not None and sound(test):
        values = {
            "t": ratio(test["statistic"]),
            "p": pvalue(test["pvalue"]),
            "mde": percent(test["mde"]).lstrip("+"),
        }
        dates, window = counted(words, "date", test["n"]), reading.first_label
        blocks.append(paragraph(words, "answer.dates", dates=dates, window=window, **values))
    elif test is not None and test["note"]:
        blocks.append(paragraph(words, "answer.no_dates", note=test["note"]))
    return blocks
