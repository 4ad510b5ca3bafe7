"""What a campaign is called."""

from typing import Literal

import pytest

from leadterra.domain.campaign import Campaign
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
