"""Reading and checking a study file: all errors at once, each with line and column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eventstudy.design import Design
from eventstudy.errors import DesignError, EventsFileError
from eventstudy.events.corporate_actions import CorporateAction, read_actions
from eventstudy.events.data_form import ActionForm
from eventstudy.events.event import (
    TABLE_SUFFIXES,
    Confounder,
    Event,
    EventsFile,
    Evidence,
    FactorFile,
    KnownNews,
    Study,
    StudyData,
)
from eventstudy.events.evidence_form import ClaimForm, ConfounderForm, EvidenceForm
from eventstudy.events.form import (
    DesignForm,
    EventForm,
    FactorsForm,
    GridForm,
    ListStudyForm,
    SpecificationForm,
    StudyForm,
)
from eventstudy.events.list_forms import EventsFileForm, KnownForm
from eventstudy.events.nodes import EMPTY, Address, Document, read_document
from eventstudy.events.price_statements import Statements, read_closes
from eventstudy.events.reading_form import ColumnsForm, ReadingForm
from eventstudy.events.regression_form import RegressionForm
from eventstudy.events.validation import check_form
from eventstudy.events.values import BenchmarkForm, Form, to_benchmark
from eventstudy.uris import is_uri

#: the form of the mapping under a key, wherever the key is
FORMS: Mapping[str, type[Form]] = {
    "design": DesignForm,
    "benchmark": BenchmarkForm,
    "benchmarks": BenchmarkForm,
    "factors": FactorsForm,
    "events": EventForm,
    "events_file": EventsFileForm,
    "confounders": ConfounderForm,
    "evidence": EvidenceForm,
    "claims": ClaimForm,
    "known": KnownForm,
    "data": ReadingForm,
    "columns": ColumnsForm,
    "robustness": GridForm,
    "models": SpecificationForm,
    "stated": SpecificationForm,
    "actions": ActionForm,
    "regress": RegressionForm,
}


def read_study(path: str | Path) -> Study:
    """Read a study file (YAML) and check it.

    Returns
    -------
    Study
        With the default design where the file gives none, and the path of the factor file relative to the
        folder of the study file.

    Raises
    ------
    EventsFileError
        Missing, unreadable or wrong; ``problems`` has one line per error,
        ``events.yaml:LINE:COL: what is wrong, what would be right``.
    """
    path = Path(path)
    if path.suffix.lower() in TABLE_SUFFIXES:
        raise EventsFileError(path, "is an event table, not a study file; read it with read_event_table")
    if path.is_dir():
        raise EventsFileError(path, f"is a folder; name the study file, such as {path / 'events.yaml'}")
    document = read_document(path)
    kind = ListStudyForm if "events_file" in document.value else StudyForm
    form, faults = check_form(document, kind, FORMS)
    faults += _cross_check(document)
    if form is None or faults:
        raise EventsFileError.of(faults)
    return _study(document, form)


def _study(document: Document, form: StudyForm) -> Study:
    events = tuple(_event(document, number, event) for number, event in enumerate(form.events))
    named = dict.fromkeys(ticker for event in events for ticker in event.tickers)
    known = _known(document, form)
    return Study(
        path=document.path,
        events=events,
        tickers=form.tickers or tuple(sorted(named)),
        design=_design(document, form, known),
        factors=_factors(document.path, form.factors),
        exchanges=dict(form.exchanges),
        known=known,
        events_file=_events_file(document.path, form.events_file),
        data=_data(document.path, form),
        stated=Statements(read_closes(form.data and form.data.closes), _actions(document, form)),
        files=_files(document.path.parent, form),
        grid=None if form.robustness is None else form.robustness.grid(),
        title=form.title,
        kinds=dict(form.kinds),
    )


def _data(path: Path, form: StudyForm) -> StudyData | None:
    if form.data is None:
        return None
    files = (name if is_uri(name) else path.parent / name for name in form.data.files)
    return StudyData(tuple(files), form.data.reading())


def _known(document: Document, form: StudyForm) -> tuple[KnownNews, ...] | None:
    """Return the known news, which may be in a file next to the study file; None where there is no key."""
    if not isinstance(form.known, str):
        return None if form.known is None else tuple(news.news() for news in form.known)
    from eventstudy.events.known import read_known

    return read_known(document.path.parent / form.known)


def _actions(document: Document, form: StudyForm) -> tuple[CorporateAction, ...]:
    """Return the corporate actions, which may be in a file next to the study file."""
    if not isinstance(form.actions, str):
        return tuple(listed.action() for listed in form.actions or ())
    return read_actions(document.path.parent / form.actions)


def _files(folder: Path, form: StudyForm) -> tuple[Path, ...]:
    """Return the files that a study file names and that exist."""
    named = [
        form.known,
        form.actions,
        form.factors and form.factors.path,
        form.design.design().mask_dates.source,
    ]
    return tuple(
        folder / name for name in named if isinstance(name, str) and name and (folder / name).is_file()
    )


def _design(document: Document, form: StudyForm, known: tuple[KnownNews, ...] | None) -> Design:
    changes: dict[str, Any] = {}
    if form.benchmark is not None:
        changes["benchmark"] = to_benchmark(form.benchmark)
    if form.benchmarks:
        changes["benchmarks"] = tuple(map(to_benchmark, form.benchmarks))
    if form.factors is not None and form.factors.columns:
        changes["factors"] = form.factors.columns
    design = form.design.design(**changes)
    if not design.mask_dates.source:
        return design
    from eventstudy.events.known import with_mask_dates

    try:
        return with_mask_dates(design, known, document.path.parent)
    except DesignError as error:
        raise document.error(("design", error.field), error.problem) from None


def _factors(path: Path, form: FactorsForm | None) -> FactorFile | None:
    if form is None:
        return None
    return FactorFile(path.parent / form.path, form.unit, form.columns)


def _events_file(path: Path, form: EventsFileForm | None) -> EventsFile | None:
    return None if form is None else EventsFile(path.parent / form.path, form.reading())


def _event(document: Document, number: int, form: EventForm) -> Event:
    session = form.session or (form.when if form.timing == "session" else None)
    evidence = tuple(Evidence(**dict(item)) for item in _several(form.evidence))
    card = evidence[0].card if evidence else ""
    return Event(
        id=form.id,
        when=form.when or form.session,  # type: ignore[arg-type]  # EventForm requires one of the two
        title=form.title,
        session=session,
        timing=None if form.timing == "session" else form.timing,
        kind=form.kind,
        benchmark=None if form.benchmark is None else to_benchmark(form.benchmark),
        tickers=form.tickers,
        expect=dict(form.expect),
        confounders=tuple(_confounders(form)),
        background=form.background,
        evidence=evidence,
        claims=tuple(claim.claim(card) for claim in form.claims),
        line=document.locate(("events", number))[0],
    )


def _confounders(form: EventForm) -> Iterator[Confounder]:
    for ticker, written in form.confounders.items():
        for item in _several(written):
            yield Confounder(ticker, item.date, item.reason)


def _several(written: Any) -> tuple[Any, ...]:
    return written if isinstance(written, tuple) else (written,)


def _cross_check(document: Document) -> Iterator[EventsFileError]:
    """Check values against each other, as written, so that no other error hides these."""
    study = document.value
    written = study.get("events")
    events = (
        [event if isinstance(event, dict) else {} for event in written] if isinstance(written, list) else []
    )
    yield from _given_twice(document)
    yield from _repeated_ids(document, events)
    yield from _repeated_tickers(document, ("tickers",), study.get("tickers"))
    yield from _no_tickers(document, events)
    for number, event in enumerate(events):
        yield from _repeated_tickers(document, ("events", number, "tickers"), event.get("tickers"))
        yield from _foreign_tickers(document, ("events", number), event)


def _given_twice(document: Document) -> Iterator[EventsFileError]:
    study = document.value
    design, factors = study.get("design"), study.get("factors")
    if not isinstance(design, dict):
        return
    for name in ("benchmark", "benchmarks"):
        if name in study and name in design:
            problem = f"{name} is given here and for the study; keep one"
            yield document.error(("design", name), problem, key=True)
    if isinstance(factors, dict) and "columns" in factors and "factors" in design:
        problem = "the factor columns are given here and under factors; keep one"
        yield document.error(("design", "factors"), problem, key=True)


def _repeated_ids(document: Document, events: list[dict[str, Any]]) -> Iterator[EventsFileError]:
    seen: dict[str, int] = {}
    for number, event in enumerate(events):
        event_id = event.get("id")
        if isinstance(event_id, str) and seen.setdefault(event_id, number) != number:
            first = document.locate(("events", seen[event_id], "id"))[0]
            problem = f"event id {event_id!r} is already used in line {first}; rename one"
            yield document.error(("events", number, "id"), problem)


def _repeated_tickers(document: Document, at: Address, tickers: Any) -> Iterator[EventsFileError]:
    seen: set[str] = set()
    for number, ticker in enumerate(tickers if isinstance(tickers, list) else ()):
        if not isinstance(ticker, str):
            continue
        if ticker in seen:
            yield document.error((*at, number), f"ticker {ticker!r} is named twice; keep one")
        seen.add(ticker)


def _no_tickers(document: Document, events: list[dict[str, Any]]) -> Iterator[EventsFileError]:
    if document.value.get("tickers", EMPTY) not in (EMPTY, []) or "events_file" in document.value:
        return
    for number, event in enumerate(events):
        if event.get("tickers", EMPTY) in (EMPTY, []):
            problem = "no tickers; write tickers: [NVDA, AMD] here, or once for the whole study"
            yield document.error(("events", number), problem)
            return


def _foreign_tickers(document: Document, at: Address, event: dict[str, Any]) -> Iterator[EventsFileError]:
    """Yield an error per expectation or confounder of a ticker that is not the event's."""
    tickers = event.get("tickers", EMPTY)
    if tickers in (EMPTY, []):
        tickers = document.value.get("tickers", EMPTY)
    if not isinstance(tickers, list):
        return
    for field in ("expect", "confounders"):
        named = event.get(field)
        for ticker in named if isinstance(named, dict) else ():
            if ticker not in tickers:
                problem = f"{field} names {ticker!r}, which is not among the event's tickers {tickers[:8]}"
                yield document.error((*at, field, ticker), problem, key=True)
