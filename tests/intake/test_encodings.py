"""The encoding of a text: what a mark or the words of its header prove, and what is asked about."""

from __future__ import annotations

import pytest

from eventstudy.errors import FileContentError
from eventstudy.intake.encodings import as_utf8

KOREAN = "날짜,종가,거래량\n2020.07.21,82598,875893\n"
JAPANESE = "日付,始値,高値,安値,終値,出来高\n2020/07/21,1,2,3,4,5\n"
CHINESE = "交易日期,股票代码,收盘价\n2020-07-21,600000,9.5\n"
TAIWAN = "日期,證券代號,收盤價\n2020-07-21,2330,9.5\n"
GERMAN = "Datum;Eröffnung;Höchstkurs;Schlusskurs\n21.07.2020;1,5;1,6;1,55\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (KOREAN, "cp949"),
        (JAPANESE, "cp932"),
        (CHINESE, "gb18030"),
        (TAIWAN, "big5"),
        (GERMAN, "cp1252"),
        ("date,Société,Größe\n2020-07-21,1,2\n", "cp1252"),
        ("date,close\n2020-07-21,1\n© the vendor\n", "cp1252"),
        (KOREAN, "utf-8"),
        (KOREAN, "utf-8-sig"),
        (JAPANESE, "utf-16"),
        ("date,close\n2020-07-21,1\n", "utf-16-le"),
        ("date,close\n2020-07-21,1\n", "utf-16-be"),
        ("date,close\n2020-07-21,1\n", "utf-32"),
    ],
)
def test_texts_are_decoded(text: str, encoding: str) -> None:
    decoded = as_utf8("p.csv", text.encode(encoding))
    assert decoded.raw.decode() == text
    assert decoded.encoding == encoding.removesuffix("-sig")


def test_names_alone_are_asked_about_with_both_readings() -> None:
    raw = "date,삼성전자,현대차\n2020-07-21,1,2\n".encode("cp949")
    with pytest.raises(FileContentError) as raised:
        as_utf8("p.csv", raw)
    text = str(raised.value)
    assert "삼성전자" in text
    assert "say --encoding cp949 or" in text
    assert "(data: {encoding: cp949})" in text
    assert as_utf8("p.csv", raw, "cp949").raw.decode().startswith("date,삼성전자")


def test_a_title_or_a_note_is_no_reason_to_ask() -> None:
    """Figures, headers and ids are ASCII: whatever the note says, the table is the same."""
    raw = "date,close\n2020-07-21,1\n삼성전자 현대차\n".encode("cp949")
    assert as_utf8("p.csv", raw).raw.startswith(b"date,close\n2020-07-21,1\n")


@pytest.mark.parametrize("stated", ["ascii", "utf-8", "no-such-encoding", "hex"])
def test_a_stated_encoding_that_does_not_fit_is_an_error(stated: str) -> None:
    with pytest.raises(FileContentError, match=f"cannot be read as {stated}.*--encoding"):
        as_utf8("p.csv", KOREAN.encode("cp949"), stated)


def test_damaged_text_is_refused() -> None:
    with pytest.raises(FileContentError, match="is not utf-16"):
        as_utf8("p.csv", KOREAN.encode("utf-16")[:-1])
    with pytest.raises(FileContentError, match="zero bytes"):
        as_utf8("p.csv", b"date,close\n" + b"\x01\x00" * 9)
