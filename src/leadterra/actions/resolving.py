"""A person settles an uncertain message: it arrived, or it did not (R6)."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from leadterra.actions.ports import Attempt
from leadterra.actions.settling import Settlement, settle_messages
from leadterra.domain.errors import InvalidState
from leadterra.domain.outcomes import Accepted, Answer, Command, Reason, Withheld
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import enrollment_of
from leadterra.store.settlements import find_uncertain


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
    ending = (
        Accepted(Answer(Command.BODY, None, None, "resolved by a person"))
        if outcome == "sent"
        else Withheld(Reason.NOT_SENT)
    )
    await settle_messages(
        uow, [Settlement(enrollment_id, step_id, fence, Attempt(ending, "", now, None, now))], now=now
    )
