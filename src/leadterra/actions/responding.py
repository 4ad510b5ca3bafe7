"""A person answers what came back: a letter in the thread, from the account that the reply came to.

It is queued here and sent by a worker within a second or two (`actions.response_claims`). It is one to one
and asked for, so it has no unsubscribe fields and no postal address, and a paused account may send it; but it
takes a unit of the account's day like any other letter, never goes to a suppressed address, and is sent at
most once.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.domain.errors import InvalidState
from leadterra.mail.addresses import Address, InvalidAddress, parse_address, suppression_hash
from leadterra.mail.finding import Kind
from leadterra.mail.header_values import read_mailboxes
from leadterra.mail.letter import Mailbox
from leadterra.mail.plaintext import text_from_html
from leadterra.mail.response import html_of_text, response_message_id, thread_of
from leadterra.mail.threads import reply_subject
from leadterra.store import replies, responses
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import new_id
from leadterra.store.replies import Reply
from leadterra.store.responses import NewResponse, Response
from leadterra.store.suppressions import find_suppressions

_REPORTS = (Kind.BOUNCE, Kind.COMPLAINT)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person answers: one of the bodies at least. subject: None for that of the letter, with `Re:`."""

    body_text: str | None = None
    body_html: str | None = None
    subject: str | None = None


async def respond_to_reply(uow: UnitOfWork, reply_id: UUID, draft: Draft, *, now: datetime) -> Response:
    """Queue an answer. Raises `NotFound`, or `InvalidState` if nobody is there to be answered, who is there
    must not be written to, or the account cannot send.
    """
    await uow.lock_pool()
    reply = await replies.get_reply(uow, reply_id)
    sender = await _check_account(uow, reply)
    mailbox, address = _recipient(reply)
    lead_key = await responses.find_lead_key(uow, reply.lead_id)
    keys = [*_keys(address), *(_keys(parse_address(lead_key)) if lead_key else ())]
    await _check_suppressions(uow, keys)
    response_id = new_id(now)
    domain = await replies.find_message_domain(uow) or parse_address(sender).domain
    text, html = _bodies(draft)
    await responses.insert_response(
        uow,
        NewResponse(
            id=response_id,
            reply_id=reply.id,
            enrollment_id=reply.enrollment_id,
            lead_id=reply.lead_id,
            sender_account_id=reply.sender_account_id,
            recipient=mailbox.address,
            recipient_name=mailbox.name,
            address_hashes=[suppression_hash(key) for key in dict.fromkeys(keys)],
            subject=reply_subject(reply.subject) if draft.subject is None else draft.subject,
            body_html=html,
            body_text=text,
            message_id=response_message_id(response_id, domain),
            reference_ids=list(thread_of(reply.reference_ids, reply.message_id)),
        ),
        now=now,
    )
    return await responses.get_response(uow, response_id)


async def _check_account(uow: UnitOfWork, reply: Reply) -> str:
    """The address of the account, if it can send."""
    sender = await responses.find_sender(uow, reply.sender_account_id)
    if sender is None or not sender.is_present:
        raise InvalidState("The account that this reply came to was removed, so nothing can be sent from it.")
    if not sender.can_send:
        raise InvalidState("The account that this reply came to has no SMTP server, so it cannot answer.")
    if sender.is_shut_out:
        raise InvalidState(
            "The login of the account that this reply came to is refused (auth_failed). Give the account a "
            "new password or grant first."
        )
    return sender.email


def _recipient(reply: Reply) -> tuple[Mailbox, Address]:
    """Whoever wrote, at the address where answers are wanted (RFC 5322 §3.6.2)."""
    if reply.kind in _REPORTS:
        raise InvalidState(f"This is a {reply.kind}, which a server sent: there is nobody to answer.")
    if not reply.email:
        raise InvalidState("The person who wrote this was erased.")
    wanted = [mailbox for text in reply.headers.get("reply-to", ())[:1] for mailbox in read_mailboxes(text)]
    for mailbox in (*wanted, Mailbox(reply.name, reply.email)):
        try:
            return mailbox, parse_address(mailbox.address)
        except InvalidAddress:
            continue
    raise InvalidState("This reply came from no address that could be written to.")


def _keys(address: Address) -> tuple[str, str]:
    return address.key, address.domain


async def _check_suppressions(uow: UnitOfWork, keys: list[str]) -> None:
    """R7 holds for people too: who said stop is not written to, whoever it is that wants to."""
    found = await find_suppressions(uow, keys)
    if found:
        raise InvalidState(
            f"The {found[0].kind} is on the suppression list ({found[0].reason}): nothing is sent to it."
        )


def _bodies(draft: Draft) -> tuple[str, str]:
    """Text and HTML; of one alone the other is made."""
    html = html_of_text(draft.body_text or "") if draft.body_html is None else draft.body_html
    text = text_from_html(html) if draft.body_text is None else draft.body_text
    return text, html
