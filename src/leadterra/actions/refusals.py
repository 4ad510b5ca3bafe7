"""What follows when a server refuses a message for its recipient's sake, besides its enrollment's end: a dead
address is never written to again (R7), and a dead domain neither (R9).

A returned letter has the same consequences (`actions.consequences`); both ask `mail.bounce_reasons` what is
dead and `domain.inbound` what follows. Nothing is done here while nothing bounces. Expects the pool's lock.
"""

from collections.abc import Sequence
from datetime import datetime

from leadterra.actions.dead_domains import Refusal, note_refusals
from leadterra.actions.settled import Settled
from leadterra.domain.inbound import CONSEQUENCES, SOFT_BOUNCE_DAYS, Inbound
from leadterra.domain.outcomes import Refused
from leadterra.store import settlements
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import end_enrollments_of_leads
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode
from leadterra.store.replies import count_soft_bounce_days
from leadterra.store.suppressions import Entry, insert_suppressions

SOURCE = "smtp"
"""Of suppressions that servers' answers ask for."""

_DEAD = CONSEQUENCES[Inbound.HARD_BOUNCE]


async def follow_refusals(uow: UnitOfWork, bounced: Sequence[Settled], *, now: datetime) -> None:
    """Do what follows from messages that have just been refused for their recipients' sake."""
    if not bounced:
        return
    dead = [item for item in bounced if await _is_dead(uow, item)]
    await _suppress(uow, dead, now=now)
    for item in dead:
        if _DEAD.ends_others:
            reason = item.verdict.reason or ""
            await end_enrollments_of_leads(uow, [item.message.lead_id], _DEAD.ends_others, reason, now=now)
    await note_refusals(uow, _refusals(bounced), now=now)


async def _is_dead(uow: UnitOfWork, item: Settled) -> bool:
    """The answer says so, or the mailbox has refused, or sent back, softly on several days."""
    if item.bounce_type == "hard":
        return True
    return await count_soft_bounce_days(uow, item.message.lead_id) >= SOFT_BOUNCE_DAYS


async def _suppress(uow: UnitOfWork, dead: Sequence[Settled], *, now: datetime) -> None:
    if not dead or _DEAD.suppresses is None:
        return
    addresses = await settlements.list_addresses(uow, [item.message.lead_id for item in dead])
    events = []
    for lead_id, (email, email_key) in sorted(addresses.items()):
        entry = Entry("email", email_key, email)
        if await insert_suppressions(uow, [entry], reason=_DEAD.suppresses, source=SOURCE, now=now):
            data: dict[str, object] = {
                "lead": {"id": encode("lead", lead_id)},
                "reason": _DEAD.suppresses,
            }
            events.append(Event(EventType.LEAD_SUPPRESSED, data))
    if events:
        await append_events(uow, events, now=now)


def _refusals(bounced: Sequence[Settled]) -> list[Refusal]:
    """What servers said of these recipients."""
    return [
        Refusal(item.message.enrollment_id, item.message.lead_id, answer.code, answer.enhanced, answer.text)
        for item in bounced
        if isinstance(item.attempt.ending, Refused)
        for answer in [item.attempt.ending.answer]
    ]
