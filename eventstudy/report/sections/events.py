"""One part per event: what happened, the paths, the intervals, the tests of its tickers, the claims."""

from __future__ import annotations

from typing import Any

from eventstudy.charts.car_paths import car_paths
from eventstudy.charts.forest import forest
from eventstudy.charts.source import UNUSUAL
from eventstudy.report.chart_blocks import figure
from eventstudy.report.data_tables import table
from eventstudy.report.reading import MOST_TICKERS, Reading, Row, is_small
from eventstudy.report.section import Block, Listing, Paragraph, Section
from eventstudy.report.sections.heat_map import CARS
from eventstudy.report.sections.tests_of import PAIRS, joint_sentences, pairs_sentence, tests_table
from eventstudy.report.writing import blank, counted, joined, name, paragraph, quoted, sentence, share
from eventstudy.words.formatting import percent, pvalue

PATHS = (
    "ticker",
    "tau:text:tau",
    "session",
    "ret:percent:ret",
    "normal:percent:normal_ret",
    "ar:percent:ar",
    "ar_se:size:ar_se",
    "t:ratio:statistic",
    "p:p:pvalue",
    "car:percent:car",
    "car_se:size:car_se",
)
CLAIMS = ("ticker", "claim:text:kind", "stated_figure:stated:stated", "measured:stated:measured",
          "lowest:stated:low", "highest:stated:high", "verdict", "reason", "card")  # fmt: skip


def events_section(reading: Reading) -> Section | None:
    """Return a part per event of which some firm-event was measured; none for a large study."""
    if reading.large:
        return None
    parts = tuple(
        _event(reading, number, event, rows)
        for number, (event, rows) in enumerate(reading.events.items(), start=1)
        if any(row["status"] == "ok" for row in rows)
    )
    title = reading.words.say("events.title")
    return Section("events", title, (paragraph(reading.words, "events.reading"),), parts) if parts else None


def _event(reading: Reading, number: int, event: str, rows: list[Row]) -> Section:
    words, id_ = reading.words, f"event-{number}"
    title = rows[0]["title"]
    pairs = reading.comparisons.get(("event", event), [])
    blocks: list[Block] = []
    if title:
        blocks.append(Paragraph(name(title), "said"))
    blocks += [_when(reading, rows), *_articles(reading, event), *_beside(reading, rows)]
    blocks.append(_unusual(reading, event))
    blocks += joint_sentences(reading, event)
    blocks += pairs_sentence(reading, pairs, "tickers")
    blocks += _paths(reading, id_, event)
    blocks += _forest(reading, id_, event)
    blocks += tests_table(reading, f"{id_}-tests", "event", event)
    if pairs and len(rows) <= MOST_TICKERS:
        caption = words.say("pairs.caption", window=reading.first_label, group=event)
        blocks.append(table(words, f"{id_}-pairs", caption, pairs, PAIRS, "comparisons"))
    blocks += _claims(reading, id_, event)
    return Section(id_, event, tuple(blocks))


def _when(reading: Reading, rows: list[Row]) -> Block:
    """Say which session is day 0 and why, of what kind the event is."""
    words, first = reading.words, rows[0]
    days = sorted({str(row["session"]) for row in rows if row["session"] is not None})
    parts = [sentence(words, "events.day0", days=joined(words, days), why=first["session_note"] or "")]
    if not first["session_note"]:
        parts = [sentence(words, "events.day0_plain", days=joined(words, days))]
    if first["kind"]:
        parts.append(sentence(words, "events.kind", kind=name(first["kind"])))
    skipped = [row for row in rows if row["status"] != "ok"]
    if skipped:
        names = joined(words, [name(row["ticker"]) for row in skipped])
        parts.append(sentence(words, "events.skipped", names=names))
    import markupsafe

    return Paragraph(markupsafe.Markup(" ").join(parts), "quiet")


def _articles(reading: Reading, event: str) -> list[Block]:
    """Say which articles tell of the event, what they report, and how its date follows from them."""
    words, articles = reading.words, reading.result.manifest.get("articles") or {}
    items = []
    for cited in articles.get("events", {}).get(event, ()):
        card = articles.get("cards", {}).get(cited["card"])
        told = sentence(words, "events.card_unknown", card=name(cited["card"]))
        if card is not None:
            told = sentence(
                words,
                "events.card",
                card=name(cited["card"]),
                publisher=name(card["publisher"]),
                date=card["date"],
                reports=quoted(card["reports"]),
            )
        basis = sentence(words, f"events.basis_{cited['basis']}")
        items.append(blank(told, basis, quoted(cited["note"]) if cited["note"] else ""))
    return [paragraph(words, "events.cards_lead", "quiet"), Listing(tuple(items))] if items else []


def _beside(reading: Reading, rows: list[Row]) -> list[Block]:
    """Say what else happened to which ticker in the event window."""
    words = reading.words
    beside: dict[Any, Any] = {}
    for row in rows:
        if row["status"] == "ok" and row["confounders"]:
            beside.setdefault(row["confounders"], []).append(name(row["ticker"]))
    items = [
        sentence(words, "events.beside", tickers=joined(words, tickers), what=name(what))
        for what, tickers in beside.items()
    ]
    return [paragraph(words, "events.beside_lead", "quiet"), Listing(tuple(items))] if items else []


def _unusual(reading: Reading, event: str) -> Block:
    """Say for which tickers the window was unusual, and what could have been seen of the others."""
    words = reading.words
    rows = reading.by_size([row for row in reading.first_cars if row["event_id"] == event])
    small = [row for row in rows if is_small(row["pvalue_holm"])]
    rest = [row["mde"] for row in rows if row not in small and row["mde"] is not None]
    figures = [
        sentence(
            words,
            "events.figure",
            ticker=name(row["ticker"]),
            car=percent(row["car"]),
            low=percent(row["ci_low"]),
            high=percent(row["ci_high"]),
            p=pvalue(row["pvalue_holm"]),
        )
        for row in small
    ]
    values = {
        "window": reading.first_label,
        "tickers": counted(words, "ticker", len(rows)),
        "level": share(UNUSUAL),
        "interval": share(reading.confidence),
    }
    key = "events.unusual" if small else "events.not_unusual"
    told = sentence(words, key, names=joined(words, figures), **values)
    if not rest:
        return Paragraph(told)
    import markupsafe

    least, most = (percent(each).lstrip("+") for each in (min(rest), max(rest)))
    seen = sentence(
        words, "events.detectable" if least != most else "events.detectable_one", least=least, most=most
    )
    return Paragraph(markupsafe.Markup(" ").join((told, seen)))


def _paths(reading: Reading, id_: str, event: str) -> list[Block]:
    words, rows = reading.words, reading.paths.get(event, [])
    if not any(row["car"] is not None for row in rows):
        return []
    chart = car_paths(reading.source, event=event)
    caption = words.say("events.paths", level=share(reading.confidence))
    listed = table(
        words, f"{id_}-paths", words.say("events.paths_table", group=event), rows, PATHS, "abnormal_returns"
    )
    return [figure(f"{id_}-car-paths", caption, chart), listed]


def _forest(reading: Reading, id_: str, event: str) -> list[Block]:
    words = reading.words
    rows = [row for row in reading.cars if row["event_id"] == event and reading.is_first(row)]
    if not any(row["car"] is not None for row in rows):
        return []
    chart = forest(reading.source, event=event)
    caption = words.say("events.forest", window=reading.first_label, level=share(reading.confidence))
    listed = table(words, f"{id_}-cars", words.say("events.cars_table", group=event), rows, CARS[1:], "cars")
    return [figure(f"{id_}-forest", caption, chart), listed]


def _claims(reading: Reading, id_: str, event: str) -> list[Block]:
    """Say how the articles' claims of the event fared, with the articles' cards by name."""
    words, rows = reading.words, reading.claims.get(event, [])
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
    told = paragraph(
        words,
        "claims.reading",
        claims=counted(words, "claim", len(rows)),
        cards=joined(words, cards),
        verdicts=joined(words, counts),
    )
    return [
        told,
        table(words, f"{id_}-claims", words.say("claims.caption", group=event), rows, CLAIMS, "claims"),
    ]
