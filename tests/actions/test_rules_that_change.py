"""What is claimed when a rule changes goes by the new one; and what hides nobody's turn."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest

from leadterra.actions.clearing import clear_messages
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import NewAccount, create_sender_account
from leadterra.actions.workspaces import WorkspaceChange, change_workspace
from leadterra.domain.outcomes import Reason, Withheld
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing
from tests.support.pools import clearance
from tests.support.windowed import WindowedPool, at

MONDAY = date(2026, 3, 2)


@pytest.fixture
async def pool(database: Database, workspace: UUID) -> WindowedPool:
    """The pool of a workspace in test mode, on a Monday at eight."""
    return WindowedPool(database, workspace, at(MONDAY, 8))


async def change(pool: WindowedPool, settings: WorkspaceChange) -> None:
    """Patch the workspace."""
    await run(pool.database, pool.workspace_id, lambda uow: change_workspace(uow, settings, now=pool.now))


@pytest.mark.parametrize("cap", ["daily_limit", "new_leads_daily_limit", "rolling_limit"])
async def test_a_cap_of_campaign_or_account_holds_for_what_is_claimed(pool: WindowedPool, cap: str) -> None:
    """Ten are claimed when it is set to three: they go back, and three of them go."""
    account = await pool.account("ada", 100)
    campaign = await pool.launch(20)
    claim = await pool.must_claim(pool.now, limit=10)
    if cap == "rolling_limit":
        await pool.patch_account(account, rolling_limit=3)
    else:
        await pool.patch(campaign, **{cap: 3})

    assert await pool.clear(claim, pool.now) == set()
    await pool.settle(claim, Withheld(Reason.NOT_CLEARED), pool.now)
    assert len(await pool.drive(at(MONDAY, 12))) == 3


@pytest.mark.parametrize(
    "cap",
    [
        WorkspaceChange(sending_domain_daily_limit=3),
        WorkspaceChange(recipient_domain_daily_limit=3),
        WorkspaceChange(recipient_domain_hourly_limit=3),
    ],
)
async def test_a_cap_of_the_workspace_holds_for_what_is_claimed(
    pool: WindowedPool, cap: WorkspaceChange
) -> None:
    """Nothing that was claimed before it was set goes by the old rule."""
    await pool.account("ada", 100)
    await pool.launch(20)
    claim = await pool.must_claim(pool.now, limit=10)
    await change(pool, cap)

    assert await pool.clear(claim, pool.now) == set()


async def test_a_window_that_moves_away_takes_along_what_is_claimed(pool: WindowedPool) -> None:
    """It was claimed in the old one, and waits for the new one."""
    await pool.account("ada", 100)
    campaign = await pool.launch(2)
    claim = await pool.must_claim(pool.now)
    await pool.patch(campaign, schedule={"hours": {"from": "20:00", "to": "21:00"}})
    requests = [clearance(claim, row)._replace(closes_at=row.closes_at) for row in claim.rows]

    cleared = await run(
        pool.database, pool.workspace_id, lambda uow: clear_messages(uow, requests, now=pool.now)
    )

    assert cleared == set()


async def test_what_a_window_was_claimed_in_is_not_sent_behind_its_end(pool: WindowedPool) -> None:
    """However long the server took to come to DATA."""
    await pool.account("ada", 100)
    await pool.launch(2, hours={"from": "08:00", "to": "09:00"})
    claim = await pool.must_claim(pool.now)
    requests = [clearance(claim, row)._replace(closes_at=row.closes_at) for row in claim.rows]
    nine = at(MONDAY, 9)

    cleared = await run(pool.database, pool.workspace_id, lambda uow: clear_messages(uow, requests, now=nine))

    assert cleared == set()


async def test_twenty_campaigns_share_one_large_claim_by_weight(pool: WindowedPool) -> None:
    """However little of each was read: the claim is smaller, and the shares are right."""
    await pool.account("ada", 1000)
    heavy = await pool.launch(300)
    await pool.patch(heavy, weight=100.0)
    for _ in range(19):
        await pool.launch(60)

    claim = await pool.must_claim(pool.now, limit=250)

    counts = Counter(row.campaign_id for row in claim.rows)
    assert len(claim.rows) >= 100
    assert abs(counts[heavy] - len(claim.rows) * 100 / 119) <= 1


async def test_a_domain_that_has_almost_had_enough_costs_no_campaign_its_share(pool: WindowedPool) -> None:
    """The oldest of one campaign may not go; what comes behind them is read before others have its turns."""
    await pool.account("ada", 1000)
    await change(pool, {"recipient_domain_daily_limit": 5})
    one, other = await pool.launch(0), await pool.launch(0)
    await pool.leads(one, 60, prefix="full", domain="full.test", now=pool.now - timedelta(hours=1))
    for number in range(40):
        await pool.leads(one, 1, prefix=f"one{number}", domain=f"one{number}.test", now=pool.now)
        await pool.leads(other, 1, prefix=f"other{number}", domain=f"other{number}.test", now=pool.now)

    counts: Counter[object] = Counter()
    while counts.total() < 40:
        claim = await pool.must_claim(pool.now, limit=20)
        counts.update(row.campaign_id for row in claim.rows)

    assert abs(counts[one] - counts[other]) <= 1


async def test_the_end_of_a_slow_letter_wakes_the_pool(pool: WindowedPool) -> None:
    """Its account was ready long before: nobody waits for the lease."""
    await pool.go_live()
    account = await pool.account("ada", 100_000)
    await pool.patch_account(account, pacing_mode="spread", min_gap_seconds=5.0)
    await pool.launch(10)
    while (claim := await pool.claim(pool.now)) is None:
        pool.now = max(pool.now, await pool.wake_at() or pool.now)
    await pool.clear(claim, pool.now)
    end = await pool.account_field(account, "next_send_at") + timedelta(seconds=2)
    assert await pool.claim(end) is None

    await pool.settle(claim, now=end, data_at=pool.now)

    assert await pool.wake_at() == end


async def test_follow_ups_are_not_hidden_by_first_steps_that_may_not_go(pool: WindowedPool) -> None:
    """The day's new leads are used up, and a hundred older ones wait."""
    await pool.account("ada", 1000)
    campaign = await pool.launch(0, steps=2)
    await pool.patch(campaign, new_leads_daily_limit=1)
    await pool.leads(campaign, 150, now=pool.now)
    (late,) = await pool.leads(campaign, 1, prefix="late", now=pool.now)
    await pool.settle(await pool.must_claim(pool.now), now=pool.now, data_at=pool.now)
    await pool.change("enrollments", late, position=1, due_at=pool.now + timedelta(minutes=1))

    claim = await pool.must_claim(pool.now + timedelta(hours=1))

    assert [row.enrollment_id for row in claim.rows] == [late]


async def test_an_account_that_lives_again_keeps_its_distance(pool: WindowedPool) -> None:
    """Removed and created anew a second after its letter, it waits out the ten minutes."""
    account = await pool.account("ada", 1000, gap=600)
    await pool.launch(5)
    claim = await pool.must_claim(pool.now)
    await pool.clear(claim, pool.now)
    await pool.settle(claim, now=pool.now, data_at=pool.now)
    await pool.remove(account)
    new = NewAccount("ada@acme.test", "Ada", settings={"min_gap_seconds": 600.0})
    keys = KeyRing({"test": bytes(32)})

    await run(
        pool.database,
        pool.workspace_id,
        lambda uow: create_sender_account(uow, new, key_ring=keys, now=pool.now),
    )

    assert await pool.account_field(account, "next_send_at") == pool.now + timedelta(seconds=600)


async def test_a_gap_that_is_taken_back_holds_nobody(pool: WindowedPool) -> None:
    """A day between two letters was a mistake; once it is undone the account sends."""
    account = await pool.account("ada", 1000, gap=86_400)
    await pool.launch(5)
    claim = await pool.must_claim(pool.now)
    await pool.clear(claim, pool.now)
    await pool.settle(claim, now=pool.now, data_at=pool.now)
    assert await pool.claim(pool.now) is None

    await pool.patch_account(account, min_gap_seconds=60.0)

    assert await pool.account_field(account, "next_send_at") == pool.now + timedelta(seconds=60)
