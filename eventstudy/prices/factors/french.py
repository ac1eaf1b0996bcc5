"""Ken French's daily US factors: fetched on request, and kept in the cache with their origin.

The factors are revised every month, so stored ones stay until they are fetched again, and their vintage and
sha256 go into the manifest. A JSON file per data set names the current zip, its sha256 and its origin; it is
replaced after the zip is on the disk.
"""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eventstudy.errors import OutputError, PriceDataError, UnknownNameError
from eventstudy.prices.cache.locked_files import locked, replace_file
from eventstudy.prices.factors.connecting import refuse_unreachable
from eventstudy.prices.factors.table import LARGEST_FILE, read_factors

HOST = "https://mba.tuck.dartmouth.edu/pages/faculty/ken.french/ftp"
DIGITS = 12  #: of its sha256 in the name of a zip
FOLDER = "factors"  #: inside the cache
_THREE, _FIVE, _MOMENTUM = (
    f"F-F_{name}_daily"
    for name in ("Research_Data_Factors", "Research_Data_5_Factors_2x3", "Momentum_Factor")
)
FILES: Mapping[str, tuple[str, ...]] = {
    "capm": (_THREE,),
    "ff3": (_THREE,),
    "carhart": (_THREE, _MOMENTUM),
    "ff5": (_FIVE,),
    "ff5+mom": (_FIVE, _MOMENTUM),
}
ATTEMPTS, TIMEOUT = 3, 30.0  #: tries, and seconds to wait for an answer
OWN_FILE = "or give a file of your own with --factors FILE"


@dataclass(frozen=True)
class StoredFactors:
    """A data set in the cache.

    ``name`` is Ken French's, ``path`` the zip as it was downloaded, with its ``sha256``. ``vintage`` is the
    month of the CRSP database such as ``202610``; ``first`` and ``last`` are days, ``fetched_at`` is in UTC.
    """

    name: str
    path: Path
    vintage: str
    sha256: str
    first: str
    last: str
    fetched_at: str


def fetch_factors(model: str, cache_dir: Path, *, host: str = "", pause: float = 2.0) -> list[StoredFactors]:
    """Download the data sets that a model of `FILES` needs into the cache.

    ``host`` is where they are (default: `HOST`), ``pause`` the longest wait before the second try in seconds.
    A PriceDataError says that there is no answer, or that it is not daily factors or has fewer days than are
    stored; an OutputError that the cache cannot be written to.
    """
    if model not in FILES:
        raise UnknownNameError("model with factors of Ken French", model, FILES)
    return [_renew(name, cache_dir / FOLDER, host or HOST, pause) for name in FILES[model]]


def stored_factors(model: str, cache_dir: Path) -> list[StoredFactors]:
    """Return the stored data sets of a model, none if one is missing; a PriceDataError if one is damaged."""
    found = [_stored(name, cache_dir / FOLDER) for name in FILES.get(model, ())]
    return [each for each in found if each is not None] if None not in found else []


def _renew(name: str, folder: Path, host: str, pause: float) -> StoredFactors:
    raw = _downloaded(f"{host}/{name}_CSV.zip", pause)
    sha256 = hashlib.sha256(raw).hexdigest()
    record = folder / f"{name}.json"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with locked(record):
            path = folder / f"{name}.{sha256[:DIGITS]}.zip"
            before = _read(record) if record.exists() else None
            replace_file(path, raw)
            try:
                new = _described(name, path, sha256)
                _refuse_shorter(new, before)
            except PriceDataError:
                if before is None or before.get("file") != path.name:
                    path.unlink()
                raise
            origin = {"file": path.name, "url": f"{host}/{name}_CSV.zip"}
            origin |= {key: getattr(new, key) for key in ("sha256", "vintage", "first", "last", "fetched_at")}
            replace_file(record, json.dumps(origin, indent=2).encode())
            for other in {*folder.glob(f"{name}.{'[0-9a-f]' * DIGITS}.zip")} - {path}:
                other.unlink()
    except OutputError:
        raise
    except OSError as error:
        problem = f"cannot be written ({error.strerror or error})"
        raise OutputError(folder, problem, "what was there is kept") from error
    return new


def _described(name: str, path: Path, sha256: str) -> StoredFactors:
    """Read what was downloaded, which must be daily factors."""
    table = read_factors(path)
    first, last = (str(table.sessions[at]) for at in (0, -1))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return StoredFactors(name, path, table.vintage, sha256, first, last, now)


def _refuse_shorter(new: StoredFactors, before: Mapping[str, Any] | None) -> None:
    first, last = ((before or {}).get(key, end) for key, end in (("first", "9999"), ("last", "")))
    if new.last < str(last) or new.first > str(first):
        kept = f"the stored file, which is kept, has {first} to {last}"
        problem = f"the download has {new.first} to {new.last}; {kept}"
        raise PriceDataError(new.name, problem, "try again later")


def _stored(name: str, folder: Path) -> StoredFactors | None:
    record = folder / f"{name}.json"
    if not record.is_file():
        return None
    origin = _read(record)
    renew = "fetch it again with `eventstudy prices fetch --factors MODEL`"
    path = folder / Path(str(origin.get("file"))).name  # never beyond the folder
    try:
        with path.open("rb") as file:
            sum_now = hashlib.sha256(file.read(LARGEST_FILE + 1)).hexdigest()
    except OSError as error:
        raise PriceDataError(name, f"{path} cannot be read ({error.strerror})", renew) from None
    if sum_now != origin.get("sha256"):
        raise PriceDataError(name, f"{path} is not the stored file (its sha256 differs)", renew)
    known = (str(origin.get(key, "")) for key in ("vintage", "sha256", "first", "last", "fetched_at"))
    return StoredFactors(name, path, *known)


def _read(record: Path) -> dict[str, Any]:
    try:
        origin = json.loads(record.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        origin = None
    return origin if isinstance(origin, dict) else {}


def _downloaded(url: str, pause: float) -> bytes:
    """Return the content of a URL; temporary failures are tried again."""
    import tenacity

    retrying = tenacity.Retrying(
        retry=tenacity.retry_if_exception(_is_temporary),
        stop=tenacity.stop_after_attempt(ATTEMPTS),
        wait=tenacity.wait_random_exponential(multiplier=pause, max=30),
        reraise=True,
    )
    try:
        refuse_unreachable(url)
        return retrying(_get, url)
    except OSError as error:
        reason = getattr(error, "reason", None) or str(error) or type(error).__name__
        problem = f"{url} cannot be fetched ({reason})"
        raise PriceDataError("factors", problem, f"check the network, {OWN_FILE}") from None


def _get(url: str) -> bytes:
    import http.client
    from urllib.error import HTTPError
    from urllib.request import Request, urlopen

    try:
        with urlopen(Request(url, headers={"User-Agent": "eventstudy"}), timeout=TIMEOUT) as answer:
            asked, came = urlsplit(url), urlsplit(answer.url)
            if (asked.scheme, asked.netloc) != (came.scheme, came.netloc):
                elsewhere = f"{asked.netloc} sends on to {came.scheme}://{came.hostname}"
                raise PriceDataError("factors", elsewhere, f"try again later, {OWN_FILE}")
            content: bytes = answer.read(LARGEST_FILE + 1)
            announced = answer.headers.get("Content-Length")
    except HTTPError as error:
        error.close()
        raise
    except http.client.HTTPException as error:
        raise ConnectionError(type(error).__name__) from None
    if len(content) > LARGEST_FILE:
        raise PriceDataError("factors", f"{url} has more than {LARGEST_FILE:,} bytes", OWN_FILE)
    if announced and announced.isdecimal() and len(content) < int(announced):
        raise ConnectionError(f"the answer broke off after {len(content):,} of {announced} bytes")
    return content


def _is_temporary(error: BaseException) -> bool:
    """Tell whether another try may succeed: not where the host is unknown, refuses, or says no."""
    code, reason = getattr(error, "code", 0), getattr(error, "reason", None)
    if isinstance(reason, ConnectionRefusedError | socket.gaierror):
        return False
    return isinstance(error, OSError) and (code == 429 or not 400 <= code < 500)
