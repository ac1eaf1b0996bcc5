"""From a function to a command: the options that all commands have, and groups of options in one argument."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.models import OptionInfo

from eventstudy.cli.call import Call


@dataclass(frozen=True)
class OptionGroup:
    """Options that a command receives as one argument.

    Attributes
    ----------
    options
        Type and default of each option, by the name of its parameter.
    gather
        Puts the values together; receives the `Call` and the values by name.
    """

    options: Mapping[str, tuple[Any, Any]]
    gather: Callable[..., Any]

    @property
    def parameters(self) -> list[inspect.Parameter]:
        """The options as parameters of a function."""
        return [_parameter(name, *option) for name, option in self.options.items()]


def _note(name: str) -> Callable[[typer.Context, bool], bool]:
    """Return a callback that notes a flag in the `Call`, whether it is given before or after the command."""

    def note(context: typer.Context, given: bool) -> bool:
        if given and isinstance(context.obj, Call):
            setattr(context.obj, name, True)
        return given

    return note


def _flag(name: str, help_text: str) -> tuple[Any, bool]:
    return Annotated[
        bool, typer.Option(f"--{name}", callback=_note(name), is_eager=True, help=help_text)
    ], False


COMMON = OptionGroup(
    {
        "json": _flag("json", "Print one JSON document, also when something fails."),
        "quiet": _flag("quiet", "Print nothing but errors."),
        "offline": _flag("offline", "Fetch nothing; use stored prices only."),
        "debug": _flag("debug", "Show the trace of an error."),
    },
    gather=lambda call: call,
)


def command(function: Callable[..., None], words: Sequence[str] | None = None) -> Callable[..., None]:
    """Return a function as Typer takes it.

    A first parameter ``call`` receives the `Call`, which holds the common options; ``context`` receives the
    context instead. A parameter annotated with an `OptionGroup` receives what the group gathers.

    Parameters
    ----------
    words
        Arguments of the command: options that are not among them keep their defaults and are not made, which
        costs more than all others do. All are made where a word names none of them, such as ``--help``.
    """
    first, *own = inspect.signature(function, eval_str=True).parameters.values()
    groups = {parameter.name: group for parameter in own if (group := _group(parameter))}
    parameters = [_parameter("context", typer.Context)]
    for parameter in own:
        parameters += groups[parameter.name].parameters if parameter.name in groups else [parameter]

    def run(context: typer.Context, **given: Any) -> None:
        call = context.obj
        given = {**unnamed, **given}
        for name in COMMON.options:
            del given[name]
        for name, group in groups.items():
            given[name] = group.gather(call, **{option: given.pop(option) for option in group.options})
        function(context if first.name == "context" else call, **given)

    run.__name__, run.__doc__ = function.__name__, function.__doc__
    parameters += COMMON.parameters
    named = parameters if words is None else _named(parameters, words)
    unnamed = {each.name: each.default for each in parameters if each not in named}
    in_order = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in named]
    run.__signature__ = inspect.Signature(in_order)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in in_order}
    return run


def _named(parameters: list[inspect.Parameter], words: Sequence[str]) -> list[inspect.Parameter]:
    """Return the parameters that are no options, and the options that some words name; or all."""
    flags = {each.name: _flags(each) for each in parameters}
    given = {word.partition("=")[0] for word in words if word.startswith("-")}
    if given - {flag for each in flags.values() for flag in each}:
        return parameters
    return [each for each in parameters if not flags[each.name] or given & {*flags[each.name]}]


def _flags(parameter: inspect.Parameter) -> list[str]:
    """Return how an option with a default is named on the command line; nothing of other parameters."""
    notes = getattr(parameter.annotation, "__metadata__", ())
    option = next((note for note in notes if isinstance(note, OptionInfo)), None)
    if option is None or parameter.default is inspect.Parameter.empty:
        return []
    stated = [each for each in (option.default, *(option.param_decls or ())) if isinstance(each, str)]
    return [flag for each in stated or [f"--{parameter.name.replace('_', '-')}"] for flag in each.split("/")]


def show_help_when_bare(context: typer.Context) -> None:
    """Print the help of a group of commands that was called without one of them."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


def _group(parameter: inspect.Parameter) -> OptionGroup | None:
    notes = getattr(parameter.annotation, "__metadata__", ())
    return next((note for note in notes if isinstance(note, OptionGroup)), None)


def _parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
