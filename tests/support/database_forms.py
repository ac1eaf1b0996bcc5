"""Made-up prices of a few securities, written as data bases and terminals write them; see `price_forms`."""

from __future__ import annotations

from typing import Any

import numpy as np
from price_forms import PriceForm, Security, iso, numbers, together, wide

PERMNOS = ("10107", "14593")


def _returns(security: Security, percent: bool = False) -> list[str]:
    """Return true returns as text, "" on the first day."""
    return ["", *numbers(security.returns * (100 if percent else 1))]


def _total_factor(security: Security) -> Any:
    """Return what makes an index of total returns of closes without splits, 1 on the first day."""
    factor = security.adjusted / security.split
    return factor / factor[0]


def _column(text: str, security: Security) -> list[str]:
    return [text] * len(security.days)


DATABASE_FORMS: dict[str, PriceForm] = {
    "crsp-siz": PriceForm(
        together(
            "crsp.csv", "PERMNO,date,SHRCD,TICKER,PRC,RET",
            lambda name, s: [
                _column(name, s), iso(s), _column("11", s), _column(f"T{name[0]}X{name[-1]}", s),
                numbers(np.where(np.arange(len(s.raw)) % 9 == 4, -s.raw, s.raw)), _returns(s),
            ],
        ),
        "total",
        names=PERMNOS,
    ),
    "crsp-siz-prices": PriceForm(
        together(
            "crsp.csv", "PERMNO,date,PRC,CFACPR",
            lambda name, s: [_column(name, s), iso(s), numbers(s.raw), numbers(s.later)],
        ),
        "price",
        names=PERMNOS,
    ),
    "crsp-ciz": PriceForm(
        together(
            "dsf.csv", "PERMNO,DlyCalDt,DlyPrc,DlyRet,DlyRetDurFlg",
            lambda name, s: [_column(name, s), iso(s), numbers(s.raw), _returns(s), _column("D1", s)],
        ),
        "total",
        names=PERMNOS,
    ),
    "compustat": PriceForm(
        together(
            "secd.csv", "gvkey,iid,datadate,curcdd,ajexdi,prccd,trfd",
            lambda name, s: [
                _column(name, s), _column("01", s), iso(s), _column("USD", s), numbers(s.later),
                numbers(s.raw), numbers(_total_factor(s)),
            ],
        ),
        "total",
        names=("001690", "012141"),
    ),
    "lseg": PriceForm(
        together(
            "lseg.csv", "Instrument,Date,Price Close,Total Return",
            lambda name, s: [_column(name, s), iso(s), numbers(s.split), _returns(s, percent=True)],
        ),
        "total",
        names=("RNV.OQ", "UOD.N"),
    ),
    "factset": PriceForm(
        together(
            "factset.csv", "ticker,date,P_PRICE",
            lambda name, s: [_column(name, s), iso(s), numbers(s.split)],
        ),
        "price",
        names=("RNV-US", "UOD-US"),
    ),
    "capital-iq": PriceForm(
        together(
            "ciq.csv", "ticker,date,IQ_CLOSEPRICE_ADJ",
            lambda name, s: [_column(name, s), iso(s), numbers(s.adjusted)],
        ),
        "total",
        names=("NYSE:RNV", "NYSE:UOD"),
    ),
    "returns-long": PriceForm(
        together(
            "returns.csv", "date,ticker,ret", lambda name, s: [iso(s), _column(name, s), _returns(s)]
        ),
        "total",
    ),
    "returns-wide": PriceForm(wide(_returns), "total"),
}  # fmt: skip
