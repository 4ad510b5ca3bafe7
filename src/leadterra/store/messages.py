"""Messages as they are shown: those that were claimed have a row, those that are due and wait for their
turn are derived.

Both have the same id before and after: see `store.ids`.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.domain.enrollment import OPEN
from leadterra.domain.errors import NotFound
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import enrollment_of, message_id_of
from leadterra.store.statements import load

_SQL = load("messages")


@dataclass(frozen=True, slots=True)
class Message:
    """One step for one enrollment.

    step_position: from 0, as it was when the message was claimed. sender_account_id: None while nobody
    was chosen. subject: as sent, None before. attempts: SMTP conversations so far. created_at: when it
    was claimed first; when it became due, if it has no row yet. settled_at: when its state was last
    settled.
    """

    id: UUID
    campaign_id: UUID
    lead_id: UUID
    enrollment_id: UUID
    step_id: UUID
    step_position: int
    sender_account_id: UUID | None
    state: str
    state_reason: str | None
    subject: str | None
    attempts: int
    created_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One SMTP conversation.

    number: from 1. scope: whom a refusal concerned. command: where in the dialogue the answer came.
    """

    number: int
    sender_account_id: UUID
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
class MessageFilter:
    """Which messages.

    Each field narrows; None does not. before: creation and id of the last one of the page before.
    """

    campaign_id: UUID | None = None
    lead_id: UUID | None = None
    sender_account_id: UUID | None = None
    state: str | None = None
    before: tuple[datetime, UUID] | None = None


@dataclass(frozen=True, slots=True)
class _Due:
    """An enrollment whose next message is due and has no row. messages: how many it has had."""

    enrollment_id: UUID
    campaign_id: UUID
    lead_id: UUID
    step_id: UUID
    step_position: int
    sender_account_id: UUID | None
    state: str
    state_reason: str | None
    due_at: datetime
    messages: int

    def message(self) -> Message:
        """What it will be. Cancelled, if the enrollment has ended meanwhile."""
        return Message(
            id=message_id_of(self.enrollment_id, self.messages + 1),
            campaign_id=self.campaign_id,
            lead_id=self.lead_id,
            enrollment_id=self.enrollment_id,
            step_id=self.step_id,
            step_position=self.step_position,
            sender_account_id=self.sender_account_id,
            state="queued" if self.state in OPEN else "cancelled",
            state_reason=self.state_reason or (None if self.state in OPEN else self.state),
            subject=None,
            attempts=0,
            created_at=self.due_at,
            settled_at=None,
        )


async def list_messages(
    uow: UnitOfWork, wanted: MessageFilter, *, limit: int, now: datetime
) -> list[Message]:
    """Newest first. Where `queued` ones are asked for, also those that have no row yet."""
    before_at, before_id = wanted.before or (None, None)
    narrowed: dict[str, object] = {
        "campaign_id": wanted.campaign_id,
        "lead_id": wanted.lead_id,
        "sender_account_id": wanted.sender_account_id,
        "before_at": before_at,
        "limit": limit,
    }
    name = "list_messages" if wanted.lead_id is None else "list_messages_of_lead"
    found = await uow.list(Message, _SQL[name], **narrowed, state=wanted.state, before_id=before_id)
    if wanted.state != "queued":
        return found
    before_enrollment_id = before_id and enrollment_of(before_id)
    due = await uow.list(
        _Due, _SQL["list_due_enrollments"], **narrowed, before_enrollment_id=before_enrollment_id, now=now
    )
    return sorted(
        [*found, *(each.message() for each in due)],
        key=lambda message: (message.created_at, message.id),
        reverse=True,
    )[:limit]


async def get_message(uow: UnitOfWork, message_id: UUID, *, now: datetime) -> Message:
    """A message, with or without a row. Raises `NotFound`."""
    enrollment_id = enrollment_of(message_id)
    found = await uow.find(Message, _SQL["find_message"], enrollment_id=enrollment_id, id=message_id)
    if found is None:
        due = await uow.find(_Due, _SQL["find_due_enrollment"], enrollment_id=enrollment_id, now=now)
        found = due.message() if due else None
    if found is None or found.id != message_id:
        raise NotFound("message")
    return found


async def list_attempts(uow: UnitOfWork, message: Message) -> list[Attempt]:
    """The conversations about a message, in their order."""
    return await uow.list(
        Attempt, _SQL["list_attempts"], enrollment_id=message.enrollment_id, step_id=message.step_id
    )
