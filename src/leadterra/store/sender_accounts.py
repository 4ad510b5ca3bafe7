"""Sender accounts. Whoever changes one has locked the pool, so that what was read is still so when it is
saved."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.errors import NotFound
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("sender_accounts")


class ListedAccount(NamedTuple):
    """An account as lists show it."""

    id: UUID
    email: str
    name: str
    status: str
    created_at: datetime


class KnownAddress(NamedTuple):
    """An address that has an account, or the tombstone of one."""

    email_key: str
    id: UUID
    is_removed: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """Units of one account and UTC day: accepted, possibly accepted, and taken for messages in flight. limit:
    in force today, which is the daily limit, or less while the account's ramp goes on (R8).
    """

    sent: int = 0
    uncertain: int = 0
    reserved: int = 0
    limit: int = 0

    @property
    def used(self) -> int:
        """All of them."""
        return self.sent + self.uncertain + self.reserved

    @property
    def remaining(self) -> int:
        """What may still be sent today; never negative."""
        return max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True)
class SenderAccount:
    """All of an account.

    Passwords are sealed. pacing_mode, min_gap_seconds, jitter: None for the workspace's. rolling_limit:
    messages in any 24 hours, None for no cap. weight: in the rotation. tags: as `domain.tag` keeps them.
    provider: whose servers send for it, None if it is not known. failures: consecutive, for health (R9).
    updated_at: of the last change; since then at the latest a lost account is lost.
    """

    id: UUID
    email: str
    email_key: str
    email_domain: str
    name: str
    status: str
    status_reason: str | None
    daily_limit: int
    created_at: datetime
    updated_at: datetime
    smtp_host: str | None = None
    smtp_port: int | None = None
    smtp_security: str | None = None
    smtp_username: str | None = None
    smtp_password: bytes | None = field(default=None, repr=False)
    imap_host: str | None = None
    imap_port: int | None = None
    imap_security: str | None = None
    imap_username: str | None = None
    imap_password: bytes | None = field(default=None, repr=False)
    pacing_mode: str | None = None
    min_gap_seconds: float | None = None
    jitter: float | None = None
    rolling_limit: int | None = None
    weight: float = 1.0
    tags: list[str] = field(default_factory=list)
    provider: str | None = None
    next_send_at: datetime | None = None
    rest_until: datetime | None = None
    failures: int = 0
    removed_at: datetime | None = None


class SealedPasswords(NamedTuple):
    """The secrets of one account."""

    id: UUID
    smtp_password: bytes | None
    imap_password: bytes | None


async def list_sender_accounts(
    uow: UnitOfWork,
    *,
    status: str | None = None,
    after: tuple[datetime, UUID] | None = None,
    limit: int | None = None,
) -> list[ListedAccount]:
    """Accounts, oldest first; all of them without a limit."""
    after_at, after_id = after or (None, None)
    rows = await uow.rows(
        _SQL["list_sender_accounts"], status=status, after_at=after_at, after_id=after_id, limit=limit
    )
    return [ListedAccount(*row) for row in rows]


async def get_sender_account(uow: UnitOfWork, account_id: UUID, *, day: date) -> tuple[SenderAccount, Ledger]:
    """An account and its ledger of that day. Raises `NotFound`."""
    row = await uow.find(_Joined, _SQL["get_sender_account"], id=account_id, day=day)
    if row is None:
        raise NotFound("sender_account")
    fields = asdict(row)
    units = (fields.pop(name) for name in ("sent", "uncertain", "reserved", "limit_in_force"))
    ledger = Ledger(*units)
    return SenderAccount(**fields), ledger


@dataclass(frozen=True, slots=True)
class _Joined(SenderAccount):
    sent: int = 0
    uncertain: int = 0
    reserved: int = 0
    limit_in_force: int = 0


async def find_known_addresses(uow: UnitOfWork, email_keys: Iterable[str]) -> dict[str, KnownAddress]:
    """Those of the addresses that have an account or a tombstone, by address key."""
    rows = await uow.rows(_SQL["find_known_addresses"], email_keys=list(email_keys))
    return {row[0]: KnownAddress(*row) for row in rows}


async def save_sender_account(uow: UnitOfWork, account: SenderAccount) -> None:
    """Add the account, or replace what is stored under its id. Since when it is lost, not active or removed,
    is kept by the statement itself.
    """
    await uow.execute(_SQL["save_sender_account"], **asdict(account))


async def set_message_domain(uow: UnitOfWork, domain: str) -> None:
    """Give the workspace's Message-IDs their right side, unless they have one."""
    await uow.execute(_SQL["set_message_domain"], domain=domain)


async def list_sealed_passwords(uow: UnitOfWork) -> Sequence[SealedPasswords]:
    """Every secret of the workspace's accounts."""
    return [SealedPasswords(*row) for row in await uow.rows(_SQL["list_sealed_passwords"])]


async def replace_sealed_passwords(uow: UnitOfWork, sealed: SealedPasswords) -> None:
    """Store the same secrets sealed anew."""
    await uow.execute(
        _SQL["replace_sealed_passwords"],
        id=sealed.id,
        smtp_password=sealed.smtp_password,
        imap_password=sealed.imap_password,
    )
