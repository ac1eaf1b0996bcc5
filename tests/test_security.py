"""What hostile input may not do: leave its folder, run, hide, blow up, or make the tool tell a secret."""

from __future__ import annotations

import ast
import io
import json
import re
import zipfile
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from commands import example, said
from hypothesis import given
from hypothesis import strategies as st
from package_source import PACKAGE

import eventstudy as es
from eventstudy.cli.call import visible
from eventstudy.design.window import FARTHEST
from eventstudy.errors import EventStudyError, OutputError, PriceDataError
from eventstudy.intake import columnar as tables
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.factors.table import LARGEST_FILE, read_factors
from eventstudy.prices.files import place
from eventstudy.prices.files.source import DirectorySource
from eventstudy.prices.tickers import file_stem, ticker_of, ticker_problem
from eventstudy.uris import nameable, without_secrets

SECRET = "wJalrXUtnFEMI/K7MDENG+x"
URI = f"s3://AKIDEXAMPLE:{SECRET}@bucket/prices?endpoint_override=127.0.0.1:9&scheme=http"
ESCAPE, TURN, C1 = "\x1b", "\u202e", "\x9b"
EVER = (date(1900, 1, 1), date(2100, 1, 1))


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return example(tmp_path_factory.mktemp("security") / "study")


# Nothing runs


@cache
def calls() -> list[tuple[str, ast.Call]]:
    """Return every call in the package with the place where it is made."""
    return [
        (f"{path.relative_to(PACKAGE)}:{node.lineno}", node)
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
    ]


#: The one module that starts a program: the browser that prints a page of ours.
PRINTS_BY_A_BROWSER = "report/documents/pdf.py"
ASKS_FOR_MEMORY = "numerics/memory.py"  #: the one module that calls the C library
SENDS_CALLS = "engine/executors/sending.py"  #: a call and its outcome, to and from workers of the user's own


def test_the_only_program_that_is_started_is_a_browser_and_no_shell() -> None:
    started = [
        call
        for where, call in calls()
        if where.startswith(PRINTS_BY_A_BROWSER) and ast.unparse(call.func).startswith("subprocess.")
    ]
    assert [ast.unparse(call.func) for call in started] == ["subprocess.run"]
    assert not any(each.arg in ("shell", "executable", None) for each in started[0].keywords)


def test_nothing_is_unpickled_evaluated_or_handed_to_a_shell() -> None:
    modules = "pickle cPickle cloudpickle dill joblib marshal shelve subprocess ctypes read_pickle to_pickle"
    forbidden = rf"\b({modules.replace(' ', '|')}|os\.system|os\.popen|__import__)\b"
    for path in PACKAGE.rglob("*.py"):
        code = re.sub(r"allow_pickle=False|#.*", "", path.read_text("utf-8"))
        if str(path.relative_to(PACKAGE)) == PRINTS_BY_A_BROWSER:
            code = re.sub(r"\bsubprocess\b", "", code)
        if str(path.relative_to(PACKAGE)) == ASKS_FOR_MEMORY:
            assert code.count("ctypes.") == code.count("ctypes.CDLL(None)") == 2
            assert set(re.findall(r"\.(m\w+)\(", code)) == {"mallopt", "malloc_trim"}
            code = re.sub(r"\bctypes\b", "", code)
        if str(path.relative_to(PACKAGE)) == SENDS_CALLS:
            code = re.sub(r"\bpickle\b", "", code)
        assert not re.search(forbidden, code), f"{path}: {re.search(forbidden, code)}"
    named = {ast.unparse(call.func): where for where, call in calls()}
    for name in ("eval", "exec", "compile", "yaml.load", "yaml.unsafe_load", "yaml.full_load"):
        assert name not in named, named[name]


def test_every_archive_of_numpy_is_read_without_pickles() -> None:
    loads = [(where, call) for where, call in calls() if ast.unparse(call.func) in ("np.load", "numpy.load")]
    assert loads
    for where, call in loads:
        assert {"allow_pickle": "False"}.items() <= {
            k.arg: ast.unparse(k.value) for k in call.keywords
        }.items(), where


def test_templates_are_those_of_libraries_only() -> None:
    assert not [where for where, call in calls() if re.search(r"\bTemplate$", ast.unparse(call.func))]


# Nothing leaves its folder

HOSTILE = [
    *(
        "..",
        ".",
        "",
        "../x",
        "/etc/passwd",
        "a/../../b",
        "a\\b",
        "C:x",
        "x\x00y",
        "x\ny",
        ".hidden",
        "~",
        "~root",
    ),
    *("CON", "nul.csv", "\ud800", "\u202eDVN", "x" * 65, " a", "a ", "*", "%2e%2e%2f", "..%2f", "\u2215x"),
    *("-rf", "=1+1"),
]


@given(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=70)))
def test_a_ticker_names_a_file_in_the_folder_or_none(ticker: str) -> None:
    folder = Path("/cache/prices")
    try:
        file = SeriesFolder(folder).file(ticker)
    except PriceDataError:
        assert ticker_problem(ticker)
        return
    assert file.parent == folder
    assert file.name == file.name.strip(". ") and file.name.isascii() and file.name.isprintable()
    assert not set(file.name) & set('/\\:*?"<>|')
    assert ticker_of(file_stem(ticker)) == ticker


@pytest.mark.parametrize("ticker", HOSTILE)
@pytest.mark.parametrize("command", ["status", "clear", "fetch"])
def test_commands_that_take_tickers_touch_nothing_else(tmp_path: Path, ticker: str, command: str) -> None:
    (tmp_path / "x.parquet").write_bytes(b"mine")
    (tmp_path / "cache").mkdir()
    done = said("prices", command, "--offline", "--cache", tmp_path / "cache", "--", ticker, cwd=tmp_path)
    assert done.code in (0, 2, 4, 6), done.err
    assert not set(done.err + done.out) & {ESCAPE, TURN, C1, "\x00"}
    assert (tmp_path / "x.parquet").read_bytes() == b"mine"
    assert {path.name for path in tmp_path.iterdir()} == {"x.parquet", "cache"}


@pytest.mark.parametrize("ticker", ["../../x", "/etc/passwd", "\\b", ".."])
def test_an_event_list_names_no_path(tmp_path: Path, ticker: str) -> None:
    (tmp_path / "events.csv").write_text(f"event_id,ticker,when\ne1,{ticker},2024-03-05\n", "utf-8")
    assert said("run", "events.csv", "--offline", cwd=tmp_path).code == 3
    (tmp_path / "events.csv").write_text(f"event_id,ticker,when\n{ticker},NVDA,2024-03-05\n", "utf-8")
    assert said("run", "events.csv", "--offline", cwd=tmp_path).code == 3


def test_a_link_in_the_place_of_a_cache_file_is_neither_replaced_nor_followed(tmp_path: Path) -> None:
    from fuzzing import stored_series

    (tmp_path / "cache").mkdir()
    (tmp_path / "victim").write_bytes(b"mine")
    (tmp_path / "cache" / "NVDA.parquet").symlink_to(tmp_path / "victim")
    with pytest.raises(OutputError, match=r"is a link to .*victim, which is no series"):
        SeriesFolder(tmp_path / "cache").write(stored_series())
    assert (tmp_path / "victim").read_bytes() == b"mine"
    assert (tmp_path / "cache" / "NVDA.parquet").is_symlink()


# Nothing blows up


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("F.CSV", "w") as member:
        for _ in range(3 * LARGEST_FILE // 1_000_000):
            member.write(b"\n" * 1_000_000)
    assert len(sink.getvalue()) < 200_000
    (tmp_path / "f.zip").write_bytes(sink.getvalue())
    with pytest.raises(PriceDataError, match="unpacks to more than 100,000,000 bytes"):
        read_factors(tmp_path / "f.zip")


def test_a_large_file_of_factors_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "f.csv").open("wb") as file:
        file.truncate(10**11)  # sparse
    with pytest.raises(PriceDataError, match="has more than 50,000,000 bytes"):
        read_factors(tmp_path / "f.csv")
    (tmp_path / "NVDA.csv").write_bytes(b"")
    with (tmp_path / "NVDA.csv").open("wb") as file:
        file.truncate(place.LARGEST_FILE + 1)
    assert (
        "at most 2,000,000,000 are read" in DirectorySource(tmp_path).load(["NVDA"], *EVER).failures["NVDA"]
    )


def test_a_parquet_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    rows = 1_000_000
    date = pa.DictionaryArray.from_arrays(pa.nulls(0, pa.int32()), pa.array(["2024-01-02"]))
    date = pa.DictionaryArray.from_arrays(pa.array([0] * 1, pa.int32()), ["2024-01-02"])
    chunk = pa.table({"date": pa.chunked_array([date]), "close": [1.0]}).take([0] * rows)
    with pq.ParquetWriter(tmp_path / "NVDA.parquet", chunk.schema) as writer:
        for _ in range(tables.LARGEST_UNPACKED // rows):
            writer.write_table(chunk)
    assert (tmp_path / "NVDA.parquet").stat().st_size < 200_000
    failure = DirectorySource(tmp_path).load(["NVDA"], *EVER).failures["NVDA"]
    assert re.search(r"unpacks from [\d,]+ bytes to 40,000,000 values", failure)


@pytest.mark.parametrize("suffix", ["csv", "parquet"])
def test_a_long_text_on_every_row_is_kept_once(tmp_path: Path, suffix: str) -> None:
    """As an array of fixed width these tickers would take 400 GB."""
    rows, name = 20_000, "A" * 5_000_000
    if suffix == "parquet":
        ticker = pa.DictionaryArray.from_arrays(pa.array([1] + [0] * (rows - 1), pa.int32()), [name, "B"])
        dates = pa.array(range(rows), pa.int32()).cast(pa.date32())
        pq.write_table(
            pa.table({"date": dates, "ticker": ticker, "close": [1.0] * rows}), tmp_path / "prices.parquet"
        )
    else:
        (tmp_path / "prices.csv").write_text(
            "date,ticker,close\n2024-01-02,B,1\n"
            + "".join(f"2024-01-{day:02d},{name[:200_000]},1\n" for day in range(1, 30)),
            "utf-8",
        )
    failures = DirectorySource(tmp_path).load(["NVDA"], *EVER).failures
    assert "not found in" in failures["NVDA"]
    assert len(failures["NVDA"]) < 1_000


DEEP = "a: " + "[" * 5000 + "]" * 5000
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    "text",
    [
        DEEP,
        BOMB,
        "a: " + "{a: " * 5000,
        "a: !!python/object/apply:os.system [touch pwned]",
        "events: !!python/name:os.system",
        "? [a, b]\n: c",
        "<<: *x",
        "a: &a [*a]",
        f"seed: {'9' * 100_000}",
        f"design: {{seed: {'9' * 100_000}}}\ntickers: [A]\nevents: [{{id: a, when: 2024-03-05}}]",
        f"design: {{min_estimation: {'9' * 5_000}}}\ntickers: [A]\nevents: [{{id: a, when: 2024-03-05}}]",
        "a" * 9_000_000,
    ],
    ids=lambda text: text[:20],
)
def test_hostile_yaml_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "events.yaml").write_text(text, "utf-8")
    done = said("events", "list", cwd=tmp_path)
    assert done.code == 3
    assert done.err.startswith("events.yaml:")
    assert done.err.count("\n") == 1
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("start", [-FARTHEST - 1, -(10**9), -(10**20), -(10**300)])
def test_a_window_has_an_end(start: int) -> None:
    with pytest.raises(EventStudyError, match="reaches farther than 50,000 sessions"):
        es.Design(estimation=(start, -11))
    with pytest.raises(EventStudyError, match="reaches farther than 50,000 sessions"):
        es.Design(window=(-5, -start))


# Nothing is hidden, nothing is obeyed


@pytest.mark.parametrize(
    "odd", [ESCAPE, C1, TURN, "\x07", "\r", "\x7f", "\u2066", "\u200f", "\ufeff", "\u2028"]
)
def test_a_terminal_is_told_nothing(odd: str) -> None:
    shown = visible(f"a{odd}[2Jb")
    assert odd not in shown
    assert json.loads(f'"{shown}"') == f"a{odd}[2Jb"  # a JSON document says the same as before
    assert visible("Ünï \t한국어\n") == "Ünï \t한국어\n"


def test_titles_kinds_and_reasons_are_only_text(study: Path, tmp_path: Path) -> None:
    hostile = f"pay{TURN}load {C1}2J" + "[/red]"
    prices = (study / "prices.csv").read_text("utf-8").splitlines()
    tickers = prices[0].split(",")
    day = prices[-40].split(",")[0]
    (tmp_path / "prices.csv").write_text("\n".join(prices) + "\n", "utf-8")
    rows = [
        "event_id,ticker,session,title,kind,note",
        f'e1,{tickers[1]},{day},"{hostile}","{ESCAPE}]0;x","=cmd"',
    ]
    (tmp_path / "events.csv").write_text("\n".join(rows) + "\n", "utf-8")
    options = ("--prices", "prices.csv", "--benchmark", tickers[2], "--offline", "--max-loss", "1")
    for extra in ((), ("--details",), ("--json",)):
        done = said("run", "events.csv", *options, *extra, cwd=tmp_path)
        assert done.code == 0, done.err
        assert not set(done.out + done.err) & {ESCAPE, C1, TURN}
    assert "\\u202e" in done.out
    for form in ("csv", "json", "xlsx", "latex"):
        assert said("export", "--format", form, "--out", form, cwd=tmp_path).code == 0
    for file in (tmp_path / "csv").iterdir():
        for cell in re.findall(r'(?:^|,)"((?:[^"]|"")*)"', file.read_text("utf-8"), re.MULTILINE):
            assert not cell.startswith(("=", "+", "-", "@", "\t", "\r")), (file.name, cell)
    with zipfile.ZipFile(tmp_path / "xlsx" / "results.xlsx") as book:
        sheets = "".join(book.read(name).decode() for name in book.namelist() if "sheet" in name)
    assert "<f>" not in sheets
    assert all(
        " location=" in link and "r:id" not in link for link in re.findall("<hyperlink [^>]*>", sheets)
    )


# No secret is told


@pytest.mark.parametrize(
    ("uri", "shown"),
    [
        (URI, "s3://bucket/prices"),
        ("s3://key:se/cr?et#x@bucket/p", "s3://bucket/p"),
        ("https://u:p@host:8080/x/?token=t#f", "https://host:8080/x"),
        ("file:///tmp/x", "file:///tmp/x"),
    ],
)
def test_what_is_shown_of_a_uri(uri: str, shown: str) -> None:
    assert nameable(uri) == shown
    told = without_secrets(f"error: '{uri}' and {uri}, no")
    assert told.startswith(f"error: '{shown}' and {shown}")
    assert not re.search("se/cr|AKID|token|p@|wJalr", told + without_secrets(uri.replace("//", "/")))


@pytest.mark.parametrize(
    "uri", [URI, f"nosuch://u:{SECRET}@host/x", f"gs://u:{SECRET}@host/x?retry_limit_seconds=1"]
)
def test_prices_from_a_uri_tell_no_password(study: Path, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    source = DirectorySource(uri)
    try:
        text = str(source.load(["NVDA"], *EVER))
    except PriceDataError as error:
        text = f"{error}{error.__cause__}{error.__context__ if not error.__suppress_context__ else ''}"
    assert SECRET not in text and "AKID" not in text


@pytest.mark.parametrize(
    "words", [("run", "--prices"), ("run", "--offline", "--prices"), ("claims", "--prices")]
)
def test_commands_tell_no_password(study: Path, words: tuple[str, ...]) -> None:
    uri = f"nosuch://AKIDEXAMPLE:{SECRET}@bucket/prices?secret_key={SECRET}"
    for extra in ((), ("--details",), ("--json",)):
        done = said(*words, uri, *extra, cwd=study)
        assert done.code in (2, 4), done.err
        assert SECRET not in done.out + done.err
    done = said("export", "--format", "csv", "--out", uri, cwd=study)
    assert done.code == 6
    assert SECRET not in done.out + done.err
    done = said("run", uri, cwd=study)  # in the wrong place
    assert done.code == 3
    assert SECRET not in done.out + done.err


def test_the_manifest_tells_no_password(study: Path, tmp_path: Path) -> None:
    result = es.load(study / "results")
    command = ["run", "--prices", URI, f"--cache={URI}", "--out", "file:///tmp/x"]
    told: dict[str, Any] = {**result.manifest, "command": command}
    es.EventStudyResult(result.tables, told).to_parquet(tmp_path / "results")
    text = "".join(
        path.read_bytes().decode("latin-1") for path in (tmp_path / "results").iterdir() if path.is_file()
    )
    assert SECRET not in text and "AKID" not in text
    assert es.load(tmp_path / "results").manifest["command"][2] == "s3://bucket/prices"
