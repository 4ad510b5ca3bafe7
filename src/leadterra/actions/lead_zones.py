"""Whose time zone an enrollment goes by: the lead's, where its campaign says so and the zone is known, else
the campaign's own, which is written as none.

Enrollments are kept as their leads and campaigns say, by set, whichever of these changes. Who moves to
another zone may be due in another window: the pool looks at once. The caller has locked the pool.
"""

from datetime import datetime
from uuid import UUID

from leadterra.store import enrollments
from leadterra.store.database import UnitOfWork
from leadterra.store.sender_pools import wake_pool


async def rezone_campaign(uow: UnitOfWork, campaign_id: UUID, *, uses_lead_zone: bool, now: datetime) -> None:
    """A campaign begins or ceases to go by the zones of its leads."""
    moved = await enrollments.rezone_campaign(uow, campaign_id, uses_lead_zone=uses_lead_zone, now=now)
    await _wake(uow, moved, now=now)


async def rezone_lead(uow: UnitOfWork, lead_id: UUID, time_zone: str | None, *, now: datetime) -> None:
    """A lead's zone has changed."""
    await _wake(uow, await enrollments.rezone_lead(uow, lead_id, time_zone, now=now), now=now)


async def rezone_staged_leads(uow: UnitOfWork, *, now: datetime) -> None:
    """The zones of the leads of `store.leads.stage_leads` may have changed."""
    await _wake(uow, await enrollments.rezone_staged_leads(uow, now=now), now=now)


async def _wake(uow: UnitOfWork, moved: int, *, now: datetime) -> None:
    if moved:
        await wake_pool(uow, at=now)
