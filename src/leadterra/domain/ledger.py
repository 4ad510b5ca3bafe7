"""The ledger of one UTC day: what may be sent, and what has been taken of it (R2). Sums, no more.

In every line `limit = sent + uncertain + reserved + remaining`, but where a limit was lowered below what had
been taken already: then the line is over its limit and nothing remains.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from leadterra.domain.capacity import under_quota


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Units of a day. limit: how many there are. sent: accepted by a server. uncertain: possibly accepted.
    reserved: taken for messages in flight. may_send: whether more can be taken while the day lasts.
    """

    limit: int
    sent: int = 0
    uncertain: int = 0
    reserved: int = 0
    may_send: bool = True

    @property
    def used(self) -> int:
        """All that is taken."""
        return self.sent + self.uncertain + self.reserved

    @property
    def remaining(self) -> int:
        """What is not taken; never negative."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class LedgerTotal:
    """The lines of a pool's day, added up; fields as in a line."""

    limit: int
    sent: int
    uncertain: int
    reserved: int
    remaining: int


def total_of(lines: Iterable[LedgerLine], *, daily_quota: int | None = None) -> LedgerTotal:
    """Add lines up. One that may not send counts with what it used, so that what remains is the pool's
    remaining volume (R3). daily_quota: the workspace's own cap, None without one.
    """
    known = list(lines)
    used = sum(line.used for line in known)
    limit = sum(line.limit if line.may_send else line.used for line in known)
    left = sum(line.remaining for line in known if line.may_send)
    if daily_quota is not None:
        limit = min(limit, daily_quota)
    return LedgerTotal(
        limit=limit,
        sent=sum(line.sent for line in known),
        uncertain=sum(line.uncertain for line in known),
        reserved=sum(line.reserved for line in known),
        remaining=under_quota(left, used, daily_quota),
    )
