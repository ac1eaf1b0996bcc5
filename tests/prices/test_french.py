"""Ken French's factors, fetched from a server on loopback: stored whole, found by a run, or refused."""

from __future__ import annotations

import hashlib
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import fuzzing
import numpy as np
import pytest
from commands import said

import eventstudy as es
from eventstudy.errors import PriceDataError, UnknownNameError
from eventstudy.prices.factors import french
from eventstudy.prices.factors.french import FILES, fetch_factors, stored_factors

THREE, FIVE, MOMENTUM = FILES["carhart"][0], FILES["ff5"][0], FILES["carhart"][1]


def daily(*names: str, vintage: str = "202610", rows: int = 60) -> bytes:
    rng = np.random.default_rng(len(names))
    lines = [f"This file was created using the {vintage} CRSP database.", "", f",{','.join(names)}"]
    for day in fuzzing.sessions()[:rows]:
        cells = (0.02 if name == "RF" else rng.normal(0, 1) for name in names)
        lines.append(f"{day:%Y%m%d},{','.join(f'{cell:8.2f}' for cell in cells)}")
    return zipped("\r\n".join([*lines, "", "Copyright"]).encode())


def zipped(text: bytes) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.CSV", text)
    return sink.getvalue()


@dataclass
class Library:
    """What a server has, what it was asked for, and its troubles, one per answer.

    A trouble is a status, an address to go to instead, or 1: the answer is cut off.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    troubles: list[Any] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    shelf = Library(
        {
            f"{THREE}_CSV.zip": daily("Mkt-RF", "SMB", "HML", "RF"),
            f"{FIVE}_CSV.zip": daily("Mkt-RF", "SMB", "HML", "RMW", "CMA", "RF"),
            f"{MOMENTUM}_CSV.zip": daily("Mom"),
        }
    )

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            name = self.path.rpartition("/")[2]
            shelf.asked.append(name)
            trouble = shelf.troubles.pop(0) if shelf.troubles else None
            content = shelf.files.get(name)
            if isinstance(trouble, str):
                self.send_response(302)
                self.send_header("Location", trouble)
                self.end_headers()
            elif trouble not in (None, 1) or content is None:
                self.send_error(trouble or 404)
            else:
                self.send_response(200)
                self.send_header("Content-Length", f"{len(content)}")
                self.end_headers()
                self.wfile.write(content if trouble is None else content[: len(content) // 2])

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    shelf.url = f"http://127.0.0.1:{server.server_port}/ftp"
    monkeypatch.setattr(french, "HOST", shelf.url)
    monkeypatch.setattr(french.fetch_factors, "__kwdefaults__", {"host": "", "pause": 0.0})
    yield shelf
    server.shutdown()
    server.server_close()
    thread.join()


def test_each_model_gets_its_own_files(library: Library, tmp_path: Path) -> None:
    for model, names in FILES.items():
        fetched = fetch_factors(model, tmp_path / model)
        assert tuple(each.name for each in fetched) == names
        assert stored_factors(model, tmp_path / model) == fetched
        for each in fetched:
            raw = library.files[f"{each.name}_CSV.zip"]
            assert each.path.read_bytes() == raw
            assert (each.sha256, each.vintage) == (hashlib.sha256(raw).hexdigest(), "202610")
            assert (each.first, each.last) == ("2024-01-02", "2024-03-27")
    assert stored_factors("ff5", tmp_path / "nothing") == []
    with pytest.raises(UnknownNameError, match="did you mean 'ff5'"):
        fetch_factors("ff6", tmp_path)


def study(folder: Path, model: str = "carhart") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "p.csv").write_bytes(fuzzing._csv(fuzzing.closes()))
    text = fuzzing.STUDY.replace(b"model: market", f"model: {model}".encode())
    (folder / "events.yaml").write_bytes(text)
    return folder


def test_a_zip_of_others_stays(library: Library, tmp_path: Path) -> None:
    (fetched,) = fetch_factors("ff3", tmp_path)
    mine = fetched.path.with_name(f"{THREE}.before-2020.zip")
    mine.write_bytes(b"mine")
    library.files[f"{THREE}_CSV.zip"] = daily("Mkt-RF", "SMB", "HML", "RF", vintage="202611")
    (renewed,) = fetch_factors("ff3", tmp_path)
    assert mine.read_bytes() == b"mine"
    assert renewed.path != fetched.path and not fetched.path.exists()


def test_a_run_finds_what_was_fetched_and_says_which(library: Library, tmp_path: Path) -> None:
    folder = study(tmp_path / "study")
    before = said("run", "--prices", "p.csv", cwd=folder)
    assert before.code == 4
    assert "or run `eventstudy prices fetch --factors MODEL`" in before.err
    done = said("prices", "fetch", "--factors", "carhart", cwd=folder)
    assert done.code == 0, done.err
    assert THREE in done.out and "2024-01-02 to 2024-03-27  vintage 202610" in done.out
    asked = len(library.asked)
    done = said("run", "--prices", "p.csv", "--offline", cwd=folder)
    assert done.code == 0, done.err
    assert len(library.asked) == asked  # a run fetches no factors
    manifest = es.load(folder / "results").manifest
    digests = [hashlib.sha256(library.files[f"{name}_CSV.zip"]).hexdigest() for name in (THREE, MOMENTUM)]
    assert manifest["factors"] == {
        "vintage": "202610",
        "sha256": hashlib.sha256("".join(digests).encode()).hexdigest(),
    }
    document = said("prices", "fetch", "--factors", "capm", "--json", cwd=folder).document
    assert document["factors"][0]["sha256"] == digests[0]
    offline = said("prices", "fetch", "--factors", "capm", "--offline", cwd=folder)
    assert offline.code == 2
    assert said("prices", "fetch", "--factors", "market", cwd=folder).code == 2
    library.files[f"{THREE}_CSV.zip"] = daily("Mkt-RF", "SMB", "HML", "RF", vintage="202611")
    assert said("prices", "fetch", "--factors", "carhart", cwd=folder).code == 0
    verified = said("run", "--prices", "p.csv", "--verify-manifest", "results", cwd=folder)
    assert verified.code == 4
    assert "vintage 202611" in verified.out


def test_us_factors_are_for_us_securities(library: Library, tmp_path: Path) -> None:
    folder = study(tmp_path / "study")
    assert said("prices", "fetch", "--factors", "carhart", cwd=folder).code == 0
    text = (folder / "events.yaml").read_text("utf-8").replace("NVDA: XNYS", "NVDA: XLON")
    text = re.sub(r"(?m)^ *timing: pre.*\n", "", text)  # 8:00 in New York is no time before London's open
    (folder / "events.yaml").write_text(text, "utf-8")
    done = said("run", "--prices", "p.csv", cwd=folder)
    assert done.code == 4
    assert "Ken French's US factors do not fit NVDA, which trades on XLON" in done.err


@pytest.mark.parametrize(
    ("troubles", "asked"), [([503], 2), ([429, 500], 3), ([1], 2)], ids=["503", "429 and 500", "cut off"]
)
def test_what_passes_is_tried_again(
    library: Library, tmp_path: Path, troubles: list[Any], asked: int
) -> None:
    library.troubles = troubles
    assert fetch_factors("ff5", tmp_path)[0].last == "2024-03-27"
    assert len(library.asked) == asked


@pytest.mark.parametrize(
    ("troubles", "words", "asked"),
    [
        ([404], "cannot be fetched (Not Found)", 1),
        ([403], "cannot be fetched (Forbidden)", 1),
        ([503] * 9, "cannot be fetched (Service Unavailable)", 3),
        ([1] * 9, "cannot be fetched (the answer broke off after", 3),
    ],
)
def test_what_does_not_pass_is_an_error_and_changes_nothing(
    library: Library, tmp_path: Path, troubles: list[Any], words: str, asked: int
) -> None:
    (before,) = fetch_factors("ff5", tmp_path)
    library.asked.clear()
    library.troubles = troubles
    with pytest.raises(PriceDataError) as caught:
        fetch_factors("ff5", tmp_path)
    assert words in str(caught.value)
    assert "--factors FILE" in str(caught.value)
    assert len(library.asked) == asked
    assert stored_factors("ff5", tmp_path) == [before]


def test_no_other_host_is_believed(library: Library, tmp_path: Path) -> None:
    library.troubles = [f"http://localhost:{library.url.partition('1:')[2].partition('/')[0]}/ftp/x.zip"]
    library.files["x.zip"] = library.files[f"{FIVE}_CSV.zip"]
    with pytest.raises(PriceDataError, match="sends on to http://localhost"):
        fetch_factors("ff5", tmp_path)
    assert not list((tmp_path / "factors").glob("*.zip")) if (tmp_path / "factors").exists() else True


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html>Sorry</html>", "is a page of HTML"),
        (b"", "is empty"),
        (zipped(b"<html>Sorry</html>"), "is a page of HTML"),
        (zipped(b"x,\n,Mkt-RF,RF\n202401,1.0,0.1\n"), "is monthly or annual"),
        (daily("Mkt-RF", "RF", rows=30), "which is kept"),
        (zipped(b",Mkt-RF,RF\n20240102,-999.9,0.1\n"), "is no daily return"),
    ],
    ids=["html", "nothing", "html in a zip", "monthly", "shorter", "odd"],
)
def test_what_is_no_better_than_what_is_stored_is_refused(
    library: Library, tmp_path: Path, content: bytes, words: str
) -> None:
    (before,) = fetch_factors("ff5", tmp_path)
    library.files[f"{FIVE}_CSV.zip"] = content
    with pytest.raises(PriceDataError) as caught:
        fetch_factors("ff5", tmp_path)
    assert words in str(caught.value)
    assert stored_factors("ff5", tmp_path) == [before]
    assert [path.name for path in (tmp_path / "factors").glob("*.zip")] == [before.path.name]


def test_too_much_is_not_read(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(french, "LARGEST_FILE", 100)
    with pytest.raises(PriceDataError, match="has more than 100 bytes"):
        fetch_factors("ff5", tmp_path)


def test_a_new_vintage_replaces_the_old_one(library: Library, tmp_path: Path) -> None:
    fetch_factors("capm", tmp_path)
    library.files[f"{THREE}_CSV.zip"] = daily("Mkt-RF", "SMB", "HML", "RF", vintage="202611")
    (new,) = fetch_factors("capm", tmp_path)
    assert new.vintage == "202611"
    assert stored_factors("capm", tmp_path) == [new]
    assert [path.name for path in (tmp_path / "factors").glob("*.zip")] == [new.path.name]


@pytest.mark.parametrize("at", [0, 100, -1])
def test_damage_is_noticed(library: Library, tmp_path: Path, at: int) -> None:
    (stored,) = fetch_factors("capm", tmp_path)
    raw = bytearray(stored.path.read_bytes())
    raw[at] ^= 1
    stored.path.write_bytes(raw)
    with pytest.raises(PriceDataError, match="is not the stored file"):
        stored_factors("capm", tmp_path)
    stored.path.unlink()
    with pytest.raises(PriceDataError, match="cannot be read"):
        stored_factors("capm", tmp_path)
    fetch_factors("capm", tmp_path)
    assert stored_factors("capm", tmp_path)


@pytest.mark.parametrize("truth", ["", "[]", "{}", "[" * 100_000, '{"file": "../../x", "sha256": 1}', "\x00"])
def test_what_is_said_of_a_file_leads_nowhere_else(library: Library, tmp_path: Path, truth: str) -> None:
    (stored,) = fetch_factors("capm", tmp_path)
    (tmp_path / "factors" / f"{THREE}.json").write_text(truth, "utf-8")
    (tmp_path / "x").write_bytes(stored.path.read_bytes())
    with pytest.raises(PriceDataError, match="fetch it again"):
        stored_factors("capm", tmp_path)
    assert fetch_factors("capm", tmp_path)[0].sha256 == stored.sha256
    assert json.loads((tmp_path / "factors" / f"{THREE}.json").read_text("utf-8"))["sha256"] == stored.sha256


def test_a_host_that_does_not_answer_is_not_waited_for(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eventstudy.prices.factors import connecting

    ended = threading.Event()
    monkeypatch.setattr(connecting.socket, "create_connection", lambda *_, **__: ended.wait(60))
    monkeypatch.setattr(connecting.refuse_unreachable, "__defaults__", (0.05,))
    with pytest.raises(
        PriceDataError, match=r"cannot be fetched \(127.0.0.1 does not answer\); check the net"
    ):
        fetch_factors("ff5", tmp_path)
    assert library.asked == []
    ended.set()


def test_the_proxy_is_asked_where_one_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    from eventstudy.prices.factors import connecting

    places: list[tuple[str, int]] = []

    def refuse(place: tuple[str, int], _: float) -> None:
        places.append(place)
        raise ConnectionRefusedError

    monkeypatch.setattr(connecting.socket, "create_connection", refuse)
    monkeypatch.setenv("https_proxy", "http://user:word@proxy.example:3128")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with pytest.raises(ConnectionRefusedError):
        connecting.refuse_unreachable("https://factors.example/a.zip")
    monkeypatch.setenv("no_proxy", "factors.example")
    with pytest.raises(ConnectionRefusedError):
        connecting.refuse_unreachable("https://factors.example/a.zip")
    assert places == [("proxy.example", 3128), ("factors.example", 443)]
