"""Warm-up letters in flight: cleared right before DATA, settled, recovered, and seen to have bounced.

The books are those of messages: the unit and every cap's are kept if the server took the letter or may have,
and given back otherwise; what a lost worker held is uncertain if it was cleared. A letter is never sent
again: what failed is made up for by another.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

from leadterra.actions.account_health import save_account_health
from leadterra.actions.caps import Taken, minute_start, units_of
from leadterra.actions.ports import Attempt
from leadterra.domain.day import day_of, is_closing
from leadterra.domain.health import is_trouble
from leadterra.domain.outcomes import (
    Accepted,
    Answer,
    Command,
    Deferred,
    Ending,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Unsendable,
    Withheld,
)
from leadterra.domain.pool import ANY_CAMPAIGN
from leadterra.domain.settlement import line_of
from leadterra.mail.addresses import domain_digest
from leadterra.mail.finding import Finding
from leadterra.mail.warmup import read_warmup_message_id
from leadterra.store import settlements, warmup_letters
from leadterra.store.cap_units import CapScope, RollingMove, move_rolling_units, return_cap_units
from leadterra.store.database import UnitOfWork
from leadterra.store.events import append_events
from leadterra.store.sender_pools import wake_pool
from leadterra.store.settlements import UnitChange
from leadterra.store.warmup_letters import LetterChange, OpenLetter

FIRST_LOOK = timedelta(minutes=5)
"""So long after it went a letter is first looked for."""

_KEPT = frozenset({"sent", "uncertain"})
_CAPS = (CapScope.ACCOUNT_24H, CapScope.SENDING_DOMAIN)


@dataclass(frozen=True, slots=True)
class LetterSettlement:
    """How one letter ended. fence: of its claim."""

    letter_id: UUID
    fence: int
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class _Settled:
    """A letter, locked, and what becomes of it."""

    letter: OpenLetter
    attempt: Attempt

    @property
    def account_id(self) -> UUID:
        """Whose attempt it was."""
        return self.letter.sender_account_id

    @property
    def was_uncertain(self) -> bool:
        """It was settled so before; somebody knows better now."""
        return self.letter.state == "uncertain"

    @property
    def state(self) -> str:
        """What it becomes."""
        return _state_of(self.attempt.ending)

    @property
    def is_bounced(self) -> bool:
        """It was refused for the recipient's sake."""
        return self.state == "refused"

    @property
    def is_returned(self) -> bool:
        """Its unit goes back: no server has it."""
        return self.state not in _KEPT


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
        uow, [LetterSettlement(each.id, each.fence, _lost(each.data_at, now)) for each in lost], now=now
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
    settled = [
        item
        for letter in found
        if (attempt := attempts.get((letter.id, letter.fence)))
        and not ((item := _Settled(letter, attempt)).was_uncertain and item.state == "uncertain")
    ]
    if settled:
        await warmup_letters.settle_letters(uow, [_change(item) for item in settled], now=now)
        await settlements.save_units(uow, _unit_changes(settled))
        await _move_cap_units(uow, settled)
        news = await save_account_health(uow, settled, now=now)
        await append_events(uow, news.events, now=now)
        if any(item.is_returned for item in settled):
            await wake_pool(uow, at=now)
    return len(settled)


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


def _lost(data_at: datetime | None, now: datetime) -> Attempt:
    if data_at is None:
        return Attempt(Withheld(Reason.LOST), "", now, None, now)
    answer = Answer(Command.BODY, None, None, "the worker was lost after DATA had begun")
    return Attempt(Uncertain(answer), "", data_at, data_at, now)


def _change(item: _Settled) -> LetterChange:
    return LetterChange(
        id=item.letter.id,
        state=item.state,
        reason=_reason_of(item.attempt.ending),
        look_at=None if item.is_returned else item.attempt.ended_at + FIRST_LOOK,
        is_returned=item.is_returned,
    )


def _unit_changes(settled: Sequence[_Settled]) -> list[UnitChange]:
    """As for messages: units move from reserved, or from uncertain."""
    sums: defaultdict[tuple[object, UUID], list[UnitChange]] = defaultdict(list)
    for item in settled:
        is_known_trouble = bool(item.attempt.server) and is_trouble(item.attempt.ending)
        change = UnitChange(
            day=item.letter.day,
            account_id=item.account_id,
            sent=int(item.state == "sent"),
            uncertain=int(item.state == "uncertain") - int(item.was_uncertain),
            reserved=-int(not item.was_uncertain),
            bounced=int(item.is_bounced),
            troubled=int(is_known_trouble),
        )
        sums[item.letter.day, item.account_id].append(change)
    return [_sum_of(changes) for _, changes in sorted(sums.items(), key=lambda entry: str(entry[0]))]


def _sum_of(changes: Sequence[UnitChange]) -> UnitChange:
    first, counts = changes[0], zip(*(each[2:] for each in changes), strict=True)
    return UnitChange(first.day, first.account_id, *(sum(count) for count in counts))


async def _move_cap_units(uow: UnitOfWork, settled: Sequence[_Settled]) -> None:
    returned = [item for item in settled if item.is_returned]
    if returned:
        domains = await settlements.list_sending_domains(uow, sorted({item.account_id for item in returned}))
        await return_cap_units(uow, units_of((_taken(item, domains) for item in returned), _CAPS))
    moves = [move for item in settled if (move := _minute_move(item))]
    await move_rolling_units(uow, sorted(moves, key=lambda move: (move.key, move.before, move.after)))


def _minute_move(item: _Settled) -> RollingMove | None:
    """What was sent counts by the minute of its clearance."""
    begun = item.letter.data_at
    if item.was_uncertain or item.is_returned or begun is None:
        return None
    before, after = minute_start(item.letter.claimed_at), minute_start(begun)
    return None if before == after else RollingMove(item.account_id, before, after, 1)


def _taken(item: _Settled, domains: Mapping[UUID, str]) -> Taken:
    letter = item.letter
    return Taken(
        account_id=item.account_id,
        sending_domain=domain_digest(domains[item.account_id]),
        recipient_domain=None,
        campaign_id=ANY_CAMPAIGN,
        is_first_step=False,
        day_start=datetime.combine(letter.day, time.min, UTC),
        claimed_at=letter.claimed_at,
        rolling_at=(letter.data_at or letter.claimed_at) if item.was_uncertain else letter.claimed_at,
    )
