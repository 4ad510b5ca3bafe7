"""What became of each row of an import, as a CSV file: row, email, result, reason.

The file survives interruptions as the import does: a run that goes on where another stopped goes on in the
same file, without a row twice. A row that was settled before the other run could write it down is `settled`:
it is in, and what it was is not known any more.
"""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from leadterra.actions.lead_imports import RowOutcome
from leadterra.cli.errors import CommandError

_HEADER = b"row,email,result,reason\n"


class RowReport:
    """Takes outcomes in the order of their rows. Made by `open_report`."""

    def __init__(self, stream: IO[bytes]) -> None:
        """stream: for reading and writing."""
        self._stream = stream
        self._lines = io.StringIO(newline="")
        self._writer = csv.writer(self._lines, lineterminator="\n")
        self._next = 0

    def add(self, outcome: RowOutcome) -> None:
        """The next row; it is written by `flush`."""
        if not self._next:
            self._next = self._begin(outcome.number)
        for missing in range(self._next, outcome.number):
            self._writer.writerow((missing, "", "settled", "by an earlier run that was interrupted"))
        email, reason = (" ".join((text or "").splitlines()) for text in (outcome.email, outcome.reason))
        self._writer.writerow((outcome.number, email, outcome.outcome, reason))
        self._next = outcome.number + 1

    def flush(self) -> None:
        """Have everything in the file that was added so far."""
        self._stream.write(self._lines.getvalue().encode("utf-8", "replace"))
        self._stream.flush()
        self._lines.seek(0)
        self._lines.truncate()

    def _begin(self, first: int) -> int:
        """Keep what an earlier run wrote of the rows before the first one, drop the rest; the number of the
        row to write next.
        """
        self._stream.seek(0)
        kept, number = 0, 0
        for line in self._stream:
            row = line.split(b",", 1)[0]
            is_whole = line.endswith(b"\n") and (row.isdigit() or not kept)
            if not is_whole or (row.isdigit() and int(row) >= first):
                break
            kept += len(line)
            number = int(row) if row.isdigit() else 0
        if first == 1 or not kept:
            kept, number = 0, 0
        self._stream.truncate(kept)
        self._stream.seek(kept)
        if not kept:
            self._stream.write(_HEADER)
        return number + 1


@contextmanager
def open_report(file: Path) -> Iterator[RowReport]:
    """The report in that file, made if absent. Raises OSError, `CommandError` for another kind of file."""
    with file.open("r+b" if file.exists() else "w+b") as stream:
        begin = stream.read(len(_HEADER))
        if not begin:
            stream.write(_HEADER)
        elif begin != _HEADER:
            raise CommandError(f"--report: {file} exists and is no report of an import; name another file")
        yield RowReport(stream)
