"""Reading one mailbox, from its login until its connection ends: catch up with what came, and wait for more.

A letter is recorded before the place in its folder is moved past it: whoever reads on after a crash sees it
again, and it is known. What a letter does to our own code is in the log, and the letter is passed over.
Raises `MailboxError`, and what the database raises when it is away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from leadterra.actions.arrivals import Addressee, read_arrival
from leadterra.actions.mailbox_health import note_mailbox
from leadterra.actions.ports import Clock, FetchedLetter, Folder, FolderRole, FolderState, MailboxSession
from leadterra.actions.receiving import receive_letter
from leadterra.actions.running import run
from leadterra.mail.finding import Kind
from leadterra.observability import log
from leadterra.store.availability import is_unavailable
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.ids import encode
from leadterra.store.mailboxes import FolderPlace, list_folders, note_read, save_folder

Result = TypeVar("Result")

LOOK_BACK = 500
"""So many UIDs before the end begins the reading of a folder that is new to us, or was made anew: answers may
have come before.
"""

_BATCH = 20
_KEPT_OCTETS = 131_072
"""After so many octets a connection over TLS is made anew: it keeps a buffer as large as the most that came
at once, ten times of what it takes to wait.
"""

_READ_ELSEWHERE = 65_536
"""Octets from which on a letter is read in a thread: others are waiting."""


@dataclass(frozen=True, slots=True)
class Pace:
    """max_octets: of a letter that are looked at. others_every: seconds between two looks into the folders
    besides the inbox. poll_first, poll_last: seconds between two looks where the server offers no IDLE: it is
    asked less often the longer nothing comes.
    """

    max_octets: int = 262_144
    others_every: float = 300.0
    poll_first: float = 15.0
    poll_last: float = 120.0


@dataclass(frozen=True, slots=True)
class Desk:
    """What the readings of one process share."""

    database: Database
    clock: Clock
    pace: Pace


def first_uid(place: FolderPlace | None, state: FolderState) -> int:
    """Where to go on. UIDs mean nothing any more in a folder that was made anew."""
    if place is not None and place.uid_validity == state.uid_validity:
        return place.uid_next
    return max(1, state.uid_next - LOOK_BACK)


class MailboxReading:
    """One mailbox, open."""

    def __init__(self, desk: Desk, workspace_id: UUID, addressee: Addressee, session: MailboxSession) -> None:
        self._desk, self._workspace_id = desk, workspace_id
        self._addressee, self._session = addressee, session
        self._places: dict[str, FolderPlace] = {}
        self._octets = 0

    async def run(self) -> None:
        """Read until the connection should be made anew."""
        account_id = self._addressee.account_id
        self._places = await self._do(lambda uow: list_folders(uow, account_id))
        folders = await self._session.list_folders()
        inbox = next(folder for folder in folders if folder.role is FolderRole.INBOX)
        others = [folder for folder in folders if folder.role is FolderRole.JUNK]
        await self._do(lambda uow: note_mailbox(uow, account_id, None, "", now=self._now()))
        while self._octets < _KEPT_OCTETS:
            for folder in (*others, inbox):
                await self._catch_up(folder)
            await self._do(lambda uow: note_read(uow, account_id, now=self._now()))
            await self._stay(inbox)

    async def _stay(self, inbox: Folder) -> None:
        """In the inbox, until it is time for the other folders."""
        loop, pace = asyncio.get_running_loop(), self._desk.pace
        until, pause = loop.time() + pace.others_every, pace.poll_first
        while (left := until - loop.time()) > 0 and self._octets < _KEPT_OCTETS:
            if await self._session.wait(left):
                await self._follow(inbox)
                pause = pace.poll_first
            elif not self._session.idles:
                await asyncio.sleep(min(pause, left))
                pause = min(2 * pause, pace.poll_last)

    async def _catch_up(self, folder: Folder) -> None:
        """Take all that came since the last time."""
        state = await self._session.select(folder.name)
        place = self._places.get(folder.name)
        uid = first_uid(place, state)
        if place is None or place.uid_validity != state.uid_validity:
            await self._mark(FolderPlace(folder.name, state.uid_validity, uid))
        if uid < state.uid_next:
            await self._follow(folder)

    async def _follow(self, folder: Folder) -> None:
        """Take what has come to the folder that is open, up to its end."""
        place = self._places[folder.name]
        while found := await self._fetch(place.uid_next):
            await self._take_all(found)
            place = place._replace(uid_next=found[-1].uid + 1)
            await self._mark(place)

    async def _fetch(self, uid: int) -> Sequence[FetchedLetter]:
        found = await self._session.fetch(uid, limit=_BATCH, max_octets=self._desk.pace.max_octets)
        self._octets += sum(len(each.content) for each in found)
        return found

    async def _mark(self, place: FolderPlace) -> None:
        await self._do(lambda uow: save_folder(uow, self._addressee.account_id, place))
        self._places[place.name] = place

    async def _take_all(self, letters: Sequence[FetchedLetter]) -> None:
        for letter in letters:
            try:
                await self._take(letter)
            except Exception as error:
                if is_unavailable(error):
                    raise
                log.error(
                    "letter.failed",
                    account=encode("sa", self._addressee.account_id),
                    uid=letter.uid,
                    exc_info=error,
                )

    async def _take(self, letter: FetchedLetter) -> None:
        if len(letter.content) < _READ_ELSEWHERE:
            arrival = read_arrival(letter, self._addressee)
        else:
            arrival = await asyncio.to_thread(read_arrival, letter, self._addressee)
        if arrival.finding.kind is not Kind.OTHER:
            await self._do(lambda uow: receive_letter(uow, arrival, now=self._now()))

    async def _do(self, action: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
        return await run(self._desk.database, self._workspace_id, action)

    def _now(self) -> datetime:
        return self._desk.clock.now()
