"""The commands, put together: their names, their order and the options that all of them have."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer
from typer.main import get_command

from eventstudy import __version__
from eventstudy.cli.command import command as with_options
from eventstudy.cli.command import show_help_when_bare


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


COMMANDS = (
    "run",
    "compare",
    "regress",
    "robustness",
    "claims",
    "export",
    "report",
    "long-run",
    "large",
    "merge",
    "simulate",
    "init",
)
GROUPS = ("events", "prices")


def _imported(module: str, name: str) -> Any:
    """Return what a module of this package defines: that of one command is imported without the others."""
    return getattr(import_module(f"eventstudy.cli.{module}"), name)


def command(words: Sequence[str] = ()) -> Any:
    """Return the whole command line, or that of the one command that the words begin with.

    To import and make one command is faster, and its help and its errors name no other.
    """
    alone = [name for name in COMMANDS if [name] == list(words[:1])]
    app = typer.Typer(
        add_completion=not alone,
        rich_markup_mode=None,  # help as plain text: it reads the same on a terminal and in a pipe
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["--help", "-h"]},
    )
    app.callback(invoke_without_command=True)(with_options(_root))
    for name in alone or COMMANDS:
        module = name.replace("-", "_")
        app.command()(with_options(_imported(module, module), words[1:] if alone else None))
    for name in () if alone else GROUPS:
        app.add_typer(_imported(name, f"{name}_app"))
    return get_command(app)
