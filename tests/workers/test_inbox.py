"""The inbox worker: what comes into mailboxes is read once, by one process at a time, and none of them delays
another.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.actions.ports import MailAccess, MailboxSession, Security
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.mailboxes import MailboxAccount, keep_mailbox
from leadterra.store.workers import record_worker
from leadterra.transport.scripted_mailboxes import ScriptedMailbox, ScriptedMailboxes
from leadterra.workers.inbox import InboxLimits, InboxWorker
from leadterra.workers.mailbox_reading import LOOK_BACK, Desk, Pace
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool
from tests.support.returning import Mailroom as Letters
from tests.support.waiting import eventually

LEASE = timedelta(seconds=60)


@dataclass
class Office:
    """A pool whose accounts have scripted mailboxes, and the workers that read them."""

    pool: TestPool
    clock: ManualClock
    servers: ScriptedMailboxes
    accounts: dict[str, UUID] = field(default_factory=dict)
    enrollments: dict[str, UUID] = field(default_factory=dict)

    async def mailbox(self, name: str) -> ScriptedMailbox:
        """An account with a mailbox, whose only lead was sent a message."""
        account_id = await self.pool.account(name, 10)
        await self.pool.execute(
            "update sender_accounts set imap_host = 'imap.test', imap_port = 143, imap_security = 'none',"
            " imap_username = :name where workspace_id = :w and id = :id",
            id=account_id,
            name=name,
        )
        async with self.pool.database.unit_of_work(self.pool.workspace_id) as uow:
            await keep_mailbox(uow, account_id, is_read=True)
        self.accounts[name] = account_id
        return self.servers.mailbox(name)

    async def campaign(self, leads: int = 1) -> list[UUID]:
        """Leads that were all sent the first of two steps."""
        await self.pool.execute(
            "update sender_pools set message_domain = 'acme.test' where workspace_id = :w"
        )
        enrollments = await self.pool.leads(await self.pool.campaign(steps=2), leads)
        claim = await self.pool.must_claim()
        await self.pool.clear(claim)
        await self.pool.settle(claim, data_at=NOW)
        return enrollments

    async def answer(self, enrollment: UUID, text: str = "Sounds good, tell me more.") -> bytes:
        """What a person answers to what was sent last."""
        identifier = await Letters(self.pool, next(iter(self.accounts.values()))).message_id(enrollment)
        head = f"From: Lead <lead@else.test>\r\nSubject: Re: Hello\r\nIn-Reply-To: {identifier}\r\n"
        return f"{head}Message-ID: <{new_id(NOW)}@else.test>\r\n\r\n{text}\r\n".encode()

    def worker(self, name: str = "one", *, most: int = 100, pace: Pace | None = None) -> InboxWorker:
        """A process's part."""

        async def open_mailbox(workspace_id: UUID, account: MailboxAccount) -> MailboxSession:
            name = account.imap_username or ""
            return await self.servers.open(MailAccess(account.id, "imap.test", 143, Security.NONE, name, "x"))

        desk = Desk(self.pool.database, self.clock, pace or Pace())
        return InboxWorker(name, desk, open_mailbox, InboxLimits(most, LEASE, poll=0.01))

    async def state(self, enrollment: UUID) -> str:
        """Of an enrollment."""
        found: str = await self.pool.enrollment(enrollment)
        return found

    async def is_in(self, enrollment: UUID, state: str) -> bool:
        """Whether it is that."""
        return await self.state(enrollment) == state

    async def replies(self) -> int:
        """How many letters were written down."""
        rows = await self.pool.ask("select count(*)::int from replies where workspace_id = :w")
        return int(rows[0][0])


@pytest.fixture
def office(own_database: Database, own_workspace: UUID, clock: ManualClock) -> Office:
    """In a database of its own: workers look into every workspace."""
    return Office(TestPool(own_database, own_workspace), clock, ScriptedMailboxes(clock))


@asynccontextmanager
async def working(*workers: InboxWorker) -> AsyncIterator[None]:
    """They read until the block ends."""
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        await asyncio.gather(*tasks)


async def test_an_answer_stops_the_lead(office: Office) -> None:
    """What was there already, and what comes while the mailbox is open."""
    mailbox = await office.mailbox("ada")
    before, after = await office.campaign(2)
    mailbox.deliver(await office.answer(before))

    async with working(office.worker()):
        await eventually(lambda: office.is_in(before, "replied"))
        mailbox.deliver(await office.answer(after))
        await eventually(lambda: office.is_in(after, "replied"))


async def test_answers_in_the_junk_folder_count(office: Office) -> None:
    """A person's answer may be taken for spam."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    mailbox.deliver(await office.answer(enrollment), "Junk")

    async with working(office.worker()):
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_a_restart_neither_misses_nor_repeats_a_letter(office: Office) -> None:
    """What came meanwhile is read, and nothing twice."""
    mailbox = await office.mailbox("ada")
    first, second = await office.campaign(2)
    mailbox.deliver(await office.answer(first))
    async with working(office.worker()):
        await eventually(lambda: office.is_in(first, "replied"))
    mailbox.deliver(await office.answer(second))

    async with working(office.worker("two")):
        await eventually(lambda: office.is_in(second, "replied"))
    assert await office.replies() == 2


async def test_a_folder_that_was_made_anew_is_read_again(office: Office) -> None:
    """Letters that are known change nothing."""
    mailbox = await office.mailbox("ada")
    first, second = await office.campaign(2)
    mailbox.deliver(await office.answer(first))
    async with working(office.worker()):
        await eventually(lambda: office.is_in(first, "replied"))
    mailbox.make_anew()
    mailbox.deliver(await office.answer(second))

    async with working(office.worker()):
        await eventually(lambda: office.is_in(second, "replied"))
    assert await office.replies() == 2


async def test_an_old_mailbox_is_not_read_from_its_beginning(office: Office) -> None:
    """Only so far back as answers may have come."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    mailbox.deliver(await office.answer(enrollment))
    for _ in range(LOOK_BACK):
        mailbox.deliver(b"From: x@y.test\r\nSubject: News\r\n\r\nHello\r\n")

    async with working(office.worker()):
        await eventually(lambda: is_read(office, "ada"))
    assert await office.state(enrollment) == "waiting"


async def is_read(office: Office, name: str) -> bool:
    """Whether a mailbox was read to its end."""
    rows = await office.pool.ask(
        "select read_at is not null from mailboxes where workspace_id = :w and sender_account_id = :id",
        id=office.accounts[name],
    )
    return bool(rows[0][0])


async def test_a_broken_mailbox_delays_no_other(office: Office) -> None:
    """It is left alone for a while, and its lease is free then."""
    broken, whole = await office.mailbox("ada"), await office.mailbox("bob")
    [enrollment] = await office.campaign()
    broken.unreachable = "No route to host."
    whole.deliver(await office.answer(enrollment))

    async with working(office.worker()):
        await eventually(lambda: office.is_in(enrollment, "replied"))
        await eventually(lambda: rests(office, "ada"))
        broken.unreachable = None
        office.clock.advance(hours=1)
        await eventually(lambda: is_read(office, "ada"))


async def rests(office: Office, name: str) -> bool:
    """Whether a mailbox is left alone."""
    rows = await office.pool.ask(
        "select reader is null and lease_until > :now from mailboxes"
        " where workspace_id = :w and sender_account_id = :id",
        id=office.accounts[name],
        now=office.clock.now(),
    )
    return bool(rows[0][0])


async def test_a_connection_that_breaks_is_made_again(office: Office) -> None:
    """And what came meanwhile is read."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    async with working(office.worker()):
        await eventually(lambda: is_read(office, "ada"))
        mailbox.break_off()
        await eventually(lambda: rests(office, "ada"))
        mailbox.deliver(await office.answer(enrollment))
        office.clock.advance(hours=1)
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_a_login_that_is_refused_three_times_pauses_the_account(office: Office) -> None:
    """Its replies cannot be seen: a person must act."""
    mailbox = await office.mailbox("ada")
    mailbox.refused = "NO [AUTHENTICATIONFAILED] Wrong."

    async with working(office.worker()):
        for _ in range(3):
            await eventually(lambda: rests(office, "ada"))
            office.clock.advance(hours=2)
        await eventually(lambda: is_paused(office, "ada"))


async def is_paused(office: Office, name: str) -> bool:
    """Whether an account is paused because its login is refused."""
    fields = await office.pool.account_field(office.accounts[name], "status, status_reason")
    return bool(fields == ("paused", "auth_failed"))


async def test_the_mailboxes_of_a_dead_reader_are_taken_over(office: Office) -> None:
    """When its leases are over; not before."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    await office.pool.execute(
        "update mailboxes set reader = 'dead', lease_until = :until where workspace_id = :w",
        until=NOW + LEASE,
    )
    mailbox.deliver(await office.answer(enrollment))

    async with working(worker := office.worker()):
        await eventually(lambda: worker.looks > 1)
        assert await office.state(enrollment) == "waiting"
        office.clock.advance(seconds=60)
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_processes_share_the_mailboxes(office: Office) -> None:
    """Whoever comes later gets its part, and no mailbox is read by two."""
    for number in range(20):
        await office.mailbox(f"name{number}")
    one, two = office.worker("one"), office.worker("two")
    await seen(office, 1)
    async with working(one):
        await eventually(lambda: one.reading == 20, seconds=30)
        await seen(office, 2)
        async with working(two):
            await eventually(lambda: two.reading == 10, seconds=30)
            await eventually(lambda: one.reading == 10, seconds=30)
    free = await office.pool.ask(
        "select count(*)::int from mailboxes where workspace_id = :w and reader is null"
    )
    assert free == [(20,)]


async def seen(office: Office, count: int) -> None:
    """So many worker processes say that they are alive."""
    async with office.pool.database.global_work() as transaction:
        for number in range(count):
            await record_worker(transaction, UUID(int=number), "test", 1, now=office.clock.now())


async def test_rubbish_does_not_keep_letters_from_being_read(office: Office) -> None:
    """Whatever comes before them."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    unending = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 999
    for rubbish in (b"", b"\0" * 1000, b"\xff\xfe" * 100_000, unending):
        mailbox.deliver(rubbish)
    mailbox.deliver(await office.answer(enrollment))

    async with working(office.worker()):
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_a_server_without_idle_is_asked_now_and_then(office: Office) -> None:
    """NOOP, less often the longer nothing comes."""
    mailbox = await office.mailbox("ada")
    mailbox.idles = False
    [enrollment] = await office.campaign()
    async with working(office.worker(pace=Pace(poll_first=0.01, poll_last=0.02))):
        await eventually(lambda: is_read(office, "ada"))
        mailbox.deliver(await office.answer(enrollment))
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_a_changed_account_is_begun_anew(office: Office) -> None:
    """A new password is used, also where the old one rests."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    mailbox.refused = "NO"
    async with working(office.worker()):
        await eventually(lambda: rests(office, "ada"))
        mailbox.refused = None
        mailbox.deliver(await office.answer(enrollment))
        async with office.pool.database.unit_of_work(office.pool.workspace_id) as uow:
            await keep_mailbox(uow, office.accounts["ada"], is_read=True)
        await eventually(lambda: office.is_in(enrollment, "replied"))
