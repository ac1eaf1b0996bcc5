"""Tickers, events and kinds side by side, with adjusted p-values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from eventstudy._typing import Alternative, FloatArray, IntArray
from eventstudy.design.arguments import as_names, check_kind, check_texts
from eventstudy.design.window import read_window
from eventstudy.errors import UnknownNameError, UsageError
from eventstudy.inference.comparisons import MAX_LISTED
from eventstudy.inference.group_differences import LEVEL
from eventstudy.numerics.distributions import t_pvalue
from eventstudy.numerics.multiplicity import benjamini_hochberg, holm
from eventstudy.results.choosing import one_of
from eventstudy.schema import columns
from eventstudy.study_result import EventStudyResult

if TYPE_CHECKING:
    import pandas as pd

#: Columns of the table ``comparisons``; Holm and Benjamini-Hochberg are computed anew for what is shown.
COLUMNS = [each.name for each in columns("comparisons") if each.name not in ("pvalue_holm", "pvalue_bh")]


def compare(
    result: EventStudyResult,
    *,
    a: str | None = None,
    b: str | None = None,
    event: str | None = None,
    ticker: str | None = None,
    kind: str | None = None,
    by: str | None = None,
    window: Any = None,
    between: Sequence[str] | None = None,
    adjust: str = "holm",
) -> pd.DataFrame:
    """Compare tickers within an event, events of a ticker, kinds of event, or the groups of a column.

    Parameters
    ----------
    result
        Of `eventstudy.run` or `eventstudy.load`; only its tables ``comparisons`` and ``events`` are read.
    a, b
        One pair, ``a`` minus ``b``: two tickers (over all dates, and within each event) or two kinds; with
        ``event`` two of its tickers, with ``ticker`` two of its events.
    event
        Compare the tickers of this event.
    ticker
        Compare the events of this ticker.
    kind
        Compare this kind of event with the others.
    by
        Compare the groups of this column of the event list, which the run grouped by: the dummy regression of
        the CARs clustered by session, over firm-days.
    window
        A window of the result, such as (0, 1) or "0:1"; None means all that it has.
    between
        Only pairs among these: tickers, events or kinds.
    adjust
        ``"holm"``, ``"bh"`` (Benjamini & Hochberg 1995) or ``"rw"`` (Romano & Wolf 2005).

    Returns
    -------
    DataFrame
        A row per pair and window as in the table ``comparisons``: ``difference`` is the CAR of ``a`` minus
        that of ``b`` (means over dates for level ``all``, over firm-days for ``group``), decimal.
        ``pvalue_holm`` or ``pvalue_bh`` is adjusted over the returned pairs of the same level and window;
        ``pvalue_rw`` is that of the run, over all pairs of the same group and window, and is conservative for
        a part of them. NaN where a pair has
        no test; ``pvalue_rw`` is also NaN where the note gives the reason, and where a one-sided pair was
        reversed, since the run drew for ``a`` minus ``b`` in its own order.

    Raises
    ------
    UnknownNameError
        An event, ticker, kind or adjustment that the result does not have, with the nearest that it has.
    UsageError
        No or more than one of ``event``, ``ticker``, ``kind`` and ``by``; a window that was not measured.
    """
    check_kind("result", result, EventStudyResult, "what run or load returns")
    check_texts(event=event, ticker=ticker, kind=kind, by=by, a=a, b=b)
    if adjust not in ADJUSTMENTS:
        raise UnknownNameError("adjustment to adjust by", str(adjust), ADJUSTMENTS)
    between = None if between is None else as_names("between", between, "AMD")
    table = result.frame("comparisons")[COLUMNS]
    if (a is None) != (b is None):
        raise UsageError("a pair has two members; give a and b")
    members = [a, b] if a is not None and b is not None else None if between is None else list(between)
    levels = {"event": event, "ticker": ticker, "kind": kind, LEVEL: by}
    given = {level: key for level, key in levels.items() if key is not None}
    shown = _windows(_group(result, table, given, members), result, window)
    turned = _turned(shown, a or kind, result.manifest["design"]["alternative"])
    return _adjusted(_ordered(turned), adjust)


def _group(
    result: EventStudyResult, table: pd.DataFrame, given: dict[str, str], members: list[str] | None
) -> pd.DataFrame:
    """Return the rows about what was named."""
    if len(given) > 1 or not (given or members):
        raise UsageError("name what to compare: one event, ticker, kind or column (by), or a pair a and b")
    known = _labels(result)
    if not given:
        return _of_pair(table, known, members or [])
    ((level, key),) = given.items()
    if level == LEVEL:
        return _of_column(result, table, key, members)
    one_of(level, key, known[level])
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


def _of_column(
    result: EventStudyResult, table: pd.DataFrame, column: str, members: list[str] | None
) -> pd.DataFrame:
    """Return the rows about the groups of a column."""
    if column not in result.manifest["design"]["by"]:
        raise UsageError(
            f"the results hold no groups of {column!r}; `eventstudy run --by {column}` compares them"
        )
    rows = table[(table["level"] == LEVEL) & (table["key"] == column)]
    if rows.empty:
        raise UsageError(
            f"{column!r} has no pairs in the results: fewer than two groups, or over {MAX_LISTED:,}"
        )
    return _among(rows, "group", members, list(dict.fromkeys([*rows["a"], *rows["b"]])))


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
    for member in members:
        one_of(what, member, known)
    if len(set(members)) < 2:
        raise UsageError(f"a comparison needs two {what}s; {', '.join(members)} is one")
    return rows[rows["a"].isin(list(members)) & rows["b"].isin(list(members))]


def _labels(result: EventStudyResult) -> dict[str, list[str]]:
    """Return the events, tickers and kinds that a result has."""
    labels = result.view().labels
    return {
        level: [label for label in dict.fromkeys(labels[level]) if label]
        for level in ("event", "ticker", "kind")
    }


def _windows(rows: pd.DataFrame, result: EventStudyResult, window: Any) -> pd.DataFrame:
    """Keep one window, which must be among those of the result's design."""
    if window is None:
        return rows
    start, end = wanted = read_window("window", window)
    measured = result.view().windows
    if wanted not in measured:
        there, option = ", ".join(map(str, measured)), f"--car={start}:{end}"
        raise UsageError(
            f"the results hold no window {wanted}, only {there}; `eventstudy run {option}` measures it"
        )
    return rows[(rows["start"] == start) & (rows["end"] == end)]


def _turned(rows: pd.DataFrame, first: str | None, alternative: Alternative) -> pd.DataFrame:
    """Reverse pairs so that ``first`` comes first; a one-sided p-value is reversed with them."""
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
    return rows[COLUMNS].reset_index(drop=True)


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
