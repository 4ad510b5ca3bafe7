"""`/v1/campaigns/{camp}/stats`: what a campaign has done and has still to do."""

from leadterra.actions.stats import read_stats
from leadterra.api.answers import Answer
from leadterra.api.fields import CampaignId, StepId, View
from leadterra.api.routing import Call, Routes
from leadterra.api.sequence_steps import VariantId
from leadterra.domain.campaign import ShownStatus

routes = Routes("Campaign statistics", "What a campaign has done and has still to do, in numbers.")


class VariantStatsView(View):
    """What became of the messages of a step that were given the same words. variantId is null for the step's
    own. weight is 0 for a variant that was removed.
    """

    step_id: StepId
    variant_id: VariantId | None
    weight: float
    assigned: int
    sent: int
    delivered: int
    bounced: int
    replied: int
    reply_rate: float


class CampaignStatsView(View):
    """What a campaign has done and has still to do.

    A message is in one of sent, queued, deferred, uncertain, failed. variants: of each step that has or had
    any, its own words first.
    """

    campaign_id: CampaignId
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
    variants: list[VariantStatsView]


@routes.get("/v1/campaigns/{camp}/stats")
async def stats(call: Call) -> Answer[CampaignStatsView]:
    """Get a campaign's numbers.

    `queued` messages are due and not yet sent; `scheduled` are follow-ups whose delay still runs.
    """
    return Answer(CampaignStatsView.model_validate(await read_stats(call.uow, call.id("camp"), now=call.now)))
