"""How an action is run: all or nothing, and again where the database undid it."""

import asyncio
import random
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import psycopg
import pytest
from psycopg import errors

from leadterra.actions.running import run
from leadterra.domain.outcomes import Answer, Command, Deferred, Ending, Reason, Scope, Uncertain, Withheld
from leadterra.store.database import Database, UnitOfWork
from tests.support.clock import NOW
from tests.support.pools import LEASE, TAKEN, TestPool

NAME = "select name from workspaces where workspace_id = %(workspace_id)s"
RENAME = "update workspaces set name = %(name)s where workspace_id = %(workspace_id)s"


async def name_of(database: Database, workspace: UUID) -> str:
    """As another transaction sees it."""
    async with database.unit_of_work(workspace) as uow:
        found: str = await uow.value(NAME)
        return found


async def test_what_an_action_did_is_kept_and_its_result_returned(
    database: Database, workspace: UUID
) -> None:
    """Once it has returned."""

    async def action(uow: UnitOfWork) -> str:
        await uow.execute(RENAME, name="kept")
        return "done"

    assert await run(database, workspace, action) == "done"
    assert await name_of(database, workspace) == "kept"


async def test_a_dry_run_returns_the_result_and_keeps_nothing(database: Database, workspace: UUID) -> None:
    """Whatever it wrote."""
    before = await name_of(database, workspace)

    async def action(uow: UnitOfWork) -> str:
        await uow.execute(RENAME, name="dry")
        found: str = await uow.value(NAME)
        return found

    assert await run(database, workspace, action, dry_run=True) == "dry"
    assert await name_of(database, workspace) == before


async def test_what_an_action_raises_passes_through_and_nothing_is_kept(
    database: Database, workspace: UUID
) -> None:
    """Nor is it tried again."""
    before, tries = await name_of(database, workspace), 0

    async def action(uow: UnitOfWork) -> None:
        nonlocal tries
        tries += 1
        await uow.execute(RENAME, name="lost")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await run(database, workspace, action)
    assert (await name_of(database, workspace), tries) == (before, 1)


@pytest.mark.parametrize("kind", [errors.DeadlockDetected, errors.SerializationFailure])
async def test_an_action_that_the_database_undid_is_run_again(
    database: Database, workspace: UUID, kind: type[psycopg.Error]
) -> None:
    """In a transaction of its own each time."""
    tries = 0

    async def action(uow: UnitOfWork) -> int:
        nonlocal tries
        tries += 1
        await uow.execute(RENAME, name=f"try {tries}")
        if tries < 4:
            raise kind("undone")
        return tries

    assert await run(database, workspace, action) == 4
    assert await name_of(database, workspace) == "try 4"


async def test_four_tries_are_enough(database: Database, workspace: UUID) -> None:
    """The fifth is the caller's business."""
    tries = 0

    async def action(uow: UnitOfWork) -> None:
        nonlocal tries
        tries += 1
        raise errors.DeadlockDetected("undone")

    with pytest.raises(errors.DeadlockDetected):
        await run(database, workspace, action)
    assert tries == 4


async def test_two_that_lock_in_opposite_orders_both_end(database: Database, workspace: UUID) -> None:
    """A deadlock that PostgreSQL found: it undoes one, which then runs again (40P01)."""
    met = asyncio.Barrier(2)
    pool = TestPool(database, workspace)
    ada, bob = await pool.account("ada", 1), await pool.account("bob", 1)
    tries = 0

    async def lock(uow: UnitOfWork, account: UUID) -> None:
        await uow.rows(
            "select 1 from sender_accounts where workspace_id = %(workspace_id)s and id = %(id)s for update",
            id=account,
        )

    async def both(one: UUID, other: UUID) -> None:
        async def action(uow: UnitOfWork) -> None:
            nonlocal tries
            tries += 1
            await lock(uow, one)
            if tries <= 2:
                await met.wait()
            await lock(uow, other)

        await run(database, workspace, action)

    await asyncio.gather(both(ada, bob), both(bob, ada))
    assert tries > 2


_ENDINGS: list[Ending] = [
    TAKEN,
    Withheld(Reason.NOT_CLEARED),
    Uncertain(Answer(Command.BODY, None, None, "closed")),
    Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, None, "later")),
]


async def _work(pool: TestPool, now: datetime, limit: int, dice: random.Random) -> None:
    claim = await pool.claim(now, limit=limit)
    if claim:
        await pool.clear(claim, now)
        await pool.settle(claim, lambda row: dice.choice(_ENDINGS), now + timedelta(seconds=1), data_at=now)


async def _abandon(pool: TestPool, now: datetime) -> None:
    claim = await pool.claim(now, limit=3)
    if claim:
        await pool.clear(claim, now)


async def _turn(uow: UnitOfWork, sql: str, row_id: UUID) -> None:
    await uow.lock_pool()
    await uow.execute(sql, row_id=row_id)


@pytest.mark.parametrize("seed", range(3))
async def test_no_deadlock_escapes_a_mixture_of_everything(
    database: Database, workspace: UUID, seed: int
) -> None:
    """Claims, clearances, settlements, recoveries, pauses and edits at once, for ten rounds; the books are
    right afterwards.
    """
    rng = random.Random(seed)
    pool = TestPool(database, workspace)
    accounts = [await pool.account(name, 40) for name in ("ada", "bob")]
    enrollments = await pool.leads(await pool.campaign(steps=2, delay_days=0), 60)
    now = NOW
    where = "where workspace_id = %(workspace_id)s and id = %(row_id)s"
    flip = "case status when 'active' then 'paused' else 'active' end"
    pause = f"update sender_accounts set status = {flip} {where}"
    stop = f"update enrollments set state = 'paused' {where} and state in ('waiting', 'sending')"
    for _ in range(10):
        account, enrollment = rng.choice(accounts), rng.choice(enrollments)
        await asyncio.gather(
            _work(pool, now, rng.randint(1, 9), random.Random(rng.random())),
            _work(pool, now, rng.randint(1, 9), random.Random(rng.random())),
            _abandon(pool, now),
            run(database, workspace, partial(_turn, sql=pause, row_id=account)),
            run(database, workspace, partial(_turn, sql=stop, row_id=enrollment)),
        )
        now += LEASE / 2
    await pool.check_books()
