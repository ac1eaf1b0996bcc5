"""`eventstudy init`: write a small example study that runs without a network."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eventstudy.cli.call import Call

STUDY, TABLE, SNAPSHOT = "events.yaml", "prices.csv", "cache/snapshot"
WRITTEN = (SNAPSHOT, TABLE, STUDY)  #: in this order; the study file last

Folder = Annotated[
    str,
    typer.Argument(
        metavar="DIR", help="Folder to write it to, made where there is none.", show_default=False
    ),
]


def init(call: Call, folder: Folder) -> None:
    """Write a small commented example study with made-up prices; it runs without a network.

    The prices are drawn from a market model (betas 1.3 and 0.8) plus the abnormal returns of events.yaml.
    They are in prices.csv, and pinned in cache/snapshot, where `eventstudy run` finds them.
    """
    target = Path(folder)
    write_example(target)
    files = [f"{folder}/{name}" for name in reversed(WRITTEN)]
    call.document({"written": files, "next": f"cd {folder} && eventstudy run"})
    call.say(files)
    call.remark(f"Next: cd {folder} && eventstudy run")


def write_example(target: Path) -> None:
    """Write the example to a folder, whole or not at all.

    Raises
    ------
    OutputError
        One of its files is already there, or the folder cannot be written to; nothing was changed.
    """
    from eventstudy.errors import OutputError
    from eventstudy.results.outputs.local import LocalFolder

    for name in WRITTEN:
        if (target / name).exists() or (target / name).is_symlink():
            raise OutputError(target / name, "is already there and is left as it is", "name another folder")
    try:
        with LocalFolder(target, str(target)).staging() as stage:
            _fill(stage)
            _publish(stage, target)
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        problem = f"could not be written: {error.strerror or error}; nothing was changed"
        raise OutputError(target, problem, "name another folder") from error


def _fill(stage: Path) -> None:
    """Write the templates, and the prices as a pinned snapshot."""
    import shutil
    from importlib.resources import files

    from eventstudy.prices.cache.importing import import_prices

    for name in (STUDY, TABLE):
        (stage / name).write_bytes(files("eventstudy").joinpath("templates", name).read_bytes())
    import_prices(stage / TABLE, stage / SNAPSHOT, pinned=True)
    shutil.rmtree(stage / SNAPSHOT / ".locks", ignore_errors=True)  # nobody else writes there


def _publish(stage: Path, target: Path) -> None:
    """Move everything to its place, or nothing at all."""
    import shutil

    made = [folder for folder in (target / "cache", target) if not folder.exists()]
    moved: list[Path] = []
    try:
        (target / "cache").mkdir(parents=True, exist_ok=True)
        for name in WRITTEN:
            (stage / name).rename(target / name)
            moved.append(target / name)
    except BaseException:
        for path in moved:
            shutil.rmtree(path) if path.is_dir() else path.unlink()
        for folder in made:
            if folder.is_dir():
                folder.rmdir()
        raise
