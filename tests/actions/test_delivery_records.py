"""What comes back of an account's messages, and who complains, warns and pauses (R9)."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.actions.account_condition import Condition, read_condition
from leadterra.actions.delivery_records import judge_bounces, note_complaint
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import activate_sender_account, pause_sender_account
from leadterra.domain.outcomes import Answer, Command, Deferred, Ending, Reason, Refused, Scope, Withheld
from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool

NO_MAILBOX = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))
NO_SERVER = Deferred(Scope.SERVER, Answer(Command.CONNECT, None, None, "refused"))
MINUTE = timedelta(minutes=1)


class Mailing:
    """One account that sends to a campaign's leads, batch by batch, a minute apart."""

    def __init__(self, pool: TestPool, account: UUID, campaign: UUID) -> None:
        self.pool, self.account, self.campaign, self.now = pool, account, campaign, NOW

    async def send(self, *endings: Ending) -> list[UUID]:
        """As many messages as there are endings, in one batch; their enrollments."""
        self.now += MINUTE
        prefix = f"at{(self.now - NOW).total_seconds():.0f}-"
        enrollments = await self.pool.leads(self.campaign, len(endings), prefix=prefix, now=self.now)
        claim = await self.pool.must_claim(self.now, limit=len(endings))
        by_lead = dict(zip([row.enrollment_id for row in claim.rows], endings, strict=True))
        await self.pool.settle(claim, lambda row: by_lead[row.enrollment_id], self.now)
        return enrollments

    async def return_later(self, enrollments: list[UUID]) -> None:
        """Reports about messages that were taken come in."""
        self.now += MINUTE
        async with self.pool.database.unit_of_work(self.pool.workspace_id) as uow:
            await uow.lock_pool()
            await uow.execute(
                "update messages set state = 'bounced'"
                " where workspace_id = %(workspace_id)s and enrollment_id = any(%(ids)s)",
                ids=enrollments,
            )
            await judge_bounces(uow, [self.account], now=self.now)

    async def complain(self, enrollment: UUID | None = None, step: UUID | None = None) -> bool:
        """A complaint comes in; whether it is a new one."""
        return await run(
            self.pool.database,
            self.pool.workspace_id,
            lambda uow: note_complaint(uow, self.account, enrollment, step, now=self.now),
        )

    async def activate(self) -> None:
        """A person has looked."""
        self.now += MINUTE
        await run(
            self.pool.database,
            self.pool.workspace_id,
            lambda uow: activate_sender_account(uow, self.account, now=self.now),
        )

    async def pause(self) -> None:
        """A person wants a rest."""
        await run(
            self.pool.database,
            self.pool.workspace_id,
            lambda uow: pause_sender_account(uow, self.account, now=self.now),
        )

    async def status(self) -> tuple[str, str | None]:
        """Status and its reason."""
        found: tuple[str, str | None] = await self.pool.account_field(self.account, "status, status_reason")
        return found

    async def condition(self) -> Condition:
        """As the API shows it."""
        async with self.pool.database.unit_of_work(self.pool.workspace_id) as uow:
            found = await read_condition(uow, self.account, now=self.now)
        assert found is not None
        return found


@pytest.fixture
async def mailing(database: Database, workspace: UUID) -> Mailing:
    """The test's own."""
    pool = TestPool(database, workspace)
    return Mailing(pool, await pool.account("ada", 10_000), await pool.campaign())


ACTIVE = ("active", None)
PAUSED = ("paused", "bounce_rate")


async def test_five_percent_pause_and_say_so(mailing: Mailing) -> None:
    """Ten of two hundred; nine were not enough. The event has the reason, and the pool is looked at."""
    await mailing.send(*[TAKEN] * 190, *[NO_MAILBOX] * 9)
    assert await mailing.status() == ACTIVE
    await mailing.send(NO_MAILBOX)
    assert await mailing.status() == PAUSED
    events = [data["reason"] for kind, data in await mailing.pool.events() if kind == "sender.paused"]
    assert events == ["bounce_rate"]
    assert await mailing.pool.account_field(mailing.account, "lost_at") == mailing.now
    await mailing.pool.check_books(now=mailing.now)


async def test_what_was_claimed_for_it_does_not_go_out_any_more(mailing: Mailing) -> None:
    """It is refused its clearance, and another account goes on with it (R7, R4)."""
    await mailing.send(*[TAKEN] * 18)
    enrollments = await mailing.pool.leads(mailing.campaign, 1, prefix="late", now=mailing.now)
    claim = await mailing.pool.must_claim(mailing.now)
    mailing.now -= MINUTE / 2  # its lease goes on
    await mailing.send(NO_MAILBOX, NO_MAILBOX)
    assert await mailing.status() == PAUSED
    assert await mailing.pool.clear(claim, mailing.now) == set()
    await mailing.pool.settle(claim, Withheld(Reason.NOT_CLEARED), mailing.now)
    other = await mailing.pool.account("bob", 10)
    taken = await mailing.pool.must_claim(mailing.now)
    assert [(row.enrollment_id, row.sender_account_id) for row in taken.rows] == [(enrollments[0], other)]


async def test_fewer_than_twenty_are_not_judged(mailing: Mailing) -> None:
    """Nineteen, all of them bounced."""
    await mailing.send(*[NO_MAILBOX] * 19)
    assert await mailing.status() == ACTIVE
    assert (await mailing.condition()).score is None


async def test_the_twentieth_is_judged_though_it_was_taken(mailing: Mailing) -> None:
    """An account with bounces and too little to judge is watched."""
    await mailing.send(*[NO_MAILBOX] * 3, *[TAKEN] * 16)
    assert await mailing.pool.account_field(mailing.account, "is_watched")
    await mailing.send(TAKEN)
    assert await mailing.status() == PAUSED


async def test_a_good_account_is_watched_no_more(mailing: Mailing) -> None:
    """One of twenty-one; nothing looks at it again before the next bounce."""
    await mailing.send(NO_MAILBOX, *[TAKEN] * 18)
    await mailing.send(TAKEN, TAKEN)
    assert await mailing.status() == ACTIVE
    assert not await mailing.pool.account_field(mailing.account, "is_watched")


async def test_only_the_last_two_hundred_count(mailing: Mailing) -> None:
    """A bad day long ago is over: it was less than 5 % then, and is nothing now."""
    await mailing.send(*[TAKEN] * 200, *[NO_MAILBOX] * 9)
    await mailing.send(*[TAKEN] * 200)
    await mailing.send(NO_MAILBOX)
    condition = await mailing.condition()
    assert (condition.record.endings, condition.record.bounces) == (200, 1)


async def test_what_has_not_ended_or_failed_for_other_reasons_is_not_counted(mailing: Mailing) -> None:
    """A server that is away bounces nothing."""
    await mailing.send(*[TAKEN] * 20)
    await mailing.send(*[NO_SERVER] * 20)
    record = (await mailing.condition()).record
    assert (record.endings, record.bounces) == (20, 0)


async def test_reports_that_come_later_count_as_well(mailing: Mailing) -> None:
    """Taken by the account's own server, and sent back by the recipient's."""
    sent = await mailing.send(*[TAKEN] * 100)
    await mailing.return_later(sent[:4])
    assert (await mailing.condition()).warnings == ["bounce_rate"]
    await mailing.return_later(sent[4:5])
    assert await mailing.status() == PAUSED


async def test_the_same_report_twice_changes_nothing(mailing: Mailing) -> None:
    """One pause, one event."""
    sent = await mailing.send(*[TAKEN] * 20)
    await mailing.return_later(sent[:2])
    await mailing.return_later(sent[:2])
    kinds = [kind for kind, _ in await mailing.pool.events()]
    assert kinds.count("sender.paused") == 1


async def test_many_judges_at_once_pause_once(mailing: Mailing) -> None:
    """On connections of their own."""
    sent = await mailing.send(*[TAKEN] * 40)
    await asyncio.gather(*(mailing.return_later(sent[n : n + 1]) for n in range(6)))
    kinds = [kind for kind, _ in await mailing.pool.events()]
    assert (await mailing.status(), kinds.count("sender.paused")) == (PAUSED, 1)


async def test_a_pause_by_rate_does_not_heal_by_itself(mailing: Mailing) -> None:
    """A month later it is paused still: a person must look."""
    await mailing.send(*[NO_MAILBOX] * 20)
    await mailing.pool.leads(mailing.campaign, 1, prefix="late", now=NOW + timedelta(days=30))
    assert await mailing.pool.claim(NOW + timedelta(days=30)) is None


async def test_after_a_person_has_looked_old_bounces_do_not_pause_again(mailing: Mailing) -> None:
    """Neither those that were counted, nor reports about what was sent before; health is measured anew."""
    sent = await mailing.send(*[TAKEN] * 30)
    await mailing.send(*[NO_MAILBOX] * 10)
    await mailing.activate()
    assert (await mailing.condition()).score is None
    await mailing.return_later(sent[:10])
    await mailing.send(*[TAKEN] * 10, NO_MAILBOX)
    assert await mailing.status() == ACTIVE


async def test_there_is_no_blind_period_after_it(mailing: Mailing) -> None:
    """The second bounce of the first few letters pauses again."""
    await mailing.send(*[NO_MAILBOX] * 20)
    await mailing.activate()
    await mailing.send(TAKEN, NO_MAILBOX)
    assert await mailing.status() == ACTIVE
    await mailing.send(NO_MAILBOX)
    assert await mailing.status() == PAUSED


async def test_who_pauses_and_activates_by_hand_is_judged_as_before(mailing: Mailing) -> None:
    """Only a pause for what came back begins anew: else it were a way around."""
    await mailing.send(*[TAKEN] * 190, *[NO_MAILBOX] * 9)
    await mailing.pause()
    await mailing.activate()
    await mailing.send(NO_MAILBOX)
    assert await mailing.status() == PAUSED


async def test_three_complaints_in_a_thousand_pause(mailing: Mailing) -> None:
    """One warns, however many messages there were."""
    await mailing.send(*[TAKEN] * 20)
    found = []
    for _ in range(3):
        await mailing.complain()
        found.append(((await mailing.status())[1], (await mailing.condition()).warnings))
    assert found == [
        (None, ["complaint_rate"]),
        (None, ["complaint_rate"]),
        ("complaint_rate", ["complaint_rate"]),
    ]


async def test_the_same_complaint_counts_once(mailing: Mailing) -> None:
    """A report that is read again is about the same letter."""
    [lead] = await mailing.send(TAKEN)
    [(step,)] = await mailing.pool.ask("select step_id from messages where workspace_id = :w")
    assert [await mailing.complain(lead, step) for _ in range(5)] == [True, False, False, False, False]
    assert (await mailing.condition()).record.complaints == 1


async def test_complaints_are_forgotten_after_a_thousand_messages(mailing: Mailing) -> None:
    """What was complained of before the last thousand is another account's past."""
    await mailing.send(TAKEN)
    await mailing.complain()
    for _ in range(2):
        await mailing.send(*[TAKEN] * 500)
    assert (await mailing.condition()).record.complaints == 0


async def test_the_cost_of_a_look_does_not_grow_with_what_waits(mailing: Mailing) -> None:
    """Of each account at most a thousand messages are looked at: behind them nothing is found."""
    await mailing.send(*[TAKEN] * 30)
    await mailing.pool.execute(
        "insert into messages (workspace_id, enrollment_id, step_id, id, campaign_id, lead_id, step_position,"
        " sender_account_id, state, fence, day, created_at, claimed_at, settled_at)"
        " select workspace_id, gen_random_uuid(), step_id, gen_random_uuid(), campaign_id, lead_id, 0,"
        " sender_account_id, 'deferred', 0, day, :later, :later, :later"
        " from messages cross join generate_series(1, 40) where workspace_id = :w",
        later=NOW + timedelta(days=1),
    )
    assert (await mailing.condition()).record.endings == 0
