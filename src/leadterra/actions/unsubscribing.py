"""Unsubscribe: what the link in every letter does (R11, RFC 8058). No login; the token's signature is the
permission.

A token that is not ours raises `NotFound`, whatever is wrong with it. Doing it again changes nothing.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from leadterra.actions.running import run
from leadterra.domain.enrollment import ENDED, State
from leadterra.domain.errors import NotFound
from leadterra.mail.unsubscribe import InvalidToken, UnsubscribeToken, read_token
from leadterra.store import suppressions, workspaces
from leadterra.store.campaign_totals import Changes
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.enrollments import end_enrollments_of_leads
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode
from leadterra.store.suppressions import EnrolledLead, Entry

UNSUBSCRIBED = "unsubscribed"
"""Reason of what a recipient asked for."""

Source = Literal["one_click", "page"]


async def check_link(database: Database, text: str) -> None:
    """Whether the link is one of ours. Raises `NotFound`."""
    token = _read(text)
    await run(database, token.workspace_id, lambda uow: _believe(uow, token))


async def unsubscribe(database: Database, text: str, *, source: Source, now: datetime) -> None:
    """Never write to the person behind the link again. Raises `NotFound`."""
    token = _read(text)

    async def act(uow: UnitOfWork) -> None:
        await _believe(uow, token)
        await unsubscribe_lead(uow, token.enrollment_id, source=source, now=now)

    await run(database, token.workspace_id, act)


async def unsubscribe_lead(uow: UnitOfWork, enrollment_id: UUID, *, source: Source, now: datetime) -> None:
    """Suppress the address of that enrollment's lead and end all that is open for them. An erased person has
    nothing left to end."""
    await uow.lock_pool()
    lead = await suppressions.find_enrolled_lead(uow, enrollment_id)
    if lead is None or lead.email is None or lead.email_key is None:
        return
    entry = Entry("email", lead.email_key, lead.email)
    added = await suppressions.insert_suppressions(uow, [entry], reason=UNSUBSCRIBED, source=source, now=now)
    ended = await end_enrollments_of_leads(uow, [lead.lead_id], State.UNSUBSCRIBED, UNSUBSCRIBED, now=now)
    if added and lead.state in ENDED:
        await _count(uow, lead.campaign_id, now=now)
    if added or ended:
        await append_events(uow, [_event(lead, source)], now=now)


async def _count(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> None:
    """The campaign was through with the lead already; its letter is what they unsubscribed by all the
    same."""
    changes = Changes()
    changes.add(campaign_id, "unsubscribed", 1)
    await changes.save(uow, now=now)


def _event(lead: EnrolledLead, source: Source) -> Event:
    data: dict[str, object] = {
        "lead": {"id": encode("lead", lead.lead_id)},
        "campaignId": encode("camp", lead.campaign_id),
        "source": source,
    }
    return Event(EventType.LEAD_UNSUBSCRIBED, data)


async def _believe(uow: UnitOfWork, token: UnsubscribeToken) -> None:
    """Raise `NotFound` unless the workspace's secret signed the token."""
    secret = await workspaces.find_link_secret(uow)
    if secret is None or not token.verify(secret):
        raise NotFound("link")


def _read(text: str) -> UnsubscribeToken:
    try:
        return read_token(text)
    except InvalidToken:
        raise NotFound("link") from None
