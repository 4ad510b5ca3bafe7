"""What a person does for an account that the engine has paused or rests: another login, or activating it.

Both begin with a clean slate (R9). Expects the pool's lock.
"""

from dataclasses import replace
from datetime import datetime

from leadterra.domain.delivery_record import Fault
from leadterra.domain.health import AUTHENTICATION_REASON
from leadterra.domain.mailbox_health import MailboxHealth
from leadterra.domain.sender_account import Protocol, Status
from leadterra.store import account_health
from leadterra.store.account_health import find_paused_from
from leadterra.store.database import UnitOfWork
from leadterra.store.sender_accounts import SenderAccount

_RATES = frozenset(fault.value for fault in Fault)


async def begin_anew(uow: UnitOfWork, account: SenderAccount, *, now: datetime) -> None:
    """An account, as it was, is put to use by a person. What its mailbox said is forgotten; one that was
    paused for what came back is judged by what is sent from now on.
    """
    await _forget_mailbox(uow, account)
    if account.status == Status.PAUSED and account.status_reason in _RATES:
        await account_health.judge_from(uow, account.id, now)


async def repair(
    uow: UnitOfWork, before: SenderAccount, after: SenderAccount, *, has_new_grant: bool = False
) -> tuple[SenderAccount, Status | None]:
    """An account whose servers or logins were changed, and what it becomes by that: what it was before the
    login was refused that is another now; None if it stays as it is. Both servers are tried at once.
    has_new_grant: access tokens, or what stands for them, are another now for both.
    """
    repaired = {
        protocol
        for protocol in Protocol
        if has_new_grant or _access(before, protocol) != _access(after, protocol)
    }
    if not repaired:
        return after, None
    mailbox = await account_health.find_mailbox(uow, before.id)
    refused = Protocol.IMAP if mailbox.needs_person else Protocol.SMTP
    if Protocol.IMAP in repaired:
        await _forget_mailbox(uow, before)
    if Protocol.SMTP in repaired and after.failures:
        after = replace(after, failures=0, rest_until=None)
    is_refused = before.status == Status.PAUSED and before.status_reason == AUTHENTICATION_REASON
    if not is_refused or refused not in repaired:
        return after, None
    return after, Status(await find_paused_from(uow, before.id) or Status.ACTIVE)


async def _forget_mailbox(uow: UnitOfWork, account: SenderAccount) -> None:
    if await account_health.find_mailbox(uow, account.id) != MailboxHealth():
        await account_health.save_mailbox(uow, account.id, MailboxHealth())


def _access(account: SenderAccount, protocol: Protocol) -> tuple[object, ...]:
    """Where and as whom: a password that is given again is sealed anew, and so another one."""
    if protocol is Protocol.SMTP:
        return (
            account.smtp_host,
            account.smtp_port,
            account.smtp_security,
            account.smtp_username,
            account.smtp_password,
        )
    return (
        account.imap_host,
        account.imap_port,
        account.imap_security,
        account.imap_username,
        account.imap_password,
    )
