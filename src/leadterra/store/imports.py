"""Imports of lead files: how far each got, kept in the transaction of the rows that it got through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from leadterra.domain.errors import NotFound
from leadterra.store.database import UnitOfWork
from leadterra.store.ids import new_id
from leadterra.store.statements import load

_SQL = load("imports")
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Import:
    """An import. source: what it was called. rows_read: rows that are settled for good, the first of the
    file. enrolled, updated, skipped, invalid: what became of them; an address that came twice counts
    once. created_at: also the stamp on its leads.
    """

    id: UUID
    campaign_id: UUID
    source: str
    state: Literal["running", "done"]
    rows_read: int
    enrolled: int
    updated: int
    skipped: int
    invalid: int
    created_at: datetime
    updated_at: datetime


async def open_import(
    uow: UnitOfWork, campaign_id: UUID, fingerprint: bytes, source: str, *, now: datetime
) -> Import:
    """The unfinished import of the same file into the same campaign, or a new one.

    Its stamp is no other import's.
    """
    found = await _find_running(uow, campaign_id, fingerprint)
    if found is None:
        latest: datetime | None = await uow.value(_SQL["latest_stamp"])
        stamp = max(now, latest or now) + _INSTANT
        await uow.execute(
            _SQL["insert_import"],
            id=new_id(stamp),
            campaign_id=campaign_id,
            fingerprint=fingerprint,
            source=source,
            stamp=stamp,
            now=now,
        )
        found = await _find_running(uow, campaign_id, fingerprint)
    if found is None:
        raise NotFound("import")
    return found


async def get_import(uow: UnitOfWork, import_id: UUID) -> Import:
    """An import. Raises `NotFound`."""
    return _found(await uow.find(Import, _SQL["find_import"], id=import_id))


async def lock_import(uow: UnitOfWork, import_id: UUID) -> Import:
    """The same, and nobody else takes it further meanwhile."""
    return _found(await uow.find(Import, _SQL["lock_import"], id=import_id))


async def try_lock_import(uow: UnitOfWork, import_id: UUID, rows_read: int) -> Import | None:
    """The same without waiting; None if somebody else has it, or has taken it on from those rows."""
    return await uow.find(Import, _SQL["try_lock_import"], id=import_id, rows_read=rows_read)


async def list_imports(uow: UnitOfWork, *, limit: int, before: UUID | None = None) -> Sequence[Import]:
    """Latest first. before: the last one of the page before."""
    return await uow.list(Import, _SQL["list_imports"], limit=limit, before=before)


async def save_import(uow: UnitOfWork, progress: Import, *, now: datetime) -> None:
    """Save state and counts."""
    await uow.execute(
        _SQL["save_import"],
        id=progress.id,
        state=progress.state,
        rows_read=progress.rows_read,
        enrolled=progress.enrolled,
        updated=progress.updated,
        skipped=progress.skipped,
        invalid=progress.invalid,
        now=now,
    )


async def _find_running(uow: UnitOfWork, campaign_id: UUID, fingerprint: bytes) -> Import | None:
    return await uow.find(
        Import, _SQL["find_running_import"], campaign_id=campaign_id, fingerprint=fingerprint
    )


def _found(progress: Import | None) -> Import:
    if progress is None:
        raise NotFound("import")
    return progress
