"""Settlements: what a batch of endings changes, in as few statements as it has tables.

Every function expects the pool's lock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.store.columns import columns_of
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("settlements")


class OpenMessage(NamedTuple):
    """A message in flight or uncertain, locked, and the enrollment, campaign and lead that it is of.
    sent_position: of its step now. next_delay_days, next_delay_unit: of the step behind it, None if there is
    none. schedule: the campaign's, as it is stored.
    """

    enrollment_id: UUID
    step_id: UUID
    fence: int
    id: UUID
    state: str
    campaign_id: UUID
    lead_id: UUID
    step_position: int
    sender_account_id: UUID
    day: date
    attempts: int
    deferrals: int
    claimed_at: datetime
    data_at: datetime | None
    recipient_domain: UUID | None
    variant_id: UUID | None
    enrollment_state: str
    attempt: int
    due_at: datetime
    position: int
    last_sent_at: datetime | None
    time_zone: str
    sent_position: int
    next_delay_days: float | None
    next_delay_unit: str | None
    schedule: str | None


class MessageChange(NamedTuple):
    """What a message becomes. is_returned: its unit was given back, so nothing of it was sent. bounce_type:
    of one that was refused for the recipient's sake, `hard` or `soft`.
    """

    enrollment_id: UUID
    step_id: UUID
    state: str
    reason: str | None
    refusal_scope: str | None
    attempts: int
    deferrals: int
    is_returned: bool
    bounce_type: str | None = None


class EnrollmentChange(NamedTuple):
    """What an enrollment becomes; its claim ends."""

    enrollment_id: UUID
    state: str
    reason: str | None
    position: int
    attempt: int
    due_at: datetime
    last_sent_at: datetime | None
    account_id: UUID | None


class UnitChange(NamedTuple):
    """What moves in one account's ledger of one day. bounced: messages, not units. troubled: attempts that
    failed for the account's or its server's sake.
    """

    day: date
    account_id: UUID
    sent: int
    uncertain: int
    reserved: int
    bounced: int = 0
    troubled: int = 0


class AttemptRow(NamedTuple):
    """One SMTP conversation, as `GET /v1/messages/{id}` shows it."""

    enrollment_id: UUID
    step_id: UUID
    number: int
    account_id: UUID
    outcome: str
    scope: str | None
    server: str
    command: str
    code: int | None
    enhanced_code: str | None
    answer: str
    started_at: datetime
    data_at: datetime | None
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class HealthRow:
    """An account's health and spacing, locked. is_watched: its messages that came back are to be judged as
    soon as enough have ended. mode: of the workspace. usual_*: the workspace's pacing.
    """

    id: UUID
    failures: int
    rest_until: datetime | None
    rest_reason: str | None
    next_send_at: datetime | None
    status: str
    email: str
    email_domain: str
    pacing_mode: str | None
    min_gap_seconds: float | None
    jitter: float | None
    is_watched: bool
    mode: str
    usual_mode: str | None
    usual_gap: float | None
    usual_jitter: float | None


@dataclass(frozen=True, slots=True)
class HealthChange:
    """What an account's health becomes. status, status_reason: None leaves them."""

    account_id: UUID
    failures: int
    rest_until: datetime | None
    rest_reason: str | None
    next_send_at: datetime | None
    status: str | None
    status_reason: str | None


async def lock_messages(uow: UnitOfWork, keys: Sequence[tuple[UUID, UUID, int]]) -> list[OpenMessage]:
    """The messages with these (enrollment, step, fence) that are still open."""
    found = await uow.list(
        OpenMessage,
        _SQL["lock_messages"],
        enrollment_ids=sorted({enrollment for enrollment, _, _ in keys}),
        fences=list({fence for _, _, fence in keys}),
    )
    wanted = set(keys)
    return [each for each in found if (each.enrollment_id, each.step_id, each.fence) in wanted]


async def find_uncertain(uow: UnitOfWork, enrollment_id: UUID, message_id: UUID) -> tuple[UUID, int] | None:
    """The (step, fence) of an uncertain message."""
    rows = await uow.rows(_SQL["find_uncertain"], enrollment_id=enrollment_id, id=message_id)
    return (rows[0][0], rows[0][1]) if rows else None


async def save_messages(uow: UnitOfWork, changes: Sequence[MessageChange], *, now: datetime) -> None:
    """Write what messages became."""
    await uow.execute(_SQL["settle_messages"], now=now, **columns_of(changes))


async def save_enrollments(uow: UnitOfWork, changes: Sequence[EnrollmentChange], *, now: datetime) -> None:
    """Write what enrollments became."""
    await uow.execute(_SQL["settle_enrollments"], now=now, **columns_of(changes))


async def save_units(uow: UnitOfWork, changes: Sequence[UnitChange]) -> None:
    """Move units in the ledger."""
    if changes:
        await uow.execute(_SQL["settle_units"], **columns_of(changes))


async def insert_attempts(uow: UnitOfWork, rows: Sequence[AttemptRow]) -> None:
    """Keep the conversations."""
    if rows:
        await uow.execute(_SQL["insert_attempts"], **columns_of(rows))


async def list_health(uow: UnitOfWork, account_ids: Sequence[UUID]) -> list[HealthRow]:
    """The health of these accounts, locked."""
    return await uow.list(HealthRow, _SQL["list_health"], account_ids=list(account_ids))


async def save_health(uow: UnitOfWork, changes: Sequence[HealthChange], *, now: datetime) -> None:
    """Write what became of accounts."""
    if changes:
        await uow.execute(_SQL["save_health"], **columns_of(changes), now=now)


async def list_suppressed_leads(uow: UnitOfWork, lead_ids: Sequence[UUID]) -> list[UUID]:
    """Those of these leads whose address or domain is suppressed."""
    return [lead_id for (lead_id,) in await uow.rows(_SQL["list_suppressed_leads"], lead_ids=list(lead_ids))]


async def list_addresses(uow: UnitOfWork, lead_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Address and key of these leads, but of those that were erased."""
    rows = await uow.rows(_SQL["list_addresses"], lead_ids=list(lead_ids))
    return {lead_id: (email, email_key) for lead_id, email, email_key in rows}


async def list_sending_domains(uow: UnitOfWork, account_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The domains of these accounts' addresses."""
    return dict(await uow.rows(_SQL["list_sending_domains"], account_ids=list(account_ids)))
