"""Requesting many tickers: a few at a time, with back-off, and none once the provider refuses."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any, cast

from eventstudy.prices.source import FailureKind, FetchFailure, PriceSeries

PASSING: tuple[FailureKind, ...] = ("rate-limited", "network", "garbled")  #: another try may succeed
NO_ANSWER: tuple[FailureKind, ...] = ("network", "unreachable")
UNANSWERED = 4  #: tickers in a row without any answer to anybody, after which the network is down
SILENCE = 10.0  #: seconds without any answer before that, at least
INTERRUPTED = FetchFailure("network", "was not requested, since the fetch was stopped")
HEED = 0.25  #: seconds, the longest before an interruption is noticed

SeriesOrFailure = PriceSeries | FetchFailure
Ask = Callable[[str], SeriesOrFailure]


@dataclass
class Breaker:
    """A circuit breaker: whether requests go on, for all tickers and threads of one fetch.

    After "too many requests" for one ticker all of them wait. Once one has used up its tries that way, or
    several in a row had no answer, or the first could not even connect, no more requests are made, and
    waiting threads are woken.
    """

    stopped: threading.Event = field(default_factory=threading.Event)
    verdict: FetchFailure = INTERRUPTED
    _unanswered: int = 0
    _heard_at: float = -math.inf
    _free_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def may_pass(self, outcome: SeriesOrFailure) -> bool:
        """Tell whether another try may succeed; after a connection failed, only if others have not."""
        if not isinstance(outcome, FetchFailure):
            return False
        return outcome.kind in PASSING or (outcome.kind == "unreachable" and not self._is_silent())

    @property
    def doubtful(self) -> bool:
        """Whether a ticker had no answer and nothing was heard for a while, so that one try is enough."""
        return self._unanswered > 0 and self._is_silent()

    def hold(self, seconds: float) -> None:
        """Delay all requests by that long."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def is_over_after_wait(self) -> bool:
        """Wait until requests are allowed, and return whether they are over."""
        while (left := self._free_at - time.monotonic()) > 0 and not self.stopped.wait(left):
            pass
        return self.stopped.is_set()

    def hear(self, outcome: SeriesOrFailure) -> None:
        """Note the result of a try: any answer shows that the network works."""
        if not (isinstance(outcome, FetchFailure) and outcome.kind in NO_ANSWER):
            with self._lock:
                self._unanswered, self._heard_at = 0, time.monotonic()

    def note(self, ticker: str, outcome: SeriesOrFailure) -> None:
        """Note the result of a ticker."""
        if not isinstance(outcome, FetchFailure) or self.stopped.is_set():
            return
        with self._lock:
            self._unanswered += outcome.kind in NO_ANSWER
            enough = 1 if outcome.kind == "unreachable" else UNANSWERED
            is_dead = self._unanswered >= enough and self._is_silent()
            if outcome.kind == "rate-limited" or is_dead:
                self.verdict = replace(outcome, reason=f"{outcome.reason}; no more requests after {ticker}")
                self.stopped.set()

    def _is_silent(self) -> bool:
        return time.monotonic() - self._heard_at >= SILENCE


def ask_patiently(
    ask: Ask,
    ticker: str,
    breaker: Breaker,
    *,
    attempts: int,
    pause: float,
    deadline: float,
    forget: Callable[[], object],
) -> SeriesOrFailure:
    """Request one ticker until there is an answer that another try would not change.

    There are at most ``attempts`` tries, none after ``deadline`` seconds. ``pause`` is the wait before the
    second try in seconds; it doubles from try to try, plus a random part up to ``pause``. ``forget`` is
    called before another try and clears what yfinance has cached.
    """
    import tenacity

    def before_another(state: tenacity.RetryCallState) -> None:
        forget()
        if state.next_action and _kind(state) == "rate-limited":
            breaker.hold(state.next_action.sleep)

    def is_enough(state: tenacity.RetryCallState) -> bool:
        tried = state.attempt_number >= (1 if breaker.doubtful else attempts)
        return tried or breaker.stopped.is_set() or (state.seconds_since_start or 0) >= deadline

    def once(name: str) -> SeriesOrFailure:
        if breaker.is_over_after_wait():
            return breaker.verdict
        outcome = ask(name)
        breaker.hear(outcome)
        return outcome

    retrying = tenacity.Retrying(
        retry=lambda state: breaker.may_pass(_last(state)),
        stop=is_enough,
        wait=tenacity.wait_exponential(multiplier=pause, max=60) + tenacity.wait_random(0, pause),
        sleep=tenacity.sleep_using_event(breaker.stopped),
        before_sleep=before_another,
        retry_error_callback=_last,
    )
    outcome = retrying(once, ticker)
    breaker.note(ticker, outcome)
    return outcome


def in_threads(names: Iterable[str], ask: Ask, threads: int) -> Iterator[tuple[str, SeriesOrFailure]]:
    """Yield what ``ask`` returns for every name, as they arrive.

    A name is taken, in the caller's thread, when a thread is free for it. An interruption is raised at once,
    after the results that have arrived by then; it does not wait for the threads, which are daemons.
    """
    waiting: SimpleQueue[str | None] = SimpleQueue()
    arrived: SimpleQueue[tuple[str, SeriesOrFailure | BaseException]] = SimpleQueue()

    def work() -> None:
        while (name := waiting.get()) is not None:
            try:
                arrived.put((name, ask(name)))
            except BaseException as error:  # raised in the caller's thread
                arrived.put((name, error))

    coming, busy = iter(names), 0
    for _ in range(threads):
        threading.Thread(target=work, daemon=True).start()
    try:
        for name in islice(coming, threads):
            waiting.put(name)
            busy += 1
        while busy:
            yield _raised(*_next(arrived))
            busy -= 1
            for name in islice(coming, 1):
                waiting.put(name)
                busy += 1
    except KeyboardInterrupt:
        while not arrived.empty():
            yield _raised(*arrived.get())
        raise
    finally:
        for _ in range(threads):
            waiting.put(None)


def _next(arrived: SimpleQueue[Any]) -> Any:
    """Wait for the next result in short waits, so that an interruption is noticed everywhere."""
    while True:
        with suppress(Empty):
            return arrived.get(timeout=HEED)


def _raised(name: str, outcome: SeriesOrFailure | BaseException) -> tuple[str, SeriesOrFailure]:
    if isinstance(outcome, BaseException):
        raise outcome
    return name, outcome


def _last(state: Any) -> SeriesOrFailure:
    return cast("SeriesOrFailure", state.outcome.result())


def _kind(state: Any) -> FailureKind | None:
    outcome = _last(state)
    return outcome.kind if isinstance(outcome, FetchFailure) else None
