"""Right before DATA: what has changed since the claim forbids it, and nothing else does (R7)."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from leadterra.actions.claiming import Claim
from leadterra.actions.clearing import clear_messages
from leadterra.domain.outcomes import Reason, Withheld
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import LEASE, TestPool, clearance


@dataclass(frozen=True, slots=True)
class Scene:
    """Two messages claimed for one account; the tests look at the first."""

    pool: TestPool
    account: UUID
    campaign: UUID
    enrollment: UUID
    claim: Claim

    async def cleared(self, now: datetime = NOW) -> bool:
        """Whether the first may go."""
        return self.enrollment in await self.pool.clear(self.claim, now)


@pytest.fixture
async def scene(database: Database, workspace: UUID) -> Scene:
    """Claimed at `NOW` with a lease of a minute."""
    pool = TestPool(database, workspace)
    account = await pool.account("ada", 10)
    campaign = await pool.campaign(steps=2)
    first, _ = await pool.leads(campaign, 2)
    return Scene(pool, account, campaign, first, await pool.must_claim())


async def test_what_is_as_it_was_claimed_may_go_and_is_marked(scene: Scene) -> None:
    """`data_at` and the subject are written down before a byte of the letter leaves."""
    assert await scene.cleared(NOW + timedelta(seconds=5))
    assert await scene.pool.message(scene.enrollment, "data_at, subject") == (
        NOW + timedelta(seconds=5),
        "Hello",
    )


async def test_a_clearance_is_given_once(scene: Scene) -> None:
    """Asked again for the same message, the answer is no."""
    assert await scene.cleared()
    assert not await scene.cleared()


Change = Callable[[Scene], Awaitable[None]]


async def _pause_campaign(scene: Scene) -> None:
    await scene.pool.change("campaigns", scene.campaign, status="paused")


async def _remove_campaign(scene: Scene) -> None:
    await scene.pool.change("campaigns", scene.campaign, removed_at=NOW)


async def _pause_lead(scene: Scene) -> None:
    await scene.pool.change("enrollments", scene.enrollment, state="paused")


async def _remove_lead(scene: Scene) -> None:
    await scene.pool.change("enrollments", scene.enrollment, state="removed")


async def _reply(scene: Scene) -> None:
    await scene.pool.change("enrollments", scene.enrollment, state="replied")


async def _unsubscribe(scene: Scene) -> None:
    await scene.pool.change("enrollments", scene.enrollment, state="unsubscribed")


async def _suppress_address(scene: Scene) -> None:
    row = next(row for row in scene.claim.rows if row.enrollment_id == scene.enrollment)
    await scene.pool.suppress(row.email_key)


async def _suppress_domain(scene: Scene) -> None:
    await scene.pool.suppress("leads.test", "domain")


async def _pause_account(scene: Scene) -> None:
    await scene.pool.change("sender_accounts", scene.account, status="paused")


async def _warm_account(scene: Scene) -> None:
    await scene.pool.change("sender_accounts", scene.account, status="warming")


async def _remove_account(scene: Scene) -> None:
    await scene.pool.change("sender_accounts", scene.account, removed_at=NOW)


async def _lose_claim(scene: Scene) -> None:
    await scene.pool.execute("delete from claims where workspace_id = :w")


async def _claim_anew(scene: Scene) -> None:
    await scene.pool.claim(NOW + LEASE)


@pytest.mark.parametrize(
    "change",
    [
        *(
            _pause_campaign,
            _remove_campaign,
            _pause_lead,
            _remove_lead,
            _reply,
            _unsubscribe,
            _suppress_address,
            _suppress_domain,
        ),
        *(_pause_account, _warm_account, _remove_account, _lose_claim, _claim_anew),
    ],
    ids=lambda change: change.__name__.strip("_"),
)
async def test_what_was_stopped_meanwhile_does_not_go(scene: Scene, change: Change) -> None:
    """Refused, and not marked."""
    await change(scene)
    assert not await scene.cleared(NOW + timedelta(seconds=1))
    assert await scene.pool.message(scene.enrollment, "data_at") is None


async def test_only_what_was_stopped_is_refused(scene: Scene) -> None:
    """The other message of the batch goes."""
    await _suppress_address(scene)
    other = next(row.enrollment_id for row in scene.claim.rows if row.enrollment_id != scene.enrollment)
    assert await scene.pool.clear(scene.claim) == {other}


@pytest.mark.parametrize(
    ("now", "cleared"),
    [
        (NOW + LEASE - timedelta(milliseconds=1), True),
        (NOW + LEASE, False),
        (NOW + LEASE + timedelta(hours=1), False),
        (NOW + timedelta(days=1), False),
        (NOW - timedelta(days=1), False),
    ],
)
async def test_a_lease_is_good_until_its_end(scene: Scene, now: datetime, cleared: bool) -> None:
    """From that instant on anybody may have recovered the message; and it is of one UTC day only."""
    assert await scene.cleared(now) is cleared


@pytest.mark.parametrize(
    ("second", "cleared"), [(58.9, True), (59.0, False), (59.999, False), (60.0, False), (61.0, False)]
)
async def test_nothing_begins_as_the_day_closes_nor_with_yesterday_s_unit(
    database: Database, workspace: UUID, second: float, cleared: bool
) -> None:
    """Claimed half a minute before midnight: good until the last second, never after (R2)."""
    minute = datetime(2026, 3, 10, 23, 59, tzinfo=UTC)
    pool = TestPool(database, workspace)
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(now=NOW), 1)
    claim = await pool.must_claim(minute + timedelta(seconds=30))
    assert bool(await pool.clear(claim, minute + timedelta(seconds=second))) is cleared


async def test_another_claim_s_number_clears_nothing(scene: Scene) -> None:
    """The fence must be that of the claim that holds the message."""
    requests = [clearance(scene.claim, row) for row in scene.claim.rows]
    forged = [request._replace(fence=request.fence + 1) for request in requests]
    async with scene.pool.database.unit_of_work(scene.pool.workspace_id) as uow:
        assert await clear_messages(uow, forged, now=NOW) == set()


async def test_a_person_s_change_of_mind_is_respected(scene: Scene) -> None:
    """Paused and resumed before DATA: it goes."""
    await _pause_campaign(scene)
    await scene.pool.change("campaigns", scene.campaign, status="running")
    assert await scene.cleared()


async def test_a_limit_lowered_meanwhile_is_kept(database: Database, workspace: UUID) -> None:
    """Ten claimed of ten, three on the wire, the limit made five: those not yet begun are refused, and then
    two more go (R2).
    """
    pool = TestPool(database, workspace)
    account = await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 10)
    first, rest = await pool.must_claim(limit=3), await pool.must_claim()
    await pool.clear(first)
    await pool.change("sender_accounts", account, daily_limit=5)
    assert await pool.clear(rest) == set()
    await pool.settle(rest, Withheld(Reason.NOT_CLEARED))
    await pool.settle(first)
    again = await pool.must_claim()
    assert len(again.rows) == len(await pool.clear(again)) == 2


async def test_a_workspace_quota_lowered_meanwhile_is_kept(scene: Scene) -> None:
    """Two claimed, the quota made one: neither begins until one of them has been given back (R2)."""
    await scene.pool.execute("update workspaces set daily_quota = 1 where workspace_id = :w")
    assert await scene.pool.clear(scene.claim) == set()
