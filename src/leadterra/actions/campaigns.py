"""Campaigns: create, change, start, pause, delete.

A start and a pause act before the next SMTP command (R7).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TypedDict
from uuid import UUID

from leadterra.actions.caps import recount_caps
from leadterra.actions.lead_zones import rezone_campaign
from leadterra.actions.sequence_steps import insert_steps
from leadterra.domain.campaign import Campaign, OnMissingVariable
from leadterra.domain.errors import NoLeadsEnrolled, NoSequenceSteps, Unacceptable
from leadterra.domain.schedule import read_schedule, write_schedule
from leadterra.domain.sender_loss import LossAction
from leadterra.domain.sequence import StepDraft
from leadterra.domain.variant import VariantMode
from leadterra.store import campaigns
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import cancel_messages_of_campaign, release_held_of_campaign
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode, new_id
from leadterra.store.sender_pools import refuse_claims_so_far, wake_pool
from leadterra.store.sequence_steps import count_steps


class CampaignSettings(TypedDict, total=False):
    """Settings of a campaign, as in `Campaign`. schedule: in JSON form, as `domain.schedule.read_schedule`
    takes it.
    """

    name: str
    on_missing_variable: OnMissingVariable
    schedule: Mapping[str, object] | None
    weight: float
    daily_limit: int | None
    new_leads_daily_limit: int | None
    sender_tags: list[str]
    sender_loss: LossAction
    sender_loss_wait_days: float
    variant_choice: VariantMode


async def create_campaign(
    uow: UnitOfWork,
    name: str,
    steps: Sequence[StepDraft],
    *,
    settings: CampaignSettings | None = None,
    now: datetime,
) -> Campaign:
    """A new draft. settings: where they are not the usual ones. Raises `Unacceptable` for a template that
    cannot be compiled and for a schedule that cannot be, with pointers into the API's body.
    """
    campaign_id = new_id(now)
    await campaigns.insert_campaign(uow, campaign_id, name, now=now)
    if settings:
        draft = _changed(await campaigns.get_campaign(uow, campaign_id), settings)
        await campaigns.save_campaign(uow, draft, now=now)
    if steps:
        await insert_steps(uow, campaign_id, steps, now=now)
    return await campaigns.get_campaign(uow, campaign_id)


async def change_campaign(
    uow: UnitOfWork, campaign_id: UUID, change: CampaignSettings, *, now: datetime
) -> Campaign:
    """Change what is given; the pool goes by it at its next claim. Raises `NotFound`, `Unacceptable`.

    A cap that was none counts what was taken before. Leads that were held for a missing field go on if the
    campaign holds nobody any more.
    """
    await uow.lock_pool()
    before = await campaigns.get_campaign(uow, campaign_id)
    after = _changed(before, change)
    await campaigns.save_campaign(uow, after, now=now)
    if _rules(before) != _rules(after):
        await refuse_claims_so_far(uow)
    if _caps_set(before) != _caps_set(after):
        await recount_caps(uow, now=now)
    if before.uses_lead_zones != after.uses_lead_zones:
        await rezone_campaign(uow, campaign_id, uses_lead_zone=after.uses_lead_zones, now=now)
    if after.on_missing_variable == OnMissingVariable.EMPTY != before.on_missing_variable:
        await release_held_of_campaign(uow, campaign_id, now=now)
    if change.keys() - {"name"}:
        await wake_pool(uow, at=now)
    return await campaigns.get_campaign(uow, campaign_id)


def _changed(campaign: Campaign, change: CampaignSettings) -> Campaign:
    schedule = change.get("schedule")
    if schedule is not None:
        change = {**change, "schedule": _checked(schedule)}
    return replace(campaign, **change)


def _checked(schedule: Mapping[str, object]) -> dict[str, object]:
    """The same schedule with every key. Raises `Unacceptable`."""
    try:
        return write_schedule(read_schedule(schedule))
    except Unacceptable as error:
        faults = [replace(fault, pointer=f"/schedule{fault.pointer}") for fault in error.faults]
        raise Unacceptable(faults, error.message, error.code) from None


def _rules(campaign: Campaign) -> tuple[object, ...]:
    """What may forbid a message that is claimed already."""
    return campaign.daily_limit, campaign.new_leads_daily_limit, campaign.schedule


def _caps_set(campaign: Campaign) -> tuple[bool, bool]:
    """Which caps there are."""
    return campaign.daily_limit is not None, campaign.new_leads_daily_limit is not None


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
