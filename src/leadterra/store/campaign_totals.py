"""What happened in each campaign, as running totals kept in the transaction in which it happened."""

from collections import Counter, defaultdict
from datetime import datetime
from typing import Literal
from uuid import UUID

from leadterra.store.database import UnitOfWork
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode
from leadterra.store.statements import load

Total = Literal["enrolled", "open", "sent", "bounced", "failed", "uncertain", "replied", "unsubscribed"]

_SQL = load("campaign_totals")
_COLUMNS: tuple[Total, ...] = (
    "enrolled",
    "open",
    "sent",
    "bounced",
    "failed",
    "uncertain",
    "replied",
    "unsubscribed",
)


class Changes:
    """Additions to totals, gathered over a batch: `changes.add(campaign_id, "sent", 1)`."""

    def __init__(self) -> None:
        self._by_campaign: defaultdict[UUID, Counter[str]] = defaultdict(Counter)

    def add(self, campaign_id: UUID, total: Total, amount: int = 1) -> None:
        """Remember one addition; negative takes away."""
        self._by_campaign[campaign_id][total] += amount

    async def save(self, uow: UnitOfWork, *, now: datetime) -> None:
        """Write them in one statement. A running campaign whose last open enrollment has ended by it is
        complete, and the log is told.
        """
        changed = sorted(key for key, counts in self._by_campaign.items() if any(counts.values()))
        if not changed:
            return
        columns = {name: [self._by_campaign[key][name] for key in changed] for name in _COLUMNS}
        rows = await uow.rows(_SQL["add_totals"], campaign_ids=changed, **columns)
        completed = sorted(campaign_id for campaign_id, is_completed in rows if is_completed)
        events = [
            Event(EventType.CAMPAIGN_COMPLETED, {"campaignId": encode("camp", campaign_id)})
            for campaign_id in completed
        ]
        await append_events(uow, events, now=now)
