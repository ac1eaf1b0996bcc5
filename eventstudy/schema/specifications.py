"""The tables of a study measured under many specifications."""

from __future__ import annotations

from eventstudy.schema.columns import Column, read_columns

SPECIFICATIONS: dict[str, tuple[Column, ...]] = {
    "specifications": read_columns("""
        event_id | key | - | the event
        ticker | key | - | the security
        start | tau | sessions | first session of the window
        end | tau | sessions | last session of the window
        specification | count | - | its number, the same for all firm-events; rows are in the order of car
        model | key | - | the normal-return model, with its options
        benchmark | key | - | what the normal return is measured against; null where the model needs none
        estimation_start | tau | sessions | first session of the estimation window; null without one
        estimation_end | tau | sessions | its last session
        returns | key | - | simple or log
        stated | flag | - | whether it is the specification that was stated beforehand
        n_estimation | count | sessions | usable estimation-window returns, M
        car | number | decimal | cumulative abnormal return
        car_se | number | decimal | forecast standard error, whole covariance
        statistic | number | - | car_t
        df | number | - | its degrees of freedom
        pvalue | number | - | of car_t, t(df); not adjusted for the number of specifications
        status | key | - | ok, or skipped where there is no car
        reason | text | - | why there is none
    """),
    "specification_curves": read_columns("""
        event_id | key | - | the event
        ticker | key | - | the security
        session | date | session | day 0
        start | tau | sessions | first session of the window
        end | tau | sessions | last session of the window
        n_specifications | count | specifications | in the grid
        n_measured | count | specifications | with a car
        car_median | number | decimal | median of car over the specifications
        car_low | number | decimal | smallest
        car_high | number | decimal | largest
        same_sign | count | specifications | whose car has the sign of the median
        median_statistic | number | - | median of car_t
        max_statistic | number | - | largest car_t in the direction of the alternative; two-sided: in size
        n_significant | count | specifications | with a pvalue below 5 %; read it with p_count alone
        p_median | number | - | rank of the median t among its values at the common shifts
        p_max | number | - | rank of the largest t among the same
        p_count | number | - | rank of n_significant among the same
        n_shifts | count | windows | shifts at which every specification has a left-out window
        first_shift | tau | sessions | first session of the earliest of them
        last_shift | tau | sessions | first session of the latest
        pvalue_study | number | - | of the median t among its values at the common shifts of all firm-events
        pvalue_study_bh | number | - | Benjamini-Hochberg over the firm-days of the study
        pvalue_study_holm | number | - | Holm over the same
        study_n | number | sessions | distinct sessions that the reference holds, over the length
        note | text | - | why there are no p-values
    """),
}
