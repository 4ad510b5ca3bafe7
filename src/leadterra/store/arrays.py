"""Lists as binary arrays, UUIDs as their sixteen bytes: how batches cross to PostgreSQL and back.

psycopg writes a list as text, element by element, which costs more than all else that a batch does. Here a
list of UUIDs, texts, integers, floats, booleans, bytes, dates or instants, Nones among them, becomes the
server's own array format in one pass; a list of anything else, or of nothing, is left to psycopg. Elements
of one list are of one type, as fields of rows are; another type among them raises as psycopg's do.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import chain
from struct import Struct
from typing import Any
from uuid import UUID

import psycopg
from psycopg import postgres
from psycopg.adapt import AdaptersMap, Buffer, Dumper, Loader, PyFormat
from psycopg.pq import Format
from psycopg.types.array import ListDumper

_HEADER = Struct("!iiIii")  # dimensions, whether a null is among them, element's type, length, lower bound
_LENGTH = Struct("!i").pack
_NULL = _LENGTH(-1)
_INTEGER = Struct("!q").pack
_FLOAT = Struct("!d").pack
_DAY = Struct("!i").pack
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_EPOCH_DAY = date(2000, 1, 1).toordinal()

_assign = object.__setattr__
_UNKNOWN = UUID(int=0).is_safe


def _octets_of_text(text: str) -> bytes:
    octets = text.encode()
    return _LENGTH(len(octets)) + octets


def _octets_of_bytes(octets: bytes) -> bytes:
    return _LENGTH(len(octets)) + octets


def _octets_of_instant(instant: datetime) -> bytes:
    passed = instant - _EPOCH
    return _INTEGER((passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds)


def _octets_of_day(day: date) -> bytes:
    return _DAY(day.toordinal() - _EPOCH_DAY)


# By the type of the elements: PostgreSQL's name, the octets of each, and, unless it differs, the octets'
# number.
_KINDS: dict[type, tuple[str, Callable[[Any], bytes], int | None]] = {
    UUID: ("uuid", lambda value: value.int.to_bytes(16), 16),
    str: ("text", _octets_of_text, None),
    bytes: ("bytea", _octets_of_bytes, None),
    bool: ("bool", lambda value: b"\1" if value else b"\0", 1),
    int: ("int8", _INTEGER, 8),
    float: ("float8", _FLOAT, 8),
    datetime: ("timestamptz", _octets_of_instant, 8),
    date: ("date", _octets_of_day, 4),
}
_NO_KIND = type(None)


def _kind_of(elements: Iterable[object], format: PyFormat) -> type:
    """The type of the first that is not None, if it is one of those above, and text is not asked for."""
    for element in elements:
        if element is not None and format != PyFormat.TEXT:
            return next((kind for kind in type(element).__mro__ if kind in _KINDS), _NO_KIND)
    return _NO_KIND


class _ArrayDumper(Dumper):
    """Lists of one kind of element."""

    format = Format.BINARY

    def __init__(self, cls: type, kind: type) -> None:
        super().__init__(cls)
        name, self._octets_of, size = _KINDS[kind]
        info = postgres.types[name]
        self.oid, self._element_oid = info.array_oid, info.oid
        self._length = b"" if size is None else _LENGTH(size)

    def dump(self, obj: Sequence[Any]) -> Buffer:
        octets_of, length = self._octets_of, self._length
        if None in obj:
            parts = [_NULL if element is None else length + octets_of(element) for element in obj]
            return _HEADER.pack(1, 1, self._element_oid, len(obj), 1) + b"".join(parts)
        header = _HEADER.pack(1, 0, self._element_oid, len(obj), 1)
        return length.join(chain((header,), map(octets_of, obj)))


class _ListDumper(ListDumper):
    """Chooses by the elements."""

    def get_key(self, obj: list[Any], format: PyFormat) -> Any:
        kind = _kind_of(obj, format)
        return super().get_key(obj, format) if kind is _NO_KIND else (self.cls, kind)

    def upgrade(self, obj: list[Any], format: PyFormat) -> Any:
        kind = _kind_of(obj, format)
        return super().upgrade(obj, format) if kind is _NO_KIND else _ArrayDumper(self.cls, kind)


class _UuidLoader(Loader):
    """UUID's own constructor looks for what else it may have been given."""

    format = Format.BINARY

    def load(self, data: Buffer) -> UUID:
        loaded = object.__new__(UUID)
        _assign(loaded, "int", int.from_bytes(data))
        _assign(loaded, "is_safe", _UNKNOWN)
        return loaded


def adapters() -> AdaptersMap:
    """psycopg's, with lists and UUIDs like this: the context of a connection."""
    ours = AdaptersMap(psycopg.adapters)
    ours.register_dumper(list, _ListDumper)
    ours.register_loader("uuid", _UuidLoader)
    return ours
