"""Campaigns leave in their windows, whatever clocks and calendars do, and nothing is lost over it."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from leadterra.store.database import Database
from tests.support.windowed import WindowedPool, at, days, times

DAY = timedelta(days=1)
MONDAY = date(2026, 3, 2)
BERLIN, NEW_YORK, LORD_HOWE = "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"
OFFICE = {"from": "09:00", "to": "17:00"}
WEEK = ["mon", "tue", "wed", "thu", "fri"]

NIGHTS = [
    (BERLIN, date(2026, 3, 29), 4),
    (BERLIN, date(2026, 10, 25), 12),
    (NEW_YORK, date(2026, 3, 8), 4),
    (NEW_YORK, date(2026, 11, 1), 10),
    (LORD_HOWE, date(2026, 10, 4), 6),
    (LORD_HOWE, date(2026, 4, 5), 10),
]
"""Nights in which clocks are changed; how many quarters of an hour they show between half past one and half
past three."""


@pytest.fixture
def pool(database: Database, workspace: UUID) -> WindowedPool:
    """The pool of a new workspace on the first Monday of March, at midnight."""
    return WindowedPool(database, workspace, at(MONDAY, 0))


@pytest.mark.parametrize(("zone", "night", "quarters"), NIGHTS)
async def test_a_window_in_a_night_in_which_clocks_are_changed(
    pool: WindowedPool, zone: str, night: date, quarters: int
) -> None:
    """A letter every quarter of an hour leaves as often as clocks show one: before, then and after."""
    pool.now = at(night - DAY, 0, zone=zone)
    await pool.account("ada", 1000, gap=900)
    await pool.launch(16 + quarters, timeZone=zone, hours={"from": "01:30", "to": "03:30"})

    sent = await pool.drive(pool.now + 4 * DAY)

    assert all(time(1, 30) <= shown < time(3, 30) for shown in times(sent, zone))
    assert Counter(days(sent, zone)) == {night - DAY: 8, night: quarters, night + DAY: 8}
    assert await pool.states() == {"finished": 16 + quarters}
    await pool.check_books(now=pool.now)


@pytest.mark.parametrize(("zone", "night"), [(zone, night) for zone, night, _ in NIGHTS])
async def test_letters_that_are_spread_keep_to_local_office_hours(
    pool: WindowedPool, zone: str, night: date
) -> None:
    """On both sides of a change of clocks, and everybody has had one in the end."""
    pool.now = at(night - DAY, 0, zone=zone)
    await pool.go_live()
    await pool.account("ada", 12)
    await pool.launch(48, timeZone=zone, hours=OFFICE)

    sent = await pool.drive(pool.now + 5 * DAY)

    assert all(time(9) <= shown < time(17) for shown in times(sent, zone))
    assert {night - DAY, night, night + DAY} <= set(days(sent, zone))
    assert len({each.enrollment_id for each in sent}) == len(sent) == 48
    await pool.check_books(now=pool.now)


async def test_a_leap_day_has_a_window_like_any_tuesday(pool: WindowedPool) -> None:
    """And its units are in the ledger of that day."""
    leap_day = date(2028, 2, 29)
    pool.now = at(date(2028, 2, 28), 12)
    await pool.account("ada", 5)
    await pool.launch(7, days=["tue", "wed"], hours=OFFICE)

    sent = await pool.drive(at(date(2028, 3, 2), 0))

    assert Counter(days(sent)) == {leap_day: 5, date(2028, 3, 1): 2}
    assert await pool.ledger(leap_day) == {"ada": (5, 0, 0)}
    assert await pool.differences(leap_day, now=pool.now) == []


@pytest.mark.parametrize(
    ("delay", "day"), [(1, date(2028, 2, 29)), (2, date(2028, 3, 1)), (4, date(2028, 3, 3))]
)
async def test_a_leap_day_is_a_business_day(pool: WindowedPool, delay: int, day: date) -> None:
    """Follow-ups to a letter of the Monday before count it."""
    pool.now = at(date(2028, 2, 28), 9)
    await pool.account("ada", 5)
    await pool.launch(0, hours=OFFICE)
    campaign = await pool.launch(1, steps=2, delay_days=delay, hours=OFFICE, days=WEEK)
    await pool.execute("update sequence_steps set delay_unit = 'business' where workspace_id = :w")

    sent = await pool.drive(pool.now + 14 * DAY)

    assert [(each.campaign_id, each.at) for each in sent] == [
        (campaign, at(date(2028, 2, 28), 9)),
        (campaign, at(day, 9)),
    ]


async def test_a_window_over_midnight_belongs_to_the_day_it_begins_on(pool: WindowedPool) -> None:
    """Friday's goes on into Saturday, in one ledger and then the other; the rest waits for next Friday."""
    await pool.account("ada", 1000, gap=1800)
    await pool.launch(10, days=["fri"], hours={"from": "22:00", "to": "02:00"})

    sent = await pool.drive(at(MONDAY + 14 * DAY, 0))

    friday = MONDAY + 4 * DAY
    assert [each.at for each in sent[:8]] == [at(friday, 22) + timedelta(minutes=30 * n) for n in range(8)]
    assert Counter(days(sent)) == {friday: 4, friday + DAY: 4, friday + 7 * DAY: 2}
    assert await pool.ledger(friday + DAY) == {"ada": (4, 0, 0)}
    await pool.check_books(now=pool.now)


@pytest.mark.parametrize(("before", "after"), [(BERLIN, NEW_YORK), (NEW_YORK, BERLIN), (BERLIN, LORD_HOWE)])
async def test_a_schedule_s_zone_may_change_while_it_runs(
    pool: WindowedPool, before: str, after: str
) -> None:
    """Letters leave by the new zone from then on; nobody has two, and nobody none."""
    await pool.account("ada", 1000, gap=3600)
    campaign = await pool.launch(24, timeZone=before, hours=OFFICE)
    early = await pool.drive(at(MONDAY + DAY, 10, 30))

    await pool.patch(campaign, schedule={"timeZone": after, "hours": OFFICE})
    late = await pool.drive(at(MONDAY + 5 * DAY, 0))

    assert early
    assert all(time(9) <= shown < time(17) for shown in times(early, before))
    assert late
    assert all(time(9) <= shown < time(17) for shown in times(late, after))
    assert len({each.enrollment_id for each in pool.sent}) == len(pool.sent) == 24
    await pool.check_books(now=pool.now)


async def test_what_is_left_at_the_end_waits_in_peace(pool: WindowedPool) -> None:
    """The pool is not looked at again, until somebody prolongs the campaign."""
    await pool.account("ada", 1000, gap=3600)
    campaign = await pool.launch(10, hours=OFFICE, endOn=MONDAY.isoformat())

    await pool.drive(at(MONDAY + 2 * DAY, 0))
    looks = pool.looks
    await pool.drive(at(MONDAY + 300 * DAY, 0))

    assert len(pool.sent) == 8
    assert await pool.wake_at() is None
    assert pool.looks == looks
    assert await pool.states() == {"finished": 8, "waiting": 2}
    await pool.patch(campaign, schedule={"hours": OFFICE})
    await pool.drive(pool.now + DAY)
    assert await pool.states() == {"finished": 10}
    await pool.check_books(now=pool.now)


async def test_a_closed_campaign_is_looked_at_when_it_opens(pool: WindowedPool) -> None:
    """And not a dozen times before: from its start in a year, once."""
    await pool.account("ada", 1000)
    await pool.launch(3, hours=OFFICE, startOn="2027-03-01")

    await pool.drive(at(date(2027, 2, 28), 23))

    assert pool.looks == 1
    assert await pool.wake_at() == at(date(2027, 3, 1), 9)
    sent = await pool.drive(at(date(2027, 3, 2), 0))
    assert [each.at for each in sent] == [at(date(2027, 3, 1), 9)] * 3


async def test_nothing_leaves_on_a_holiday(pool: WindowedPool) -> None:
    """Nor on a day that is none of the schedule's."""
    await pool.account("ada", 2)
    tuesday, wednesday = MONDAY + DAY, MONDAY + 2 * DAY
    await pool.launch(8, hours=OFFICE, days=["mon", "tue", "wed", "sun"], holidays=[tuesday.isoformat()])

    sent = await pool.drive(at(MONDAY + 14 * DAY, 0))

    assert Counter(days(sent)) == {MONDAY: 2, wednesday: 2, MONDAY + 6 * DAY: 2, MONDAY + 7 * DAY: 2}


async def test_every_lead_s_own_clock_counts(pool: WindowedPool) -> None:
    """Three zones in one campaign, and a lead of whom none is known, who goes by the campaign's."""
    zones = ["Asia/Tokyo", BERLIN, "America/Los_Angeles", "UTC"]
    await pool.account("ada", 1000, gap=60)
    campaign = await pool.launch(0, hours={"from": "09:00", "to": "10:00"}, useLeadTimeZone=True)
    enrollments = await pool.leads(campaign, 20, now=pool.now)
    homes = {enrollment: zones[number % 4] for number, enrollment in enumerate(enrollments)}
    for enrollment, zone in homes.items():
        if zone != "UTC":
            await pool.place_lead(enrollment, zone)

    await pool.drive(pool.now + DAY)

    assert len(pool.sent) == 20
    assert all(times([each], homes[each.enrollment_id])[0].hour == 9 for each in pool.sent)
    await pool.check_books(now=pool.now)


async def test_a_lead_that_moves_goes_by_its_new_clock(pool: WindowedPool) -> None:
    """At once, where it is office hours there."""
    await pool.account("ada", 1000)
    campaign = await pool.launch(0, hours=OFFICE, days=WEEK, useLeadTimeZone=True, timeZone=NEW_YORK)
    [enrollment] = await pool.leads(campaign, 1, now=pool.now)
    await pool.place_lead(enrollment, "America/Los_Angeles")
    await pool.drive(at(MONDAY, 12))

    await pool.place_lead(enrollment, BERLIN)
    sent = await pool.drive(at(MONDAY, 13))

    assert [each.at for each in sent] == [at(MONDAY, 12)]


async def test_a_campaign_may_begin_to_go_by_its_leads(pool: WindowedPool) -> None:
    """Who lives elsewhere is written to by the clock there from then on, and the others as before."""
    await pool.account("ada", 1000)
    campaign = await pool.launch(0, hours=OFFICE, timeZone=BERLIN)
    local, distant = await pool.leads(campaign, 2, now=pool.now)
    await pool.place_lead(distant, NEW_YORK)

    await pool.patch(campaign, schedule={"hours": OFFICE, "timeZone": BERLIN, "useLeadTimeZone": True})
    sent = await pool.drive(at(MONDAY, 23))

    assert {each.enrollment_id: each.at for each in sent} == {
        local: at(MONDAY, 9, zone=BERLIN),
        distant: at(MONDAY, 9, zone=NEW_YORK),
    }


async def test_follow_ups_wait_for_the_window_too(pool: WindowedPool) -> None:
    """Half a day after a letter of the morning is night; the next morning has them."""
    await pool.account("ada", 1000, gap=600)
    await pool.launch(5, steps=3, delay_days=0.5, timeZone=BERLIN, hours={"from": "09:00", "to": "11:00"})

    sent = await pool.drive(pool.now + 5 * DAY)

    assert all(time(9) <= shown < time(11) for shown in times(sent, BERLIN))
    assert Counter(zip(days(sent, BERLIN), (each.position for each in sent), strict=True)) == {
        (MONDAY + n * DAY, n): 5 for n in range(3)
    }


async def test_a_pool_spreads_over_the_windows_of_all_its_campaigns(pool: WindowedPool) -> None:
    """An account of forty a day gives half to a campaign of the morning, and half to one of the afternoon."""
    await pool.go_live()
    await pool.account("ada", 40)
    morning = await pool.launch(60, hours={"from": "09:00", "to": "12:00"})
    afternoon = await pool.launch(60, hours={"from": "14:00", "to": "17:00"})

    sent = await pool.drive(at(MONDAY + DAY, 0))

    hours = {morning: range(9, 12), afternoon: range(14, 17)}
    assert all(each.at.hour in hours[each.campaign_id] for each in sent)
    counts = Counter(each.campaign_id for each in sent)
    assert counts.total() == 40
    assert abs(counts[morning] - counts[afternoon]) <= 2
    await pool.check_books(now=pool.now)


async def test_a_window_that_closes_leaves_the_other_campaign_its_accounts(pool: WindowedPool) -> None:
    """What is outside of its window holds nobody up."""
    await pool.account("ada", 1000, gap=600)
    early = await pool.launch(30, hours={"from": "00:00", "to": "01:00"})
    always = await pool.launch(30)

    sent = await pool.drive(datetime(2026, 3, 2, 6, 30, tzinfo=UTC))

    assert Counter(each.campaign_id for each in sent) == {early: 3, always: 30}
    assert await pool.wake_at() == at(MONDAY + DAY, 0)
