"""The workspace's ordered log of facts, written in the transaction of the change that they tell of."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from leadterra.store.database import UnitOfWork
from leadterra.store.ids import new_ids
from leadterra.store.statements import load

_SQL = load("events")


class EventType(StrEnum):
    """`noun.past`; the same string in database, log and metric."""

    CAMPAIGN_STARTED = "campaign.started"
    CAMPAIGN_PAUSED = "campaign.paused"
    CAMPAIGN_COMPLETED = "campaign.completed"
    MESSAGE_SENT = "message.sent"
    MESSAGE_BOUNCED = "message.bounced"
    MESSAGE_DEFERRED = "message.deferred"
    MESSAGE_UNCERTAIN = "message.uncertain"
    REPLY_RECEIVED = "reply.received"
    LEAD_UNSUBSCRIBED = "lead.unsubscribed"
    LEAD_SUPPRESSED = "lead.suppressed"
    SENDER_PAUSED = "sender.paused"
    SENDER_ACTIVATED = "sender.activated"
    POOL_EXHAUSTED = "pool.exhausted"


@dataclass(frozen=True, slots=True)
class Event:
    """A fact. data: JSON-ready, ids as TypeIDs. Nothing personal is in it: a lead is named by its id, so that
    erasing the lead leaves the log as it is, and who shows an event looks the address up.
    """

    type: EventType
    data: dict[str, object]


async def append_events(uow: UnitOfWork, events: Sequence[Event], *, now: datetime) -> None:
    """Add to the end of the log. Takes the pool's lock, so call it after `uow.lock_pool()` or as the
    transaction's last write.
    """
    if not events:
        return
    await uow.execute(
        _SQL["append_events"],
        now=now,
        count=len(events),
        ids=list(new_ids(now, len(events))),
        types=[event.type.value for event in events],
        payloads=[json.dumps(event.data) for event in events],
    )
