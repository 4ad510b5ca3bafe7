"""What came back: letters that answer messages, or are about them, each once.

What changes an enrollment, a message or the ledger expects the pool's lock.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.errors import NotFound
from leadterra.store.database import Transaction, UnitOfWork
from leadterra.store.statements import load

_SQL = load("replies")
_MOST_MESSAGES = 200
_MOST_LEADS = 500
"""Of one domain, whose messages are looked at to find whom an alias answers for."""


@dataclass(frozen=True, slots=True)
class NewReply:
    """A letter to be written down; the fields are those of the table, see its comment. headers, recipients:
    as JSON.
    """

    id: UUID
    digest: bytes
    sender_account_id: UUID
    enrollment_id: UUID | None
    campaign_id: UUID | None
    lead_id: UUID | None
    about_message_id: UUID | None
    kind: str
    classification: str
    classified_by: str
    email: str
    name: str
    subject: str
    message_id: str
    reference_ids: list[str]
    new_text: str
    quoted_text: str
    headers: str
    recipients: str
    evidence: list[str]
    matched_by: str
    return_on: date | None
    referral: str | None
    received_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Reply:
    """A letter as it was written down. headers: values by name. recipients: of a bounce or complaint, as the
    API shows them.
    """

    id: UUID
    sender_account_id: UUID
    enrollment_id: UUID | None
    campaign_id: UUID | None
    lead_id: UUID | None
    about_message_id: UUID | None
    kind: str
    classification: str
    classified_by: str
    email: str
    name: str
    subject: str
    message_id: str
    reference_ids: list[str]
    new_text: str
    quoted_text: str
    headers: dict[str, list[str]]
    recipients: list[dict[str, object]]
    evidence: list[str]
    matched_by: str
    return_on: date | None
    referral: str | None
    received_at: datetime
    created_at: datetime


class ListedReply(NamedTuple):
    """A letter as lists show it."""

    id: UUID
    kind: str
    classification: str
    email: str
    campaign_id: UUID | None
    lead_id: UUID | None
    new_text: str
    subject: str
    received_at: datetime


class SentMessage(NamedTuple):
    """A message that a letter may answer. email, email_key: of its lead, None if erased."""

    enrollment_id: UUID
    step_id: UUID
    id: UUID
    campaign_id: UUID
    lead_id: UUID
    sender_account_id: UUID
    state: str
    fence: int
    day: date
    subject: str | None
    variant_id: UUID | None
    claimed_at: datetime
    email: str | None
    email_key: str | None


class AnsweringEnrollment(NamedTuple):
    """An enrollment that a letter is about, locked. schedule: its campaign's, as stored. stop_on_reply: of
    the workspace.
    """

    id: UUID
    campaign_id: UUID
    lead_id: UUID
    state: str
    away_until: datetime | None
    due_at: datetime
    schedule: str | None
    email: str | None
    email_key: str | None
    stop_on_reply: str


class BouncedMessage(NamedTuple):
    """A message that has just come back: where it counted."""

    day: date
    sender_account_id: UUID
    variant_id: UUID | None
    step_position: int


class UnclearReply(NamedTuple):
    """A person's letter that the rules made nothing of."""

    id: UUID
    new_text: str
    received_at: datetime


async def insert_reply(uow: UnitOfWork, reply: NewReply) -> bool:
    """Write a letter down; False if it is known."""
    return bool(await uow.rows(_SQL["insert_reply"], **asdict(reply)))


async def find_known_digests(uow: UnitOfWork, digests: Sequence[bytes]) -> set[bytes]:
    """Those of these letters that were written down."""
    return {row[0] for row in await uow.rows(_SQL["find_known_digests"], digests=list(digests))}


async def list_replies(
    uow: UnitOfWork,
    *,
    campaign_id: UUID | None = None,
    classification: str | None = None,
    before: tuple[datetime, UUID] | None = None,
    limit: int,
) -> list[ListedReply]:
    """A page, newest first. before: arrival and id of the last one of the page before."""
    before_at, before_id = before or (None, None)
    return await uow.list(
        ListedReply,
        _SQL["list_replies"],
        campaign_id=campaign_id,
        classification=classification,
        before_at=before_at,
        before_id=before_id,
        limit=limit,
    )


async def list_replies_of_enrollment(uow: UnitOfWork, enrollment_id: UUID) -> list[ListedReply]:
    """What came back from a lead in a campaign, oldest first."""
    return await uow.list(ListedReply, _SQL["list_replies_of_enrollment"], enrollment_id=enrollment_id)


async def get_reply(uow: UnitOfWork, reply_id: UUID) -> Reply:
    """One letter. Raises `NotFound`."""
    found = await uow.find(Reply, _SQL["find_reply"], id=reply_id)
    if found is None:
        raise NotFound("reply")
    return found


async def save_classification(
    uow: UnitOfWork, reply_id: UUID, classification: str, classified_by: str
) -> None:
    """Say what a letter means, and who says so."""
    await uow.execute(
        _SQL["save_classification"], id=reply_id, classification=classification, classified_by=classified_by
    )


async def list_unclear_replies(transaction: Transaction, *, now: datetime, limit: int) -> list[UUID]:
    """Workspaces in which there is something to ask a model about."""
    return [row[0] for row in await transaction.rows(_SQL["list_unclear_replies"], now=now, limit=limit)]


async def take_unclear_replies(
    uow: UnitOfWork, *, tries: int, since: datetime, again_at: datetime, now: datetime, limit: int
) -> list[UnclearReply]:
    """Be the only one who asks about these until then; each comes so many times at most, and what came before
    `since` once.
    """
    return await uow.list(
        UnclearReply,
        _SQL["take_unclear_replies"],
        tries=tries,
        since=since,
        again_at=again_at,
        now=now,
        limit=limit,
    )


async def save_model_classification(uow: UnitOfWork, reply_id: UUID, classification: str) -> bool:
    """What a model says; False if somebody who knows better has said something."""
    return bool(await uow.rows(_SQL["save_model_classification"], id=reply_id, classification=classification))


async def count_replies_of_enrollment(uow: UnitOfWork, enrollment_id: UUID) -> int:
    """How many answers of people there are from a lead in a campaign."""
    return int(await uow.value(_SQL["count_replies_of_enrollment"], enrollment_id=enrollment_id))


async def forget_replies_of_lead(uow: UnitOfWork, lead_id: UUID) -> None:
    """Keep of an erased person's letters nothing but that they came."""
    await uow.execute(_SQL["forget_replies_of_lead"], lead_id=lead_id)


async def list_sent_messages(uow: UnitOfWork, enrollment_ids: Sequence[UUID]) -> list[SentMessage]:
    """Messages of these enrollments, latest first."""
    return await uow.list(
        SentMessage, _SQL["list_sent_messages"], enrollment_ids=list(enrollment_ids), limit=_MOST_MESSAGES
    )


async def list_messages_to_address(uow: UnitOfWork, email_keys: Sequence[str]) -> list[SentMessage]:
    """Messages to leads with these addresses, latest first."""
    return await uow.list(
        SentMessage, _SQL["list_messages_to_address"], email_keys=list(email_keys), limit=_MOST_MESSAGES
    )


async def list_messages_to_domain(uow: UnitOfWork, account_id: UUID, domain: str) -> list[SentMessage]:
    """An account's messages to leads of a domain, latest first."""
    return await uow.list(
        SentMessage,
        _SQL["list_messages_to_domain"],
        sender_account_id=account_id,
        domain=domain,
        leads=_MOST_LEADS,
        limit=_MOST_MESSAGES,
    )


async def list_answered_enrollments(uow: UnitOfWork, message_ids: Sequence[str]) -> list[UUID]:
    """Enrollments whose leads wrote letters with these Message-IDs."""
    rows = await uow.rows(_SQL["list_answered_enrollments"], message_ids=list(message_ids))
    return [row[0] for row in rows]


async def find_message_domain(uow: UnitOfWork) -> str | None:
    """The right side of the workspace's Message-IDs."""
    domain: str | None = await uow.value(_SQL["find_message_domain"])
    return domain


async def lock_enrollment(uow: UnitOfWork, enrollment_id: UUID) -> AnsweringEnrollment | None:
    """The enrollment that a letter is about."""
    return await uow.find(AnsweringEnrollment, _SQL["lock_enrollment"], enrollment_id=enrollment_id)


async def end_enrollment(
    uow: UnitOfWork, enrollment_id: UUID, state: str, reason: str, *, now: datetime
) -> None:
    """Bring one enrollment to an end, or to a graver one."""
    await uow.execute(
        _SQL["end_enrollment"], enrollment_id=enrollment_id, state=state, reason=reason, now=now
    )


async def mark_unsubscribed(uow: UnitOfWork, enrollment_id: UUID, *, now: datetime) -> bool:
    """The lead unsubscribed by a letter of this campaign; False if that is known, or it was taken out."""
    return bool(await uow.rows(_SQL["mark_unsubscribed"], enrollment_id=enrollment_id, now=now))


async def put_off_lead(uow: UnitOfWork, lead_id: UUID, until: datetime, *, now: datetime) -> bool:
    """Have nothing due for a lead before that instant; False if it was so already."""
    return bool(await uow.rows(_SQL["put_off_lead"], lead_id=lead_id, until=until, now=now))


async def pause_lead(uow: UnitOfWork, lead_id: UUID, reason: str, *, now: datetime) -> bool:
    """Pause whatever is open for a lead; False if there was nothing to pause."""
    return bool(await uow.rows(_SQL["pause_lead"], lead_id=lead_id, reason=reason, now=now))


async def bounce_message(
    uow: UnitOfWork, message: SentMessage, bounce_type: str, reason: str, *, now: datetime
) -> BouncedMessage | None:
    """A message that was sent has come back; None if that is known, or it was not sent."""
    return await uow.find(
        BouncedMessage,
        _SQL["bounce_message"],
        enrollment_id=message.enrollment_id,
        step_id=message.step_id,
        bounce_type=bounce_type,
        reason=reason,
        now=now,
    )


async def count_soft_bounce_days(uow: UnitOfWork, lead_id: UUID) -> int:
    """On how many days messages to a lead came back softly."""
    return int(await uow.value(_SQL["count_soft_bounce_days"], lead_id=lead_id))


async def add_to_ledger(uow: UnitOfWork, message: SentMessage, *, bounced: int = 0, replied: int = 0) -> None:
    """Count on the account and day of a message what came back for it."""
    await uow.execute(
        _SQL["add_to_ledger"],
        day=message.day,
        sender_account_id=message.sender_account_id,
        bounced=bounced,
        replied=replied,
    )
