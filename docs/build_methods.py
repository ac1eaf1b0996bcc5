"""Write docs/methods.md from the registry of tests and the stored simulation: `python docs/build_methods.py`.

A test of the suite fails where the page is not what this writes.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from scipy.stats import binom

from eventstudy.models import MODELS
from eventstudy.significance import TESTS, SignificanceTest

FOLDER = Path(__file__).resolve().parent
PAGE, SIMULATED, OPENING = (FOLDER / name for name in ("methods.md", "simulated.csv", "methods_opening.md"))

SCOPES = {
    "firm-event": "One firm-event",
    "one date": "Several tickers on one date",
    "slopes": "Slopes on one date",
    "cross-section": "Many firm-events",
    "study": "The study",
    "donors": "Beside portfolios of donors",
}
#: What one has, what to read first, what to compare it with, and why not the others.
SITUATIONS = (
    ("one event, one ticker", "`conformal`", "`car_t`, `placebo`, `sq`, `rank_single`",
     "there is no cross-section; exact for exchangeable sessions, whatever their distribution"),
    ("one event, several tickers", "`joint_f`, `joint_placebo`; `portfolio_t`, `portfolio_placebo`",
     "`bmp_adj_t`", "firms of one date are one draw; unadjusted cross-sectional tests reject far too often"),
    ("one date, and a characteristic of its firms", "`prologue_ols`", "`prologue_gls`",
     "standard errors of one date, clustered or not, are far too small; ordinary days show the noise"),
    ("one event, the day more volatile for everyone", "`bmp_adj_t`", "-",
     "every test that takes its noise from the estimation window over-rejects"),
    ("two to nine dates", "the named firm-days (`pvalue_study_bh`); per event as above",
     "`joint_study` with Holm over the events", "too few dates for a cross-section"),
    ("ten or more dates, some shared", "`cross_section_t` over date means, `bmp_adj_t`",
     "`grank_t`, `wild_bootstrap`", "date means make dates the observations; others take shared dates in"),
    ("many dates, one firm each", "`bmp_t`", "`grank_t`, `corrado_rank`, `generalized_sign`",
     "efficient and robust to event-induced variance; ranks where tails are fat"),
    ("fewer than 50 firm-events", "`sign`, `wilcoxon`", "`bmp_t`",
     "exact for any number; the asymptotic ones are off by what the tables below say"),
    ("long windows", "BHAR: `bhar_skew_t`", "`calendar_time`",
     "buy-and-hold returns are skewed; overlapping windows are correlated"),
    ("is it the variance that rose?", "`variance_ratio`", "`bmp_t` against `patell_z`",
     "rejects for any news, good or bad"),
)  # fmt: skip

#: The situations of the stored simulation, in words.
SIMULATED_AS = {
    "independent": "independent firms, random dates, normal returns: every test's assumptions hold",
    "variance-doubled": "the variance of day 0 is twice that of the estimation window",
    "one-date": "all firms on one date, their residuals correlated by 0.3",
    "one-date-variance-doubled": "the same, and the variance of that date doubled",
    "one-date-t4": "all firms on one date, correlated by 0.3, returns from Student's t(4)",
    "t3": "returns from Student's t(3): fat tails",
    "skewed": "skewed returns",
    "missing": "every tenth return missing",
    "eleven-sessions": "as the first, over the window [-5,+5]",
    "staggered": "22 dates x 5 firms whose windows overlap in part, correlated by 0.3",
}
SIZE = 0.05  #: nominal size of the rates shown
POWER_AT = 24  #: firm-events of the tables of power
BAND = 0.99  #: of the binomial band outside which a rate is set in bold


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield OPENING.read_text(encoding="utf-8").rstrip()
    yield from _models()
    yield from ("", "## Which test for which situation", "")
    yield from _table(("you have", "read first", "compare with", "because"), SITUATIONS)
    yield from ("", "## All tests", "")
    yield from _table(
        ("test", "observations", "reference distribution", "parametric", "robust to", "source"),
        [_summary(test) for test in TESTS.values()],
    )
    yield from _simulated(_rates())
    for scope, title in SCOPES.items():
        yield from ("", f"## {title}")
        for test in TESTS.values():
            if test.scope == scope:
                yield from _section(test)


def _models() -> Iterator[str]:
    """Yield a section per model: its expected return, its source, and the page with its formulas."""
    yield from ("", "## Normal-return models", "")
    yield (
        "The expected return of a session, and where it is from; "
        "[Which model?](which-model.md) says which to take when."
    )
    for model in MODELS.values():
        yield from ("", f"### {model.name}", "", f"`{model.summary}`", "")
        yield f"*Source:* {model.reference}; [more]({_page_of(model.name)})."


def _page_of(model: str) -> str:
    """Return the page of a model, of the family that its name begins with, or of all models."""
    pages = (f"model-{model}.md", f"model-{model.partition('-')[0]}.md", "models-and-tests.md")
    return next(page for page in pages if (FOLDER / page).is_file())


def _summary(test: SignificanceTest) -> tuple[str, ...]:
    robust_to = [*test.robust_to, *(["few observations (exact)"] if test.exact else [])]
    units = ", ".join([test.unit, *(["date"] if test.over_dates else [])])
    return (
        f"[`{test.name}`](#{test.name})",
        units if test.scope != "one date" else f"{units} of one date",
        test.distribution + (", drawn" if test.resampled else ""),
        "yes" if test.parametric else "no",
        ", ".join(robust_to) or "-",
        test.reference,
    )


def _section(test: SignificanceTest) -> Iterator[str]:
    yield from ("", f"### {test.name}", "", test.summary, "")
    for formula in test.formulas:
        yield from ("$$", formula, "$$", "")
    yield from (f"*Null hypothesis:* {test.null}.", "")
    for paragraph in test.paragraphs:
        yield from (paragraph, "")
    yield f"*Source:* {test.sources}."


def not_simulated(tests: Sequence[SignificanceTest]) -> list[SignificanceTest]:
    """Return the tests without a rate in the stored simulation; those that share a function count as one."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        stored = {row["test"] for row in csv.DictReader(file)}
    functions = {test.function for test in tests if test.name in stored}
    return [test for test in tests if test.function not in functions]


Key = tuple[str, int, str, float]  #: situation, firm-events, test with its unit and measure, effect


def _rates() -> dict[Key, tuple[float, int]]:
    """Return the stored rates at 5 % and the replications behind each."""
    rates: dict[Key, tuple[float, int]] = {}
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if float(row["level"]) == SIZE:
                key = (row["situation"], int(row["firm_events"]), _label(row), float(row["effect"]))
                rates[key] = float(row["rate"]), int(row["n"])
    return rates


def _label(row: Mapping[str, str]) -> str:
    """Name a test as a row of a table: with its unit where it runs over dates, too."""
    over = " over dates" if row["unit"] == "date" else ""
    of = " of BHARs" if row["measure"] == "BHAR" and not row["test"].startswith("bhar") else ""
    return f"`{row['test']}`{of}{over}"


def _simulated(rates: Mapping[Key, tuple[float, int]]) -> Iterator[str]:
    yield from ("", "## Size", "")
    yield (
        "How often each test rejects a true null hypothesis at nominal 5 %, in percent, on day 0 unless "
        "said otherwise, by number of firm-events; from 5,000 seeded replications of the code itself "
        "(`docs/build_simulated.py`, `eventstudy simulate` for your own). "
        "**Bold** is above the 99 % binomial band: too many. A test "
        "that cannot reject at that number shows 0; a dash means that it does not apply."
    )
    if missing := not_simulated(list(TESTS.values())):
        yield from ("", f"Not simulated yet: {', '.join(f'`{test.name}`' for test in missing)}.")
    sizes = sorted({size for _, size, _, _ in rates})
    for situation, words in SIMULATED_AS.items():
        there = [size for size in sizes if any(key[:2] == (situation, size) for key in rates)]
        tests = dict.fromkeys(key[2] for key in rates if key[0] == situation)
        if there:
            yield from ("", f"### {words[0].upper()}{words[1:]}", "")
            body = [
                (test, *(_rate(rates.get((situation, size, test, 0.0))) for size in there)) for test in tests
            ]
            yield from _table(("test", *(f"N = {size}" for size in there)), body)
    yield from ("", "## Power", "")
    yield (
        "How often each test finds an abnormal return of day 0 at nominal 5 %, in percent; N = 24. Read it "
        "only for tests whose size is right in that situation."
    )
    for situation in ("independent", "variance-doubled", "t3", "one-date"):
        effects = sorted({key[3] for key in rates if key[:2] == (situation, POWER_AT)})
        tests = dict.fromkeys(key[2] for key in rates if key[:2] == (situation, POWER_AT))
        if len(effects) > 1:
            words = SIMULATED_AS[situation]
            yield from ("", f"### Power: {words}", "")
            body = [
                (test, *(_percent(rates.get((situation, POWER_AT, test, effect))) for effect in effects))
                for test in tests
            ]
            yield from _table(("test", *(f"{100 * effect:g} %" for effect in effects)), body)


def _rate(found: tuple[float, int] | None) -> str:
    """Write a rejection rate under the null, bold where it is above the band of its replications."""
    if found is None:
        return "-"
    rate, n = found
    text = _percent(found)
    return f"**{text}**" if rate > float(binom.ppf((1 + BAND) / 2, n, SIZE)) / n else text


def _percent(found: tuple[float, int] | None) -> str:
    return "-" if found is None else f"{100 * found[0]:.1f}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"| {' | '.join('---' for _ in header)} |"
    for row in rows:
        yield f"| {' | '.join(row)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
