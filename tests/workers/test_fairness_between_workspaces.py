"""One worker, a workspace with much to send or with servers that hang, and another."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from leadterra.actions.ports import Attempt, Clear, Submission
from leadterra.mail.letter import Letter
from leadterra.store.database import Database
from leadterra.store.ids import new_id, new_ids
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool
from tests.support.sending import LIMITS, Setting, until_state, working
from tests.support.smtp_fakes import FakeCourier
from tests.support.waiting import eventually


async def test_a_workspace_with_much_to_send_does_not_delay_another(
    own_database: Database, own_workspace: UUID, clock: ManualClock
) -> None:
    """The ten that become due later go out among the next few hundred of the other's thousands."""
    big = TestPool(own_database, own_workspace)
    small = TestPool(own_database, await _new_workspace(own_database))
    for name in ("ada", "bob", "cid", "dan"):
        await big.account(name, 100_000)
    await small.account("eve", 100)
    await big.leads(await big.campaign(), 1500)
    campaign = await small.campaign()
    courier = FakeCourier(clock)

    def count(sender: str | None = None) -> int:
        found = [letter for _, letter in courier.delivered if sender in (None, letter.sender.address)]
        return len(found)

    async with working(big, clock, courier):
        await eventually(lambda: count() >= 200, what="the big one to be under way")
        await small.leads(campaign, 10)
        before = count()
        await eventually(lambda: count("eve@acme.test") == 10, what="the ten of the small one")
        passed = count() - before
        await eventually(lambda: count() == 1510, seconds=60, what="all of them")
    assert passed < 1000


class Tarpit(FakeCourier):
    """The servers of one workspace hang; those of others take letters."""

    def __init__(self, clock: ManualClock, accounts: set[UUID]) -> None:
        super().__init__(clock)
        self.accounts, self.free = accounts, asyncio.Event()

    async def deliver(self, submission: Submission, letter: Letter, clear: Clear) -> Attempt:
        """See `ports.Courier`."""
        if submission.account_id in self.accounts:
            await self.free.wait()
        return await super().deliver(submission, letter, clear)


async def test_a_workspace_whose_servers_all_hang_does_not_stop_another(
    own_database: Database, own_workspace: UUID, clock: ManualClock
) -> None:
    """Each leaves room for the others in every worker, however many accounts it has."""
    pool = TestPool(own_database, own_workspace)
    other = TestPool(own_database, await _new_workspace(own_database))
    accounts = {await pool.account(f"a{number}", 500) for number in range(20)}
    await pool.leads(await pool.campaign(), 100)
    await other.account("bob", 50)
    courier = Tarpit(clock, accounts)
    async with working(pool, clock, courier, setting=Setting(replace(LIMITS, in_flight=40))) as [worker]:
        await eventually(lambda: worker.in_flight >= 30)
        await other.leads(await other.campaign(), 5)
        try:
            await until_state(other, "finished", 5)
        finally:
            courier.free.set()


async def _new_workspace(database: Database) -> UUID:
    workspace_id = new_id(NOW)
    async with database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, "small", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    return workspace_id


async def test_a_workspace_whose_claim_fails_is_left_alone_for_a_while(
    own_database: Database, own_workspace: UUID, clock: ManualClock
) -> None:
    """A fault of ours (an enrollment with more messages than it may have) is not met at every look."""
    pool = TestPool(own_database, own_workspace)
    account = await pool.account("ada", 10)
    campaign = await pool.campaign()
    (enrollment,) = await pool.leads(campaign, 1)
    await pool.execute(
        "insert into messages (workspace_id, enrollment_id, step_id, id, campaign_id, lead_id, step_position,"
        " sender_account_id, state, fence, day, created_at, claimed_at, settled_at)"
        " select :w, :enrollment, step, step, :campaign, step, 0, :account, 'cancelled', 0, '2026-03-10',"
        " :now, :now, :now from unnest(:steps::uuid[]) as s (step)",
        enrollment=enrollment,
        campaign=campaign,
        account=account,
        steps=list(new_ids(NOW, 63)),
        now=NOW,
    )

    async def is_put_off() -> bool:
        rows = await pool.ask("select wake_at from sender_pools where workspace_id = :w")
        return bool(rows[0][0] == NOW + timedelta(minutes=1))

    async with working(pool, clock, FakeCourier(clock)):
        await eventually(is_put_off, what="the pool to be put off")
    assert await pool.states() == {"waiting": 1}
