"""`/v1/messages`: every message, also those that are due and not claimed yet, and every conversation
about it.
"""

from typing import Annotated, Literal

from pydantic import Field

from leadterra.actions.messages import MessageHistory, read_message
from leadterra.actions.resolving import resolve_message
from leadterra.api.answers import Answer, Page
from leadterra.api.fields import Body, CampaignId, Instant, LeadId, MessageId, SenderAccountId, StepId, View
from leadterra.api.pagination import Cursor, PageQuery, cut_page
from leadterra.api.routing import Call, Routes
from leadterra.domain.api_key import Scope
from leadterra.store.leads import get_lead
from leadterra.store.messages import Attempt, Message, MessageFilter, list_messages

routes = Routes("Messages", "One step for one lead, at most once, with every SMTP conversation about it.")

_PATH = "/v1/messages"
MessageStateText = Literal[
    "queued", "sending", "sent", "deferred", "refused", "uncertain", "bounced", "cancelled"
]


class MessageItem(View):
    """A message in a list.

    sequenceStep: from 0. createdAt: when it was claimed first, or became due. subject: as sent.
    """

    id: MessageId
    campaign_id: CampaignId
    lead_id: LeadId
    step_id: StepId
    sequence_step: int
    sender_account_id: SenderAccountId | None
    state: MessageStateText
    state_reason: str | None
    subject: str | None
    attempt_count: int
    created_at: Instant
    settled_at: Instant | None


class AttemptView(View):
    """One SMTP conversation.

    scope: whom a refusal concerned. command: where in the dialogue the answer came. text: the server's
    line.
    """

    number: int
    sender_account_id: SenderAccountId
    outcome: Literal["accepted", "deferred", "refused", "uncertain"]
    scope: Literal["recipient", "account", "server"] | None
    server: str
    command: str
    code: int | None
    enhanced_code: str | None
    text: str
    started_at: Instant
    data_at: Instant | None
    ended_at: Instant


class MessageView(MessageItem):
    """A message with every conversation about it."""

    attempts: list[AttemptView]


class Resolution(Body):
    """What a person found out about an uncertain message."""

    outcome: Literal["sent", "not_sent"]


class LeadMessageQuery(PageQuery):
    """Which messages to a lead."""

    campaign_id: CampaignId | None = None
    sender_account_id: SenderAccountId | None = None
    state: MessageStateText | None = None


class MessageQuery(LeadMessageQuery):
    """Which messages."""

    lead_id: Annotated[LeadId | None, Field(description="Only those to this lead.")] = None


@routes.get(_PATH)
async def list_all(call: Call, query: MessageQuery) -> Page[MessageItem]:
    """List messages, newest first. With `state=queued` also those that are due and were not claimed yet."""
    wanted = MessageFilter(
        query.campaign_id, query.lead_id, query.sender_account_id, query.state, query.cursor
    )
    return await _page(call, wanted, query.limit)


@routes.get("/v1/leads/{lead}/messages")
async def list_of_lead(call: Call, query: LeadMessageQuery) -> Page[MessageItem]:
    """List the messages to a lead, newest first."""
    lead = await get_lead(call.uow, call.id("lead"))
    wanted = MessageFilter(query.campaign_id, lead.id, query.sender_account_id, query.state, query.cursor)
    return await _page(call, wanted, query.limit)


@routes.get(_PATH + "/{msg}")
async def get(call: Call) -> Answer[MessageView]:
    """Get a message with its attempts."""
    return Answer(_view(await read_message(call.uow, call.id("msg"), now=call.now)))


@routes.post(_PATH + "/{msg}/resolve", scope=Scope.WRITE)
async def resolve(call: Call, body: Resolution) -> Answer[MessageView]:
    """Settle an uncertain message: it was sent, and the sequence goes on; or it was not, and it is due
    again.
    """
    await read_message(call.uow, call.id("msg"), now=call.now)
    await resolve_message(call.uow, call.id("msg"), body.outcome, now=call.now)
    return Answer(_view(await read_message(call.uow, call.id("msg"), now=call.now)))


async def _page(call: Call, wanted: MessageFilter, limit: int) -> Page[MessageItem]:
    rows = await list_messages(call.uow, wanted, limit=limit + 1, now=call.now)
    shown, next_cursor = cut_page(rows, limit, lambda row: Cursor(row.created_at, row.id))
    return Page([MessageItem.model_validate(_item(row)) for row in shown], next_cursor)


def _item(message: Message) -> dict[str, object]:
    return {
        "id": message.id,
        "campaign_id": message.campaign_id,
        "lead_id": message.lead_id,
        "step_id": message.step_id,
        "sequence_step": message.step_position,
        "sender_account_id": message.sender_account_id,
        "state": message.state,
        "state_reason": message.state_reason,
        "subject": message.subject,
        "attempt_count": message.attempts,
        "created_at": message.created_at,
        "settled_at": message.settled_at,
    }


def _view(history: MessageHistory) -> MessageView:
    return MessageView.model_validate(
        {**_item(history.message), "attempts": [_attempt_view(attempt) for attempt in history.attempts]}
    )


def _attempt_view(attempt: Attempt) -> AttemptView:
    return AttemptView.model_validate(
        {
            "number": attempt.number,
            "sender_account_id": attempt.sender_account_id,
            "outcome": attempt.outcome,
            "scope": attempt.scope,
            "server": attempt.server,
            "command": attempt.command,
            "code": attempt.code,
            "enhanced_code": attempt.enhanced_code,
            "text": attempt.answer,
            "started_at": attempt.started_at,
            "data_at": attempt.data_at,
            "ended_at": attempt.ended_at,
        }
    )
