"""Write docs/methods.md from the registry of tests and the stored simulation: `python docs/build_methods.py`.

A test of the suite fails where the page is not what this writes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path

from eventstudy.methods import Method, method
from eventstudy.significance import TESTS

FOLDER = Path(__file__).resolve().parent
PAGE, SIMULATED, OPENING = (FOLDER / name for name in ("methods.md", "simulated.csv", "methods_opening.md"))

SCOPES = {
    "firm-event": "One firm-event",
    "one date": "Several tickers on one date",
    "cross-section": "Many firm-events",
}
#: What one has, what to read first, what to read beside it, and why not the others.
SITUATIONS = (
    ("one event, one ticker", "`car_t`", "`placebo`, `rank_single`",
     "there is no cross-section; with fat tails trust the ranks"),
    ("one event, several tickers", "`joint_f`, `joint_placebo`; `portfolio_t`, `portfolio_placebo`", "`bmp_adj_t`",
     "firms of one date are one draw; the unadjusted cross-sectional tests reject three to four times too often"),
    ("one event, the day more volatile for everyone", "`bmp_adj_t`", "`grank_t`",
     "every test that takes its noise from the estimation window over-rejects"),
    ("two to nine dates", "per event: as above", "per firm-event: `car_t` with Holm or Romano-Wolf",
     "too few dates for a cross-section; no headline"),
    ("ten or more dates, some shared", "`cross_section_t` over date means, `bmp_adj_t`", "`grank_t`, `wild_bootstrap`",
     "date means make dates the observations; the adjusted test and the clustered bootstrap take shared dates in"),
    ("many dates, one firm each", "`bmp_t`", "`grank_t`, `corrado_rank`, `generalized_sign`",
     "efficient and robust to event-induced variance; ranks where tails are fat"),
    ("fewer than 50 firm-events", "`sign`, `wilcoxon`", "`bmp_t`",
     "exact for any number; the asymptotic ones are off by what the tables below say"),
    ("long windows", "BHAR: `bhar_skew_t`", "`calendar_time`",
     "buy-and-hold returns are skewed; overlapping windows are correlated"),
    ("is it the variance that rose?", "`variance_ratio`", "`bmp_t` against `patell_z`",
     "rejects for any news, good or bad"),
)  # fmt: skip


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield OPENING.read_text(encoding="utf-8").rstrip()
    yield from ("", "## Which test for which situation", "")
    yield from _table(("you have", "read first", "beside it", "because"), SITUATIONS)
    yield from ("", "## All tests", "")
    yield from _table(
        ("test", "speaks of", "reference distribution", "assumes a distribution of returns", "withstands", "source"),
        [_summary(method(name)) for name in TESTS],
    )
    for scope, title in SCOPES.items():
        yield from ("", f"## {title}")
        for name, test in TESTS.items():
            if test.scope == scope:
                yield from _section(name, method(name))


def _summary(entry: Method) -> tuple[str, ...]:
    test = entry.test
    withstands = list(test.robust_to)
    if test.exact:
        withstands.append("few observations (exact)")
    units = ", ".join([test.unit, *(["date"] if test.over_dates else [])])
    return (
        f"[`{test.name}`](#{test.name})",
        units if test.scope != "one date" else f"{units} of one date",
        test.distribution + (", drawn" if test.resampled else ""),
        "yes" if test.parametric else "no",
        ", ".join(withstands) or "-",
        test.reference,
    )


def _section(name: str, entry: Method) -> Iterator[str]:
    yield from ("", f"### {name}", "", _code(entry.summary), "")
    for formula in entry.formulas:
        yield from ("$$", formula, "$$", "")
    for paragraph in entry.notes:
        yield from (_code(paragraph), "")
    yield f"*Source:* {entry.references}"


def _code(text: str) -> str:
    return text.replace("``", "`")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"| {' | '.join('---' for _ in header)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
