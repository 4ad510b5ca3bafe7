"""What a pool may send in a day, and what of it is left (R3). Sums, no more; `domain.planning` decides by
the same numbers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from leadterra.domain.day import next_reset


@dataclass(frozen=True, slots=True)
class AccountUse:
    """An account's part in the pool today. is_active, is_removed: removed ones count only by what they used.
    used: units of today."""

    is_active: bool
    is_removed: bool
    daily_limit: int
    used: int


@dataclass(frozen=True, slots=True)
class Capacity:
    """What `GET /v1/sender-pools` tells. daily: messages a UTC day. remaining: of today, never negative.
    accounts: all of them."""

    daily: int
    remaining: int
    accounts: int
    active_accounts: int


def under_quota(remaining: int, used: int, daily_quota: int | None) -> int:
    """What remains under the workspace's own cap, against which counts whatever any account used."""
    return remaining if daily_quota is None else min(remaining, max(0, daily_quota - used))


def capacity_of(accounts: Iterable[AccountUse], daily_quota: int | None) -> Capacity:
    """Sum up a pool. daily_quota: the workspace's own cap, None without one."""
    known = list(accounts)
    active = [account for account in known if account.is_active and not account.is_removed]
    daily = sum(account.daily_limit for account in active)
    if daily_quota is not None:
        daily = min(daily, daily_quota)
    left = sum(max(0, account.daily_limit - account.used) for account in active)
    remaining = under_quota(left, sum(account.used for account in known), daily_quota)
    return Capacity(daily, remaining, sum(not account.is_removed for account in known), len(active))


def next_send_at(
    use: AccountUse, *, spaced_until: datetime | None, resting_until: datetime | None, now: datetime
) -> datetime | None:
    """The earliest instant at which the account may send again; now if it may at once, None while campaigns
    skip it."""
    if not use.is_active or use.is_removed:
        return None
    reset = next_reset(now) if use.used >= use.daily_limit else None
    return max(instant for instant in (now, reset, spaced_until, resting_until) if instant is not None)
