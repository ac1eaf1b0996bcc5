"""Ids of securities whose table does not name them: by the name of the file, without what vendors add."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote

from eventstudy.errors import FileContentError
from eventstudy.intake.table import Table

STOOQ_MARKETS = {"US": "", "UK": ".L", "JP": ".T", "HK": ".HK", "DE": ".DE", "PL": ".WA", "HU": ".BD"}
STOOQ_INDICES = {"^SPX": "^GSPC", "^NDQ": "^IXIC"}
#: what vendors and browsers put around the name of a security
ADDED = (
    r" \(\d+\)$",
    r"[ _](?:Historical Data|Historical Prices|Historische Daten|Historische Kurse|Dati Storici)$",
    r"[ _](?:Datos históricos|Données Historiques|과거 데이터|過去データ|历史数据)$",
    r"^wkn_|_historic$",
    r"^(?:time_series_)?daily_(?:adjusted_)?",
)
#: names of downloads that do not say of what
NAMELESS = re.compile(
    r"(?:HistoricalData|HistoricalQuotes|HistoricalPrices|historical|download|table|export|data|chart|quotes)"
    r"(?:[ _-]?[\d_-]+)?|historical[ _-]?(?:data|prices)|\d{8,}|",
    re.IGNORECASE,
)
TICKER = re.compile(r"\^?[A-Z]{1,5}(\.[A-Z]{1,3})?|\d{4,6}\.[A-Z]{1,3}")  #: what can only be a ticker
SUFFIXES = {
    ".csv", ".txt", ".tsv", ".tab", ".parquet", ".pq", ".feather", ".arrow", ".xlsx", ".xlsm", ".xlsb",
    ".xls", ".ods", ".dta", ".sav", ".sas7bdat", ".xpt", ".rds", ".rdata", ".rda", ".gz", ".zip", ".zst",
    ".bz2", ".xz",
}  # fmt: skip


def id_of_file(table: Table) -> str:
    """Return the id of the only security of a file.

    ``_GSPC`` is ``^GSPC`` and ``%43ON`` is ``CON``, as files are named that cannot have the ticker's name. A
    FileContentError says that the name is one that a download has whatever it holds.

    Examples
    --------
    >>> [id_of_file(Table(name, ())) for name in ("p/RNV Historical Data.csv", "nvda.us.txt", "_GSPC.csv.gz")]
    ['RNV', 'NVDA', '^GSPC']
    """
    stem = stem_of(table.name)
    name = stem
    for pattern in ADDED:
        name = re.sub(pattern, "", name, flags=re.IGNORECASE)
    name = name.strip()
    if NAMELESS.fullmatch(name):
        problem = f"its table does not name the security, and neither does the name {stem!r}"
        raise FileContentError(table.name, problem, "rename the file to the ticker, such as NVDA.csv")
    return from_stooq(unquote(f"^{name[1:]}" if name[0] == "_" else name))


def stem_of(name: str) -> str:
    """Return the name of a file, or of an inner file in brackets, without folders and suffixes."""
    inner = re.search(r"\[([^\[\]]+)\]$", name)
    if inner and PurePosixPath(inner[1]).suffix.lower() in SUFFIXES:
        name = inner[1]
    path = PurePosixPath(re.sub(r"\[[^\[\]]*\]$", "", name).replace("\\", "/"))
    while path.suffix.lower() in SUFFIXES and path.stem:
        path = path.with_suffix("")
    return path.name


def from_stooq(name: str) -> str:
    """Return the ticker of a name in Stooq's bulk files or downloads; any other name as it is.

    Examples
    --------
    >>> [from_stooq(name) for name in ("aapl.us", "BRK-B.US", "vod_uk_d", "^spx_d", "nvda", "BRK.B")]
    ['AAPL', 'BRK-B', 'VOD.L', '^GSPC', 'nvda', 'BRK.B']
    """
    plain = re.sub(r"_([A-Z]{2})_D$", r".\1", name.upper()).removesuffix("_D")
    if plain.startswith("^"):
        return STOOQ_INDICES.get(plain, plain)
    security, point, market = plain.rpartition(".")
    return security + STOOQ_MARKETS[market] if point and security and market in STOOQ_MARKETS else name
