"""The statements of a settlement: whose a message is, and what moves in the ledger."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.actions.claiming import Claim
from leadterra.store.database import Database
from leadterra.store.settlements import (
    HealthChange,
    OpenMessage,
    UnitChange,
    find_uncertain,
    list_health,
    list_suppressed_leads,
    lock_messages,
    save_health,
    save_units,
)
from tests.support.clock import NOW
from tests.support.pools import TestPool


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def claimed(pool: TestPool, *, steps: int = 2, count: int = 1) -> Claim:
    """Leads of one campaign, on their way."""
    await pool.account("ada", 10)
    await pool.leads(await pool.campaign(steps=steps, delay_days=1.5), count)
    return await pool.must_claim()


async def found(pool: TestPool, keys: Sequence[tuple[UUID, UUID, int]]) -> list[OpenMessage]:
    """What may be settled under these keys."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        return await lock_messages(uow, keys)


def keys(claim: Claim, *, fence: int | None = None) -> list[tuple[UUID, UUID, int]]:
    """(enrollment, step, fence) of a claim's messages."""
    return [(row.enrollment_id, row.step_id, fence or claim.number) for row in claim.rows if row.step_id]


@pytest.mark.parametrize(
    ("state", "count"),
    [
        ("sending", 1),
        ("uncertain", 1),
        ("sent", 0),
        ("queued", 0),
        ("deferred", 0),
        ("refused", 0),
        ("cancelled", 0),
        ("bounced", 0),
    ],
)
async def test_only_what_is_in_flight_or_uncertain_can_be_settled(
    pool: TestPool, state: str, count: int
) -> None:
    """By whoever has its fence."""
    claim = await claimed(pool)
    await pool.execute(
        "update messages set state = :s, settled_at = case when :s = 'sending' then null else created_at end"
        " where workspace_id = :w",
        s=state,
    )
    assert len(await found(pool, keys(claim))) == count
    assert await found(pool, keys(claim, fence=claim.number + 1)) == []


async def test_a_message_comes_with_what_its_settlement_depends_on(pool: TestPool) -> None:
    """The delay of the step behind it; none behind the last."""
    claim = await claimed(pool)
    [message] = await found(pool, keys(claim))
    assert (message.state, message.next_delay_days, message.sent_position) == ("sending", 1.5, 0)
    await pool.settle(claim)
    last = await pool.must_claim(NOW + timedelta(days=2))
    [message] = await found(pool, keys(last))
    assert (message.next_delay_days, message.sent_position) == (None, 1)


async def test_messages_are_locked_in_one_order(pool: TestPool) -> None:
    """However they are asked for: two settlers wait for each other and do not deadlock."""
    claim = await claimed(pool, count=9)
    asked = keys(claim)
    assert [m.enrollment_id for m in await found(pool, asked)] == [
        m.enrollment_id for m in await found(pool, asked[::-1])
    ]


async def test_a_message_of_an_erased_lead_can_still_be_settled(pool: TestPool) -> None:
    """Its unit must not stay reserved because a person is gone."""
    claim = await claimed(pool)
    await pool.execute("update enrollments set state = 'removed' where workspace_id = :w")
    await pool.execute("delete from leads where workspace_id = :w")
    assert len(await found(pool, keys(claim))) == 1


async def test_units_move_in_the_day_and_account_that_is_named(pool: TestPool) -> None:
    """And nowhere else."""
    claim = await claimed(pool, count=3)
    account = claim.rows[0].sender_account_id
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await save_units(
            uow,
            [
                UnitChange(NOW.date(), account, 1, 1, -2),
                UnitChange(NOW.date() + timedelta(days=1), account, 5, 5, 5),
            ],
        )
    assert await pool.ask("select day, sent, uncertain, reserved from ledger where workspace_id = :w") == [
        (NOW.date(), 1, 1, 1)
    ]


async def test_only_an_uncertain_message_is_found_for_a_person(pool: TestPool) -> None:
    """By its id; not while it is on its way."""
    claim = await claimed(pool)
    enrollment = claim.rows[0].enrollment_id
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        assert await find_uncertain(uow, enrollment, claim.message_ids[enrollment]) is None
    await pool.execute(
        "update messages set state = 'uncertain', settled_at = created_at where workspace_id = :w"
    )
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        assert await find_uncertain(uow, enrollment, claim.message_ids[enrollment]) == (
            claim.rows[0].step_id,
            claim.number,
        )


async def test_health_is_saved_and_a_status_left_alone_unless_given(pool: TestPool) -> None:
    """A person's pause is not undone by a letter that ends after it."""
    ada = await pool.account("ada", 10, status="paused")
    rest = NOW + timedelta(minutes=5)
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await save_health(uow, [HealthChange(ada, 2, rest, "slow", None, None, None)], now=NOW)
        [row] = await list_health(uow, [ada])
    assert (row.failures, row.rest_until, row.rest_reason, row.status) == (2, rest, "slow", "paused")


@pytest.mark.parametrize(
    ("value", "kind", "suppressed"),
    [
        ("lead00000@leads.test", "email", True),
        ("leads.test", "domain", True),
        ("other@leads.test", "email", False),
        ("test", "domain", False),
    ],
)
async def test_a_lead_is_suppressed_by_its_address_or_its_domain(
    pool: TestPool, value: str, kind: str, suppressed: bool
) -> None:
    """By the same hash that the program makes of them."""
    await pool.leads(await pool.campaign(), 1)
    await pool.suppress(value, "email" if kind == "email" else "domain")
    [(lead,)] = await pool.ask("select id from leads where workspace_id = :w")
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        assert await list_suppressed_leads(uow, [lead]) == ([lead] if suppressed else [])
