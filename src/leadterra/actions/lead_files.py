"""Leads in a file: CSV with a header, or one JSON object a line (NDJSON).

Read in constant memory, whatever the file holds: lines, records, cells and rows are bounded. A row that
cannot be read or taken is one `RejectedRow`, and reading goes on behind it. A header that says too little
raises `Unacceptable` before the first row.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO, Literal

from pydantic_core import from_json

from leadterra.actions.lead_rows import FIELDS, LeadColumns, LeadRow, RejectedRow, read_lead
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.domain.lead import fault_of_custom_key

Format = Literal["csv", "ndjson"]
MOST_ROWS = 1_000_000
LONGEST_LINE = 256 * 1024
"""Octets of one line."""

_MOST_LINES_A_RECORD = 1000
_MOST_COLUMNS = 200
_SHOWN_NAME = 100
_BOM = b"\xef\xbb\xbf"
_BLOCK = 1024 * 1024
_SURROGATE = re.compile("[\ud800-\udfff]")
_PUNCTUATION = re.compile(r"[\s._-]+")
_HEADINGS = {
    "email": "email",
    "emailaddress": "email",
    "firstname": "firstName",
    "lastname": "lastName",
    "company": "company",
    "companyname": "company",
    "jobtitle": "jobTitle",
    "timezone": "timeZone",
}
"""Usual headings, lower case and without blanks and punctuation, and the fields that they mean."""

Row = LeadRow | RejectedRow


@dataclass(frozen=True, slots=True)
class LeadFile:
    """A file of leads.

    file: binary, seekable, not read by anybody else meanwhile. name: to show where it came from. most_rows:
    that it may have.
    """

    file: IO[bytes]
    format: Format
    name: str
    most_rows: int = MOST_ROWS

    def rows(self) -> Iterator[Row]:
        """Every row from the first, numbered from 1; blank lines and the header do not count.

        Raises `Unacceptable`.
        """
        self.file.seek(0)
        if self.file.read(len(_BOM)) != _BOM:
            self.file.seek(0)
        found = _read_csv(self.file) if self.format == "csv" else _read_ndjson(self.file)
        for row in found:
            if row.number > self.most_rows:
                raise _refusal("too_long", f"The file has more than {self.most_rows} rows. Split it.")
            yield row

    def check(self) -> None:
        """Raise `Unacceptable` if it cannot be read at all or has too many rows, before any of them is taken.

        Costs a second pass only where it may have too many.
        """
        next(self.rows(), None)
        if self._count_lines() > self.most_rows:
            for _ in self.rows():
                pass

    def fingerprint(self) -> bytes:
        """SHA-256 of the format and the content."""
        digest = sha256(self.format.encode())
        for block in self._blocks():
            digest.update(block)
        return digest.digest()

    def _count_lines(self) -> int:
        return sum(block.count(b"\n") for block in self._blocks())

    def _blocks(self) -> Iterator[bytes]:
        self.file.seek(0)
        while block := self.file.read(_BLOCK):
            yield block


class _Lines:
    """The lines of a file as text, none longer than the limit.

    Octets that are no UTF-8 become lone surrogates.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.since_record = 0
        """Lines handed out since the consumer last said that a record was complete."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.since_record += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            self._skip_line()
            raise _UnreadableError(f"the line is longer than {LONGEST_LINE} octets")
        if self.since_record > _MOST_LINES_A_RECORD:
            raise _UnreadableError(
                f"the row goes on over more than {_MOST_LINES_A_RECORD} lines; is a quote missing?"
            )
        return line.decode("utf-8", "surrogateescape")

    def _skip_line(self) -> None:
        while (rest := self._file.readline(_BLOCK)) and not rest.endswith(b"\n"):
            pass


class _UnreadableError(Exception):
    """This row cannot be read; the next one may."""


def _read_ndjson(file: IO[bytes]) -> Iterator[Row]:
    lines, number = _Lines(file), 0
    while True:
        lines.since_record = 0
        try:
            line = next(lines)
        except StopIteration:
            return
        except _UnreadableError as error:
            number += 1
            yield _unreadable(number, str(error))
            continue
        if line.strip():
            number += 1
            yield _read_json_line(number, line)


def _read_json_line(number: int, line: str) -> Row:
    try:
        # The first reader bounds nesting and digits and checks UTF-8; only the second sees repeated names.
        from_json(line.encode("utf-8", "surrogateescape"), allow_inf_nan=False)
        return read_lead(number, json.loads(line, object_pairs_hook=_object))
    except _UnreadableError as error:
        return _unreadable(number, str(error))
    except ValueError as error:
        return _unreadable(number, f"the line is not a JSON object: {error}")


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object of the line. Raises `_UnreadableError` for a name that comes twice in it."""
    made = dict(pairs)
    if len(made) < len(pairs):
        names = Counter(name for name, _ in pairs)
        repeated = next(name for name, count in names.items() if count > 1)
        raise _UnreadableError(f"the line says {repeated[:_SHOWN_NAME]!r} twice")
    return made


def _read_csv(file: IO[bytes]) -> Iterator[Row]:
    lines = _Lines(file)
    delimiter, columns = _read_header(file)
    reader, number = _reader(lines, delimiter), 0
    while True:
        lines.since_record = 0
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _UnreadableError) as error:
            number += 1
            # The reader forgets the row that it was in; the lines behind it are read as new rows.
            reader = _reader(lines, delimiter)
            span = f" (it spans {lines.since_record} lines)" if lines.since_record > 1 else ""
            yield _unreadable(number, f"the row cannot be read: {error}{span}")
            continue
        if cells:
            number += 1
            yield _read_cells(number, cells, columns)


def _read_cells(number: int, cells: Sequence[str], columns: LeadColumns) -> Row:
    for cell in cells:
        if not cell.isascii() and _SURROGATE.search(cell):
            return _unreadable(number, "the row is not UTF-8; save the file in the encoding UTF-8")
    return columns.read(number, cells)


def _reader(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _read_header(file: IO[bytes]) -> tuple[str, LeadColumns]:
    """The first record, and the delimiter that it shows. Raises `Unacceptable`."""
    lines = _Lines(file)
    try:
        first = next(lines)
    except StopIteration:
        raise _refusal(
            "required", "The file is empty. Its first line must name the columns, such as email,firstName."
        ) from None
    except _UnreadableError as error:
        raise _refusal("invalid", f"The header cannot be read: {error}.") from None
    delimiter = max(",;\t", key=first.count)
    try:
        headings = next(_reader(iter([first]), delimiter), [])
    except csv.Error as error:
        raise _refusal("invalid", f"The header cannot be read: {error}.") from None
    return delimiter, read_headings(headings)


def read_headings(headings: Sequence[str]) -> LeadColumns:
    """What the columns with these headings mean. Raises `Unacceptable`, naming every fault."""
    names = [_field_of(heading) for heading in headings]
    faults = _faults_of(names)
    if faults:
        raise Unacceptable(faults, f"The header cannot be taken: {faults[0].message}.")
    places = {name: place for place, name in enumerate(FIELDS)}
    return LeadColumns(
        width=len(names),
        email=names.index("email"),
        known=tuple((index, places[name]) for index, name in enumerate(names) if name in places),
        custom=tuple(
            (index, name)
            for index, name in enumerate(names)
            if name and name != "email" and name not in places
        ),
        nameless=tuple(index for index, name in enumerate(names) if not name),
    )


def _faults_of(names: Sequence[str]) -> list[Fault]:
    if len(names) > _MOST_COLUMNS:
        return [Fault("", "too_long", f"there are more than {_MOST_COLUMNS} columns")]
    faults = [] if "email" in names else [Fault("", "required", "there is no column named email")]
    for index, name in enumerate(names):
        if name and (fault := fault_of_custom_key(name)):
            faults.append(Fault(f"/{index}", "invalid", fault))
        elif name and name in names[:index]:
            faults.append(Fault(f"/{index}", "repeated_field", f"there are two columns for {name}"))
    return faults


def _field_of(heading: str) -> str:
    trimmed = heading.strip()
    return _HEADINGS.get(_PUNCTUATION.sub("", trimmed).lower(), trimmed)


def _unreadable(number: int, message: str) -> RejectedRow:
    return RejectedRow(number, None, [Fault("", "unreadable", message)])


def _refusal(code: str, message: str) -> Unacceptable:
    return Unacceptable([Fault("", code, message)], message)
