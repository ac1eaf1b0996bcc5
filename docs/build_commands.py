"""Write docs/commands.md from the command line itself: `python docs/build_commands.py`.

A test of the suite fails where the page is not what this writes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eventstudy.cli.app import command

PAGE = Path(__file__).resolve().parent / "commands.md"

OPENING = """\
# Commands

Every command with its arguments and options, as `--help` shows them.
`EVENTS` is a study file or an event list; `RESULTS` is a folder that `eventstudy run` has written.
An option replaces what the study file says, for one call.
A negative window is written with an equals sign: `--window=-5:5`.

Results go to standard output, remarks and progress to standard error.
Bad input leaves every file as it was.
"""

#: What the exit code of a command says; `errors.py` gives the codes.
EXIT_CODES = {
    0: "done",
    1: "a bug; `--debug` shows the trace",
    2: "wrong usage",
    3: "events, design or evidence invalid, with the place: `events.yaml:LINE:COL: ...`",
    4: "prices or factors missing or unusable: which ticker, and what to do",
    5: "too many firm-events skipped (`--max-loss`, `--strict`)",
    6: "output could not be written, or the folder is not a result folder",
    130: "interrupted; what was complete is kept",
}


def page() -> str:
    """Return the whole page."""
    return "\n".join(_lines()) + "\n"


def commands() -> Iterator[tuple[str, Any]]:
    """Yield every command with its full name; the commands of a group one by one."""

    def walk(name: str, entry: Any) -> Iterator[tuple[str, Any]]:
        if not hasattr(entry, "commands"):
            yield name, entry
            return
        for part, child in entry.commands.items():
            yield from walk(f"{name} {part}", child)

    yield from walk("eventstudy", command())


def common_options(found: list[tuple[str, Any]]) -> set[str]:
    """Return the names of the options that every command has."""
    return set.intersection(*({parameter.name for parameter in entry.params} for _, entry in found))


def _lines() -> Iterator[str]:
    found = list(commands())
    common = common_options(found)
    yield from (OPENING, "| command | what it does |", "| --- | --- |")
    for name, entry in found:
        yield f"| [`{name}`](#{name.replace(' ', '-')}) | {_paragraphs(entry)[0]} |"
    yield from ("", "## Options of every command", "")
    yield from _table(entry for entry in found[0][1].params if entry.name in common)
    yield from ("| <code>--help</code>, <code>-h</code> | Show the help of the command. |", "")
    yield "`eventstudy --version` prints the version; `eventstudy --install-completion` sets up completion."
    yield from ("", "## Exit codes", "", "| code | meaning |", "| --- | --- |")
    yield from (f"| {code} | {meaning} |" for code, meaning in EXIT_CODES.items())
    yield from ("", 'With `--json` a failure is a document on standard output, too: `{"error": ...}`.')
    for name, entry in found:
        yield from ("", f"## {name}", "")
        yield from _section(name, entry, common)


def _section(name: str, entry: Any, common: set[str]) -> Iterator[str]:
    for paragraph in _paragraphs(entry):
        yield from (*_sentences(paragraph), "")
    own = [parameter for parameter in entry.params if parameter.name not in common]
    arguments = [parameter for parameter in own if parameter.param_type_name == "argument"]
    usage = " ".join([name, *(_argument(parameter) for parameter in arguments), "[OPTIONS]"])
    yield from ("```text", usage, "```", "")
    yield from _table(own)


def _table(parameters: Any) -> Iterator[str]:
    yield from ("| option | meaning |", "| --- | --- |")
    with command().make_context("eventstudy", []) as context:
        for parameter in parameters:
            names, meaning = parameter.get_help_record(context)
            if parameter.param_type_name == "argument":
                names = _argument(parameter)
            yield f"| <code>{_cell(names)}</code> | {_cell(meaning)} |"


def _argument(parameter: Any) -> str:
    name = parameter.metavar or parameter.name.upper()
    return (name if parameter.required else f"[{name}]") + ("..." if parameter.nargs == -1 else "")


def _paragraphs(entry: Any) -> list[str]:
    return [" ".join(part.split()) for part in re.split(r"\n\s*\n", entry.help.strip())]


def _sentences(paragraph: str) -> list[str]:
    return re.split(r"(?<=[.:]) (?=[A-Z])", paragraph)


def _cell(text: str) -> str:
    return re.sub(r"\s*\[(default: .*?|required)\]$", r" [\1]", " ".join(text.split())).replace("|", "&#124;")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
