"""`run` says which of the named peers or donors no firm-event uses, and why a study has too few."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from panels import one, random_returns, study

from eventstudy.cli.pool_text import pool_text

PEERS = ("B", "C", "D")


def result_of(**design: Any) -> Any:
    returns = random_returns(np.random.default_rng(5), ("A", *PEERS), n=420)
    return study(returns, [("e", "A", 300), ("f", "A", 340)], **{"model": "peers", **design})


def said(**design: Any) -> str:
    return " ".join(" ".join(line.text for line in pool_text(result_of(**design).view(), 100)).split())


def test_a_peer_without_returns_is_named() -> None:
    text = said(peers=(*PEERS, "ZZZ"))
    assert text.startswith("Peers or donors that no firm-event uses: ZZZ (no ")
    assert not any(f"{peer} (" in text for peer in PEERS)


def test_of_many_some_are_named_and_all_are_counted() -> None:
    text = said(peers=(*PEERS, *(f"Z{place}" for place in range(8))))
    assert "Z2 (" in text
    assert "Z3" not in text
    assert "and 5 more" in text


def test_where_all_are_used_nothing_is_said() -> None:
    assert said(peers=PEERS) == ""
    assert said(model="market", peers=("ZZZ",)) == ""


@pytest.mark.parametrize("method", ["index", "ols", "ridge", "elastic-net"])
def test_too_few_peers_are_the_reason_and_not_returns(method: str) -> None:
    events = result_of(peers=("ZZZ", "B"), peer_method=method).events
    assert one(events, event_id="e")["reason"] == "the model peers needs 3 peers, and has 1"
    events = result_of(peers=("ZZZ",), peer_method=method).events
    assert one(events, event_id="f")["reason"] == "the model peers needs 3 peers, and has 0"
