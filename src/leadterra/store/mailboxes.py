"""Mailboxes: who reads which, how far it got, and what was wrong with it.

A mailbox is read by whoever has its lease; one whose reader died is free when the lease is over. The same
column says when one is tried again that could not be read.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.store.database import Transaction, UnitOfWork
from leadterra.store.statements import load

_SQL = load("mailboxes")


class FreeMailbox(NamedTuple):
    """A mailbox that nobody reads."""

    workspace_id: UUID
    sender_account_id: UUID


@dataclass(frozen=True, slots=True)
class MailboxAccount:
    """How an account's mail is read; the password is sealed. has_grant: it logs in by OAuth 2.0. updated_at:
    of the account; a reader that knows an earlier one begins anew. keeps_copies: see the table. has_trouble:
    it could not be read the last time.
    """

    id: UUID
    email: str
    imap_host: str
    imap_port: int
    imap_security: str
    imap_username: str | None
    imap_password: bytes | None = field(repr=False)
    updated_at: datetime
    keeps_copies: bool | None
    has_grant: bool
    has_trouble: bool = False


class FolderPlace(NamedTuple):
    """How far a folder was read."""

    name: str
    uid_validity: int
    uid_next: int


class MailboxState(NamedTuple):
    """Who reads a mailbox; see the table. lease_until: None if nobody ever did."""

    reader: str | None
    lease_until: datetime | None
    read_at: datetime | None
    keeps_copies: bool | None
    copies_seen_at: datetime | None


async def keep_mailbox(uow: UnitOfWork, account_id: UUID, *, is_read: bool) -> None:
    """Have the account's mailbox read from now on, or no more."""
    name = "keep_mailbox" if is_read else "delete_mailbox"
    await uow.execute(_SQL[name], sender_account_id=account_id)


async def list_free_mailboxes(scheduling: Transaction, *, now: datetime, limit: int) -> list[FreeMailbox]:
    """Mailboxes of all workspaces that nobody reads."""
    rows = await scheduling.rows(_SQL["list_free_mailboxes"], now=now, limit=limit)
    return [FreeMailbox(*row) for row in rows]


async def count_mailboxes(scheduling: Transaction) -> int:
    """Mailboxes of all workspaces."""
    return int(await scheduling.value(_SQL["count_mailboxes"]))


async def claim_mailboxes(
    uow: UnitOfWork, account_ids: Sequence[UUID], reader: str, *, until: datetime, now: datetime
) -> list[MailboxAccount]:
    """Lease those of these that nobody reads."""
    rows = await uow.rows(
        _SQL["claim_mailboxes"], account_ids=list(account_ids), reader=reader, until=until, now=now
    )
    claimed = [row[0] for row in rows]
    if not claimed:
        return []
    return await uow.list(MailboxAccount, _SQL["list_mailbox_accounts"], account_ids=claimed)


async def renew_mailboxes(
    uow: UnitOfWork, account_ids: Sequence[UUID], reader: str, *, until: datetime
) -> dict[UUID, datetime]:
    """Keep the leases of those that are still this reader's: when their accounts were changed last."""
    rows = await uow.rows(_SQL["renew_mailboxes"], account_ids=list(account_ids), reader=reader, until=until)
    return dict(rows)


async def release_mailboxes(
    uow: UnitOfWork, account_ids: Sequence[UUID], reader: str, *, until: datetime
) -> None:
    """Give them back; nobody is to read them before that instant."""
    await uow.execute(_SQL["release_mailboxes"], account_ids=list(account_ids), reader=reader, until=until)


async def note_reads(uow: UnitOfWork, read: Mapping[UUID, datetime]) -> None:
    """All that was in these mailboxes has been read at these instants."""
    if read:
        await uow.execute(_SQL["note_reads"], account_ids=list(read), instants=list(read.values()))


async def note_copies(uow: UnitOfWork, account_id: UUID, *, keeps: bool, now: datetime) -> None:
    """Whether messages that it certainly sent were there, when its Sent folder was looked at last."""
    await uow.execute(_SQL["note_copies"], sender_account_id=account_id, keeps=keeps, now=now)


async def find_mailbox(uow: UnitOfWork, account_id: UUID) -> MailboxState | None:
    """How an account's mailbox is; None if it is not read."""
    rows = await uow.rows(_SQL["find_mailbox"], sender_account_id=account_id)
    return MailboxState(*rows[0]) if rows else None


async def list_folders(uow: UnitOfWork, account_ids: Sequence[UUID]) -> dict[UUID, dict[str, FolderPlace]]:
    """How far each folder of these mailboxes was read: by account, by name."""
    found: defaultdict[UUID, dict[str, FolderPlace]] = defaultdict(dict)
    for account_id, *place in await uow.rows(_SQL["list_folders"], account_ids=list(account_ids)):
        found[account_id][place[0]] = FolderPlace(*place)
    return found


async def save_folders(uow: UnitOfWork, places: Sequence[tuple[UUID, FolderPlace]]) -> None:
    """What is below these UIDs in folders of these accounts is known. Each folder is there once."""
    if places:
        names, validities, nexts = zip(*(place for _, place in places), strict=True)
        await uow.execute(
            _SQL["save_folders"],
            account_ids=[account_id for account_id, _ in places],
            names=list(names),
            uid_validities=list(validities),
            uid_nexts=list(nexts),
        )


async def leave_mailbox(uow: UnitOfWork, account: MailboxAccount, reader: str, *, until: datetime) -> None:
    """Give back one that could not be read; nobody is to read it before that instant, unless its account was
    changed meanwhile.
    """
    await uow.execute(
        _SQL["leave_mailbox"],
        sender_account_id=account.id,
        reader=reader,
        updated_at=account.updated_at,
        until=until,
    )


async def is_unchanged(uow: UnitOfWork, account: MailboxAccount) -> bool:
    """Whether the account is as it was when its mailbox was opened. The pool is locked."""
    return bool(
        await uow.value(_SQL["find_account_change"], sender_account_id=account.id) == account.updated_at
    )


async def list_own_addresses(uow: UnitOfWork) -> frozenset[str]:
    """Keys of the addresses of the workspace's accounts."""
    return frozenset(row[0] for row in await uow.rows(_SQL["list_own_addresses"]))
