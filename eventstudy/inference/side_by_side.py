"""Levels whose groups are tested at once: what a test costs however few firm-events it sees is paid once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from eventstudy.inference.groups import StudyInCalendarTime
from eventstudy.inference.levels import Level
from eventstudy.significance.history import History
from eventstudy.significance.sample import Alignment, CrossSection, InCalendarTime, Neighbours

LevelOf = tuple[Level, StudyInCalendarTime]  #: a level, and the study it groups

TOGETHER = 10_000  #: members of levels that are tested at once: bounds the memory


def together(levels: Iterable[LevelOf]) -> Iterator[list[LevelOf]]:
    """Yield consecutive levels that have few members, and each larger one alone."""
    held: list[LevelOf] = []
    for each in levels:
        if held and sum(len(members) for level, _ in (*held, each) for members in level.members) > TOGETHER:
            yield held
            held = []
        held.append(each)
    if held:
        yield held


def side_by_side(samples: Sequence[CrossSection]) -> CrossSection:
    """Return samples of one design as one, the groups of the first before those of the next.

    Parameters
    ----------
    samples
        Whole ones, without neighbours; at least one.
    """
    first = samples[0]
    if len(samples) == 1:
        return first
    histories = list({id(sample.history): sample.history for sample in samples}.values())
    before = dict(zip(map(id, histories), _starts([len(each.ar) for each in histories]), strict=True))
    groups = _starts([sample.groups for sample in samples])

    def alignment() -> Alignment:
        wholes = [sample.alignment() for sample in samples]
        sessions = _starts([len(each.event) for each in wholes])
        numbered = [each.session + start for each, start in zip(wholes, sessions, strict=True)]
        return Alignment(
            np.concatenate(numbered),
            np.concatenate([each.estimation for each in wholes]),
            np.concatenate([each.event for each in wholes]),
            Neighbours.none(len(first.windows)),
        )

    def calendar_time() -> InCalendarTime:
        parts = zip(*(sample.calendar_time() for sample in samples), strict=True)
        return InCalendarTime(*map(np.concatenate, parts))

    changed = [sample.winsorised for sample in samples if sample.winsorised is not None]
    return replace(
        first,
        **_columns(samples),
        group=np.concatenate([each.group + start for each, start in zip(samples, groups, strict=True)]),
        groups=groups[-1] + samples[-1].groups,
        history=histories[0] if len(histories) == 1 else _joined(histories),
        events=np.concatenate([sample.events + before[id(sample.history)] for sample in samples]),
        alignment=alignment,
        calendar_time=calendar_time,
        winsorised=np.concatenate(changed, axis=1) if changed else None,
        weights=None if first.weights is None else np.concatenate([sample.weight for sample in samples]),
    )


def _columns(samples: Sequence[CrossSection]) -> dict[str, Any]:
    names = ("car", "scar", "bhar", "df", "ticker", "date", "listings")
    return {name: np.concatenate([getattr(sample, name) for sample in samples]) for name in names}


def _starts(sizes: Sequence[int]) -> list[int]:
    """Return at which place each of some runs begins."""
    return [0, *np.cumsum(sizes).tolist()[:-1]]


def _joined(histories: Sequence[History]) -> History:
    """Return the firm-events of several histories as one."""
    return replace(
        histories[0],
        residuals=np.concatenate([each.residuals for each in histories]),
        studentised=np.concatenate([each.studentised for each in histories]),
        ar=np.concatenate([each.ar for each in histories]),
    )
