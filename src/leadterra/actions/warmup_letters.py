"""Warm-up letters in flight: cleared right before DATA, settled, recovered, and seen to have bounced.

The books are those of messages: the unit and every cap's are kept if the server took the letter or may have,
and given back otherwise; what a lost worker held is uncertain if it was cleared. A letter is never sent
again: what failed is made up for by another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.ports import Attempt
from leadterra.actions.single_letters import SettledLetter, book_letters, lost_attempt
from leadterra.domain.day import day_of, is_closing
from leadterra.domain.outcomes import (
    Accepted,
    Deferred,
    Ending,
    Refused,
    Scope,
    Uncertain,
    Unsendable,
    Withheld,
)
from leadterra.domain.settlement import line_of
from leadterra.mail.finding import Finding
from leadterra.mail.warmup import read_warmup_message_id
from leadterra.store import settlements, warmup_letters
from leadterra.store.database import UnitOfWork
from leadterra.store.settlements import UnitChange
from leadterra.store.warmup_letters import LetterChange, OpenLetter

FIRST_LOOK = timedelta(minutes=5)
"""So long after it went a letter is first looked for."""


@dataclass(frozen=True, slots=True)
class LetterSettlement:
    """How one letter ended. fence: of its claim."""

    letter_id: UUID
    fence: int
    attempt: Attempt


async def clear_warmup_letter(uow: UnitOfWork, letter_id: UUID, fence: int, *, now: datetime) -> bool:
    """Right before DATA: may it still go? (R7) A yes is written down."""
    return not is_closing(now) and await warmup_letters.clear_letter(
        uow, letter_id, fence, day=day_of(now), now=now
    )


async def settle_warmup_letters(uow: UnitOfWork, batch: Sequence[LetterSettlement], *, now: datetime) -> int:
    """Settle a batch; how many of it were still open, and this claim's."""
    await uow.lock_pool()
    return await _settle(uow, batch, now=now)


async def recover_lost_letters(uow: UnitOfWork, *, now: datetime) -> None:
    """Settle what dead workers held. The pool is locked."""
    lost = await warmup_letters.list_lost_letters(uow, now=now)
    await _settle(
        uow,
        [LetterSettlement(each.id, each.fence, lost_attempt(each.data_at, now)) for each in lost],
        now=now,
    )


async def bounce_warmup_letter(uow: UnitOfWork, letter_id: UUID, reason: str) -> bool:
    """A report came for a letter that a server had taken: it counts as a bounce of its account's day. Whether
    it was one that was sent, and not known to have bounced.
    """
    await uow.lock_pool()
    found = await warmup_letters.bounce_letter(uow, letter_id, reason[:500])
    if found is None:
        return False
    account_id, day = found
    await settlements.save_units(uow, [UnitChange(day, account_id, 0, 0, 0, bounced=1)])
    return True


async def note_warmup_bounce(uow: UnitOfWork, finding: Finding) -> bool:
    """A report that is about no message may be about a warm-up letter that will not arrive; whether it was,
    for the first time.
    """
    reasons = [each.text or each.reason for each in finding.recipients if each.dead and not each.delayed]
    for original in finding.original_ids if reasons else ():
        letter_id = read_warmup_message_id(original)
        if letter_id is not None:
            return await bounce_warmup_letter(uow, letter_id, reasons[0])
    return False


async def _settle(uow: UnitOfWork, batch: Sequence[LetterSettlement], *, now: datetime) -> int:
    attempts = {(item.letter_id, item.fence): item.attempt for item in batch}
    found = await warmup_letters.lock_letters(uow, [item.letter_id for item in batch]) if batch else []
    judged = [
        (letter, _settled(letter, attempt))
        for letter in found
        if (attempt := attempts.get((letter.id, letter.fence)))
    ]
    changes = [_change(letter, item) for letter, item in judged if item.is_news]
    if changes:
        await warmup_letters.settle_letters(uow, changes, now=now)
        await book_letters(uow, [item for _, item in judged if item.is_news], now=now)
    return len(changes)


def _settled(letter: OpenLetter, attempt: Attempt) -> SettledLetter:
    state = _state_of(attempt.ending)
    return SettledLetter(letter, attempt, state, is_bounced=state == "refused")


def _state_of(ending: Ending) -> str:
    match ending:
        case Accepted():
            return "sent"
        case Uncertain():
            return "uncertain"
        case Refused(scope=Scope.RECIPIENT):
            return "refused"
        case _:
            return "cancelled"


def _reason_of(ending: Ending) -> str | None:
    match ending:
        case Accepted():
            return None
        case Withheld(reason, detail) | Unsendable(reason, detail):
            return f"{reason}: {detail}" if detail else str(reason)
        case Uncertain(answer) | Deferred(answer=answer) | Refused(answer=answer):
            return line_of(answer)


def _change(letter: OpenLetter, item: SettledLetter) -> LetterChange:
    return LetterChange(
        id=letter.id,
        state=item.state,
        reason=_reason_of(item.attempt.ending),
        look_at=None if item.is_returned else item.attempt.ended_at + FIRST_LOOK,
        is_returned=item.is_returned,
    )
