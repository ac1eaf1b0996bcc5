"""Claims about prices as they are printed: stated, measured, verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from eventstudy.cli.call import Line
from eventstudy.cli.columns import dim, table_lines, wrapped
from eventstudy.events.claim import Claim
from eventstudy.events.event import Event
from eventstudy.words.formatting import MISSING, counted, listed, percent

UNTESTABLE = "not testable"
Judged = tuple[Claim, Mapping[str, Any]]


def paired(events: Iterable[Event], verdicts: Iterable[Mapping[str, Any]]) -> list[Judged]:
    """Pair each claim with its row of the table ``claims``, which has their order."""
    claims = [claim for event in events for claim in event.claims]
    return list(zip(claims, verdicts, strict=True))


def claims_in_short(judged: list[Judged], width: int) -> Iterator[Line]:
    """Yield the claims that could be tested, and a count of the others with their tickers."""
    if not judged:
        return
    tested = [(claim, row) for claim, row in judged if row["verdict"] != UNTESTABLE]
    yield Line("Claims of the articles about prices", "bold")
    if tested:
        yield from _table([[*_cells(claim, row), row["verdict"]] for claim, row in tested])
    if untested := [claim for claim, row in judged if row["verdict"] == UNTESTABLE]:
        tickers = listed(list(dict.fromkeys(claim.ticker for claim in untested)))
        text = (
            f"{counted(len(untested), 'more claim')} not testable ({tickers}): `eventstudy claims` says why"
        )
        yield from dim(text, width)
    yield Line("")


def claims_counted(verdicts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Say how many claims have each verdict, where there are some."""
    if verdicts:
        tally = _tally(row["verdict"] for row in verdicts)
        yield f"Claims of the articles about prices: {tally}; `eventstudy claims` says why."


def claims_in_full(judged: list[Judged], width: int) -> Iterator[Line]:
    """Yield every claim with its verdict and the reason, then the counts of the verdicts."""
    if not judged:
        yield Line("No event of the study has a claim.")
        return
    head, *lines = _table([[*_cells(claim, row), row["verdict"]] for claim, row in judged])
    yield head
    previous = None
    for place, ((_, row), line) in enumerate(zip(judged, lines, strict=True)):
        if row["event_id"] != previous:
            yield Line(row["event_id"], "bold")
            previous = row["event_id"]
        yield line
        yield from dim(row["reason"], width, "      ")
        following = judged[place + 1][1] if place + 1 < len(judged) else {}
        if row["sentence"] and _sentence(row) != _sentence(following):
            together = f"together {row['sentence_verdict']}: {row['sentence_reason']}"
            yield from map(Line, wrapped(together, width, "      "))
    yield Line(f"{counted(len(judged), 'claim')}: {_tally(row['verdict'] for _, row in judged)}")
    sentences = {_sentence(row): row["sentence_verdict"] for _, row in judged if row["sentence"]}
    if sentences:
        yield Line(f"{counted(len(sentences), 'sentence')} of several claims: {_tally(sentences.values())}")


def _sentence(row: Mapping[str, Any]) -> tuple[Any, Any]:
    return row.get("event_id"), row.get("sentence")


def _tally(verdicts: Iterable[str]) -> str:
    return ", ".join(f"{count} {verdict}" for verdict, count in Counter(verdicts).most_common())


def _table(rows: list[list[str]]) -> Iterator[Line]:
    return table_lines("llrrl", [["", "", "stated", "measured", "verdict"], *rows])


def _cells(claim: Claim, row: Mapping[str, Any]) -> list[str]:
    return [claim.ticker, _what(claim), _stated(claim), _measured(claim, row)]


def _what(claim: Claim) -> str:
    """Return in a few words what the claim is about."""
    words = {
        "close_to_close": "close" if claim.sessions == 1 else f"{claim.sessions} closes",
        "sign": "close" if claim.sessions == 1 else f"{claim.sessions} closes",
        "intraday_high": "high",
        "intraday": f"at {claim.at}",
        "premarket": "before open",
        "since_range": "since range",
        "market_value": "value",
    }
    return f"{claim.on} {words[claim.kind]}"


def _stated(claim: Claim) -> str:
    bound = {"over": "over ", "at_least": "at least "}.get(claim.bound or "", "")
    return bound + claim.stated.removesuffix(" dollars")


def _measured(claim: Claim, row: Mapping[str, Any]) -> str:
    """Return what the prices give, in the unit of the claim: a value, or a range."""
    level = claim.kind != "sign" and claim.figure.unit == "level"

    def written(value: float) -> str:
        return f"{value:,.2f}" if level else percent(value)

    if row["measured"] is not None:
        return written(row["measured"])
    if row["low"] is None:
        return MISSING
    return f"{written(row['low'])} to {written(row['high'])}"
