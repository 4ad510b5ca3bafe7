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
from functools import partial
from hashlib import sha256
from typing import IO, Literal

from pydantic_core import from_json

from leadterra.actions.lead_columns import LeadColumns
from leadterra.actions.lead_rows import FIELDS, LeadRow, RejectedRow, read_lead
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.domain.lead import fault_of_custom_key

Format = Literal["csv", "ndjson"]
MOST_ROWS = 1_000_000
LONGEST_LINE = 256 * 1024
"""Octets of one line."""

_MOST_LINES_A_RECORD = 1000
_MOST_COLUMNS = 200
_SHOWN_NAME = 100
_ROWS_AT_ONCE = 100
_OCTETS_AT_ONCE = 256 * 1024
"""How much of a CSV file is held as cells."""
_BOM = b"\xef\xbb\xbf"
_BLOCK = 1024 * 1024
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

    Octets that are no UTF-8 become lone surrogates. An iterator that has raised `_UnreadableError` is at its
    end; the next one goes on behind that line.
    """

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.octets = 0
        """All that was read."""
        self.begin_record()

    def begin_record(self) -> None:
        """The consumer has a complete record, or gives it up."""
        self.since_record = 0
        self.are_utf8 = True

    def __iter__(self) -> Iterator[str]:
        for line in iter(partial(self._file.readline, LONGEST_LINE), b""):
            self.octets += len(line)
            self.since_record += 1
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                self._skip_line()
                raise _UnreadableError(f"the line is longer than {LONGEST_LINE} octets")
            if self.since_record > _MOST_LINES_A_RECORD:
                raise _UnreadableError(
                    f"the row goes on over more than {_MOST_LINES_A_RECORD} lines; is a quote missing?"
                )
            yield self._decode(line)

    def _decode(self, line: bytes) -> str:
        try:
            return line.decode()
        except UnicodeDecodeError:
            self.are_utf8 = False
            return line.decode("utf-8", "surrogateescape")

    def _skip_line(self) -> None:
        while (rest := self._file.readline(_BLOCK)) and not rest.endswith(b"\n"):
            pass


class _UnreadableError(Exception):
    """This row cannot be read; the next one may."""


class _ForeignEncodingError(Exception):
    """The row is not UTF-8; save the file in the encoding UTF-8."""


def _read_ndjson(file: IO[bytes]) -> Iterator[Row]:
    lines, number = _Lines(file), 0
    while True:
        try:
            for line in lines:
                lines.begin_record()
                if line.strip():
                    number += 1
                    yield _read_json_line(number, line)
        except _UnreadableError as error:
            lines.begin_record()
            number += 1
            yield _unreadable(number, str(error))
        else:
            return


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
    delimiter, columns = _read_header(file)
    lines, number = _Lines(file), 0
    has_more = True
    while has_more:
        records: list[list[str]] = []
        # The reader keeps nothing between records; one that fails forgets the record that it was in, and the
        # lines behind it are read as new ones.
        try:
            has_more = _gather(_reader(iter(lines), delimiter), lines, records)
            fault = None
        except (csv.Error, _UnreadableError) as error:
            fault = f"the row cannot be read: {error}"
            if lines.since_record > 1:
                fault += f" (it spans {lines.since_record} lines)"
        except _ForeignEncodingError:
            fault = "the row is not UTF-8; save the file in the encoding UTF-8"
        lines.begin_record()
        yield from columns.read_block(number + 1, records)
        number += len(records)
        if fault:
            number += 1
            yield _unreadable(number, fault)


def _gather(reader: Iterator[list[str]], lines: _Lines, records: list[list[str]]) -> bool:
    """Read a block of records; whether there may be more. Those before one that cannot be read are there
    when it raises.
    """
    enough = lines.octets + _OCTETS_AT_ONCE
    for cells in reader:
        if not lines.are_utf8:
            raise _ForeignEncodingError
        lines.begin_record()
        if cells:
            records.append(cells)
            if len(records) == _ROWS_AT_ONCE or lines.octets > enough:
                return True
    return False


def _reader(lines: Iterator[str], delimiter: str) -> Iterator[list[str]]:
    return csv.reader(lines, delimiter=delimiter, strict=True)


def _read_header(file: IO[bytes]) -> tuple[str, LeadColumns]:
    """The first record, and the delimiter that it shows. Raises `Unacceptable`."""
    try:
        first = next(iter(_Lines(file)))
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
