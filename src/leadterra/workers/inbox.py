"""The inbox worker: reads the mailboxes of accounts, each by one process at a time, until it is told to stop.

A mailbox is leased, and its lease renewed for as long as it is read; one whose reader died is taken by
another when the lease is over. Processes share the mailboxes evenly. One that cannot be read is left
alone for a while, longer each time, and delays no other. An account that was changed is begun anew. Told to
stop, the worker drops every connection: nothing is held that a restart cannot find again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.arrivals import Addressee
from leadterra.actions.mailbox_health import note_mailbox
from leadterra.actions.ports import MailboxError, MailboxSession
from leadterra.actions.running import run
from leadterra.observability import log
from leadterra.store import mailboxes
from leadterra.store.availability import is_unavailable
from leadterra.store.database import UnitOfWork
from leadterra.store.mailboxes import MailboxAccount
from leadterra.store.workers import count_workers
from leadterra.store.workspaces import find_link_secret
from leadterra.workers.mailbox_reading import Desk, MailboxReading
from leadterra.workers.outside import Faults

_FAULT_PAUSE = timedelta(minutes=1)
"""How long a mailbox is left alone whose reading ended for a fault of ours."""
_AT_ONCE = timedelta(0)
"""It is no fault of the mailbox's if the database was away."""
_SEEN_WITHIN = timedelta(seconds=15)
"""A process that said so lately shares in the mailboxes."""

_SLACK = 10
"""A tenth more than its part a process keeps: connections are worth more than evenness."""

Open = Callable[[UUID, MailboxAccount], Awaitable[MailboxSession]]
"""Opens an account's mailbox. Raises `MailboxError`, and what the database raises when it is away."""


@dataclass(frozen=True, slots=True)
class InboxLimits:
    """mailboxes: that one process reads at most. lease: how long one is held without being renewed. poll:
    seconds between two looks for mailboxes that nobody reads. opening: connections that are being made at a
    time.
    """

    mailboxes: int
    lease: timedelta
    poll: float = 1.0
    opening: int = 50


@dataclass(frozen=True, slots=True)
class _Held:
    """A mailbox that is read here. account: as it was opened."""

    workspace_id: UUID
    account: MailboxAccount
    task: asyncio.Task[None]


class InboxWorker:
    """One process's share of the reading."""

    def __init__(self, name: str, desk: Desk, open_mailbox: Open, limits: InboxLimits) -> None:
        """name: whose leases these are; unique among all processes that ever ran."""
        self._name, self._desk = name, desk
        self._open, self._limits = open_mailbox, limits
        self._faults = Faults(name)
        self._held: dict[UUID, _Held] = {}
        self._opening = asyncio.Semaphore(limits.opening)
        self._stopping = asyncio.Event()
        self.looks = 0
        """How often it has looked for mailboxes that nobody reads."""

    @property
    def reading(self) -> int:
        """Mailboxes that are read here."""
        return len(self._held)

    def held(self) -> dict[UUID, list[MailboxAccount]]:
        """The accounts whose mailboxes are read here, by workspace."""
        grouped = self._by_workspace(self._held)
        return {
            workspace_id: [self._held[each].account for each in ids] for workspace_id, ids in grouped.items()
        }

    def stop(self) -> None:
        """Read no more; `run` returns when every mailbox was given back."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped."""
        renewing = asyncio.create_task(self._keep_leases())
        try:
            while not self._stopping.is_set():
                await self._guard(self._take_free())
                self.looks += 1
                await self._rest(self._limits.poll)
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing
            await self._give_back(list(self._held))

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _guard(self, work: Awaitable[None]) -> None:
        try:
            await work
        except Exception as error:
            self._faults.note(error)

    # Leases

    async def _take_free(self) -> None:
        """Lease mailboxes that nobody reads, up to this process's part; give back what is beyond it."""
        database, now = self._desk.database, self._desk.clock.now()
        async with database.scheduling() as scheduling:
            free = await mailboxes.list_free_mailboxes(scheduling, now=now, limit=self._limits.mailboxes)
            total = await mailboxes.count_mailboxes(scheduling)
        async with database.global_work() as transaction:
            readers = await count_workers(transaction, since=now - _SEEN_WITHIN)
        part = min(-(-total // max(1, readers)), self._limits.mailboxes)
        if len(self._held) > part + part // _SLACK:
            await self._give_back(list(self._held)[part:])
        room = max(0, part - len(self._held))
        by_workspace: defaultdict[UUID, list[UUID]] = defaultdict(list)
        for each in free[:room]:
            by_workspace[each.workspace_id].append(each.sender_account_id)
        for workspace_id, account_ids in by_workspace.items():
            await self._take(workspace_id, account_ids)

    async def _take(self, workspace_id: UUID, account_ids: list[UUID]) -> None:
        async def action(uow: UnitOfWork) -> tuple[list[MailboxAccount], frozenset[str], bytes]:
            now = self._desk.clock.now()
            taken = await mailboxes.claim_mailboxes(
                uow, account_ids, self._name, until=now + self._limits.lease, now=now
            )
            if not taken:
                return [], frozenset(), b""
            secret = await find_link_secret(uow)
            return taken, await mailboxes.list_own_addresses(uow), secret or b""

        taken, own_addresses, secret = await run(self._desk.database, workspace_id, action)
        for account in taken:
            task = asyncio.create_task(
                self._read(workspace_id, account, Addressee(account.id, own_addresses, secret))
            )
            self._held[account.id] = _Held(workspace_id, account, task)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._limits.lease.total_seconds() / 3)
            await self._guard(self._renew())

    async def _renew(self) -> None:
        """Keep what is held; drop what was lost, and begin anew what was changed."""
        for workspace_id, account_ids in self._by_workspace(list(self._held)).items():
            until = self._desk.clock.now() + self._limits.lease
            kept = await run(
                self._desk.database,
                workspace_id,
                lambda uow, ids=account_ids, until=until: mailboxes.renew_mailboxes(  # type: ignore[misc]
                    uow, ids, self._name, until=until
                ),
            )
            stale = [
                each
                for each in account_ids
                if each in self._held and kept.get(each) != self._held[each].account.updated_at
            ]
            await self._give_back(stale)

    def _by_workspace(self, account_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
        grouped: defaultdict[UUID, list[UUID]] = defaultdict(list)
        for each in account_ids:
            if each in self._held:
                grouped[self._held[each].workspace_id].append(each)
        return grouped

    async def _give_back(self, account_ids: list[UUID]) -> None:
        """End their readings; they may be taken at once."""
        grouped = self._by_workspace(account_ids)
        await _end([self._held.pop(each).task for ids in grouped.values() for each in ids])
        for workspace_id, ids in grouped.items():
            await self._release(workspace_id, ids, self._desk.clock.now())

    # Reading

    async def _read(self, workspace_id: UUID, account: MailboxAccount, addressee: Addressee) -> None:
        """Read one mailbox until it has trouble, and leave it alone for a while. Whoever cancels it gives it
        back.
        """
        until = self._desk.clock.now()
        try:
            while True:
                async with self._opening:
                    session = await self._open(workspace_id, account)
                try:
                    await MailboxReading(self._desk, workspace_id, addressee, session).run()
                finally:
                    await session.close()
        except MailboxError as error:
            until = await self._note(workspace_id, account.id, error)
        except Exception as error:
            self._faults.note(error)
            until = self._desk.clock.now() + (_AT_ONCE if is_unavailable(error) else _FAULT_PAUSE)
        self._held.pop(account.id, None)
        await self._release(workspace_id, [account.id], until)

    async def _note(self, workspace_id: UUID, account_id: UUID, error: MailboxError) -> datetime:
        """The mailbox has trouble; until when it is left alone."""
        now = self._desk.clock.now()
        log.info("mailbox.failed", account=str(account_id), trouble=error.trouble, text=str(error)[:200])
        try:
            rest_until = await run(
                self._desk.database,
                workspace_id,
                lambda uow: note_mailbox(uow, account_id, error.trouble, str(error), now=now),
            )
        except Exception as failure:
            self._faults.note(failure)
            return now + _FAULT_PAUSE
        return rest_until or now

    async def _release(self, workspace_id: UUID, account_ids: list[UUID], until: datetime) -> None:
        """Leases end by themselves if the database is away."""
        try:
            await run(
                self._desk.database,
                workspace_id,
                lambda uow: mailboxes.release_mailboxes(uow, account_ids, self._name, until=until),
            )
        except Exception as error:
            if not is_unavailable(error):
                self._faults.note(error)


async def _end(tasks: Collection[asyncio.Task[None]]) -> None:
    """Cancel them until they end: a cancellation gets lost where what was waited for came at the same instant
    (python/cpython#86296).
    """
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.5)
