"""Right before DATA: may these messages still go? (R7)

One statement for a batch. It answers no for a campaign, lead or account that was paused, suppressed or
removed meanwhile, for a claim that was lost, when the window is over, and when the day whose quota was taken
is over or closing. A yes is written down: whatever dies from here on is uncertain.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadterra.domain.day import day_of, is_closing
from leadterra.store import claims
from leadterra.store.claims import ClearanceRequest
from leadterra.store.database import UnitOfWork


async def clear_messages(
    uow: UnitOfWork, requests: Sequence[ClearanceRequest], *, now: datetime
) -> set[tuple[UUID, UUID, int]]:
    """The (enrollment, step, fence) of those that may go."""
    in_window = [each for each in requests if each.closes_at is None or now < each.closes_at]
    if is_closing(now) or not in_window:
        return set()
    return await claims.clear_messages(uow, in_window, day=day_of(now), now=now)
