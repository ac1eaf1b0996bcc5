"""Write docs/peers_simulated.csv, how often models reject at 5 %: `python docs/build_peers_simulated.py`.

A job of a release, about a minute on one core; the file is written after each situation. One row per
situation, model and test; the rate is the share of firm-events, each on sessions of its own beside twenty
firms of its industry, on whose CAR the test rejects.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from eventstudy._typing import FloatArray
from eventstudy.design import Benchmark, Design
from eventstudy.events.firm_events import FirmEvents, from_frame
from eventstudy.inference.in_space import treat_donors
from eventstudy.models import model_of
from eventstudy.models.estimation import Estimates, Specification, estimate
from eventstudy.panel.returns import ReturnMatrix
from eventstudy.significance.forecast_error import forecast_t
from eventstudy.significance.synthetic_phi import space_ranks

SIMULATED = Path(__file__).resolve().parent / "peers_simulated.csv"
COLUMNS = ("situation", "window", "model", "test", "rate", "n")
LEVEL = 0.05
FIRM_EVENTS, IN_SPACE = 600, 120  #: of a situation; those whose donors are treated in turn
SEED = 12
ESTIMATION, WINDOW = (-130, -11), (0, 4)
DAY0, SESSIONS = 130, 135  #: of the sessions of each firm-event
PEERS = tuple(f"PEER{place:02d}" for place in range(20))
MARKET, INDUSTRY, OWN = 0.010, 0.012, 0.018  #: standard deviations
BETAS, EXPOSURES = (0.6, 1.4), (0.5, 1.5)  #: slopes on the market and on the industry
SHOCK, NEWS = 0.06, 0.08  #: of the industry, at an exposure of 1, and of the firm


class Situation(NamedTuple):
    """What happens: to the industry on day 0 or on each session, to the firm, and to peers with it."""

    name: str
    industry: float = 0.0
    sessions: int = 1  #: over which the industry's shock is spread
    uneven: bool = False  #: whether the shock reaches each firm by a share between 0 and 2
    news: float = 0.0
    spill: float = 0.0  #: share of the news that peers receive
    reached: float = 1.0  #: share of the peers that receive it

    @property
    def window(self) -> tuple[int, int]:
        """The CAR window that is read."""
        return (0, self.sessions - 1)


SITUATIONS = (
    Situation("nothing happens"),
    Situation("the industry moves by 6 %", industry=SHOCK),
    Situation("the industry moves by 6 %, over five sessions", industry=SHOCK, sessions=5),
    Situation("the industry moves by 6 %, each firm by its own share", industry=SHOCK, uneven=True),
    Situation("the firm's news of 8 %", news=NEWS),
    Situation("the industry moves by 6 %, and the firm's news of 8 %", industry=SHOCK, news=NEWS),
    Situation("the firm's news of 8 %, a quarter of the peers gain half", news=NEWS, spill=0.5, reached=0.25),
    Situation("the firm's news of 8 %, all peers gain half", news=NEWS, spill=0.5),
)
MODELS: dict[str, dict[str, Any]] = {
    "market": {"model": "market"},
    "peers": {"model": "peers"},
    "peers, ols": {"model": "peers", "peer_method": "ols"},
    "peers, ridge": {"model": "peers", "peer_method": "ridge"},
    "synthetic": {"model": "synthetic"},
}


def drawn(situation: Situation, rng: np.random.Generator, n: int) -> FloatArray:
    """Return the market, the firm and its peers for each of n firm-events, shape (n, SESSIONS, 2 + P)."""
    market = rng.normal(0.0003, MARKET, (n, SESSIONS, 1))
    industry = rng.normal(0.0, INDUSTRY, (n, SESSIONS, 1))
    firms = 1 + len(PEERS)
    beta, exposure = (rng.uniform(*bounds, (n, 1, firms)) for bounds in (BETAS, EXPOSURES))
    returns = beta * market + exposure * industry + rng.normal(0.0, OWN, (n, SESSIONS, firms))
    sign = rng.choice((-1.0, 1.0), (n, 1, 1))
    share = rng.uniform(0.0, 2.0, (n, 1, firms)) if situation.uneven else 1.0
    hit = slice(DAY0, DAY0 + situation.sessions)
    returns[:, hit] += sign * share * exposure * situation.industry / situation.sessions
    reached = rng.random((n, 1, len(PEERS))) < situation.reached
    returns[:, DAY0 : DAY0 + 1, :1] += situation.news
    returns[:, DAY0 : DAY0 + 1, 1:] += situation.news * situation.spill * reached
    return np.concatenate([market, returns], axis=2)


def placed(returns: FloatArray) -> tuple[FirmEvents, ReturnMatrix]:
    """Put the sessions of the firm-events one after the other, and their events on them."""
    n, names = len(returns), ("MKT", "FIRM", *PEERS)
    values = returns.reshape(-1, len(names))
    dates = np.datetime64("2000-01-01", "D") + np.arange(len(values)).astype("timedelta64[D]")
    matrix = ReturnMatrix(
        kind="simple",
        dates=dates,
        values=values,
        lumped=values,
        span=np.broadcast_to(np.int64(1), values.shape),
        columns={name: place for place, name in enumerate(names)},
        blocks={"": (0, len(values) - 1)},
    )
    session = dates[np.arange(n) * SESSIONS + DAY0]
    events = pd.DataFrame({"event_id": [str(place) for place in range(n)], "ticker": "FIRM"})
    return from_frame(events.assign(session=session), benchmark=Benchmark(("MKT",)), calendars=False), matrix


def estimated(returns: FloatArray, design: Design) -> tuple[Specification, Estimates]:
    """Measure the firm-events of some returns."""
    firm_events, matrix = placed(returns)
    spec = Specification.of(firm_events, matrix, model_of(design), design)
    return spec, estimate(spec)


def rates(situation: Situation, n: int = FIRM_EVENTS) -> Iterator[dict[str, str]]:
    """Yield the rows of a situation; every model measures the same returns."""
    rng = np.random.default_rng([SEED, SITUATIONS.index(situation)])
    returns = drawn(situation, rng, n)
    for name, options in MODELS.items():
        design = Design(
            benchmark="MKT",
            estimation=ESTIMATION,
            window=WINDOW,
            car_windows=(situation.window,),
            mask_events=False,
            placebo_history="estimation",
            peers=PEERS,
            donors=PEERS,
            **options,
        )
        estimates = estimated(returns, design)[1]
        df, factor = estimates.abnormal.reference([situation.sessions])
        pvalues = {
            "car_t": forecast_t(estimates.car[:, :1], estimates.car_se[:, :1], df, "two-sided", factor)[1],
            "placebo": estimates.ranks.placebo_pvalue,
            "conformal": estimates.ranks.conformal_pvalue,
        }
        if name == "synthetic" and (space := treat_donors(*estimated(returns[:IN_SPACE], design))):
            pvalues["in space"] = space_ranks(space)[0]
        for test, pvalue in pvalues.items():
            measured = pvalue[np.isfinite(pvalue)]
            yield {
                "situation": situation.name,
                "window": "{},{}".format(*situation.window),
                "model": name,
                "test": test,
                "rate": f"{(measured <= LEVEL).mean():.4f}",
                "n": str(len(measured)),
            }


def stored() -> list[dict[str, str]]:
    """Return the stored rows."""
    with SIMULATED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def table() -> str:
    """Return the stored rates in per cent, a row per situation; of the conformal test unless said."""
    found = {(row["situation"], row["model"], row["test"]): row["rate"] for row in stored()}
    chosen = [(name, "conformal") for name in MODELS] + [("synthetic", "in space")]
    heads = [f"`{name}`" if "," not in name else name for name in MODELS] + ["in space"]
    lines = [f"| what happens | {' | '.join(heads)} |", "| --- |" + " ---: |" * len(heads)]
    for situation in SITUATIONS:
        shares = (f"{100 * float(found[situation.name, *each]):.1f}" for each in chosen)
        lines.append(f"| {situation.name} | {' | '.join(shares)} |")
    return "\n".join(lines)


if __name__ == "__main__":
    rows: list[dict[str, str]] = []
    for situation in SITUATIONS:
        rows += rates(situation)
        with SIMULATED.open("w", encoding="utf-8", newline="") as target:
            writer = csv.DictWriter(target, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
