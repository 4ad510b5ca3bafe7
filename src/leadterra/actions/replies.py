"""What came back, as a person reads it, and corrects what the rules made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.actions.unsubscribing import unsubscribe_lead
from leadterra.mail.finding import Classification
from leadterra.store import replies
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import encode
from leadterra.store.replies import Reply
from leadterra.store.responses import Response, list_responses

_SNIPPET = 200


@dataclass(frozen=True, slots=True)
class ThreadEntry:
    """A letter of a conversation. direction: `out`, a message or an answer of ours, or `in`, what came back.
    id: a TypeID, of a message or of a reply; of an answer its Message-ID. at: when it was claimed, received,
    or answered. snippet: its beginning, empty for messages. state, state_reason: of ours, as the API shows
    them; what holds an answer that waits is its reason.
    """

    direction: str
    id: str
    subject: str | None
    at: datetime
    snippet: str
    state: str | None = None
    state_reason: str | None = None


@dataclass(frozen=True, slots=True)
class Conversation:
    """A reply, and all that was said between the campaign and its lead, oldest first."""

    reply: Reply
    thread: Sequence[ThreadEntry]


def snippet_of(text: str) -> str:
    """The beginning of a text, on one line."""
    return " ".join(text[: 5 * _SNIPPET].split())[:_SNIPPET]


async def read_reply(uow: UnitOfWork, reply_id: UUID) -> Conversation:
    """A reply with its conversation. Raises `NotFound`."""
    reply = await replies.get_reply(uow, reply_id)
    answers = await list_responses(uow, reply_id=reply_id, enrollment_id=reply.enrollment_id)
    entries = [entry_of(each) for each in answers]
    if reply.enrollment_id is None:
        return Conversation(reply, entries)
    sent = await replies.list_sent_messages(uow, [reply.enrollment_id])
    came = await replies.list_replies_of_enrollment(uow, reply.enrollment_id)
    entries += [
        ThreadEntry("out", encode("msg", each.id), each.subject, each.claimed_at, "", each.state)
        for each in sent
        if each.state in ("sent", "bounced", "uncertain")
    ]
    entries += [
        ThreadEntry("in", encode("rpl", each.id), each.subject, each.received_at, snippet_of(each.new_text))
        for each in came
    ]
    # Mail servers tell whole seconds.
    return Conversation(
        reply,
        sorted(entries, key=lambda each: (each.at.replace(microsecond=0), each.direction == "in", each.at)),
    )


def entry_of(response: Response) -> ThreadEntry:
    """An answer in its conversation."""
    return ThreadEntry(
        "out",
        response.message_id,
        response.subject,
        response.data_at or response.created_at,
        snippet_of(response.body_text),
        response.state,
        response.held_by or response.state_reason,
    )


async def correct_reply(
    uow: UnitOfWork, reply_id: UUID, classification: Classification, *, now: datetime
) -> None:
    """Say what a reply really means. One that turns out to be a wish to unsubscribe is granted; an enrollment
    that has ended never opens again. Raises `NotFound`.
    """
    reply = await replies.get_reply(uow, reply_id)
    await replies.save_classification(uow, reply_id, classification, "person")
    if classification is Classification.UNSUBSCRIBE and reply.enrollment_id is not None:
        await unsubscribe_lead(uow, reply.enrollment_id, source="person", now=now)
