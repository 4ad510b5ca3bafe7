"""Enrollments: one lead in one campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.enrollment import State
from leadterra.domain.errors import NotFound
from leadterra.store.campaign_totals import Changes
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("enrollments")


class Ended(NamedTuple):
    """An enrollment that has just ended."""

    id: UUID
    campaign_id: UUID
    lead_id: UUID


@dataclass(frozen=True, slots=True)
class Enrollment:
    """One lead in one campaign.

    position: how many steps are behind it. attempt: how often its next message was deferred. due_at: of
    its next message. sender_account_id: whom it is bound to. last_sent_at: of its last message that was
    accepted. away_until: the lead said to be away until then; nothing is due before.
    """

    id: UUID
    campaign_id: UUID
    lead_id: UUID
    state: str
    state_reason: str | None
    position: int
    attempt: int
    due_at: datetime
    away_until: datetime | None
    last_sent_at: datetime | None
    sender_account_id: UUID | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class CampaignLead:
    """A lead as a campaign sees it: who it is, and where it stands (see `Enrollment`).

    created_at: of the enrollment.
    """

    lead_id: UUID
    email: str
    first_name: str | None
    last_name: str | None
    company: str | None
    job_title: str | None
    time_zone: str | None
    state: str
    state_reason: str | None
    position: int
    attempt: int
    due_at: datetime
    last_sent_at: datetime | None
    sender_account_id: UUID | None
    created_at: datetime


async def end_enrollments_of_leads(
    uow: UnitOfWork, lead_ids: Sequence[UUID], state: State, reason: str, *, now: datetime
) -> list[Ended]:
    """End everything open for these leads (R7); what they had queued is cancelled.

    The pool is locked; the totals follow.
    """
    rows = await uow.rows(
        _SQL["end_enrollments_of_leads"], lead_ids=list(lead_ids), state=state, reason=reason, now=now
    )
    ended = [Ended(*row) for row in rows]
    await cancel_unsent_messages(uow, [enrollment.id for enrollment in ended], reason, now=now)
    changes = Changes()
    for enrollment in ended:
        changes.add(enrollment.campaign_id, "open", -1)
        if state is State.REMOVED:
            changes.add(enrollment.campaign_id, "enrolled", -1)
        if state is State.UNSUBSCRIBED:
            changes.add(enrollment.campaign_id, "unsubscribed", 1)
    await changes.save(uow, now=now)
    return ended


async def cancel_unsent_messages(
    uow: UnitOfWork, enrollment_ids: Sequence[UUID], reason: str, *, now: datetime
) -> None:
    """Cancel what these enrollments had queued or deferred. The pool is locked."""
    if enrollment_ids:
        await uow.execute(
            _SQL["cancel_unsent_messages"], enrollment_ids=list(enrollment_ids), reason=reason, now=now
        )


async def cancel_messages_of_campaign(
    uow: UnitOfWork, campaign_id: UUID, reason: str, *, now: datetime
) -> None:
    """Cancel what a campaign had queued or deferred. The pool is locked."""
    await uow.execute(_SQL["cancel_messages_of_campaign"], campaign_id=campaign_id, reason=reason, now=now)


async def enroll_staged_leads(
    uow: UnitOfWork, campaign_id: UUID, *, all_are_new: bool, uses_lead_zone: bool, now: datetime
) -> int:
    """Enrol the leads of `leads.stage_leads` that are not in the campaign; how many.

    The first step is due now. uses_lead_zone: see `uses_lead_zones`.
    """
    name = "enroll_new_leads" if all_are_new else "enroll_leads"
    return await uow.execute(_SQL[name], campaign_id=campaign_id, uses_lead_zone=uses_lead_zone, now=now)


async def uses_lead_zones(uow: UnitOfWork, campaign_id: UUID) -> bool:
    """Whether the campaign's windows are in the time zones of its leads, where these are known."""
    return bool(await uow.value(_SQL["find_use_of_lead_zones"], campaign_id=campaign_id))


async def rezone_staged_leads(uow: UnitOfWork, *, now: datetime) -> int:
    """Give enrollments the zones that the leads of `leads.stage_leads` have by now, where their campaigns go
    by them; how many had another. The pool is locked.
    """
    return await uow.execute(_SQL["rezone_staged_leads"], now=now)


async def rezone_lead(uow: UnitOfWork, lead_id: UUID, time_zone: str | None, *, now: datetime) -> int:
    """The same for one lead, whose zone that is. The pool is locked."""
    return await uow.execute(_SQL["rezone_lead"], lead_id=lead_id, time_zone=time_zone or "", now=now)


async def rezone_campaign(uow: UnitOfWork, campaign_id: UUID, *, uses_lead_zone: bool, now: datetime) -> int:
    """Give everybody in a campaign the zone of the lead, or of the campaign; how many had another. The pool
    is locked.
    """
    name = "rezone_campaign_by_leads" if uses_lead_zone else "rezone_campaign_by_itself"
    return await uow.execute(_SQL[name], campaign_id=campaign_id, now=now)


async def revive_staged_enrollments(
    uow: UnitOfWork, campaign_id: UUID, *, steps: int, now: datetime
) -> list[str]:
    """Take in again the staged leads that were removed from the campaign; their states.

    steps: how many it has. The pool is locked.
    """
    rows = await uow.rows(_SQL["revive_staged_enrollments"], campaign_id=campaign_id, steps=steps, now=now)
    return [row[0] for row in rows]


async def get_enrollment(uow: UnitOfWork, campaign_id: UUID, lead_id: UUID) -> Enrollment:
    """A lead's part in a campaign. Raises `NotFound` if it has none, or had."""
    found = await uow.find(Enrollment, _SQL["find_enrollment"], campaign_id=campaign_id, lead_id=lead_id)
    if found is None or found.state == State.REMOVED:
        raise NotFound("lead")
    return found


async def pause_enrollment(uow: UnitOfWork, enrollment_id: UUID, reason: str, *, now: datetime) -> None:
    """Hold an open enrollment back. The pool is locked."""
    await uow.execute(_SQL["pause_enrollment"], id=enrollment_id, reason=reason, now=now)


async def resume_enrollment(uow: UnitOfWork, enrollment_id: UUID, *, steps: int, now: datetime) -> str | None:
    """Let a paused enrollment go on; its state, None if it was not paused.

    steps: of its campaign. The pool is locked.
    """
    state: str | None = await uow.value(_SQL["resume_enrollment"], id=enrollment_id, steps=steps, now=now)
    return state


async def remove_enrollment(uow: UnitOfWork, enrollment_id: UUID, reason: str, *, now: datetime) -> bool:
    """Take an enrollment that is open or finished out of its campaign; False if it ended otherwise.

    The pool is locked.
    """
    return await uow.execute(_SQL["remove_enrollment"], id=enrollment_id, reason=reason, now=now) > 0


async def release_held_of_lead(uow: UnitOfWork, lead_id: UUID, *, now: datetime) -> int:
    """Let a lead that was held for a missing field try again; in how many campaigns. The pool is locked."""
    return await uow.execute(_SQL["release_held_of_lead"], lead_id=lead_id, now=now)


async def release_held_of_staged_leads(uow: UnitOfWork, *, now: datetime) -> int:
    """The same for the leads of `leads.stage_leads`."""
    return await uow.execute(_SQL["release_held_of_staged_leads"], now=now)


async def release_held_of_campaign(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> int:
    """The same for everybody whom a campaign holds."""
    return await uow.execute(_SQL["release_held_of_campaign"], campaign_id=campaign_id, now=now)


async def list_enrollment_ids_of_lead(uow: UnitOfWork, lead_id: UUID) -> list[UUID]:
    """Every part that the lead has or had in a campaign."""
    return [row[0] for row in await uow.rows(_SQL["list_enrollment_ids_of_lead"], lead_id=lead_id)]


async def list_campaign_leads(
    uow: UnitOfWork, campaign_id: UUID, *, limit: int, state: str | None = None, before: UUID | None = None
) -> list[CampaignLead]:
    """Who is in a campaign, latest lead first; the removed ones only where they are asked for.

    before: last lead of the page before.
    """
    return await uow.list(
        CampaignLead,
        _SQL["list_campaign_leads"],
        campaign_id=campaign_id,
        state=state,
        before=before,
        limit=limit,
    )


async def get_campaign_lead(uow: UnitOfWork, campaign_id: UUID, lead_id: UUID) -> CampaignLead:
    """One of them. Raises `NotFound`."""
    found = await uow.find(CampaignLead, _SQL["find_campaign_lead"], campaign_id=campaign_id, lead_id=lead_id)
    if found is None or found.state == State.REMOVED:
        raise NotFound("lead")
    return found
