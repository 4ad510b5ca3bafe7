"""A new account over thirty days: it warms up, is held back by a bad week, graduates by itself, and goes on
without a jump; the real workers, in virtual time.
"""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest

from leadterra.actions.forecasting import ask_about_campaign, look_ahead
from leadterra.actions.running import run
from leadterra.actions.sender_pool import read_sender_pool
from leadterra.actions.warmup_courses import Stage, change_warmup
from leadterra.domain.sender_account import Status
from leadterra.store.database import Database
from tests.support.clock import ManualClock
from tests.support.pools import TestPool
from tests.support.warming import MIDNIGHT, SPAM, WELL, Circle

A_DAY = timedelta(days=1)
LEADS = 400


@pytest.fixture
def circle(own_database: Database, own_workspace: UUID, clock: ManualClock) -> Circle:
    """No account yet, at midnight."""
    clock.set(MIDNIGHT)
    return Circle(TestPool(own_database, own_workspace), clock)


def sent_by_day(circle: Circle, *, warmup: bool) -> list[int]:
    """How many letters went on each of the thirty days, of either kind."""
    days: Counter[date] = Counter(
        at.date() for at, letter in circle.letters if bool(letter.warmup_mark) is warmup
    )
    return [days[(MIDNIGHT + number * A_DAY).date()] for number in range(30)]


async def test_an_account_warms_up_in_thirty_days(circle: Circle) -> None:
    """Eight clean days of the twelve that it needs, then five in which all goes to spam: the ramp stands
    still, and so it does while the reputation recovers. Four clean days later it is active by itself;
    campaigns send exactly its limit a day, from where the ramp was, two more each day. The books are exact
    all along.
    """
    bad = (MIDNIGHT + 8 * A_DAY, MIDNIGHT + 13 * A_DAY)
    circle.spoil = lambda letter, now: SPAM if bad[0] <= now < bad[1] else WELL
    newcomer = await circle.account("ada", 40, status=Status.WARMING)
    await circle.account("bob", 1)
    await run(
        circle.pool.database,
        circle.pool.workspace_id,
        lambda uow: change_warmup(uow, newcomer, {"days": 12}, now=MIDNIGHT),
    )
    campaign = await circle.pool.campaign(now=MIDNIGHT)
    await circle.pool.leads(campaign, LEADS, now=MIDNIGHT)
    limits, capacities, forecast = [], [], list[int]()
    for number in range(30):
        await circle.live(until=MIDNIGHT + number * A_DAY + timedelta(hours=1))
        limits.append((await circle.state(newcomer)).limit)
        async with circle.pool.database.unit_of_work(circle.pool.workspace_id) as uow:
            capacities.append((await read_sender_pool(uow, now=circle.clock.now())).capacity.daily)
            if capacities[-1] > 1 and not forecast:
                question = await ask_about_campaign(uow, campaign, days=8, now=circle.clock.now())
                forecast = [day.capacity for day in look_ahead(question).forecast.days]
        await circle.live(until=MIDNIGHT + (number + 1) * A_DAY)
        await circle.pool.check_books(now=circle.clock.now())

    assert limits == [
        *(5, 7, 9, 11, 13, 15, 17, 19),  # eight clean days
        *(21, 21, 21, 21, 21),  # what they came to, and five days of spam
        *(21, 21, 21, 21, 21),  # clean days whose reputation still has to recover, but for the last
        *(23, 25, 27),  # on from there
        *(29, 31, 33, 35, 37, 39, 40, 40, 40),  # active by itself, up to the daily limit
    ]
    graduation = limits.index(29)
    assert sent_by_day(circle, warmup=True) == limits[:graduation] + [0] * (30 - graduation)
    assert capacities == [1] * graduation + [limit + 1 for limit in limits[graduation:]]
    assert sent_by_day(circle, warmup=False) == capacities
    assert forecast[1:] == capacities[graduation + 1 : graduation + 8]
    state = await circle.state(newcomer)
    assert state.stage is Stage.COMPLETE
    assert state.graduated_at == MIDNIGHT + graduation * A_DAY
