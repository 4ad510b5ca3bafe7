"""Settle what became of claimed messages: message, ledger, enrollment, totals, account health and events, in
one transaction.

A settlement whose claim was lost and taken anew meanwhile changes nothing: its fence is another. Settling
twice is settling once.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time
from uuid import UUID

from leadterra.actions.account_health import save_account_health
from leadterra.actions.campaign_books import events_of, save_totals
from leadterra.actions.caps import Taken, minute_start, units_of
from leadterra.actions.ports import Attempt
from leadterra.actions.refusals import follow_refusals
from leadterra.actions.schedules import schedule_of
from leadterra.actions.settled import Settled
from leadterra.actions.variants import VariantEnding, count_variants
from leadterra.domain.delay import Delay, due_after
from leadterra.domain.enrollment import State
from leadterra.domain.outcomes import (
    Accepted,
    Answer,
    Command,
    Deferred,
    Ending,
    Reason,
    Refused,
    Uncertain,
    Unsendable,
    Withheld,
)
from leadterra.domain.settlement import MessageState, Standing, Unit, settle
from leadterra.mail.addresses import domain_digest
from leadterra.mail.bounce_reasons import judge_answer
from leadterra.store import claims, settlements
from leadterra.store.cap_units import RollingMove, move_rolling_units, return_cap_units
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import end_enrollments_of_leads
from leadterra.store.events import append_events
from leadterra.store.sender_pools import wake_pool
from leadterra.store.settlements import (
    AttemptRow,
    EnrollmentChange,
    MessageChange,
    OpenMessage,
    UnitChange,
)

_OUTCOMES = {Accepted: "accepted", Deferred: "deferred", Refused: "refused", Uncertain: "uncertain"}


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one claimed message. fence: the claim's number."""

    enrollment_id: UUID
    step_id: UUID
    fence: int
    attempt: Attempt


async def settle_messages(
    uow: UnitOfWork, batch: Sequence[Settlement], *, now: datetime, finished_claims: Sequence[int] = ()
) -> int:
    """Settle a batch; how many of it were still this claim's to settle. finished_claims: those of which
    nothing is in flight any more.
    """
    await uow.lock_pool()
    settled = await _settle(uow, batch, now=now)
    await claims.delete_claims(uow, finished_claims)
    await _end_suppressed(uow, settled, now=now)
    return len(settled)


async def recover_lost_claims(uow: UnitOfWork, *, now: datetime) -> None:
    """Settle what dead workers held: back to the queue what was not cleared for DATA, uncertain what was
    (R6). The pool is locked.
    """
    lost = await claims.take_lost_messages(uow, now=now)
    await _settle(
        uow,
        [Settlement(m.enrollment_id, m.step_id, m.fence, _lost_attempt(m.data_at, now)) for m in lost],
        now=now,
    )


async def _settle(uow: UnitOfWork, batch: Sequence[Settlement], *, now: datetime) -> list[Settled]:
    attempts = {(item.enrollment_id, item.step_id, item.fence): item.attempt for item in batch}
    found = await settlements.lock_messages(uow, list(attempts)) if attempts else []
    judged = [
        _judge(message, attempts[message.enrollment_id, message.step_id, message.fence]) for message in found
    ]
    settled = [item for item in judged if not item.is_known]
    if settled:
        await settlements.save_messages(uow, [_message_change(item) for item in settled], now=now)
        await settlements.save_enrollments(uow, [_enrollment_change(item) for item in settled], now=now)
        await settlements.save_units(uow, _unit_changes(settled))
        await _move_cap_units(uow, settled)
        await settlements.insert_attempts(uow, [row for item in settled if (row := _attempt_row(item))])
        await count_variants(uow, [each for item in settled if (each := _variant_ending(item))])
        news = await save_account_health(uow, settled, now=now)
        await append_events(uow, events_of(settled) + news.events, now=now)
        await save_totals(uow, settled, now=now)
        await follow_refusals(uow, [item for item in settled if item.is_bounced], now=now)
        if wake_at := _wake_at(settled, news.instants, now):
            await wake_pool(uow, at=wake_at)
    return settled


def _wake_at(settled: Sequence[Settled], instants: Sequence[datetime], now: datetime) -> datetime | None:
    """When there may be something to do because of this batch, None for never: at once where a unit came
    back, for somebody else may wait for it.
    """
    if any(item.verdict.unit is Unit.RETURNED for item in settled):
        return now
    due = (item.verdict.due_at for item in settled if item.verdict.state is State.WAITING)
    return min((max(now, at) for at in (*instants, *due)), default=None)


async def _end_suppressed(uow: UnitOfWork, settled: Sequence[Settled], *, now: datetime) -> None:
    """A lead that was refused its clearance may be suppressed without its enrollment knowing: it was given
    that address later.
    """
    refused = [
        item.message.lead_id for item in settled if item.attempt.ending == Withheld(Reason.NOT_CLEARED)
    ]
    if refused:
        suppressed = await settlements.list_suppressed_leads(uow, refused)
        await end_enrollments_of_leads(
            uow, suppressed, State.SUPPRESSED, "the address is suppressed", now=now
        )


def _lost_attempt(data_at: datetime | None, now: datetime) -> Attempt:
    if data_at is None:
        return Attempt(Withheld(Reason.LOST), "", now, None, now)
    answer = Answer(Command.BODY, None, None, "the worker was lost after DATA had begun")
    return Attempt(Uncertain(answer), "", data_at, data_at, now)


def _judge(message: OpenMessage, attempt: Attempt) -> Settled:
    standing = Standing(
        state=State(message.enrollment_state),
        attempt=message.attempt,
        attempts=message.attempts,
        deferrals=message.deferrals,
        next_due_at=_next_due_at(message, attempt.ended_at),
        is_bound=message.last_sent_at is not None,
        due_at=message.due_at,
    )
    settled = Settled(message, attempt, settle(attempt.ending, standing, at=attempt.ended_at))
    if settled.is_bounced and isinstance(attempt.ending, Refused | Deferred):
        return replace(settled, cause=judge_answer(attempt.ending.answer))
    return settled


def _next_due_at(message: OpenMessage, at: datetime) -> datetime | None:
    """When the step behind is due, if this one is accepted at that instant."""
    if message.next_delay_days is None:
        return None
    delay = Delay(message.next_delay_days, is_business=message.next_delay_unit == "business")
    schedule = schedule_of(message.schedule)
    return due_after(delay, at, schedule.time_zone, schedule.holidays)


def _message_change(item: Settled) -> MessageChange:
    return MessageChange(
        enrollment_id=item.message.enrollment_id,
        step_id=item.message.step_id,
        state=item.verdict.message,
        reason=item.verdict.reason,
        refusal_scope=item.verdict.refusal_scope,
        attempts=item.message.attempts + _is_attempt(item.attempt.ending),
        deferrals=item.verdict.deferrals,
        is_returned=item.verdict.unit is Unit.RETURNED,
        bounce_type=item.bounce_type,
    )


def _enrollment_change(item: Settled) -> EnrollmentChange:
    """The reason is for people who ask why nothing goes out: a lead that only waits for its turn has none."""
    message, verdict = item.message, item.verdict
    only_waits = verdict.state is State.WAITING and not verdict.attempt
    return EnrollmentChange(
        enrollment_id=message.enrollment_id,
        state=verdict.state,
        reason=None if only_waits else verdict.reason,
        position=message.sent_position + 1 if verdict.advances else message.position,
        attempt=verdict.attempt,
        due_at=verdict.due_at,
        last_sent_at=item.attempt.ended_at if verdict.advances else message.last_sent_at,
        account_id=message.sender_account_id if verdict.keeps_account else None,
    )


def _unit_changes(settled: Sequence[Settled]) -> list[UnitChange]:
    """Units move from reserved, or from uncertain where a message was that; added up by account and day, with
    the bounces and troubles of that day's messages.
    """
    sums: defaultdict[tuple[date, UUID], list[int]] = defaultdict(lambda: [0, 0, 0, 0, 0])
    for item in settled:
        units = sums[item.message.day, item.message.sender_account_id]
        units[0] += item.verdict.unit is Unit.SENT
        units[1] += item.verdict.unit is Unit.UNCERTAIN
        units[3] += item.is_bounced
        units[4] += item.is_trouble
        if item.was_uncertain:
            units[1] -= 1
        else:
            units[2] -= 1
    return [UnitChange(day, account, *units) for (day, account), units in sorted(sums.items()) if any(units)]


async def _move_cap_units(uow: UnitOfWork, settled: Sequence[Settled]) -> None:
    """What was not sent goes back under every cap. What was is counted in its account's last 24 hours by the
    minute of its clearance for DATA, which may be another than that of its claim.
    """
    returned = [item for item in settled if item.verdict.unit is Unit.RETURNED]
    if returned:
        domains = await settlements.list_sending_domains(
            uow, sorted({item.message.sender_account_id for item in returned})
        )
        await return_cap_units(uow, units_of(_taken(item, domains) for item in returned))
    moves = Counter(move for item in settled if (move := _minute_move(item)))
    await move_rolling_units(uow, [RollingMove(*move, count) for move, count in sorted(moves.items())])


def _minute_move(item: Settled) -> tuple[UUID, datetime, datetime] | None:
    begun = item.message.data_at
    if item.was_uncertain or item.verdict.unit is Unit.RETURNED or begun is None:
        return None
    before, after = minute_start(item.message.claimed_at), minute_start(begun)
    return None if before == after else (item.message.sender_account_id, before, after)


def _taken(item: Settled, domains: Mapping[UUID, str]) -> Taken:
    message = item.message
    return Taken(
        account_id=message.sender_account_id,
        sending_domain=domain_digest(domains[message.sender_account_id]),
        recipient_domain=message.recipient_domain,
        campaign_id=message.campaign_id,
        is_first_step=message.step_position == 0,
        day_start=datetime.combine(message.day, time.min, UTC),
        claimed_at=message.claimed_at,
        rolling_at=message.data_at or message.claimed_at if item.was_uncertain else message.claimed_at,
    )


def _variant_ending(item: Settled) -> VariantEnding | None:
    """What it adds to the totals of its variant, if its step has any."""
    message = item.message
    is_sent = item.verdict.message is MessageState.SENT
    if message.variant_id is None or not (is_sent or item.is_bounced):
        return None
    return VariantEnding(message.step_id, message.variant_id, 1, int(item.is_bounced))


def _attempt_row(item: Settled) -> AttemptRow | None:
    """The conversation, if there was one; what a person resolves or a lost lease withholds was none."""
    message, attempt, ending = item.message, item.attempt, item.attempt.ending
    if isinstance(ending, Withheld | Unsendable) or item.was_uncertain:
        return None
    return AttemptRow(
        enrollment_id=message.enrollment_id,
        step_id=message.step_id,
        number=message.attempts + 1,
        account_id=message.sender_account_id,
        outcome=_OUTCOMES[type(ending)],
        scope=ending.scope if isinstance(ending, Deferred | Refused) else None,
        server=attempt.server,
        command=ending.answer.command,
        code=ending.answer.code,
        enhanced_code=ending.answer.enhanced,
        answer=ending.answer.text,
        started_at=attempt.started_at,
        data_at=attempt.data_at,
        ended_at=attempt.ended_at,
    )


def _is_attempt(ending: Ending) -> bool:
    return not isinstance(ending, Withheld | Unsendable)
