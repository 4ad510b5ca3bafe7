"""Campaigns: their settings and their status.

Totals are kept in `campaign_totals`, steps in `sequence_steps`.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from leadterra.domain.campaign import Campaign
from leadterra.domain.errors import NotFound
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("campaigns")
_TOTALS = load("campaign_totals")


@dataclass(frozen=True, slots=True)
class Totals:
    """What happened in a campaign so far: messages, but for `enrolled`, `open`, `replied` and
    `unsubscribed`, which count leads.
    """

    enrolled: int
    open: int
    sent: int
    bounced: int
    failed: int
    uncertain: int
    replied: int
    unsubscribed: int


@dataclass(frozen=True, slots=True)
class Pending:
    """Messages that a campaign still has to send. due: now, first attempt. scheduled: later. deferred:
    for another attempt. in_flight: claimed by a worker.
    """

    due: int
    scheduled: int
    deferred: int
    in_flight: int


async def insert_campaign(uow: UnitOfWork, campaign_id: UUID, name: str, *, now: datetime) -> None:
    """A new draft with the usual settings, and its totals at zero."""
    await uow.execute(_SQL["insert_campaign"], id=campaign_id, name=name, now=now)
    await uow.execute(_TOTALS["insert_totals"], campaign_id=campaign_id)


async def get_campaign(uow: UnitOfWork, campaign_id: UUID) -> Campaign:
    """A campaign that was not removed. Raises `NotFound`."""
    found = await uow.find(Campaign, _SQL["find_campaign"], id=campaign_id)
    if found is None:
        raise NotFound("campaign")
    return found


async def list_campaigns(
    uow: UnitOfWork, *, limit: int, status: str | None = None, before: tuple[datetime, UUID] | None = None
) -> list[Campaign]:
    """Newest first. before: creation and id of the last one of the page before."""
    before_at, before_id = before or (None, None)
    return await uow.list(
        Campaign, _SQL["list_campaigns"], status=status, before_at=before_at, before_id=before_id, limit=limit
    )


async def save_campaign(uow: UnitOfWork, campaign: Campaign, *, now: datetime) -> None:
    """Save name and settings."""
    values = {field.name: getattr(campaign, field.name) for field in fields(campaign)}
    schedule = None if campaign.schedule is None else Jsonb(campaign.schedule)
    await uow.execute(_SQL["save_campaign"], **{**values, "schedule": schedule}, now=now)


async def save_campaign_status(uow: UnitOfWork, campaign: Campaign, *, now: datetime) -> None:
    """Save the status and its instants. The pool is locked."""
    await uow.execute(
        _SQL["save_campaign_status"],
        id=campaign.id,
        status=campaign.status,
        started_at=campaign.started_at,
        paused_at=campaign.paused_at,
        now=now,
    )


async def touch_campaign(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> None:
    """Say that something of it changed."""
    await uow.execute(_SQL["touch_campaign"], id=campaign_id, now=now)


async def remove_campaign(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> None:
    """Hide it for good; what was sent stays in the books. The pool is locked."""
    await uow.execute(_SQL["remove_campaign"], id=campaign_id, now=now)


async def get_totals(uow: UnitOfWork, campaign_id: UUID) -> Totals:
    """What happened so far."""
    found = await uow.find(Totals, _TOTALS["get_totals"], campaign_id=campaign_id)
    if found is None:
        raise NotFound("campaign")
    return found


async def count_pending(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> Pending:
    """What is still to be sent."""
    ((due, scheduled, deferred),) = await uow.rows(_SQL["count_waiting"], campaign_id=campaign_id, now=now)
    in_flight = await uow.value(_SQL["count_in_flight"], campaign_id=campaign_id)
    return Pending(due, scheduled, deferred, in_flight)
