"""The articles about an event and their claims: paragraphs and a table."""

from __future__ import annotations

from eventstudy.report.section import Block, Listing
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import blank, joined, name, paragraph, quoted, sentence
from eventstudy.results.naming import event_name
from eventstudy.results.view import ResultView
from eventstudy.words.by_language import in_language

CLAIMS = ("ticker", "claim:text:kind", "stated_figure:stated:stated", "measured:stated:measured",
          "lowest:stated:low", "highest:stated:high", "verdict", "reason", "together:text:sentence_reason",
          "card")  # fmt: skip


def articles_of(view: ResultView, anchor: str, event: str) -> list[Block]:
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
        note = quoted(in_language(cited["note"], view.lang)) if cited["note"] else ""
        items.append(blank(told, basis, note))
    return [Listing(tuple(items))] if items else []


def claims_of(view: ResultView, anchor: str, event: str) -> list[Block]:
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
            verdict=words.coded("verdict", verdict),
        )
        for verdict in dict.fromkeys(verdicts)
    ]
    cards = [name(card) for card in dict.fromkeys(row["card"] for row in rows) if card]
    claims = {"claims": words.counted("claim", len(rows)), "cards": joined(words, cards)}
    named = {"kind": lambda row: str(words.coded("claim", row["kind"]))}
    caption = words.say("claims.caption", group=event_name(view, event))
    return [
        paragraph(words, "claims.reading", verdicts=joined(words, counts), **claims),
        table(words, f"{anchor}--claims", caption, rows, CLAIMS, "claims", shown=named),
    ]
