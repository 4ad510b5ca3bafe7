"""What a settlement tells the campaigns: their totals, and the facts for the workspace's log."""

from collections.abc import Sequence
from datetime import datetime

from leadterra.actions.settled import Settled
from leadterra.domain.outcomes import Withheld
from leadterra.domain.settlement import MessageState, Unit
from leadterra.store.campaign_totals import Changes
from leadterra.store.database import UnitOfWork
from leadterra.store.events import Event, EventType
from leadterra.store.ids import encode

_EVENTS = {
    MessageState.SENT: EventType.MESSAGE_SENT,
    MessageState.DEFERRED: EventType.MESSAGE_DEFERRED,
    MessageState.UNCERTAIN: EventType.MESSAGE_UNCERTAIN,
}


async def save_totals(uow: UnitOfWork, settled: Sequence[Settled], *, now: datetime) -> None:
    """Add to the campaigns' totals."""
    changes = Changes()
    for item in settled:
        campaign_id, verdict = item.message.campaign_id, item.verdict
        changes.add(campaign_id, "sent", (verdict.message is MessageState.SENT) + item.is_bounced)
        changes.add(campaign_id, "bounced", int(item.is_bounced))
        changes.add(campaign_id, "failed", int(item.is_refused and not item.is_bounced))
        changes.add(campaign_id, "uncertain", (verdict.unit is Unit.UNCERTAIN) - item.was_uncertain)
        changes.add(campaign_id, "open", -int(item.ends_enrollment))
    await changes.save(uow, now=now)


def events_of(settled: Sequence[Settled]) -> list[Event]:
    """The facts about the messages themselves. What was only withheld is none."""
    return [event for item in settled if (event := _event(item))]


def _event(item: Settled) -> Event | None:
    message = item.message
    kind = EventType.MESSAGE_BOUNCED if item.is_bounced else _EVENTS.get(item.verdict.message)
    if kind is None or isinstance(item.attempt.ending, Withheld):
        return None
    data: dict[str, object] = {
        "messageId": encode("msg", message.id),
        "sequenceStep": message.step_position,
        "campaignId": encode("camp", message.campaign_id),
        "lead": {"id": encode("lead", message.lead_id)},
        "senderAccountId": encode("sa", message.sender_account_id),
    }
    if item.cause is not None:
        data |= {"bounceType": item.bounce_type, "bounceReason": item.cause.reason}
    return Event(kind, data)
