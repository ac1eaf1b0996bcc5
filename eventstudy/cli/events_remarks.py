"""What was understood of the files of events, a line each on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from eventstudy.cli.call import Call

if TYPE_CHECKING:
    from eventstudy.events.inputs import StudyInputs


def remark_on_events(call: Call, inputs: StudyInputs) -> None:
    """Say what each file of events was taken for."""
    for each in inputs.understood:
        call.remark(each.sentence())
