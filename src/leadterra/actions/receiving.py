"""A letter came: write it down once, and do what follows from it (R7).

One transaction a letter. Whatever the letter changes is changed in it, so that a reader that dies reads it
again and finds it known, and a letter that was delivered twice counts once. Letters that are about no message
of the workspace are nobody's business: nothing of them is kept.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from leadterra.actions.consequences import Outcome, apply_consequence
from leadterra.actions.matching import Match, match_letter
from leadterra.actions.ports import Attempt
from leadterra.actions.response_settling import note_response_bounce, settle_what_is_answered
from leadterra.actions.settling import Settlement, settle_messages
from leadterra.actions.warmup_letters import note_warmup_bounce
from leadterra.domain.inbound import Inbound
from leadterra.domain.outcomes import Accepted, Answer, Command
from leadterra.mail.finding import Failure, Finding, Kind
from leadterra.mail.incoming import Incoming
from leadterra.store import replies
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import new_id
from leadterra.store.replies import NewReply

_KEPT_HEADERS = (
    *("from", "reply-to", "to", "cc", "subject", "date", "message-id", "in-reply-to", "references"),
    *("return-path", "auto-submitted", "precedence", "list-id", "x-autoreply", "x-auto-response-suppress"),
)
_LONGEST_TEXT = 100_000
_LONGEST_LINE = 500
_OPEN = ("sending", "uncertain")


@dataclass(frozen=True, slots=True)
class Arrival:
    """A letter in an account's mailbox. received_at: when its server got it. is_junk: it took it for spam."""

    account_id: UUID
    letter: Incoming
    finding: Finding
    received_at: datetime
    is_junk: bool = False


async def receive_letter(uow: UnitOfWork, arrival: Arrival, *, now: datetime) -> UUID | None:
    """Write it down and act on it; its id, None if it is nobody's, says nothing, or is known."""
    if arrival.finding.kind is Kind.OTHER:
        return None
    digest = digest_of(arrival.letter)
    if await replies.find_known_digests(uow, [digest]):
        return None
    if arrival.finding.kind is Kind.BOUNCE and await note_response_bounce(uow, arrival.finding, now=now):
        return None
    match = await match_letter(
        uow,
        arrival.letter,
        arrival.finding,
        account_id=arrival.account_id,
        received_at=arrival.received_at,
        is_junk=arrival.is_junk,
    )
    if match is None or match.message.email is None:
        if arrival.finding.kind is Kind.BOUNCE:
            await note_warmup_bounce(uow, arrival.finding)
        return None
    await uow.lock_pool()
    match = await _as_it_is_now(uow, match)
    if match is None:
        return None
    await _settle_what_is_answered(uow, match, now=now)
    await settle_what_is_answered(uow, arrival.letter.in_reply_to, now=now)
    failure = failure_of(arrival.finding, match.message.email_key)
    if failure is not None and failure.delayed:
        return None
    reply = _reply(arrival, match, digest, now=now)
    if not await replies.insert_reply(uow, reply):
        return None
    inbound = inbound_of(arrival.finding, failure)
    outcome = Outcome(inbound, reply.id, reply.kind, reply.classification, failure, arrival.received_at)
    await apply_consequence(uow, match.message, outcome, arrival.finding, now=now)
    return reply.id


def inbound_of(finding: Finding, failure: Failure | None) -> Inbound:
    """What came, in the words of the rules. failure: what a report says of the lead."""
    match finding.kind:
        case Kind.BOUNCE:
            return Inbound.HARD_BOUNCE if failure is not None and failure.dead else Inbound.SOFT_BOUNCE
        case Kind.AUTO_REPLY if finding.is_gone:
            return Inbound.GONE
        case kind:
            return Inbound(kind.value)


def failure_of(finding: Finding, email_key: str | None) -> Failure | None:
    """What a report says about the lead, or, where it names only others (the lead forwards its mail), about
    the first of them.
    """
    named = [each for each in finding.recipients if each.address.lower() == email_key]
    return next(iter(named or finding.recipients), None)


def digest_of(letter: Incoming) -> bytes:
    """What makes it this letter, in whichever folder or mailbox it is found: who wrote it, and its Message-
    ID, else all of it.
    """
    said = [letter.sender.address.lower(), letter.message_id]
    if not letter.message_id:
        said += [str(letter.date), letter.subject, letter.text]
        said += [sha256(part.content).hexdigest() for part in letter.parts]
    return sha256("\0".join(said).encode(errors="replace")).digest()


async def _as_it_is_now(uow: UnitOfWork, match: Match) -> Match | None:
    """The match once the pool is locked; None if the lead was erased since: nothing of them may be written
    down any more.
    """
    sent = await replies.list_sent_messages(uow, [match.message.enrollment_id])
    message = next((each for each in sent if each.step_id == match.message.step_id), None)
    return replace(match, message=message) if message and message.email is not None else None


async def _settle_what_is_answered(uow: UnitOfWork, match: Match, *, now: datetime) -> None:
    """What is answered was sent, even if its worker does not say so yet, or does not know (R6)."""
    message = match.message
    if match.is_certain and message.state in _OPEN:
        ending = Accepted(Answer(Command.BODY, None, None, "a letter came that answers it"))
        attempt = Attempt(ending, "", message.claimed_at, message.claimed_at, now)
        await settle_messages(
            uow, [Settlement(message.enrollment_id, message.step_id, message.fence, attempt)], now=now
        )


def _reply(arrival: Arrival, match: Match, digest: bytes, *, now: datetime) -> NewReply:
    letter, finding, message = arrival.letter, arrival.finding, match.message
    headers = {
        name: [_text(each) for each in letter.headers[name]]
        for name in _KEPT_HEADERS
        if name in letter.headers
    }
    return NewReply(
        id=new_id(now),
        digest=digest,
        sender_account_id=arrival.account_id,
        enrollment_id=message.enrollment_id,
        campaign_id=message.campaign_id,
        lead_id=message.lead_id,
        about_message_id=message.id,
        kind=finding.kind,
        classification=finding.classification,
        classified_by="rules",
        email=_line(letter.sender.address),
        name=_line(letter.sender.name),
        subject=_line(letter.subject),
        message_id=_line(letter.message_id),
        reference_ids=[_line(each) for each in letter.references[-50:]],
        new_text=_text(finding.new_text or letter.text),
        quoted_text=_text(finding.quoted_text),
        headers=json.dumps(headers),
        recipients=json.dumps([_shown(each) for each in finding.recipients[:100]]),
        evidence=[_line(each) for each in finding.evidence[:20]],
        matched_by=_line(match.by),
        return_on=finding.return_on,
        referral=_line(finding.referral) if finding.referral else None,
        received_at=arrival.received_at,
        created_at=now,
    )


def _shown(failure: Failure) -> dict[str, object]:
    return {
        "address": _line(failure.address),
        "status": _line(failure.status) if failure.status else None,
        "code": failure.code,
        "hard": failure.hard,
        "dead": failure.dead,
        "reason": _line(failure.reason),
        "text": _line(failure.text),
    }


def _line(text: str) -> str:
    return _text(text)[:_LONGEST_LINE]


def _text(text: str) -> str:
    """As much as is kept, and as PostgreSQL can: no NUL, no halves of characters."""
    return text[:_LONGEST_TEXT].replace("\0", "").encode(errors="replace").decode()
