"""`SimulationResult`: rejection rates as a table, and saving it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from eventstudy._typing import Alternative
from eventstudy.design import Design
from eventstudy.design.arguments import check_flags, check_kind
from eventstudy.numerics.arrow import to_arrow
from eventstudy.results.outputs.destination import write_file
from eventstudy.results.outputs.ownership import Overwrite
from eventstudy.results.table_files import write_table
from eventstudy.significance import SignificanceTest
from eventstudy.simulation.counting import LEVELS, Case, Count, attainable, band
from eventstudy.simulation.situation import Situation

if TYPE_CHECKING:
    import pandas as pd

_KEY, _TAU, _NUMBER, _COUNT = pa.dictionary(pa.int32(), pa.string()), pa.int32(), pa.float64(), pa.int64()

#: Columns of the table: name, type, unit, meaning.
COLUMNS = (
    ("test", _KEY, "-", "name of the test"),
    ("unit", _KEY, "-", "what its observations are: firm-event, date, portfolio or tickers"),
    ("measure", _KEY, "-", "CAR, BHAR or volatility; CAR over one session is AR"),
    ("start", _TAU, "sessions", "first session of the window"),
    ("end", _TAU, "sessions", "last session of the window"),
    ("effect", _NUMBER, "decimal", "abnormal return injected on day 0; 0 shows the size, others the power"),
    ("level", _NUMBER, "-", "nominal size: rejected is a p-value of at most that"),
    ("rate", _NUMBER, "share", "of the replications with a p-value, those that reject"),
    ("low", _NUMBER, "share", "99 % score interval of the rate: holds the level if a size is in its band"),
    ("high", _NUMBER, "share", "its upper end"),
    ("attainable", _NUMBER, "share", "largest size up to the level that an exact test can have; else null"),
    ("n", _COUNT, "replications", "with a p-value"),
    ("units", _NUMBER, "units", "that entered the test, on average"),
)
SCHEMA = pa.schema(
    [pa.field(name, kind, metadata={"unit": unit, "meaning": text}) for name, kind, unit, text in COLUMNS],
    metadata={"eventstudy_table": "simulation"},
)


@dataclass(frozen=True, repr=False)
class SimulationResult:
    """Rejection rates of the tests in a situation.

    Attributes
    ----------
    table
        Arrow table with the columns of ``SCHEMA``: one row per test, unit, measure, window, effect and level.
    situation, design
        What was simulated, and how it was measured.
    panel
        Tickers that placebo events were drawn on; empty for a synthetic panel.
    """

    table: pa.Table
    situation: Situation
    design: Design
    panel: tuple[str, ...] = ()

    @property
    def rejections(self) -> pd.DataFrame:
        """The table as a data frame."""
        frame: pd.DataFrame = self.table.to_pandas()
        return frame

    @property
    def about(self) -> dict[str, Any]:
        """Situation, design and panel as plain values."""
        return {
            "situation": asdict(self.situation),
            "design": asdict(self.design.named()),
            "panel": list(self.panel),
        }

    def to_parquet(self, path: str | Path, *, force: bool = False, inputs: Sequence[str | Path] = ()) -> Path:
        """Save the table with what it is about in its metadata; the file appears whole or not at all.

        ``force`` replaces a file that is not of eventstudy, unless it is one of ``inputs``.

        Raises
        ------
        OutputError
            It could not be written, or a file of others is in the way; what was there is left as it was.
        """
        check_kind("path", path, (str, PathLike), "a path")
        check_flags(force=force)
        listed = (inputs,) if isinstance(inputs, str | PathLike) else inputs
        check_kind("inputs", listed, Iterable, "a list of paths")
        for each in listed:
            check_kind("inputs", each, (str, PathLike), "a list of paths")
        write_file(
            path,
            lambda staged: write_table(self.table, staged, self.about),
            suffixes=[".parquet"],
            overwrite=Overwrite(force, tuple(map(Path, listed))),
        )
        return Path(path)

    def __repr__(self) -> str:
        where = ", ".join(self.panel) if self.panel else f"{self.situation.distribution} synthetic markets"
        return (
            f"<SimulationResult: {self.situation.replications:,} replications of "
            f"{self.situation.firm_events} firm-events on {where}; {len(set(self.table['test'].to_pylist()))}"
            f" tests, {len(self.situation.effects)} effects>"
        )


def rejection_table(
    counts: Mapping[Case, Count], tests: Sequence[SignificanceTest], alternative: Alternative
) -> pa.Table:
    """Return the counts as a table, in the order of the tests."""
    distributions = {test.name: test.distribution for test in tests}
    order = {name: place for place, name in enumerate(distributions)}
    rows = sorted(counts, key=lambda case: order[case.test])
    cases = [case for case in rows for _ in LEVELS]
    n = np.array([counts[case].n for case in cases], dtype=np.int64)
    rejected = np.array([count for case in rows for count in counts[case].rejected], dtype=float)
    with np.errstate(invalid="ignore"):
        rate, units = rejected / n, np.array([counts[case].units for case in cases]) / n
    low, high = band(rate, n)
    level = np.tile(LEVELS, len(rows))
    columns: dict[str, Iterable[Any]] = {
        **{name: [getattr(case, name) for case in cases] for name in Case._fields},
        "level": level,
        "rate": rate,
        "low": low,
        "high": high,
        "attainable": [
            _attainable(distributions[case.test], case, *each, alternative)
            for case, each in zip(cases, zip(level, units, strict=True), strict=True)
        ],
        "n": n,
        "units": units,
    }
    return pa.Table.from_arrays(
        [to_arrow(columns[field.name], field.type) for field in SCHEMA], schema=SCHEMA
    )


def _attainable(distribution: str, case: Case, level: float, units: float, alternative: Alternative) -> float:
    """Return the attainable size where a test is exact and every replication has as many units."""
    if case.effect or units != units // 1:
        return np.nan
    return attainable(distribution, int(units), float(level), alternative)
