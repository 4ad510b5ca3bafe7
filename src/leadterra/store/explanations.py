"""What explanations read besides a look ahead: a lead's history, and a campaign's leads, counted. Nothing
here writes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("explanations")


@dataclass(frozen=True, slots=True)
class WaitingRow:
    """Leads of a campaign whose gates are alike. is_through: they have had every step. due_at: of the first
    of them. is_full_today, is_full_now: their domain has had enough for this day, or hour.
    """

    is_follow_up: bool
    is_through: bool
    time_zone: str
    sender_account_id: UUID | None
    is_due: bool
    is_full_today: bool
    is_full_now: bool
    due_at: datetime
    count: int


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A message of an enrollment. settled_at: when its state was last settled, None while it is being sent
    for the first time.
    """

    id: UUID
    step_id: UUID
    step_position: int
    sender_account_id: UUID
    state: str
    state_reason: str | None
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """One attempt to send a message."""

    step_id: UUID
    number: int
    sender_account_id: UUID
    outcome: str
    server: str
    code: int | None
    enhanced_code: str | None
    answer: str
    ended_at: datetime


async def find_next_step(uow: UnitOfWork, campaign_id: UUID, position: int) -> UUID | None:
    """The step at that position; None if there is none."""
    found: UUID | None = await uow.value(_SQL["find_next_step"], campaign_id=campaign_id, position=position)
    return found


async def count_states(uow: UnitOfWork, campaign_id: UUID) -> dict[str, int]:
    """How many leads are in each state."""
    return dict(await uow.rows(_SQL["count_states"], campaign_id=campaign_id))


async def count_waiting(
    uow: UnitOfWork,
    campaign_id: UUID,
    *,
    steps: int,
    full_today: Sequence[UUID],
    full_now: Sequence[UUID],
    now: datetime,
) -> list[WaitingRow]:
    """Leads that wait, counted. steps: of the campaign. full_today, full_now: digests of domains."""
    return await uow.list(
        WaitingRow,
        _SQL["count_waiting"],
        campaign_id=campaign_id,
        steps=steps,
        full_today=list(full_today),
        full_now=list(full_now),
        has_full=bool(full_today or full_now),
        now=now,
    )


async def list_letters(uow: UnitOfWork, enrollment_id: UUID) -> list[LetterRow]:
    """The messages of an enrollment, oldest first; a lead has one a step."""
    return await uow.list(LetterRow, _SQL["list_letters"], enrollment_id=enrollment_id)


async def list_conversations(uow: UnitOfWork, enrollment_id: UUID, *, limit: int) -> list[ConversationRow]:
    """The latest attempts to send them, newest first."""
    return await uow.list(
        ConversationRow, _SQL["list_conversations"], enrollment_id=enrollment_id, limit=limit
    )


async def find_change(uow: UnitOfWork, enrollment_id: UUID) -> datetime | None:
    """When an enrollment was changed last."""
    found: datetime | None = await uow.value(_SQL["find_change"], enrollment_id=enrollment_id)
    return found
