"""The tables of what a study read, and what was found in it."""

from __future__ import annotations

from eventstudy.schema.columns import Column, read_columns

EVIDENCE: dict[str, tuple[Column, ...]] = {
    "claims": read_columns("""
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
    "findings": read_columns("""
        ticker | key | - | the series
        session | date | session | where
        rule | key | - | which rule was broken
        severity | key | - | info, warning or error
        detail | text | - | what was found
    """),
    "attrition": read_columns("""
        step | key | - | listed, left out of the list, not requested, skipped, measured
        reason | text | - | why firm-events were lost at it
        lost | count | firm-events | how many
        left | count | firm-events | left after it
    """),
    "inputs": read_columns("""
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
    "prices": read_columns("""
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
