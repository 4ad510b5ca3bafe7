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
FEW = 5000
"""So many messages are counted in about a millisecond."""


@dataclass(frozen=True, slots=True)
class Progress:
    """What happened in a campaign so far, and what it still has to do: messages, but for `enrolled`, `open`,
    `replied` and `unsubscribed`, which count leads.

    waiting: for their first attempt, due or not. deferred: for another one. in_flight: claimed by a worker.
    """

    enrolled: int
    open: int
    sent: int
    bounced: int
    failed: int
    uncertain: int
    replied: int
    unsubscribed: int
    waiting: int
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


async def get_progress(uow: UnitOfWork, campaign_id: UUID) -> Progress:
    """How far a campaign has come. Raises `NotFound`."""
    found = await uow.find(Progress, _SQL["get_progress"], campaign_id=campaign_id)
    if found is None:
        raise NotFound("campaign")
    return found


async def count_scheduled(
    uow: UnitOfWork, campaign_id: UUID, *, waiting: int, now: datetime, few: int = FEW
) -> int:
    """How many of those that wait for their first attempt are not due yet.

    They, or the ones that are due, are counted as long as they are fewer than `few`: the others are the rest.
    Only where there are more of both, all of them are counted.
    """
    asked = {"campaign_id": campaign_id, "now": now}
    scheduled: int = await uow.value(_SQL["count_scheduled"], **asked, most=few)
    if scheduled < few:
        return min(scheduled, waiting)
    due: int = await uow.value(_SQL["count_due"], **asked, most=few)
    if due < few:
        return max(0, waiting - due)
    scheduled = await uow.value(_SQL["count_scheduled"], **asked, most=None)
    return min(scheduled, waiting)
