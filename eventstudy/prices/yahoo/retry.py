"""Ask a provider for many tickers: a few at a time, with back-off, and for none once it refuses."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Any

from eventstudy.prices.source import FailureKind, FetchFailure, PriceSeries

PASSING: tuple[FailureKind, ...] = ("rate-limited", "network", "garbled")  #: another try may end otherwise
UNANSWERED = 4  #: tickers in a row without any answer to anybody, after which the network is down
SILENCE = 10.0  #: seconds that this lasts at least; a fault of a moment is waited out
INTERRUPTED = FetchFailure("network", "was not asked for any more, since the fetch was given up")
HEED = 0.25  #: seconds, the longest that an interruption goes unheeded

Outcome = PriceSeries | FetchFailure
Ask = Callable[[str], Outcome]


@dataclass
class Breaker:
    """Whether a provider is still asked, for all tickers and threads of one fetch.

    A refusal of one ticker for too many requests holds all of them back. Once one has used up its tries that
    way, or several in a row went without any answer, none is asked for any more, and who waits is woken.
    """

    stopped: threading.Event = field(default_factory=threading.Event)
    verdict: FetchFailure = INTERRUPTED
    _unanswered: int = 0
    _heard_at: float = -math.inf
    _free_at: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def doubtful(self) -> bool:
        """Whether a ticker went without an answer in a silence, so that one try is enough to tell."""
        return self._unanswered > 0 and self._is_silent()

    def hold(self, seconds: float) -> None:
        """Let nobody ask for that long."""
        with self._lock:
            self._free_at = max(self._free_at, time.monotonic() + seconds)

    def is_over_after_wait(self) -> bool:
        """Wait until nobody has to hold back, and tell whether asking is over."""
        while (left := self._free_at - time.monotonic()) > 0 and not self.stopped.wait(left):
            pass
        return self.stopped.is_set()

    def hear(self, outcome: Outcome) -> None:
        """Take note of how a try ended: any answer tells that the network is there."""
        if not (isinstance(outcome, FetchFailure) and outcome.kind == "network"):
            with self._lock:
                self._unanswered, self._heard_at = 0, time.monotonic()

    def note(self, ticker: str, outcome: Outcome) -> None:
        """Take note of how a ticker ended."""
        if not isinstance(outcome, FetchFailure) or self.stopped.is_set():
            return
        with self._lock:
            self._unanswered += outcome.kind == "network"
            is_dead = self._unanswered >= UNANSWERED and self._is_silent()
            if outcome.kind == "rate-limited" or is_dead:
                self.verdict = replace(outcome, reason=f"{outcome.reason}; asked for no more after {ticker}")
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
) -> Outcome:
    """Ask for one ticker until there is an answer that another try would not change.

    Parameters
    ----------
    attempts, deadline
        Most tries, and seconds after which none is begun.
    pause
        Seconds before the second try; they double from try to try, and chance adds up to as many again.
    forget
        Called before another try, so that it gets an answer of its own.
    """
    import tenacity

    def before_another(state: tenacity.RetryCallState) -> None:
        forget()
        if state.next_action and _kind(state) == "rate-limited":
            breaker.hold(state.next_action.sleep)

    def is_enough(state: tenacity.RetryCallState) -> bool:
        tried = state.attempt_number >= (1 if breaker.doubtful else attempts)
        return tried or breaker.stopped.is_set() or (state.seconds_since_start or 0) >= deadline

    def once(name: str) -> Outcome:
        if breaker.is_over_after_wait():
            return breaker.verdict
        outcome = ask(name)
        breaker.hear(outcome)
        return outcome

    retrying = tenacity.Retrying(
        retry=lambda state: _kind(state) in PASSING,
        stop=is_enough,
        wait=tenacity.wait_exponential(multiplier=pause, max=60) + tenacity.wait_random(0, pause),
        sleep=tenacity.sleep_using_event(breaker.stopped),
        before_sleep=before_another,
        retry_error_callback=lambda state: _outcome(state),
    )
    outcome = retrying(once, ticker)
    breaker.note(ticker, outcome)
    return outcome


def in_threads(names: Iterable[str], ask: Ask, threads: int) -> Iterator[tuple[str, Outcome]]:
    """Give what ``ask`` returns for every name, as they arrive.

    A name is taken, in the caller's thread, when a thread is free for it. An interruption is passed on at
    once, after what has arrived by then: no thread is waited for, and the process may end without them.
    """
    waiting: SimpleQueue[str | None] = SimpleQueue()
    arrived: SimpleQueue[tuple[str, Outcome | BaseException]] = SimpleQueue()

    def work() -> None:
        while (name := waiting.get()) is not None:
            try:
                arrived.put((name, ask(name)))
            except BaseException as error:  # is raised where it is waited for
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
    """Wait for what arrives next; where a wait cannot be interrupted, between two short ones."""
    while True:
        with suppress(Empty):
            return arrived.get(timeout=HEED)


def _raised(name: str, outcome: Outcome | BaseException) -> tuple[str, Outcome]:
    if isinstance(outcome, BaseException):
        raise outcome
    return name, outcome


def _outcome(state: Any) -> Outcome:
    outcome: Outcome = state.outcome.result()
    return outcome


def _kind(state: Any) -> FailureKind | None:
    outcome = _outcome(state)
    return outcome.kind if isinstance(outcome, FetchFailure) else None
