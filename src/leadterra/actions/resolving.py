"""An uncertain message is settled by better evidence: by a person, or by what its Sent folder shows (R6).

Whoever comes first settles it. A person is told if it was settled before; a look that comes late, or twice,
changes nothing.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from leadterra.actions.ports import Attempt
from leadterra.actions.settling import Settlement, settle_messages
from leadterra.actions.uncertain_messages import Sighting
from leadterra.domain.errors import InvalidState
from leadterra.domain.outcomes import Accepted, Answer, Command, Ending, Reason, Withheld
from leadterra.domain.uncertain import MOST_RESENDS, Conclusion, Look, next_look
from leadterra.observability import log
from leadterra.store import mailboxes, uncertain_messages
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import encode, enrollment_of
from leadterra.store.settlements import find_uncertain
from leadterra.store.uncertain_messages import UncertainMessage
from leadterra.store.workspaces import get_workspace

_ABSENT = "its mailbox keeps copies and has none of it"
_REMEDY = "a person must say whether it arrived"
_RESEND = "resend"
_LONGEST_REASON = 400


async def resolve_message(
    uow: UnitOfWork, message_id: UUID, outcome: Literal["sent", "not_sent"], *, now: datetime
) -> None:
    """`sent`: it counts as sent and the sequence goes on. `not_sent`: its unit is given back and it is due
    again. Raises `InvalidState` if the message is not uncertain (any more).
    """
    await uow.lock_pool()
    enrollment_id = enrollment_of(message_id)
    found = await find_uncertain(uow, enrollment_id, message_id)
    if found is None:
        raise InvalidState("Only an uncertain message can be resolved, and this one is not uncertain.")
    step_id, fence = found
    ending = _sent("resolved by a person") if outcome == "sent" else Withheld(Reason.NOT_SENT)
    await settle_messages(uow, [_settlement(enrollment_id, step_id, fence, ending, now)], now=now)


async def resolve_by_evidence(
    uow: UnitOfWork,
    account_id: UUID,
    sightings: Sequence[Sighting],
    *,
    keeps_copies: bool | None,
    looked_at: datetime,
    now: datetime,
) -> None:
    """Settle what a look into an account's Sent folder has shown, and plan the next look for the rest.

    Found is sent. What would have to be there and is not is due again where the workspace says `resend`, but
    no more than twice; else it stays uncertain and says why. keeps_copies: whether the mailbox does, None if
    this look does not show it. looked_at: when the look began.
    """
    await uow.lock_pool()
    if keeps_copies is not None:
        await mailboxes.note_copies(uow, account_id, keeps=keeps_copies, now=looked_at)
    policy = (await get_workspace(uow)).uncertain_policy
    batch: list[Settlement] = []
    waiting: list[tuple[UncertainMessage, datetime | None]] = []
    for sighting in sightings:
        message, conclusion = sighting.message, _conclude(sighting, looked_at)
        if conclusion is Conclusion.SENT:
            batch.append(_settled(message, _sent("its copy is in the Sent folder"), now))
        elif conclusion is Conclusion.ABSENT and policy == _RESEND and message.times <= MOST_RESENDS:
            batch.append(_settled(message, Withheld(Reason.NOT_SENT, _ABSENT), now))
        else:
            again = next_look(message.settled_at, looked_at, is_searched=sighting.is_searched)
            waiting.append((message, again))
            if conclusion is Conclusion.ABSENT:
                await uncertain_messages.explain_absence(uow, message, _explained(message, policy), now=now)
        log.info("message.looked_for", message=encode("msg", message.id), conclusion=conclusion.value)
    await settle_messages(uow, batch, now=now)
    await uncertain_messages.save_looks(uow, waiting)


def _conclude(sighting: Sighting, looked_at: datetime) -> Conclusion:
    if not sighting.is_searched:
        return Conclusion.NOTHING
    waited: timedelta = looked_at - sighting.message.settled_at
    return Look(sighting.is_found, waited, sighting.has_before, sighting.has_after).conclusion


def _explained(message: UncertainMessage, policy: str) -> str:
    """Why it stays uncertain; the same, however often it is said."""
    said = (message.state_reason or "").split(f"; {_ABSENT}", 1)[0][:_LONGEST_REASON]
    limit = f", and it was sent anew {MOST_RESENDS} times" if policy == _RESEND else ""
    return f"{said}; {_ABSENT}{limit}: {_REMEDY}"


def _sent(why: str) -> Accepted:
    return Accepted(Answer(Command.BODY, None, None, why))


def _settled(message: UncertainMessage, ending: Ending, now: datetime) -> Settlement:
    return _settlement(message.enrollment_id, message.step_id, message.fence, ending, now)


def _settlement(enrollment_id: UUID, step_id: UUID, fence: int, ending: Ending, now: datetime) -> Settlement:
    """No server said so: it tells nothing of the account's health, and is no conversation."""
    return Settlement(enrollment_id, step_id, fence, Attempt(ending, "", now, None, now))
