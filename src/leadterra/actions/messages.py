"""Messages as a person reads them: one, with every conversation about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.store.database import UnitOfWork
from leadterra.store.messages import Attempt, Message, get_message, list_attempts


@dataclass(frozen=True, slots=True)
class MessageHistory:
    """A message and the conversations about it, in their order."""

    message: Message
    attempts: Sequence[Attempt]


async def read_message(uow: UnitOfWork, message_id: UUID, *, now: datetime) -> MessageHistory:
    """A message, claimed already or waiting for its turn. Raises `NotFound`."""
    message = await get_message(uow, message_id, now=now)
    return MessageHistory(message, await list_attempts(uow, message))
