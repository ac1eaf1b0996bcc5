"""Investing.com: historical data, in the languages of its sites."""

from __future__ import annotations

from eventstudy.intake.layout import Layout
from eventstudy.intake.layouts.form import Form
from eventstudy.intake.layouts.securities import layout_of
from eventstudy.intake.series import PriceReading

#: by language: date, close, open, high, low, volume and change, the titles that its file has
TITLES = {
    "": ("Date", "Price", "Open", "High", "Low", "Vol.", "Change %"),
    "German": ("Datum", "Zuletzt", "Eröffn.", "Hoch", "Tief", "Vol.", "+/- %"),
    "Spanish": ("Fecha", "Último", "Apertura", "Máximo", "Mínimo", "Vol.", "% var."),
    "French": ("Date", "Dernier", "Ouv.", "Plus Haut", "Plus Bas", "Vol.", "Variation %"),
    "Italian": ("Data", "Ultimo", "Apertura", "Massimo", "Minimo", "Vol.", "Var. %"),
    "Korean": ("날짜", "종가", "시가", "고가", "저가", "거래량", "변동 %"),
    "Japanese": ("日付け", "終値", "始値", "高値", "安値", "出来高", "変化率 %"),
}
CODES = {"German": "de", "Spanish": "es", "French": "fr", "Italian": "it", "Korean": "ko", "Japanese": "ja"}


def _layout(language: str) -> Layout[PriceReading]:
    titles = TITLES[language]
    needs = titles[:5] if language != "Korean" else (*titles[:5], titles[6])  # others have the first five too
    return layout_of(
        Form(
            name="-".join(filter(None, ("investing-com", CODES.get(language)))),
            title=f"Investing.com in {language}" if language else "Investing.com",
            certain_by=f"`{','.join(titles)}`",
            needs=needs,
            without=("close",),
            columns=dict(
                zip(("date", "close", "open", "high", "low", "volume"), ((t,) for t in titles), strict=False)
            ),
            closes="split-adjusted",
            remarks=("no dividends",),
        )
    )


INVESTING: tuple[Layout[PriceReading], ...] = tuple(map(_layout, TITLES))
