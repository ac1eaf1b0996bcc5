"""The tables with rows per firm-event."""

from __future__ import annotations

from eventstudy.schema.columns import Column, read_columns

FIRM_EVENTS: dict[str, tuple[Column, ...]] = {
    "events": read_columns("""
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
        rho | number | - | first-order autocorrelation of the noise; null where the sessions are independent
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
    "coefficients": read_columns("""
        event_id | key | - | the event
        ticker | key | - | the security
        term | key | - | const, the benchmark's name or the factor's
        estimate | number | decimal or slope | least-squares estimate
        std_error | number | as estimate | its standard error
        statistic | number | - | estimate / std_error
        pvalue | number | - | two-sided, t(df)
    """),
    "abnormal_returns": read_columns("""
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
        car0 | number | decimal | cumulated from day 0; null before it
        car0_se | number | decimal | its forecast standard error, whole covariance
    """),
    "cars": read_columns("""
        event_id | key | - | the event
        ticker | key | - | the security
        start | tau | sessions | first session of the window
        end | tau | sessions | last session of the window
        n | count | sessions | sessions with an abnormal return
        car | number | decimal | cumulative abnormal return
        car_se | number | decimal | forecast standard error, whole covariance
        car_note | text | - | the trade over several sessions that keeps the window from having a car
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
        space_pvalue | number | - | rank of car among those of the donors, each beside the other donors
        space_n | count | donors | whose fit is good enough for that
        pvalue_study | number | - | of car_t among the left-out t of all firm-events of the study
        pvalue_study_bh | number | - | Benjamini-Hochberg over the firm-days of the study
        pvalue_study_holm | number | - | Holm over the same
        study_n | number | sessions | distinct sessions that the reference holds, over the length
        study_reference | key | - | estimation (left-out windows) or earlier (sessions before the events)
        rank_statistic | number | - | rank_single: ranks of the window among all sessions, standardised
        rank_pvalue | number | - | of rank_single, exact where no returns tie
        volatility_statistic | number | - | F = AR'V^-1 AR / L of the sessions: mean and variance together
        volatility_pvalue | number | - | of F, F(L, df)
        mde | number | decimal | minimum detectable effect at 5 % size and 80 % power
        ci_low | number | decimal | lower end of the confidence interval of car
        ci_high | number | decimal | upper end
    """),
    "benchmarks": read_columns("""
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
    "weights": read_columns("""
        event_id | key | - | the event
        ticker | key | - | the security
        role | key | - | peer or donor
        security | key | - | the security that explains its return
        weight | number | share or slope | of its return in the normal return; null where it is not used
        reason | key | - | why it is not used: barred, dropped or without prices
    """),
    "residuals": read_columns("""
        event_id | key | - | the event
        ticker | key | - | the security
        tau | tau | sessions | event time
        session | date | session | calendar date of tau
        residual | number | decimal | estimation-window residual
    """),
    "diagnostics": read_columns("""
        event_id | key | - | the event
        ticker | key | - | the security
        check | key | - | name of the check
        statistic | number | - | its statistic, where it is a test
        pvalue | number | - | of that statistic
        value | number | see check | its value, where it is a figure
        note | text | - | what it means here
    """),
}
