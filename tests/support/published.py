"""Published studies beside the repository: how each is run, and where its cells are in the results."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

import eventstudy as es
from eventstudy.study_result import EventStudyResult

CASH = "cash"  #: a return of zero: less it, a return is as it is
ROUNDING = 1e-9  #: of the unit of the last digit: a tie may fall on either side in float64


class Target(NamedTuple):
    """One cell of a published study."""

    id: str
    what: str
    event: str
    ticker: str
    window: tuple[int, int]
    model: str
    scale: float
    value: float
    digits: int
    corrected: bool

    @property
    def tolerance(self) -> float:
        """Half a unit of the last printed digit."""
        return (0.5 + ROUNDING) * 10.0**-self.digits

    def matches(self, found: float) -> bool:
        """Tell whether a figure is the printed one to its last digit."""
        return abs(found * self.scale - self.value) <= self.tolerance


def targets(folder: Path) -> list[Target]:
    """Return the cells of a study; where the print is known to be wrong, the value that is right."""
    with (folder / "targets.csv").open(newline="", encoding="utf-8") as file:
        return [_target(row) for row in csv.DictReader(file)]


def _target(row: dict[str, str]) -> Target:
    start, end = row["window_start"] or "0", row["window_end"] or "0"
    return Target(
        id=row["id"],
        what=row["what"],
        event=row["event"],
        ticker=row["ticker"],
        window=(int(start), int(end)),
        model=row["model"],
        scale=100.0 if row["unit"] == "percent" else 1.0,
        value=float(row["corrected_value"] or row["printed_value"]),
        digits=int(row["printed_digits"]),
        corrected=bool(row["corrected_value"]),
    )


def _run(events: pd.DataFrame, returns: pd.DataFrame, **design: Any) -> EventStudyResult:
    """Run a study as it was published: no event masks another."""
    events = events.assign(session=pd.to_datetime(events["session"]))
    asked = es.Design(**{"mask_events": False, "quality": "flag", "max_loss": 0.0, **design})
    return es.run(events, returns=returns, design=asked)


def _row(frame: pd.DataFrame, **labels: Any) -> pd.Series:
    for column, value in labels.items():
        frame = frame[frame[column] == value]
    assert len(frame) == 1, f"{len(frame)} rows have {labels}"
    return frame.iloc[0]


def of_firm_event(result: EventStudyResult, target: Target, event: str, ticker: str) -> float:
    """Return a figure of one firm-event."""
    label = {"event_id": event, "ticker": ticker}
    if target.what in ("alpha", "beta", "mean", "alpha_se", "beta_se"):
        terms = result.coefficients
        slope = target.what.startswith("beta")
        column = "std_error" if target.what.endswith("_se") else "estimate"
        return float(_row(terms[(terms["term"] != "const") == slope], **label)[column])
    if target.what in ("sigma", "rsquared", "n_estimation"):
        return float(_row(result.events, **label)[target.what])
    if target.what == "ar":
        return float(_row(result.abnormal_returns, **label, tau=target.window[0])["ar"])
    start, end = target.window
    return float(_row(result.cars, **label, start=start, end=end)[target.what])


def of_group(result: EventStudyResult, target: Target, level: str, key: str) -> float:
    """Return a figure of a group."""
    start, end = target.window
    if target.what == "n_firms":
        return float((result.events["kind"] == key).sum())
    if target.what == "aar" or (target.what == "caar" and start == result.averages["tau"].min()):
        row = _row(result.averages, level=level, key=key, tau=end)
        return float(row[target.what])
    window = {"start": start, "end": end}
    if target.what in ("t", "p"):
        column = {"t": "statistic", "p": "pvalue"}[target.what]
        label = {"level": level, "key": key, "unit": "firm-event", "measure": "CAR"}
        return float(_row(result.tests, **label, **window, test="cross_section_t")[column])
    cars = result.cars[(result.cars["start"] == start) & (result.cars["end"] == end)]["car"]
    return float(cars.mean() if target.what == "caar" else cars.var() / len(cars))


def _alchian(folder: Path, cells: Sequence[Target]) -> list[float]:
    """Four metal stocks of 1953 and 1954, daily rows where the Dow Jones average has a value."""
    closes = pd.read_csv(folder / "combined.csv", index_col="Date", parse_dates=True).dropna(subset="DJIA")
    names = ("BC", "LITH", "ASRC", "MHI", "DJIA")
    returns = closes.iloc[:, : len(names)].set_axis(list(names), axis=1).pct_change(fill_method=None)
    returns.loc["1953-04-28", "BC"] = float("nan")  # a split
    returns[CASH] = 0.0
    return _of_firm_events(returns.iloc[1:], cells, {"market": "DJIA", "raw": CASH})


def _google(folder: Path, cells: Sequence[Target]) -> list[float]:
    """Google becomes Alphabet."""
    returns = pd.read_csv(folder / "google_stock_data.csv", index_col="Date", parse_dates=True)
    returns = returns.set_axis(["GOOGL", "SP500"], axis=1)
    return _of_firm_events(returns, cells, {"market": "SP500", "market-adjusted": "SP500"})


#: Estimation and event window of each event, in rows relative to day 0.
WINDOWS = {
    "1953-08-03": ((-148, -1), (0, 102)),
    "1954-03-01": ((-250, -11), (0, 22)),
    "1954-01-04": ((-250, -11), (0, 250)),
    "2015-08-10": ((-68, -6), (-2, 10)),
}


def _of_firm_events(returns: pd.DataFrame, cells: Sequence[Target], benchmark: dict[str, str]) -> list[float]:
    """Run each event by each of its models, and read the cells of it; `raw` is less a return of zero."""
    found = {}
    for event, model in dict.fromkeys((cell.event, cell.model) for cell in cells):
        own = [cell for cell in cells if (cell.event, cell.model) == (event, model)]
        tickers = list(dict.fromkeys(cell.ticker for cell in own))
        estimation, window = WINDOWS[event]
        result = _run(
            pd.DataFrame({"event_id": event, "ticker": tickers, "session": event}),
            returns,
            model="market-adjusted" if model == "raw" else model,
            benchmark=benchmark.get(model),
            estimation=None if model in ("raw", "market-adjusted") else estimation,
            window=window,
            car_windows=tuple(dict.fromkeys(cell.window for cell in own)),
        )
        found |= {cell.id: of_firm_event(result, cell, event, cell.ticker) for cell in own}
    return [found[cell.id] for cell in cells]


def _takeovers(folder: Path, cells: Sequence[Target]) -> list[float]:
    """Six takeovers, each against the market of its own country."""
    events = pd.read_csv(folder / "tidy_events.csv")
    returns = pd.read_csv(folder / "tidy_returns.csv", index_col="date", parse_dates=True)
    windows = [cell.window for cell in cells if cell.window[0] > -30 and cell.what in ("caar", "t")]
    first = [cell.window for cell in cells if cell.what == "car"]
    result = {
        model: _run(
            events,
            returns,
            model=model,
            estimation=(-230, -31),
            window=(-30, 30),
            car_windows=tuple(dict.fromkeys((*windows, *first))),
        )
        for model in ("mean", "market")
    }
    name = dict(zip(events["ticker"], events["event_id"], strict=True))

    def found(cell: Target) -> float:
        ticker = cell.ticker.replace(" ", "-")
        if ticker == "all":
            return of_group(result[cell.model], cell, "all", "all")
        return of_firm_event(result[cell.model], cell, name[ticker], ticker)

    return [found(cell) for cell in cells]


def _surprises(folder: Path, cells: Sequence[Target]) -> list[float]:
    """Earnings announcements in event time, on invented sessions, each against its own market returns."""
    stocks, markets = (
        pd.read_parquet(folder / f"KG{name}Returns.parquet").set_index("tau") for name in ("Stock", "Market")
    )
    category = pd.read_csv(folder / "KGSurpriseCategory.csv").set_index("Company")["Category"]
    number = range(stocks.shape[1])
    firm, market = ([f"{name}-{place}" for place in number] for name in ("FIRM", "MARKET"))
    table = stocks.set_axis(firm, axis=1).join(markets[stocks.columns].set_axis(market, axis=1))
    day0 = table.index.get_loc(0)
    table.index = pd.bdate_range("2007-01-01", periods=len(table))
    events = pd.DataFrame(
        {
            "event_id": [f"announcement-{place}" for place in number],
            "ticker": firm,
            "benchmark": market,
            "kind": category.loc[stocks.columns].to_numpy(),
            "session": table.index[day0],
        }
    )
    start, end = int(stocks.index[0]), int(stocks.index[-1])
    result = _run(
        events,
        table,
        model="market-adjusted",
        estimation=None,
        window=(start, end),
        car_windows=((start, end),),
        tests="cross_section_t",
    )
    return [of_group(result, cell, "kind", cell.event) for cell in cells]


def _indices(folder: Path, cells: Sequence[Target]) -> list[float]:
    """Stock indices and 11 September 2001, each on its own sessions, twenty of which are estimated from."""
    returns = pd.read_csv(folder / "TerrorIndiceReturns.csv", index_col="date", parse_dates=True) / 100

    def found(cell: Target) -> float:
        own = returns[[cell.ticker]].dropna()
        result = _run(
            pd.DataFrame({"event_id": ["attack"], "ticker": [cell.ticker], "session": [cell.event]}),
            own,
            model="mean",
            benchmark=None,
            estimation=(-30, -11),
            window=(0, 10),
            car_windows=(cell.window,),
        )
        return of_firm_event(result, cell, "attack", cell.ticker)

    return [found(cell) for cell in cells]


def _synthetic(folder: Path, cells: Sequence[Target]) -> list[float]:
    """Twenty treated firms, ten on each of two dates, beside portfolios of sixty others."""
    table = pd.read_parquet(folder / "ret_two_evdates.parquet")
    names = table["treat"].map({True: "T", False: "C"}) + table["unit"].astype(str)
    returns = table.assign(name=names).pivot(index="date", columns="name", values="ret") / 100
    returns.index = pd.DatetimeIndex(returns.index)
    treated = table[table["treat"]].drop_duplicates("unit")
    tickers = "T" + treated["unit"].astype(str)
    events = pd.DataFrame(
        {"event_id": treated["eventdate"], "ticker": tickers, "session": treated["eventdate"]}
    )
    result = _run(
        events,
        returns,
        model="synthetic",
        donors=[name for name in returns if name.startswith("C")],
        benchmark=None,
        estimation=(-100, -1),
        window=(0, 5),
        car_windows=tuple(dict.fromkeys(cell.window for cell in cells)),
        tests="synthetic_phi",
    )

    def found(cell: Target) -> float:
        if cell.what == "ar":
            return of_firm_event(result, cell, cell.event, f"T{cell.ticker}")
        start, end = cell.window
        return float(_row(result.tests, level="all", test="synthetic_phi", start=start, end=end)["statistic"])

    return [found(cell) for cell in cells]


class Study(NamedTuple):
    """A published study: its title, and what gives its figures in the order of its cells."""

    title: str
    figures: Callable[[Path, Sequence[Target]], list[float]]


#: Every study that can be run.
STUDIES = {
    "alchian_hydrogen": Study("Four metal stocks and the hydrogen bomb, 1953-54", _alchian),
    "davzim_takeovers": Study("Six takeovers on four markets, 1998-2006", _takeovers),
    "earnings_surprises": Study("670 earnings announcements of 2007", _surprises),
    "google_alphabet": Study("Google becomes Alphabet, 2015", _google),
    "synthetic_returns": Study("Simulated returns of 20 treated firms", _synthetic),
    "terror_indices": Study("33 stock indices and 11 September 2001", _indices),
}
#: Studies of a model that the package does not have: title and model.
WAITING: dict[str, tuple[str, str]] = {}
