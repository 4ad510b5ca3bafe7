"""Campaigns: create, change, start, pause, delete.

A start and a pause act before the next SMTP command (R7).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from leadterra.actions.sequence_steps import insert_steps
from leadterra.domain.campaign import Campaign, OnMissingVariable
from leadterra.domain.errors import NoLeadsEnrolled, NoSequenceSteps
from leadterra.domain.sequence import StepDraft
from leadterra.store import campaigns
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import cancel_messages_of_campaign, release_held_of_campaign
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode, new_id
from leadterra.store.sender_pools import wake_pool
from leadterra.store.sequence_steps import count_steps


async def create_campaign(
    uow: UnitOfWork,
    name: str,
    steps: Sequence[StepDraft],
    *,
    on_missing_variable: OnMissingVariable = OnMissingVariable.EMPTY,
    now: datetime,
) -> Campaign:
    """A new draft. Raises `Unacceptable` for a template that cannot be compiled."""
    campaign_id = new_id(now)
    await campaigns.insert_campaign(uow, campaign_id, name, on_missing_variable, now=now)
    if steps:
        await insert_steps(uow, campaign_id, steps, now=now)
    return await campaigns.get_campaign(uow, campaign_id)


async def change_campaign(
    uow: UnitOfWork,
    campaign_id: UUID,
    *,
    name: str | None = None,
    on_missing_variable: OnMissingVariable | None = None,
    now: datetime,
) -> Campaign:
    """Change what is given.

    Leads that were held for a missing field go on if the campaign holds nobody any more.
    """
    await uow.lock_pool()
    before = await campaigns.get_campaign(uow, campaign_id)
    after = replace(
        before,
        name=before.name if name is None else name,
        on_missing_variable=on_missing_variable or before.on_missing_variable,
    )
    await campaigns.save_campaign(uow, after, now=now)
    if after.on_missing_variable == OnMissingVariable.EMPTY != before.on_missing_variable:
        await release_held_of_campaign(uow, campaign_id, now=now)
        await wake_pool(uow, at=now)
    return await campaigns.get_campaign(uow, campaign_id)


async def start_campaign(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> Campaign:
    """Have it sent; no change if it is running. Raises `NoLeadsEnrolled` or `NoSequenceSteps`. Nobody's
    place or due instant changes, so there is no burst after a pause.
    """
    await uow.lock_pool()
    campaign = await campaigns.get_campaign(uow, campaign_id)
    if campaign.status == "running":
        return campaign
    if not campaign.enrolled:
        raise NoLeadsEnrolled
    if not await count_steps(uow, campaign_id):
        raise NoSequenceSteps
    started = replace(campaign, status="running", started_at=campaign.started_at or now, paused_at=None)
    await _save_status(uow, started, EventType.CAMPAIGN_STARTED, now)
    await wake_pool(uow, at=now)
    return started


async def pause_campaign(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> Campaign:
    """Stop it before the next SMTP command; no change unless it is running."""
    await uow.lock_pool()
    campaign = await campaigns.get_campaign(uow, campaign_id)
    if campaign.status != "running":
        return campaign
    paused = replace(campaign, status="paused", paused_at=now)
    await _save_status(uow, paused, EventType.CAMPAIGN_PAUSED, now)
    return paused


async def remove_campaign(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> None:
    """Delete a campaign, which stops it; what was sent stays in the books. Raises `NotFound`."""
    await uow.lock_pool()
    await campaigns.get_campaign(uow, campaign_id)
    await campaigns.remove_campaign(uow, campaign_id, now=now)
    await cancel_messages_of_campaign(uow, campaign_id, "the campaign was deleted", now=now)


async def _save_status(uow: UnitOfWork, campaign: Campaign, event: EventType, now: datetime) -> None:
    await campaigns.save_campaign_status(uow, campaign, now=now)
    await append_events(uow, [Event(event, {"campaignId": encode("camp", campaign.id)})], now=now)
