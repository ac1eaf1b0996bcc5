"""What the tests of a group say, in a sentence and a table."""

from __future__ import annotations

from typing import Any

from eventstudy.charts.source import UNUSUAL
from eventstudy.report.data_tables import table
from eventstudy.report.reading import Reading, Row, is_small
from eventstudy.report.section import Block, Listing, Section
from eventstudy.report.writing import counted, name, sentence, share
from eventstudy.words.formatting import percent, pvalue, ratio

#: Columns of a table of tests.
TESTS = (
    "test",
    "unit",
    "measure",
    "window:window:start,end",
    "statistic:ratio:statistic",
    "df:freedom:df,df2",
    "p:p:pvalue",
    "holm:p:pvalue_holm",
    "bh:p:pvalue_bh",
    "n:count:n",
    "mde:size:mde",
    "headline:yes:headline",
    "note",
)
#: Columns of a table of pairs.
PAIRS = (
    "a",
    "b",
    "window:window:start,end",
    "difference:percent:difference",
    "se:size:se",
    "t:ratio:statistic",
    "p:p:pvalue",
    "holm:p:pvalue_holm",
    "note",
)


def sound(row: Row) -> bool:
    """Tell whether a test could be computed and is one to read first: the rule says evidence."""
    return bool(row["headline"] and row["pvalue"] is not None)


def tests_table(reading: Reading, id_: str, level: str, key: str) -> list[Block]:
    """Return a group's tests: all of them over the first window, those to read first over every one."""
    rows = [row for row in reading.tests.get((level, key), ()) if reading.is_first(row) or row["headline"]]
    if not rows:
        return []
    caption = reading.words.say("tests.caption", group=key)
    return [table(reading.words, id_, caption, rows, TESTS, "tests")]


def joint_sentences(reading: Reading, event: str) -> list[Block]:
    """Say whether any of an event's tickers moved, whether together, and whether alike."""
    words, tests = reading.words, reading.first_tests("event", event)
    items = [
        *_joint(words, tests.get(("joint_f", "tickers")), tests.get(("joint_placebo", "tickers"))),
        *_portfolio(
            words, tests.get(("portfolio_t", "portfolio")), tests.get(("portfolio_placebo", "portfolio"))
        ),
        *_alike(words, tests.get(("equality_f", "tickers"))),
    ]
    return [Listing(tuple(items))] if items else []


def _joint(words: Any, joint: Row | None, placebo: Row | None) -> list[Any]:
    if joint is None or joint["pvalue"] is None:
        return []
    verdict = "unusual" if is_small(joint["pvalue_holm"]) else "not_unusual"
    return [
        sentence(
            words,
            f"joint.{verdict}",
            tickers=counted(words, "ticker", joint["n"]),
            df=f"{joint['df']:g}",
            df2=f"{joint['df2']:g}",
            F=ratio(joint["statistic"]),
            p=pvalue(joint["pvalue"]),
            holm=pvalue(joint["pvalue_holm"]),
            placebo=pvalue(placebo["pvalue"] if placebo else None),
        )
    ]


def _portfolio(words: Any, test: Row | None, placebo: Row | None) -> list[Any]:
    if test is None or test["pvalue"] is None:
        return []
    values = {
        "t": ratio(test["statistic"]),
        "df": f"{test['df']:g}",
        "p": pvalue(test["pvalue"]),
        "holm": pvalue(test["pvalue_holm"]),
        "mde": percent(test["mde"]).lstrip("+"),
    }
    if placebo is None or placebo["statistic"] is None:
        return [sentence(words, "joint.portfolio", **values)]
    # the statistic of the placebo test is the portfolio's own abnormal return
    values |= {"mean": percent(placebo["statistic"]), "placebo": pvalue(placebo["pvalue"])}
    return [sentence(words, "joint.portfolio_mean", **values)]


def _alike(words: Any, test: Row | None) -> list[Any]:
    if test is None or test["pvalue"] is None:
        return []
    return [
        sentence(
            words,
            "joint.apart" if is_small(test["pvalue"]) else "joint.alike",
            F=ratio(test["statistic"]),
            df=f"{test['df']:g}",
            df2=f"{test['df2']:g}",
            p=pvalue(test["pvalue"]),
        )
    ]


def pairs_sentence(reading: Reading, rows: list[Row], noun: str) -> list[Block]:
    """Say how many pairs differ after adjustment, and which the most."""
    words = reading.words
    known = reading.by_size([row for row in rows if row["pvalue"] is not None])
    if not known:
        return []
    small, most = [row for row in known if is_small(row["pvalue_holm"])], known[0]
    text = sentence(
        words,
        f"pairs.{noun}",
        n=f"{len(small):,}",
        pairs=counted(words, "pair", len(known)),
        level=share(UNUSUAL),
        window=reading.first_label,
        a=name(most["a"]),
        b=name(most["b"]),
        difference=percent(most["difference"]),
        se=percent(most["se"]).lstrip("+"),
        p=pvalue(most["pvalue_holm"]),
    )
    return [Listing((text,))]


def empty(reading: Reading, id_: str, key: str, none: str) -> Section:
    """Return a section that says that there is nothing to list."""
    from eventstudy.report.writing import paragraph

    return Section(id_, reading.words.say(f"{key}.title"), (paragraph(reading.words, none),))
