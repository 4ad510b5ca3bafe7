"""The claims that one worker holds, until the last message of each is settled.

Outcomes are settled in batches. While the database is away they wait for it: what is known must not be lost.
What cannot be settled for a fault of ours is left to its lease.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from math import isinf
from uuid import UUID

from leadterra.actions.claiming import Claim
from leadterra.actions.running import run
from leadterra.actions.settling import Settlement, settle_messages
from leadterra.store.availability import is_unavailable
from leadterra.store.claims import renew_claims
from leadterra.workers.batching import Batcher
from leadterra.workers.outside import Faults, Limits, Outside

DATABASE_PAUSE = 0.5
"""Seconds until a database that was away is asked again."""


class Holding:
    """What one worker has claimed and not settled."""

    def __init__(self, name: str, outside: Outside, limits: Limits, faults: Faults) -> None:
        """name: of the worker."""
        self._name, self._outside, self._limits, self._faults = name, outside, limits, faults
        self._settlements: Batcher[Settlement, None] = Batcher(self._settle, pause=self._gather)
        self._unsettled: dict[UUID, Counter[int]] = {}
        self._under_way: Counter[UUID] = Counter()
        self._all_ended = asyncio.Event()

    def take(self, claim: Claim) -> None:
        """Hold one more claim."""
        self._unsettled.setdefault(claim.workspace_id, Counter())[claim.number] = len(claim.rows)
        self._under_way[claim.workspace_id] += len(claim.rows)
        self._all_ended.clear()

    def count(self, workspace_id: UUID) -> int:
        """How many messages of that workspace are held."""
        return self._unsettled.get(workspace_id, Counter()).total()

    def under_way(self, workspace_id: UUID) -> int:
        """How many messages of that workspace have not ended yet."""
        return self._under_way[workspace_id]

    async def settle(self, workspace_id: UUID, settlement: Settlement) -> None:
        """Say what became of one message of a claim; done when it is written down, or cannot be."""
        self._under_way[workspace_id] -= 1
        if not self._under_way[workspace_id]:
            del self._under_way[workspace_id]
        if not self._under_way:
            self._all_ended.set()
        await self._settlements.submit(workspace_id, settlement)

    async def drop(self) -> None:
        """Settle nothing any more, as a process does that dies."""
        await self._settlements.drop()

    async def keep_leases(self) -> None:
        """Prolong what is held, three times a lease, until cancelled. What cannot be prolonged is refused its
        clearance, or is uncertain.
        """
        while True:
            await asyncio.sleep(self._limits.lease.total_seconds() / 3)
            for workspace_id, held in list(self._unsettled.items()):
                try:
                    await self._renew(workspace_id, list(held))
                except Exception as error:
                    self._faults.note(error)

    async def _renew(self, workspace_id: UUID, numbers: Sequence[int]) -> None:
        now = self._outside.clock.now()
        until = now + self._limits.lease
        await run(
            self._outside.database,
            workspace_id,
            lambda uow: renew_claims(uow, numbers, worker=self._name, lease_until=until, now=now),
        )

    async def _gather(self) -> None:
        """The pause before a settlement."""
        if isinf(self._limits.gather):
            await self._all_ended.wait()
        else:
            await asyncio.sleep(self._limits.gather)

    async def _settle(self, workspace_id: UUID, batch: Sequence[Settlement]) -> list[None]:
        """Settle a batch, or, if one of it cannot be written, each alone: that one's lease runs out, and it
        is recovered.
        """
        try:
            await self._settle_surely(workspace_id, batch, self._finished_by(workspace_id, batch))
        except Exception as error:
            self._faults.note(error)
            for settlement in batch:
                await self._settle_alone(workspace_id, settlement)
        return [None] * len(batch)

    async def _settle_alone(self, workspace_id: UUID, settlement: Settlement) -> None:
        try:
            await self._settle_surely(workspace_id, [settlement], ())
        except Exception as error:
            self._faults.note(error)

    async def _settle_surely(
        self, workspace_id: UUID, batch: Sequence[Settlement], finished: Sequence[int]
    ) -> None:
        while True:
            try:
                return await self._settle_once(workspace_id, batch, finished)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                self._faults.note(error)
                await asyncio.sleep(DATABASE_PAUSE)

    async def _settle_once(
        self, workspace_id: UUID, batch: Sequence[Settlement], finished: Sequence[int]
    ) -> None:
        now = self._outside.clock.now()
        await run(
            self._outside.database,
            workspace_id,
            lambda uow: settle_messages(uow, batch, now=now, finished_claims=finished),
        )

    def _finished_by(self, workspace_id: UUID, batch: Sequence[Settlement]) -> list[int]:
        """The claims of which this batch settles the last message."""
        held = self._unsettled[workspace_id]
        held.subtract(settlement.fence for settlement in batch)
        finished = [number for number, left in held.items() if left == 0]
        for number in finished:
            del held[number]
        if not held:
            del self._unsettled[workspace_id]
        return finished
