"""Caps and variants are recomputed from the messages, and whatever differs is told."""

from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.actions.running import run
from leadterra.actions.settling import settle_messages
from leadterra.actions.verifying import find_differences
from leadterra.domain.outcomes import (
    Answer,
    Command,
    Deferred,
    Ending,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Unsendable,
    Withheld,
)
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool, settlement

TODAY = NOW.date()
LATER = NOW + timedelta(minutes=3)
ENDINGS: list[Ending] = [
    TAKEN,
    Uncertain(Answer(Command.BODY, None, None, "closed")),
    Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user")),
    Refused(Scope.ACCOUNT, Answer(Command.AUTH, 535, "5.7.8", "no"), authentication=True),
    Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "later")),
    Unsendable(Reason.UNRENDERABLE, "no such filter"),
    Withheld(Reason.NOT_CLEARED),
]
CAPS = {
    "account_24h",
    "sending_domain",
    "recipient_domain",
    "recipient_domain_hour",
    "campaign",
    "campaign_new",
}


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def sent_under_caps(pool: TestPool) -> tuple[UUID, UUID]:
    """Three messages that were taken, of a pool that has every cap and variants; account and campaign."""
    account, campaign = await pool.account("ada", 50), await pool.campaign()
    await pool.leads(campaign, 3)
    await pool.set_caps(9)
    await pool.vary()
    claim = await pool.must_claim()
    await pool.clear(claim)
    await pool.settle(claim, TAKEN)
    return account, campaign


async def test_every_cap_is_compared(pool: TestPool) -> None:
    """A unit too many of each is told, with what is right."""
    account, campaign = await sent_under_caps(pool)
    assert await pool.differences() == []
    await pool.execute("update cap_units set taken = taken + 1 where workspace_id = :w")

    found = await pool.differences()

    assert {each.book for each in found} == {"cap"}
    assert {name for each in found for name in each.kept} == CAPS
    assert all((*each.kept.values(), *each.counted.values()) == (4, 3) for each in found)
    assert {each.id for each in found if "account_24h" in each.kept} == {account}
    assert [each.id for each in found if "campaign" in each.kept] == [campaign]
    assert {each.bucket for each in found if "recipient_domain_hour" in each.kept} == {NOW}


@pytest.mark.parametrize("scope", sorted(CAPS))
async def test_a_cap_that_is_not_kept_is_told(pool: TestPool, scope: str) -> None:
    """Its limit would not hold."""
    await sent_under_caps(pool)
    await pool.execute("delete from cap_units where workspace_id = :w and scope = :scope", scope=scope)

    assert [(each.kept, each.counted) for each in await pool.differences()] == [({scope: 0}, {scope: 3})]


async def test_a_cap_that_nobody_set_is_told(pool: TestPool) -> None:
    """Whoever sets it later would begin with wrong numbers."""
    campaign = await pool.campaign()
    await pool.execute(
        "insert into cap_units (workspace_id, scope, key, bucket, taken)"
        " values (:w, 'campaign', :id, :at, 2)",
        id=campaign,
        at=NOW.replace(hour=0),
    )

    assert [(each.book, each.id, each.kept) for each in await pool.differences()] == [
        ("cap", campaign, {"campaign": 2})
    ]


async def test_units_in_the_wrong_minute_are_told(pool: TestPool) -> None:
    """Both minutes: the one that has too many, and the one that has too few."""
    account, _ = await sent_under_caps(pool)
    later = NOW + timedelta(minutes=1)
    await pool.execute(
        "update cap_units set bucket = :at where workspace_id = :w and scope = 'account_24h'", at=later
    )

    assert [(each.id, each.bucket, each.kept, each.counted) for each in await pool.differences()] == [
        (account, NOW, {"account_24h": 0}, {"account_24h": 3}),
        (account, later, {"account_24h": 3}, {"account_24h": 0}),
    ]


async def test_caps_of_long_ago_are_not_compared(pool: TestPool) -> None:
    """No cap asks for them any more: two midnights back is as far as they are counted."""
    await sent_under_caps(pool)
    await pool.execute("delete from cap_units where workspace_id = :w")

    assert len(await pool.differences(now=NOW + timedelta(days=2))) == len(CAPS)
    assert await pool.differences(now=NOW + timedelta(days=3)) == []


async def test_of_one_day_only_its_caps_are_compared(pool: TestPool) -> None:
    """Those whose bucket begins on it."""
    await sent_under_caps(pool)
    await pool.execute("delete from cap_units where workspace_id = :w")

    assert len(await pool.differences(TODAY)) == len(CAPS)
    assert await pool.differences(TODAY + timedelta(days=1)) == []


@pytest.mark.parametrize("field", ["assigned", "sent", "bounced"])
async def test_wrong_totals_of_a_variant_are_told(pool: TestPool, field: str) -> None:
    """With its step, the number that is kept and the one that is right, and no other number."""
    await sent_under_caps(pool)
    assert await pool.differences() == []
    [(step, variant, right)] = await pool.ask(
        f"update variant_totals set {field} = {field} + 1 where workspace_id = :w and variant_id = step_id"
        f" returning step_id, variant_id, {field} - 1"
    )

    (found,) = await pool.differences()

    assert (found.book, found.day, found.id, found.step_id) == ("variant", None, variant, step)
    assert (found.kept, found.counted) == ({field: right + 1}, {field: right})


async def test_missing_totals_of_variants_are_told(pool: TestPool) -> None:
    """All that was counted of them."""
    await sent_under_caps(pool)
    await pool.execute("delete from variant_totals where workspace_id = :w")

    found = await pool.differences()

    assert {each.book for each in found} == {"variant"}
    assert sum(each.counted["sent"] for each in found) == 3


async def test_a_message_without_the_variant_it_was_given_is_told(pool: TestPool) -> None:
    """Each variant has more than its messages."""
    await sent_under_caps(pool)
    await pool.execute("update messages set variant_id = null where workspace_id = :w")

    assert {each.book for each in await pool.differences()} == {"variant"}


@pytest.mark.parametrize(
    "ending", ENDINGS, ids=[f"{type(ending).__name__}-{n}" for n, ending in enumerate(ENDINGS)]
)
async def test_whatever_becomes_of_a_message_caps_and_variants_verify(pool: TestPool, ending: Ending) -> None:
    """In flight, cleared in another minute than claimed, and settled."""
    await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 3)
    await pool.set_caps(9)
    await pool.vary()
    claim = await pool.must_claim()
    assert await pool.differences() == []
    await pool.clear(claim, NOW + timedelta(seconds=59))
    await pool.clear(claim, NOW + timedelta(seconds=61))
    await pool.settle(claim, ending, NOW + timedelta(seconds=130), data_at=NOW + timedelta(seconds=121))

    assert await pool.differences() == []


async def test_one_batch_settles_what_was_claimed_minutes_apart(pool: TestPool) -> None:
    """Each in the minute of its own clearance, though one gains what another loses."""
    account = await pool.account("ada", 50)
    await pool.leads(await pool.campaign(), 4)
    await pool.set_caps(9)
    claims = []
    for claimed, cleared in ((30, 65), (70, 125)):
        claim = await pool.must_claim(NOW + timedelta(seconds=claimed), limit=2)
        await pool.clear(claim, NOW + timedelta(seconds=cleared))
        claims.append(claim)
    batch = [settlement(claim, row, TAKEN) for claim in claims for row in claim.rows]
    await run(pool.database, pool.workspace_id, lambda uow: settle_messages(uow, batch, now=LATER))

    rows = await pool.ask(
        "select bucket, taken from cap_units where workspace_id = :w and key = :a and taken > 0 order by 1",
        a=account,
    )
    assert rows == [(NOW + timedelta(minutes=1), 2), (NOW + timedelta(minutes=2), 2)]
    assert await pool.differences() == []


async def test_a_running_system_with_caps_and_variants_verifies_cleanly(pool: TestPool) -> None:
    """All of it is seen as it was at one instant, whatever is settled between one statement and the next."""
    _, campaign = await sent_under_caps(pool)
    async with pool.database.snapshot(pool.workspace_id) as uow:
        before = [each async for each in find_differences(uow, now=NOW)]
        await pool.leads(campaign, 4, prefix="more")
        await pool.settle(await pool.must_claim(limit=2), TAKEN)
        await pool.must_claim(limit=1)
        during = [each async for each in find_differences(uow, now=NOW)]
    assert (before, during, await pool.differences()) == ([], [], [])
