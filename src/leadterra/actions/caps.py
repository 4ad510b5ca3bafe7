"""Caps in the database: what was taken of each, taken with a claim and given back with a settlement, in the
same transaction as the unit of the account's day.

Only caps that are set are counted. `recount_caps` is for whoever sets one: it counts what was taken before.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from leadterra.domain.caps import EVERYBODY, Cap, CapKey
from leadterra.domain.day import day_of, next_reset
from leadterra.domain.gate import Gate
from leadterra.domain.pool import Work
from leadterra.domain.projection import ROLLING
from leadterra.mail.addresses import domain_digest
from leadterra.store import cap_units
from leadterra.store.cap_units import CapKeyRow, CapScope, CapUnits
from leadterra.store.database import UnitOfWork
from leadterra.store.due_work import CampaignRow, PoolRow, SenderRow

KEPT = timedelta(days=2)
"""How far back caps are counted, from the last midnight."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message as caps see it. rolling_at: the instant by which it counts in its account's last 24 hours."""

    account_id: UUID
    sending_domain: UUID
    recipient_domain: UUID | None
    campaign_id: UUID
    is_first_step: bool
    day_start: datetime
    claimed_at: datetime
    rolling_at: datetime


def day_start(now: datetime) -> datetime:
    """The midnight at which that UTC day began."""
    return datetime.combine(day_of(now), time.min, UTC)


def hour_start(now: datetime) -> datetime:
    """The beginning of that hour."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def minute_start(now: datetime) -> datetime:
    """The beginning of that minute."""
    return now.astimezone(UTC).replace(second=0, microsecond=0)


def units_of(taken: Iterable[Taken], scopes: Iterable[CapScope] = tuple(CapScope)) -> list[CapUnits]:
    """The units of these messages under caps of these scopes, added up, in one order for everybody."""
    wanted = set(scopes)
    sums: Counter[tuple[str, UUID, datetime]] = Counter()
    for item in taken:
        sums.update(row for row in _rows_of(item) if row[0] in wanted)
    return [CapUnits(*key, count) for key, count in sorted(sums.items()) if count]


async def read_caps(
    uow: UnitOfWork,
    pool: PoolRow,
    senders: Sequence[SenderRow],
    campaigns: Sequence[CampaignRow],
    *,
    now: datetime,
) -> dict[CapKey, Cap]:
    """All caps but those of recipients' domains, with what was taken of them."""
    today, reset = day_start(now), next_reset(now)
    caps: dict[CapKey, Cap] = {}
    if pool.daily_quota is not None:
        used = sum(sender.used + sender.waiting for sender in senders)
        caps[Gate.WORKSPACE_QUOTA, None] = Cap(pool.daily_quota, used, reset)
    wanted = [
        (gate, scope, campaign.id, limit)
        for campaign in campaigns
        for gate, scope, limit in (
            (Gate.CAMPAIGN_QUOTA, CapScope.CAMPAIGN, campaign.daily_limit),
            (Gate.NEW_LEADS_QUOTA, CapScope.CAMPAIGN_NEW, campaign.new_leads_daily_limit),
        )
        if limit is not None
    ]
    if pool.sending_domain_daily_limit is not None:
        domains = {domain_digest(sender.email_domain) for sender in senders if sender.is_active}
        limit = pool.sending_domain_daily_limit
        wanted += [
            (Gate.SENDING_DOMAIN_QUOTA, CapScope.SENDING_DOMAIN, key, limit) for key in sorted(domains)
        ]
    taken = await cap_units.list_caps(uow, [CapKeyRow(scope, key, today) for _, scope, key, _ in wanted])
    for gate, scope, key, limit in wanted:
        caps[gate, key] = Cap(limit, taken.get((scope, key), 0), reset)
    caps.update(await _read_rolling(uow, senders, now=now))
    return caps


async def list_full_domains(
    uow: UnitOfWork, pool: PoolRow, *, now: datetime
) -> tuple[list[UUID], datetime | None]:
    """Recipients' domains that have had enough for a day or an hour, and when the first takes more."""
    found: list[UUID] = []
    instants: list[datetime] = []
    for limit, scope, bucket in _recipient_caps(pool, now):
        keys = await cap_units.list_full_keys(uow, scope, bucket, limit)
        found += keys
        instants += [_clears_at(scope, now)] if keys else []
    return found, min(instants, default=None)


async def read_recipient_caps(
    uow: UnitOfWork, pool: PoolRow, work: Sequence[Work], *, now: datetime
) -> dict[CapKey, Cap]:
    """The caps of the domains that this work goes to."""
    keys = sorted({item.recipient_domain for item in work if item.recipient_domain})
    caps: dict[CapKey, Cap] = {}
    for limit, scope, bucket in _recipient_caps(pool, now):
        is_day = scope is CapScope.RECIPIENT_DOMAIN
        gate = Gate.RECIPIENT_DOMAIN_QUOTA if is_day else Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA
        clears_at = _clears_at(scope, now)
        taken = await cap_units.list_caps(uow, [CapKeyRow(scope, key, bucket) for key in keys])
        caps[gate, EVERYBODY] = Cap(limit, 0, clears_at)
        for (_, key), used in taken.items():
            caps[gate, key] = Cap(limit, used, clears_at)
    return caps


def capped_units(
    taken: Iterable[Taken], pool: PoolRow, senders: Sequence[SenderRow], campaigns: Sequence[CampaignRow]
) -> list[CapUnits]:
    """The units of these messages under the caps that are set."""
    keys = {
        CapScope.ACCOUNT_24H: {each.id for each in senders if each.rolling_limit is not None},
        CapScope.CAMPAIGN: {each.id for each in campaigns if each.daily_limit is not None},
        CapScope.CAMPAIGN_NEW: {each.id for each in campaigns if each.new_leads_daily_limit is not None},
    }
    limits = {
        CapScope.SENDING_DOMAIN: pool.sending_domain_daily_limit,
        CapScope.RECIPIENT_DOMAIN: pool.recipient_domain_daily_limit,
        CapScope.RECIPIENT_DOMAIN_HOUR: pool.recipient_domain_hourly_limit,
    }
    scopes = [scope for scope, capped in keys.items() if capped]
    scopes += [scope for scope, limit in limits.items() if limit is not None]
    if not scopes:
        return []
    return [row for row in units_of(taken, scopes) if row.key in keys.get(CapScope(row.scope), {row.key})]


async def recount_caps(uow: UnitOfWork, *, now: datetime) -> None:
    """Count all caps that are set anew from the messages, and forget those that are not. The pool is
    locked.
    """
    counted = await cap_units.count_units(uow, since=day_start(now) - KEPT)
    await cap_units.delete_all_units(uow)
    await cap_units.take_cap_units(uow, counted)


async def _read_rolling(uow: UnitOfWork, senders: Sequence[SenderRow], *, now: datetime) -> dict[CapKey, Cap]:
    limits = {sender.id: sender.rolling_limit for sender in senders if sender.rolling_limit is not None}
    taken = await cap_units.list_rolling(uow, sorted(limits), since=now - ROLLING)
    found: dict[CapKey, Cap] = {}
    for account_id, limit in limits.items():
        used, first = taken.get(account_id, (0, now))
        found[Gate.ACCOUNT_ROLLING_QUOTA, account_id] = Cap(limit, used, first + ROLLING)
    return found


def _recipient_caps(pool: PoolRow, now: datetime) -> list[tuple[int, CapScope, datetime]]:
    found = (
        (pool.recipient_domain_daily_limit, CapScope.RECIPIENT_DOMAIN, day_start(now)),
        (pool.recipient_domain_hourly_limit, CapScope.RECIPIENT_DOMAIN_HOUR, hour_start(now)),
    )
    return [(limit, scope, bucket) for limit, scope, bucket in found if limit is not None]


def _clears_at(scope: CapScope, now: datetime) -> datetime:
    is_day = scope is CapScope.RECIPIENT_DOMAIN
    return next_reset(now) if is_day else hour_start(now) + timedelta(hours=1)


def _rows_of(item: Taken) -> Iterable[tuple[CapScope, UUID, datetime]]:
    yield CapScope.ACCOUNT_24H, item.account_id, minute_start(item.rolling_at)
    yield CapScope.SENDING_DOMAIN, item.sending_domain, item.day_start
    if item.recipient_domain is not None:
        yield CapScope.RECIPIENT_DOMAIN, item.recipient_domain, item.day_start
        yield CapScope.RECIPIENT_DOMAIN_HOUR, item.recipient_domain, hour_start(item.claimed_at)
    yield CapScope.CAMPAIGN, item.campaign_id, item.day_start
    if item.is_first_step:
        yield CapScope.CAMPAIGN_NEW, item.campaign_id, item.day_start
