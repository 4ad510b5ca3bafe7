"""The searching worker: looks for uncertain messages in the Sent folders of the mailboxes that its process
reads, until it is told to stop.

Each look has a connection of its own, which disturbs nobody who waits in the inbox, and ends with it. A slow
or broken mailbox keeps no other waiting. While nothing is uncertain it is one small query a workspace now and
then. A worker that dies while it looks has changed nothing: the look is made again.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from uuid import UUID

from leadterra.actions.ports import Clock, MailboxError
from leadterra.actions.resolving import resolve_by_evidence
from leadterra.actions.running import run
from leadterra.actions.uncertain_messages import Search, Sighting, keeps_copies, list_searches, look_for
from leadterra.observability import log
from leadterra.store.availability import is_unavailable
from leadterra.store.database import Database
from leadterra.store.mailboxes import MailboxAccount
from leadterra.workers.inbox import Open
from leadterra.workers.outside import Faults

_PAUSE_SECONDS = 20.0
_AT_ONCE = 10
"""Mailboxes that are searched at a time."""

Held = Callable[[], Mapping[UUID, Sequence[MailboxAccount]]]
"""The accounts whose mailboxes this process reads, by workspace."""


class UncertainWorker:
    """One process's share of the searching."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        held: Held,
        open_mailbox: Open,
        *,
        pause: float = _PAUSE_SECONDS,
    ) -> None:
        """pause: seconds between two rounds."""
        self._database, self._clock, self._pause = database, clock, pause
        self._held, self._open = held, open_mailbox
        self._faults = Faults("uncertain")
        self._looks: dict[UUID, asyncio.Task[None]] = {}
        self._turns = asyncio.Semaphore(_AT_ONCE)
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Look no more; `run` returns when no connection is open."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. What goes wrong is logged, and tried again after a pause."""
        try:
            while not self._stopping.is_set():
                try:
                    await self.turn()
                except Exception as error:
                    self._faults.note(error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._pause)
        finally:
            for look in self._looks.values():
                look.cancel()
            await self.settle()

    async def turn(self) -> None:
        """Begin the looks that are due. Raises what the database raises when it is away."""
        for workspace_id, accounts in self._held().items():
            if self._stopping.is_set():
                return
            try:
                await self._begin(workspace_id, accounts)
            except Exception as error:
                # What is wrong with one workspace must not keep others waiting.
                if is_unavailable(error):
                    raise
                self._faults.note(error)

    async def settle(self) -> None:
        """Wait for the looks that have begun."""
        await asyncio.gather(*self._looks.values(), return_exceptions=True)

    async def _begin(self, workspace_id: UUID, accounts: Sequence[MailboxAccount]) -> None:
        known = {each.id: each for each in accounts if each.id not in self._looks}
        now = self._clock.now()
        due = await run(self._database, workspace_id, lambda uow: list_searches(uow, list(known), now=now))
        by_account: defaultdict[UUID, list[Search]] = defaultdict(list)
        for search in due:
            by_account[search.message.sender_account_id].append(search)
        for account_id, searches in by_account.items():
            look = asyncio.create_task(self._look(workspace_id, known[account_id], searches))
            self._looks[account_id] = look
            look.add_done_callback(lambda _, account_id=account_id: self._looks.pop(account_id))  # type: ignore[misc]

    async def _look(self, workspace_id: UUID, account: MailboxAccount, searches: Sequence[Search]) -> None:
        async with self._turns:
            looked_at = self._clock.now()
            try:
                sightings = await self._search(workspace_id, account, searches)
                await run(
                    self._database,
                    workspace_id,
                    lambda uow: resolve_by_evidence(
                        uow,
                        account.id,
                        sightings,
                        keeps_copies=keeps_copies(searches, sightings),
                        looked_at=looked_at,
                        now=self._clock.now(),
                    ),
                )
            except Exception as error:
                self._faults.note(error)

    async def _search(
        self, workspace_id: UUID, account: MailboxAccount, searches: Sequence[Search]
    ) -> list[Sighting]:
        """What is in the Sent folder. One that cannot be searched says nothing."""
        try:
            session = await self._open(workspace_id, account)
            try:
                return await look_for(session, searches)
            finally:
                await session.close()
        except MailboxError as error:
            log.info("mailbox.failed", account=str(account.id), trouble=error.trouble, text=str(error)[:200])
            return [Sighting(each.message, is_searched=False) for each in searches]
