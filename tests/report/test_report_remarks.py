"""Remarks of the diagnostics in the report: said where they hold, each with its remedy."""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from panels import random_returns

import eventstudy as es
from eventstudy.report.section import Listing
from eventstudy.report.sections.estimation import estimation_section

DAY0 = 300
HOLES = 0.15  #: share of sessions without a trade, above the 10 % from which a security is called thin


@cache
def measured(share: float) -> es.EventStudyResult:
    """Return a study of one security without a trade on a share of its sessions."""
    rng = np.random.default_rng(4)
    prices = 100 * (1 + random_returns(rng, ("A",), n=DAY0 + 20)).cumprod()
    gone = rng.random(len(prices)) < share
    gone[DAY0 - 6 : DAY0 + 6] = False
    prices.loc[gone, "A"] = np.nan
    long = prices.rename_axis("date").reset_index().melt("date", var_name="ticker", value_name="close")
    events = pd.DataFrame({"event_id": ["e"], "ticker": ["A"], "session": [prices.index[DAY0]]})
    return es.run(events, prices=long.dropna(), design=es.Design(benchmark="MKT"))


def sentences(share: float, lang: str) -> str:
    section = estimation_section(measured(share).view(lang))
    assert section is not None
    return "\n".join(item for block in section.blocks if isinstance(block, Listing) for item in block.items)


@pytest.mark.parametrize(("lang", "said"), [("en", "Thin trading"), ("ko", "거래가 드문 종목")])
def test_thin_trading_names_its_remedy(lang: str, said: str) -> None:
    thin = sentences(HOLES, lang)
    assert said in thin and "gaps: trade-to-trade" in thin
    assert said not in sentences(0.0, lang)


def test_autocorrelated_residuals_name_their_remedy() -> None:
    assert "noise: ar1" in sentences(0.0, "en")
    assert "noise: ar1" in sentences(0.0, "ko")
