"""The page that compares benchmarks: its tables are those of the stored figures, and these of the study."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages_of_docs import module, read
from panels import bundled, one

builder = module("build_benchmarks_compared")
PAGE = "benchmarks-compared.md"
ROWS = {(row["event"], row["ticker"], row["normal_return"]): row for row in builder.stored()}
#: Returns are from prices with six decimals, and stored with six.
FIGURES = 1e-5
TREATED = ("NVDA", "ORCL", "AMD", "GOOGL", "MSFT")
CORE = ("deepseek-selloff", "amd-openai-deal", "code-red-memo")


@pytest.mark.parametrize("name", ["core", "summary", "events"])
def test_the_tables_are_what_the_stored_figures_give(name: str) -> None:
    blocks = module("build_blocks")
    (write,) = (write for page, block, write in blocks.BLOCKS if (page, block) == (f"docs/{PAGE}", name))
    assert read(PAGE) == blocks.written(f"docs/{PAGE}", name, write()), "run `python docs/build_blocks.py`"


def test_every_firm_event_is_stored_by_every_normal_return() -> None:
    asked = set(zip(bundled().cars["event_id"], bundled().cars["ticker"], strict=True))
    assert set(ROWS) == {(*pair, name) for pair in asked for name in builder.SHOWN}


@pytest.mark.parametrize("event", CORE)
def test_the_market_rows_are_those_of_the_bundled_study(event: str) -> None:
    for ticker in TREATED:
        row = ROWS[event, ticker, "market"]
        car = one(bundled().cars, event_id=event, ticker=ticker, start=0, end=0)
        for column, name in (("ar", "car"), ("t", "pvalue"), ("conformal", "conformal_pvalue")):
            assert float(row[column]) == pytest.approx(car[name], abs=FIGURES), (ticker, column)


@pytest.mark.parametrize("event", CORE)
def test_further_benchmarks_are_those_of_the_studys_own_table(event: str) -> None:
    for name in ("market-without", "basket"):
        label = str(builder.designs()[name]["benchmark"])
        for ticker in TREATED:
            row = one(bundled().benchmarks, event_id=event, benchmark=label, ticker=ticker, start=0, end=0)
            assert float(ROWS[event, ticker, name]["ar"]) == pytest.approx(row["car"], abs=FIGURES), ticker


def below(event: str, name: str) -> set[str]:
    """Return the tickers of an event that all three tests find beside a normal return."""
    rows = {ticker: ROWS[event, ticker, name] for ticker in TREATED}
    return {
        ticker
        for ticker, row in rows.items()
        if all(builder.significant(row, test) for test in builder.TESTS)
    }


def range_of(event: str, ticker: str) -> tuple[float, float]:
    found = [round(100 * float(ROWS[event, ticker, name]["ar"]), 1) for name in builder.SHOWN]
    return min(found), max(found)


def test_the_sentences_are_those_of_the_figures() -> None:
    selloff, deal, memo = CORE
    assert below(selloff, "market") == {"NVDA", "ORCL"}
    assert below(selloff, "market-without") == below(selloff, "basket") == set(TREATED)
    for name, figures in {"peers": (-7.5, 2.5), "synthetic": (-1.5, 1.9)}.items():
        ars = tuple(round(100 * float(ROWS[selloff, ticker, name]["ar"]), 1) for ticker in ("NVDA", "AMD"))
        assert ars == figures
    assert range_of(selloff, "ORCL") == (-14.1, -10.8)
    assert all("AMD" in below(deal, name) for name in builder.SHOWN)
    assert range_of(deal, "AMD") == (21.7, 23.5)
    assert sum("MSFT" in below(deal, name) for name in builder.SHOWN) == 3
    assert range_of(deal, "MSFT") == (1.5, 2.1)
    rows = [ROWS[memo, ticker, name] for ticker in TREATED for name in builder.SHOWN]
    assert not any(builder.significant(row, test) for row in rows for test in builder.TESTS)
    ranges = {"GOOGL": (-0.7, 0.0), "MSFT": (-0.5, 0.6), "ORCL": (-1.3, 0.0)}
    assert {ticker: range_of(memo, ticker) for ticker in ranges} == ranges


@pytest.mark.slow
@pytest.mark.parametrize("name", builder.SHOWN)
def test_the_code_gives_the_stored_figures(name: str, shared: Path) -> None:
    stored = [row for row in builder.stored() if row["normal_return"] == name]
    assert list(builder.measured(name, shared / "prices")) == stored
