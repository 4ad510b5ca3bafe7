"""What a look ahead reads: campaigns, their steps, and what waits in them, counted. Nothing here writes."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.domain.delay import Delay
from leadterra.store.database import UnitOfWork
from leadterra.store.due_work import CampaignRow
from leadterra.store.statements import load

_SQL = load("projections")


@dataclass(frozen=True, slots=True)
class WorkClass:
    """Enrollments that follow each other and are alike for a plan. position: of their next step.
    is_in_flight: its message is being sent. first_id: the lowest of their ids. is_asked_about: it is the one
    enrollment that was asked about. email_domain, provider: of their recipients, None where nothing depends
    on it.
    """

    campaign_id: UUID
    position: int
    time_zone: str
    sender_account_id: UUID | None
    is_in_flight: bool
    due_at: datetime
    first_id: UUID
    count: int
    is_asked_about: bool
    email_domain: str | None = None
    provider: str | None = None


async def list_campaigns(uow: UnitOfWork, campaign_id: UUID | None, *, now: datetime) -> list[CampaignRow]:
    """The running campaigns, and that one."""
    return await uow.list(CampaignRow, _SQL["list_campaigns"], campaign_id=campaign_id, now=now)


async def list_delays(uow: UnitOfWork, campaign_ids: Sequence[UUID]) -> dict[UUID, tuple[Delay, ...]]:
    """The delays of these campaigns' steps, in their order."""
    found: defaultdict[UUID, list[Delay]] = defaultdict(list)
    rows = await uow.rows(_SQL["list_steps"], campaign_ids=list(campaign_ids))
    for campaign_id, days, is_business in rows:
        found[campaign_id].append(Delay(days, is_business))
    return {campaign_id: tuple(delays) for campaign_id, delays in found.items()}


async def list_classes(
    uow: UnitOfWork,
    campaign_ids: Sequence[UUID],
    *,
    enrollment_id: UUID | None = None,
    by_recipient: bool = False,
) -> list[WorkClass]:
    """What waits in these campaigns, oldest first. enrollment_id: to be told apart. by_recipient: so are
    domains of recipients, and their providers.
    """
    name = "list_classes_by_recipient" if by_recipient else "list_classes"
    return await uow.list(WorkClass, _SQL[name], campaign_ids=list(campaign_ids), enrollment_id=enrollment_id)


async def count_set_aside(uow: UnitOfWork, campaign_id: UUID) -> int:
    """How many leads of a campaign wait for a person: held, paused, or uncertain."""
    found: int = await uow.value(_SQL["count_set_aside"], campaign_id=campaign_id)
    return found


async def list_rolling_minutes(uow: UnitOfWork, *, since: datetime) -> dict[UUID, list[datetime]]:
    """By account, the minute of every message that it sent or is sending after that instant."""
    found: defaultdict[UUID, list[datetime]] = defaultdict(list)
    for account_id, minute, taken in await uow.rows(_SQL["list_rolling_minutes"], since=since):
        found[account_id] += [minute] * taken
    return dict(found)
