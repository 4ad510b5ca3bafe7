"""What the loss of a sender account would mean, as `?dryRun=true` shows it before the account is paused or
removed.
"""

from collections.abc import Sequence
from uuid import UUID

from leadterra.api.fields import CampaignId, SenderAccountId, View
from leadterra.domain.sender_loss import LossAction
from leadterra.store.sender_loss import BoundCampaign


class BoundCampaignView(View):
    """A campaign with leads that are bound to the account. action: what becomes of them. waitDays: how long
    they would wait for it, null where they do not. leads: how many of them had a letter from it and have a
    step left.
    """

    campaign_id: CampaignId
    name: str
    action: LossAction
    wait_days: float | None
    leads: int


class SenderLossView(View):
    """What the loss of an account would mean. boundLeads: the sum over the campaigns."""

    id: SenderAccountId
    bound_leads: int
    campaigns: list[BoundCampaignView]


def loss_view(account_id: UUID, bound: Sequence[BoundCampaign]) -> SenderLossView:
    """The campaigns that the loss concerns."""
    return SenderLossView(
        id=account_id,
        bound_leads=sum(campaign.leads for campaign in bound),
        campaigns=[_campaign_view(campaign) for campaign in bound],
    )


def _campaign_view(campaign: BoundCampaign) -> BoundCampaignView:
    action = LossAction(campaign.action)
    return BoundCampaignView(
        campaign_id=campaign.id,
        name=campaign.name,
        action=action,
        wait_days=campaign.wait_days if action is LossAction.WAIT else None,
        leads=campaign.leads,
    )
