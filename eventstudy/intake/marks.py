"""Decimal marks: what the cells of a table prove, and plain numbers from written ones."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from eventstudy.intake.options import Decimal

#: between groups of digits: blanks (also of fixed width, narrow, thin) and the apostrophes of Switzerland
GAPS = "[ '\u00a0\u202f\u2009\u2019]"
MONEY = r"(?:US\$|[$€£¥₩₹]|USD|EUR|GBP|GBX|JPY|KRW|CHF|CNY|HKD|SEK|NOK|DKK|PLN|CAD|AUD|INR|BRL)"
MONEY_AFTER = r"(?:[$€£¥₩₹원円元%]|USD|EUR|GBP|GBX|GBp|JPY|KRW|CHF|CNY|HKD|SEK|NOK|DKK|PLN|CAD|AUD|INR|BRL)"
#: a number as people write it, in parts
WRITTEN = (
    r"^(?P<open>\()?\s*(?P<sign>[-+\x{2212}])?\s*" + MONEY + r"?\s*(?P<inner>[-+\x{2212}])?\s*"
    r"(?P<body>[0-9](?:(?:[0-9.,]|" + GAPS + r")*[0-9.,])?|[.,][0-9]+)(?:(?P<power>[eE][-+\x{2212}]?[0-9]+)"
    r"|\s*(?P<size>[KMBTkmbt]))?\s*(?P<after>" + MONEY_AFTER + r")?\s*(?P<close>\))?$"
)
PLAIN = r"^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$"  #: with a point as decimal mark
#: one mark, three digits after it: a thousand, or three decimals
EITHER = r"^[-+]?[1-9][0-9]{0,2}[.,][0-9]{3}$"
_PROOFS = (
    r"^[0-9]{{1,3}}(?:{other}[0-9]{{2,3}})*{other}[0-9]{{3}}{mark}[0-9]*$",  # both marks
    r"^[0-9]{{1,3}}(?:{other}[0-9]{{2,3}})+{other}[0-9]{{3}}$",  # a mark twice: thousands
    r"^[0-9]{{1,3}}(?:{gap}[0-9]{{3}})+{mark}[0-9]*$",  # thousands by blanks, then a mark
    r"^[0-9]*{mark}(?:[0-9]{{0,2}}|[0-9]{{4,}})$",  # not three digits after it
    r"^(?:[0-9]{{4,}}|0[0-9]*)?{mark}[0-9]{{3}}$",  # no group of thousands before it
)


def _proof(mark: str, other: str) -> str:
    return "|".join(proof.format(mark=mark, other=other, gap=GAPS) for proof in _PROOFS)


PROOFS: dict[Decimal, str] = {"point": _proof(r"\.", ","), "comma": _proof(",", r"\.")}


class Evidence(NamedTuple):
    """The first cell that proves each decimal mark, "" where none does."""

    point: str
    comma: str

    @property
    def mark(self) -> Decimal | None:
        """The mark that is proved, None where neither or both are."""
        if bool(self.point) == bool(self.comma):
            return None
        return "point" if self.point else "comma"


def is_text(kind: pa.DataType) -> bool:
    """Whether a type of Arrow holds text, in whatever layout."""
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def bodies_of(cells: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return the parts of cells that are written numbers, a struct of text; null where they are none."""
    if isinstance(cells, pa.ChunkedArray):
        cells = cells.combine_chunks()
    return pc.extract_regex(cells, WRITTEN)


def evidence_of(columns: Iterable[pa.ChunkedArray]) -> Evidence:
    """Return what the texts among some columns prove about the decimal mark, decided over all their cells."""
    found = Evidence("", "")
    for column in columns:
        if is_text(column.type):
            texts = column.cast(pa.string())
            marked = pc.filter(texts, pc.match_substring_regex(texts, "[0-9][.,]|[.,][0-9]"))
            more = proved(marked, pc.struct_field(bodies_of(marked), "body"))
            found = Evidence(found.point or more.point, found.comma or more.comma)
        if found.point and found.comma:
            break
    return found


def proved(cells: pa.ChunkedArray, body: pa.Array) -> Evidence:
    """Return the first cell that proves each mark, from cells and their digits.

    Two marks in a cell, a mark twice, a mark that is not followed by three digits, and digits before it that
    are no group of thousands are proofs. Texts that are no numbers prove nothing.
    """
    found = {}
    for mark, proof in PROOFS.items():
        at = pc.index(pc.fill_null(pc.match_substring_regex(body, proof), False), True).as_py()
        found[mark] = cells[at].as_py() if at >= 0 else ""
    return Evidence(**found)


def grammar(decimal: Decimal) -> str:
    """Return the pattern of digits that are a number under a decimal mark."""
    mark, other = (r"\.", ",") if decimal == "point" else (",", r"\.")
    groups = rf"^[0-9]{{1,3}}(?:{other}[0-9]{{2,3}})*{other}[0-9]{{3}}(?:{mark}[0-9]*)?$"
    gaps = rf"^[0-9]{{1,3}}(?:{GAPS}[0-9]{{3}})+(?:{mark}[0-9]*)?$"
    return rf"^[0-9]+{mark}?[0-9]*$|^{mark}[0-9]+$|{groups}|{gaps}"


def plain_digits(body: pa.Array, decimal: Decimal) -> pa.Array:
    """Return digits with a point as the only mark; null where they are no number under a decimal mark."""
    fits = pc.match_substring_regex(body, grammar(decimal))
    digits = pc.replace_substring_regex(body, GAPS, "")
    digits = pc.replace_substring(digits, "," if decimal == "point" else ".", "")
    digits = digits if decimal == "point" else pc.replace_substring(digits, ",", ".")
    return pc.if_else(fits, digits, pa.scalar(None, pa.string()))
