"""The breaker of accounts, over the database: probes, rests, and who may send meanwhile (R9)."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadterra.domain.outcomes import Answer, Command, Deferred, Ending, Reason, Refused, Scope, Withheld
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool

NO_SERVER = Deferred(Scope.SERVER, Answer(Command.CONNECT, None, None, "refused"))
WRONG_LOGIN = Refused(Scope.ACCOUNT, Answer(Command.AUTH, 535, "5.7.8", "no"), authentication=True)
DAILY = Deferred(Scope.ACCOUNT, Answer(Command.MAIL, 550, "5.4.5", "daily quota exceeded"), daily=True)
NO_MAILBOX = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))
FIRST_REST = timedelta(seconds=30)
MIDNIGHT = datetime.fromisoformat("2026-03-11T00:00:00Z")


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def tripped(pool: TestPool, leads: int = 20) -> UUID:
    """An account whose server was away a moment ago, with leads that wait for it."""
    account = await pool.account("ada", 100)
    await pool.leads(await pool.campaign(), leads)
    await pool.settle(await pool.must_claim(limit=5), NO_SERVER)
    return account


async def taken_at_once(pool: TestPool, now: datetime, workers: int = 6) -> int:
    """How many messages so many workers get that ask at the same moment, again and again."""
    claims = []
    for _ in range(4):
        claims += await asyncio.gather(*(pool.claim(now, worker=f"w{n}") for n in range(workers)))
    return sum(len(claim.rows) for claim in claims if claim)


async def test_an_open_account_sends_nothing(pool: TestPool) -> None:
    """Until its rest is over, whoever asks."""
    await tripped(pool)
    assert await taken_at_once(pool, NOW + FIRST_REST - timedelta(seconds=1)) == 0
    assert await pool.wake_at() == NOW + FIRST_REST


async def test_a_half_open_account_is_probed_with_one_letter(pool: TestPool) -> None:
    """Six workers at once, four times: one message."""
    await tripped(pool)
    assert await taken_at_once(pool, NOW + FIRST_REST) == 1


async def test_a_probe_that_fails_opens_it_again_for_longer(pool: TestPool) -> None:
    """Two minutes; then one letter again."""
    account = await tripped(pool)
    probed_at = NOW + FIRST_REST
    await pool.settle(await pool.must_claim(probed_at), NO_SERVER, probed_at)
    over = probed_at + timedelta(minutes=2)
    assert await pool.account_field(account, "failures, rest_until") == (2, over)
    assert await taken_at_once(pool, over - timedelta(seconds=1)) == 0
    assert await taken_at_once(pool, over) == 1


@pytest.mark.parametrize("ending", [TAKEN, NO_MAILBOX], ids=["taken", "no mailbox"])
async def test_a_probe_that_passes_closes_it(pool: TestPool, ending: Ending) -> None:
    """Everything that waits may go at once: it has healed by itself."""
    account = await tripped(pool)
    probed_at = NOW + FIRST_REST
    await pool.settle(await pool.must_claim(probed_at), ending, probed_at)
    assert await pool.account_field(account, "failures, rest_until, rest_reason") == (0, None, None)
    assert await taken_at_once(pool, probed_at) == 19


async def test_a_probe_that_never_began_leaves_it_half_open(pool: TestPool) -> None:
    """Its worker stopped: another letter is the probe, one again."""
    await tripped(pool)
    probed_at = NOW + FIRST_REST
    await pool.settle(await pool.must_claim(probed_at), Withheld(Reason.DRAINED), probed_at)
    assert await taken_at_once(pool, probed_at) == 1


async def test_a_probe_whose_worker_died_is_followed_by_one_other(pool: TestPool) -> None:
    """When its lease has run out, and not before."""
    await tripped(pool)
    probed_at = NOW + FIRST_REST
    await pool.must_claim(probed_at)
    assert await taken_at_once(pool, probed_at + timedelta(seconds=59)) == 0
    assert await taken_at_once(pool, probed_at + timedelta(seconds=60)) == 1


async def test_letters_that_were_in_flight_when_it_opened_are_waited_for(pool: TestPool) -> None:
    """No probe goes beside them, for each of them may be one."""
    await pool.account("ada", 100)
    await pool.leads(await pool.campaign(), 20)
    first, second = await pool.must_claim(limit=2), await pool.must_claim(limit=3)
    await pool.settle(first, NO_SERVER)
    assert await taken_at_once(pool, NOW + FIRST_REST) == 0
    await pool.settle(second, NO_SERVER, NOW + timedelta(seconds=5))
    assert await taken_at_once(pool, NOW + FIRST_REST) == 1


async def test_other_accounts_go_on_meanwhile(pool: TestPool) -> None:
    """One sick mailbox delays nobody."""
    await tripped(pool)
    other = await pool.account("bob", 100)
    assert {row.sender_account_id for row in (await pool.must_claim()).rows} == {other}


async def test_the_providers_quota_defers_to_tomorrow_without_a_probe(pool: TestPool) -> None:
    """Nothing until midnight; then as many as there are."""
    await pool.account("ada", 100)
    await pool.leads(await pool.campaign(), 20)
    await pool.settle(await pool.must_claim(limit=2), DAILY)
    assert await taken_at_once(pool, MIDNIGHT - timedelta(minutes=5)) == 0
    assert await taken_at_once(pool, MIDNIGHT) == 20


async def test_a_quota_told_by_a_probe_leaves_the_account_half_open(pool: TestPool) -> None:
    """Tomorrow begins with one letter: nobody knows whether its server works."""
    account = await tripped(pool)
    probed_at = NOW + FIRST_REST
    await pool.settle(await pool.must_claim(probed_at), DAILY, probed_at)
    assert await pool.account_field(account, "failures, rest_until") == (1, MIDNIGHT)
    assert await taken_at_once(pool, MIDNIGHT) == 1


async def test_a_warming_account_whose_login_is_refused_is_paused_too(pool: TestPool) -> None:
    """What was in flight when it was set to warming tells as much."""
    account = await pool.account("ada", 100)
    await pool.leads(await pool.campaign(), 3)
    await pool.change("sender_accounts", account, failures=2, rest_reason="auth_failed")
    claim = await pool.must_claim()
    await pool.change("sender_accounts", account, status="warming")
    await pool.settle(claim, WRONG_LOGIN)
    assert await pool.account_field(account, "status, status_reason") == ("paused", "auth_failed")
    assert [data["protocol"] for kind, data in await pool.events() if kind == "sender.paused"] == ["smtp"]
