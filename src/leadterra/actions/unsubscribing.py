"""Unsubscribe: what the link in every letter does (R11, RFC 8058). No login; the token's signature is the
permission.

A token that is not ours raises `NotFound`, whatever is wrong with it. Doing it again changes nothing.
"""

from datetime import datetime
from typing import Literal
from uuid import UUID

from leadterra.actions.consequences import end_part
from leadterra.actions.running import run
from leadterra.domain.enrollment import State
from leadterra.domain.errors import NotFound
from leadterra.mail.unsubscribe import InvalidToken, UnsubscribeToken, read_token
from leadterra.store import replies, suppressions, workspaces
from leadterra.store.campaign_totals import Changes
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.enrollments import end_enrollments_of_leads
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode
from leadterra.store.replies import AnsweringEnrollment
from leadterra.store.suppressions import Entry

UNSUBSCRIBED = "unsubscribed"
"""Reason of what a recipient asked for."""

Source = Literal["one_click", "page", "person"]


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
    part = await replies.lock_enrollment(uow, enrollment_id)
    if part is None or part.email is None or part.email_key is None:
        return
    entry = Entry("email", part.email_key, part.email)
    added = await suppressions.insert_suppressions(uow, [entry], reason=UNSUBSCRIBED, source=source, now=now)
    changes = Changes()
    ended = await end_part(uow, part, State.UNSUBSCRIBED, UNSUBSCRIBED, changes, now=now)
    others = await end_enrollments_of_leads(uow, [part.lead_id], State.UNSUBSCRIBED, UNSUBSCRIBED, now=now)
    if added or ended or others:
        await append_events(uow, [_event(part, source)], now=now)
    await changes.save(uow, now=now)


def _event(part: AnsweringEnrollment, source: Source) -> Event:
    data: dict[str, object] = {
        "lead": {"id": encode("lead", part.lead_id)},
        "campaignId": encode("camp", part.campaign_id),
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
