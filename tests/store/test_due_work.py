"""What a plan reads: accounts as they stand, and of all that is due what could go."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from leadterra.domain.pool import Work
from leadterra.mail.addresses import domain_digest
from leadterra.store import due_work
from leadterra.store.database import Database
from leadterra.store.due_work import BoundLane, CampaignRow, Lane, Recipient, SenderRow
from tests.support.clock import NOW
from tests.support.pools import TestPool

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def senders(pool: TestPool, now: datetime = NOW) -> dict[UUID, SenderRow]:
    """The accounts as a claim reads them."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        return {row.id: row for row in await due_work.list_senders(uow, day=now.date())}


async def campaigns(pool: TestPool) -> dict[UUID, CampaignRow]:
    """The campaigns as a claim reads them."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        return {row.id: row for row in await due_work.list_campaigns(uow)}


async def work(
    pool: TestPool,
    lanes: list[Lane],
    bound: list[BoundLane] | None = None,
    *,
    full: tuple[str, ...] = (),
    limit: int = 100,
    now: datetime = NOW,
) -> list[Work]:
    """The due work of these lanes. full: domains that have had enough."""
    digests = [domain_digest(domain) for domain in full]
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        return await due_work.list_work(uow, lanes, bound or [], full_domains=digests, limit=limit, now=now)


def lane(campaign: UUID, zone: str = "", started_at: datetime = NOW - DAY) -> Lane:
    """A lane of a campaign that was started yesterday."""
    return Lane(campaign, zone, started_at)


def bound_lane(campaign: UUID, account: UUID, room: int = 100, **fields: Any) -> BoundLane:
    """What that account has in the lane of a campaign's own zone."""
    usual = BoundLane(campaign, "", NOW - DAY, account, room, NOW)
    return replace(usual, **fields)


def ids(found: list[Work]) -> list[UUID]:
    """Their enrollments, in order."""
    return [item.enrollment_id for item in found]


async def bind(pool: TestPool, enrollments: list[UUID], account: UUID, due_at: datetime = NOW) -> None:
    """Bind them to that account, due a minute after each other from then on."""
    for number, enrollment in enumerate(enrollments):
        await pool.change(
            "enrollments", enrollment, sender_account_id=account, due_at=due_at + number * MINUTE
        )


async def test_an_account_s_use_is_that_of_the_day(pool: TestPool) -> None:
    """Sent, uncertain and reserved together; what was in flight yesterday is in flight still."""
    ada = await pool.account("ada", 10)
    for day, sent, reserved in ((NOW - 2 * DAY, 9, 9), (NOW - DAY, 8, 1), (NOW, 2, 3)):
        await pool.execute(
            "insert into ledger"
            " (workspace_id, day, sender_account_id, daily_limit, sent, uncertain, reserved)"
            " values (:w, :day, :a, 10, :sent, 1, :reserved)",
            day=day.date(),
            a=ada,
            sent=sent,
            reserved=reserved,
        )
    found = (await senders(pool))[ada]
    assert (found.is_active, found.daily_limit, found.used, found.in_flight) == (True, 10, 6, 4)


async def test_an_account_s_gap_is_told_as_it_says_it(pool: TestPool) -> None:
    """Nothing, or its own zero: what holds instead of nothing is `pacing_of`'s to say."""
    accounts = [await pool.account(name, 1, gap=gap) for name, gap in (("a", None), ("b", 3), ("c", 0))]
    found = await senders(pool)
    assert [found[account].min_gap_seconds for account in accounts] == [None, 3, 0]


@pytest.mark.parametrize("fields", [{"status": "paused"}, {"status": "warming"}, {"removed_at": NOW}])
async def test_an_account_that_cannot_send_is_listed_as_not_active(
    pool: TestPool, fields: dict[str, object]
) -> None:
    """An enrollment may be bound to it: the plan must know that it is lost."""
    ada = await pool.account("ada", 10)
    await pool.change("sender_accounts", ada, **fields)
    assert not (await senders(pool))[ada].is_active


@pytest.mark.parametrize(
    ("own", "found", "provider"),
    [("google", "microsoft", "google"), (None, "microsoft", "microsoft"), (None, None, None)],
)
async def test_an_account_s_provider_is_its_own_or_its_domain_s(
    pool: TestPool, own: str | None, found: str | None, provider: str | None
) -> None:
    """What a person says goes before what DNS said; without either it is not known."""
    ada = await pool.account("ada", 10)
    await pool.change("sender_accounts", ada, provider=own)
    await pool.execute(
        "insert into recipient_domains (workspace_id, domain, provider, retry_at)"
        " values (:w, 'acme.test', :found, :now)",
        found=found,
        now=NOW,
    )
    assert (await senders(pool))[ada].provider == provider


async def test_campaigns_are_those_that_run_and_in_which_something_waits(pool: TestPool) -> None:
    """With the first of what waits, due or not."""
    running, empty, held = [await pool.campaign() for _ in range(3)]
    paused = await pool.campaign(status="paused")
    first, second = await pool.leads(running, 2)
    await pool.change("enrollments", first, due_at=NOW + DAY)
    await pool.change("enrollments", second, due_at=NOW + 2 * DAY)
    for campaign, state in ((held, "held"), (paused, "waiting")):
        [other] = await pool.leads(campaign, 1, prefix=f"{campaign}")
        await pool.change("enrollments", other, state=state)
    found = await campaigns(pool)
    assert {key: row.first_due_at for key, row in found.items()} == {running: NOW + DAY}
    assert empty not in found


async def test_the_zones_of_a_campaign_are_those_in_which_leads_wait(pool: TestPool) -> None:
    """Each once, in each campaign that is asked about; one whose leads have all gone on is none."""
    one, other = await pool.campaign(), await pool.campaign()
    zones = ("", "Asia/Tokyo", "Asia/Tokyo", "Europe/Berlin")
    for zone, enrollment in zip(zones, await pool.leads(one, 4), strict=True):
        await pool.change("enrollments", enrollment, time_zone=zone)
    [gone] = await pool.leads(other, 1, prefix="other")
    await pool.change("enrollments", gone, time_zone="America/Lima", state="finished")
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        found = await due_work.list_zones(uow, [one, other])
    assert sorted(found) == [(one, zone) for zone in ("", "Asia/Tokyo", "Europe/Berlin")]


async def test_work_is_what_is_due(pool: TestPool) -> None:
    """Not what is due later, not what is not waiting."""
    campaign = await pool.campaign()
    due, later, held = await pool.leads(campaign, 3)
    await pool.change("enrollments", later, due_at=NOW + INSTANT)
    await pool.change("enrollments", held, state="held")
    assert ids(await work(pool, [lane(campaign)])) == [due]


async def test_only_lanes_that_are_open_are_read(pool: TestPool) -> None:
    """Leads of other zones of the same campaign wait for their own window, bound or not."""
    campaign, ada = await pool.campaign(), await pool.account("ada", 10)
    tokyo, berlin, bound_tokyo, bound_berlin = await pool.leads(campaign, 4)
    await bind(pool, [bound_tokyo, bound_berlin], ada, NOW - 2 * MINUTE)
    for enrollment in (tokyo, bound_tokyo):
        await pool.change("enrollments", enrollment, time_zone="Asia/Tokyo")
    for enrollment in (berlin, bound_berlin):
        await pool.change("enrollments", enrollment, time_zone="Europe/Berlin")
    found = await work(pool, [lane(campaign, "Asia/Tokyo")], [bound_lane(campaign, ada, zone="Asia/Tokyo")])
    assert sorted(ids(found)) == [tokyo, bound_tokyo]


async def test_bound_work_is_read_as_far_as_its_account_has_room(pool: TestPool) -> None:
    """Oldest first; that of an account without room is not read at all."""
    ada, bob, cyd = [await pool.account(name, 10) for name in ("ada", "bob", "cyd")]
    campaign = await pool.campaign()
    enrollments = await pool.leads(campaign, 9)
    for number, enrollment in enumerate(enrollments):
        account = (ada, bob, cyd)[number % 3]
        await pool.change(
            "enrollments", enrollment, sender_account_id=account, due_at=NOW - timedelta(minutes=9 - number)
        )
    found = await work(pool, [lane(campaign)], [bound_lane(campaign, ada, 2), bound_lane(campaign, bob, 1)])
    assert [(item.enrollment_id, item.sender_id) for item in found] == [
        (enrollments[0], ada),
        (enrollments[1], bob),
        (enrollments[3], ada),
    ]


async def test_no_campaign_starves_the_reading_of_another(pool: TestPool) -> None:
    """The limit is each campaign's own: its oldest, though all of the other's are older."""
    old, young = await pool.campaign(), await pool.campaign()
    ada = await pool.account("ada", 100)
    first, second = await pool.leads(old, 8), await pool.leads(young, 8, prefix="other")
    for number, (one, other) in enumerate(zip(first, second, strict=True)):
        await pool.change("enrollments", one, due_at=NOW - DAY + number * MINUTE)
        await pool.change("enrollments", other, due_at=NOW - 8 * MINUTE + number * MINUTE)
    await bind(pool, first[4:], ada, NOW - DAY)
    await bind(pool, second[4:], ada, NOW - 8 * MINUTE)
    bound = [bound_lane(campaign, ada) for campaign in (old, young)]
    found = await work(pool, [lane(old), lane(young)], bound, limit=3)
    assert sorted(ids(found)) == sorted([*first[:3], *first[4:7], *second[:3], *second[4:7]])


async def test_the_limit_is_one_for_all_zones_of_a_campaign(pool: TestPool) -> None:
    """The oldest of all its lanes together, bound and free by themselves."""
    campaign = await pool.campaign()
    enrollments = await pool.leads(campaign, 6)
    zones = ("Asia/Tokyo", "Europe/Berlin")
    for number, enrollment in enumerate(enrollments):
        due_at = NOW - timedelta(minutes=9 - number)
        await pool.change("enrollments", enrollment, time_zone=zones[number % 2], due_at=due_at)
    found = await work(pool, [lane(campaign, zone) for zone in zones], limit=3)
    assert ids(found) == enrollments[:3]


async def test_nothing_is_due_before_its_campaign_was_started(pool: TestPool) -> None:
    """Leads enrolled into a draft long ago do not go before those that waited for their turn since."""
    campaign = await pool.campaign()
    [early] = await pool.leads(campaign, 1)
    await pool.change("enrollments", early, due_at=NOW - 30 * DAY)
    assert [item.due_at for item in await work(pool, [lane(campaign, started_at=NOW)])] == [NOW]


async def test_of_a_lane_that_is_kept_its_first_is_told_beyond_every_limit(pool: TestPool) -> None:
    """It cannot go; it says until when the lane waits."""
    campaign, ada, bob = await pool.campaign(), await pool.account("ada", 9), await pool.account("bob", 9)
    lost, own = await pool.leads(campaign, 3), await pool.leads(campaign, 3, prefix="own")
    await bind(pool, lost, ada, NOW - 30 * MINUTE)
    await bind(pool, own, bob, NOW - 20 * MINUTE)
    kept = bound_lane(campaign, ada, 1, is_kept=True)
    found = await work(pool, [], [bound_lane(campaign, bob), kept], limit=2)
    assert ids(found) == [lost[0], *own[:2]]


async def test_of_a_lane_whose_account_is_lost_only_what_has_waited_is_read(pool: TestPool) -> None:
    """What became due since is not asked for."""
    campaign, ada = await pool.campaign(), await pool.account("ada", 9)
    enrollments = await pool.leads(campaign, 4)
    await bind(pool, enrollments, ada, NOW - 3 * MINUTE)
    found = await work(pool, [], [bound_lane(campaign, ada, due_before=NOW - 2 * MINUTE)])
    assert ids(found) == enrollments[:2]


async def test_leads_of_full_domains_are_passed_over_and_others_found(pool: TestPool) -> None:
    """However many of them are older than the others, bound or free."""
    campaign, ada = await pool.campaign(), await pool.account("ada", 100)
    full = await pool.leads(campaign, 8, domain="full.test", now=NOW - DAY)
    others = await pool.leads(campaign, 4, prefix="other", domain="open.test")
    await bind(pool, full[4:], ada, NOW - DAY)
    await bind(pool, others[2:], ada, NOW - 2 * MINUTE)
    found = await work(pool, [lane(campaign)], [bound_lane(campaign, ada, 2)], full=("full.test",), limit=2)
    assert sorted(ids(found)) == sorted(others)


async def test_recipients_are_told_with_what_is_known_of_their_servers(pool: TestPool) -> None:
    """The domain of each, and nothing where nobody has looked."""
    campaign = await pool.campaign()
    [known] = await pool.leads(campaign, 1, domain="known.test")
    [other] = await pool.leads(campaign, 1, domain="other.test")
    await pool.execute(
        "insert into recipient_domains (workspace_id, domain, provider, retry_at)"
        " values (:w, 'known.test', 'google', :now)",
        now=NOW,
    )
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        found = await due_work.list_recipients(uow, [known, other])
    assert found == {
        known: Recipient(known, "known.test", "google"),
        other: Recipient(other, "other.test", None),
    }


async def test_what_falls_due_next_is_the_first_that_is_not_due(pool: TestPool) -> None:
    """Of the campaigns that are asked about, whatever is due already."""
    one, other = await pool.campaign(), await pool.campaign()
    _, later, last = await pool.leads(one, 3)
    [sooner] = await pool.leads(other, 1, prefix="other")
    for enrollment, minutes in ((later, 5), (last, 9), (sooner, 1)):
        await pool.change("enrollments", enrollment, due_at=NOW + minutes * MINUTE)
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        found = [await due_work.next_due_at(uow, asked, now=NOW) for asked in ([one], [one, other], [])]
    assert found == [NOW + 5 * MINUTE, NOW + MINUTE, None]


async def test_a_pool_that_is_locked_can_be_read(pool: TestPool) -> None:
    """Whoever only asks is not held up, and gets the same row."""
    async with pool.database.unit_of_work(pool.workspace_id) as holder:
        held = await due_work.lock_pool(holder)
        async with pool.database.unit_of_work(pool.workspace_id) as other:
            assert await due_work.lock_pool(other) is None
            assert await due_work.read_pool(other) == held


async def test_what_lost_accounts_left_does_not_hide_what_can_go(pool: TestPool) -> None:
    """The limit is each's own: what they left may find no other account."""
    campaign, ada, bob = await pool.campaign(), await pool.account("ada", 9), await pool.account("bob", 9)
    lost, own = await pool.leads(campaign, 3), await pool.leads(campaign, 3, prefix="own")
    await bind(pool, lost, ada, NOW - 30 * MINUTE)
    await bind(pool, own, bob, NOW - 20 * MINUTE)
    found = await work(
        pool, [], [bound_lane(campaign, ada, is_lost=True), bound_lane(campaign, bob)], limit=2
    )
    assert ids(found) == [*lost[:2], *own[:2]]


@pytest.mark.parametrize("takes_new", [True, False])
async def test_a_class_that_cannot_go_does_not_hide_the_other(pool: TestPool, takes_new: bool) -> None:
    """Only one class is asked for: it is found behind all of the other."""
    campaign, ada = await pool.campaign(steps=2), await pool.account("ada", 9)
    enrollments = await pool.leads(campaign, 6)
    await bind(pool, enrollments, ada, NOW - 30 * MINUTE)
    for number, enrollment in enumerate(enrollments):
        is_first = number < 3
        await pool.change("enrollments", enrollment, position=int(is_first == takes_new))
    asked = bound_lane(campaign, ada, 2, takes_new=takes_new, takes_follow_ups=not takes_new)
    assert ids(await work(pool, [], [asked])) == enrollments[3:5]
