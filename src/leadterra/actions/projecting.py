"""A look ahead from the database as it is: the pool, its campaigns and all that waits in them, for
`domain.projection`. Reads in one snapshot, holds nobody up, and changes nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from leadterra.actions.caps import read_caps, read_recipient_caps
from leadterra.actions.pool_state import minds_recipients, pool_of
from leadterra.actions.schedules import schedule_of
from leadterra.domain.day import day_of
from leadterra.domain.delay import Delay, due_after
from leadterra.domain.errors import NotFound
from leadterra.domain.pool import Pool
from leadterra.domain.projection import ROLLING, Course, Due, Projection
from leadterra.mail.addresses import domain_digest
from leadterra.store import due_work, projections
from leadterra.store.database import UnitOfWork
from leadterra.store.due_work import CampaignRow, PoolRow, SenderRow
from leadterra.store.projections import WorkClass
from leadterra.store.warmups import list_ramps


@dataclass(frozen=True, slots=True)
class Outlook:
    """All that a projection starts from. It may be changed by `replace`, to ask what if."""

    now: datetime
    row: PoolRow
    senders: tuple[SenderRow, ...]
    campaigns: tuple[CampaignRow, ...]
    pool: Pool
    courses: Mapping[UUID, Course]
    work: Sequence[Due]
    rolling: Mapping[UUID, Sequence[datetime]]

    def project(self) -> Projection:
        """A new look ahead."""
        return Projection(self.pool, self.courses, self.work, now=self.now, rolling=self.rolling)


async def read_outlook(
    uow: UnitOfWork, *, campaign_id: UUID | None = None, enrollment_id: UUID | None = None, now: datetime
) -> Outlook:
    """campaign_id: it takes part whatever its status, as if it were started now. enrollment_id: it is an item
    of its own, and every other one stands before or behind it as in the engine. Raises `NotFound`.
    """
    row = await due_work.read_pool(uow)
    if row is None:
        raise NotFound("workspace")
    senders = await due_work.list_senders(uow, day=day_of(now))
    rows = await projections.list_campaigns(uow, campaign_id, now=now)
    delays = await projections.list_delays(uow, [campaign.id for campaign in rows])
    courses = {
        campaign.id: Course(
            campaign.started_at,
            delays.get(campaign.id, ()),
            schedule_of(campaign.schedule),
            campaign.resumed_at,
        )
        for campaign in rows
    }
    classes = await projections.list_classes(
        uow, list(courses), enrollment_id=enrollment_id, by_recipient=minds_recipients(row)
    )
    work = [item for each in classes for item in _items(each, courses[each.campaign_id], now)]
    caps = await read_caps(uow, row, senders, rows, now=now)
    caps |= await read_recipient_caps(uow, row, work, now=now)
    return Outlook(
        now=now,
        row=row,
        senders=tuple(senders),
        campaigns=tuple(rows),
        pool=await _with_ramps(uow, pool_of(row, senders, rows, caps)),
        courses=courses,
        work=work,
        rolling=await projections.list_rolling_minutes(uow, since=now - ROLLING),
    )


async def _with_ramps(uow: UnitOfWork, pool: Pool) -> Pool:
    """The pool, as its accounts' limits go on."""
    ramps = await list_ramps(uow)
    if not ramps:
        return pool
    return replace(pool, senders=[replace(sender, ramp=ramps.get(sender.id)) for sender in pool.senders])


def _items(each: WorkClass, course: Course, now: datetime) -> Iterable[Due]:
    """What is free is counted; what is bound to an account is one item a message. A message in flight is
    taken to be accepted now: the step behind it waits.
    """
    position, due_at = each.position, each.due_at
    if each.is_in_flight:
        position += 1
        if position < len(course.delays):
            due_at = _due_after(course, course.delays[position], now)
    if position >= len(course.delays):
        return []
    item = Due(
        enrollment_id=each.first_id,
        is_follow_up=position > 0,
        due_at=due_at,
        sender_id=each.sender_account_id,
        campaign_id=each.campaign_id,
        recipient_domain=None if each.email_domain is None else domain_digest(each.email_domain),
        provider=each.provider,
        zone=each.time_zone,
        count=each.count,
        position=position,
    )
    if item.sender_id is None or item.count == 1:
        return [item]
    first = item.enrollment_id.int
    return [replace(item, count=1, enrollment_id=UUID(int=first + n)) for n in range(each.count)]


def _due_after(course: Course, delay: Delay, now: datetime) -> datetime:
    return due_after(delay, now, course.schedule.time_zone, course.schedule.holidays)
