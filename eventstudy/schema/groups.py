"""The tables of groups of firm-events: averages, tests and comparisons."""

from __future__ import annotations

from eventstudy.schema.columns import Column, read_columns

GROUPS: dict[str, tuple[Column, ...]] = {
    "averages": read_columns("""
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
    "tests": read_columns("""
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
    "comparisons": read_columns("""
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
}
