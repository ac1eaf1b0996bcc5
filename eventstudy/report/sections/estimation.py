"""What a referee would ask of the estimation: betas, fit, and what the residuals are like."""

from __future__ import annotations

from statistics import median
from typing import Any

from eventstudy.charts.residuals import residuals
from eventstudy.charts.source import UNUSUAL
from eventstudy.report.chart_blocks import figure
from eventstudy.report.data_tables import chosen_table, table
from eventstudy.report.reading import Reading, Row, is_small
from eventstudy.report.section import Block, Listing, Section
from eventstudy.report.writing import counted, paragraph, sentence, share
from eventstudy.words.formatting import percent, ratio

#: Tests of the residuals, in the order of the columns.
RESIDUAL_TESTS = ("ljung_box", "arch_lm", "jarque_bera")
MOST_DRAWN = 150  #: firm-events whose residuals are drawn
RESIDUALS = ("tau:count:tau", "session", "residual:percent:residual_text", "in_sigmas:ratio:from_se")
FIGURES = ("zero_return_share", "missing_sessions")
COLUMNS = (
    "event:text:event_id",
    "ticker",
    "beta:ratio:beta",
    "beta_se:ratio:beta_se",
    "sigma:size:sigma",
    "rsquared:ratio:rsquared",
    "n_estimation:count:n_estimation",
    "ljung_box:p:ljung_box",
    "arch_lm:p:arch_lm",
    "jarque_bera:p:jarque_bera",
    "zero_return_share:size:zero_return_share",
    "missing_sessions:count:missing_sessions",
    "masked:count:masked",
)


def estimation_section(reading: Reading) -> Section | None:
    """Return the diagnostics; None where nothing was measured, for a large study its sums alone."""
    words = reading.words
    if not reading.measured:
        return None
    rows = _rows(reading)
    blocks: list[Block] = [
        paragraph(
            words,
            "estimation.reading",
            sigma=percent(median(row["sigma"] for row in rows if row["sigma"] is not None)).lstrip("+"),
            rsquared=_middle(rows, "rsquared"),
            beta=_middle(rows, "beta"),
        ),
        Listing(tuple(_tests(reading, rows))),
    ]
    if not reading.large:
        blocks += _residuals(reading, rows)
        blocks.append(table(words, "estimation", words.say("estimation.table"), rows, COLUMNS))
    return Section("estimation", words.say("estimation.title"), tuple(blocks))


def _residuals(reading: Reading, rows: list[Row]) -> list[Block]:
    """Return the plot of residuals with a chooser of firm-events, and the table of the one that is chosen.

    Of very many firm-events those are drawn whose residuals are furthest from normal.
    """
    words = reading.words
    drawn = [row for row in rows if row["sigma"] is not None]
    notes: list[Block] = []
    if len(drawn) > MOST_DRAWN:
        notes = [paragraph(words, "estimation.residuals_some", "quiet", shown=MOST_DRAWN, n=len(drawn))]
        least = sorted(drawn, key=lambda row: 1.0 if row["jarque_bera"] is None else row["jarque_bera"])
        drawn = least[:MOST_DRAWN]
    charts = {
        f"{row['event_id']} · {row['ticker']}": residuals(
            reading.source, event=row["event_id"], ticker=row["ticker"]
        )
        for row in drawn
    }
    charts = {name: chart for name, chart in charts.items() if not chart.empty}
    if not charts:
        return []
    return [
        *notes,
        figure(
            "residuals",
            words.say("estimation.residuals"),
            next(iter(charts.values())),
            charts,
            chooser=words.say("estimation.choose"),
            exact=("residual",),
        ),
        chosen_table(
            words,
            "residuals",
            words.say("estimation.residuals_table"),
            ("residuals", "residuals"),
            RESIDUALS,
            ("tau", "session", "residual"),
        ),
    ]


def _tests(reading: Reading, rows: list[Row]) -> list[Any]:
    words = reading.words
    items = []
    for test in RESIDUAL_TESTS:
        known = [row[test] for row in rows if row[test] is not None]
        if known:
            small = sum(map(is_small, known))
            of = counted(words, "firm_event", len(known))
            items.append(sentence(words, f"estimation.{test}", n=f"{small:,}", of=of, level=share(UNUSUAL)))
    return items


def _middle(rows: list[Row], field: str) -> str:
    known = [row[field] for row in rows if row[field] is not None]
    return ratio(median(known)) if known else ratio(None)


def _rows(reading: Reading) -> list[Row]:
    """Return a row per measured firm-event: its slope on the benchmark, its fit, and the checks beside it."""
    slopes: dict[Any, Any] = {}
    for row in reading.tables["coefficients"].to_pylist():
        slopes.setdefault((row["event_id"], row["ticker"], row["term"]), row)
    checks: dict[tuple[str, str], dict[str, Any]] = {}
    for row in reading.tables["diagnostics"].to_pylist():
        found = row["pvalue"] if row["check"] in RESIDUAL_TESTS else row["value"]
        checks.setdefault((row["event_id"], row["ticker"]), {})[row["check"]] = found
    rows = []
    for row in reading.measured:
        pair = (row["event_id"], row["ticker"])
        slope = slopes.get((*pair, row["benchmark"]), {})
        own = checks.get(pair, {})
        rows.append(
            {
                **row,
                "beta": slope.get("estimate"),
                "beta_se": slope.get("std_error"),
                **{check: own.get(check) for check in (*RESIDUAL_TESTS, *FIGURES)},
            }
        )
    return rows
