"""Units taken under caps besides the accounts' days: by scope, key and bucket of time.

Every write expects the pool's lock. Only caps that are set have rows; see `actions.caps`.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from leadterra.store.columns import columns_of
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("cap_units")


class CapScope(StrEnum):
    """What is capped. Buckets are UTC days, but for `account_24h` (minutes) and `recipient_domain_hour`."""

    ACCOUNT_24H = "account_24h"
    SENDING_DOMAIN = "sending_domain"
    RECIPIENT_DOMAIN = "recipient_domain"
    RECIPIENT_DOMAIN_HOUR = "recipient_domain_hour"
    CAMPAIGN = "campaign"
    CAMPAIGN_NEW = "campaign_new"


@dataclass(frozen=True, slots=True)
class CapUnits:
    """Units of one cap. bucket: the instant at which its minute, hour or day begins."""

    scope: str
    key: UUID
    bucket: datetime
    taken: int


@dataclass(frozen=True, slots=True)
class CapKeyRow:
    """Of which cap to read."""

    scope: str
    key: UUID
    bucket: datetime


@dataclass(frozen=True, slots=True)
class RollingMove:
    """Units of an account's last 24 hours that turn out to be of another minute."""

    key: UUID
    before: datetime
    after: datetime
    taken: int


async def list_caps(uow: UnitOfWork, keys: Sequence[CapKeyRow]) -> dict[tuple[str, UUID], int]:
    """What was taken of these, by scope and key; one of which nothing was is missing."""
    if not keys:
        return {}
    rows = await uow.rows(_SQL["list_caps"], **columns_of(keys))
    return {(scope, key): taken for scope, key, taken in rows}


async def list_full_keys(uow: UnitOfWork, scope: CapScope, bucket: datetime, limit: int) -> list[UUID]:
    """The keys of a scope of which nothing is left in that bucket."""
    rows = await uow.rows(_SQL["list_full_keys"], scope=scope, bucket=bucket, limit=limit)
    return [key for (key,) in rows]


async def list_rolling(
    uow: UnitOfWork, keys: Sequence[UUID], *, since: datetime
) -> dict[UUID, tuple[int, datetime]]:
    """By account: what it took in minutes after `since`, and the first of these minutes."""
    if not keys:
        return {}
    rows = await uow.rows(_SQL["list_rolling"], keys=list(keys), since=since)
    return {key: (taken, first) for key, taken, first in rows}


async def take_cap_units(uow: UnitOfWork, units: Sequence[CapUnits]) -> None:
    """Take units."""
    if units:
        await uow.execute(_SQL["take_cap_units"], **columns_of(units))


async def return_cap_units(uow: UnitOfWork, units: Sequence[CapUnits]) -> None:
    """Give units back; of caps that are not set any more there is nothing to give back to."""
    if units:
        await uow.execute(_SQL["return_cap_units"], **columns_of(units))


async def delete_old_units(uow: UnitOfWork, *, horizon: datetime) -> None:
    """Forget buckets that no cap asks for any more."""
    await uow.execute(_SQL["delete_old_units"], horizon=horizon)


async def delete_all_units(uow: UnitOfWork) -> None:
    """Forget all, to be counted anew."""
    await uow.execute(_SQL["delete_all_units"])


async def count_units(uow: UnitOfWork, *, since: datetime) -> list[CapUnits]:
    """What the messages say of all caps that are set, from that midnight on."""
    return await uow.list(CapUnits, _SQL["count_units"], since=since)


async def list_units(uow: UnitOfWork, *, since: datetime) -> list[CapUnits]:
    """What is written down from that midnight on."""
    return await uow.list(CapUnits, _SQL["list_units"], since=since)


async def move_rolling_units(uow: UnitOfWork, moves: Sequence[RollingMove]) -> None:
    """Count units by another minute, for accounts that have the cap. A minute may gain and lose at once."""
    sums: Counter[tuple[UUID, datetime]] = Counter()
    for move in moves:
        sums[move.key, move.after] += move.taken
        sums[move.key, move.before] -= move.taken
    rows = [CapUnits(CapScope.ACCOUNT_24H, *key, count) for key, count in sorted(sums.items()) if count]
    gained = [row for row in rows if row.taken > 0]
    if gained:
        columns = {name: [getattr(row, name) for row in gained] for name in ("key", "bucket", "taken")}
        await uow.execute(_SQL["take_rolling_units"], **columns)
    await return_cap_units(uow, [replace(row, taken=-row.taken) for row in rows if row.taken < 0])
