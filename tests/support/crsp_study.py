"""A seeded study of CRSP securities: their returns in several forms of file, and announcements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from layout_tables import sessions

DELISTED = {552: -0.35, 233: 0.12, 574: np.nan}  #: delisting code and return, in turns; one has none
LISTED_FOR = 0.8  #: share of the sessions after which a security is delisted
FIRST_PERMNO = 10_001
DIGITS = 6  #: of a return of CRSP
FIRST_DAY = "2016-01-04"


@dataclass(frozen=True)
class CrspStudy:
    """Daily returns of securities, of which every tenth is delisted.

    Attributes
    ----------
    days
        Sessions of New York, datetime64[D] of shape (T,).
    market
        Returns of the market, decimal, shape (T,).
    rows
        A row per security and session on which it was listed: ``PERMNO``, ``TICKER``, ``date``, ``ret`` (NaN
        on the first), ``code`` and ``delisting`` (of the last row of a delisted one), ``vwretd``.
    """

    days: Any
    market: Any
    rows: pd.DataFrame

    @property
    def permnos(self) -> Any:
        """The securities, shape (N,)."""
        return self.rows["PERMNO"].unique()

    @property
    def held(self) -> pd.Series:
        """The return of each row with that of the delisting."""
        ret, delisting = self.rows["ret"], self.rows["delisting"]
        return ret.where(delisting.isna(), (1 + ret) * (1 + delisting) - 1)

    def siz(self) -> pd.DataFrame:
        """Return the daily stock file in the legacy format."""
        rows = self.rows
        return pd.DataFrame(
            {
                "PERMNO": rows["PERMNO"],
                "date": rows["date"].dt.strftime("%Y%m%d"),
                "EXCHCD": 1,
                "TICKER": rows["TICKER"],
                "DLSTCD": rows["code"],
                "DLRET": rows["delisting"],
                "PRC": 25.0,
                "VOL": 1_000,
                "RET": rows["ret"].astype(object).where(rows["ret"].notna(), "C"),
                "vwretd": rows["vwretd"],
            }
        )

    def ciz(self) -> pd.DataFrame:
        """Return the daily stock file in the present format, whose returns hold those of the delisting."""
        rows = self.rows
        return pd.DataFrame(
            {
                "PERMNO": rows["PERMNO"],
                "DlyCalDt": rows["date"].dt.strftime("%Y-%m-%d"),
                "Ticker": rows["TICKER"],
                "DlyDelFlg": np.where(rows["code"].notna(), "Y", "N"),
                "DlyPrc": 25.0,
                "DlyRet": self.held,
                "DlyRetMissFlg": np.where(rows["ret"].isna(), "NS", ""),
                "DlyRetDurFlg": np.where(rows["ret"].isna(), "", "D1"),
                "vwretd": rows["vwretd"],
            }
        )

    def long(self) -> pd.DataFrame:
        """Return ``permno``, ``date`` and ``ret``, and the market's return on every row."""
        rows = self.rows
        columns = {"permno": rows["PERMNO"], "date": rows["date"], "ret": self.held}
        return pd.DataFrame({**columns, "vwretd": rows["vwretd"]})

    def wide(self) -> pd.DataFrame:
        """Return a column of returns per security, and the market's."""
        wide = self.long().pivot(index="date", columns="permno", values="ret")
        wide.columns = wide.columns.astype(str)
        return wide.assign(vwretd=self.market).reset_index().astype({"date": "datetime64[ns]"})


def crsp_study(securities: int, length: int, seed: int = 5) -> CrspStudy:
    """Return a study of seeded securities over as many sessions."""
    rng = np.random.default_rng(seed)
    days = sessions(length, FIRST_DAY)
    market = np.round(rng.normal(0.0004, 0.01, length), DIGITS)
    beta = rng.uniform(0.6, 1.4, (securities, 1))
    returns = np.round(beta * market + rng.normal(0, 0.018, (securities, length)), DIGITS)
    returns[:, 0] = np.nan
    number, day = (grid.ravel() for grid in np.meshgrid(np.arange(securities), range(length), indexing="ij"))
    last = np.where(np.arange(securities) % 10 == 9, int(LISTED_FOR * length), length - 1)
    kept = day <= last[number]
    number, day = number[kept], day[kept]
    codes = np.array(list(DELISTED))[(number // 10) % len(DELISTED)]
    ends = (day == last[number]) & (last[number] < length - 1)
    rows = pd.DataFrame(
        {
            "PERMNO": FIRST_PERMNO + 7 * number,
            "TICKER": np.array([f"F{each:03}Q" for each in range(securities)], dtype=object)[number],
            "date": pd.to_datetime(days[day]),
            "ret": returns[number, day],
            "code": np.where(ends, codes, np.nan),
            "delisting": np.where(ends, np.array(list(DELISTED.values()))[(number // 10) % 3], np.nan),
            "vwretd": market[day],
        }
    )
    return CrspStudy(days, market, rows)


def announcements(study: CrspStudy, number: int, seed: int = 6) -> pd.DataFrame:
    """Return announcements of known securities, spread over all sessions: early ones cannot be estimated."""
    rng = np.random.default_rng(seed)
    named = study.rows.drop_duplicates("PERMNO")
    drawn = rng.integers(0, len(named), number)
    return pd.DataFrame(
        {
            "permno": named["PERMNO"].to_numpy()[drawn],
            "ticker": named["TICKER"].to_numpy()[drawn],
            "anndats": study.days[rng.integers(0, len(study.days), number)],
            "time": np.array(["AMC", "BMO"])[rng.integers(0, 2, number)],
            "sector": np.array(["energy", "health", "retail"])[drawn % 3],
            "weight": np.round(rng.uniform(0.5, 2.0, number), 3),
        }
    )
