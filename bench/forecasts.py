"""Messages a second that a forecast looks ahead, beside a bare heap that gives out as many instants: 100 000
leads, three steps, fifty accounts that spread fifty letters a day, sixty days.

The heap decides nothing: it is the wall, not a peer.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heapify, heapreplace
from uuid import UUID

from bench.measuring import Case, Contestant, Run, per_thousand
from bench.places import Place
from leadterra.domain.delay import Delay
from leadterra.domain.forecast import Aim, Forecast, forecast_of
from leadterra.domain.pool import Contender, Pool, Sender
from leadterra.domain.projection import Course, Due, Projection

_NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
_CAMPAIGN = UUID(int=1 << 100)
_LEADS = 100_000
_ACCOUNTS = 50
_LIMIT = 50
_DAYS = 60


def cases(place: Place) -> Iterator[Case]:
    """The one case."""
    leads = place.size(_LEADS)
    contestants = [
        Contestant("ours", partial(_forecast, leads)),
        Contestant("a bare heap", partial(_heap, leads)),
    ]
    yield Case(f"forecast of {leads:,} leads", "messages/s", contestants, note=f"over {_DAYS} days")


def _forecast(leads: int) -> Run:
    """A forecast from a pool to its days."""
    senders = [
        Sender(UUID(int=(7919 * n + 3) << 60), True, _LIMIT, 0, 0, 0, 20, spreads=True)
        for n in range(_ACCOUNTS)
    ]
    pool = Pool(senders, campaigns=[Contender(_CAMPAIGN)])
    courses = {_CAMPAIGN: Course(_NOW, (Delay(0), Delay(3), Delay(3)))}
    work = [Due(UUID(int=1 << 60), False, _NOW, campaign_id=_CAMPAIGN, count=leads)]
    start, cpu = time.perf_counter(), time.process_time()
    events = Projection(pool, courses, work, now=_NOW).run(_NOW + timedelta(days=_DAYS))
    found: Forecast = forecast_of(
        events, Aim(_CAMPAIGN, 3, leads), pool, today=_NOW.date(), most_sends=1 << 40
    )
    return _run(found.sends, start, cpu)


def _heap(leads: int) -> Run:
    """As many accounts in a heap, each with its next instant."""
    count = min(3 * leads, _ACCOUNTS * _LIMIT * _DAYS)
    gap = timedelta(days=1) / _LIMIT
    start, cpu = time.perf_counter(), time.process_time()
    heap = [(_NOW + n * gap / _ACCOUNTS, n) for n in range(_ACCOUNTS)]
    heapify(heap)
    for _ in range(count):
        at, number = heap[0]
        heapreplace(heap, (at + gap, number))
    return _run(count, start, cpu)


def _run(count: int, start: float, cpu: float) -> Run:
    """What so much work took since then."""
    taken, spent = time.perf_counter() - start, time.process_time() - cpu
    return Run(count / taken, cpu=per_thousand(spent, count), count=count)
