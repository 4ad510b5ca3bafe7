"""The searching worker: what is uncertain is looked for in the mailboxes that this process reads, and in no
other.
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
from leadterra.store.mailboxes import MailboxAccount, keep_mailbox
from leadterra.transport.scripted_mailboxes import ScriptedMailboxes
from leadterra.workers.inbox import InboxLimits, InboxWorker
from leadterra.workers.mailbox_reading import Desk, Pace
from leadterra.workers.uncertain import UncertainWorker
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool
from tests.support.uncertain import UNKNOWN, SentItems
from tests.support.waiting import eventually


@dataclass
class Office:
    """A process that reads the mailboxes of a pool, and searches them."""

    pool: TestPool
    clock: ManualClock
    servers: ScriptedMailboxes
    opened: list[str] = field(default_factory=list)

    async def sent_items(self, name: str) -> SentItems:
        """Of an account with a mailbox."""
        account_id = await self.pool.account(name, 100)
        await self.pool.execute(
            "update sender_accounts set imap_host = 'imap.test', imap_port = 143, imap_security = 'none',"
            " imap_username = :name where workspace_id = :w and id = :id",
            id=account_id,
            name=name,
        )
        async with self.pool.database.unit_of_work(self.pool.workspace_id) as uow:
            await keep_mailbox(uow, account_id, is_read=True)
        return SentItems(self.pool, account_id, self.servers.mailbox(name))

    async def open(self, workspace_id: UUID, account: MailboxAccount) -> MailboxSession:
        """A connection."""
        name = account.imap_username or ""
        session = await self.servers.open(MailAccess(account.id, "h", 143, Security.NONE, name, "x"))
        self.opened.append(name)
        return session

    @asynccontextmanager
    async def reading(self, *, most: int = 100) -> AsyncIterator[InboxWorker]:
        """Read them until the block ends."""
        desk = Desk(self.pool.database, self.clock, Pace())
        limits = InboxLimits(most, timedelta(seconds=60), poll=0.01)
        inbox = InboxWorker("one", desk, self.open, limits)
        running = asyncio.create_task(inbox.run())
        try:
            await eventually(lambda: inbox.looks > 0)
            yield inbox
        finally:
            inbox.stop()
            await running

    def searching(self, inbox: InboxWorker) -> UncertainWorker:
        """The searching of that process."""
        return UncertainWorker(self.pool.database, self.clock, inbox.held, self.open, pause=0.01)

    async def look(self, inbox: InboxWorker) -> None:
        """One round, to its end."""
        searching = self.searching(inbox)
        await searching.turn()
        await searching.settle()


@pytest.fixture
def office(own_database: Database, own_workspace: UUID, clock: ManualClock) -> Office:
    """In a database of its own: workers look into every workspace."""
    return Office(TestPool(own_database, own_workspace), clock, ScriptedMailboxes(clock))


async def test_what_is_in_the_sent_folder_counts_as_sent(office: Office) -> None:
    """By a connection of its own, which is closed again."""
    ada = await office.sent_items("ada")
    enrollment = await ada.send(UNKNOWN)
    await ada.keep_copy(enrollment)
    office.clock.advance(minutes=1)

    async with office.reading() as inbox:
        await eventually(lambda: office.opened == ["ada"])
        await office.look(inbox)
        assert office.opened == ["ada", "ada"]
        assert len(ada.mailbox.sessions) == 1
    assert await office.pool.message(enrollment) == "sent"


async def test_it_works_until_it_is_stopped(office: Office) -> None:
    """And finds what becomes uncertain meanwhile."""
    ada = await office.sent_items("ada")
    async with office.reading() as inbox:
        searching = office.searching(inbox)
        running = asyncio.create_task(searching.run())
        enrollment = await ada.send(UNKNOWN)
        await ada.keep_copy(enrollment)
        office.clock.advance(minutes=1)
        await eventually(lambda: is_sent(office, enrollment))
        searching.stop()
        await running


async def is_sent(office: Office, enrollment: UUID) -> bool:
    """Whether its message was."""
    return bool(await office.pool.message(enrollment) == "sent")


async def test_while_nothing_is_uncertain_nobody_is_asked(office: Office) -> None:
    """The mailbox is read, and not opened a second time."""
    ada = await office.sent_items("ada")
    await ada.send()
    office.clock.advance(hours=1)

    async with office.reading() as inbox:
        await eventually(lambda: office.opened == ["ada"])
        await office.look(inbox)
    assert office.opened == ["ada"]


async def test_only_the_reader_of_a_mailbox_searches_it(office: Office) -> None:
    """Another process has its lease."""
    ada = await office.sent_items("ada")
    enrollment = await ada.send(UNKNOWN)
    await ada.keep_copy(enrollment)
    await office.pool.execute(
        "update mailboxes set reader = 'other', lease_until = :until where workspace_id = :w",
        until=NOW + timedelta(days=1),
    )
    office.clock.advance(minutes=1)

    async with office.reading() as inbox:
        await office.look(inbox)
    assert office.opened == []
    assert await office.pool.message(enrollment) == "uncertain"


async def test_a_broken_mailbox_delays_no_other(office: Office) -> None:
    """And is looked at again later."""
    ada, bob = await office.sent_items("ada"), await office.sent_items("bob")
    lost, found = await ada.send(UNKNOWN), await bob.send(UNKNOWN)
    for each in (lost, found):
        await ada.keep_copy(each)
        await bob.keep_copy(each)
    office.clock.advance(minutes=1)
    rows = await office.pool.ask(
        "select enrollment_id, sender_account_id from messages where workspace_id = :w"
    )
    sender = dict(rows)
    broken = ada if sender[lost] == ada.account_id else bob

    async with office.reading() as inbox:
        await eventually(lambda: len(office.opened) == 2)
        broken.mailbox.unreachable = "No route to host."
        await office.look(inbox)
        assert [await office.pool.message(each) for each in (lost, found)] == ["uncertain", "sent"]
        broken.mailbox.unreachable = None
        office.clock.advance(minutes=5)
        await office.look(inbox)
    assert await office.pool.message(lost) == "sent"


async def test_what_is_proven_to_be_absent_is_sent_anew(office: Office) -> None:
    """Where the workspace says so: from the look to the claim."""
    ada = await office.sent_items("ada")
    await ada.policy("resend")
    enrollment = await ada.surrounded()
    office.clock.advance(minutes=20)

    async with office.reading() as inbox:
        await eventually(lambda: office.opened == ["ada"])
        await office.look(inbox)
    claim = await office.pool.must_claim(office.clock.now())
    assert [row.enrollment_id for row in claim.rows] == [enrollment]


async def test_a_searcher_that_is_stopped_while_it_looks_has_changed_nothing(office: Office) -> None:
    """Its connection is closed; the next one looks again."""
    ada = await office.sent_items("ada")
    enrollment = await ada.send(UNKNOWN)
    await ada.keep_copy(enrollment)
    office.clock.advance(minutes=1)
    stuck = asyncio.Event()

    async def never(workspace_id: UUID, account: MailboxAccount) -> MailboxSession:
        stuck.set()
        await asyncio.Event().wait()
        return await office.open(workspace_id, account)

    async with office.reading() as inbox:
        await eventually(lambda: office.opened == ["ada"])
        searching = UncertainWorker(office.pool.database, office.clock, inbox.held, never, pause=0.01)
        running = asyncio.create_task(searching.run())
        await stuck.wait()
        searching.stop()
        await running
        assert await office.pool.message(enrollment) == "uncertain"
        await office.look(inbox)
    assert await office.pool.message(enrollment) == "sent"
