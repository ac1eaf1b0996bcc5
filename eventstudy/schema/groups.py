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
        winsorised | count | firm-days | whose AR was pulled in to a quantile; null on one date
    """),
    "tests": read_columns("""
        level | key | - | all, event, ticker, kind, expected, or a column of the event list
        key | key | - | which group
        unit | key | - | firm-event, date, portfolio, tickers or firm-day
        measure | key | - | CAR, BHAR, volatility, return or median t (of specifications)
        start | tau | sessions | first session of the window
        end | tau | sessions | last session of the window
        test | key | - | name in the registry of tests
        term | key | - | column of the event list whose slope is tested; null for tests of a mean
        estimate | number | decimal or slope | the weighted mean or slope that is tested; null for other tests
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
        winsorised | count | firm-days | whose measure was pulled in to a quantile; not by tests of ranks
        effective_n | number | firm-days | equal weights that would average as much; of a weighted mean
        largest_share | number | share | the largest weight's of all weights; of a weighted mean
        mde | number | decimal | mean detectable at 5 % size and 80 % power; null for tests without a unit
        headline | flag | - | the test to read first for a group like this
        note | text | - | why it does not apply, or what to beware of
    """),
    "comparisons": read_columns("""
        level | key | - | event (two tickers), ticker (two events), all (two tickers or two kinds), group
        key | key | - | which event, ticker; ticker or kind for level all; column of the event list for group
        a | key | - | first member
        b | key | - | second member
        start | tau | sessions | first session of the window
        end | tau | sessions | last session of the window
        difference | number | decimal | CAR of a minus CAR of b (averages for levels all and group)
        se | number | decimal | from the residual covariance; of groups clustered by session
        statistic | number | - | difference / se
        df | number | - | degrees of freedom
        pvalue | number | - | raw
        pvalue_holm | number | - | over the pairs of that group and window
        pvalue_bh | number | - | Benjamini-Hochberg over the same pairs
        pvalue_rw | number | - | Romano-Wolf over the same pairs; null where the note says why
        n | count | firm-events | that enter
        note | text | - | what to beware of
    """),
    "regressions": read_columns("""
        regression | count | - | its number, in the order of the design
        formula | key | - | what is regressed on what
        start | tau | sessions | first session of the window
        end | tau | sessions | last session of the window
        estimator | key | - | ols, wls (weights 1 / car_se squared) or fama-macbeth
        covariance | key | - | ols, hc1, hc3; clusters by session, ticker or both; dates; none
        term | key | - | column of the design matrix; the constant is Intercept
        estimate | number | per unit | change of the measure, decimal for car and bhar, per unit of the term
        std_error | number | as estimate | its standard error
        statistic | number | - | estimate / std_error
        df | number | - | of its t: n - k, clusters - 1, or dates - 1
        pvalue | number | - | two-sided, t(df)
        pvalue_wild | number | - | wild cluster bootstrap, every sign vector; below ten clusters
        n | count | firm-days | that enter
        dropped | count | firm-days | left out: a term, or the measure, is missing
        n_dates | count | sessions | distinct event dates among those that enter
        n_firms | count | firms | distinct securities
        clusters | count | clusters | of the standard errors; the fewer, of two; dates of fama-macbeth
        rsquared | number | - | R squared; of fama-macbeth the mean over dates
        winsorised | count | firm-days | whose measure was pulled in to a quantile; null without winsorise
        note | text | - | why there is no figure, or what to beware of
    """),
}
