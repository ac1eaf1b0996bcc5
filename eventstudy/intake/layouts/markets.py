"""Whose sessions the securities of a terminal have, by the endings and beginnings of its ids."""

from __future__ import annotations


def _by_code(exchanges: dict[str, str]) -> dict[str, str]:
    return {code: exchange for exchange, codes in exchanges.items() for code in codes.split()}


#: composite or exchange code of Bloomberg
BY_BLOOMBERG = _by_code({
    "XNYS": "US UN UW UQ UR UA UP UV UF", "XTSE": "CN CT", "XLON": "LN", "XETR": "GR GY", "XPAR": "FP",
    "XAMS": "NA", "XBRU": "BB", "XMIL": "IM", "XMAD": "SM SQ", "XLIS": "PL", "XSWX": "SW SE VX", "XWBO": "AV",
    "XSTO": "SS", "XCSE": "DC", "XHEL": "FH", "XOSL": "NO", "XTKS": "JP JT", "XKRX": "KS KP KQ", "XHKG": "HK",
    "XASX": "AU AT", "XSES": "SP",
})  # fmt: skip
#: country of listing, as FactSet writes it
BY_COUNTRY = _by_code({
    "XNYS": "US USA", "XTSE": "CA", "XLON": "GB", "XETR": "DE", "XPAR": "FR", "XAMS": "NL", "XBRU": "BE",
    "XMIL": "IT", "XMAD": "ES", "XLIS": "PT", "XSWX": "CH", "XWBO": "AT", "XSTO": "SE", "XCSE": "DK",
    "XHEL": "FI", "XOSL": "NO", "XTKS": "JP", "XKRX": "KR", "XHKG": "HK", "XASX": "AU", "XSES": "SG",
})  # fmt: skip
#: beginning of a code of Datastream
BY_DATASTREAM = _by_code(
    {
        "XNYS": "U",
        "XTSE": "C",
        "XETR": "D",
        "XPAR": "F",
        "XAMS": "H",
        "XBRU": "B",
        "XMIL": "I",
        "XMAD": "E",
        "XLIS": "P",
        "XSWX": "S",
        "XWBO": "O",
        "XSTO": "W",
        "XCSE": "DK",
        "XHEL": "M",
        "XOSL": "N",
        "XTKS": "J",
        "XKRX": "KO",
        "XHKG": "K",
        "XASX": "A",
        "XSES": "T",
        "XTAI": "TW",
        "XJSE": "R",
        "XNZE": "Z",
    }
)
#: beginning of an id of Capital IQ, in capitals
BY_PREFIX = {
    "NYSE": "XNYS", "NASDAQ": "XNYS", "NASDAQGS": "XNYS", "NASDAQGM": "XNYS", "NASDAQCM": "XNYS",
    "AMEX": "XNYS", "NYSEAM": "XNYS", "NYSEMKT": "XNYS", "ARCA": "XNYS", "BATS": "XNYS", "TSX": "XTSE",
    "LSE": "XLON", "XTRA": "XETR", "DB": "XFRA", "ENXTPA": "XPAR", "ENXTAM": "XAMS", "ENXTBR": "XBRU",
    "BIT": "XMIL", "BME": "XMAD", "SWX": "XSWX", "OM": "XSTO", "CPSE": "XCSE", "HLSE": "XHEL", "OB": "XOSL",
    "TSE": "XTKS", "KOSE": "XKRX", "KOSDAQ": "XKRX", "SEHK": "XHKG", "ASX": "XASX", "SGX": "XSES",
}  # fmt: skip
NEW_YORK = ("O", "OQ", "N", "A", "P", "K", "Z")  #: endings of RICs
