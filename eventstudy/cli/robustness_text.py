"""What `eventstudy robustness` prints: the headline, the specifications, and a row for each firm-event."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventstudy.cli.call import Line
from eventstudy.cli.columns import dim, table_lines, wrapped
from eventstudy.design import Window
from eventstudy.results.curve_rows import has_stated, listed_curves
from eventstudy.results.row_groups import Row
from eventstudy.results.view import ResultView
from eventstudy.words.formatting import MISSING, car_label, counted, percent, pvalue, ratio

SHORT_LIST = 50  #: firm-events that are all listed
MOST_LISTED = 20  #: of more, the named ones and those with the largest median t
#: columns of the table that are left out, in this order, where a terminal has no room for them
SPARE = (("lowest", "highest"), ("stated", "stated p"), ("t",), ("sign",), ("p_max",), ("study p",))
LEGEND = (
    "median, lowest, highest: of the CAR over the specifications; sign: how many have the sign of the median;"
    " t: its median. p_median, p_max and p_count rank the median t, the largest t, and the number with p"
    " below 5 % among their values at the shifts of day 0 that all specifications share; that number is"
    " evidence through p_count alone. study p is adjusted over all firm-days (Benjamini-Hochberg)"
)


def robustness_text(view: ResultView, width: int) -> Iterator[Line]:
    """Yield the whole output."""
    first, *others = view.headline["sentences"]
    yield from (Line(line, "bold") for line in wrapped(first, width))
    yield from map(Line, wrapped(" ".join(others), width) if others else ())
    yield Line("")
    yield from _specifications(view, width)
    yield from _curves(view, width)
    yield from _skipped(view, width)
    if len(view.windows) > 1:
        others = ", ".join(map(car_label, view.windows[1:]))
        yield from dim(f"{others}: in specification_curves.parquet and --json, never in one count", width)


def _specifications(view: ResultView, width: int) -> Iterator[Line]:
    listed = view.manifest["specifications"]
    axes = {
        "models": [each["model"] for each in listed],
        "estimation windows": [_window(each["estimation"]) for each in listed],
        "benchmarks": [_benchmark(each["benchmark"]) for each in listed if each["benchmark"]],
        "returns": [each["returns"] for each in listed],
    }
    said = "; ".join(f"{name} {', '.join(dict.fromkeys(values))}" for name, values in axes.items() if values)
    yield Line(counted(len(listed), "specification"), "bold")
    yield from map(Line, wrapped(said, width, "  ", "    "))
    for each in listed:
        if each["stated"]:
            against = f" against {_benchmark(each['benchmark'])}" if each["benchmark"] else ""
            text = f"{each['model']}{against}, {_window(each['estimation'])}, {each['returns']} returns"
            yield from map(Line, wrapped(f"stated beforehand: {text}", width, "  ", "    "))
    if not has_stated(view):
        yield from dim(
            "none was stated beforehand (--stated, or robustness: stated: in the study file)", width
        )
    yield Line("")


def _window(pair: list[int] | None) -> str:
    return "none" if pair is None else str(Window(*pair))


def _benchmark(notation: object) -> str:
    from eventstudy.design import Benchmark

    return str(Benchmark.parse(notation))  # type: ignore[arg-type]  # as the manifest has it


def _curves(view: ResultView, width: int) -> Iterator[Line]:
    total = sum(1 for row in view.rows("specification_curves") if view.is_first(row) and row["n_measured"])
    rows = listed_curves(view, None if total <= SHORT_LIST else MOST_LISTED)
    if not rows:
        return
    shown = f", the {len(rows)} of {total} firm-events with the largest median t" if len(rows) < total else ""
    title = f"{view.first_label} over the specifications{shown}"
    yield from (Line(line, "bold") for line in wrapped(title, width))
    cells = [_cells(row) for row in rows]
    left_out = set() if has_stated(view) else {"stated", "stated p"}
    lines = _table(cells, left_out)
    for names in SPARE:
        if max(len(line.text) for line in lines) <= width:
            break
        left_out |= set(names)
        lines = _table(cells, left_out)
    yield from lines
    yield from dim(f"{LEGEND}; * named, ** named and beyond doubt", width)


def _table(cells: Sequence[dict[str, str]], left_out: set[str]) -> list[Line]:
    names = [name for name in cells[0] if name not in left_out]
    header = ["" if name in ("event", "ticker", "mark") else name for name in names]
    spec = "".join("l" if name in ("event", "ticker", "mark") else "r" for name in names)
    return list(table_lines(spec, [header, *([row[name] for name in names] for row in cells)]))


def _cells(row: Row) -> dict[str, str]:
    return {
        "event": row["event_id"],
        "ticker": row["ticker"],
        "median": percent(row["car_median"]),
        "lowest": percent(row["car_low"]),
        "highest": percent(row["car_high"]),
        "sign": f"{row['same_sign']}/{row['n_measured']}",
        "t": ratio(row["median_statistic"]),
        "stated": percent(row["stated_car"]),
        "stated p": pvalue(row["stated_p"]),
        "p_median": pvalue(row["p_median"]),
        "p_max": pvalue(row["p_max"]),
        "p<5%": f"{row['n_significant']}/{row['n_measured']}" if row["p_count"] is not None else MISSING,
        "p_count": pvalue(row["p_count"]),
        "study p": pvalue(row["pvalue_study_bh"]),
        "mark": row["mark"],
    }


def _skipped(view: ResultView, width: int) -> Iterator[Line]:
    for row in view.firm_events:
        if row["status"] != "ok":
            text = f"{row['event_id']} {row['ticker']} skipped: {row['reason']}"
            yield from map(Line, wrapped(text, width, "  ", "    "))
