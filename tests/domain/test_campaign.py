"""What a campaign is called, and what it goes by."""

from dataclasses import replace
from typing import Literal

import pytest

from leadterra.domain.campaign import Campaign
from leadterra.domain.schedule import Schedule, write_schedule
from leadterra.domain.sender_loss import LossAction, SenderLossPolicy
from leadterra.store.ids import new_id
from tests.support.clock import NOW


@pytest.mark.parametrize(
    ("status", "enrolled", "open_", "shown"),
    [
        ("draft", 5, 0, "draft"),
        ("running", 0, 0, "running"),
        ("running", 5, 1, "running"),
        ("running", 5, 0, "completed"),
        ("paused", 5, 0, "paused"),
    ],
)
def test_completed_is_running_with_nothing_left(
    status: Literal["draft", "running", "paused"], enrolled: int, open_: int, shown: str
) -> None:
    """And with somebody enrolled."""
    campaign = Campaign(new_id(NOW), "x", status, "empty", NOW, NOW, NOW, None, enrolled, open_)

    assert campaign.shown_status == shown


def test_a_campaign_says_nothing_and_goes_by_the_usual() -> None:
    """It hands leads over, at all times of its own zone."""
    campaign = Campaign(new_id(NOW), "x", "draft", "empty", NOW, NOW, None, None, 0, 0)

    assert (campaign.sender_loss_policy, campaign.uses_lead_zones) == (SenderLossPolicy(), False)


def test_a_campaign_says_what_becomes_of_lost_leads_and_whose_zone_counts() -> None:
    """By its settings."""
    campaign = replace(
        Campaign(new_id(NOW), "x", "draft", "empty", NOW, NOW, None, None, 0, 0),
        sender_loss="wait",
        sender_loss_wait_days=2,
        schedule=write_schedule(Schedule(uses_lead_zone=True)),
    )

    assert campaign.sender_loss_policy == SenderLossPolicy(LossAction.WAIT, 2)
    assert campaign.uses_lead_zones
