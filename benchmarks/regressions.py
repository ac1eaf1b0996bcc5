"""From 5,000 announcements to a LaTeX table of regressions: `regressions.py [ANNOUNCEMENTS]`.

Seeded returns of 300 securities over 2,087 sessions; `eventstudy run --regress`, then `eventstudy export`.
The same regressions are timed beside statsmodels and linearmodels on the CARs of that run.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import eventstudy as es

SECURITIES, SESSIONS, SEED = 300, 2_087, 20_260_315
FORMULAS = ("car ~ size + C(kind)", "car ~ size * C(kind) + C(sector)")
REPEATS = 5


def written(folder: Path, announcements: int) -> None:
    """Write returns.csv and announcements.csv."""
    rng = np.random.default_rng(SEED)
    names = [f"F{at:03}" for at in range(SECURITIES)]
    market = rng.normal(0.0003, 0.01, SESSIONS)
    values = market[:, None] * rng.uniform(0.5, 1.5, SECURITIES) + rng.normal(0, 0.02, (SESSIONS, SECURITIES))
    days = pd.bdate_range("2015-01-02", periods=SESSIONS)
    returns = pd.DataFrame(values.round(8), index=days, columns=names).assign(MKT=market.round(8))
    returns.to_csv(folder / "returns.csv", index_label="date")
    at = rng.integers(300, SESSIONS - 20, announcements)
    pd.DataFrame(
        {
            "ticker": rng.choice(names, announcements),
            "session": days[at].strftime("%Y-%m-%d"),
            "kind": rng.choice(["merger", "buyback", "issue"], announcements),
            "size": rng.normal(9, 1, announcements).round(3),
            "sector": rng.choice(list("abcdefgh"), announcements),
        }
    ).drop_duplicates(["ticker", "session"]).to_csv(folder / "announcements.csv", index=False)


def timed(words: list[str], folder: Path) -> tuple[float, float]:
    """Run a command of eventstudy and return its seconds on the wall and of the processor."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, "-m", "eventstudy", *words], cwd=folder, check=True, capture_output=True)
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def statsmodels_of(frame: pd.DataFrame) -> None:
    """Fit the formulas with statsmodels, clustered by session."""
    import statsmodels.formula.api as smf

    groups = pd.factorize(frame["session"])[0]
    for formula in FORMULAS:
        smf.ols(formula, frame).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)


def linearmodels_of(frame: pd.DataFrame) -> None:
    """Fit the formulas with linearmodels, clustered by session."""
    from linearmodels import PooledOLS

    frame = frame.assign(day=pd.to_datetime(frame["session"]), row=range(len(frame)))
    groups = frame.set_index(["row", "day"])["session"].astype("category").cat.codes
    for formula in FORMULAS:
        model = PooledOLS.from_formula(formula.replace("~", "~ 1 +"), frame.set_index(["row", "day"]))
        model.fit(cov_type="clustered", clusters=groups, group_debias=True)


def median_of(function: Any) -> float:
    """Return the median seconds of a call."""
    seconds = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return float(np.median(seconds))


def main(announcements: int = 5_000) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(folder, announcements)
        run = ["run", "announcements.csv", "--prices", "returns.csv", "--values", "returns"]
        run += ["--benchmark", "MKT", "--car=0:0", "--car=-1:1"]
        for formula in FORMULAS:
            run += ["--regress", formula]
        for label, words in (("run", run), ("export", ["export", "--format", "latex", "--out", "paper",
                             "--table", "regression_models", "--table", "caars"])):  # fmt: skip
            wall, processor = timed(words, folder)
            print(f"{label}: {wall:.1f} s on the wall, {processor:.1f} s of processor time")
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"peak memory {peak:.0f} MiB")
        print((folder / "paper" / "regression_models.tex").read_text(encoding="utf-8"))
        result = es.load(folder / "results")
        ours = median_of(lambda: result.regress(FORMULAS, window=(0, 0)))
        further = pd.read_csv(folder / "announcements.csv")[["size", "sector"]]
        cars = result.cars[result.cars["end"] == 0].reset_index(drop=True)["car"]
        events = result.events.reset_index(drop=True)[["session", "kind"]]
        frame = pd.concat([events, further, cars], axis=1)
        frame["kind"] = frame["kind"].astype(str)
        print(f"the two regressions of one window: {1000 * ours:.0f} ms", end="")
        for name, peer in (("statsmodels", statsmodels_of), ("linearmodels", linearmodels_of)):
            print(f", {name} {1000 * median_of(lambda: peer(frame.dropna())):.0f} ms", end="")  # noqa: B023
        print()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
