"""`one_thread`: linear algebra has one thread inside, and what it had before outside, whatever happens."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import eventstudy as es
from eventstudy.numerics.threads import VARIABLES, one_thread

BEFORE = 2  #: threads of the caller


def counts() -> set[int]:
    """Return the numbers of threads of the linear algebra libraries that are loaded."""
    found = {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}
    assert found, "no library of linear algebra is known here"
    return found


@pytest.fixture(autouse=True)
def caller(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Be a caller whose libraries have two threads, as in a notebook."""
    import scipy.special  # noqa: F401 - brings a library of its own

    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with threadpool_limits(BEFORE, "blas"):
        yield


def test_one_inside_and_as_before_outside() -> None:
    with one_thread():
        assert counts() == {1}
        with one_thread():
            assert counts() == {1}
        assert counts() == {1}
    assert counts() == {BEFORE}


def test_an_error_restores_the_threads() -> None:
    with pytest.raises(ZeroDivisionError), one_thread():
        raise ZeroDivisionError
    assert counts() == {BEFORE}


def test_callers_in_several_threads_leave_the_threads_as_they_were() -> None:
    def other() -> None:
        for _ in range(100):
            with one_thread():
                pass

    others = [threading.Thread(target=other) for _ in range(3)]
    with one_thread():
        for thread in others:
            thread.start()
        for thread in others:
            thread.join()
        assert counts() == {1}
    assert counts() == {BEFORE}


def study(**options: object) -> es.EventStudyResult:
    """Return a run of one small study."""
    rng = np.random.default_rng(1)
    dates = pd.bdate_range("2020-01-01", periods=200)
    returns = pd.DataFrame(rng.normal(0, 0.01, (200, 3)), index=dates, columns=["MKT", "A", "B"])
    events = pd.DataFrame({"event_id": ["e", "f"], "ticker": ["A", "B"], "session": dates[[150, 170]]})
    return es.run(
        events, returns=returns, design=es.Design(benchmark="MKT", estimation=(-120, -11)), **options
    )


def test_a_run_measures_with_one_thread() -> None:
    seen: list[set[int]] = []
    study(progress=lambda *_: seen.append(counts()))
    assert seen and all(each == {1} for each in seen)
    assert counts() == {BEFORE}


def test_a_simulation_has_one_thread() -> None:
    seen: list[set[int]] = []
    situation = es.Situation(replications=2, firm_events=2)
    es.simulate(situation, progress=lambda *_: seen.append(counts()))
    assert seen and all(each == {1} for each in seen)
    assert counts() == {BEFORE}


def test_a_process_of_one_thread_needs_no_limits() -> None:
    """The command line says so before numpy is loaded, and does not load what would limit it again."""
    code = (
        "import sys; from eventstudy.numerics.threads import one_thread, start_with_one_thread;"
        "start_with_one_thread(); import numpy;\n"
        "with one_thread(): print('threadpoolctl' in sys.modules, end=' ')\n"
        "from threadpoolctl import threadpool_info\n"
        "print({pool['num_threads'] for pool in threadpool_info() if pool['user_api'] == 'blas'})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.stdout.split(maxsplit=1) == ["False", "{1}\n"], done.stderr
