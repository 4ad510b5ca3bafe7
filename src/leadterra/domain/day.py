"""The day that quota is counted by: the UTC calendar day. It ends, and the next begins, at 00:00:00Z (R3)."""

from datetime import UTC, date, datetime, time, timedelta

MIDNIGHT_GUARD = timedelta(seconds=1)
"""No DATA begins this close before midnight: clocks of two machines differ, and a message counts against one
day only (R2).
"""


def day_of(now: datetime) -> date:
    """The UTC day of an instant."""
    return now.astimezone(UTC).date()


def next_reset(now: datetime) -> datetime:
    """The next midnight UTC, strictly after that instant."""
    return datetime.combine(day_of(now) + timedelta(days=1), time.min, UTC)


def is_closing(now: datetime) -> bool:
    """Whether the day is so near to its end that no message may begin in it."""
    return next_reset(now) - now <= MIDNIGHT_GUARD
