"""Where firm-events stand on the returns: windows, masks, gaps, and why some cannot be measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from oracles import RTOL, fit
from panels import event_frame, one, pick, priced, random_returns, sessions, study

import eventstudy as es

DAY0 = 300


@pytest.fixture
def returns(rng: np.random.Generator) -> pd.DataFrame:
    return random_returns(rng, ("A", "B"))


def near(row: pd.Series, expected: dict[str, float]) -> None:
    for name, value in expected.items():
        assert row[name] == pytest.approx(value, rel=RTOL, abs=1e-14), name


def masked_taus(*others: int) -> list[int]:
    return [tau + step for tau in others for step in (-1, 0, 1)]


@pytest.mark.parametrize("model", ["mean", "market", "ff3"])
def test_masks_leave_out_the_sessions_around_other_events_of_the_ticker(
    returns: pd.DataFrame, model: str
) -> None:
    table = returns.copy()
    table.iloc[[200, 201], 0] = 0.5  # a jump at another event and the day after
    rows = [("e", "A", DAY0), ("jump", "A", 200), ("near", "A", DAY0 - 12), ("foreign", "B", 250)]
    result = study(table, rows, model=model, mask_events=True)
    regressors = {"mean": (), "market": ("MKT",), "ff3": ("Mkt-RF", "SMB", "HML")}[model]
    left_out = masked_taus(-100, -12)
    row = fit(table, "A", table.index[DAY0], regressors, excess=model == "ff3", leave_out=left_out)
    event = one(result.events, event_id="e")
    assert (event["masked"], event["n_estimation"]) == (6, 244)
    assert event["sigma"] == pytest.approx(row.sigma, rel=RTOL)
    near(
        one(result.cars, event_id="e", start=0, end=1),
        dict(zip(("car", "car_se"), row.over(0, 1), strict=False)),
    )
    used = pick(result.residuals, event_id="e")["tau"]
    assert set(used).isdisjoint(left_out)
    assert study(table, rows, model=model).events["masked"].sum() == 0


def test_masks_spare_the_event_itself_and_its_twin_on_the_same_session(returns: pd.DataFrame) -> None:
    """The estimation window reaches day -1, which a mask around day 0 would cover."""
    near_day0: dict[str, Any] = {
        "estimation": (-60, -1), "window": (0, 3), "car_windows": ((0, 0),), "mask_events": True
    }  # fmt: skip
    own = study(returns, [("e", "A", DAY0)], **near_day0).events["masked"]
    twin = study(returns, [("e", "A", DAY0), ("twin", "A", DAY0)], **near_day0).events["masked"]
    assert [*own, *twin] == [0, 0, 0]
    after = study(returns, [("e", "A", DAY0), ("next", "A", DAY0 + 1)], **near_day0)
    assert one(after.events, event_id="e")["masked"] == 0
    assert (
        one(after.events, event_id="next")["masked"] == 2
    )  # day 0 and -1 of e; its day +1 is next's own day 0
    before = study(returns, [("e", "A", DAY0), ("before", "A", DAY0 - 2)], **near_day0)
    assert one(before.events, event_id="e")["masked"] == 3


def test_masked_returns_count_against_the_least_number(returns: pd.DataFrame) -> None:
    days = {"A": [returns.index[row].date() for row in range(242, 287)]}
    asked: dict[str, Any] = {"estimation": (-60, -11), "min_estimation": 0.6}
    assert (study(returns, [("e", "A", DAY0)], **asked).events["status"] == "ok").all()
    found = one(study(returns, [("e", "A", DAY0)], mask_dates=days, **asked).events, event_id="e")
    assert found["status"] == "skipped"
    assert found["reason"] == "only 5 of 50 estimation returns are usable; 30 are needed"


@pytest.mark.parametrize(
    ("model", "asked", "need"),
    [
        ("market", None, 150),
        ("market", 0.9, 225),
        ("market", 40, 40),
        ("market", 5, 12),
        ("mean", 5, 11),
        ("market-adjusted", 5, 11),
        ("carhart", 5, 15),
        ("ff5+mom", 5, 17),
    ],
)
def test_the_least_number_of_estimation_returns(
    model: str, asked: float | None, need: int, returns: pd.DataFrame
) -> None:
    for have, status in ((need, "ok"), (need - 1, "skipped")):
        table = returns.copy()
        table.iloc[40 : 290 - have, 0] = np.nan
        event = one(study(table, [("e", "A", DAY0)], model=model, min_estimation=asked).events, event_id="e")
        assert (event["status"], event["n_estimation"]) == (status, have)
        if status == "skipped":
            few = f"only {have} of 250 estimation returns are usable; {need} are needed"
            assert event["reason"] == f"{few} (A has none on {250 - have} sessions)"


def test_a_short_estimation_window_is_too_few_for_k_and_ten(returns: pd.DataFrame) -> None:
    short = study(returns, [("e", "A", DAY0)], estimation=(-21, -11), model="market")
    assert one(short.events, event_id="e")["reason"].endswith(
        "11 of 11 estimation returns are usable; 12 are needed"
    )


def test_every_firm_event_that_cannot_be_measured_says_why(returns: pd.DataFrame) -> None:
    table = returns.copy()
    table["FLAT"], table["GONE"] = 0.0, 1.1 * table["B"].where(np.arange(len(table)) < 290)
    rows = [
        ("ok", "A", DAY0),
        ("last", "A", 414),  # its window ends on the last session
        ("late", "A", 415),
        ("after", "A", "2030-01-02"),
        ("sunday", "A", "2019-03-03"),
        ("before", "A", "2001-03-05"),
        ("early", "A", 120),
        ("ok", "NONE", DAY0),
        ("ok", "FLAT", DAY0),
        ("ok", "GONE", DAY0),
    ]
    events = study(table, rows).events
    last = table.index[-1].date()
    assert events["status"].tolist() == ["ok"] * 2 + ["skipped"] * 8
    assert events["reason"].tolist()[2:] == [
        f"the event window [-5,+5] reaches past the last price ({last})",
        f"day 0 lies after the last price ({last})",
        "day 0 (2019-03-03) is not a session of the price table",
        f"day 0 (2001-03-05) lies before the first price ({table.index[0].date()})",
        "only 110 of 250 estimation returns are usable; 150 are needed (A begins on 2018-01-02)",
        "no prices: not in the table",
        "the estimation returns are constant: is the series stale?",
        f"day 0 ({table.index[DAY0].date()}) lies after the last price ({table.index[289].date()})",
    ]


@pytest.mark.parametrize("model", ["mean", "market", "market-adjusted", "capm", "ff3"])
@pytest.mark.parametrize("constant", [0.0, 0.001])
def test_a_stale_series_is_found_under_every_model(
    model: str, constant: float, returns: pd.DataFrame
) -> None:
    """Over a risk-free return that moves, or against a benchmark that does, a constant looks alive."""
    event = one(study(returns.assign(FLAT=constant), [("e", "FLAT", DAY0)], model=model).events, event_id="e")
    assert event["reason"] == "the estimation returns are constant: is the series stale?"


def test_skipped_firm_events_keep_their_rows_without_numbers(returns: pd.DataFrame) -> None:
    result = study(returns, [("ok", "A", DAY0), ("late", "A", 417)])
    assert len(pick(result.abnormal_returns, event_id="late")) == 11
    for table in (result.cars, result.abnormal_returns):
        figures = pick(table, event_id="late").select_dtypes("float")
        assert figures.isna().all(axis=None)
    event = one(result.events, event_id="late")
    assert event[["sigma", "df", "rsquared"]].isna().all()
    assert (result.residuals["event_id"] == "ok").all()
    whole = one(result.tests, level="all", unit="firm-event", test="cross_section_t", start=0, end=0)
    assert whole["n"] == 1


def test_collinear_factors_are_a_reason_and_not_a_number(returns: pd.DataFrame) -> None:
    table = returns.assign(TWICE=2 * returns["SMB"], CONST=1 / 300)
    for factors in (("SMB", "TWICE"), ("SMB", "CONST")):
        event = one(study(table, [("e", "A", DAY0)], model="factors", factors=factors).events, event_id="e")
        assert event["reason"] == "the regressors are constant or collinear over the estimation window"


def test_a_factor_that_is_not_there_is_an_error_that_lists_those_that_are(returns: pd.DataFrame) -> None:
    with pytest.raises(es.EventStudyError, match=r"UMD.*at hand: .*SMB"):
        study(returns, [("e", "A", DAY0)], model="factors", factors=("UMD",))


class TestGaps:
    """A security without prices on days +1 and +2, which paid a dividend in between."""

    @pytest.fixture
    def prices(self, rng: np.random.Generator) -> pd.DataFrame:
        dates = sessions(420)
        close = 50 * np.exp(np.cumsum(rng.normal(0, 0.02, (420, 2)), axis=0))
        table = pd.DataFrame({"date": np.tile(dates, 2), "ticker": np.repeat(["A", "MKT"], 420)})
        table["close"], table["dividend"] = close.T.ravel().round(2), 0.0
        table.loc[DAY0 + 2, "dividend"] = 0.8  # of A, while it did not trade
        table.loc[DAY0 + 3, "dividend"] = 0.4
        table.loc[[DAY0 + 1, DAY0 + 2], "close"] = np.nan
        return table

    @staticmethod
    def returns_of(prices: pd.DataFrame) -> pd.DataFrame:
        close = prices.pivot(index="date", columns="ticker", values="close")
        return close / close.shift(1) - 1

    def run(self, prices: pd.DataFrame, **design: Any) -> es.EventStudyResult:
        return priced(prices, [("e", "A", DAY0)], **design)

    def test_a_gap_makes_the_windows_that_need_it_missing(self, prices: pd.DataFrame) -> None:
        result = self.run(prices, car_windows=((0, 0), (-5, 0), (0, 1), (4, 5), (3, 5), (-5, 5)))
        cars = result.cars
        np.testing.assert_array_equal(cars["car"].isna(), [False, False, True, False, True, True])
        np.testing.assert_array_equal(cars["n"], [1, 6, 1, 2, 2, 8])
        for figure in ("car_se", "scar", "statistic", "pvalue", "bhar", "placebo_pvalue", "mde", "ci_low"):
            np.testing.assert_array_equal(cars[figure].isna(), cars["car"].isna())
        path = result.abnormal_returns
        assert path[path["ar"].isna()]["tau"].tolist() == [1, 2, 3]
        assert path[path["car"].isna()]["tau"].tolist() == [1, 2, 3, 4, 5]

    @pytest.mark.parametrize("kind", ["simple", "log"])
    def test_lumped_returns_by_hand(self, prices: pd.DataFrame, kind: str) -> None:
        """Days +1 to +3 are one return of three sessions: (C_3 + D_2 + D_3) / C_0 - 1."""
        windows = ((0, 3), (1, 3), (3, 3), (2, 3), (0, 1), (0, 5), (-5, 5))
        result = self.run(prices, gaps="lump", returns=kind, car_windows=windows)
        table = self.returns_of(prices) if kind == "simple" else np.log1p(self.returns_of(prices))
        row = fit(table, "A", table.index[DAY0], ("MKT",))
        close = prices[prices["ticker"] == "A"]["close"].to_numpy()
        gross = (close[DAY0 + 3] + 0.8 + 0.4) / close[DAY0]
        market = table["MKT"].to_numpy()[DAY0 + 1 : DAY0 + 4]
        if kind == "simple":
            ret, compounded = gross - 1, np.prod(1 + market) - 1
        else:
            ret, compounded = np.log(gross), market.sum()
        normal = 3 * row.params[0] + row.params[1] * compounded
        past = np.arange(DAY0 - 260, DAY0 - 10)
        x = np.column_stack([np.ones(250), table["MKT"].to_numpy()[past]])
        inverse, ahead = np.linalg.inv(x.T @ x), np.array([3.0, compounded])
        lump_se = row.sigma * np.sqrt(3 + ahead @ inverse @ ahead)
        day3 = one(result.abnormal_returns, tau=3)
        near(day3, {"ret": ret, "normal_ret": normal, "ar": ret - normal, "ar_se": lump_se})
        near(one(result.cars, start=1, end=3), {"car": ret - normal, "car_se": lump_se})
        near(one(result.cars, start=0, end=3), {"car": row.ar[5] + ret - normal})
        total = ahead + np.array([1.0, table["MKT"].iloc[DAY0]])
        near(one(result.cars, start=0, end=3), {"car_se": row.sigma * np.sqrt(4 + total @ inverse @ total)})
        growth = np.prod(1 + np.array([row.ret[5], ret])) if kind == "simple" else np.exp(row.ret[5] + ret)
        expected = [row.normal[5], normal]
        fall = np.prod(1 + np.array(expected)) if kind == "simple" else np.exp(sum(expected))
        near(one(result.cars, start=0, end=3), {"bhar": growth - fall})
        for start, end in ((3, 3), (2, 3), (0, 1)):
            assert np.isnan(one(result.cars, start=start, end=end)["car"])
        near(one(result.cars, start=0, end=5), {"car": row.ar[5] + ret - normal + row.ar[9:11].sum()})

    def test_a_lumped_return_is_no_day_s_average(self, prices: pd.DataFrame) -> None:
        averages = self.run(prices, gaps="lump").averages
        assert averages[averages["n"] == 0]["tau"].tolist() == [1, 2, 3]
        assert averages["caar"].iloc[-1] == pytest.approx(
            one(self.run(prices, gaps="lump").cars, start=-5, end=5)["car"], rel=RTOL
        )

    def test_a_gap_that_begins_before_the_window_is_not_made_up_for(self, prices: pd.DataFrame) -> None:
        """The benchmark misses days +4 and +5: the sessions lumped on day +3 do not count for them."""
        table = prices.copy()
        table.loc[(table["ticker"] == "MKT") & (table["date"] == sessions(420)[DAY0 + 4]), "close"] = np.nan
        windows = ((3, 6), (2, 3), (1, 3), (6, 6), (1, 6))
        cars = self.run(table, gaps="lump", window=(-5, 6), car_windows=windows).cars
        np.testing.assert_array_equal(cars["car"].isna(), [True, True, False, False, True])

    def test_the_riskfree_return_is_compounded_over_the_gap(
        self, prices: pd.DataFrame, tmp_path: Any
    ) -> None:
        rf = pd.DataFrame(
            {"date": sessions(420), "Mkt-RF": [1.0, -1.0] * 210, "RF": np.linspace(0, 0.9, 420)}
        )
        rf.to_csv(tmp_path / "rf.csv", index=False)
        factors = str(tmp_path / "rf.csv")
        with_factors = event_frame([("e", "A", DAY0)], sessions(420))
        design = es.Design(model="capm", benchmark="MKT", gaps="lump")
        result = es.run(with_factors, prices=prices, factors=factors, design=design)
        table = self.returns_of(prices).assign(RF=rf.set_index("date")["RF"] / 100)
        row = fit(table, "A", table.index[DAY0], ("MKT",), excess=True)
        free, market = (table[name].to_numpy()[DAY0 + 1 : DAY0 + 4] for name in ("RF", "MKT"))
        free_lump, market_lump = np.prod(1 + free) - 1, np.prod(1 + market) - 1
        normal = free_lump + 3 * row.params[0] + row.params[1] * (market_lump - free_lump)
        near(one(result.abnormal_returns, tau=3), {"normal_ret": normal})

    def test_lumping_needs_prices(self, rng: np.random.Generator) -> None:
        with pytest.raises(es.EventStudyError, match="lumped returns are taken from prices"):
            study(random_returns(rng), [("e", "A", DAY0)], gaps="lump")
