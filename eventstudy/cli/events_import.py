"""`eventstudy events import`: a list of any form as a clean list or a study file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.options import Exchange, ListReading

Source = Annotated[str, typer.Argument(metavar="FILE", help="The event list.", show_default=False)]
Out = Annotated[
    str, typer.Option(metavar="FILE", help="What to write: a list (.csv) or a study file (.yaml).")
]


def import_events(
    call: Call, file: Source, out: Out = "events.yaml", *, listing: ListReading, exchange: Exchange = None
) -> None:
    """Write an event list of any form as a clean list or a study file; a file that exists stays."""
    from eventstudy.cli.inputs_text import remark_on_inputs
    from eventstudy.errors import OutputError, UsageError
    from eventstudy.events.clean_list import as_csv, as_study_file, left_behind
    from eventstudy.events.inputs import read_inputs

    writers = {".csv": as_csv, ".yaml": as_study_file, ".yml": as_study_file}
    target = Path(out)
    if target.suffix.lower() not in writers:
        raise UsageError(f"{out} is neither a list (.csv) nor a study file (.yaml)")
    if target.exists() or target.is_symlink():
        raise OutputError(target, "is already there and is left as it is", "name another file with --out")
    inputs = read_inputs(file, exchange=exchange, reading=listing)
    if inputs.frame is None:
        raise UsageError(f"{file} is a study file already")
    remark_on_inputs(call, inputs.understood)
    content = writers[target.suffix.lower()](inputs.frame)
    _write(target, content)
    call.document(
        {"written": out, "events": len(inputs.frame), "inputs": [each.row() for each in inputs.understood]}
    )
    call.say([out])
    if target.suffix.lower() != ".csv" and (further := left_behind(inputs.frame)):
        call.remark(f"A study file has no place for {', '.join(further)}; a list (.csv) keeps them.")


def _write(target: Path, content: bytes) -> None:
    from eventstudy.atomic import replace_file
    from eventstudy.errors import OutputError

    try:
        replace_file(target, content)
    except OSError as error:
        raise OutputError(
            target, f"could not be written: {error.strerror or error}", "name another"
        ) from error
