"""A pool whose accounts have scripted mailboxes, and the inbox workers that read them."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from leadterra.actions.ports import MailAccess, MailboxSession, Security
from leadterra.store.ids import new_id
from leadterra.store.mailboxes import MailboxAccount, keep_mailbox
from leadterra.transport.scripted_mailboxes import ScriptedMailbox, ScriptedMailboxes
from leadterra.workers.inbox import InboxLimits, InboxWorker
from leadterra.workers.mailbox_reading import Desk, Pace
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool
from tests.support.returning import Mailroom as Letters

LEASE = timedelta(seconds=60)


@dataclass
class Office:
    """A pool whose accounts have scripted mailboxes, and the workers that read them."""

    pool: TestPool
    clock: ManualClock
    servers: ScriptedMailboxes
    accounts: dict[str, UUID] = field(default_factory=dict)
    enrollments: dict[str, UUID] = field(default_factory=dict)
    opener: Callable[[MailAccess], Awaitable[MailboxSession]] | None = None

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

    def worker(
        self, name: str = "one", *, most: int = 100, pace: Pace | None = None, lease: timedelta = LEASE
    ) -> InboxWorker:
        """A process's part."""

        async def open_mailbox(workspace_id: UUID, account: MailboxAccount) -> MailboxSession:
            name = account.imap_username or ""
            access = MailAccess(account.id, "imap.test", 143, Security.NONE, name, "x")
            return await (self.opener or self.servers.open)(access)

        desk = Desk(self.pool.database, self.clock, pace or Pace())
        return InboxWorker(name, desk, open_mailbox, InboxLimits(most, lease, poll=0.01))

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
