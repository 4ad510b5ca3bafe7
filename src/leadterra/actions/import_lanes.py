"""Chunks of an import on their way into the database: two at a time, and committed in the order of the file.

The first in line and the one behind it are inserted on two connections at once; only who is first in line may
lock the pool, add to the totals, say how far the import got, and commit. So whatever was committed is the
beginning of the file, at every instant. A chunk that names an address of the one before waits until that one
is done.

That way takes it that nobody is in the way and, until one is found, that no lead is known. Where that is
wrong, nothing of the chunk is kept and it is taken again, alone and with care: first the lock on the import,
so that another run over the same file has its part, then each lead as it is. What is wrong with the chunk
itself is raised from there, as by `enroll_leads`.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.enrolling import CHUNK, Enrolment, enroll_leads
from leadterra.actions.lead_files import Row
from leadterra.actions.lead_rows import LeadRow, RejectedRow
from leadterra.actions.running import run
from leadterra.domain.errors import Conflict
from leadterra.store import imports
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.imports import Import

_LANES = 2
_PATIENCE_SECONDS = 3.0
"""How long a chunk keeps the locks on its leads while it is not its turn. What the first in line waits for
may wait for these, by way of others, and PostgreSQL cannot see that circle."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows that are committed together. now: when they were read. keys: the addresses among them."""

    rows: Sequence[Row]
    now: datetime
    keys: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "keys", frozenset(row.key for row in self.rows if isinstance(row, LeadRow)))

    @property
    def is_last(self) -> bool:
        """Whether the file ends with it."""
        return len(self.rows) < CHUNK


@dataclass(frozen=True, slots=True)
class SettledChunk:
    """A chunk that is committed. progress: the import then. rows: those that nobody had settled before.
    done: what became of them.
    """

    progress: Import
    rows: Sequence[Row]
    done: Enrolment


@dataclass(frozen=True, slots=True)
class _Lane:
    """A chunk on its way. task: ends when it is settled."""

    chunk: Chunk
    call: "_Call"
    task: asyncio.Task[SettledChunk]


class _OutOfTurn(Exception):
    """Somebody else has taken the import on, or is about to."""


class _Call:
    """What a chunk waits for: its turn, or word that it had better let go of what it has locked."""

    def __init__(self) -> None:
        self._turn = asyncio.Event()
        self._word = asyncio.Event()

    def come(self) -> None:
        """All before it are settled."""
        self._turn.set()
        self._word.set()

    def let_go(self) -> None:
        """One before it is taken again, and may wait for those who wait for this one."""
        self._word.set()

    async def wait(self) -> None:
        """Until it is its turn."""
        await self._turn.wait()

    async def wait_with_locks(self) -> None:
        """The same; raises `TimeoutError` if it has to let go, or is kept waiting for long."""
        async with asyncio.timeout(_PATIENCE_SECONDS):
            await self._word.wait()
        if not self._turn.is_set():
            raise TimeoutError


class Lanes:
    """The chunks of one run that are on their way, in the order of the file."""

    def __init__(self, database: Database, workspace_id: UUID, progress: Import, *, dry_run: bool) -> None:
        """progress: where the run begins. dry_run: one chunk at a time, each as if it were the only one."""
        self._database = database
        self._workspace_id = workspace_id
        self._progress = progress
        self._sent = progress.rows_read
        self._dry_run = dry_run
        self._is_alone = not dry_run
        self._expects_new = True
        self._lanes: deque[_Lane] = deque()

    @property
    def are_busy(self) -> bool:
        """Whether a chunk is on its way."""
        return bool(self._lanes)

    def has_room_for(self, chunk: Chunk) -> bool:
        """Whether it can be sent before anything else is settled."""
        if not self._lanes:
            return True
        is_free = self._is_alone and len(self._lanes) < _LANES
        return is_free and all(lane.chunk.keys.isdisjoint(chunk.keys) for lane in self._lanes)

    def send(self, chunk: Chunk) -> None:
        """Begin with a chunk; it is the next one of the file."""
        call = _Call()
        task = asyncio.create_task(self._take(chunk, self._sent, call))
        if not self._lanes:
            call.come()
        self._lanes.append(_Lane(chunk, call, task))
        self._sent += len(chunk.rows)

    async def first(self) -> SettledChunk:
        """The chunk that is first in line, once it is committed."""
        settled = await self._lanes[0].task
        self._progress = settled.progress
        self._expects_new = self._expects_new and not settled.done.updated
        return settled

    def advance(self) -> None:
        """Done with the first in line; the next has its turn."""
        self._lanes.popleft()
        if self._lanes:
            self._lanes[0].call.come()

    async def abandon(self) -> None:
        """Roll back whatever is on its way."""
        for lane in self._lanes:
            lane.task.cancel()
        await asyncio.gather(*(lane.task for lane in self._lanes), return_exceptions=True)

    async def _take(self, chunk: Chunk, before: int, call: _Call) -> SettledChunk:
        """before: how many rows come before it."""
        if self._is_alone:
            try:
                return await run(
                    self._database, self._workspace_id, lambda uow: self._take_ahead(uow, chunk, before, call)
                )
            except Conflict:
                self._expects_new = False
            except _OutOfTurn:
                self._is_alone = False
            except Exception:  # nothing was kept; if it is not over by then, it is raised below
                pass
            for lane in self._lanes:
                lane.call.let_go()
        await call.wait()
        return await run(
            self._database,
            self._workspace_id,
            lambda uow: self._take_with_care(uow, chunk),
            dry_run=self._dry_run,
        )

    async def _take_ahead(self, uow: UnitOfWork, chunk: Chunk, before: int, call: _Call) -> SettledChunk:
        found: list[Import] = []

        async def wait() -> None:
            if found:
                return
            await call.wait_with_locks()
            progress = await imports.try_lock_import(uow, self._progress.id, before)
            if progress is None:
                raise _OutOfTurn
            found.append(progress)

        good = [row for row in chunk.rows if isinstance(row, LeadRow)]
        done = await enroll_leads(
            uow,
            self._progress.campaign_id,
            good,
            stamp=self._progress.created_at,
            now=chunk.now,
            ids_from=_ids_from(self._progress, before),
            are_new=self._expects_new,
            turn=wait,
        )
        return await self._save(uow, found[0], chunk, chunk.rows, done)

    async def _take_with_care(self, uow: UnitOfWork, chunk: Chunk) -> SettledChunk:
        progress = self._progress if self._dry_run else await imports.lock_import(uow, self._progress.id)
        rest = [row for row in chunk.rows if row.number > progress.rows_read]
        done = await enroll_leads(
            uow,
            progress.campaign_id,
            [row for row in rest if isinstance(row, LeadRow)],
            stamp=progress.created_at,
            now=chunk.now,
            ids_from=_ids_from(progress, progress.rows_read),
        )
        return await self._save(uow, progress, chunk, rest, done)

    async def _save(
        self, uow: UnitOfWork, progress: Import, chunk: Chunk, rows: Sequence[Row], done: Enrolment
    ) -> SettledChunk:
        after = _advance(progress, rows, done, chunk.is_last)
        if not self._dry_run:
            await imports.save_import(uow, after, now=chunk.now)
        return SettledChunk(after, rows, done)


def _ids_from(progress: Import, before: int) -> datetime:
    """Ids rise with the chunks, whenever these are taken."""
    return progress.created_at + timedelta(microseconds=before // CHUNK)


def _advance(progress: Import, rows: Sequence[Row], done: Enrolment, is_last: bool) -> Import:
    """The counts with a chunk more. An address that an earlier chunk brought is counted there."""
    return replace(
        progress,
        state="done" if is_last else "running",
        rows_read=progress.rows_read + len(rows),
        enrolled=progress.enrolled + done.total - len(done.updated) - len(done.skipped),
        updated=progress.updated + len(done.updated) - len(done.repeated),
        skipped=progress.skipped + len(done.skipped),
        invalid=progress.invalid + sum(isinstance(row, RejectedRow) for row in rows),
    )
