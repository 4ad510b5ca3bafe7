"""The sending worker: claim, transmit, settle, over and over, until it is told to stop.

It holds nothing that a restart cannot find again: what it has claimed is leased, and what it cannot settle
because the database is away it settles when it is back. Told to stop, it claims no more, gives back what has
not begun, and waits for what has.
"""

import asyncio
from collections import deque
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from leadterra.actions.claiming import Claim, claim_due_messages
from leadterra.actions.lettering import LetterWriter
from leadterra.actions.ports import Attempt, Submission
from leadterra.actions.running import run
from leadterra.actions.settling import Settlement
from leadterra.domain.health import is_trouble
from leadterra.domain.outcomes import Reason, Refused
from leadterra.observability import log
from leadterra.store.availability import is_unavailable
from leadterra.store.claims import ClaimedRow
from leadterra.store.database import UnitOfWork
from leadterra.store.sender_pools import list_due_pools, postpone_pool
from leadterra.workers.holding import DATABASE_PAUSE, Holding
from leadterra.workers.lanes import Lane, Lanes
from leadterra.workers.outside import Faults, Limits, Outside
from leadterra.workers.transmission import Transmission

__all__ = ["Limits", "Outside", "SendingWorker"]

_DUE_POOLS = 100
_CLAIMED_PER_LANE = 8
"""Of an account whose pace is not known yet so many letters are in hand for each that is under way."""
_BREATH = 0.02
"""Seconds between two looks that find nothing to claim; letters that end wake the worker far more often."""
_PATIENCE = 0.1
"""Seconds until a pool is asked again of which more than half is still under way since it was."""
_FAULT_PAUSE = timedelta(minutes=1)
"""How long a pool is left alone whose claim failed for a fault of ours; else it stays the longest due."""


class SendingWorker:
    """One process's share of the sending."""

    def __init__(self, name: str, outside: Outside, writer: LetterWriter, limits: Limits) -> None:
        """name: whose claims these are; unique among all processes that ever ran."""
        self._name, self._outside, self._limits = name, outside, limits
        self._faults = Faults(name)
        self._transmission = Transmission(outside, writer, limits, self._faults)
        self._holding = Holding(name, outside, limits, self._faults)
        self._tasks: set[asyncio.Task[None]] = set()
        most = max(limits.in_flight // 4, limits.per_account)
        least = min(limits.per_account * _CLAIMED_PER_LANE, most)
        self._lanes = Lanes(limits.per_account, least, most, outside.clock)
        self._asked: dict[UUID, tuple[float, int]] = {}
        self._claiming = 0
        self._progress = asyncio.Event()
        self._stopping = asyncio.Event()

    @property
    def name(self) -> str:
        """Whose claims these are."""
        return self._name

    @property
    def in_flight(self) -> int:
        """Messages claimed and not settled."""
        return len(self._tasks)

    @property
    def faults(self) -> int:
        """Errors of ours so far; each is in the log."""
        return self._faults.count

    def stop(self) -> None:
        """Claim no more; `run` returns when what has begun has ended."""
        self._stopping.set()
        self._progress.set()

    async def run(self) -> None:
        """Work until stopped."""
        renewing = asyncio.create_task(self._holding.keep_leases())
        try:
            while not self._stopping.is_set():
                self._progress.clear()
                if not await self._claim_round():
                    await asyncio.sleep(_BREATH)
                    await self._rest(self._limits.poll.total_seconds())
            await self._finish()
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    async def turn(self) -> bool:
        """One round instead of `run`: claim from every pool that is due, and see all of it settled; whether
        anything was claimed. No lease is renewed: for drivers whose time stands still meanwhile.
        """
        claimed = await self._claim_round()
        await self._finish()
        return claimed

    async def abandon(self) -> None:
        """Drop everything at once, as a process does that dies. What was claimed is found again by its
        lease.
        """
        self._stopping.set()
        await self._transmission.drop()
        await self._holding.drop()
        dropped = list(self._tasks)
        for task in dropped:
            task.cancel()
        await asyncio.gather(*dropped, return_exceptions=True)

    async def _finish(self) -> None:
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _rest(self, seconds: float) -> None:
        """Until there is something to do again: a message has ended, it is time to look, or to stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._progress.wait(), seconds)

    async def _claim_round(self) -> bool:
        """Ask every pool that is due once, as far as there is room; whether anything was claimed."""
        if self._free() < self._least():
            return False
        try:
            async with self._outside.database.scheduling() as scheduling:
                due = await list_due_pools(scheduling, now=self._outside.clock.now(), limit=_DUE_POOLS)
            queue = deque(workspace_id for workspace_id in due if self._is_worth_asking(workspace_id))
            at_once = min(self._limits.claims_at_once, len(queue))
            # Of many pools each gets little at first, so that those behind them find room in the same round.
            most = self._limits.batch if at_once < 2 else max(1, self._free() // (2 * at_once))
            claiming = (self._claim_from(queue, most) for _ in range(at_once))
            found = await asyncio.gather(*claiming, return_exceptions=True)
            for error in found:
                if isinstance(error, BaseException):
                    raise error
            return any(found)
        except Exception as error:
            self._faults.note(error)
            await self._rest(DATABASE_PAUSE)
            return False

    async def _claim_from(self, queue: deque[UUID], most: int) -> bool:
        """Claim from these pools, one after the other; whether anything was claimed. Others do so too."""
        claimed = False
        while queue and self._free() >= self._least() and not self._stopping.is_set():
            claimed = await self._try_claim(queue.popleft(), most) or claimed
        return claimed

    def _is_worth_asking(self, workspace_id: UUID) -> bool:
        """Not while most of what was under way after the last claim still is: it would take a handful."""
        asked_at, before = self._asked.pop(workspace_id, (0.0, 0))
        under_way = self._holding.under_way(workspace_id)
        if under_way <= before // 2 or asyncio.get_running_loop().time() >= asked_at + _PATIENCE:
            return True
        self._asked[workspace_id] = asked_at, before
        return False

    def _free(self) -> int:
        return self._limits.in_flight - len(self._tasks) - self._claiming

    def _least(self) -> int:
        """Claims smaller than this are not worth their transaction while more is in flight."""
        return max(1, min(self._limits.batch, self._limits.in_flight // 4))

    def _room_of(self, workspace_id: UUID) -> int:
        """How many messages of one workspace are taken on now. A quarter is kept from each, so that one whose
        servers all hang does not stop the others.
        """
        limits, held = self._limits, self._holding.count(workspace_id)
        return min(limits.batch, self._free(), max(1, limits.in_flight - limits.in_flight // 4) - held)

    async def _try_claim(self, workspace_id: UUID, most: int) -> bool:
        """Claim; what is wrong with one workspace must not keep others waiting, nor be tried without end."""
        try:
            return await self._claim(workspace_id, min(most, self._room_of(workspace_id)))
        except Exception as error:
            if is_unavailable(error):
                raise
            self._faults.note(error)
            until = self._outside.clock.now() + _FAULT_PAUSE
            await run(self._outside.database, workspace_id, lambda uow: postpone_pool(uow, until=until))
            return False

    async def _claim(self, workspace_id: UUID, limit: int) -> bool:
        if limit < 1:
            return False

        async def action(uow: UnitOfWork) -> Claim | None:
            return await claim_due_messages(
                uow,
                worker=self._name,
                limit=limit,
                lease=self._limits.lease,
                now=self._outside.clock.now(),
                room=self._lanes.room,
            )

        self._claiming += limit
        try:
            claim = await run(self._outside.database, workspace_id, action)
        finally:
            self._claiming -= limit
        if claim is not None:
            self._begin(claim)
        if under_way := self._holding.under_way(workspace_id):
            self._asked[workspace_id] = asyncio.get_running_loop().time(), under_way
        if claim is None:
            return False
        log.debug(
            "messages.claimed", workspace_id=str(workspace_id), claim=claim.number, messages=len(claim.rows)
        )
        return True

    def _begin(self, claim: Claim) -> None:
        """Send every message of a claim, each in its account's lane."""
        self._holding.take(claim)
        submissions = self._transmission.submissions_of(claim)
        for row in claim.rows:
            lane = self._lanes.enter(row.sender_account_id, claim.number)
            task = asyncio.create_task(self._send(claim, row, submissions[row.sender_account_id], lane))
            self._tasks.add(task)
            task.add_done_callback(self._forget)

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._progress.set()

    async def _send(
        self, claim: Claim, row: ClaimedRow, submission: Submission | Refused, lane: Lane
    ) -> None:
        """One claimed message, from its letter to its settlement."""
        assert row.step_id is not None
        try:
            async with lane.turns:
                attempt = await self._attempt(claim, row, submission, lane)
            await self._holding.settle(
                claim.workspace_id, Settlement(row.enrollment_id, row.step_id, claim.number, attempt)
            )
        finally:
            self._lanes.leave(row.sender_account_id)

    async def _attempt(
        self, claim: Claim, row: ClaimedRow, submission: Submission | Refused, lane: Lane
    ) -> Attempt:
        if lane.is_stopped(claim.number):
            return self._transmission.withheld(Reason.ACCOUNT_RESTS)
        if self._stopping.is_set():
            return self._transmission.withheld(Reason.DRAINED)
        attempt = await self._transmission.attempt(claim, row, submission)
        if is_trouble(attempt.ending):
            lane.stop()
        return attempt
