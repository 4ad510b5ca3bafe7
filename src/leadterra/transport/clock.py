"""The time: the system's, or the system's moved by an offset that all processes of a demo or test share.

`SystemClock.now` cannot fail. `FileClock` raises OSError or ValueError when it is made, if the file is
missing or is not eight octets long; afterwards `now` cannot fail. Neither knows time zones: every instant is
aware and in UTC.
"""

import mmap
import os
import struct
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

_OFFSET = struct.Struct("<d")


class SystemClock:
    """What the machine says."""

    def now(self) -> datetime:
        """The current instant."""
        return datetime.now(UTC)


class FileClock:
    """The machine's time plus the seconds that a small shared file holds: little-endian double, eight octets.

    The file is mapped, so that `now` costs no system call for it and sees a new offset at once.
    """

    def __init__(self, path: Path) -> None:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != _OFFSET.size:
                raise ValueError(f"{path} is no clock file: it has {size} octets and not {_OFFSET.size}.")
            self._offset = mmap.mmap(file.fileno(), _OFFSET.size, access=mmap.ACCESS_READ)

    def now(self) -> datetime:
        """The current instant, moved."""
        (seconds,) = _OFFSET.unpack_from(self._offset)
        return datetime.now(UTC) + timedelta(seconds=seconds)


def set_offset(path: Path, seconds: float) -> None:
    """Move every FileClock of this path to `seconds` after the system's time; makes the file if there is
    none.

    The offset is written by one store of eight aligned octets, into the same file: readers keep their
    mapping, and none sees half a number.
    """
    if not path.exists():
        _create(path)
    with path.open("r+b") as file, mmap.mmap(file.fileno(), _OFFSET.size) as offset:
        offset[:] = _OFFSET.pack(seconds)
        offset.flush()


def _create(path: Path) -> None:
    """A complete file appears at once; a file that somebody else made meanwhile stays."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(_OFFSET.pack(0.0))
        os.chmod(draft, 0o644)
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)
