"""Warm-up letters: claimed, cleared and settled as messages are, and looked for where they arrived.

Every write but `clear_letter` expects the pool's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.store.columns import columns_of
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("warmup_letters")


@dataclass(frozen=True, slots=True)
class NewLetter:
    """A letter about to go. number: of its sender's day, from 1."""

    id: UUID
    sender_id: UUID
    recipient_id: UUID
    number: int


class LostLetter(NamedTuple):
    """One whose worker is gone. data_at: None if it certainly was not sent."""

    id: UUID
    fence: int
    data_at: datetime | None


class OpenLetter(NamedTuple):
    """One in flight or uncertain, locked."""

    id: UUID
    fence: int
    sender_account_id: UUID
    recipient_account_id: UUID
    state: str
    day: date
    claimed_at: datetime
    data_at: datetime | None


class LetterChange(NamedTuple):
    """What a letter becomes. look_at: when to look for it, None for never. is_returned: nothing was sent."""

    id: UUID
    state: str
    reason: str | None
    look_at: datetime | None
    is_returned: bool


@dataclass(frozen=True, slots=True)
class Look:
    """A letter to be looked for, and its mailbox. looks: this one included. imap_password: sealed.
    updated_at: of the account. has_grant: it logs in by OAuth 2.0.
    """

    id: UUID
    recipient_account_id: UUID
    settled_at: datetime
    looks: int
    email: str
    is_present: bool
    imap_host: str | None
    imap_port: int | None
    imap_security: str | None
    imap_username: str | None
    imap_password: bytes | None
    updated_at: datetime
    has_grant: bool


class Placed(NamedTuple):
    """Where a letter is: `inbox`, `spam`, `missing`, None if nobody knows. look_at: when to look again."""

    id: UUID
    placement: str | None
    look_at: datetime | None


async def insert_letters(
    uow: UnitOfWork, letters: Sequence[NewLetter], *, day: date, lease_until: datetime, now: datetime
) -> int:
    """Hold these letters under a new number; the number."""
    fence: int = await uow.value(_SQL["take_fence"])
    await uow.execute(
        _SQL["insert_letters"],
        **columns_of(letters),
        fence=fence,
        day=day,
        lease_until=lease_until,
        now=now,
    )
    return fence


async def list_lost_letters(uow: UnitOfWork, *, now: datetime) -> list[LostLetter]:
    """Those whose lease has run out, locked."""
    return await uow.list(LostLetter, _SQL["list_lost_letters"], now=now)


async def clear_letter(uow: UnitOfWork, letter_id: UUID, fence: int, *, day: date, now: datetime) -> bool:
    """Mark a letter that may go; whether it may."""
    return bool(await uow.execute(_SQL["clear_letter"], id=letter_id, fence=fence, day=day, now=now))


async def lock_letters(uow: UnitOfWork, letter_ids: Sequence[UUID]) -> list[OpenLetter]:
    """Those of these that are not settled for good."""
    return await uow.list(OpenLetter, _SQL["lock_letters"], ids=list(letter_ids))


async def settle_letters(uow: UnitOfWork, changes: Sequence[LetterChange], *, now: datetime) -> None:
    """Write what letters became."""
    await uow.execute(_SQL["settle_letters"], **columns_of(changes), now=now)


async def bounce_letter(uow: UnitOfWork, letter_id: UUID, reason: str) -> tuple[UUID, date] | None:
    """A letter that was sent came back; its sender and day, None if it was none or is known."""
    rows = await uow.rows(_SQL["bounce_letter"], id=letter_id, reason=reason)
    return (rows[0][0], rows[0][1]) if rows else None


async def take_looks(uow: UnitOfWork, *, until: datetime, now: datetime, limit: int) -> list[Look]:
    """Be the only one who looks for these letters until then."""
    return await uow.list(Look, _SQL["take_looks"], until=until, now=now, limit=limit)


async def place_letters(uow: UnitOfWork, placed: Sequence[Placed]) -> None:
    """Write down where letters were found."""
    if placed:
        await uow.execute(_SQL["place_letters"], **columns_of(placed))
