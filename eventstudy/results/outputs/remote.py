"""A folder behind a URI as the destination of files: uploaded under other names, then moved."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eventstudy.atomic import PART, scratch_folder
from eventstudy.results.outputs.ownership import Overwrite, is_of_others, is_ours
from eventstudy.results.outputs.staged import partition_folders, refuse_unknown, staged_files

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem


@dataclass(frozen=True)
class RemoteFolder:
    """A folder behind a URI; ``name`` is the URI without user, password and options."""

    system: FileSystem
    path: str
    name: str

    @contextmanager
    def staging(self) -> Iterator[Path]:
        """Give a temporary folder on this machine."""
        with scratch_folder() as stage:
            yield stage

    def publish(self, stage: Path, overwrite: Overwrite) -> list[str]:
        """Upload every file under another name, then move them to their own; old partitions go last."""
        files = staged_files(stage)
        stale = {file for folder in partition_folders(files) for file in self._partitions(folder)} - set(
            files
        )
        for file in files:
            self._check(file, overwrite)
        try:
            for file in files:
                self._upload(stage / f"{file}{PART}", f"{self.path}/{file}{PART}")
        except OSError:
            for file in files:
                with suppress(OSError):  # it was never begun; what stopped the upload is the error to tell
                    self.system.delete_file(f"{self.path}/{file}{PART}")
            raise
        for file in files:
            self.system.move(f"{self.path}/{file}{PART}", f"{self.path}/{file}")
        for file in stale:
            self.system.delete_file(f"{self.path}/{file}")
        return [f"{self.name}/{file}" for file in files]

    def _check(self, file: str, overwrite: Overwrite) -> None:
        from pyarrow.fs import FileType

        at = f"{self.path}/{file}"
        if overwrite.force or self.system.get_file_info(at).type != FileType.File:
            return
        with self.system.open_input_file(at) as there:
            if not is_ours(file, there):
                raise is_of_others(f"{self.name}/{file}")

    def _upload(self, source: Path, target: str) -> None:
        from pyarrow.fs import FileType

        parent = target.rpartition("/")[0]
        if self.system.get_file_info(parent).type == FileType.NotFound:
            self.system.create_dir(parent, recursive=True)
        with source.open("rb") as file, self.system.open_output_stream(target) as sink:
            shutil.copyfileobj(file, sink)

    def _partitions(self, folder: str) -> list[str]:
        """Return the files of an earlier export; OutputError where there are others among them."""
        from pyarrow.fs import FileSelector

        base = f"{self.path}/{folder}"
        found = self.system.get_file_info(FileSelector(base, recursive=True, allow_not_found=True))
        files = sorted(entry.path.removeprefix(f"{base}/") for entry in found if entry.is_file)
        refuse_unknown(files, f"{self.name}/{folder}")
        return [f"{folder}/{file}" for file in files]
