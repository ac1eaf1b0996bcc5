"""The encoding of a text file: marks, UTF-8, UTF-16, and what the words of its header prove."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from typing import NamedTuple

from eventstudy.errors import FileContentError

MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
CANDIDATES = ("cp949", "cp932", "gb18030", "big5", "cp1252")
#: words of headers, by the encodings that write them
WORDS = {
    "cp949": (
        "날짜 일자 일시 종가 시가 고가 저가 거래량 거래대금 종목 종목코드 종목명 코드 "
        "등락률 전일비 대비 수정종가 수익률 시가총액 상장주식수 회사명 지수 가격 주가 "
        "날자 연월일 기준일 공시일 발표일 사건일 제목"
    ),
    "cp932": (
        "日付 日時 始値 高値 安値 終値 出来高 銘柄 銘柄コード コード 調整後終値 "
        "終値調整値 調整値 売買代金 前日比 指数 発表日 株価 年月日"
    ),
    "gb18030": (
        "日期 时间 开盘 开盘价 收盘 收盘价 最高 最高价 最低 最低价 成交量 成交额 代码 "
        "名称 证券代码 股票代码 简称 涨跌幅 公告日 事件日 交易日期 收益率 指数"
    ),
    "big5": (
        "日期 時間 開盤 開盤價 收盤 收盤價 最高價 最低價 成交量 成交股數 成交金額 代號 "
        "名稱 證券代號 股票代號 公告日 漲跌 報酬率 指數"
    ),
    "cp1252": (
        "Schlußkurs Eröffnung Eröffn Erste Höchst Börse Währung Stück Tagestief Rückgang "
        "Clôture Ouverture Séance Société Émetteur Marché Máximo Mínimo Último Fecha "
        "Cotización Valeur Schluß"
    ),
}
SAMPLE = 200_000  #: bytes at the beginning in which the words are looked for
_LONE = re.compile(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])")
_RUN = re.compile(rb"[\x80-\xff]+")
_HIGH = re.compile(rb"[\x80-\xff]")


class Decoded(NamedTuple):
    """Text as UTF-8, and the encoding it was in."""

    raw: bytes
    encoding: str


def as_utf8(name: str, raw: bytes, stated: str | None = None) -> Decoded:
    """Return the bytes of a text file as UTF-8 without a mark.

    Parameters
    ----------
    stated
        The encoding, where the user says it.

    Raises
    ------
    FileContentError
        Bytes that are no text, or not of the encoding that is stated; text that two encodings read
        differently.
    """
    if stated is not None:
        return _stated(name, raw, stated)
    for mark, encoding in MARKS:
        if raw.startswith(mark):
            return Decoded(_decode(name, raw, encoding).encode(), encoding.removesuffix("-sig"))
    if b"\0" in raw[:4096]:
        return _wide(name, raw)
    if b"\0" in raw:
        raise FileContentError(name, "is no text file (it has zero bytes)", "give CSV, a workbook or Parquet")
    if raw.isascii() or _reads(raw, "utf-8"):
        return Decoded(raw, "utf-8")
    encoding = _encoding_of(name, raw)
    return Decoded(_decode(name, raw, encoding).encode(), encoding)


def _stated(name: str, raw: bytes, stated: str) -> Decoded:
    try:
        encoding = codecs.lookup(stated).name
        text = raw.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        return Decoded(text.removeprefix("\ufeff").encode(), stated)
    except (LookupError, ValueError) as error:
        problem = f"cannot be read as {stated} ({error})"
        raise FileContentError(name, problem, "say another --encoding (data: {encoding: ...})") from None


def _wide(name: str, raw: bytes) -> Decoded:
    """Decode UTF-16 without a mark: every other byte of its first characters is zero."""
    for encoding, zeros in (("utf-16-le", raw[1:4096:2]), ("utf-16-be", raw[0:4096:2])):
        if zeros.count(0) > 0.9 * len(zeros) and not len(raw) % 2:
            return Decoded(_decode(name, raw, encoding).encode(), encoding)
    raise FileContentError(name, "is no text file (it has zero bytes)", "give CSV, a workbook or Parquet")


def _decode(name: str, raw: bytes, encoding: str) -> str:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError as error:
        problem = f"is not {encoding} (byte {error.object[error.start]:#04x} at {error.start})"
        raise FileContentError(name, problem, "save it as UTF-8, or say --encoding") from None


def _reads(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _encoding_of(name: str, raw: bytes) -> str:
    """Return the encoding that the words of the header prove, or that leaves no doubt about cells."""
    able = [encoding for encoding in CANDIDATES if _reads(raw, encoding)]
    head = raw[: raw.rfind(b"\n", 0, SAMPLE) + 1 or SAMPLE]
    words = {
        encoding: sum(word in text for word in WORDS[encoding].split())
        for encoding in able
        if (text := head.decode(encoding, "ignore"))
    }
    best = max(words.values(), default=0)
    if best and len(proved := [encoding for encoding in able if words[encoding] == best]) == 1:
        return proved[0]
    if len(able) == 1:
        return able[0]
    if not able:
        return "latin-1"  # bytes that cp1252 lacks
    if "cp1252" in able and len(_LONE.findall(raw)) * 2 > len(_RUN.findall(raw)):
        return "cp1252"  # characters of two bytes seldom stand alone between ASCII
    ranked = _ranked(able, head)
    if _matters(raw, ranked[:2]):
        texts = [_shown(head.decode(encoding, "ignore")) for encoding in ranked[:2]]
        problem = f"reads {texts[0]!r} in {ranked[0]} and {texts[1]!r} in {ranked[1]}, and nothing settles it"
        remedy = f"say --encoding {ranked[0]} or {ranked[1]} (data: {{encoding: {ranked[0]}}})"
        raise FileContentError(name, problem, remedy)
    return ranked[0]


def _ranked(able: Sequence[str], head: bytes) -> list[str]:
    """Return the encodings by how much the text looks like a language, as charset-normalizer judges it."""
    from charset_normalizer import from_bytes

    order = [match.encoding for match in from_bytes(head, cp_isolation=list(able))]
    return sorted(able, key=lambda encoding: order.index(encoding) if encoding in order else len(order))


def _matters(raw: bytes, able: Sequence[str]) -> bool:
    """Whether the text that is not ASCII stands beside a separator: in a header, or as an id."""
    lines = (line for line in raw.splitlines() if _HIGH.search(line))
    return len(able) > 1 and any(re.search(rb"[,;\t|]", line) for line in lines)


def _shown(text: str) -> str:
    line = next((line for line in text.splitlines() if not line.isascii()), text)
    return line.strip()[:36]
