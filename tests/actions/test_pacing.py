"""Accounts that spread: all that they may send, evenly, never closer than their gap, and nothing at once."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest

from leadterra.domain.schedule import next_interval, read_schedule
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.windowed import Sent, WindowedPool, at, gaps, times

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
MONDAY = date(2026, 3, 2)
OFFICE = {"from": "09:00", "to": "17:00"}
LEAST, MOST = 20, 900


@pytest.fixture
async def pool(database: Database, workspace: UUID) -> WindowedPool:
    """The pool of a live workspace, on a Monday at eight."""
    found = WindowedPool(database, workspace, at(MONDAY, 8))
    await found.go_live()
    return found


def is_office(sent: Sequence[Sent]) -> bool:
    """Whether all left in office hours."""
    return all(9 <= shown.hour < 17 for shown in times(sent))


def crowd(sent: Sequence[Sent]) -> int:
    """The most letters of one account in any minute."""
    by_account = Counter((each.account_id, each.at.replace(second=0, microsecond=0)) for each in sent)
    return max(by_account.values())


async def test_a_day_s_fifty_are_spread_over_office_hours(pool: WindowedPool) -> None:
    """All fifty, though more is due, the first and the last near the ends, and no two far apart."""
    await pool.account("ada", 50)
    await pool.launch(60, hours=OFFICE)

    sent = await pool.drive(at(MONDAY, 23))

    assert len(sent) == 50
    assert is_office(sent)
    assert sent[0].at < at(MONDAY, 9, 15)
    assert sent[-1].at > at(MONDAY, 16, 30)
    assert all(LEAST <= gap <= MOST for gap in gaps(sent))
    assert await pool.states() == {"finished": 50, "waiting": 10}
    await pool.check_books(now=pool.now)


async def test_gaps_vary(pool: WindowedPool) -> None:
    """By up to 30 % both ways of an even spacing, and no two are the same."""
    await pool.account("ada", 50)
    await pool.launch(16, hours=OFFICE)

    found = gaps(await pool.drive(at(MONDAY, 23)))

    even = 8 * 3600 / 50
    assert len(set(found)) == 15
    assert all(0.6 * even < gap < 1.4 * even for gap in found)
    assert min(found) < 0.9 * even
    assert max(found) > 1.1 * even


async def test_without_jitter_gaps_are_even(pool: WindowedPool) -> None:
    """To the second."""
    account = await pool.account("ada", 32)
    await pool.patch_account(account, jitter=0.0)
    await pool.launch(40, hours=OFFICE)

    found = gaps(await pool.drive(at(MONDAY, 23)))

    assert len(found) == 31
    assert max(found) - min(found) < 1


async def test_the_same_pool_sends_at_the_same_instants_again(pool: WindowedPool) -> None:
    """The jitter is drawn from account, day and number, not from dice."""
    twin = WindowedPool(pool.database, new_id(pool.now), pool.now)
    async with pool.database.unit_of_work(twin.workspace_id) as uow:
        await insert_workspace(uow, "twin", "live", bytes(32), now=pool.now)
        await insert_pool(uow, new_id(pool.now))
    for each in (pool, twin):
        await each.account("ada", 20)
        await each.launch(12, hours=OFFICE)
        await each.drive(at(MONDAY, 23))

    assert [each.at for each in twin.sent] == [each.at for each in pool.sent]
    assert len(pool.sent) == 12


async def test_few_messages_are_not_drawn_out(pool: WindowedPool) -> None:
    """An account that may send ten in eight hours is never idle for longer than a quarter of an hour."""
    await pool.account("ada", 10)
    await pool.launch(20, hours=OFFICE)

    sent = await pool.drive(at(MONDAY, 23))

    assert len(sent) == 10
    assert max(gaps(sent)) <= MOST
    assert sent[-1].at < at(MONDAY, 12)


async def test_a_hundred_accounts_do_not_start_together(pool: WindowedPool) -> None:
    """When the window opens, a few send in the first ten seconds, and a third in a third of the first gap."""
    for number in range(100):
        await pool.account(f"a{number}", 48)
    await pool.launch(130, hours=OFFICE)

    sent = await pool.drive(at(MONDAY, 9, 3))

    opening = at(MONDAY, 9)
    assert sum(each.at < opening + timedelta(seconds=10) for each in sent) <= 5
    assert 15 <= len(sent) <= 45
    assert len({each.account_id for each in sent}) == len(sent)


Accident = Callable[[WindowedPool, UUID, UUID], Awaitable[None]]
"""What happens to a pool, its campaign and its account from ten o'clock on."""


async def away(pool: WindowedPool, campaign: UUID, account: UUID) -> None:
    """No worker runs for hours."""
    await pool.drive(at(MONDAY, 14), away_until=at(MONDAY, 14))


async def campaign_paused(pool: WindowedPool, campaign: UUID, account: UUID) -> None:
    """The campaign is paused for hours, and goes on."""
    await pool.pause(campaign)
    await pool.drive(at(MONDAY, 14))
    await pool.resume(campaign)


async def account_paused(pool: WindowedPool, campaign: UUID, account: UUID) -> None:
    """The account is paused for hours, and goes on."""
    await pool.lose(account)
    await pool.drive(at(MONDAY, 14))
    await pool.regain(account)


async def resting(pool: WindowedPool, campaign: UUID, account: UUID) -> None:
    """Its server was away."""
    await pool.change("sender_accounts", account, rest_until=at(MONDAY, 14), rest_reason="away")
    await pool.drive(at(MONDAY, 14))


async def flickering(pool: WindowedPool, campaign: UUID, account: UUID) -> None:
    """Somebody pauses and resumes it every minute."""
    for _ in range(20):
        await pool.pause(campaign)
        await pool.drive(pool.now + timedelta(seconds=30))
        await pool.resume(campaign)
        await pool.drive(pool.now + timedelta(seconds=30))


@pytest.mark.parametrize("accident", [away, campaign_paused, account_paused, resting, flickering])
async def test_nothing_is_made_up_for_at_once(pool: WindowedPool, accident: Accident) -> None:
    """After any break one message goes, and the rest of the day's evenly over what is left of it."""
    account = await pool.account("ada", 24)
    campaign = await pool.launch(40, hours=OFFICE)
    before = len(await pool.drive(at(MONDAY, 10)))
    await accident(pool, campaign, account)

    await pool.drive(at(MONDAY, 23))

    assert 0 < before < 10
    assert len(pool.sent) == 24
    assert is_office(pool.sent)
    assert crowd(pool.sent) == 1
    left = (at(MONDAY, 17) - at(MONDAY, 14)).total_seconds() / 24
    assert min(gaps(pool.sent)) >= 0.6 * left
    await pool.check_books(now=pool.now)


async def test_an_outage_until_the_evening_costs_messages_not_distance(pool: WindowedPool) -> None:
    """With five minutes left, fifteen go, twenty seconds apart; the rest waits for tomorrow."""
    await pool.account("ada", 50)
    await pool.launch(60, hours=OFFICE)

    sent = await pool.drive(at(MONDAY, 23), away_until=at(MONDAY, 16, 55))

    assert len(sent) == 15
    assert is_office(sent)
    assert set(gaps(sent)) == {LEAST}


async def test_midnight_inside_a_window_is_no_start(pool: WindowedPool) -> None:
    """Two days' units in one night: evenly before it, evenly after it, and nothing at the stroke."""
    for name in ("ada", "bob", "cyd"):
        await pool.account(name, 10)
    await pool.launch(100, hours={"from": "22:00", "to": "02:00"})
    await pool.drive(at(MONDAY, 3) + DAY)

    assert await pool.ledger(MONDAY) == dict.fromkeys(("ada", "bob", "cyd"), (10, 0, 0))
    assert crowd(pool.sent) == 1
    assert min(gaps(pool.sent)) >= 0.6 * 7200 / 10
    stroke = at(MONDAY + DAY, 0)
    assert sum(stroke <= each.at < stroke + timedelta(seconds=60) for each in pool.sent) <= 1
    await pool.check_books(now=pool.now)


async def test_a_day_without_schedule_is_spread_too(pool: WindowedPool) -> None:
    """From the launch in the evening to midnight, and from there on over the next day."""
    pool.now = at(MONDAY, 21)
    await pool.account("ada", 12)
    await pool.launch(40)

    sent = await pool.drive(at(MONDAY + DAY, 23, 59))

    counts = Counter(each.at.date() for each in sent)
    assert counts == {MONDAY: 12, MONDAY + DAY: 12}
    assert min(gaps(sent)) >= LEAST
    assert crowd(sent) == 1


@pytest.mark.parametrize(("gap", "counts"), [(3 * 3600, {2, 3}), (10 * 3600, {1})])
async def test_a_gap_that_leaves_no_time_for_all_sends_fewer(
    pool: WindowedPool, gap: float, counts: set[int]
) -> None:
    """Never closer, and every day at least one."""
    await pool.account("ada", 50, gap=gap)
    await pool.launch(60, hours=OFFICE)

    sent = await pool.drive(at(MONDAY + 5 * DAY, 0))

    assert min(gaps(sent)) >= gap
    assert is_office(sent)
    by_day = Counter(each.at.date() for each in sent)
    assert len(by_day) == 5
    assert set(by_day.values()) <= counts


async def test_test_mode_sends_as_soon_as_possible(database: Database, workspace: UUID) -> None:
    """All that is due in one look at the pool."""
    pool = WindowedPool(database, workspace, at(MONDAY, 9))
    await pool.account("ada", 50)
    await pool.launch(40, hours=OFFICE)

    assert len(await pool.look()) == 40


async def test_an_account_that_is_told_to_hurry_sends_the_rest_at_once(pool: WindowedPool) -> None:
    """When what it had waited for is over, with no more than its gap between two."""
    account = await pool.account("ada", 30)
    await pool.launch(40, hours=OFFICE)
    before = await pool.drive(at(MONDAY, 12))

    await pool.patch_account(account, pacing_mode="asap", min_gap_seconds=2.0)
    sent = await pool.drive(at(MONDAY, 12, 30))

    assert len(before) + len(sent) == 30
    assert set(gaps(sent)) == {2.0}


async def test_an_account_that_is_told_to_spread_begins_to(pool: WindowedPool) -> None:
    """What it has left goes over what is left of the window."""
    account = await pool.account("ada", 30, gap=60)
    await pool.patch_account(account, pacing_mode="asap")
    await pool.launch(60, hours=OFFICE)
    before = await pool.drive(at(MONDAY, 9, 9))

    await pool.patch_account(account, pacing_mode="spread", min_gap_seconds=None)
    sent = await pool.drive(at(MONDAY, 23))

    assert (len(before), len(sent)) == (10, 20)
    assert sent[-1].at > at(MONDAY, 13)
    assert min(gaps(sent)) > 500


@pytest.mark.parametrize(
    ("change", "count"),
    [({"daily_limit": 45}, 45), ({"daily_limit": 12}, 12), ({"min_gap_seconds": 1800.0}, 22)],
)
async def test_limits_and_gaps_may_change_in_the_morning(
    pool: WindowedPool, change: dict[str, float], count: int
) -> None:
    """What is left goes by the new ones: a higher limit is used up, a lower one ends it, a gap is kept."""
    account = await pool.account("ada", 40)
    await pool.launch(50, hours=OFFICE)
    before = await pool.drive(at(MONDAY, 11))

    await pool.patch_account(account, **change)
    sent = await pool.drive(at(MONDAY, 23))

    assert 8 <= len(before) <= 12
    assert len(before) + len(sent) == count
    assert is_office(sent)
    assert all(gap >= change.get("min_gap_seconds", LEAST) for gap in gaps(sent))


async def test_the_workspace_s_pacing_holds_for_accounts_that_say_nothing(pool: WindowedPool) -> None:
    """One says so itself, and goes by its own."""
    await pool.execute(
        "update workspaces set pacing_mode = 'asap', min_gap_seconds = 5 where workspace_id = :w"
    )
    usual = await pool.account("ada", 10)
    own = await pool.account("bob", 10)
    await pool.patch_account(own, pacing_mode="spread", min_gap_seconds=30.0)
    await pool.launch(30, hours=OFFICE)

    sent = await pool.drive(at(MONDAY, 23))

    assert set(gaps([each for each in sent if each.account_id == usual])) == {5.0}
    assert min(gaps([each for each in sent if each.account_id == own])) > 400


async def test_when_work_falls_due_by_and_by_the_pace_follows(pool: WindowedPool) -> None:
    """Leads that come in the afternoon find the day's units, and a pace for what is left of it."""
    await pool.account("ada", 16)
    campaign = await pool.launch(2, hours=OFFICE)
    await pool.drive(at(MONDAY, 15))

    await pool.leads(campaign, 30, prefix="late", now=pool.now)
    late = await pool.drive(at(MONDAY, 23))

    assert len(pool.sent) == 16
    assert late[0].at < at(MONDAY, 15, 1)
    assert all(earlier.at < later.at for earlier, later in pairwise(late))
    assert min(gaps(late)) > 0.6 * 7200 / 15


async def test_a_letter_that_is_slow_keeps_its_distance(pool: WindowedPool) -> None:
    """The gap counts from the DATA of one letter, not from the claim, and nothing is claimed meanwhile."""
    pool.now = at(MONDAY, 12)
    account = await pool.account("ada", 2000)
    await pool.launch(5, hours=OFFICE)
    claim = await pool.must_claim(pool.now)
    slow = pool.now + timedelta(seconds=45)

    assert await pool.claim(pool.now + timedelta(seconds=30)) is None
    assert await pool.clear(claim, slow) == {claim.rows[0].enrollment_id}
    await pool.settle(claim, now=slow, data_at=slow)

    next_send_at: datetime = await pool.account_field(account, "next_send_at")
    assert next_send_at == slow + timedelta(seconds=LEAST)
    assert await pool.claim(slow) is None
    assert await pool.wake_at() == next_send_at


class Story:
    """Three accounts, two campaigns with windows of their own, and somebody who cannot leave them alone."""

    limits = (4, 8, 12)
    gaps = (20.0, 400.0, 3000.0)
    zones = ("", "Europe/Berlin", "Asia/Tokyo", "America/New_York")

    def __init__(self, pool: WindowedPool, seed: int) -> None:
        self.pool, self.dice = pool, random.Random(seed)
        self.accounts: list[UUID] = []
        self.schedules: dict[UUID, dict[str, object]] = {}
        self.homes: dict[UUID, str] = {}

    async def begin(self) -> None:
        """Accounts, campaigns, and leads of whom some live elsewhere."""
        for limit, gap in zip(self.limits, self.gaps, strict=True):
            self.accounts.append(await self.pool.account(f"a{limit}", limit, gap=gap))
        for hours in ({"from": "09:00", "to": "17:00"}, {"from": "22:00", "to": "03:00"}):
            schedule: dict[str, object] = {"hours": hours, "useLeadTimeZone": True}
            campaign = await self.pool.launch(0, steps=2)
            await self.pool.patch(campaign, schedule=schedule)
            self.schedules[campaign] = schedule
            leads = await self.pool.leads(campaign, 12, prefix=campaign.hex[-8:], now=self.pool.now)
            for number, enrollment in enumerate(leads):
                zone = self.homes[enrollment] = self.zones[number % 4]
                if zone:
                    await self.pool.place_lead(enrollment, zone)

    async def go_on(self) -> None:
        """A few hours, in which every letter leaves in its window."""
        for each in await self.pool.drive(self.pool.now + timedelta(hours=self.dice.randint(1, 5))):
            schedule = read_schedule(self.schedules[each.campaign_id])
            interval = next_interval(schedule, self.homes[each.enrollment_id], each.at)
            assert interval is not None
            assert each.at in interval

    async def meddle(self) -> None:
        """Change, pause or resume something."""
        campaign, account = self.dice.choice(list(self.schedules)), self.dice.choice(self.accounts)
        match self.dice.randint(0, 4):
            case 0:
                await self.pool.pause(campaign)
            case 1:
                await self.pool.resume(campaign)
            case 2:
                await self.pool.lose(account)
            case 3:
                await self.pool.regain(account)
            case _:
                changed = {**self.schedules[campaign], "timeZone": self.dice.choice(self.zones[1:])}
                changed["useLeadTimeZone"] = self.dice.random() < 0.5
                await self.pool.patch(campaign, schedule=changed)
                self.schedules[campaign] = changed

    async def end(self) -> None:
        """Everything is let go on, until nothing is left."""
        for account in self.accounts:
            await self.pool.regain(account)
        for campaign in self.schedules:
            await self.pool.resume(campaign)
        await self.pool.drive(self.pool.now + 14 * DAY)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_is_meddled_with_windows_gaps_and_limits_hold(pool: WindowedPool, seed: int) -> None:
    """And everybody has both letters in the end, each once."""
    story = Story(pool, seed)
    await story.begin()
    for _ in range(12):
        await story.go_on()
        await story.meddle()
    await story.end()

    assert await pool.states() == {"finished": 24}
    assert len({(each.enrollment_id, each.position) for each in pool.sent}) == len(pool.sent) == 48
    for account, limit, gap in zip(story.accounts, story.limits, story.gaps, strict=True):
        sent = [each for each in pool.sent if each.account_id == account]
        assert min(gaps(sent), default=gap) >= gap
        assert max(Counter(each.at.date() for each in sent).values(), default=0) <= limit
    await pool.check_books(now=pool.now)
