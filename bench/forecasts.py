"""Messages a second that a forecast looks ahead, beside a bare heap that gives out as many instants: 100 000
leads, three steps, fifty accounts that spread fifty letters a day, sixty days.

The heap decides nothing: it is the wall, not a peer.
"""

import time
from datetime import UTC, datetime, timedelta
from heapq import heapify, heapreplace
from uuid import UUID

from leadterra.domain.delay import Delay
from leadterra.domain.forecast import Aim, Forecast, forecast_of
from leadterra.domain.pool import Contender, Pool, Sender
from leadterra.domain.projection import Course, Due, Projection

_NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_CAMPAIGN = UUID(int=1 << 100)
_ACCOUNTS = 50
_LIMIT = 50
_DAYS = 60


def forecast_rate(leads: int) -> float:
    """Messages a second of a forecast."""
    senders = [
        Sender(UUID(int=(7919 * n + 3) << 60), True, _LIMIT, 0, 0, 0, 20, spreads=True)
        for n in range(_ACCOUNTS)
    ]
    pool = Pool(senders, campaigns=[Contender(_CAMPAIGN)])
    courses = {_CAMPAIGN: Course(_NOW, (Delay(0), Delay(3), Delay(3)))}
    work = [Due(UUID(int=1 << 60), False, _NOW, campaign_id=_CAMPAIGN, count=leads)]
    start = time.perf_counter()
    events = Projection(pool, courses, work, now=_NOW).run(_NOW + timedelta(days=_DAYS))
    found: Forecast = forecast_of(
        events, Aim(_CAMPAIGN, 3, leads), pool, today=_NOW.date(), most_sends=1 << 40
    )
    return found.sends / (time.perf_counter() - start)


def heap_rate(leads: int) -> float:
    """Instants a second of as many accounts in a heap."""
    count = min(3 * leads, _ACCOUNTS * _LIMIT * _DAYS)
    gap = timedelta(days=1) / _LIMIT
    start = time.perf_counter()
    heap = [(_NOW + n * gap / _ACCOUNTS, n) for n in range(_ACCOUNTS)]
    heapify(heap)
    for _ in range(count):
        at, number = heap[0]
        heapreplace(heap, (at + gap, number))
    return count / (time.perf_counter() - start)
