"""Why a lead, a campaign or an account does not send, and when it will (R10).

Everything is read in one snapshot that the caller has opened, and nobody is held up: the pool's lock is not
taken. What comes next is asked of `domain.projection`, by the planner that sends; it holds as long as nothing
unforeseen happens. Raises `NotFound` for what the workspace does not have.
"""

from asyncio import to_thread
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.account_condition import read_condition, words_of
from leadterra.actions.caps import day_start, hour_start, read_recipient_caps
from leadterra.actions.pool_state import read_pool_state
from leadterra.actions.projecting import Outlook, read_outlook
from leadterra.domain.campaign import Campaign, ShownStatus
from leadterra.domain.caps import Cap, CapKey
from leadterra.domain.day import day_of, next_reset
from leadterra.domain.enrollment import OPEN, State
from leadterra.domain.explanation import (
    Check,
    Standing,
    View,
    binding,
    check_account,
    check_lead,
    check_standing,
    find_sender,
    soonest,
)
from leadterra.domain.gate import Gate
from leadterra.domain.pool import Contender, Work
from leadterra.domain.projection import Course, Due, Send
from leadterra.mail.addresses import domain_digest
from leadterra.store import cap_units, explanations, replies
from leadterra.store.campaigns import get_campaign
from leadterra.store.cap_units import CapScope
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import Enrollment, get_enrollment
from leadterra.store.explanations import ConversationRow, LetterRow, WaitingRow
from leadterra.store.ids import encode
from leadterra.store.leads import Lead, get_lead
from leadterra.store.replies import ListedReply
from leadterra.store.sender_accounts import Ledger, SenderAccount, get_sender_account
from leadterra.store.sender_loss import BoundCampaign, list_bound_campaigns
from leadterra.store.suppressions import find_suppressions

HORIZON = timedelta(days=90)
"""How far predictions look ahead."""

MOST_SENDS = 20_000
"""How many messages of the pool a prediction looks past."""

MOST_ATTEMPTS = 200
"""How many attempts a history shows, the latest."""

_SOME_DOMAIN = UUID(int=1)
"""Of leads that are counted and not named."""

_REMEDIES = {
    State.HELD: "Give the lead what is missing, or set onMissingVariable of the campaign to empty.",
    State.PAUSED: "Resume the lead, and it goes on from where it was.",
    State.FINISHED: "It has had every step.",
    State.BOUNCED: "Its mailbox does not take mail.",
    State.FAILED: "Its message was given up; the history says why.",
    State.SUPPRESSED: "Nothing is sent to it any more.",
    State.UNSUBSCRIBED: "Nothing is sent to it any more.",
    State.REPLIED: "It has answered.",
}


@dataclass(frozen=True, slots=True)
class NextStep:
    """The step that is next. position: from 0."""

    step_id: UUID
    position: int


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened. event: `enrolled`; `attempt`, a conversation with a server; `message`, what a
    message came to; `reply`, what came back; `state`, what the lead's part in the campaign came to. outcome:
    of an attempt, the kind of what came back, or the state. code, detail: as the server or the program said.
    """

    at: datetime
    event: str
    position: int | None = None
    message_id: UUID | None = None
    sender_account_id: UUID | None = None
    outcome: str | None = None
    code: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class LeadExplanation:
    """Of a lead in a campaign. next_send_at, sender_account_id: as predicted; None where nothing is, which
    the gates say why, or where it is too far ahead. blocked_by: the most restrictive closed gate.
    """

    lead_id: UUID
    campaign_id: UUID
    state: State
    next_step: NextStep | None
    next_send_at: datetime | None
    sender_account_id: UUID | None
    blocked_by: Gate | None
    gates: list[Check]
    history: list[Entry]


@dataclass(frozen=True, slots=True)
class GateCount:
    """How many leads a gate binds, and when it opens for the first of them."""

    gate: Gate
    leads: int
    clears_at: datetime | None


@dataclass(frozen=True, slots=True)
class CampaignExplanation:
    """Of a campaign. total, by_state: its leads but those that were taken out. by_gate: open leads by their
    most restrictive closed gate, most leads first; those that could go now are in none. next_send_at: of its
    first message, as predicted. binding_gate: of what holds its leads, what opens first; None if one could go
    now, or none ever will.
    """

    campaign_id: UUID
    status: ShownStatus
    total: int
    by_state: dict[str, int]
    by_gate: list[GateCount]
    next_send_at: datetime | None
    binding_gate: Gate | None


@dataclass(frozen=True, slots=True)
class AccountExplanation:
    """Of an account. ledger: of today. next_send: as predicted. bound: its leads with a step left."""

    account: SenderAccount
    ledger: Ledger
    blocked_by: Gate | None
    gates: list[Check]
    next_send: Send | None
    bound: list[BoundCampaign]


async def explain_lead(
    uow: UnitOfWork, campaign_id: UUID, lead_id: UUID, *, now: datetime
) -> LeadExplanation:
    """What comes next for a lead in a campaign, and what holds it."""
    campaign = await get_campaign(uow, campaign_id)
    part = await get_enrollment(uow, campaign_id, lead_id)
    lead = await get_lead(uow, lead_id)
    letters = await explanations.list_letters(uow, part.id)
    outlook = await read_outlook(uow, campaign_id=campaign_id, enrollment_id=part.id, now=now)
    work = _work_of(part, lead, outlook.courses[campaign_id], campaign)
    standing = Standing(
        campaign_status=campaign.status,
        state=State(part.state),
        reason=part.state_reason,
        remedy=_remedy(part.state, letters),
        suppressed=await _suppressed(uow, lead),
        work=work,
        away_until=part.away_until,
    )
    view = await _view(uow, outlook, [work] if work else [])
    send = None
    if _may_go(standing):
        send = await to_thread(_predict, outlook, lambda due: due.enrollment_id == part.id)
    contender = _contender(outlook, campaign_id)
    sender = find_sender(work, contender, send.sender_id if send else None, view) if work else None
    checks = check_lead(standing, contender, outlook.courses[campaign_id].schedule, sender, view)
    bound = binding(checks)
    step_id = await explanations.find_next_step(uow, campaign_id, part.position) if work else None
    return LeadExplanation(
        lead_id=lead_id,
        campaign_id=campaign_id,
        state=standing.state,
        next_step=NextStep(step_id, part.position) if step_id and part.state in OPEN else None,
        next_send_at=send.at if send else None,
        sender_account_id=send.sender_id if send else None,
        blocked_by=bound.gate if bound else None,
        gates=checks,
        history=await _history(uow, part, letters),
    )


async def explain_campaign(uow: UnitOfWork, campaign_id: UUID, *, now: datetime) -> CampaignExplanation:
    """What holds the leads of a campaign, counted by classes and not one by one."""
    campaign = await get_campaign(uow, campaign_id)
    outlook = await read_outlook(uow, campaign_id=campaign_id, now=now)
    view = await _view(uow, outlook, [])
    by_state = await explanations.count_states(uow, campaign_id)
    bound = _bind_others(campaign, by_state)
    bound += [
        (_bind(row, campaign, outlook, view), row.count)
        for row in await _count_waiting(uow, campaign_id, outlook, now)
    ]
    closed = [check for check, _ in bound if check is not None]
    is_free = len(closed) < len(bound)
    send = None
    if campaign.status == "running":
        send = await to_thread(_predict, outlook, lambda due: due.campaign_id == campaign_id)
    return CampaignExplanation(
        campaign_id=campaign_id,
        status=campaign.shown_status,
        total=sum(by_state.values()),
        by_state=by_state,
        by_gate=_count_gates(bound),
        next_send_at=send.at if send else None,
        binding_gate=soonest(closed).gate if closed and not is_free else None,
    )


async def explain_account(uow: UnitOfWork, account_id: UUID, *, now: datetime) -> AccountExplanation:
    """What holds an account, and what it sends next."""
    account, ledger = await get_sender_account(uow, account_id, day=day_of(now))
    outlook = await read_outlook(uow, now=now)
    view = await _view(uow, outlook, [])
    [sender] = [each for each in view.pool.senders if each.id == account_id]
    condition = await read_condition(uow, account_id, now=now)
    checks = check_account(sender, view, warning=words_of(condition) if condition else "")
    bound = binding(checks)
    return AccountExplanation(
        account=account,
        ledger=ledger,
        blocked_by=bound.gate if bound else None,
        gates=checks,
        next_send=await to_thread(_predict_for, outlook, account_id) if sender.is_active else None,
        bound=await list_bound_campaigns(uow, account_id),
    )


def _work_of(part: Enrollment, lead: Lead, course: Course, campaign: Campaign) -> Work | None:
    """A lead's next message; None if it has had every step."""
    if part.position >= len(course.delays):
        return None
    return Work(
        enrollment_id=part.id,
        is_follow_up=part.position > 0,
        due_at=max(part.due_at, course.started_at),
        sender_id=part.sender_account_id,
        campaign_id=part.campaign_id,
        recipient_domain=domain_digest(lead.email_domain),
        zone=(lead.time_zone or "") if campaign.uses_lead_zones else "",
    )


def _remedy(state: str, letters: Iterable[LetterRow]) -> str:
    if state != State.UNCERTAIN:
        return _REMEDIES.get(State(state), "")
    [letter] = [encode("msg", each.id) for each in letters if each.state == "uncertain"][-1:] or [""]
    return (
        "Nobody knows whether its message arrived: look into the account's Sent folder,"
        f" then resolve the message {letter}."
    )


async def _suppressed(uow: UnitOfWork, lead: Lead) -> str | None:
    """What of a lead is on the list."""
    kinds = {entry.kind for entry in await find_suppressions(uow, [lead.email_key, lead.email_domain])}
    if not kinds:
        return None
    return "address" if "email" in kinds else "domain"


def _may_go(standing: Standing) -> bool:
    """Whether anything is predicted."""
    return (
        standing.campaign_status == "running"
        and standing.state is State.WAITING
        and standing.suppressed is None
        and standing.work is not None
    )


async def _view(uow: UnitOfWork, outlook: Outlook, work: list[Work]) -> View:
    """The pool as a claim would see it now."""
    state = await read_pool_state(uow, outlook.row, now=outlook.now)
    recipients = await read_recipient_caps(uow, outlook.row, work, now=outlook.now) if work else {}
    caps = {**outlook.pool.caps, **recipients}
    return View(replace(outlook.pool, window=state.pool.window, caps=caps), outlook.now)


def _contender(outlook: Outlook, campaign_id: UUID) -> Contender:
    [found] = [each for each in outlook.pool.campaigns if each.id == campaign_id]
    return found


def _predict(outlook: Outlook, is_wanted: Callable[[Due], bool]) -> Send | None:
    return _first_send(outlook, lambda send: is_wanted(send.due))


def _predict_for(outlook: Outlook, account_id: UUID) -> Send | None:
    return _first_send(outlook, lambda send: send.sender_id == account_id)


def _first_send(outlook: Outlook, is_wanted: Callable[[Send], bool]) -> Send | None:
    """The first of that kind, within bounds."""
    passed = 0
    for each in outlook.project().run(outlook.now + HORIZON):
        if isinstance(each, Send):
            if is_wanted(each):
                return each
            passed += 1
            if passed >= MOST_SENDS:
                return None
    return None


async def _history(uow: UnitOfWork, part: Enrollment, letters: list[LetterRow]) -> list[Entry]:
    """What happened to a lead in this campaign, oldest first."""
    found = [Entry(part.created_at, "enrolled")]
    of_step = {letter.step_id: letter for letter in letters}
    attempts = await explanations.list_conversations(uow, part.id, limit=MOST_ATTEMPTS)
    found += [_attempt_entry(each, of_step[each.step_id]) for each in reversed(attempts)]
    found += [_letter_entry(letter) for letter in letters]
    found += [_reply_entry(each) for each in await replies.list_replies_of_enrollment(uow, part.id)]
    if part.state not in (State.WAITING, State.SENDING):
        changed_at = await explanations.find_change(uow, part.id)
        found.append(
            Entry(changed_at or part.created_at, "state", outcome=part.state, detail=part.state_reason)
        )
    return sorted(found, key=lambda entry: entry.at)


def _attempt_entry(each: ConversationRow, letter: LetterRow) -> Entry:
    answer = " ".join(part for part in (each.enhanced_code, each.answer) if part)
    return Entry(
        at=each.ended_at,
        event="attempt",
        position=letter.step_position,
        message_id=letter.id,
        sender_account_id=each.sender_account_id,
        outcome=each.outcome,
        code=each.code,
        detail=f"{each.server}: {answer}",
    )


def _letter_entry(letter: LetterRow) -> Entry:
    return Entry(
        at=letter.settled_at or letter.created_at,
        event="message",
        position=letter.step_position,
        message_id=letter.id,
        sender_account_id=letter.sender_account_id,
        outcome=letter.state,
        detail=letter.state_reason,
    )


def _reply_entry(each: ListedReply) -> Entry:
    return Entry(
        at=each.received_at,
        event="reply",
        outcome=each.kind,
        detail=f"{encode('rpl', each.id)}: {each.classification}",
    )


async def _count_waiting(
    uow: UnitOfWork, campaign_id: UUID, outlook: Outlook, now: datetime
) -> list[WaitingRow]:
    """The classes of leads that wait, as far as gates tell them apart."""
    row = outlook.row
    today, hour = row.recipient_domain_daily_limit, row.recipient_domain_hourly_limit
    full_today: list[UUID] = []
    full_now: list[UUID] = []
    if today is not None:
        full_today = await cap_units.list_full_keys(uow, CapScope.RECIPIENT_DOMAIN, day_start(now), today)
    if hour is not None:
        full_now = await cap_units.list_full_keys(uow, CapScope.RECIPIENT_DOMAIN_HOUR, hour_start(now), hour)
    steps = len(outlook.courses[campaign_id].delays)
    return await explanations.count_waiting(
        uow, campaign_id, steps=steps, full_today=full_today, full_now=full_now, now=now
    )


def _bind_others(campaign: Campaign, by_state: dict[str, int]) -> list[tuple[Check | None, int]]:
    """What binds the open leads that do not wait for their turn."""
    found: list[tuple[Check | None, int]] = []
    for state in OPEN:
        if state is not State.WAITING and by_state.get(state):
            standing = Standing(campaign.status, state, None, "", None, None)
            found.append((binding(check_standing(standing)), by_state[state]))
    return found


def _bind(row: WaitingRow, campaign: Campaign, outlook: Outlook, view: View) -> Check | None:
    """What binds leads that are alike; None if one of them could go now."""
    work = None if row.is_through else _example_of(row, campaign, outlook)
    standing = Standing(campaign.status, State.WAITING, None, "", None, work)
    if work is None:
        return binding(check_standing(standing))
    contender = _contender(outlook, campaign.id)
    sender = find_sender(work, contender, None, view)
    full = replace(view.pool, caps={**view.pool.caps, **_full_caps(row, outlook)})
    schedule = outlook.courses[campaign.id].schedule
    return binding(check_lead(standing, contender, schedule, sender, replace(view, pool=full)))


def _example_of(row: WaitingRow, campaign: Campaign, outlook: Outlook) -> Work:
    """The first of these leads' messages."""
    return Work(
        enrollment_id=campaign.id,
        is_follow_up=row.is_follow_up,
        due_at=max(row.due_at, outlook.courses[campaign.id].started_at),
        sender_id=row.sender_account_id,
        campaign_id=campaign.id,
        recipient_domain=_SOME_DOMAIN,
        zone=row.time_zone,
    )


def _full_caps(row: WaitingRow, outlook: Outlook) -> dict[CapKey, Cap]:
    """The caps of a domain that has had enough."""
    now, pool = outlook.now, outlook.row
    found: dict[CapKey, Cap] = {}
    if row.is_full_today:
        limit = pool.recipient_domain_daily_limit or 0
        found[Gate.RECIPIENT_DOMAIN_QUOTA, _SOME_DOMAIN] = Cap(limit, limit, next_reset(now))
    if row.is_full_now:
        limit = pool.recipient_domain_hourly_limit or 0
        clears_at = hour_start(now) + timedelta(hours=1)
        found[Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, _SOME_DOMAIN] = Cap(limit, limit, clears_at)
    return found


def _count_gates(bound: Iterable[tuple[Check | None, int]]) -> list[GateCount]:
    """Leads by what binds them, most leads first."""
    found: defaultdict[Gate, list[tuple[Check, int]]] = defaultdict(list)
    for check, leads in bound:
        if check is not None:
            found[check.gate].append((check, leads))
    counts = [
        GateCount(gate, sum(leads for _, leads in each), soonest(check for check, _ in each).clears_at)
        for gate, each in found.items()
    ]
    order = list(Gate)
    return sorted(counts, key=lambda count: (-count.leads, order.index(count.gate)))
