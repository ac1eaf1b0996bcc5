"""Japan: daily prices with Japanese titles, and those of J-Quants, in sessions of Tokyo."""

from __future__ import annotations

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of

_COLUMNS = {
    "date": ("日付",), "open": ("始値",), "high": ("高値",), "low": ("安値",), "close": ("終値",),
    "volume": ("出来高",), "ticker": ("コード", "銘柄コード"),
}  # fmt: skip

JAPAN_ADJUSTED = layout_of(
    Form(
        name="japan-adjusted",
        title="Japanese daily prices",
        certain_by="`日付,始値,高値,安値,終値,出来高,終値調整値`",
        needs=("日付", "終値調整値"),
        columns={**_COLUMNS, "close": ("終値調整値",)},
        closes="split-adjusted",
        exchange="XTKS",
        remarks=("no dividends",),
    )
)
YAHOO_JAPAN = layout_of(
    Form(
        name="yahoo-japan",
        title="Yahoo Japan",
        certain_by="`日付,始値,高値,安値,終値,出来高,調整後終値*`",
        needs=("日付", "終値", "調整後終値"),
        columns={**_COLUMNS, "close": ("調整後終値",)},
        closes="split-adjusted",
        exchange="XTKS",
        remarks=("no dividends",),
    )
)
JAPAN = layout_of(
    Form(
        name="japan",
        title="Japanese daily prices",
        certain_by="`日付,始値,高値,安値,終値,出来高`",
        needs=("日付", "終値"),
        columns=_COLUMNS,
        closes="raw",
        exchange="XTKS",
        remarks=("no dividends, and splits are not listed",),
    )
)
J_QUANTS = layout_of(
    Form(
        name="j-quants",
        title="J-Quants",
        certain_by="`Date`, `Code`, `AdjustmentClose`",
        needs=("date", "code", "AdjustmentClose"),
        columns={
            "ticker": ("code",), "close": ("AdjustmentClose",), "open": ("AdjustmentOpen",),
            "high": ("AdjustmentHigh",), "low": ("AdjustmentLow",), "volume": ("AdjustmentVolume",),
        },
        closes="split-adjusted",
        exchange="XTKS",
        remarks=("no dividends",),
    )
)  # fmt: skip
