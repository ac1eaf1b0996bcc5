"""Tables that a large study reads: a file, a frame, or a folder of Parquet files, a part at a time."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from eventstudy.errors import FileContentError, PriceDataError, first_line
from eventstudy.intake.arrow_tables import plain_column
from eventstudy.intake.opening import table_of_frame, tables_of
from eventstudy.intake.options import ReadingOptions
from eventstudy.intake.table import Table
from eventstudy.prices.files.place import Place, place_of
from eventstudy.results.table_files import digest
from eventstudy.uris import without_secrets

if TYPE_CHECKING:
    from pyarrow.dataset import Dataset

PARQUET = (".parquet", ".pq")
ROWS = 131_072  #: of a part
READ = 2**20  #: bytes at a time


@dataclass(frozen=True, eq=False)
class LargeTable:
    """A table that is read a part and some columns at a time.

    Attributes
    ----------
    name
        What messages call it.
    whole
        The table, where it is in memory, or its columns are read when they are used.
    dataset
        Of Parquet files; None where ``whole`` has it.
    files
        Its files, in order; none of a frame.
    place
        Where they lie.
    kinds
        Of each column of Parquet files, the Arrow types that these store it as.
    """

    name: str
    whole: Table | None = None
    dataset: Dataset | None = None
    files: tuple[str, ...] = ()
    place: Place | None = None
    kinds: Mapping[str, Sequence[pa.DataType]] = field(default_factory=dict)

    @property
    def titles(self) -> tuple[str, ...]:
        """The names of the columns."""
        return self.whole.titles if self.whole is not None else tuple(self.dataset.schema.names)  # type: ignore[union-attr]

    def head(self) -> Table:
        """Return the first rows of all columns, by which roles are told.

        If a column cannot be converted to one type for all files, the columns of several types are empty.
        """
        if self.whole is not None:
            return self.whole
        try:
            return self._table(self.dataset.head(100))  # type: ignore[union-attr]
        except (pa.ArrowException, OSError):
            return self._table(self._head_of_alike())

    def _head_of_alike(self) -> pa.Table:
        alike = [title for title in self.titles if len(self.kinds[title]) == 1]
        try:
            found = self.dataset.head(100, columns=alike)  # type: ignore[union-attr]
        except (pa.ArrowException, OSError) as error:
            raise _damaged(self.name, error) from None
        schema = self.dataset.schema  # type: ignore[union-attr]
        return pa.table(
            [found[each.name] if each.name in alike else pa.nulls(len(found), each.type) for each in schema],
            schema=schema,
        )

    def parts(self, places: Sequence[int]) -> Iterator[Table]:
        """Yield the rows of some columns, by their places, a part at a time."""
        all_titles = self.titles
        titles = tuple(all_titles[place] for place in places)
        if self.whole is not None:
            columns = tuple(self.whole.columns[place] for place in places)
            lines = {"first_line": self.whole.first_line, "lines": self.whole.lines}
            formats = {at: form for at, place in enumerate(places) if (form := self.whole.formats.get(place))}
            marks = {"separator": self.whole.separator, "formats": formats}
            yield Table(self.name, columns, (titles,), **lines, **marks)  # type: ignore[arg-type]
            return
        for title in titles:
            if len({family for kind in self.kinds[title] if (family := _family(kind))}) > 1:
                raise self._mixed(title)
        try:
            for batch in self.dataset.to_batches(columns=list(titles), batch_size=ROWS):  # type: ignore[union-attr]
                if len(batch):
                    yield self._table(pa.Table.from_batches([batch]))
        except (pa.ArrowException, OSError) as error:
            raise self._unreadable(titles, error) from None

    def _unreadable(self, titles: Sequence[str], error: Exception) -> FileContentError:
        """Return the error about columns: the first that cannot be converted, else the damage."""
        if not isinstance(error, OSError):
            for title in titles:
                if len(self.kinds[title]) > 1 and (why := self._conversion_error(title)):
                    return self._mixed(title, f" ({why})")
        return _damaged(self.name, error)

    def _conversion_error(self, title: str) -> str:
        try:
            for _ in self.dataset.to_batches(columns=[title]):  # type: ignore[union-attr]
                pass
        except pa.ArrowException as error:
            return first_line(error)
        return ""

    def _mixed(self, title: str, why: str = "") -> FileContentError:
        kinds = " and ".join(map(str, self.kinds[title]))
        problem = f"the column {title} is stored as {kinds} in different files{why}"
        return FileContentError(self.name, problem, "store it as one type in all files")

    @cached_property
    def fingerprint(self) -> str:
        """Return the sha256 of the bytes of all files and their names, or of the content of a frame."""
        if self.place is None:
            table = self.whole
            assert table is not None
            return digest(pa.table(list(table.columns), names=list(table.titles)))
        total = hashlib.sha256()
        for file in self.files:
            own = hashlib.sha256()
            with self.place.system.open_input_stream(file, compression=None) as stream:
                while part := stream.read(READ):
                    own.update(part)
            named = file.removeprefix(self.place.path)
            total.update(f"{named} {own.hexdigest()}\n".encode())
        return total.hexdigest()

    def _table(self, table: pa.Table) -> Table:
        columns = tuple(
            plain_column(self.name, title, column)
            for title, column in zip(table.column_names, table.columns, strict=True)
        )
        return Table(self.name, columns, (tuple(table.column_names),), first_line=1)


def open_large(what: str, given: Any, options: ReadingOptions, *, least_rows: int) -> LargeTable:
    """Open a file, a folder of Parquet files, each by a path or a URI, or a frame.

    Parameters
    ----------
    what
        The name of the argument.
    least_rows
        Rows that make a sheet of a workbook a table.

    Raises
    ------
    FileContentError, PriceDataError
        There is nothing, it cannot be read, or a folder holds no Parquet file.
    """
    if not isinstance(given, str | os.PathLike):
        return LargeTable(what, table_of_frame(what, given))
    place = place_of(given)
    if place.is_file:
        (file,) = place.files.values()
        name = file.base_name
        if name.lower().endswith(PARQUET):
            return _of_parquet(place, name, [file.path])
        whole = tables_of(name, place.read(name), options, least_rows=least_rows, undated=least_rows == 1)[0]
        return LargeTable(name, whole, files=(file.path,), place=place)
    place.files  # noqa: B018 - an error where there is no such folder
    files = _parquet_files(place)
    if not files:
        raise PriceDataError(place.name, "holds no Parquet file", "name a file, or a folder of Parquet files")
    return _of_parquet(place, place.name, files)


def _parquet_files(place: Place) -> list[str]:
    from pyarrow.fs import FileSelector

    found = place.system.get_file_info(FileSelector(place.path, recursive=True))
    below = ((entry.path, entry.path.removeprefix(place.path).split("/")) for entry in found if entry.is_file)
    return sorted(
        path
        for path, parts in below
        if path.lower().endswith(PARQUET) and not any(part.startswith((".", "_")) for part in parts)
    )


def _of_parquet(place: Place, name: str, files: list[str]) -> LargeTable:
    """Return the table of some files; its columns are those of all of them, not of the first alone."""
    import pyarrow.dataset as ds

    folder = {} if place.is_file else {"partition_base_dir": place.path}
    options = ds.FileSystemFactoryOptions(**folder)
    if not place.is_file:
        options.partitioning_factory = ds.HivePartitioning.discover()
    try:
        factory = ds.FileSystemDatasetFactory(place.system, files, ds.ParquetFileFormat(), options)
        first, *folders = factory.inspect_schemas()
        some = factory.finish(_schema(_kinds(name, (first, *folders))))
        schemas = (fragment.physical_schema for fragment in some.get_fragments())
        kinds = _kinds(name, chain(schemas, folders))
        dataset = factory.finish(_schema(kinds))
    except (pa.ArrowException, OSError) as error:
        raise _damaged(name, error) from None
    return LargeTable(name, None, dataset, tuple(files), place, kinds)


def _damaged(name: str, error: Exception) -> FileContentError:
    problem = f"is damaged and cannot be read ({without_secrets(first_line(error))})"
    return FileContentError(name, problem, "export it again")


def _kinds(name: str, schemas: Iterable[pa.Schema]) -> dict[str, list[pa.DataType]]:
    """Return the types of each column of all files, in order."""
    kinds: dict[str, list[pa.DataType]] = {}
    for schema in schemas:
        for title, count in Counter(schema.names).items():
            if count > 1:
                raise FileContentError(name, f"has two columns {title}", "keep one")
        for each in schema:
            found = kinds.setdefault(each.name, [])
            if each.type not in found:
                found.append(each.type)
    return kinds


def _schema(kinds: Mapping[str, Sequence[pa.DataType]]) -> pa.Schema:
    return pa.schema([(title, _merged(found)) for title, found in kinds.items()])


def _merged(kinds: Sequence[pa.DataType]) -> pa.DataType:
    """Return a type that all fit into: of dates and time stamps the latter; without one, the first."""
    merged = kinds[0]
    for kind in kinds[1:]:
        pair = [pa.schema([("", merged)]), pa.schema([("", kind)])]
        try:
            merged = pa.unify_schemas(pair, promote_options="permissive").field(0).type
        except pa.ArrowException:
            if pa.types.is_date(merged) and pa.types.is_timestamp(kind):
                merged = kind
    return merged


def _family(kind: pa.DataType) -> str:
    """Return what values of a type are; to convert them to another family would change their meaning.

    Time stamps of each zone are one, those without a zone and dates as in UTC. Text, which is converted as it
    is written, nulls and all other types have none ("").
    """
    if pa.types.is_date(kind) or pa.types.is_timestamp(kind):
        return getattr(kind, "tz", None) or "UTC"
    if pa.types.is_boolean(kind):
        return "truth value"
    is_number = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind)
    return "number" if is_number else ""
