"""Ken French's layout: prose, a header whose first cell is empty, daily rows; zipped or not."""

from __future__ import annotations

import io
import re
import zipfile
import zlib

from eventstudy.errors import PriceDataError
from eventstudy.prices.files.reading import SYNONYMS, PriceTable, read_csv

DAY = re.compile(r"[ \t]*(\d{8}|\d{4}-\d\d-\d\d)[ \t]*[,T ]")
LATER_DAY = re.compile(f"(?m)^{DAY.pattern}")
MONTH = re.compile(r"[ \t]*(\d{6}|\d{4}|\d{4}-\d\d)[ \t]*,")
VINTAGE = re.compile(r"using the (\d{6}) CRSP")
LARGEST_FILE = 50_000_000  #: bytes of a file of factors, packed and unpacked; the largest daily ones have 5
LONGEST_PROSE = 1_000  #: lines before the header


def unzipped(name: str, raw: bytes) -> bytes:
    """Return the first file in a zip, which may unpack to `LARGEST_FILE` at most."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive, archive.open(archive.infolist()[0]) as member:
            content = member.read(LARGEST_FILE + 1)  # the size stated in the zip may be wrong
    except (
        zipfile.BadZipFile, zlib.error, LookupError, OSError, RuntimeError, ValueError, EOFError
    ) as error:  # fmt: skip
        raise PriceDataError(name, f"is no readable zip ({error})", "download it again") from None
    if len(content) > LARGEST_FILE:
        problem = f"unpacks to more than {LARGEST_FILE:,} bytes"
        raise PriceDataError(name, problem, "give the CSV of daily factors itself")
    return content


def parse(name: str, raw: bytes) -> tuple[PriceTable, str]:
    """Return the daily rows under the first header, and the vintage named in the prose before it.

    A PriceDataError says that there is no header, no daily row under it, or something between the rows.
    """
    text = raw.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
    before: list[str] = []
    at, header = 0, ""
    while at < len(text) and len(before) < LONGEST_PROSE:
        end = _end_of_line(text, at)
        if _is_header(header := text[at:end]):
            break
        before.append(header)
        at = end + 1
    else:
        remedy = "give a date and one column per factor, separated by commas"
        raise PriceDataError(name, "has no header with the names of factors", remedy)
    first = after = min(_end_of_line(text, at) + 1, len(text))
    while DAY.match(text, after):
        after = min(_end_of_line(text, after) + 1, len(text))
    _check_rows(name, header, text, first, after)
    vintage = VINTAGE.search(" ".join(before))
    table = read_csv(name, text[at:after].encode(), above=len(before))
    return table, vintage[1] if vintage else ""


def _check_rows(name: str, header: str, text: str, first: int, after: int) -> None:
    """Refuse a header without daily rows, and daily rows that continue after something else."""
    following = text[after : _end_of_line(text, after)]
    if first == after:
        daily = "give daily factors, dated YYYYMMDD or YYYY-MM-DD"
        if MONTH.match(following):
            raise PriceDataError(name, "is monthly or annual", daily)
        raise PriceDataError(name, f"has no daily row after {header[:80]!r}", daily)
    if later := LATER_DAY.search(text, after):
        line = text.count("\n", 0, after) + 1
        problem = f"has {following.strip()[:40]!r} in line {line}, between the daily rows"
        remedy = f"remove it, or what follows from line {text.count(chr(10), 0, later.start()) + 1}"
        raise PriceDataError(name, problem, remedy)


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _is_header(line: str) -> bool:
    first, comma, rest = line.partition(",")
    plain = re.sub("[^a-z0-9]", "", first.lower())
    return (
        bool(comma and rest.strip(" ,"))
        and SYNONYMS.get(plain) == "date"
        and not any(map(str.isdigit, first))
    )
