"""What a language model says of replies that the rules made nothing of: a label, and nothing more.

Whatever a reply does (it stops the sequence, R7) was done when it came, in the transaction that wrote it
down; no model is waited for, and none can start, stop, suppress or send anything. A reply's words may be
meant to mislead it: the worst that comes of it is a wrong label, which a person can correct and which no
later opinion takes the place of.
"""

from datetime import datetime, timedelta
from uuid import UUID

from leadterra.mail.finding import Classification
from leadterra.store import replies
from leadterra.store.database import UnitOfWork
from leadterra.store.replies import UnclearReply

TRIES = 3
_LATELY = timedelta(days=7)
_AGAIN = timedelta(minutes=10)
"""When somebody asks again about a reply of which no answer was written down."""


async def take_unclear_replies(uow: UnitOfWork, *, limit: int, now: datetime) -> list[UnclearReply]:
    """Replies to ask about now, each `TRIES` times at most, and by nobody else meanwhile. Of what came long
    ago, before there was a model, nobody asks any more.
    """
    since = now - _LATELY
    taken = await replies.take_unclear_replies(
        uow, tries=TRIES, since=since, again_at=now + _AGAIN, now=now, limit=limit
    )
    return [reply for reply in taken if reply.received_at >= since]


async def record_opinion(uow: UnitOfWork, reply_id: UUID, classification: Classification) -> bool:
    """Write down what the model says; False if somebody who knows better has said something meanwhile."""
    return await replies.save_model_classification(uow, reply_id, classification)
