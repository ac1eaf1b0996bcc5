"""The table of returns that a caller gives in place of prices, in any of its forms, as one frame."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eventstudy.design.arguments import refusal
from eventstudy.errors import PriceDataError

if TYPE_CHECKING:
    import pandas as pd

FORMS = "a DataFrame (sessions x series), a Series with a name, a dictionary of Series, or a path"


def as_frame(returns: Any) -> pd.DataFrame:
    """Return a table of returns, sessions x series, from any of its forms.

    Parameters
    ----------
    returns
        A frame indexed by session; a Series whose name is its ticker; Series by ticker; the path of a CSV or
        Parquet file with a column of dates and one per series.

    Raises
    ------
    UsageError
        It is none of these.
    PriceDataError
        The file cannot be read, or a Series has no name.
    """
    import pandas as pd

    frame: pd.DataFrame
    if isinstance(returns, str | PathLike):
        frame = _read(Path(returns))
    elif isinstance(returns, pd.Series):
        if not isinstance(returns.name, str):
            raise PriceDataError("returns", "the Series has no name", "name it by its ticker: rename('NVDA')")
        frame = returns.to_frame()
    elif isinstance(returns, Mapping) and returns:
        if not all(isinstance(series, pd.Series) for series in returns.values()):
            raise refusal("returns", returns, FORMS)
        frame = pd.DataFrame(dict(returns))
    elif isinstance(returns, pd.DataFrame):
        frame = returns
    else:
        raise refusal("returns", returns, FORMS)
    return frame


def _read(path: Path) -> pd.DataFrame:
    """Read a file of returns; its numbers are what the caller says they are."""
    import pandas as pd

    from eventstudy.prices.files.reading import read_table

    try:
        table = read_table(path.name, path.read_bytes())
    except OSError as error:
        problem = f"the file of returns {path.name} cannot be read ({error.strerror or error})"
        raise PriceDataError("returns", problem, "check the path") from None
    return pd.DataFrame(dict(table.columns), index=pd.DatetimeIndex(table.sessions))
