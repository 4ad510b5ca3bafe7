"""What the reader of a mailbox tells of it: rests, a pause where a person must act, and healing (R9).

Whoever opens a mailbox notes what came of it. While all is well that is one look by key. The pool is locked
only where something changes, so that thousands of mailboxes keep nobody from sending.
"""

from datetime import datetime
from uuid import UUID

from leadterra.actions.delivery_records import paused_event
from leadterra.actions.ports import MailboxTrouble
from leadterra.domain.day import day_of
from leadterra.domain.errors import NotFound
from leadterra.domain.health import AUTHENTICATION_REASON
from leadterra.domain.mailbox_health import MailboxHealth, Trouble, mailbox_after
from leadterra.domain.sender_account import Protocol, Status
from leadterra.observability import log
from leadterra.store import account_health
from leadterra.store.database import UnitOfWork
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode
from leadterra.store.sender_accounts import get_sender_account
from leadterra.store.sender_pools import wake_pool

_TROUBLES: dict[MailboxTrouble, Trouble] = {
    MailboxTrouble.LOGIN: "login",
    MailboxTrouble.SERVER: "server",
    MailboxTrouble.FOLDER: "folder",
}


async def note_mailbox(
    uow: UnitOfWork, account_id: UUID, trouble: MailboxTrouble | None, text: str, *, now: datetime
) -> datetime | None:
    """Note that an account's mailbox works (trouble None), or what is wrong with it, in the server's words.

    The instant before which it is not to be tried again, None if it may be at any time. An account that is
    gone is nobody's trouble. Noting the same twice is noting it once.
    """
    known = await account_health.find_mailbox(uow, account_id)
    if trouble is None and not known.failures:
        return None
    await uow.lock_pool()
    known = await account_health.find_mailbox(uow, account_id)
    after = mailbox_after(known, _TROUBLES[trouble] if trouble else None, text, now)
    if after != known and await _is_there(uow, account_id, now):
        await account_health.save_mailbox(uow, account_id, after)
        if after.needs_person:
            await _pause(uow, account_id, after, now=now)
        elif known.needs_person and trouble is None:
            await _restore(uow, account_id, now=now)
    return after.rest_until


async def _is_there(uow: UnitOfWork, account_id: UUID, now: datetime) -> bool:
    try:
        await get_sender_account(uow, account_id, day=day_of(now))
    except NotFound:
        return False
    return True


async def _pause(uow: UnitOfWork, account_id: UUID, mailbox: MailboxHealth, *, now: datetime) -> None:
    """One that is paused already stays as it is, with its reason."""
    await account_health.lock_accounts(uow, [account_id])
    account, _ = await get_sender_account(uow, account_id, day=day_of(now))
    if account.status == Status.PAUSED:
        return
    await account_health.save_paused_from(uow, {account_id: account.status})
    await account_health.pause_accounts(uow, {account_id: AUTHENTICATION_REASON}, now=now)
    event = paused_event(account_id, account.email, AUTHENTICATION_REASON, Protocol.IMAP)
    await append_events(uow, [event], now=now)
    await wake_pool(uow, at=now)
    log.warning(
        "account.paused",
        account=encode("sa", account_id),
        reason=AUTHENTICATION_REASON,
        answer=mailbox.reason,
    )


async def _restore(uow: UnitOfWork, account_id: UUID, *, now: datetime) -> None:
    """Its login works again: somebody has put it right where it was refused."""
    status = await account_health.find_paused_from(uow, account_id) or Status.ACTIVE
    email = await account_health.restore_account(
        uow, account_id, status, reason=AUTHENTICATION_REASON, now=now
    )
    if email is None:
        return
    if status == Status.ACTIVE:
        data: dict[str, object] = {
            "senderAccountId": encode("sa", account_id),
            "email": email,
            "reason": None,
        }
        await append_events(uow, [Event(EventType.SENDER_ACTIVATED, data)], now=now)
    await wake_pool(uow, at=now)
