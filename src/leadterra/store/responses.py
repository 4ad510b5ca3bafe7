"""Answers to replies: queued, claimed, cleared and settled as messages are, each for one reply's sender.

Every write but `insert_response`, `clear_response` and `renew_responses` expects the pool's lock.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.errors import NotFound
from leadterra.domain.health import AUTHENTICATION_REASON
from leadterra.store.columns import columns_of
from leadterra.store.database import Transaction, UnitOfWork
from leadterra.store.statements import load

_SQL = load("responses")
_MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class NewResponse:
    """An answer to be sent; the fields are those of the table, see its comment."""

    id: UUID
    reply_id: UUID
    enrollment_id: UUID | None
    lead_id: UUID | None
    sender_account_id: UUID
    recipient: str
    recipient_name: str
    address_hashes: list[bytes]
    subject: str
    body_html: str
    body_text: str
    message_id: str
    reference_ids: list[str]


@dataclass(frozen=True, slots=True)
class Response:
    """An answer as it stands. held_by: what keeps it queued. due_at: when it is looked at again, None if it
    is settled.
    """

    id: UUID
    reply_id: UUID
    sender_account_id: UUID
    state: str
    state_reason: str | None
    held_by: str | None
    recipient: str
    subject: str
    body_text: str
    message_id: str
    reference_ids: list[str]
    due_at: datetime | None
    attempts: int
    created_at: datetime
    settled_at: datetime | None
    data_at: datetime | None


class ResponseSender(NamedTuple):
    """An account that is to answer. is_shut_out: its login is refused."""

    email: str
    is_present: bool
    can_send: bool
    is_shut_out: bool


class WaitingResponse(NamedTuple):
    """One that is due. is_usable: its account is there and can send. is_shut_out: its login is refused, and a
    person must act.
    """

    id: UUID
    sender_account_id: UUID
    created_at: datetime
    is_usable: bool
    is_shut_out: bool
    is_suppressed: bool


class Postponement(NamedTuple):
    """When to look again, and what holds it until then."""

    id: UUID
    due_at: datetime
    held_by: str


class Cancellation(NamedTuple):
    """It will not go, and why."""

    id: UUID
    reason: str


class ClaimedResponse(NamedTuple):
    """One that goes now."""

    id: UUID
    sender_account_id: UUID
    recipient: str
    recipient_name: str
    subject: str
    body_html: str
    body_text: str
    message_id: str
    reference_ids: list[str]


class LostResponse(NamedTuple):
    """One whose worker is gone. data_at: None if it certainly was not sent."""

    id: UUID
    fence: int
    data_at: datetime | None


class OpenResponse(NamedTuple):
    """One in flight or uncertain, locked. is_forgotten: its person was erased meanwhile."""

    id: UUID
    fence: int
    sender_account_id: UUID
    state: str
    day: date
    claimed_at: datetime
    data_at: datetime | None
    attempts: int
    deferrals: int
    waits: int
    created_at: datetime
    is_forgotten: bool


class ResponseChange(NamedTuple):
    """What an answer becomes. due_at: None for good. keeps_day: it counts on the day of its claim."""

    id: UUID
    state: str
    reason: str | None
    refusal_scope: str | None
    due_at: datetime | None
    attempts: int
    deferrals: int
    waits: int
    keeps_day: bool


async def list_due_responses(transaction: Transaction, *, now: datetime, limit: int) -> list[UUID]:
    """Workspaces in which an answer is to be looked at."""
    return [row[0] for row in await transaction.rows(_SQL["list_due_responses"], now=now, limit=limit)]


async def insert_response(uow: UnitOfWork, response: NewResponse, *, now: datetime) -> None:
    """Queue it."""
    await uow.execute(_SQL["insert_response"], **asdict(response), now=now)


async def get_response(uow: UnitOfWork, response_id: UUID) -> Response:
    """One answer. Raises `NotFound`."""
    found = await uow.find(Response, _SQL["find_response"], id=response_id)
    if found is None:
        raise NotFound("response")
    return found


async def list_responses(uow: UnitOfWork, *, reply_id: UUID, enrollment_id: UUID | None) -> list[Response]:
    """The answers of a conversation, oldest first."""
    return await uow.list(
        Response,
        _SQL["list_responses"],
        reply_id=reply_id,
        enrollment_id=enrollment_id,
        limit=_MOST_SHOWN,
    )


async def find_sender(uow: UnitOfWork, account_id: UUID) -> ResponseSender | None:
    """The account that would answer."""
    return await uow.find(
        ResponseSender, _SQL["find_sender"], account_id=account_id, login_refused=AUTHENTICATION_REASON
    )


async def find_lead_key(uow: UnitOfWork, lead_id: UUID | None) -> str | None:
    """The address of a lead, normalised; None if it is erased."""
    found: str | None = await uow.value(_SQL["find_lead_key"], lead_id=lead_id)
    return found


async def list_answered_enrollments(uow: UnitOfWork, ids: Sequence[UUID]) -> list[UUID]:
    """Enrollments whose leads these answers went to."""
    return [row[0] for row in await uow.rows(_SQL["list_answered_enrollments"], ids=list(ids))]


async def list_waiting(uow: UnitOfWork, *, now: datetime, limit: int) -> list[WaitingResponse]:
    """What is due, longest waiting first, locked."""
    return await uow.list(
        WaitingResponse, _SQL["list_waiting"], now=now, limit=limit, login_refused=AUTHENTICATION_REASON
    )


async def postpone_responses(uow: UnitOfWork, postponed: Sequence[Postponement]) -> None:
    """Look at these again later."""
    if postponed:
        await uow.execute(_SQL["postpone_responses"], **columns_of(postponed))


async def cancel_responses(uow: UnitOfWork, cancelled: Sequence[Cancellation], *, now: datetime) -> None:
    """Give these up; they have no unit."""
    if cancelled:
        await uow.execute(_SQL["cancel_responses"], **columns_of(cancelled), now=now)


async def claim_responses(
    uow: UnitOfWork, ids: Sequence[UUID], *, day: date, lease_until: datetime, now: datetime
) -> tuple[int, list[ClaimedResponse]]:
    """Hold these under a new number; the number, and what they are."""
    fence: int = await uow.value(_SQL["take_fence"])
    claimed = await uow.list(
        ClaimedResponse,
        _SQL["claim_responses"],
        ids=list(ids),
        fence=fence,
        day=day,
        lease_until=lease_until,
        now=now,
    )
    return fence, claimed


async def renew_responses(
    uow: UnitOfWork, ids: Sequence[UUID], fence: int, *, until: datetime, now: datetime
) -> None:
    """The worker that holds them is alive."""
    await uow.execute(_SQL["renew_responses"], ids=list(ids), fence=fence, until=until, now=now)


async def list_lost_responses(uow: UnitOfWork, *, now: datetime) -> list[LostResponse]:
    """Those whose lease has run out, locked."""
    return await uow.list(LostResponse, _SQL["list_lost_responses"], now=now)


async def clear_response(uow: UnitOfWork, response_id: UUID, fence: int, *, day: date, now: datetime) -> bool:
    """Mark one that may go; whether it may."""
    return bool(
        await uow.execute(
            _SQL["clear_response"],
            id=response_id,
            fence=fence,
            day=day,
            now=now,
            login_refused=AUTHENTICATION_REASON,
        )
    )


async def lock_responses(uow: UnitOfWork, ids: Sequence[UUID]) -> list[OpenResponse]:
    """Those of these that are not settled for good."""
    return await uow.list(OpenResponse, _SQL["lock_responses"], ids=list(ids))


async def settle_responses(uow: UnitOfWork, changes: Sequence[ResponseChange], *, now: datetime) -> None:
    """Write what they became."""
    await uow.execute(_SQL["settle_responses"], **columns_of(changes), now=now)


async def bounce_response(uow: UnitOfWork, response_id: UUID, reason: str) -> tuple[UUID, date] | None:
    """One that was sent came back; its account and day, None if it was none or is known."""
    rows = await uow.rows(_SQL["bounce_response"], id=response_id, reason=reason)
    return (rows[0][0], rows[0][1]) if rows else None


async def forget_responses_of_lead(uow: UnitOfWork, lead_id: UUID, *, now: datetime) -> None:
    """Keep of the answers to an erased person nothing but that they were; what waits does not go."""
    await uow.execute(_SQL["forget_responses_of_lead"], lead_id=lead_id, now=now)
