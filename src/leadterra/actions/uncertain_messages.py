"""Uncertain messages, looked for by Message-ID in the Sent folders of their accounts (R6).

What is to be looked for is read in one transaction, and what a look found is written in another, with no
transaction open in between: a look may take long. `resolve_by_evidence` of `actions.resolving` judges it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.actions.ports import FolderRole, MailboxSession
from leadterra.domain.uncertain import FIRST_LOOK, GRACE
from leadterra.mail.threads import message_id
from leadterra.store import replies, uncertain_messages
from leadterra.store.database import UnitOfWork
from leadterra.store.uncertain_messages import SentKey, UncertainMessage

MOST_AT_ONCE = 50
"""Messages of one workspace that are looked for in one go."""

_WITNESSES = 3
"""Messages before and behind one that are looked for with it: some may have been deleted."""


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for. wanted: Message-ID of the message. before, after: of messages that its account
    certainly sent before and after it, nearest first; none where it is too early to conclude anything from
    them.
    """

    message: UncertainMessage
    wanted: str
    before: Sequence[str]
    after: Sequence[str]


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a look found. is_searched: the folder could be searched; the rest says nothing if not. has_before,
    has_after: one of those messages is there.
    """

    message: UncertainMessage
    is_searched: bool
    is_found: bool = False
    has_before: bool = False
    has_after: bool = False


async def list_searches(uow: UnitOfWork, account_ids: Sequence[UUID], *, now: datetime) -> list[Search]:
    """What to look for now in the mailboxes of these accounts, oldest first."""
    due = await uncertain_messages.list_due(
        uow, account_ids, since=now - FIRST_LOOK, now=now, limit=MOST_AT_ONCE
    )
    if not due:
        return []
    domain = await replies.find_message_domain(uow) or "localhost"
    return [await _search(uow, message, domain, now=now) for message in due]


async def look_for(session: MailboxSession, searches: Sequence[Search]) -> list[Sighting]:
    """Search the Sent folders of one mailbox. Raises `MailboxError`."""
    folders = [each.name for each in await session.list_folders() if each.role is FolderRole.SENT]
    there: set[str] = set()
    for folder in folders:
        await session.select(folder)
        asked: set[str] = set()
        for each in searches:
            await _find(session, (each.wanted,), there, asked)
            if each.wanted not in there:
                await _find(session, each.before, there, asked)
                await _find(session, each.after, there, asked)
    return [_sighting(each, there) for each in searches]


def keeps_copies(searches: Iterable[Search], sightings: Iterable[Sighting]) -> bool | None:
    """Whether a mailbox keeps copies, as far as this look shows; None if it does not."""
    if any(each.is_found or each.has_before or each.has_after for each in sightings):
        return True
    return False if any(each.before or each.after for each in searches) else None


async def _search(uow: UnitOfWork, message: UncertainMessage, domain: str, *, now: datetime) -> Search:
    def identify(key: SentKey) -> str:
        return message_id(uow.workspace_id, key.enrollment_id, key.step_id, domain)

    wanted = identify(SentKey(message.enrollment_id, message.step_id))
    if now - message.settled_at < GRACE:
        return Search(message, wanted, (), ())
    before = await uncertain_messages.list_sent_before(uow, message, limit=_WITNESSES)
    after = await uncertain_messages.list_sent_after(uow, message, until=now - GRACE, limit=_WITNESSES)
    return Search(message, wanted, [*map(identify, before)], [*map(identify, after)])


async def _find(session: MailboxSession, wanted: Iterable[str], there: set[str], asked: set[str]) -> None:
    """Until one of these is there. asked: in this folder, so that nothing is asked twice."""
    for identifier in wanted:
        if identifier not in asked and identifier not in there:
            asked.add(identifier)
            if await session.find(identifier) is not None:
                there.add(identifier)
        if identifier in there:
            return


def _sighting(search: Search, there: set[str]) -> Sighting:
    return Sighting(
        search.message,
        is_searched=True,
        is_found=search.wanted in there,
        has_before=not there.isdisjoint(search.before),
        has_after=not there.isdisjoint(search.after),
    )
