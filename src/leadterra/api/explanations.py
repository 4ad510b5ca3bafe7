"""`…/explain` of a lead, a campaign and an account: what comes next and when, or what holds it, with numbers
(R10).
"""

from typing import Literal

from pydantic import Field

from leadterra.actions.explaining import AccountExplanation, explain_account, explain_campaign, explain_lead
from leadterra.api.answers import Answer
from leadterra.api.fields import CampaignId, Instant, LeadId, MessageId, SenderAccountId, StepId, View
from leadterra.api.routing import Errand, Routes
from leadterra.domain.campaign import ShownStatus
from leadterra.domain.enrollment import State
from leadterra.domain.gate import Gate

routes = Routes("Explanations", "Why nothing is sending, and when something will.")


class GateView(View):
    """A gate, pass or not.

    value, limit: of a cap, `value` messages of `limit` are used. Of a gate that opens with time, `value` is
    the seconds until then. clearsAt: when a closed gate opens; null if that depends on somebody.
    """

    gate: Gate
    passes: bool = Field(serialization_alias="pass")
    detail: str
    value: int | float | None
    limit: int | float | None
    clears_at: Instant | None


class NextStepView(View):
    """The step that is next. position: from 0."""

    step_id: StepId
    position: int


class HistoryEntryView(View):
    """Something that happened to a lead in a campaign.

    event: `enrolled`; `attempt`, a conversation with a server; `message`, what a message came to; `reply`,
    what came back; `state`, what the lead's part in the campaign came to. position: of the step, from 0.
    outcome: of the attempt, the kind of what came back, or the state. code: the server's.
    """

    at: Instant
    event: Literal["enrolled", "attempt", "message", "reply", "state"]
    position: int | None
    message_id: MessageId | None
    sender_account_id: SenderAccountId | None
    outcome: str | None
    code: int | None
    detail: str | None


class LeadExplanationView(View):
    """What comes next for a lead, and what holds it.

    nextSendAt, senderAccountId: as predicted by the planner that sends; null where nothing is going to be
    sent, which the gates say why, or not within 90 days. blockedBy: the closed gate that opens last. gates:
    all, in the engine's order; those of accounts are of the account that it is bound to, or else that is
    predicted. history: oldest first.
    """

    lead_id: LeadId
    campaign_id: CampaignId
    state: State
    next_step: NextStepView | None
    next_send_at: Instant | None
    sender_account_id: SenderAccountId | None
    blocked_by: Gate | None
    gates: list[GateView]
    history: list[HistoryEntryView]


class GateCountView(View):
    """How many open leads of a campaign a gate holds, and when it opens for the first of them."""

    gate: Gate
    leads: int
    clears_at: Instant | None


class CampaignExplanationView(View):
    """What holds the leads of a campaign.

    byGate: open leads by the gate that each is blocked by; those that could go now are in none. nextSendAt:
    of its next message, as predicted. bindingGate: of what holds its leads, what opens first; null if one of
    them could go now.
    """

    campaign_id: CampaignId
    status: ShownStatus
    total: int
    by_state: dict[State, int]
    by_gate: list[GateCountView]
    next_send_at: Instant | None
    binding_gate: Gate | None


class AccountTodayView(View):
    """An account's units of this UTC day."""

    limit: int
    sent: int
    uncertain: int
    reserved: int
    remaining: int


class NextSendView(View):
    """The next message of an account, as predicted. position: of the step, from 0."""

    at: Instant
    campaign_id: CampaignId
    position: int


class BoundLeadsView(View):
    """Leads with a step left that are bound to an account, in one campaign."""

    campaign_id: CampaignId
    name: str
    leads: int


class AccountExplanationView(View):
    """What holds an account, and what it sends next."""

    sender_account_id: SenderAccountId
    email: str
    status: str
    status_reason: str | None
    today: AccountTodayView
    blocked_by: Gate | None
    gates: list[GateView]
    next_send: NextSendView | None
    bound_leads: list[BoundLeadsView]


@routes.get("/v1/campaigns/{camp}/leads/{lead}/explain")
async def explain_one(errand: Errand) -> Answer[LeadExplanationView]:
    """Explain a lead: what it gets next, when and from which account, or what holds it, and what happened so
    far.

    The prediction is made by the planner that sends, of the pool as it is now; it comes true unless somebody
    changes something or a server refuses.
    """
    campaign_id, lead_id = errand.id("camp"), errand.id("lead")
    async with errand.equipment.database.snapshot(errand.caller.workspace_id) as uow:
        found = await explain_lead(uow, campaign_id, lead_id, now=errand.now)
    return Answer(LeadExplanationView.model_validate(found))


@routes.get("/v1/campaigns/{camp}/explain")
async def explain_all(errand: Errand) -> Answer[CampaignExplanationView]:
    """Explain a campaign: how many of its leads each gate holds, and when its next message goes."""
    campaign_id = errand.id("camp")
    async with errand.equipment.database.snapshot(errand.caller.workspace_id) as uow:
        found = await explain_campaign(uow, campaign_id, now=errand.now)
    return Answer(CampaignExplanationView.model_validate(found))


@routes.get("/v1/sender-accounts/{sa}/explain")
async def explain_sender(errand: Errand) -> Answer[AccountExplanationView]:
    """Explain an account: its gates, its units of today, what it sends next, and what is bound to it."""
    account_id = errand.id("sa")
    async with errand.equipment.database.snapshot(errand.caller.workspace_id) as uow:
        found = await explain_account(uow, account_id, now=errand.now)
    return Answer(_account_view(found))


def _account_view(found: AccountExplanation) -> AccountExplanationView:
    account, ledger, send = found.account, found.ledger, found.next_send
    return AccountExplanationView(
        sender_account_id=account.id,
        email=account.email,
        status=account.status,
        status_reason=account.status_reason,
        today=AccountTodayView(
            limit=ledger.limit,
            sent=ledger.sent,
            uncertain=ledger.uncertain,
            reserved=ledger.reserved,
            remaining=ledger.remaining,
        ),
        blocked_by=found.blocked_by,
        gates=[GateView.model_validate(check) for check in found.gates],
        next_send=NextSendView(at=send.at, campaign_id=send.due.campaign_id, position=send.due.position)
        if send
        else None,
        bound_leads=[
            BoundLeadsView(campaign_id=each.id, name=each.name, leads=each.leads) for each in found.bound
        ],
    )
