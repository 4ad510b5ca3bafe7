"""The answering worker: sends what people answer, until it is told to stop.

A person waits for each answer, so it looks often: a look that finds nothing is one read of an index that
holds only what waits. Each answer is settled as soon as its own conversation has ended, and a slow server
keeps no other answer waiting. Answers are leased, and the lease is renewed while this process lives; any
number of processes may do it at once. While the database is away it waits for it. Told to stop, it begins
nothing, and waits for what has begun.
"""

import asyncio
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from leadterra.actions.response_claims import ResponseLetter, ResponseRound, claim_responses
from leadterra.actions.response_settling import ResponseSettlement, clear_response, settle_responses
from leadterra.actions.running import run
from leadterra.domain.outcomes import Reason, Withheld
from leadterra.store.availability import is_unavailable
from leadterra.store.responses import list_due_responses, renew_responses
from leadterra.workers.outside import Faults, Outside
from leadterra.workers.submitting import deliver_letter, unbegun

_PAUSE_SECONDS = 1.0
_WORKSPACES_A_ROUND = 100
_MOST = 50
"""Answers that one process has under way."""


class AnsweringWorker:
    """One process's share of the answers."""

    def __init__(self, outside: Outside, *, lease: timedelta, pause: float = _PAUSE_SECONDS) -> None:
        """lease: how long an answer is held without being renewed. pause: seconds between rounds."""
        self._outside, self._lease, self._pause = outside, lease, pause
        self._faults = Faults("answering")
        self._stopping = asyncio.Event()
        self._tasks: dict[asyncio.Task[None], tuple[UUID, int, UUID]] = {}
        """What is under way: workspace, number of the claim, answer."""

    @property
    def in_flight(self) -> int:
        """Answers under way."""
        return len(self._tasks)

    def stop(self) -> None:
        """Begin nothing more; `run` returns when what has begun has ended."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped. What goes wrong is logged, and tried again after a pause."""
        renewing = asyncio.create_task(self._keep_leases())
        try:
            while not self._stopping.is_set():
                try:
                    await self.turn()
                except Exception as error:
                    self._faults.note(error)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stopping.wait(), self._pause)
            await self.finish()
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    async def turn(self) -> bool:
        """Begin what may go now; whether there was anything to look at. Raises what the database raises when
        it is away.
        """
        async with self._outside.database.scheduling() as scheduling:
            found = await list_due_responses(
                scheduling, now=self._outside.clock.now(), limit=_WORKSPACES_A_ROUND
            )
        for workspace_id in found:
            if not self._stopping.is_set() and self.in_flight < _MOST:
                await self._try_workspace(workspace_id)
        return bool(found)

    async def finish(self) -> None:
        """Wait for all that is under way."""
        while self._tasks:
            await asyncio.wait(list(self._tasks))

    async def _try_workspace(self, workspace_id: UUID) -> None:
        """What is wrong with one workspace must not keep others waiting."""
        try:
            await self._begin(workspace_id)
        except Exception as error:
            if is_unavailable(error):
                raise
            self._faults.note(error)

    async def _begin(self, workspace_id: UUID) -> None:
        now, room = self._outside.clock.now(), _MOST - self.in_flight
        work = await run(
            self._outside.database,
            workspace_id,
            lambda uow: claim_responses(uow, limit=room, lease=self._lease, now=now),
        )
        for item in work.letters if work else ():
            assert work is not None
            task = asyncio.create_task(self._answer(work, item))
            self._tasks[task] = (workspace_id, work.fence, item.id)
            task.add_done_callback(self._tasks.pop)

    async def _answer(self, work: ResponseRound, item: ResponseLetter) -> None:
        """What cannot be written down is left to the answer's lease."""

        async def clear() -> bool:
            now = self._outside.clock.now()
            return await run(
                self._outside.database,
                work.workspace_id,
                lambda uow: clear_response(uow, item.id, work.fence, now=now),
            )

        if self._stopping.is_set():
            attempt = unbegun(self._outside, Withheld(Reason.DRAINED))
        else:
            account = (work.workspace_id, item.account)
            attempt = await deliver_letter(self._outside, self._faults, account, lambda: item.letter, clear)
        settlement = ResponseSettlement(item.id, work.fence, attempt)
        try:
            await run(
                self._outside.database,
                work.workspace_id,
                lambda uow: settle_responses(uow, [settlement], now=self._outside.clock.now()),
            )
        except Exception as error:
            self._faults.note(error)

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            try:
                await self._renew()
            except Exception as error:
                self._faults.note(error)

    async def _renew(self) -> None:
        held: dict[tuple[UUID, int], list[UUID]] = {}
        for workspace_id, fence, response_id in self._tasks.values():
            held.setdefault((workspace_id, fence), []).append(response_id)
        for (workspace_id, fence), ids in held.items():
            now = self._outside.clock.now()
            async with self._outside.database.unit_of_work(workspace_id) as uow:
                await renew_responses(uow, ids, fence, until=now + self._lease, now=now)
