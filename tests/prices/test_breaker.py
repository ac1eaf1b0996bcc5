"""Asking for many tickers: what is tried again and what is not, who is woken, what an interruption leaves."""

from __future__ import annotations

import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from effort import FORGOTTEN, ended

from eventstudy.prices.source import FailureKind, FetchFailure
from eventstudy.prices.yahoo.retry import UNANSWERED, Breaker, SeriesOrFailure, ask_patiently, in_threads


class Watched(threading.Event):
    """Notes who waits for it, and for how long at most."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[tuple[str, float | None]] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append((threading.current_thread().name, timeout))
        return super().wait(timeout)


def refuse(kind: FailureKind) -> FetchFailure:
    return FetchFailure(kind, f"is {kind}")


def ask(
    answer: Callable[[str], SeriesOrFailure],
    ticker: str,
    breaker: Breaker,
    *,
    attempts: int = 3,
    pause: float = 0.001,
) -> SeriesOrFailure:
    return ask_patiently(
        answer, ticker, breaker, attempts=attempts, pause=pause, deadline=60, forget=lambda: None
    )


@pytest.mark.parametrize(
    ("kind", "tries"), [("not-found", 1), ("empty", 1), ("rate-limited", 3), ("network", 3), ("garbled", 3)]
)
def test_only_what_may_pass_is_tried_again(kind: FailureKind, tries: int) -> None:
    tried = Counter[str]()

    def answer(ticker: str) -> SeriesOrFailure:
        tried[ticker] += 1
        return refuse(kind)

    outcome = ask(answer, "AAA", Breaker())
    assert isinstance(outcome, FetchFailure) and outcome.kind == kind
    assert tried["AAA"] == tries


def test_pauses_double_and_chance_is_added() -> None:
    firsts = set()
    for _ in range(3):
        watched = Watched()
        ask(lambda _: refuse("garbled"), "AAA", Breaker(watched), pause=0.01)
        (_, first), (_, second) = watched.waits
        assert first is not None and 0.01 <= first <= 0.02
        assert second is not None and 0.02 <= second <= 0.03
        firsts.add(first)
    assert len(firsts) == 3


def test_a_refusal_wakes_who_sleeps_before_another_try() -> None:
    breaker, outcomes = Breaker(), list[SeriesOrFailure]()
    sleeper = threading.Thread(
        target=lambda: outcomes.append(ask(lambda _: refuse("garbled"), "AAA", breaker, pause=60)),
        daemon=True,
    )
    sleeper.start()
    sleeper.join(0.1)
    assert sleeper.is_alive()
    breaker.note("BBB", refuse("rate-limited"))
    sleeper.join(FORGOTTEN)
    assert outcomes == [FetchFailure("rate-limited", "is rate-limited; no more requests after BBB")]


def test_too_many_requests_hold_everybody_back() -> None:
    watched = Watched()
    breaker, waits = Breaker(watched), list[int]()

    def answer(ticker: str) -> SeriesOrFailure:
        waits.append(len(watched.waits))
        return refuse("empty")

    breaker.hold(0.2)
    ask(answer, "AAA", breaker)
    assert waits[0] > 0, "nothing was waited for before the first try"


def test_others_wait_with_one_that_was_refused_for_too_many_requests() -> None:
    watched, refused, tried = Watched(), threading.Event(), list[str]()
    breaker = Breaker(watched)

    def answer(ticker: str) -> SeriesOrFailure:
        tried.append(ticker)
        return refuse("rate-limited" if tried == ["AAA"] else "empty")

    def hold(seconds: float) -> None:
        Breaker.hold(breaker, seconds)
        refused.set()

    breaker.hold = hold  # type: ignore[method-assign]
    other = threading.Thread(target=lambda: ask(answer, "AAA", breaker, pause=1), daemon=True)
    other.start()
    assert refused.wait(FORGOTTEN)
    ask(answer, "BBB", breaker)
    assert threading.current_thread().name in {name for name, _ in watched.waits}
    other.join(FORGOTTEN)
    assert sorted(tried) == ["AAA", "AAA", "BBB"]


def test_a_hold_ends_where_asking_does() -> None:
    breaker = Breaker()
    breaker.hold(60)
    threading.Timer(0.05, breaker.stopped.set).start()
    assert ended(breaker.is_over_after_wait)


def test_who_sleeps_when_the_fetch_is_left_asks_no_more() -> None:
    breaker, tried = Breaker(), list[str]()

    def answer(ticker: str) -> SeriesOrFailure:
        tried.append(ticker)
        return refuse("garbled")

    threading.Timer(0.05, breaker.stopped.set).start()
    ended(lambda: ask(answer, "AAA", breaker, pause=60))
    assert tried == ["AAA"]


def test_silence_in_a_row_ends_asking_and_an_answer_begins_the_row_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eventstudy.prices.yahoo.retry.SILENCE", 0.0)
    breaker = Breaker()
    for _ in range(3):
        for _ in range(UNANSWERED - 1):
            breaker.note("AAA", refuse("network"))
        assert breaker.doubtful and not breaker.stopped.is_set()
        breaker.hear(refuse("not-found"))
        assert not breaker.doubtful
    for _ in range(UNANSWERED):
        breaker.note("CCC", refuse("network"))
    assert breaker.stopped.is_set()


def test_a_network_that_was_there_a_moment_ago_is_not_given_up() -> None:
    breaker = Breaker()
    breaker.hear(refuse("not-found"))
    for _ in range(3 * UNANSWERED):
        breaker.note("AAA", refuse("network"))
    assert not breaker.doubtful and not breaker.stopped.is_set()


def test_after_silence_one_try_is_enough() -> None:
    breaker, tried = Breaker(), list[str]()

    def answer(ticker: str) -> SeriesOrFailure:
        tried.append(ticker)
        return refuse("network")

    ask(answer, "AAA", breaker)
    ask(answer, "BBB", breaker)
    assert tried == ["AAA", "AAA", "AAA", "BBB"]


def test_a_fault_of_ours_is_raised_where_it_is_waited_for() -> None:
    def answer(ticker: str) -> SeriesOrFailure:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(in_threads(["AAA", "BBB"], answer, 2))


def test_a_name_is_taken_only_when_a_thread_is_free_for_it() -> None:
    taken: list[str] = []

    def names() -> Iterator[str]:
        for place in range(9):
            taken.append(threading.current_thread().name)
            yield f"T{place}"

    lead = []
    for place, _ in enumerate(in_threads(names(), lambda _: refuse("empty"), 3)):
        lead.append(len(taken) - place)
    assert max(lead) == 3
    assert set(taken) == {threading.current_thread().name}


def test_an_interruption_passes_at_once_after_what_has_arrived() -> None:
    """The main thread waits for one that never answers; two others have come in, one of them unseen."""
    forever, given_up = threading.Event(), list[str]()

    def answer(ticker: str) -> SeriesOrFailure:
        if ticker == "DEAF":
            given_up.extend([] if forever.wait(FORGOTTEN) else [ticker])
        return refuse("empty")

    arrivals = in_threads(["DEAF", "AAA", "BBB"], answer, 2)
    seen = [next(arrivals)[0], next(arrivals)[0]]
    threading.Timer(0.05, signal.raise_signal, [signal.SIGINT]).start()
    with pytest.raises(KeyboardInterrupt):
        seen += [name for name, _ in arrivals]
    assert (seen, given_up) == (["AAA", "BBB"], [])
    forever.set()


def test_what_arrived_unseen_is_given_before_the_interruption(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(arrived: Any) -> Any:
        while arrived.qsize() < 2:
            time.sleep(0.001)
        raise KeyboardInterrupt

    monkeypatch.setattr("eventstudy.prices.yahoo.retry._next", interrupted)
    seen = []
    with pytest.raises(KeyboardInterrupt):
        for name, _ in in_threads(["AAA", "BBB"], lambda _: refuse("empty"), 2):
            seen.append(name)
    assert sorted(seen) == ["AAA", "BBB"]
