"""Warm-up letters between a workspace's own mailboxes: who writes to whom, and when.

Letters are spread evenly over what is left of the UTC day, with a jitter that is drawn from the account, the
day and the letter's number (R12), and turn from one mailbox to the next, so that every pair is measured.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from leadterra.domain.day import MIDNIGHT_GUARD, day_of, next_reset
from leadterra.domain.pacing import draw

LEAST_GAP = 60.0
"""Seconds: letters are never closer, however late the account begins in the day."""

_JITTER = 0.3


def recipient_of(sender: UUID, day: date, number: int, mailboxes: Sequence[UUID]) -> UUID | None:
    """Whom the letter of that number (from 1) of a day goes to: each mailbox in turn, the first one drawn by
    account and day. mailboxes: those that can be read, in one order for everybody. None if there is no other.
    """
    others = [mailbox for mailbox in mailboxes if mailbox != sender]
    if not others:
        return None
    first = int(draw(sender.int, sender.int >> 64, day.toordinal()) * len(others))
    return others[(first + number - 1) % len(others)]


def first_letter_at(now: datetime, sender: UUID, left: int, *, gap: float) -> datetime:
    """When the first of `left` letters of this day goes: somewhere in the first even gap."""
    even = _even_gap(now, left, gap)
    return now + timedelta(seconds=even * draw(sender.int, sender.int >> 64, day_of(now).toordinal(), 0))


def next_letter_at(now: datetime, sender: UUID, left: int, number: int, *, gap: float) -> datetime:
    """When the next letter goes behind the one of that number, `left` more being allowed today; the next day
    if there are none. gap: the account's own least, in seconds.
    """
    if left <= 0:
        return next_reset(now)
    even = _even_gap(now, left, gap)
    chance = draw(sender.int, sender.int >> 64, day_of(now).toordinal(), number)
    least = max(gap, LEAST_GAP)
    return now + timedelta(seconds=max(least, even * (1 + _JITTER * (2 * chance - 1))))


def _even_gap(now: datetime, left: int, gap: float) -> float:
    seconds = (next_reset(now) - MIDNIGHT_GUARD - now).total_seconds()
    return max(gap, LEAST_GAP, seconds / (left + 1))
