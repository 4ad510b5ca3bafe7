"""Claims: due messages taken by one worker, each with a unit of quota reserved, all in one transaction of the
pool.

Every function here expects the pool's lock, but for `clear_messages` and `renew_claims`, which touch neither
ledger nor enrollments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from leadterra.mail.addresses import domain_digest
from leadterra.store.columns import columns_of
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import message_id_of
from leadterra.store.statements import load

_SQL = load("claims")


class LostMessage(NamedTuple):
    """A message whose claim was lost. data_at: when it was cleared for DATA; None if it certainly was not
    sent.
    """

    enrollment_id: UUID
    step_id: UUID
    fence: int
    data_at: datetime | None


class ClaimedRow(NamedTuple):
    """An enrollment just claimed, with its step and lead. step_id: None if no step is left. messages: how
    many it has had. zone: whose clocks its window goes by. starts_thread: it answers nothing that another
    account sent before. closes_at: when its window closes, None where nobody looked.
    """

    enrollment_id: UUID
    campaign_id: UUID
    lead_id: UUID
    sender_account_id: UUID
    position: int
    step_id: UUID | None
    step_version: int | None
    thread_reply: bool
    on_missing_variable: str
    email: str
    email_key: str
    email_domain: str
    first_name: str | None
    last_name: str | None
    company: str | None
    job_title: str | None
    time_zone: str | None
    custom_fields: dict[str, Any]
    messages: int
    zone: str = ""
    starts_thread: bool = False
    closes_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class StepRow:
    """The step's own templates. has_variants: there are others."""

    id: UUID
    subject: str
    body_html: str
    body_text: str | None
    has_variants: bool


@dataclass(frozen=True, slots=True)
class AccountRow:
    """Where and as whom an account submits. smtp_password: sealed. has_grant: it logs in by OAuth 2.0."""

    id: UUID
    email: str
    name: str
    smtp_host: str | None
    smtp_port: int | None
    smtp_security: str | None
    smtp_username: str | None
    smtp_password: bytes | None
    has_grant: bool = False


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """A message sent before. thread_reply: whether it answered the one before it and began no thread."""

    enrollment_id: UUID
    step_id: UUID
    subject: str | None
    thread_reply: bool


@dataclass(frozen=True, slots=True)
class Memory:
    """What the pool remembers of a claim."""

    claim_number: int
    share_clock: float
    wake_at: datetime | None
    exhausted_on: date | None


async def take_lost_messages(uow: UnitOfWork, *, now: datetime) -> list[LostMessage]:
    """The messages of claims whose lease has run out; the claims are gone, the messages are the caller's to
    settle.
    """
    lost = await uow.list(LostMessage, _SQL["list_lost_messages"], now=now)
    await uow.execute(_SQL["delete_lost_claims"], now=now)
    return lost


async def next_lease_end(uow: UnitOfWork) -> datetime | None:
    """When the first of the claims that are held now may be recovered."""
    found: datetime | None = await uow.value(_SQL["next_lease_end"])
    return found


async def claim_enrollments(
    uow: UnitOfWork, chosen: Sequence[tuple[UUID, UUID]], *, number: int, now: datetime
) -> None:
    """Take (enrollment, account) pairs that still wait."""
    await uow.execute(
        _SQL["claim_enrollments"],
        enrollment_ids=[enrollment for enrollment, _ in chosen],
        account_ids=[account for _, account in chosen],
        number=number,
        now=now,
    )


async def list_claimed(uow: UnitOfWork, enrollment_ids: Sequence[UUID], *, number: int) -> list[ClaimedRow]:
    """What was taken by that claim, oldest first."""
    return await uow.list(
        ClaimedRow, _SQL["list_claimed"], enrollment_ids=list(enrollment_ids), number=number
    )


@dataclass(frozen=True, slots=True)
class _NewMessage:
    """A message to be claimed."""

    enrollment_id: UUID
    step_id: UUID | None
    id: UUID
    campaign_id: UUID
    lead_id: UUID
    step_position: int
    step_version: int | None
    account_id: UUID
    recipient_domain: UUID
    starts_thread: bool


async def claim_messages(
    uow: UnitOfWork, rows: Sequence[ClaimedRow], *, number: int, day: date, now: datetime
) -> dict[UUID, tuple[UUID, UUID | None]]:
    """Give each claimed enrollment's step its message; by enrollment, the message's id, and the variant that
    it was given before. A step that was sent is missing (R6).
    """
    if not rows:
        return {}
    new = [
        _NewMessage(
            row.enrollment_id,
            row.step_id,
            message_id_of(row.enrollment_id, row.messages + 1),
            row.campaign_id,
            row.lead_id,
            row.position,
            row.step_version,
            row.sender_account_id,
            domain_digest(row.email_domain),
            row.starts_thread,
        )
        for row in rows
    ]
    taken = await uow.rows(_SQL["claim_messages"], **columns_of(new), number=number, day=day, now=now)
    return {enrollment_id: (message_id, variant_id) for enrollment_id, message_id, variant_id in taken}


async def end_lost(uow: UnitOfWork, enrollment_ids: Sequence[UUID], *, now: datetime) -> list[UUID]:
    """End enrollments that wait, because their sender account is lost; their campaigns, one an enrollment."""
    ended = {"enrollment_ids": list(enrollment_ids), "reason": "the sender account is lost"}
    rows = await uow.rows(_SQL["end_lost_enrollments"], **ended, now=now)
    await uow.execute(_SQL["cancel_messages_of_lost"], **ended)
    return [campaign_id for (campaign_id,) in rows]


async def finish_stepless(
    uow: UnitOfWork, enrollment_ids: Sequence[UUID], *, number: int, now: datetime
) -> list[UUID]:
    """End claimed enrollments that have no step left; their campaigns, one an enrollment."""
    rows = await uow.rows(
        _SQL["end_stepless_enrollments"], enrollment_ids=list(enrollment_ids), number=number, now=now
    )
    return [campaign_id for (campaign_id,) in rows]


async def step_past_sent(
    uow: UnitOfWork, enrollment_ids: Sequence[UUID], *, number: int, now: datetime
) -> None:
    """Move claimed enrollments whose step was sent already on to the next."""
    await uow.execute(
        _SQL["step_past_sent_messages"], enrollment_ids=list(enrollment_ids), number=number, now=now
    )


async def reserve_units(
    uow: UnitOfWork, units: dict[UUID, int], limits: dict[UUID, int], *, day: date
) -> None:
    """Take units of that day's ledger, by account."""
    accounts = sorted(units)
    await uow.execute(
        _SQL["reserve_units"],
        day=day,
        account_ids=accounts,
        limits=[limits[account] for account in accounts],
        units=[units[account] for account in accounts],
    )


async def save_accounts(
    uow: UnitOfWork, instants: Mapping[UUID, datetime], places: Mapping[UUID, int]
) -> None:
    """When accounts may send again, and where they stand in the rotation."""
    keys = sorted({*instants, *places})
    if keys:
        await uow.execute(
            _SQL["save_accounts"],
            account_ids=keys,
            instants=[instants.get(key) for key in keys],
            places=[places.get(key) for key in keys],
        )


async def save_shares(uow: UnitOfWork, shares: Mapping[UUID, tuple[float, int]]) -> None:
    """Where the shares of campaigns stand: (finish, turn)."""
    if shares:
        keys = sorted(shares)
        await uow.execute(
            _SQL["save_shares"],
            campaign_ids=keys,
            finishes=[shares[key][0] for key in keys],
            turns=[shares[key][1] for key in keys],
        )


async def insert_claim(
    uow: UnitOfWork, number: int, enrollment_ids: Sequence[UUID], *, worker: str, lease_until: datetime
) -> None:
    """Hold a claim of these enrollments' messages until then."""
    await uow.execute(
        _SQL["insert_claim"],
        number=number,
        enrollment_ids=list(enrollment_ids),
        worker=worker,
        lease_until=lease_until,
    )


async def save_pool(uow: UnitOfWork, memory: Memory) -> None:
    """Remember; without a wake_at the pool sleeps until something wakes it."""
    await uow.execute(
        _SQL["save_pool"],
        claim_number=memory.claim_number,
        share_clock=memory.share_clock,
        wake_at=memory.wake_at or "infinity",
        exhausted_on=memory.exhausted_on,
    )


async def list_steps(uow: UnitOfWork, step_ids: Sequence[UUID]) -> list[StepRow]:
    """The templates of these steps."""
    return await uow.list(StepRow, _SQL["list_steps"], step_ids=list(step_ids))


async def list_accounts(uow: UnitOfWork, account_ids: Sequence[UUID]) -> list[AccountRow]:
    """Where and as whom these accounts submit."""
    return await uow.list(AccountRow, _SQL["list_accounts"], account_ids=list(account_ids))


async def list_thread_messages(uow: UnitOfWork, enrollment_ids: Sequence[UUID]) -> list[ThreadMessage]:
    """What these enrollments were sent before, in order."""
    return await uow.list(ThreadMessage, _SQL["list_thread_messages"], enrollment_ids=list(enrollment_ids))


async def renew_claims(
    uow: UnitOfWork, numbers: Sequence[int], *, worker: str, lease_until: datetime, now: datetime
) -> set[int]:
    """Prolong these claims; the numbers of those that are still held."""
    rows = await uow.rows(
        _SQL["renew_claims"], numbers=list(numbers), worker=worker, lease_until=lease_until, now=now
    )
    return {number for (number,) in rows}


async def delete_claims(uow: UnitOfWork, numbers: Sequence[int]) -> None:
    """Let go of claims of which every message is settled."""
    if numbers:
        await uow.execute(_SQL["delete_claims"], numbers=list(numbers))


class ClearanceRequest(NamedTuple):
    """A message about to be sent. subject: as rendered, kept for the thread. hashes: of the address and its
    domain, for suppressions. closes_at: of its window.
    """

    enrollment_id: UUID
    step_id: UUID
    fence: int
    campaign_id: UUID
    account_id: UUID
    subject: str
    address_hash: bytes
    domain_hash: bytes
    closes_at: datetime | None = None


async def clear_messages(
    uow: UnitOfWork, requests: Sequence[ClearanceRequest], *, day: date, now: datetime
) -> set[tuple[UUID, UUID, int]]:
    """Mark those that may go; (enrollment, step, fence) of each."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    rows = await uow.rows(_SQL["clear_messages"], day=day, hour=hour, now=now, **columns_of(requests))
    return {(enrollment, step, fence) for enrollment, step, fence in rows}
