"""Pages by cursor: a cursor says after which item the next page begins, so that a list that grows repeats
and skips nothing.

It is opaque to callers and holds an instant and an id. One that cannot be read is a fault of `?cursor`.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, NamedTuple, TypeVar
from uuid import UUID

from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from leadterra.api.fields import Query

Row = TypeVar("Row")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CURSOR_OCTETS = 24


class Cursor(NamedTuple):
    """The place of an item in a list ordered by (at, id)."""

    at: datetime
    id: UUID

    def encode(self) -> str:
        """As text for the caller."""
        microseconds = (self.at - _EPOCH) // _MICROSECOND
        return urlsafe_b64encode(microseconds.to_bytes(8, "big", signed=True) + self.id.bytes).decode()


def _read_cursor(value: object) -> Cursor | None:
    if isinstance(value, Cursor) or value is None:
        return value
    try:
        octets = urlsafe_b64decode(str(value).encode("ascii"))
        if len(octets) != _CURSOR_OCTETS:
            raise ValueError
        at = _EPOCH + int.from_bytes(octets[:8], "big", signed=True) * _MICROSECOND
        return Cursor(at, UUID(bytes=octets[8:]))
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError(
            "invalid_cursor", "Must be a nextCursor of an answer of this list."
        ) from error


def read_integer(value: object) -> object:
    """A query parameter that is a number: digits, and nothing that Python would read as digits too."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,18}", value):
        raise PydanticCustomError("wrong_type", "Must be an integer.")
    return value


Limit = Annotated[int, Field(ge=1, le=1000), BeforeValidator(read_integer)]


class PageQuery(Query):
    """Which page. Routes add their filters in a subclass."""

    limit: Limit = Field(default=50, description="How many items at most.")
    cursor: Annotated[Cursor | None, BeforeValidator(_read_cursor), WithJsonSchema({"type": "string"})] = (
        Field(default=None, description="The `nextCursor` of the page before.")
    )


def cut_page(
    rows: Sequence[Row], limit: int, place: Callable[[Row], Cursor]
) -> tuple[Sequence[Row], str | None]:
    """The first `limit` of up to `limit + 1` rows, and the cursor of the next page if there is one."""
    if len(rows) <= limit:
        return rows, None
    return rows[:limit], place(rows[limit - 1]).encode()
