"""KRX and Naver: daily prices with Korean titles, in sessions of Seoul."""

from __future__ import annotations

from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of

_COLUMNS = {
    "open": ("시가", "시가지수"),
    "high": ("고가", "고가지수"),
    "low": ("저가", "저가지수"),
    "close": ("종가", "종가지수"),
    "adj_close": ("수정종가",),
    "volume": ("거래량",),
    "ticker": ("종목코드", "단축코드"),
}
_REMARK = "no dividends, and splits are not listed"

KRX = layout_of(
    Form(
        name="krx",
        title="KRX",
        certain_by="`일자,종가,대비,등락률,시가,고가,저가,거래량`",
        needs=("일자", "종가"),
        columns={**_COLUMNS, "date": ("일자",)},
        closes="raw",
        exchange="XKRX",
        remarks=(_REMARK,),
    )
)
NAVER = layout_of(
    Form(
        name="naver",
        title="Naver",
        certain_by="`날짜,종가,전일비,시가,고가,저가,거래량`",
        needs=("날짜", "종가"),
        columns={**_COLUMNS, "date": ("날짜",)},
        closes="raw",
        exchange="XKRX",
        remarks=(_REMARK,),
    )
)
