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
from functools import partial
from uuid import UUID

from leadterra.actions.mailbox_health import note_mailbox
from leadterra.actions.ports import MailboxError, MailboxSession
from leadterra.actions.running import run
from leadterra.observability import log
from leadterra.store import mailboxes
from leadterra.store.availability import is_unavailable
from leadterra.store.database import UnitOfWork
from leadterra.store.mailboxes import FolderPlace, MailboxAccount
from leadterra.store.workers import count_workers
from leadterra.store.workspaces import find_link_secret
from leadterra.workers.mailbox_notes import MailboxNotes
from leadterra.workers.mailbox_reading import Desk, MailboxReading, Owner, Subject
from leadterra.workers.outside import Faults

_FAULT_PAUSE = timedelta(minutes=1)
"""How long a mailbox is left alone whose reading ended for a fault of ours."""
_AT_ONCE = timedelta(0)
"""It is no fault of the mailbox's if the database was away."""
_SEEN_WITHIN = timedelta(seconds=15)
"""A process that said so lately shares in the mailboxes."""

_PART_EVERY = 5
"""So many looks apart it is asked how large this process's part is, while nothing is free."""
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


@dataclass(frozen=True, slots=True)
class _Taken:
    """Mailboxes of one workspace that were leased. places: how far their folders were read."""

    accounts: list[MailboxAccount]
    places: dict[UUID, dict[str, FolderPlace]]
    own_addresses: frozenset[str]
    secret: bytes


class InboxWorker:
    """One process's share of the reading."""

    def __init__(self, name: str, desk: Desk, open_mailbox: Open, limits: InboxLimits) -> None:
        """name: whose leases these are; unique among all processes that ever ran."""
        self._name, self._desk = name, desk
        self._open, self._limits = open_mailbox, limits
        self._faults = Faults(name)
        self._notes = MailboxNotes(desk.database)
        self._own: dict[UUID, Owner] = {}
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
                await self._guard(self._notes.save())
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
        """Lease mailboxes that nobody reads, up to this process's part; give back what is beyond it. How
        large its part is, is asked where there are any, and else now and then.
        """
        now, room = self._desk.clock.now(), self._limits.mailboxes - len(self._held)
        async with self._desk.database.scheduling() as scheduling:
            free = await mailboxes.list_free_mailboxes(scheduling, now=now, limit=max(1, room))
        if not free and self.looks % _PART_EVERY:
            return
        part = await self._part(now)
        if len(self._held) > part + part // _SLACK:
            await self._give_back(list(self._held)[part:])
        by_workspace: defaultdict[UUID, list[UUID]] = defaultdict(list)
        # After a while without a database what is read here looks free too.
        others = [each for each in free if each.sender_account_id not in self._held]
        for each in others[: max(0, part - len(self._held))]:
            by_workspace[each.workspace_id].append(each.sender_account_id)
        for workspace_id, account_ids in by_workspace.items():
            await self._guard(self._take(workspace_id, account_ids))

    async def _part(self, now: datetime) -> int:
        """How many mailboxes are this process's part."""
        async with self._desk.database.scheduling() as scheduling:
            total = await mailboxes.count_mailboxes(scheduling)
        async with self._desk.database.global_work() as transaction:
            readers = await count_workers(transaction, since=now - _SEEN_WITHIN)
        return min(-(-total // max(1, readers)), self._limits.mailboxes)

    async def _take(self, workspace_id: UUID, account_ids: list[UUID]) -> None:
        async def action(uow: UnitOfWork) -> _Taken:
            now = self._desk.clock.now()
            accounts = await mailboxes.claim_mailboxes(
                uow, account_ids, self._name, until=now + self._limits.lease, now=now
            )
            if not accounts:
                return _Taken([], {}, frozenset(), b"")
            places = await mailboxes.list_folders(uow, [each.id for each in accounts])
            own_addresses, secret = await mailboxes.list_own_addresses(uow), await find_link_secret(uow)
            return _Taken(accounts, places, own_addresses, secret or b"")

        taken = await run(self._desk.database, workspace_id, action)
        if taken.accounts:
            own = self._own.setdefault(workspace_id, Owner(frozenset(), taken.secret))
            own.addresses = taken.own_addresses
        for account in taken.accounts:
            subject = Subject(
                workspace_id,
                account.id,
                self._own[workspace_id],
                taken.places.get(account.id, {}),
                has_trouble=account.has_trouble,
            )
            self._held[account.id] = _Held(
                workspace_id, account, asyncio.create_task(self._read(account, subject))
            )

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._limits.lease.total_seconds() / 3)
            await self._guard(self._renew())

    async def _renew(self) -> None:
        """Keep what is held; drop what was lost, and begin anew what was changed."""
        held = self._by_workspace(list(self._held))
        for workspace_id in self._own.keys() - held.keys():
            del self._own[workspace_id]
        for workspace_id, account_ids in held.items():
            await self._guard(self._renew_those_of(workspace_id, account_ids))

    async def _renew_those_of(self, workspace_id: UUID, account_ids: list[UUID]) -> None:
        until = self._desk.clock.now() + self._limits.lease

        async def action(uow: UnitOfWork) -> tuple[dict[UUID, datetime], frozenset[str]]:
            kept = await mailboxes.renew_mailboxes(uow, account_ids, self._name, until=until)
            return kept, await mailboxes.list_own_addresses(uow)

        kept, own_addresses = await run(self._desk.database, workspace_id, action)
        if workspace_id in self._own:
            self._own[workspace_id].addresses = own_addresses
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

    async def _read(self, account: MailboxAccount, subject: Subject) -> None:
        """Read one mailbox until it has trouble, and leave it alone for a while. Whoever cancels it gives it
        back.
        """
        workspace_id, until = subject.workspace_id, self._desk.clock.now()
        loop, pause, was_short = asyncio.get_running_loop(), self._desk.pace.poll_first, False
        try:
            while True:
                async with self._opening:
                    session = await self._open(workspace_id, account)
                begun_at = loop.time()
                try:
                    await MailboxReading(self._desk, self._notes, subject, session).run()
                finally:
                    await session.close()
                is_short = loop.time() - begun_at < pause
                if is_short and was_short:
                    # A folder that is made anew at every look would be read again and again.
                    await asyncio.sleep(pause)
                was_short = is_short
        except MailboxError as error:
            until = await self._note(workspace_id, account, error)
        except Exception as error:
            self._faults.note(error)
            until = self._desk.clock.now() + (_AT_ONCE if is_unavailable(error) else _FAULT_PAUSE)
        self._held.pop(account.id, None)
        await self._give_up(workspace_id, partial(mailboxes.leave_mailbox, account=account, until=until))

    async def _note(self, workspace_id: UUID, account: MailboxAccount, error: MailboxError) -> datetime:
        """The mailbox has trouble; until when it is left alone. What a login that was changed meanwhile could
        not do says nothing of the new one.
        """
        now = self._desk.clock.now()
        log.info("mailbox.failed", account=str(account.id), trouble=error.trouble, text=str(error)[:200])

        async def action(uow: UnitOfWork) -> datetime | None:
            await uow.lock_pool()
            if not await mailboxes.is_unchanged(uow, account):
                return None
            return await note_mailbox(uow, account.id, error.trouble, str(error), now=now)

        try:
            return await run(self._desk.database, workspace_id, action) or now
        except Exception as failure:
            self._faults.note(failure)
            return now + _FAULT_PAUSE

    async def _release(self, workspace_id: UUID, account_ids: list[UUID], until: datetime) -> None:
        await self._give_up(
            workspace_id, partial(mailboxes.release_mailboxes, account_ids=account_ids, until=until)
        )

    async def _give_up(self, workspace_id: UUID, release: Callable[..., Awaitable[None]]) -> None:
        """How far they were read comes first, for whoever reads on. Leases end by themselves if the database
        is away.
        """
        try:
            await self._notes.save_those_of(workspace_id)
            await run(self._desk.database, workspace_id, lambda uow: release(uow, reader=self._name))
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
