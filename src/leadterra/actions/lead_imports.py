"""Import a file of leads, up to a million rows, in constant memory: the engine of the API's streams and
of `leadterra leads import`.

Rows go in by chunks, and how far the import got is committed with each, in the order of the file (`Lanes`).
Killed at any point and run again with the same file and campaign, it goes on behind the last committed row
and ends with the same leads and the same counts, also if two run at once. Rows that cannot be taken are
counted and reported, and stop nothing. Raises `Unacceptable` for a file that cannot be read at all, and
`NotFound` for a campaign that is gone; what was committed until then stays, and the next run goes on behind
it.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal
from uuid import UUID

from leadterra.actions.enrolling import CHUNK, Enrolment
from leadterra.actions.import_lanes import Chunk, Lanes
from leadterra.actions.lead_files import LeadFile, Row
from leadterra.actions.lead_rows import RejectedRow
from leadterra.actions.ports import Clock
from leadterra.actions.running import run
from leadterra.store import imports
from leadterra.store.campaigns import get_campaign
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.imports import Import

KEPT_REJECTIONS = 100


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """What became of one row.

    number: from 1, the header not counted. email: as far as it can be told. reason: why, where it needs
    one.
    """

    number: int
    email: str | None
    outcome: Literal["enrolled", "updated", "skipped", "invalid"]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """How an import ended.

    progress: the import at its end. rejected: the first invalid rows of this run. resumed_at: rows that an
    earlier run had settled.
    """

    progress: Import
    rejected: Sequence[RejectedRow]
    resumed_at: int


@dataclass(frozen=True, slots=True)
class Watch:
    """Who wants to know.

    progress: told after every chunk. report: told of every row, once it is committed; None costs nothing.
    """

    progress: Callable[[Import], None] | None = None
    report: Callable[[RowOutcome], None] | None = None


async def import_leads(
    database: Database,
    workspace_id: UUID,
    campaign_id: UUID,
    source: LeadFile,
    *,
    clock: Clock,
    watch: Watch | None = None,
    dry_run: bool = False,
) -> ImportResult:
    """Import every row of a file that nobody imports yet, or go on where the last run stopped.

    dry_run: count, and keep nothing.
    """
    await asyncio.to_thread(source.check)
    fingerprint = await asyncio.to_thread(source.fingerprint)

    async def begin(uow: UnitOfWork) -> Import:
        await get_campaign(uow, campaign_id)
        return await imports.open_import(uow, campaign_id, fingerprint, source.name, now=clock.now())

    progress = await run(database, workspace_id, begin, dry_run=dry_run)
    if dry_run:
        progress = replace(progress, rows_read=0, enrolled=0, updated=0, skipped=0, invalid=0)
    importer = _Importer(
        database, workspace_id, progress, clock=clock, watch=watch or Watch(), dry_run=dry_run
    )
    return await importer.take(source.rows())


class _Importer:
    """One run over one file. While the database takes some chunks, a thread reads the next."""

    def __init__(
        self,
        database: Database,
        workspace_id: UUID,
        progress: Import,
        *,
        clock: Clock,
        watch: Watch,
        dry_run: bool,
    ) -> None:
        self._progress = progress
        self._clock = clock
        self._watch = watch
        self._lanes = Lanes(database, workspace_id, progress, dry_run=dry_run)
        self._rejected: list[RejectedRow] = []

    async def take(self, rows: Iterator[Row]) -> ImportResult:
        """All rows that are not settled yet."""
        resumed_at = self._progress.rows_read
        await asyncio.to_thread(_skip, rows, resumed_at)
        reading = asyncio.create_task(asyncio.to_thread(_read, rows))
        try:
            while True:
                chunk = Chunk(await reading, self._clock.now())
                if not chunk.is_last:
                    reading = asyncio.create_task(asyncio.to_thread(_read, rows))
                while not self._lanes.has_room_for(chunk):
                    await self._settle()
                self._lanes.send(chunk)
                if chunk.is_last:
                    break
            while self._lanes.are_busy:
                await self._settle()
            return ImportResult(self._progress, self._rejected, resumed_at)
        finally:
            await self._lanes.abandon()
            # A thread cannot be cancelled; the file must not be closed under it.
            await asyncio.wait([reading])

    async def _settle(self) -> None:
        """Wait for the chunk that is first in line, and let the next one have its turn."""
        settled = await self._lanes.first()
        self._progress = settled.progress
        self._tell(settled.rows, settled.done)
        self._lanes.advance()

    def _tell(self, rows: Sequence[Row], done: Enrolment) -> None:
        for row in rows:
            if isinstance(row, RejectedRow) and len(self._rejected) < KEPT_REJECTIONS:
                self._rejected.append(row)
            if self._watch.report:
                self._watch.report(_outcome_of(row, done))
        if self._watch.progress:
            self._watch.progress(self._progress)


def _skip(rows: Iterator[Row], count: int) -> None:
    for _ in islice(rows, count):
        pass


def _read(rows: Iterator[Row]) -> list[Row]:
    return list(islice(rows, CHUNK))


def _outcome_of(row: Row, done: Enrolment) -> RowOutcome:
    if isinstance(row, RejectedRow):
        return RowOutcome(row.number, row.email, "invalid", "; ".join(fault.message for fault in row.faults))
    if row.key in done.skipped:
        return RowOutcome(row.number, row.email, "skipped", "the address or its domain is suppressed")
    if row.key in done.repeated:
        return RowOutcome(row.number, row.email, "updated", "the address came before in this file")
    return RowOutcome(row.number, row.email, "updated" if row.key in done.updated else "enrolled")
