"""`eventstudy events`: the events of a study, its checks, and the schema of a study file."""

from __future__ import annotations

import typer

from eventstudy.cli.call import Call
from eventstudy.cli.command import command, show_help_when_bare
from eventstudy.cli.events_check import check
from eventstudy.cli.events_import import import_events
from eventstudy.cli.events_list import list_events

events_app = typer.Typer(name="events", rich_markup_mode=None)


@events_app.callback(invoke_without_command=True)
def _events(context: typer.Context) -> None:
    """List the events of a study, check it, import a list, print the schema of a study file."""
    show_help_when_bare(context)


@events_app.command()
@command
def schema(call: Call) -> None:
    """Print the JSON Schema of a study file, for editors."""
    from eventstudy.events.json_schema import study_json_schema

    call.json = True  # the schema is JSON whether or not the option is given
    call.document(study_json_schema())


events_app.command("list")(command(list_events))
events_app.command()(command(check))
events_app.command("import")(command(import_events))
