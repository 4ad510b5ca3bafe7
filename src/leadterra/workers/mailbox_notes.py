"""What the readings of one process have to write down that can wait a moment: how far folders were read, and
when mailboxes were read to their end. Thousands of mailboxes that are opened at once would otherwise keep the
database busy with thousands of small transactions.

What is lost with the process is read again, and known. While the database is away all is kept, and written
when it is back. Where it refuses what a mailbox has come to (a folder may have any name), that mailbox's
notes are dropped, and no other's. Both raise what the database raised.
"""

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from leadterra.actions.running import run
from leadterra.store.availability import is_unavailable
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.mailboxes import FolderPlace, note_reads, save_folders


@dataclass(slots=True)
class _Sheet:
    """Of one workspace. places: by account and folder. read: by account, when."""

    places: dict[tuple[UUID, str], FolderPlace] = field(default_factory=dict)
    read: dict[UUID, datetime] = field(default_factory=dict)

    def by_account(self) -> "list[_Sheet]":
        """One for each account."""
        parts: defaultdict[UUID, _Sheet] = defaultdict(_Sheet)
        for key, place in self.places.items():
            parts[key[0]].places[key] = place
        for account_id, at in self.read.items():
            parts[account_id].read[account_id] = at
        return list(parts.values())


class MailboxNotes:
    """See the module."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sheets: defaultdict[UUID, _Sheet] = defaultdict(_Sheet)
        self._writing = asyncio.Lock()

    def place(self, workspace_id: UUID, account_id: UUID, place: FolderPlace) -> None:
        """What is below that UID in a folder is known."""
        self._sheets[workspace_id].places[account_id, place.name] = place

    def read(self, workspace_id: UUID, account_id: UUID, *, now: datetime) -> None:
        """All that was in a mailbox has been read."""
        self._sheets[workspace_id].read[account_id] = now

    async def save(self) -> None:
        """Write down what there is, each workspace's in one transaction; the first trouble is raised when
        all others were written.
        """
        troubles = []
        async with self._writing:
            for workspace_id in list(self._sheets):
                try:
                    await self._write(workspace_id)
                except Exception as error:
                    troubles.append(error)
        if troubles:
            raise troubles[0]

    async def save_those_of(self, workspace_id: UUID) -> None:
        """The same for one workspace."""
        async with self._writing:
            await self._write(workspace_id)

    async def _write(self, workspace_id: UUID) -> None:
        """All at once, or, where that is refused, each account's by itself."""
        sheet = self._sheets.pop(workspace_id, None)
        if sheet is None:
            return
        try:
            await self._put(workspace_id, sheet)
        except Exception as error:
            parts = sheet.by_account()
            if is_unavailable(error) or len(parts) < 2:
                raise
            for part in parts:
                with suppress(Exception):  # it was raised above, and is raised below
                    await self._put(workspace_id, part)
            raise

    async def _put(self, workspace_id: UUID, sheet: _Sheet) -> None:
        async def action(uow: UnitOfWork) -> None:
            await save_folders(uow, [(account_id, place) for (account_id, _), place in sheet.places.items()])
            await note_reads(uow, sheet.read)

        try:
            await run(self._database, workspace_id, action)
        except BaseException as error:
            if is_unavailable(error) or not isinstance(error, Exception):
                newer = self._sheets[workspace_id]
                newer.places = sheet.places | newer.places
                newer.read = sheet.read | newer.read
            raise
