"""Leads: change, erase, and take in or out of one campaign what they are part of."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from leadterra.actions.lead_rows import overwrite, read_fields
from leadterra.actions.lead_zones import rezone_lead
from leadterra.domain.enrollment import OPEN, State
from leadterra.domain.errors import Fault, InvalidState, Unacceptable
from leadterra.domain.lead import CUSTOM_FIELDS
from leadterra.mail.addresses import Address, InvalidAddress, parse_address
from leadterra.store import enrollments, leads
from leadterra.store.campaign_totals import Changes
from leadterra.store.campaigns import get_campaign
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import CampaignLead
from leadterra.store.leads import Lead
from leadterra.store.replies import forget_replies_of_lead
from leadterra.store.responses import forget_responses_of_lead
from leadterra.store.sender_pools import wake_pool
from leadterra.store.sequence_steps import count_steps
from leadterra.store.suppressions import forget_suppression_value


async def change_lead(uow: UnitOfWork, lead_id: UUID, fields: Mapping[str, object], *, now: datetime) -> Lead:
    """Overwrite the fields that are given, named as in an import; a null takes a field away. A lead that
    was held for a missing field tries again. Raises `NotFound`, `Unacceptable`, or `Conflict` if another
    lead has that address.
    """
    before = await leads.lock_lead(uow, lead_id)
    after = _changed(before, fields)
    await leads.save_lead(uow, after, now=now)
    await uow.lock_pool()
    if after.time_zone != before.time_zone:
        await rezone_lead(uow, lead_id, after.time_zone, now=now)
    if await enrollments.release_held_of_lead(uow, lead_id, now=now):
        await wake_pool(uow, at=now)
    return await leads.get_lead(uow, lead_id)


def _changed(lead: Lead, fields: Mapping[str, object]) -> Lead:
    given, known, custom, faults = read_fields(fields)
    address: Address | None = None
    if "email" in fields:
        email = fields["email"]
        try:
            address = parse_address(email if isinstance(email, str) else "")
        except InvalidAddress as error:
            faults = [Fault("/email", "invalid_email", error.reason), *faults]
    merged = {key: value for key, value in {**lead.custom_fields, **custom}.items() if value is not None}
    if len(merged) > CUSTOM_FIELDS:
        faults.append(
            Fault("/customFields", "too_long", f"a lead may have at most {CUSTOM_FIELDS} custom fields")
        )
    if faults:
        raise Unacceptable(faults, faults[0].message)
    present = (lead.first_name, lead.last_name, lead.company, lead.job_title, lead.time_zone)
    first, last, company, title, zone = overwrite(present, given, known)
    after = replace(
        lead,
        first_name=first,
        last_name=last,
        company=company,
        job_title=title,
        time_zone=zone,
        custom_fields=merged,
    )
    if address:
        after = replace(after, email=address.display, email_key=address.key, email_domain=address.domain)
    return after


async def erase_lead(uow: UnitOfWork, lead_id: UUID, *, now: datetime) -> None:
    """Forget a person: the lead, and what messages to them said and were answered. They are sent nothing
    more (R7). A suppression of theirs stays as a hash. Raises `NotFound`.
    """
    lead = await leads.lock_lead(uow, lead_id)
    await uow.lock_pool()
    await enrollments.end_enrollments_of_leads(uow, [lead_id], State.REMOVED, "the lead was deleted", now=now)
    parts = await enrollments.list_enrollment_ids_of_lead(uow, lead_id)
    await leads.delete_lead(uow, lead_id, parts)
    await forget_replies_of_lead(uow, lead_id)
    await forget_responses_of_lead(uow, lead_id, now=now)
    await forget_suppression_value(uow, lead.email_key)


async def remove_lead_from_campaign(
    uow: UnitOfWork, campaign_id: UUID, lead_id: UUID, *, now: datetime
) -> None:
    """Take a lead out of a campaign (R7). One that replied, bounced or the like has ended already, and
    how stays in the books. Raises `NotFound`.
    """
    await uow.lock_pool()
    await get_campaign(uow, campaign_id)
    part = await enrollments.get_enrollment(uow, campaign_id, lead_id)
    reason = "taken out of the campaign"
    if not await enrollments.remove_enrollment(uow, part.id, reason, now=now):
        return
    await enrollments.cancel_unsent_messages(uow, [part.id], reason, now=now)
    changes = Changes()
    changes.add(campaign_id, "enrolled", -1)
    changes.add(campaign_id, "open", -int(part.state in OPEN))
    await changes.save(uow, now=now)


async def pause_lead(uow: UnitOfWork, campaign_id: UUID, lead_id: UUID, *, now: datetime) -> CampaignLead:
    """Hold a lead back in one campaign (R7); no change if it is paused.

    Raises `NotFound`, or `InvalidState` if it has ended.
    """
    await uow.lock_pool()
    await get_campaign(uow, campaign_id)
    part = await enrollments.get_enrollment(uow, campaign_id, lead_id)
    _refuse_ended(part.state)
    if part.state != State.PAUSED:
        await enrollments.pause_enrollment(uow, part.id, "paused by a person", now=now)
    return await enrollments.get_campaign_lead(uow, campaign_id, lead_id)


async def resume_lead(uow: UnitOfWork, campaign_id: UUID, lead_id: UUID, *, now: datetime) -> CampaignLead:
    """Let a paused lead go on from where it was; no change if it is not paused.

    Raises `NotFound`, or `InvalidState` if it has ended.
    """
    await uow.lock_pool()
    await get_campaign(uow, campaign_id)
    part = await enrollments.get_enrollment(uow, campaign_id, lead_id)
    _refuse_ended(part.state)
    steps = await count_steps(uow, campaign_id)
    state = await enrollments.resume_enrollment(uow, part.id, steps=steps, now=now)
    if state == State.FINISHED:
        changes = Changes()
        changes.add(campaign_id, "open", -1)
        await changes.save(uow, now=now)
    if state == State.WAITING:
        await wake_pool(uow, at=now)
    return await enrollments.get_campaign_lead(uow, campaign_id, lead_id)


def _refuse_ended(state: str) -> None:
    if state not in OPEN:
        raise InvalidState(f"This lead's part in the campaign has ended: {state}.")
