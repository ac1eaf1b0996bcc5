"""`eventstudy events`: list what is studied, check it, print the schema of a study file."""

from __future__ import annotations

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.events_check import check
from eventstudy.cli.events_list import list_events
from eventstudy.cli.options import Debug, Json, Offline, Quiet, show_help_when_bare

events_app = typer.Typer(name="events", rich_markup_mode=None)


@events_app.callback(invoke_without_command=True)
def _events(context: typer.Context) -> None:
    """List what is studied, check it, print the schema of a study file."""
    show_help_when_bare(context)


@events_app.command()
def schema(
    context: typer.Context,
    json: Json = False,
    quiet: Quiet = False,
    offline: Offline = False,
    debug: Debug = False,
) -> None:
    """Print the JSON Schema of a study file, for editors."""
    from eventstudy.events import study_json_schema

    call: Call = context.obj
    call.json = True  # the schema is JSON whether or not the option is given
    call.document(study_json_schema())


events_app.command("list")(list_events)
events_app.command()(check)
