"""One part per event: what happened, CAR paths, intervals, tests of its tickers, claims."""

from __future__ import annotations

from typing import Any

from eventstudy.charts.car_paths import car_paths
from eventstudy.charts.forest import forest
from eventstudy.report.chart_blocks import MOST_TICKERS, figure
from eventstudy.report.section import Block, Listing, Paragraph, Section
from eventstudy.report.sections.benchmarks_of import benchmarks_of
from eventstudy.report.sections.heat_map import CARS
from eventstudy.report.sections.tests_of import PAIRS, joint_sentences, pairs_of, pairs_sentence, tests_table
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import blank, joined, name, paragraph, quoted, sentence
from eventstudy.results.firm_day import ENDS, mark
from eventstudy.results.row_groups import Row, by_size
from eventstudy.results.view import ResultView
from eventstudy.words.by_language import in_language
from eventstudy.words.formatting import pvalue

PATHS = ("ticker", "tau:text:tau", "session", "ret:percent:ret", "normal:percent:normal_ret",
         "ar:percent:ar", "ar_se:size:ar_se", "t:ratio:statistic", "p:p:pvalue", "car:percent:car",
         "car_se:size:car_se")  # fmt: skip
CLAIMS = ("ticker", "claim:text:kind", "stated_figure:stated:stated", "measured:stated:measured",
          "lowest:stated:low", "highest:stated:high", "verdict", "reason", "together:text:sentence_reason",
          "card")  # fmt: skip


def events_section(view: ResultView) -> Section | None:
    """Return a part per event with a measured firm-event; None for a large study."""
    if view.large:
        return None
    measured = {row["event_id"] for row in view.measured}
    parts = tuple(
        _event(view, f"event-{number}", event)
        for number, event in enumerate(view.event_ids, start=1)
        if event in measured
    )
    title = view.words.say("events.title")
    return Section("events", title, (paragraph(view.words, "events.reading"),), parts) if parts else None


def _event(view: ResultView, id_: str, event: str) -> Section:
    words, rows, pairs = view.words, view.rows("events", event), pairs_of(view, "event", event)
    blocks: list[Block] = [Paragraph(name(rows[0]["title"]), "said")] if rows[0]["title"] else []
    blocks += [_when(view, rows), *_articles(view, event), *_overlapping(view, rows), _named(view, event)]
    blocks += joint_sentences(view, event)
    blocks += pairs_sentence(view, pairs, "tickers")
    blocks += benchmarks_of(view, id_, event)
    blocks += _paths(view, id_, event)
    blocks += _forest(view, id_, event)
    blocks += tests_table(view, f"{id_}-tests", "event", event)
    if pairs and len(rows) <= MOST_TICKERS:
        caption = words.say("pairs.caption", window=view.first_label, group=event)
        blocks.append(table(words, f"{id_}-pairs", caption, pairs, PAIRS, "comparisons"))
    blocks += _claims(view, id_, event)
    return Section(id_, event, tuple(blocks))


def _when(view: ResultView, rows: list[Row]) -> Block:
    """Say which session is day 0 and why, and the kind of the event."""
    words, first = view.words, rows[0]
    days = joined(words, sorted({str(row["session"]) for row in rows if row["session"] is not None}))
    key = "events.day0" if first["session_note"] else "events.day0_plain"
    parts = [sentence(words, key, days=days, why=first["session_note"])]
    if first["kind"]:
        parts.append(sentence(words, "events.kind", kind=name(view.kind(first["kind"]))))
    skipped = [name(row["ticker"]) for row in rows if row["status"] != "ok"]
    if skipped:
        parts.append(sentence(words, "events.skipped", names=joined(words, skipped)))
    return Paragraph(blank(*parts), "quiet")


def _articles(view: ResultView, event: str) -> list[Block]:
    """Name the articles about the event, what they report, and how its date follows from them."""
    words, articles = view.words, view.manifest.get("articles") or {}
    items = []
    for cited in articles.get("events", {}).get(event, ()):
        card = articles.get("cards", {}).get(cited["card"])
        values = {"card": name(cited["card"])}
        if card is not None:
            values |= {"publisher": name(in_language(card["publisher"], view.lang)), "date": card["date"]}
            values["reports"] = quoted(in_language(card["reports"], view.lang))
        told = sentence(words, "events.card_unknown" if card is None else "events.card", **values)
        basis = sentence(words, f"events.basis_{cited['basis']}")
        items.append(
            blank(told, basis, quoted(in_language(cited["note"], view.lang)) if cited["note"] else "")
        )
    return [paragraph(words, "events.cards_lead", "quiet"), Listing(tuple(items))] if items else []


def _overlapping(view: ResultView, rows: list[Row]) -> list[Block]:
    """Name the other events in the event window, and the tickers that they are about."""
    words = view.words
    shared: dict[str, list[Any]] = {}
    for row in rows:
        if row["status"] == "ok" and row["confounders"]:
            shared.setdefault(row["confounders"], []).append(name(row["ticker"]))
    items = [
        sentence(words, "events.overlap", tickers=joined(words, tickers), what=name(what))
        for what, tickers in shared.items()
    ]
    blocks = _unflagged(view, rows)
    if items:
        blocks[:0] = [paragraph(words, "events.overlap_lead", "quiet"), Listing(tuple(items))]
    return blocks


def _unflagged(view: ResultView, rows: list[Row]) -> list[Block]:
    """Say what the absence of a flag means: none of so many known dates, or that none was given."""
    clear = [row for row in rows if row["status"] == "ok" and not row["confounders"]]
    if not clear:
        return []
    if clear[0]["n_known"] is None:
        return [paragraph(view.words, "events.nothing_known", "quiet")]
    each = [f"{name(row['ticker'])} ({row['n_known']})" for row in clear]
    return [paragraph(view.words, "events.none_of_known", "quiet", tickers=joined(view.words, each))]


def _named(view: ResultView, event: str) -> Block:
    """Name the tickers whose firm-day is named, and say which effects would be detectable for the others."""
    words = view.words
    rows = by_size([row for row in view.first_cars if row["event_id"] == event])
    named = [row for row in rows if mark(row)]
    rest = [row["mde"] for row in rows if row not in named and row["mde"] is not None]
    cars = [
        sentence(
            words,
            f"events.figure_{'beyond_doubt' if mark(row) == '**' else 'named'}",
            ticker=name(row["ticker"]),
            car=view.figures.effect(row["car"]),
            interval=view.figures.first_interval(*(row[end] for end in ENDS)),
            p=pvalue(row["pvalue_study_bh"]),
        )
        for row in named
    ]
    told = sentence(
        words,
        "events.named" if named else "events.not_named",
        names=joined(words, cars),
        window=view.first_label,
        tickers=words.counted("ticker", len(rows)),
    )
    if not rest:
        return Paragraph(told)
    least, most = view.figures.size(min(rest)), view.figures.size(max(rest))
    key = "events.detectable" if least != most else "events.detectable_one"
    return Paragraph(blank(told, sentence(words, key, least=least, most=most)))


def _paths(view: ResultView, id_: str, event: str) -> list[Block]:
    words, rows = view.words, view.rows("abnormal_returns", event)
    if not any(row["car"] is not None for row in rows):
        return []
    listed = words.say("events.paths_table", group=event)
    return [
        figure(f"{id_}-car-paths", words.say("events.paths", level=view.level), car_paths(view, event=event)),
        table(words, f"{id_}-paths", listed, rows, PATHS, "abnormal_returns"),
    ]


def _forest(view: ResultView, id_: str, event: str) -> list[Block]:
    words = view.words
    rows = [row for row in view.cars(view.first) if row["event_id"] == event]
    if not any(row["car"] is not None for row in rows):
        return []
    caption = words.say("events.forest", window=view.first_label, level=view.level)
    listed = words.say("events.cars_table", group=event)
    return [
        figure(f"{id_}-forest", caption, forest(view, event=event)),
        table(words, f"{id_}-cars", listed, rows, CARS[1:], "cars"),
    ]


def _claims(view: ResultView, id_: str, event: str) -> list[Block]:
    """Count the verdicts on the articles' claims about the event, and list the claims."""
    words, rows = view.words, view.rows("claims", event)
    if not rows:
        return []
    verdicts = [row["verdict"] for row in rows]
    counts = [
        sentence(
            words,
            "claims.counted",
            n=verdicts.count(verdict),
            verdict=words.texts.get(f"verdict.{verdict.replace(' ', '_')}", verdict),
        )
        for verdict in dict.fromkeys(verdicts)
    ]
    cards = [name(card) for card in dict.fromkeys(row["card"] for row in rows) if card]
    claims = {"claims": words.counted("claim", len(rows)), "cards": joined(words, cards)}
    return [
        paragraph(words, "claims.reading", verdicts=joined(words, counts), **claims),
        table(words, f"{id_}-claims", words.say("claims.caption", group=event), rows, CLAIMS, "claims"),
    ]
