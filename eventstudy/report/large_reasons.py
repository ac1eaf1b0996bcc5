"""Reasons of a large study, put together until a page can hold them."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

NUMBER = re.compile(r"(?<!\S)\d+(?!\S)")  #: a word of its own: no date and no window


def together(reasons: Mapping[str, int]) -> Counter[str]:
    """Return how often each reason occurs, those that differ in numbers alone with the span of these."""
    alike: defaultdict[str, list[str]] = defaultdict(list)
    for reason in reasons:
        alike[NUMBER.sub("#", reason)].append(reason)
    return Counter({_spanning(each): sum(reasons[reason] for reason in each) for each in alike.values()})


def _spanning(alike: Sequence[str]) -> str:
    """Return one reason for several that differ in numbers: ``only 3-38 of 65 returns`` (with an en dash)."""
    numbers = np.array([[int(number) for number in NUMBER.findall(reason)] for reason in alike])
    spans = [
        str(low) if low == high else f"{low}\N{EN DASH}{high}"
        for low, high in zip(numbers.min(axis=0), numbers.max(axis=0), strict=True)
    ]
    return NUMBER.sub(lambda _: spans.pop(0), alike[0])
