"""The day that quota is counted by: the UTC calendar day. It ends, and the next begins, at 00:00:00Z (R3)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

MIDNIGHT_GUARD = timedelta(seconds=1)
"""No DATA begins this close before midnight: clocks of two machines differ, and a message counts against one
day only (R2).
"""

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def day_of(now: datetime) -> date:
    """The UTC day of an instant."""
    return now.astimezone(UTC).date()


def read_day(text: str) -> date:
    """A day written as 2025-01-15, and in no other way. Raises `ValueError`."""
    if not _WRITTEN.fullmatch(text):
        raise ValueError(f"{text!r} is not written as 2025-01-15")
    return date.fromisoformat(text)


@lru_cache(64)
def next_reset(now: datetime) -> datetime:
    """The next midnight UTC, strictly after that instant. Kept: a plan asks for thousands of accounts."""
    return datetime.combine(day_of(now) + timedelta(days=1), time.min, UTC)


def is_closing(now: datetime) -> bool:
    """Whether the day is so near to its end that no message may begin in it."""
    return next_reset(now) - now <= MIDNIGHT_GUARD
