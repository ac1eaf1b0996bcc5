"""Tickers, events and kinds side by side, with adjusted p-values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.design import Window
from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.inference.comparisons import MAX_LISTED
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.multiplicity import benjamini_hochberg, holm

if TYPE_CHECKING:
    import pandas as pd

    from eventstudy.study_result import EventStudyResult

COLUMNS = (
    "level",
    "key",
    "a",
    "b",
    "start",
    "end",
    "difference",
    "se",
    "statistic",
    "df",
    "pvalue",
    "pvalue_rw",
    "n",
    "note",
)


def compare(
    result: EventStudyResult,
    *,
    a: str | None = None,
    b: str | None = None,
    event: str | None = None,
    ticker: str | None = None,
    kind: str | None = None,
    window: Any = None,
    between: Sequence[str] | None = None,
    adjust: str = "holm",
) -> pd.DataFrame:
    """Compare what was measured: tickers within an event, events of a ticker, kinds of event.

    Parameters
    ----------
    result
        Of `eventstudy.run` or `eventstudy.load`; only its tables ``comparisons`` and ``events`` are read.
    a, b
        One pair, ``a`` minus ``b``. Alone they are two tickers (over all dates, and within each event) or two
        kinds; beside ``event`` two of its tickers, beside ``ticker`` two of its events.
    event
        Compare the tickers of this event.
    ticker
        Compare the events of this ticker.
    kind
        Compare this kind of event with the others.
    window
        A window of the result, such as (0, 1); None means all that it has.
    between
        Only pairs among these: tickers, events or kinds.
    adjust
        ``"holm"``, ``"bh"`` (Benjamini & Hochberg 1995) or ``"rw"`` (Romano & Wolf 2005).

    Returns
    -------
    DataFrame
        A row per pair and window as in the table ``comparisons``: ``difference`` is the CAR of ``a`` minus
        that of ``b`` (means over dates for level ``all``), decimal. ``pvalue_holm`` or ``pvalue_bh`` is
        adjusted over the pairs returned of the same level and window; ``pvalue_rw`` is that of the run, over
        all pairs of the same group and window: for a part of them it still bounds the probability of a false
        rejection, and is somewhat large. NaN where a pair has no test, and ``pvalue_rw`` where the note says
        why, or where a one-sided pair was turned round: the run drew for ``a`` minus ``b`` as it lists them.

    Raises
    ------
    UnknownNameError
        An event, ticker, kind or adjustment that the result does not have, with the nearest that it has.
    UsageError
        No or more than one of ``event``, ``ticker`` and ``kind``; a window that was not measured.
    """
    if adjust not in ADJUSTMENTS:
        raise UnknownNameError("adjustment", adjust, ADJUSTMENTS)
    table = result.frame("comparisons")[list(COLUMNS)]
    members = None if between is None else list(between)
    if a is not None and b is not None:
        members = [a, b]
    elif a is not None or b is not None:
        raise UsageError("a pair has two members; give a and b")
    shown = _windows(_group(result, table, event, ticker, kind, members), result, window)
    turned = _turned(shown, a or kind, result.manifest["design"]["alternative"])
    return _adjusted(_ordered(turned), adjust)


def _group(
    result: EventStudyResult,
    table: pd.DataFrame,
    event: str | None,
    ticker: str | None,
    kind: str | None,
    members: list[str] | None,
) -> pd.DataFrame:
    """Return the rows that are about what was named."""
    given = [
        (name, value)
        for name, value in (("event", event), ("ticker", ticker), ("kind", kind))
        if value is not None
    ]
    if len(given) > 1 or not (given or members):
        raise UsageError("name what to compare: one event, one ticker or one kind, or a pair a and b")
    known = _labels(result)
    for name, value in given:
        _require(name, [value], known[name])
    if not given:
        return _of_pair(table, known, members or [])
    level, key = given[0]
    if level == "kind":
        rows = table[(table["level"] == "all") & (table["key"] == "kind")]
        about = (rows["a"] == key) | (rows["b"] == key)
        others = None if members is None else {key, *members}
        return _among(rows[about], "kind", others, known["kind"])
    rows = table[(table["level"] == level) & (table["key"] == key)]
    if rows.empty:
        raise UsageError(f"{level} {key!r} has no pairs in the results: {_WHY_NONE[level]}")
    inner = "ticker" if level == "event" else "event"
    return _among(rows, inner, members, list(dict.fromkeys([*rows["a"], *rows["b"]])))


def _of_pair(table: pd.DataFrame, known: dict[str, list[str]], members: list[str]) -> pd.DataFrame:
    """Return the rows of some tickers over all dates and within each event, or of some kinds."""
    level_all = table["level"] == "all"
    if members[0] in known["kind"] and members[0] not in known["ticker"]:
        return _among(table[level_all & (table["key"] == "kind")], "kind", members, known["kind"])
    rows = table[(level_all & (table["key"] == "ticker")) | (table["level"] == "event")]
    return _among(rows, "ticker", members, known["ticker"])


def _among(
    rows: pd.DataFrame, what: str, members: Sequence[str] | set[str] | None, known: Sequence[str]
) -> pd.DataFrame:
    """Keep the pairs whose members are both named; all where none are."""
    if members is None:
        return rows
    _require(what, members, known)
    if len(set(members)) < 2:
        raise UsageError(f"a comparison needs two {what}s; {', '.join(members)} is one")
    return rows[rows["a"].isin(list(members)) & rows["b"].isin(list(members))]


def _require(what: str, names: Sequence[str] | set[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            raise UnknownNameError(what, name, known)


def _labels(result: EventStudyResult) -> dict[str, list[str]]:
    """Return the events, tickers and kinds that a result has."""
    events = result.tables["events"]
    columns = {"event": "event_id", "ticker": "ticker", "kind": "kind"}
    return {
        name: [label for label in events[column].unique().to_pylist() if label]
        for name, column in columns.items()
    }


def _windows(rows: pd.DataFrame, result: EventStudyResult, window: Any) -> pd.DataFrame:
    """Keep one window, which must be among those of the result's design."""
    if window is None:
        return rows
    asked = Window(*window)
    measured = [Window(*pair) for pair in result.manifest["design"]["car_windows"]]
    if asked not in measured:
        there = ", ".join(str(other) for other in measured)
        option = f"--car={asked.start}:{asked.end}"
        raise UsageError(
            f"the results hold no window {asked}, only {there}; `eventstudy run {option}` measures it"
        )
    return rows[(rows["start"] == asked.start) & (rows["end"] == asked.end)]


def _turned(rows: pd.DataFrame, first: str | None, alternative: Alternative) -> pd.DataFrame:
    """Turn pairs so that ``first`` stands first; a one-sided p-value turns with them."""
    rows = rows.astype({"a": object, "b": object})
    at = (rows["b"] == first).to_numpy()
    rows.loc[at, ["a", "b"]] = rows.loc[at, ["b", "a"]].to_numpy()
    rows.loc[at, ["difference", "statistic"]] *= -1
    rows.loc[at, "pvalue"] = t_pvalue(rows.loc[at, "statistic"], rows.loc[at, "df"], alternative)
    if alternative != "two-sided":
        rows.loc[at, "pvalue_rw"] = np.nan
    return rows


def _ordered(rows: pd.DataFrame) -> pd.DataFrame:
    """Put what is over all dates first, then window by window the largest |t|."""
    within, size = rows["level"] != "all", -rows["statistic"].abs()
    rows = rows.assign(within=within, size=size).sort_values(
        ["within", "start", "end", "size"], kind="stable"
    )
    return rows[list(COLUMNS)].reset_index(drop=True)


def _adjusted(rows: pd.DataFrame, adjust: str) -> pd.DataFrame:
    """Keep one adjusted p-value: that of the run, or over the shown pairs of a level and window."""
    if adjust in OVER_SHOWN:
        groups = rows.groupby(["level", "start", "end"], observed=True, sort=False)
        family = groups.ngroup().to_numpy().astype(np.int64)
        adjusted = OVER_SHOWN[adjust](rows["pvalue"].to_numpy(float), family)
        rows = rows.rename(columns={"pvalue_rw": f"pvalue_{adjust}"})
        rows[f"pvalue_{adjust}"] = adjusted
    return rows


OVER_SHOWN: dict[str, Callable[[FloatArray, IntArray], FloatArray]] = {
    "holm": holm,
    "bh": benjamini_hochberg,
}
ADJUSTMENTS = (*OVER_SHOWN, "rw")
_WHY_NONE = {
    "event": f"it has fewer than two measured tickers on one session, or all events have over {MAX_LISTED:,}",
    "ticker": f"it has fewer than two measured events, or all tickers have over {MAX_LISTED:,}",
}
