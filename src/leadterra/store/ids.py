"""Identifiers: UUIDv7 inside, TypeIDs at the faces.

A TypeID is a prefix and a UUID in lower-case Crockford base 32, e.g. `sa_01hx3kqp7mbn2vd9czf6yw4e8r`. One of
the wrong kind, or one that cannot be read, raises `InvalidId`.

An enrollment's UUID ends in six zero bits. The message of the n-th step that it sends (its ordinal, from 1)
is the enrollment's UUID plus n: a queued message has an id before it has a row, and no look-up is needed to
get from one to the other.

The random part comes from the system. Only a simulation, which must be repeatable, draws it elsewhere:
`drawing_ids`.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from typing import Literal, get_args
from uuid import UUID

import uuid_utils
from typeid import TypeID
from typeid.errors import TypeIDException

Kind = Literal[
    "ws",
    "sp",
    "sa",
    "camp",
    "step",
    "lead",
    "enr",
    "msg",
    "rpl",
    "wh",
    "evt",
    "del",
    "key",
    "imp",
    "sup",
    "req",
    "var",
]
"""The prefixes. `sup` (a suppression), `req` (a request) and `var` (a variant of a step) are ours; the rest
are the contract's."""

_KINDS = frozenset(get_args(Kind))
_ORDINAL_BITS = 6
_ORDINAL_MASK = (1 << _ORDINAL_BITS) - 1
_RANDOM_BITS = 62
_draw: ContextVar[Callable[[int], int]] = ContextVar("draw", default=secrets.randbits)


class InvalidId(ValueError):
    """Not an identifier of this kind."""


@lru_cache(10_000)
def encode(kind: Kind, value: UUID) -> str:
    """The TypeID of a UUID. Kept: the same campaigns and accounts are named in every event."""
    return str(TypeID.from_uuid(uuid_utils.UUID(int=value.int), kind))


def decode(kind: Kind, text: str) -> UUID:
    """The UUID in a TypeID of that kind. Raises `InvalidId`."""
    prefix, _, suffix = text.partition("_")
    if prefix != kind or len(suffix) != 26 or not text.isascii() or text != text.lower():
        raise InvalidId(f"not an id of the form {kind}_…")
    try:
        return UUID(bytes=TypeID.from_string(text).uuid.bytes)
    except (TypeIDException, ValueError) as error:
        raise InvalidId(f"not an id of the form {kind}_…") from error


@contextmanager
def drawing_ids(draw: Callable[[int], int]) -> Iterator[None]:
    """Within the block, in this task and those that it starts, take the random part of ids from `draw`, which
    gives a number of that many bits.
    """
    before = _draw.set(draw)
    try:
        yield
    finally:
        _draw.reset(before)


def new_id_numbers(now: datetime, count: int) -> range:
    """UUIDv7s (RFC 9562 §5.7) of that instant as numbers of 128 bits, strictly rising, the last six bits of
    each zero.
    """
    start = _instant_bits(now) | (_draw.get()(_RANDOM_BITS - 1) & ~_ORDINAL_MASK)
    step = 1 << _ORDINAL_BITS
    return range(start, start + count * step, step)


def new_ids(now: datetime, count: int) -> Iterator[UUID]:
    """The same as UUIDs."""
    return (UUID(int=number) for number in new_id_numbers(now, count))


def new_id(now: datetime) -> UUID:
    """One UUIDv7 of that instant, with its last six bits zero."""
    return next(new_ids(now, 1))


def message_id_of(enrollment_id: UUID, ordinal: int) -> UUID:
    """The id of an enrollment's n-th message, n from 1."""
    if not 0 < ordinal <= _ORDINAL_MASK:
        raise ValueError("an enrollment has between 1 and 63 messages")
    return UUID(int=enrollment_id.int | ordinal)


def enrollment_of(message_id: UUID) -> UUID:
    """The enrollment that a message belongs to."""
    return UUID(int=message_id.int & ~_ORDINAL_MASK)


def _instant_bits(now: datetime) -> int:
    """The 48 bits of milliseconds, version 7, 12 bits of fraction of a millisecond, and the variant, in
    place.
    """
    microseconds = int(now.timestamp() * 1_000_000)
    milliseconds, rest = divmod(microseconds, 1000)
    return milliseconds << 80 | 0x7 << 76 | (rest * 4096 // 1000) << 64 | 0b10 << _RANDOM_BITS
