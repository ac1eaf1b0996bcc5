"""What was stored against what is fetched: rebased, revised, shorter, or of another kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stored_prices import SPAN, FakeProvider, series

from eventstudy.prices.cache.coverage import ends_early
from eventstudy.prices.cache.folder import SeriesFolder
from eventstudy.prices.cache.revision import ONE_BY_ONE, TOLERANCE, compare
from eventstudy.prices.cache.source import CachedSource
from eventstudy.prices.series import between, fingerprint
from eventstudy.prices.source import PriceSeries

Change = Callable[[PriceSeries], PriceSeries]


def scaled(ratio: float, names: tuple[str, ...] = ("open", "high", "low", "close", "dividend")) -> Change:
    def change(old: PriceSeries) -> PriceSeries:
        return replace(old, **{name: getattr(old, name) * ratio for name in names})

    return change


def at(name: str, place: Any, change: Callable[[Any], Any]) -> Change:
    """Return what changes some figures of a column."""

    def changed(old: PriceSeries) -> PriceSeries:
        values = getattr(old, name).copy()
        values[place] = change(values[place])
        return replace(old, **{name: values})

    return changed


def without(*places: int) -> Change:
    def change(old: PriceSeries) -> PriceSeries:
        kept = np.delete(np.arange(len(old.sessions)), places)
        names = ("sessions", "open", "high", "low", "close", "volume", "dividend", "split")
        return replace(old, **{name: getattr(old, name)[kept] for name in names})

    return change


def longer(ratio: float, split: float) -> Change:
    """Return what brings a month more, a split in it, and all prices on the new basis."""

    def change(_: PriceSeries) -> PriceSeries:
        new = scaled(ratio)(series(end=date(2024, 7, 31)))
        return at("split", -5, lambda _: split)(new)

    return change


def rules(old: PriceSeries, change: Change) -> tuple[str, list[tuple[str, str]]]:
    found = compare(old, change(old))
    return found.refused, [(finding.rule, finding.severity) for finding in found.findings]


def test_the_same_is_the_same() -> None:
    assert rules(series(), lambda old: old) == ("", [])
    assert rules(series(), scaled(1 + TOLERANCE / 2)) == ("", [])
    assert rules(series(), at("close", 7, lambda close: close * (1 + 3e-5))) == ("", [])
    assert (
        rules(series(), at("close", 7, lambda close: close * (1 + 3e-4)))[1] == [("revised", "warning")] * 2
    )
    noisy = at(
        "close", slice(None), lambda close: close * (1 + TOLERANCE / 2 * np.sin(np.arange(len(close))))
    )
    assert rules(series(), noisy) == ("", [])
    assert rules(series(), at("volume", 3, lambda volume: volume * 2)) == ("", [])  # enters no return


@pytest.mark.parametrize(("ratio", "split"), [(0.5, 2.0), (0.1, 10.0), (4.0, 0.25), (2 / 3, 1.5)])
def test_a_split_rebases_and_changes_no_return(ratio: float, split: float) -> None:
    refused, found = rules(series(), longer(ratio, split))
    assert (refused, found) == ("", [("rebased", "info")])
    assert rules(series(), longer(ratio, 0.0)) == ("", [("rebased", "warning")])  # nothing explains it
    adjusted = replace(series(), adjusted_only=True)
    assert rules(adjusted, scaled(0.987)) == ("", [("rebased", "info")])  # a dividend, in adjusted closes


def test_a_revised_figure_is_named_with_session_and_size() -> None:
    old = series()
    found = compare(old, at("close", 7, lambda close: close * 1.02)(old))
    assert (found.refused, found.revised) == ("", True)
    whole, one = found.findings
    assert whole.session is None and whole.detail.startswith("1 figures differ from those stored before")
    assert "fetched 2024-07-01" in whole.detail
    assert (one.session, one.rule, one.severity) == (old.sessions[7].astype(date), "revised", "warning")
    assert one.detail == "close 17.34, stored 17 (+2.00% of the close)"


def test_revisions_are_seen_through_a_rebase() -> None:
    old = series()
    found = compare(old, at("close", 7, lambda close: close * 1.02)(scaled(0.5)(old)))
    assert [finding.rule for finding in found.findings] == ["rebased", "revised", "revised"]
    assert found.findings[-1].session == old.sessions[7].astype(date)


def test_dividends_and_vanished_sessions_are_revisions_and_filled_holes_are_not() -> None:
    assert rules(series(), at("dividend", 5, lambda _: 0.3))[1] == [("revised", "warning")] * 2
    assert rules(series(), at("dividend", 3, lambda _: 0.0))[1] == [("revised", "warning")] * 2
    index = replace(series(), price_index=True)
    assert compare(index, at("dividend", 5, lambda _: 0.3)(series())).findings == ()
    gone = compare(series(), without(9)(series()))
    assert gone.revised and gone.findings[1].detail == "the session is gone"
    back = compare(without(9, 10)(series()), series())
    assert [(f.rule, f.severity) for f in back.findings] == [("filled-in", "info")] and not back.revised


def test_many_revisions_are_counted_and_the_largest_listed() -> None:
    places = slice(10, 10 + 2 * ONE_BY_ONE)
    ramp = 1 + np.linspace(0.01, 0.05, 2 * ONE_BY_ONE)
    found = compare(series(), at("close", places, lambda close: close * ramp)(series()))
    assert len(found.findings) == 1 + ONE_BY_ONE
    assert "40 figures differ" in found.findings[0].detail and "20 largest" in found.findings[0].detail
    assert found.findings[1].session == series().sessions[30].astype(date)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda old: between(old, date(2024, 2, 1), SPAN[1]), "it is shorter (2024-02-01 to 2024-06-28"),
        (lambda old: between(old, SPAN[0], date(2024, 6, 27)), "it is shorter (2024-01-02 to 2024-06-27"),
        (without(*range(20, 24)), "it is shorter by 4 sessions"),
        (lambda old: replace(old, origin={**old.origin, "currency": "GBP"}), "it is in GBP, the stored"),
        (lambda old: replace(old, adjusted_only=True), "dividend-adjusted"),
        (at("close", slice(None), lambda close: close[::-1]), "by no common ratio"),
    ],
)
def test_what_must_not_replace_the_stored_series(tmp_path: Path, change: Change, words: str) -> None:
    old = replace(series(), origin={**series().origin, "currency": "GBp"})
    folder = SeriesFolder(tmp_path)
    before = folder.write(old).read_bytes()
    source = CachedSource(tmp_path, provider=FakeProvider({"AAA": change(old)}), refresh=True)
    used = source.load(["AAA"], *SPAN).series["AAA"]
    assert fingerprint(used) == fingerprint(old)
    (found,) = used.findings
    assert (found.rule, found.severity, found.session) == ("refused-fetch", "warning", None)
    assert words in found.detail and "eventstudy prices clear AAA" in found.detail
    assert folder.file("AAA").read_bytes() == before
    assert folder.beside("AAA") == ()


def test_a_revised_series_is_kept_beside_the_new_one(tmp_path: Path) -> None:
    folder = SeriesFolder(tmp_path)
    before = folder.write(series()).read_bytes()
    revised = at("close", 7, lambda close: close * 1.02)(series())
    source = CachedSource(tmp_path, provider=FakeProvider({"AAA": revised}), refresh=True)
    used = source.load(["AAA"], *SPAN).series["AAA"]
    assert used.close[7] == revised.close[7]
    (kept,) = folder.beside("AAA")
    assert kept.startswith("AAA.parquet.revised-2")
    assert (tmp_path / kept).read_bytes() == before
    assert kept in next(found.detail for found in used.findings if found.rule == "kept")
    assert folder.tickers() == ("AAA",)  # what is beside is no series of its own
    again = CachedSource(tmp_path).load(["AAA"], *SPAN).series["AAA"]
    assert again.findings == used.findings  # every later run knows, too
    source.load(["AAA"], *SPAN)
    assert folder.beside("AAA") == (kept,)  # the same again is no revision


def test_a_refused_series_leaves_the_stored_one_as_far_as_it_goes(tmp_path: Path) -> None:
    SeriesFolder(tmp_path).write(series(end=date(2024, 5, 31)))
    young = replace(series(start=date(2024, 4, 1)), origin=series().origin)
    source = CachedSource(tmp_path, provider=FakeProvider({"AAA": young}))
    used = source.load(["AAA"], *SPAN).series["AAA"]
    assert str(used.sessions[-1]) == "2024-05-31"
    assert "stored up to 2024-05-31 and needed up to 2024-06-28" in ends_early(used)
    early = source.load(["AAA"], date(2023, 6, 1), SPAN[1])
    assert "was not stored: it is shorter" in early.failures["AAA"]


def test_what_is_asked_for_begins_no_later_than_what_is_stored(tmp_path: Path) -> None:
    """Else a study of later dates would get, and refuse, a series shorter than that of an earlier study."""

    class Noting(FakeProvider):
        def fetch(self, tickers: Any, start: date, end: date) -> Any:
            asked.append(start)
            return super().fetch(tickers, start, end)

    asked: list[date] = []
    SeriesFolder(tmp_path).write(series(end=date(2024, 5, 31)))
    CachedSource(tmp_path, provider=Noting({"AAA": series()})).load(["AAA"], date(2024, 3, 1), SPAN[1])
    assert asked == [SPAN[0]]
