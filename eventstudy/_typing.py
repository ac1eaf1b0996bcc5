"""Array aliases and Literal option names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]
    IntArray = NDArray[np.int64]
    ByteArray = NDArray[np.uint8]  #: bits
    BoolArray = NDArray[np.bool_]
    DateArray = NDArray[np.datetime64]  #: datetime64[D], the one unit of a session
    TextArray = NDArray[Any]  #: dtype object, holding str
else:  # they stand in annotations only; `--help` reads the option names below without NumPy
    FloatArray = IntArray = ByteArray = BoolArray = DateArray = TextArray = Any

ReturnKind = Literal["simple", "log"]
Measured = Literal["returns", "volume", "volatility"]
Noise = Literal["auto", "independent", "ar1"]
Values = Literal["prices", "returns", "percent", "log-returns"]
Closes = Literal["raw", "split-adjusted", "adjusted", "total-return-index"]
Gaps = Literal["missing", "lump", "trade-to-trade"]
GarchDist = Literal["normal", "t"]
Quality = Literal["skip", "flag"]
Alternative = Literal["two-sided", "greater", "less"]
Estimator = Literal["ols", "wls", "fama-macbeth"]
Covariance = Literal["auto", "ols", "hc1", "hc3"]
Cluster = Literal["session", "ticker", "both"]
PeerMethod = Literal["index", "ols", "ridge", "elastic-net"]
History = Literal["auto", "estimation", "all"]
Timing = Literal["pre", "regular", "post", "unknown"]
Direction = Literal["up", "down"]
