"""`run` names the model garch where volatility clusters, and nowhere else."""

from __future__ import annotations

import numpy as np
from panels import random_returns, study

from eventstudy.cli.volatility_text import volatility_text


def lines(**design: object) -> list[str]:
    """Return the lines about a security whose variance clusters, and another, with the design."""
    rng = np.random.default_rng(5)
    returns = random_returns(rng, ("A", "B"), n=420)
    spell = np.where(np.arange(420) // 20 % 2, 0.05, 0.005)
    returns["A"] = returns["MKT"] + spell * rng.standard_normal(420)
    result = study(returns, [("e", "A", 300), ("f", "B", 300)], **{"quality": "flag", **design})
    return [line.text for line in volatility_text(result.view(), 100)]


def test_a_market_model_in_spells_names_garch() -> None:
    text = " ".join(" ".join(lines()).split())
    assert text.startswith("Volatility clusters in 1 of 2 firm-events")
    assert "0.1 expected by chance" in text
    assert "--model garch" in text


def test_garch_does_not_name_itself() -> None:
    assert lines(model="garch") == []
