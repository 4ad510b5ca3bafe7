"""What a plan reads: the pool, its accounts, its running campaigns, and what of their work is due.

Claims lock the pool first; whoever only asks reads it. Nothing here writes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from leadterra.domain.pool import Work
from leadterra.store.columns import columns_of
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("due_work")


@dataclass(frozen=True, slots=True)
class PoolRow:
    """The pool's row and its workspace's settings. See the tables' comments for the fields."""

    claim_number: int
    share_clock: float
    message_domain: str | None
    exhausted_on: date | None
    mode: str
    daily_quota: int | None
    postal_address: str
    link_secret: bytes
    pacing_mode: str | None
    min_gap_seconds: float | None
    jitter: float | None
    first_step_share: float
    sending_domain_daily_limit: int | None
    recipient_domain_daily_limit: int | None
    recipient_domain_hourly_limit: int | None
    provider_matching: bool


@dataclass(frozen=True, slots=True)
class SenderRow:
    """An account, removed or not, with its ledger of the day. used, in_flight: as in `domain.pool.Sender`.
    waiting: answers of people that wait for a unit, and go before anything else.
    """

    id: UUID
    is_active: bool
    daily_limit: int
    used: int
    in_flight: int
    failures: int
    next_send_at: datetime | None
    rest_until: datetime | None
    pacing_mode: str | None
    min_gap_seconds: float | None
    jitter: float | None
    lost_at: datetime | None
    weight: float
    tags: list[str]
    provider: str | None
    email_domain: str
    rolling_limit: int | None
    rotation_place: int
    rest_reason: str | None
    pause_reason: str | None
    waiting: int = 0


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A running campaign in which something waits. resumed_at: from its last pause. schedule: JSON as text,
    None for always. first_due_at: of all that waits, due or not.
    """

    id: UUID
    started_at: datetime
    resumed_at: datetime | None
    schedule: str | None
    weight: float
    daily_limit: int | None
    new_leads_daily_limit: int | None
    sender_tags: list[str]
    sender_loss: str
    sender_loss_wait_days: float
    share_finish: float
    turn: int
    first_due_at: datetime


@dataclass(frozen=True, slots=True)
class Lane:
    """Work of one campaign and zone. started_at: nothing of it was due before its campaign was started.
    takes_new: whether first steps are asked for.
    """

    campaign_id: UUID
    zone: str
    started_at: datetime
    takes_new: bool = True


@dataclass(frozen=True, slots=True)
class BoundLane:
    """The part of a lane that is bound to one account. room: how much of it to read. due_before: what is due
    later is not asked for. is_lost: the account is not active. takes_new, takes_follow_ups: whether first
    steps, and whether follow-ups, are asked for. is_kept: it waits, and is read to learn until when.
    """

    campaign_id: UUID
    zone: str
    started_at: datetime
    account_id: UUID
    room: int
    due_before: datetime
    is_lost: bool = False
    takes_new: bool = True
    takes_follow_ups: bool = True
    is_kept: bool = False


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where an enrollment's messages go. provider: None if it is not known."""

    enrollment_id: UUID
    domain: str
    provider: str | None


async def lock_pool(uow: UnitOfWork) -> PoolRow | None:
    """The pool, locked; None while another transaction has it, or if there is none."""
    return await uow.find(PoolRow, _SQL["lock_pool"])


async def read_pool(uow: UnitOfWork) -> PoolRow | None:
    """The pool as it is, whoever has it; None if there is none."""
    return await uow.find(PoolRow, _SQL["read_pool"])


async def list_senders(uow: UnitOfWork, *, day: date) -> list[SenderRow]:
    """Every account with its ledger of that day; removed ones too, as not active."""
    return await uow.list(SenderRow, _SQL["list_senders"], day=day, day_before=day - timedelta(days=1))


async def list_campaigns(uow: UnitOfWork) -> list[CampaignRow]:
    """The running campaigns in which something waits."""
    return await uow.list(CampaignRow, _SQL["list_campaigns"])


async def list_zones(uow: UnitOfWork, campaign_ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """The zones in which leads of these campaigns wait, as (campaign, zone)."""
    if not campaign_ids:
        return []
    rows = await uow.rows(_SQL["list_zones"], campaign_ids=list(campaign_ids))
    return [(campaign_id, zone) for campaign_id, zone in rows]


async def list_work(
    uow: UnitOfWork,
    lanes: Sequence[Lane],
    bound: Sequence[BoundLane],
    *,
    full_domains: Sequence[UUID] = (),
    limit: int,
    now: datetime,
) -> list[Work]:
    """Due messages of these lanes, oldest first: what is bound to one of these accounts, and what is bound to
    none. full_domains: digests of domains whose leads are passed over.
    """
    passed_over: dict[str, object] = {
        "has_full_domains": bool(full_domains),
        "full_domains": list(full_domains),
        "limit": limit,
    }
    rows: list[tuple[object, ...]] = []
    if bound:
        rows += await uow.rows(_SQL["list_bound_work"], **columns_of(bound), **passed_over)
    if lanes:
        rows += await uow.rows(_SQL["list_free_work"], **columns_of(lanes), **passed_over, now=now)
    return [Work(*row) for row in rows]  # type: ignore[arg-type]


async def list_recipients(uow: UnitOfWork, enrollment_ids: Sequence[UUID]) -> Mapping[UUID, Recipient]:
    """The recipients of these enrollments."""
    rows = await uow.rows(_SQL["list_recipients"], enrollment_ids=list(enrollment_ids))
    return {row[0]: Recipient(*row) for row in rows}


async def next_due_at(uow: UnitOfWork, campaign_ids: Sequence[UUID], *, now: datetime) -> datetime | None:
    """When the next message of these campaigns that is not due yet becomes due."""
    found: datetime | None = await uow.value(_SQL["next_due_at"], campaign_ids=list(campaign_ids), now=now)
    return found
