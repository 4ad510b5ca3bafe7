"""`/v1/replies`: what came back, and what it means."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from leadterra.actions.replies import Conversation, correct_reply, read_reply, snippet_of
from leadterra.actions.responding import Draft, respond_to_reply
from leadterra.api.answers import Answer, Page
from leadterra.api.fields import (
    Body,
    CampaignId,
    Instant,
    LeadId,
    Line,
    MessageId,
    ReplyId,
    SenderAccountId,
    Text,
    View,
    not_blank,
)
from leadterra.api.pagination import Cursor, PageQuery, cut_page
from leadterra.api.problems import InvalidRequest
from leadterra.api.routing import Call, Routes
from leadterra.domain.api_key import Scope
from leadterra.domain.errors import Fault
from leadterra.mail.finding import Classification, Kind
from leadterra.store.replies import ListedReply, list_replies

routes = Routes(
    "Replies", "What came back: answers, automatic answers, bounces and complaints, each letter once."
)

_PATH = "/v1/replies"
_LONGEST_BODY = 100_000

Words = Annotated[Text, Field(min_length=1, max_length=_LONGEST_BODY), AfterValidator(not_blank)]


class ReplyItem(View):
    """A letter that came back. threadSnippet: the beginning of what is new in it, or what a report says."""

    id: ReplyId
    email: str
    campaign_id: CampaignId | None
    classification: Classification
    received_at: Instant
    thread_snippet: str


class RecipientView(View):
    """What a bounce or a complaint says about an address. hard: the answer was final. dead: for the address's
    sake, which is suppressed then.
    """

    address: str
    status: str | None
    code: int | None
    hard: bool
    dead: bool
    reason: str
    text: str


class ThreadEntryView(View):
    """A letter of the conversation.

    direction: `out`, a message or an answer, or `in`, a reply. id: of the message or reply; of an answer its
    Message-ID header. state, stateReason: of what went out, null for a reply; of an answer that waits, what
    holds it.
    """

    direction: Literal["out", "in"]
    id: str
    subject: str | None
    at: Instant
    snippet: str
    state: str | None
    state_reason: str | None


class ReplyView(ReplyItem):
    """All of it.

    kind: what kind of letter it is. classifiedBy: who says what it means. messageId: what it answers, or is
    about. matchedBy: how that was found. text: what is new, without quote and signature. evidence: the signs
    by which it was classified. thread: oldest first.
    """

    kind: Kind
    classified_by: Literal["rules", "model", "person"]
    name: str
    lead_id: LeadId | None
    message_id: MessageId | None
    sender_account_id: SenderAccountId
    subject: str
    text: str
    quoted_text: str
    headers: dict[str, list[str]]
    recipients: list[RecipientView]
    return_on: date | None
    referral: str | None
    evidence: list[str]
    matched_by: str
    thread: list[ThreadEntryView]


class ReplyPatch(Body):
    """What the letter really means."""

    classification: Annotated[Classification, Field(strict=False)]


class NewResponse(Body):
    """An answer. One of bodyText and bodyHtml is required; of one alone the other is made."""

    body_text: Words | None = None
    body_html: Words | None = None
    subject: Annotated[Line, Field(min_length=1, max_length=1000)] | None = Field(
        default=None, description="The letter's, with `Re:`, if absent."
    )


class ResponseView(View):
    """An answer that was queued. id: its Message-ID header, by which the reply's thread shows it. to: where
    the writer wants answers, which may be another address than it wrote from. references: of the thread; the
    last is what it answers.
    """

    id: str
    reply_id: ReplyId
    sender_account_id: SenderAccountId
    to: str
    subject: str
    state: Literal["queued", "sending", "sent", "uncertain", "refused", "bounced", "cancelled"]
    references: list[str]
    created_at: Instant


class ReplyQuery(PageQuery):
    """Which letters."""

    campaign_id: CampaignId | None = None
    classification: Annotated[Classification | None, Field(description="Only those that mean this.")] = None


@routes.get(_PATH)
async def list_all(call: Call, query: ReplyQuery) -> Page[ReplyItem]:
    """List what came back, newest first."""
    rows = await list_replies(
        call.uow,
        campaign_id=query.campaign_id,
        classification=query.classification,
        before=query.cursor,
        limit=query.limit + 1,
    )
    shown, following = cut_page(rows, query.limit, lambda row: Cursor(row.received_at, row.id))
    return Page([_item(row) for row in shown], following)


@routes.get(_PATH + "/{rpl}")
async def get(call: Call) -> Answer[ReplyView]:
    """Get a letter with its conversation."""
    return Answer(_view(await read_reply(call.uow, call.id("rpl"))))


@routes.patch(_PATH + "/{rpl}", scope=Scope.WRITE)
async def correct(call: Call, body: ReplyPatch) -> Answer[ReplyView]:
    """Correct what a letter means. A wish to unsubscribe is granted at once; no other correction starts or
    stops anything.
    """
    await correct_reply(call.uow, call.id("rpl"), body.classification, now=call.now)
    return Answer(_view(await read_reply(call.uow, call.id("rpl"))))


@routes.post(_PATH + "/{rpl}/respond", scope=Scope.SEND, status=202)
async def respond(call: Call, body: NewResponse) -> Answer[ResponseView]:
    """Answer a letter in its thread, from the account that it came to. It goes within seconds, before all
    other letters of the account, also of a paused one; it takes a unit of its day, and waits for the next day
    if none is left. The reply's thread shows what became of it. Nothing is sent to a suppressed address.
    """
    if body.body_text is None and body.body_html is None:
        fault = Fault("/bodyText", "required", "Give bodyText, bodyHtml or both.")
        raise InvalidRequest([fault])
    draft = Draft(body.body_text, body.body_html, body.subject)
    made = await respond_to_reply(call.uow, call.id("rpl"), draft, now=call.now)
    return Answer(
        ResponseView(
            id=made.message_id,
            reply_id=made.reply_id,
            sender_account_id=made.sender_account_id,
            to=made.recipient,
            subject=made.subject,
            state=made.state,  # type: ignore[arg-type]
            references=made.reference_ids,
            created_at=made.created_at,
        )
    )


def _item(row: ListedReply) -> ReplyItem:
    return ReplyItem.model_validate(
        {
            "id": row.id,
            "email": row.email,
            "campaign_id": row.campaign_id,
            "classification": row.classification,
            "received_at": row.received_at,
            "thread_snippet": snippet_of(row.new_text),
        }
    )


def _view(conversation: Conversation) -> ReplyView:
    reply = conversation.reply
    plain = {name: getattr(reply, name, None) for name in ReplyView.model_fields}
    told = str(reply.recipients[0].get("text", "")) if reply.recipients else ""
    return ReplyView.model_validate(
        {
            **plain,
            "thread_snippet": snippet_of(told or reply.new_text),
            "message_id": reply.about_message_id,
            "text": reply.new_text,
            "recipients": reply.recipients,
            "thread": [
                {name: getattr(entry, name) for name in ThreadEntryView.model_fields}
                for entry in conversation.thread
            ],
        }
    )
