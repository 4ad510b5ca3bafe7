"""What a campaign has done and has still to do, in numbers."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.domain.campaign import ShownStatus
from leadterra.store.campaigns import count_scheduled, get_campaign, get_progress
from leadterra.store.database import UnitOfWork
from leadterra.store.variants import ResultRow, list_results


@dataclass(frozen=True, slots=True)
class VariantStats:
    """What became of the messages of a step that were given the same words.

    variant_id: None for the step's own words. weight: 0 for a variant that was removed. assigned: messages
    that were given it, sent or not. bounced and delivered are parts of sent. reply_rate: between 0 and 1,
    over delivered.
    """

    step_id: UUID
    variant_id: UUID | None
    weight: float
    assigned: int
    sent: int
    delivered: int
    bounced: int
    replied: int
    reply_rate: float


@dataclass(frozen=True, slots=True)
class CampaignStats:
    """Numbers of a campaign, as api.md names them.

    A message is in one of sent, queued, deferred, uncertain, failed. bounced and delivered are parts of
    sent. scheduled: follow-ups whose delay still runs. replied, unsubscribed and total_enrolled count
    leads. The rates are between 0 and 1, over delivered. variants: of the steps that have or had any, the
    step's own words first.
    """

    campaign_id: UUID
    status: ShownStatus
    total_enrolled: int
    sent: int
    delivered: int
    bounced: int
    replied: int
    queued: int
    scheduled: int
    deferred: int
    uncertain: int
    failed: int
    unsubscribed: int
    open_rate: float
    reply_rate: float
    variants: list[VariantStats]


async def read_stats(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> CampaignStats:
    """The numbers now. Raises `NotFound`. Costs neither what was sent nor, nearly always, what waits."""
    campaign = await get_campaign(uow, campaign_id)
    progress = await get_progress(uow, campaign_id)
    scheduled = await count_scheduled(uow, campaign_id, waiting=progress.waiting, now=now)
    is_draft = campaign.status == "draft"
    delivered = progress.sent - progress.bounced
    return CampaignStats(
        campaign_id=campaign_id,
        status=campaign.shown_status,
        total_enrolled=progress.enrolled,
        sent=progress.sent,
        delivered=delivered,
        bounced=progress.bounced,
        replied=progress.replied,
        queued=0 if is_draft else progress.waiting - scheduled + progress.in_flight,
        scheduled=0 if is_draft else scheduled,
        deferred=progress.deferred,
        uncertain=progress.uncertain,
        failed=progress.failed,
        unsubscribed=progress.unsubscribed,
        open_rate=0.0,
        reply_rate=_rate(progress.replied, delivered),
        variants=[_variant_stats(row) for row in await list_results(uow, campaign_id)],
    )


def _variant_stats(row: ResultRow) -> VariantStats:
    delivered = row.sent - row.bounced
    return VariantStats(
        step_id=row.step_id,
        variant_id=row.variant_id,
        weight=row.weight,
        assigned=row.assigned,
        sent=row.sent,
        delivered=delivered,
        bounced=row.bounced,
        replied=row.replied,
        reply_rate=_rate(row.replied, delivered),
    )


def _rate(replied: int, delivered: int) -> float:
    return replied / delivered if delivered > 0 else 0.0
