"""The columns of every result table: dtype, unit, meaning.

``TABLES`` is the one source of schemas, documentation and checks; ``decimal`` is a return per session.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from eventstudy.errors import UnknownNameError

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA_VERSION = 1

Kind = Literal["key", "text", "date", "tau", "count", "number", "flag"]


@dataclass(frozen=True)
class Column:
    """One column of a result table."""

    name: str
    kind: Kind
    unit: str
    meaning: str


def _table(text: str) -> tuple[Column, ...]:
    return tuple(Column(*map(str.strip, line.split("|", 3))) for line in text.strip().splitlines())  # type: ignore[arg-type]


TABLES: dict[str, tuple[Column, ...]] = {
    "events": _table("""
        event_id | key | - | the event's id in the event list
        ticker | key | - | the security
        benchmark | key | - | what its normal return is measured against
        kind | key | - | the event's free label for grouping
        title | text | - | the event in words
        when | text | - | the stated time or date, as ISO 8601
        timing | key | - | pre, regular, post, unknown, or session where day 0 itself was stated
        session | date | session | day 0: the first session in which the news could be traded
        shift | count | calendar days | from the stated date to day 0
        session_note | text | - | why this session
        status | key | - | ok or skipped
        reason | text | - | why it was skipped
        model | key | - | the normal-return model
        n_estimation | count | sessions | usable estimation-window returns, M
        df | number | - | degrees of freedom of the residual variance
        sigma | number | decimal | residual standard deviation, s
        rsquared | number | - | of the estimation regression
        confounded | flag | - | another listed event, known news or a stated confounder is in the event window
        confounders | text | - | which, and why
        n_known | count | sessions | known dates of the ticker that were looked at; null where none were given
        n_overlap_window | count | events | other listed events of the ticker in the event window
        n_overlap_estimation | count | events | other listed events of the ticker in the estimation window
        masked | count | sessions | estimation sessions left out around other listed events and on mask_dates
        mask_note | text | - | why less was left out around other listed events than was requested
        n_findings | count | findings | warnings and errors in the prices it uses, its benchmark's included
        expect | key | - | the direction the story tells, up or down
        agrees | flag | - | whether day 0 has that sign; null where its interval at confidence holds zero
        characteristics | text | - | further columns of the event list, as a JSON object
    """),
    "coefficients": _table("""
        event_id | key | - | the event
        ticker | key | - | the security
        term | key | - | const, the benchmark's name or the factor's
        estimate | number | decimal or slope | least-squares estimate
        std_error | number | as estimate | its standard error
        statistic | number | - | estimate / std_error
        pvalue | number | - | two-sided, t(df)
    """),
    "abnormal_returns": _table("""
        event_id | key | - | the event
        ticker | key | - | the security
        tau | tau | sessions | event time
        session | date | session | calendar date of tau
        ret | number | decimal | realised return
        normal_ret | number | decimal | return the model expects
        ar | number | decimal | abnormal return
        ar_se | number | decimal | forecast standard error, estimation error included
        sar | number | - | ar / ar_se
        statistic | number | - | ar_t, the same ratio
        pvalue | number | - | of ar_t, t(df)
        variance_ratio | number | - | Beaver's U = sar squared, F(1, df)
        variance_ratio_pvalue | number | - | of U; equals the two-sided ar_t's by construction
        car | number | decimal | cumulated from the start of the event window
        car_se | number | decimal | its forecast standard error, whole covariance
    """),
    "cars": _table("""
        event_id | key | - | the event
        ticker | key | - | the security
        start | tau | sessions | first session of the window
        end | tau | sessions | last session of the window
        n | count | sessions | sessions with an abnormal return
        car | number | decimal | cumulative abnormal return
        car_se | number | decimal | forecast standard error, whole covariance
        scar | number | - | car / car_se
        bhar | number | decimal | buy-and-hold abnormal return, simple
        bhar_statistic | number | - | bhar_t = bhar / (sigma sqrt(L)), approximate: compounding is skewed
        bhar_pvalue | number | - | of bhar_t, t(df), approximate
        statistic | number | - | car_t
        df | number | - | its degrees of freedom
        pvalue | number | - | of car_t, t(df)
        pvalue_holm | number | - | adjusted over the tickers of that event and window
        pvalue_bh | number | - | Benjamini-Hochberg over the same tickers
        pvalue_rw | number | - | Romano-Wolf over the same tickers; null below 30 blocks of residuals to draw
        placebo_pvalue | number | - | rank of car among windows of that length, each left out of its fit
        placebo_n | count | windows | complete placebo windows
        placebo_note | text | - | why not to rely on that rank, and what to read instead
        sq_pvalue | number | - | signed rank of car among the same (SQ test), equal tails
        sq_low | number | decimal | critical value: a car below it is in the tail; null where too few windows
        sq_high | number | decimal | a car above it
        conformal_pvalue | number | - | rank of the window among all blocks, the null imposed on the fit
        conformal_path_pvalue | number | - | rank by absolute residuals: of effects that cancel too
        conformal_low | number | decimal | lower end of its interval at confidence; null where unbounded
        conformal_high | number | decimal | upper end
        conformal_estimate | number | decimal | effect whose removal leaves the window a residual sum of zero
        conformal_n | count | sessions | sessions in estimation and event window together, T
        history_pvalue | number | - | rank of car_t among those of earlier sessions; placebo_history all or N
        history_n | count | sessions | earlier sessions, each with a fit of its own
        pvalue_study | number | - | of car_t among the left-out t of all firm-events of the study
        pvalue_study_bh | number | - | Benjamini-Hochberg over the firm-days of the study
        pvalue_study_holm | number | - | Holm over the same
        study_n | number | sessions | distinct sessions that the reference holds, over the length
        study_reference | key | - | estimation (left-out windows) or earlier (sessions before the events)
        rank_statistic | number | - | rank_single: ranks of the window among all sessions, standardised
        rank_pvalue | number | - | of rank_single, exact where no returns tie
        mde | number | decimal | minimum detectable effect at 5 % size and 80 % power
        ci_low | number | decimal | lower end of the confidence interval of car
        ci_high | number | decimal | upper end
    """),
    "benchmarks": _table("""
        event_id | key | - | the event
        ticker | key | - | the security
        benchmark | key | - | what its normal return is measured against in this row
        given | flag | - | whether that is the benchmark of all other tables
        start | tau | sessions | first session of the window
        end | tau | sessions | last session of the window
        car | number | decimal | cumulative abnormal return against that benchmark
        car_se | number | decimal | forecast standard error, whole covariance
        statistic | number | - | car_t
        pvalue | number | - | of car_t, t(df)
        placebo_pvalue | number | - | rank of car among windows of that length, each left out of its fit
        beta | number | slope | on that benchmark; null where none is estimated
        n_estimation | count | sessions | usable estimation-window returns, M
        note | text | - | why there is no car
    """),
    "residuals": _table("""
        event_id | key | - | the event
        ticker | key | - | the security
        tau | tau | sessions | event time
        session | date | session | calendar date of tau
        residual | number | decimal | estimation-window residual
    """),
    "averages": _table("""
        level | key | - | all, event, ticker, kind, expected, or a column of the event list
        key | key | - | which group
        tau | tau | sessions | event time
        n | count | firm-days | with an abnormal return at tau
        n_dates | count | sessions | distinct event dates among them
        aar | number | decimal | average abnormal return
        aar_se | number | decimal | portfolio forecast error on one date, cross-section of dates otherwise
        caar | number | decimal | average of CARs cumulated from the window's start
        caar_se | number | decimal | as aar_se
        ci_low | number | decimal | lower end of the confidence interval of caar
        ci_high | number | decimal | upper end
        share_positive | number | share | of abnormal returns above zero
    """),
    "tests": _table("""
        level | key | - | all, event, ticker, kind, expected, or a column of the event list
        key | key | - | which group
        unit | key | - | firm-event, date, portfolio, tickers or firm-day
        measure | key | - | CAR, BHAR or volatility; one session is a CAR with start = end
        start | tau | sessions | first session of the window
        end | tau | sessions | last session of the window
        test | key | - | name in the registry of tests
        statistic | number | - | its value
        distribution | key | - | reference distribution
        df | number | - | degrees of freedom (the first, for F)
        df2 | number | - | second degrees of freedom, for F
        pvalue | number | - | raw
        expected | number | - | what a count is by chance
        pvalue_holm | number | - | Holm over the groups of that level
        pvalue_bh | number | - | Benjamini-Hochberg over the same
        n | count | units | firm-days, dates or tickers that enter
        n_dates | count | sessions | distinct event dates
        n_firms | count | firms | distinct securities
        mde | number | decimal | mean detectable at 5 % size and 80 % power; null for tests without a unit
        headline | flag | - | the test to read first for a group like this
        note | text | - | why it does not apply, or what to beware of
    """),
    "comparisons": _table("""
        level | key | - | event (two tickers), ticker (two events), all (two tickers or two kinds)
        key | key | - | which event, ticker; ticker or kind for level all
        a | key | - | first member
        b | key | - | second member
        start | tau | sessions | first session of the window
        end | tau | sessions | last session of the window
        difference | number | decimal | CAR of a minus CAR of b (averages for level all)
        se | number | decimal | from the residual covariance
        statistic | number | - | difference / se
        df | number | - | degrees of freedom
        pvalue | number | - | raw
        pvalue_holm | number | - | over the pairs of that group and window
        pvalue_bh | number | - | Benjamini-Hochberg over the same pairs
        pvalue_rw | number | - | Romano-Wolf over the same pairs; null where the note says why
        n | count | firm-events | that enter
        note | text | - | what to beware of
    """),
    "claims": _table("""
        event_id | key | - | the event the claim belongs to
        ticker | key | - | the security it speaks of
        kind | key | - | what sort of claim
        stated | number | as stated | the article's figure: decimal return, or price level
        measured | number | as stated | the same from the prices
        low | number | as stated | lowest value the prices admit
        high | number | as stated | highest
        verdict | key | - | confirmed, consistent, contradicted or not testable
        reason | text | - | in one sentence, with the missing series named
        card | key | - | the article's card in seeds/
        sentence | key | - | label shared by the claims of one sentence
        sentence_verdict | key | - | verdict on the claims of that sentence together
        sentence_reason | text | - | why
    """),
    "diagnostics": _table("""
        event_id | key | - | the event
        ticker | key | - | the security
        check | key | - | name of the check
        statistic | number | - | its statistic, where it is a test
        pvalue | number | - | of that statistic
        value | number | see check | its value, where it is a figure
        note | text | - | what it means here
    """),
    "findings": _table("""
        ticker | key | - | the series
        session | date | session | where
        rule | key | - | which rule was broken
        severity | key | - | info, warning or error
        detail | text | - | what was found
    """),
    "attrition": _table("""
        step | key | - | listed, left out of the list, not requested, skipped, measured
        reason | text | - | why firm-events were lost at it
        lost | count | firm-events | how many
        left | count | firm-events | left after it
    """),
    "inputs": _table("""
        file | key | - | file that was read, with its sheet or inner file; frame where one was given
        role | key | - | prices, returns, factors or events
        layout | key | - | the form it was taken for, by its name in study files
        title | text | - | the form in words
        columns | text | - | column taken for each role, as a JSON object
        unit | key | - | of its figures: decimal, percent, price or index
        dates | text | - | how its dates were read
        series | count | series | series, factors or events that it holds
        rows | count | rows | rows of the table
        first | date | day | its first date
        last | date | day | its last date
        remarks | text | - | what was left out, corrected or not used
    """),
    "prices": _table("""
        ticker | key | - | the series
        session | date | session | the trading day
        open | number | currency | split-adjusted
        high | number | currency | split-adjusted
        low | number | currency | split-adjusted
        close | number | currency | split-adjusted
        volume | number | shares | split-adjusted
        dividend | number | currency | with ex-date on that session
        ret | number | decimal | total return, of the kind the design asks for
        source | key | - | where the series came from
        series_kind | key | - | total return (its returns hold the dividends) or price; null for given returns
        basis | key | - | how that is known: no-dividends, listed-dividends, implied-dividends, ...
    """),
}


def columns(table: str) -> tuple[Column, ...]:
    """Return the columns of a result table, or name the nearest table that exists."""
    if table not in TABLES:
        raise UnknownNameError("table", table, TABLES)
    return TABLES[table]


@cache
def arrow_schema(table: str) -> pa.Schema:
    """Return the fixed Arrow schema of a result table; each field's metadata holds its unit and meaning."""
    import pyarrow as pa

    types = {
        "key": pa.dictionary(pa.int32(), pa.string()), "text": pa.string(), "date": pa.date32(),
        "tau": pa.int32(), "count": pa.int64(), "number": pa.float64(), "flag": pa.bool_(),
    }  # fmt: skip
    about = {"eventstudy_table": table, "eventstudy_schema_version": str(SCHEMA_VERSION)}
    said = [(each, {"unit": each.unit, "meaning": each.meaning}) for each in columns(table)]
    return pa.schema([pa.field(each.name, types[each.kind], metadata=own) for each, own in said], about)
