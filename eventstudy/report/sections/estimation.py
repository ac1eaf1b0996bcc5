"""Estimation diagnostics: betas, fit, and tests of the residuals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from statistics import median
from typing import Any

from eventstudy.charts.residuals import residuals
from eventstudy.report.chart_blocks import figure
from eventstudy.report.section import Block, Listing, Section
from eventstudy.report.table_blocks import chosen_table, table
from eventstudy.report.writing import paragraph, sentence
from eventstudy.results.row_groups import SMALL, Row, is_small
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count, ratio, share

#: Tests of the residuals, in the order of the columns.
RESIDUAL_TESTS = ("ljung_box", "arch_lm", "jarque_bera")
#: Checks of the diagnostics whose notes are remarks.
REMARKS = ("no_trade_share", "zero_return_share", "autocorrelation", "day0_variance")
MOST_DRAWN = 40  #: firm-events whose residuals are drawn
RESIDUALS = ("tau:count:tau", "session", "residual:percent:residual_text", "in_sigmas:ratio:from_se")
FIGURES = ("zero_return_share", "missing_sessions")
SLOPE = ("beta:ratio:beta", "beta_se:ratio:beta_se")
COLUMNS = ("sigma:size:sigma", "rsquared:ratio:rsquared", "n_estimation:count:n_estimation",
           "ljung_box:p:ljung_box", "arch_lm:p:arch_lm", "jarque_bera:p:jarque_bera",
           "zero_return_share:size:zero_return_share", "missing_sessions:count:missing_sessions",
           "masked:count:masked")  # fmt: skip


def estimation_section(view: ResultView) -> Section | None:
    """Return the diagnostics; None where nothing was measured, for a large study the counts alone."""
    words, rows = view.words, _rows(view)
    if not rows:
        return None
    key = "estimation.reading" if view.benchmark else "estimation.reading_plain"
    middle = {field: _median(rows, field) for field in ("sigma", "rsquared", "beta")}
    values = {
        "sigma": view.figures.size(middle["sigma"]),
        **{f: ratio(middle[f]) for f in ("rsquared", "beta")},
    }
    blocks: list[Block] = [paragraph(words, key, **values), Listing(tuple(_tests(view, rows)))]
    if not view.large:
        columns = ("event:text:event_id", "ticker", *(SLOPE if view.benchmark else ()), *COLUMNS)
        blocks += _residuals(view, rows)
        blocks.append(table(words, "estimation", words.say("estimation.table"), rows, columns))
    return Section("estimation", words.say("estimation.title"), tuple(blocks), folded=True)


def _residuals(view: ResultView, rows: list[Row]) -> list[Block]:
    """Return the plot of residuals with a chooser of firm-events, and the table of the chosen one.

    Of very many firm-events those are drawn whose residuals are furthest from normal.
    """
    words = view.words
    drawn = [row for row in rows if row["sigma"] is not None]
    notes: list[Block] = []
    if len(drawn) > MOST_DRAWN:
        notes = [paragraph(words, "estimation.residuals_some", "quiet", shown=MOST_DRAWN, n=len(drawn))]
        drawn.sort(key=lambda row: 1.0 if row["jarque_bera"] is None else row["jarque_bera"])
    charts = {
        f"{row['event_id']} · {row['ticker']}": chart
        for row in drawn[:MOST_DRAWN]
        if not (chart := residuals(view, event=row["event_id"], ticker=row["ticker"])).empty
    }
    if not charts:
        return []
    caption, choose = words.say("estimation.residuals"), words.say("estimation.choose")
    listed, shown = words.say("estimation.residuals_table"), ("residuals", "residuals")
    return [
        *notes,
        figure("residuals", caption, next(iter(charts.values())), charts, choose, exact=("residual",)),
        chosen_table(words, "residuals", listed, shown, RESIDUALS, ("tau", "session", "residual")),
    ]


def _tests(view: ResultView, rows: list[Row]) -> list[Any]:
    words, items = view.words, []
    for test in RESIDUAL_TESTS:
        known = [row[test] for row in rows if row[test] is not None]
        if known:
            n, of = count(sum(map(is_small, known))), words.counted("firm_event", len(known))
            values = {"n": n, "of": of, "expected": f"{SMALL * len(known):.1f}", "level": share(SMALL)}
            items.append(sentence(words, f"estimation.{test}", **values))
    return [*items, *_remarks(view)]


def _remarks(view: ResultView) -> Iterator[Any]:
    """Yield a sentence per remark of the diagnostics that holds somewhere, with its remedy."""
    words, measured = view.words, {(row["event_id"], row["ticker"]) for row in view.measured}
    noted = Counter(
        row["check"]
        for row in view.rows("diagnostics")
        if row["check"] in REMARKS and row["note"] and (row["event_id"], row["ticker"]) in measured
    )
    for check in REMARKS:
        if noted[check]:
            values = {"n": count(noted[check]), "of": words.counted("firm_event", len(measured))}
            yield sentence(words, f"estimation.{check}", **values)


def _median(rows: list[Row], field: str) -> float | None:
    known = [row[field] for row in rows if row[field] is not None]
    return median(known) if known else None


def _rows(view: ResultView) -> list[Row]:
    """Return a row per measured firm-event: its slope on the benchmark, its fit, and its diagnostics."""
    slopes = {(row["event_id"], row["ticker"], row["term"]): row for row in view.rows("coefficients")}
    checks: dict[tuple[str, str], Row] = {}
    for row in view.rows("diagnostics"):
        found = row["pvalue"] if row["check"] in RESIDUAL_TESTS else row["value"]
        checks.setdefault((row["event_id"], row["ticker"]), {})[row["check"]] = found
    rows = []
    for row in view.measured:
        pair = (row["event_id"], row["ticker"])
        slope, own = slopes.get((*pair, row["benchmark"]), {}), checks.get(pair, {})
        beta = {"beta": slope.get("estimate"), "beta_se": slope.get("std_error")}
        rows.append({**row, **beta, **{check: own.get(check) for check in (*RESIDUAL_TESTS, *FIGURES)}})
    return rows
