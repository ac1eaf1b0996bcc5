"""A study under many specifications: what it says over all of them, and the curve of each firm-event."""

from __future__ import annotations

from eventstudy.charts.specification_curve import specification_curve
from eventstudy.design import Benchmark, Window
from eventstudy.report.chart_blocks import figure
from eventstudy.report.section import Block, Paragraph, Section
from eventstudy.report.table_blocks import table
from eventstudy.report.writing import blank, name, paragraph
from eventstudy.results.curve_rows import listed_curves
from eventstudy.results.naming import benchmark_name
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import count

MOST_CURVES = 40  #: firm-events whose curve is drawn
MOST_FIRST = 5  #: of them on the first screen of a study that has CARs, too
MOST_ROWS = 500  #: firm-events in the table
CURVES = ("event:text:event_id", "ticker", "mark", "car_median:percent:car_median", "lowest:percent:car_low",
          "highest:percent:car_high", "same_sign:count:same_sign", "measured:count:n_measured",
          "median_t:ratio:median_statistic", "p_median:p:p_median", "p_max:p:p_max",
          "n_small:count:n_significant", "p_count:p:p_count", "study:p:pvalue_study_bh",
          "note")  # fmt: skip
CHOICES = ("specification:count:specification", "model", "estimation", "benchmark", "returns",
           "stated_beforehand:yes:stated")  # fmt: skip


def curves_of(view: ResultView) -> list[Block]:
    """Return the largest firm-events over all specifications, for a study that has both; else nothing."""
    rows = listed_curves(view, MOST_FIRST) if len(view.tables["specification_curves"]) else []
    if not rows or view.of_specifications:
        return []
    caption = view.words.say("robustness.first", window=view.first_label)
    return [table(view.words, "curves", caption, rows[:MOST_FIRST], CURVES, folded=False)]


def robustness_section(view: ResultView) -> Section | None:
    """Return the curves; None for a result of `run`."""
    if not view.of_specifications:
        return None
    words, window = view.words, view.first_label
    first, *others = map(name, view.headline["sentences"])
    rows = listed_curves(view, MOST_ROWS)
    drawn = listed_curves(view, MOST_CURVES)
    blocks: list[Block] = [
        Paragraph(first, "lead"),
        Paragraph(blank(*others)),
        paragraph(words, "robustness.reading", window=window),
    ]
    if drawn:
        charts = {
            f"{row['ticker']} · {row['event_id']}": specification_curve(
                view, event=row["event_id"], ticker=row["ticker"]
            )
            for row in drawn
        }
        start, chooser = next(iter(charts)), words.say("robustness.choose")
        caption = words.say("robustness.caption", window=window, level=view.level, n=count(len(charts)))
        blocks.append(figure("specification-curve", caption, charts[start], charts, chooser))
    blocks += [
        table(words, "curves", words.say("robustness.table", window=window), rows, CURVES, folded=False),
        table(words, "grid", words.say("robustness.grid"), _grid(view), CHOICES),
    ]
    return Section("robustness", words.say("robustness.title"), tuple(blocks))


def _grid(view: ResultView) -> list[Row]:
    """Return a row per specification."""
    return [
        {
            **each,
            "estimation": "" if each["estimation"] is None else str(Window(*each["estimation"])),
            "benchmark": ""
            if each["benchmark"] is None
            else benchmark_name(view, str(Benchmark.parse(each["benchmark"]))),
        }
        for each in view.manifest["specifications"]
    ]
