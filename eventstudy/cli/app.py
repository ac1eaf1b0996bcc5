"""The commands, put together: their names, their order and the options that all of them have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.main import get_command

from eventstudy import __version__
from eventstudy.cli.claims import claims
from eventstudy.cli.command import command as with_options
from eventstudy.cli.command import show_help_when_bare
from eventstudy.cli.compare import compare
from eventstudy.cli.events import events_app
from eventstudy.cli.export import export
from eventstudy.cli.init import init
from eventstudy.cli.long_run import long_run
from eventstudy.cli.prices import prices_app
from eventstudy.cli.regress import regress
from eventstudy.cli.report import report
from eventstudy.cli.robustness import robustness
from eventstudy.cli.run import run
from eventstudy.cli.simulate import simulate


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"eventstudy {__version__}")
        raise typer.Exit


Version = Annotated[
    bool,
    typer.Option(
        "--version", "-V", callback=_print_version, is_eager=True, help="Print the version and exit."
    ),
]


def _root(context: typer.Context, version: Version = False) -> None:
    """Event studies: what did this news do to that stock, and is it distinguishable from noise?

    Start with `eventstudy init DIR`, which writes an example study, then `eventstudy run` in that folder.
    """
    show_help_when_bare(context)


COMMANDS = (run, compare, regress, robustness, claims, export, report, long_run, simulate, init)


def command(words: Sequence[str] = ()) -> Any:
    """Return the whole command line, or that of the one command that the words begin with.

    To make the options of one command is faster, and its help and its errors name no other.
    """
    alone = [each for each in COMMANDS if [each.__name__.replace("_", "-")] == list(words[:1])]
    app = typer.Typer(
        add_completion=not alone,
        rich_markup_mode=None,  # help as plain text: it reads the same on a terminal and in a pipe
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback(invoke_without_command=True)(with_options(_root))
    for function in alone or COMMANDS:
        app.command()(with_options(function, words[1:] if alone else None))
    for group in () if alone else (events_app, prices_app):
        app.add_typer(group)
    return get_command(app)
