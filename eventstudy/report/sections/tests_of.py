"""The tests of a group in sentences and tables."""

from __future__ import annotations

from typing import Any

from eventstudy.report.section import Block, Listing
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import name, paragraph, sentence
from eventstudy.results.naming import group_name, quoted_event
from eventstudy.results.row_groups import Row, by_size
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import freedom, pvalue, ratio

#: Columns of a table of tests.
TESTS = ("test", "term", "unit", "measure", "window:window:start,end", "statistic:ratio:statistic",
         "df:freedom:df,df2", "p:p:pvalue", "holm:p:pvalue_holm", "bh:p:pvalue_bh", "n:count:n",
         "mde:size:mde", "headline:yes:headline", "note")  # fmt: skip
#: Columns of a table of pairs.
PAIRS = ("a", "b", "window:window:start,end", "difference:percent:difference", "se:size:se",
         "t:ratio:statistic", "p:p:pvalue", "holm:p:pvalue_holm", "note")  # fmt: skip


def is_sound(test: Row) -> bool:
    """Tell whether a test could be computed and is a headline test."""
    return bool(test["headline"] and test["pvalue"] is not None)


def figures(view: ResultView, test: Row) -> dict[str, str]:
    """Write the figures of a test, by the names that the sentences have for them."""
    return {
        "t": view.figures.signed(ratio(test["statistic"])),
        "F": ratio(test["statistic"]),
        "df": freedom(test["df"]),
        "df2": freedom(test["df2"]),
        "p": pvalue(test["pvalue"]),
        "holm": pvalue(test["pvalue_holm"]),
        "mde": view.figures.size(test["mde"]),
    }


def pairs_of(view: ResultView, level: str, key: str) -> list[Row]:
    """Return the differences of a group's members over the first window."""
    return [row for row in view.rows("comparisons", level, key) if view.is_first(row)]


def tests_table(view: ResultView, id_: str, level: str, key: str) -> list[Block]:
    """Return a group's headline tests and those that are asked for, over each window of the design."""
    windows, named = set(view.windows), set(view.design["tests"])
    rows = [
        row
        for row in view.rows("tests", level, key)
        if (row["headline"] or row["term"] or row["test"] in named) and (row["start"], row["end"]) in windows
    ]
    caption = view.words.say("tests.caption", group=group_name(view, level, key))
    return [table(view.words, id_, caption, rows, TESTS, "tests")] if rows else []


def joint_sentences(view: ResultView, event: str) -> list[Block]:
    """Give the tests of an event's tickers together, which name nothing."""
    words, tests = view.words, view.tests("event", event)
    known = {pair: test for pair, test in tests.items() if test["pvalue"] is not None}
    items: list[Any] = []
    if joint := known.get(("joint_f", "tickers")):
        placebo = tests.get(("joint_placebo", "tickers"), {"pvalue": None})["pvalue"]
        tickers = words.counted("ticker", joint["n"])
        values = {**figures(view, joint), "tickers": tickers, "placebo": pvalue(placebo)}
        items.append(sentence(words, "joint.any", **values))
    if among := known.get(("joint_study", "tickers")):
        items.append(sentence(words, "joint.study", **figures(view, among)))
    if mean := known.get(("portfolio_t", "portfolio")):
        values, key = figures(view, mean), "joint.portfolio"
        placebo = tests.get(("portfolio_placebo", "portfolio"))
        if placebo and placebo["statistic"] is not None:  # the portfolio's own abnormal return
            key = "joint.portfolio_mean"
            values |= {
                "mean": view.figures.effect(placebo["statistic"]),
                "placebo": pvalue(placebo["pvalue"]),
            }
        items.append(sentence(words, key, **values))
    if equal := known.get(("equality_f", "tickers")):
        items.append(sentence(words, "joint.equal", **figures(view, equal)))
    return [paragraph(words, "joint.lead", "quiet"), Listing(tuple(items))] if items else []


def pairs_sentence(view: ResultView, rows: list[Row], noun: str) -> list[Block]:
    """Say which pair differs the most."""
    words = view.words
    known = by_size([row for row in rows if row["pvalue"] is not None])
    if not known:
        return []
    most = known[0]
    text = sentence(
        words,
        f"pairs.{noun}",
        pairs=words.counted("pair", len(known)),
        window=view.first_label,
        a=name(quoted_event(view, most["a"]) if noun == "events" else most["a"]),
        b=name(quoted_event(view, most["b"]) if noun == "events" else most["b"]),
        difference=view.figures.effect(most["difference"]),
        se=view.figures.size(most["se"]),
        p=pvalue(most["pvalue_holm"]),
    )
    return [Listing((text,))]
