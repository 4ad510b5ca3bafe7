"""Answers in flight: cleared right before DATA, settled, recovered, and seen to have come back.

They mean what endings of messages mean (`domain.settlement`): what may go later is queued again, what may
have been sent is uncertain and never sent again. Settling twice is settling once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.ports import Attempt
from leadterra.actions.single_letters import SettledLetter, book_letters, lost_attempt
from leadterra.domain.day import day_of, is_closing
from leadterra.domain.enrollment import State
from leadterra.domain.outcomes import Accepted, Answer, Command, Scope, Unsendable, Withheld
from leadterra.domain.settlement import MessageState, Standing, Verdict, settle
from leadterra.mail.finding import Finding
from leadterra.mail.response import read_response_message_ids
from leadterra.store import responses, settlements
from leadterra.store.database import UnitOfWork
from leadterra.store.responses import OpenResponse, ResponseChange
from leadterra.store.settlements import UnitChange

_SOON = timedelta(seconds=1)
"""What was held back is looked at again not before: the look finds out why."""


@dataclass(frozen=True, slots=True)
class ResponseSettlement:
    """How one answer ended. fence: of its claim."""

    response_id: UUID
    fence: int
    attempt: Attempt


async def clear_response(uow: UnitOfWork, response_id: UUID, fence: int, *, now: datetime) -> bool:
    """Right before DATA: may it still go? (R7) A yes is written down."""
    return not is_closing(now) and await responses.clear_response(
        uow, response_id, fence, day=day_of(now), now=now
    )


async def settle_responses(uow: UnitOfWork, batch: Sequence[ResponseSettlement], *, now: datetime) -> int:
    """Settle a batch; how many of it were still open, and this claim's."""
    await uow.lock_pool()
    return await _settle(uow, batch, now=now)


async def settle_what_is_answered(uow: UnitOfWork, identifiers: Sequence[str], *, now: datetime) -> None:
    """A letter came that answers these Message-IDs: answers of ours among them were sent, even if their
    worker does not say so yet, or does not know (R6). The pool is locked.
    """
    await _settle_known(uow, read_response_message_ids(identifiers), "a letter came that answers it", now=now)


async def recover_lost_responses(uow: UnitOfWork, *, now: datetime) -> None:
    """Settle what dead workers held. The pool is locked."""
    lost = await responses.list_lost_responses(uow, now=now)
    batch = [ResponseSettlement(each.id, each.fence, lost_attempt(each.data_at, now)) for each in lost]
    await _settle(uow, batch, now=now)


async def note_response_bounce(uow: UnitOfWork, finding: Finding, *, now: datetime) -> bool:
    """A report may be about an answer, and then is about no message: no message follows upon an answer, so
    whatever names one is one. Whether it was.
    """
    about = read_response_message_ids(finding.original_ids)[:1]
    if not about:
        return False
    reasons = [each.text or each.reason for each in finding.recipients if not each.delayed]
    if reasons:
        await uow.lock_pool()
        await _settle_known(uow, about, "a report came that returns it", now=now)
        found = await responses.bounce_response(uow, about[0], reasons[0][:500])
        if found is not None:
            account_id, day = found
            await settlements.save_units(uow, [UnitChange(day, account_id, 0, 0, 0, bounced=1)])
    return True


async def _settle_known(uow: UnitOfWork, ids: Sequence[UUID], evidence: str, *, now: datetime) -> None:
    """These were sent."""
    rows = await responses.lock_responses(uow, ids) if ids else []
    ending = Accepted(Answer(Command.BODY, None, None, evidence))
    told = [
        ResponseSettlement(row.id, row.fence, Attempt(ending, "", row.claimed_at, row.claimed_at, now))
        for row in rows
        if row.data_at is not None
    ]
    await _settle(uow, told, now=now)


async def _settle(uow: UnitOfWork, batch: Sequence[ResponseSettlement], *, now: datetime) -> int:
    attempts = {(item.response_id, item.fence): item.attempt for item in batch}
    found = await responses.lock_responses(uow, [item.response_id for item in batch]) if batch else []
    judged = []
    for row in found:
        attempt = attempts.get((row.id, row.fence))
        if attempt is not None:
            change = _change(row, attempt, now)
            item = SettledLetter(row, attempt, change.state, is_bounced=_is_bounced(change))
            judged += [(change, item)] if item.is_news else []
    if judged:
        await responses.settle_responses(uow, [change for change, _ in judged], now=now)
        await book_letters(uow, [item for _, item in judged], now=now)
    return len(judged)


def _change(row: OpenResponse, attempt: Attempt, now: datetime) -> ResponseChange:
    verdict = settle(attempt.ending, _standing(row), at=attempt.ended_at)
    state = _state_of(verdict)
    is_tried = not isinstance(attempt.ending, Withheld | Unsendable)
    change = ResponseChange(
        id=row.id,
        state=state,
        reason=None if row.is_forgotten else verdict.reason,
        refusal_scope=verdict.refusal_scope,
        due_at=max(verdict.due_at, now + _SOON) if state == "queued" else None,
        attempts=row.attempts + is_tried,
        deferrals=verdict.deferrals,
        waits=verdict.attempt,
        keeps_day=state in ("sent", "uncertain"),
    )
    return change._replace(keeps_day=change.keeps_day or _is_bounced(change))


def _standing(row: OpenResponse) -> Standing:
    """As of a message that nothing follows. The answer to a person who was erased meanwhile goes nowhere."""
    return Standing(
        state=State.REMOVED if row.is_forgotten else State.WAITING,
        attempt=row.waits,
        attempts=row.attempts,
        deferrals=row.deferrals,
        next_due_at=None,
        is_bound=True,
        due_at=row.created_at,
    )


def _state_of(verdict: Verdict) -> str:
    return "queued" if verdict.message is MessageState.DEFERRED else str(verdict.message)


def _is_bounced(change: ResponseChange) -> bool:
    return change.state == "refused" and change.refusal_scope == Scope.RECIPIENT
