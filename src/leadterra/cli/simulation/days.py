"""What the books say of a UTC day at its end: what could be sent, and what still waits."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from leadterra.actions.ledgers import read_ledger
from leadterra.actions.stats import read_stats
from leadterra.cli.simulation.stage import Stage
from leadterra.domain.day import day_of

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class DayRow:
    """capacity: the limits of the accounts that were active at its end, with what others had sent before they
    were not. queue: messages that were due at its end, or deferred. scheduled: those that were not due yet.
    """

    day: date
    capacity: int
    queue: int
    scheduled: int


async def close_day(stage: Stage, end: datetime) -> DayRow:
    """The day that ends at that instant, or, in its middle, as it is then."""
    last = end - _MOMENT
    async with stage.reading() as uow:
        ledger = await read_ledger(uow, day_of(last), now=last)
        stats = [await read_stats(uow, campaign, now=last) for campaign in stage.campaigns.values()]
    return DayRow(
        day=day_of(last),
        capacity=ledger.total.limit,
        queue=sum(each.queued + each.deferred for each in stats),
        scheduled=sum(each.scheduled for each in stats),
    )
