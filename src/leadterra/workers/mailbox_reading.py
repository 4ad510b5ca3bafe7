"""Reading one mailbox, from its login until its connection ends: catch up with what came, and wait for more.

A letter is recorded before it is noted that its folder was read beyond it: whoever reads on after a crash
sees it again, and it is known. What a letter does to our own code is in the log, and the letter is passed
over. Raises `MailboxError`, and what the database raises when it is away.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TypeVar
from uuid import UUID
from zlib import crc32

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
from leadterra.store.mailboxes import FolderPlace
from leadterra.workers.mailbox_notes import MailboxNotes

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

_OPENED_EVERY = 6
"""So many looks into the other folders apart the inbox is opened anew: what IDLE has not told shows then."""

_OLDEST = timedelta(days=3660)
"""Letters do not come that late: a server that says so has no clock."""

_TURNS = 3
"""Readings that use the database at a time."""

_READ_ELSEWHERE = 8_192
"""Octets from which on a letter is read in a thread: others are waiting. The worst HTML takes 3 ms a KiB."""


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
    """What the readings of one process share. turns: how many of them use the database at a time: what else
    the process does needs connections too, and a pool that is locked would have its readers take all.
    """

    database: Database
    clock: Clock
    pace: Pace
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_TURNS))


@dataclass(slots=True)
class Owner:
    """What a workspace's mailboxes that are read here share: keys of all addresses of its accounts, and what
    it marks its warm-up letters with.
    """

    addresses: frozenset[str]
    secret: bytes = field(default=b"", repr=False)


@dataclass(slots=True)
class Subject:
    """A mailbox that is read.

    own: its workspace. places: how far its folders were read, by name; kept up as it is read. has_trouble: it
    could not be read the last time, and whoever can now says so.
    """

    workspace_id: UUID
    account_id: UUID
    own: Owner
    places: dict[str, FolderPlace]
    has_trouble: bool = False


def first_uid(place: FolderPlace | None, state: FolderState) -> int:
    """Where to go on. UIDs mean nothing any more in a folder that was made anew, nor in one that was put back
    to what it was, though its server does not say so.
    """
    if place and place.uid_validity == state.uid_validity and place.uid_next <= state.uid_next:
        return place.uid_next
    return max(1, state.uid_next - LOOK_BACK)


def first_stay(account_id: UUID, pace: Pace) -> float:
    """Seconds in the inbox before the first look into the other folders: another share of the time between
    two looks for each account, so that mailboxes that are opened together are not all looked into at once
    ever after.
    """
    return pace.others_every * crc32(account_id.bytes) / (1 << 32)


class MailboxReading:
    """One mailbox, open."""

    def __init__(self, desk: Desk, notes: MailboxNotes, subject: Subject, session: MailboxSession) -> None:
        self._desk, self._notes = desk, notes
        self._subject, self._session = subject, session
        self._octets = 0
        self._states: dict[str, FolderState] = {}

    async def run(self) -> None:
        """Read until the connection should be made anew."""
        subject = self._subject
        folders = await self._session.list_folders()
        inbox = next(folder for folder in folders if folder.role is FolderRole.INBOX)
        others = [folder for folder in folders if folder.role is FolderRole.JUNK]
        if subject.has_trouble:
            await self._say_that_it_works()
        news, stay = others, first_stay(subject.account_id, self._desk.pace)
        for turn in count():
            for folder in news:
                self._states[folder.name] = await self._catch_up(folder)
            if news or turn % _OPENED_EVERY == 0:
                await self._catch_up(inbox)
            self._notes.read(subject.workspace_id, subject.account_id, now=self._now())
            await self._stay(inbox, stay)
            if self._octets >= _KEPT_OCTETS:
                return
            news, stay = [each for each in others if await self._has_news(each)], self._desk.pace.others_every

    async def _has_news(self, folder: Folder) -> bool:
        """Whether it is another than when it was read; a server that does not tell is not believed."""
        state = await self._session.glance(folder.name)
        return state is None or state != self._states.get(folder.name)

    async def _say_that_it_works(self) -> None:
        subject = self._subject
        await self._do(lambda uow: note_mailbox(uow, subject.account_id, None, "", now=self._now()))
        subject.has_trouble = False

    async def _stay(self, inbox: Folder, seconds: float) -> None:
        """In the inbox, until it is time for the other folders."""
        loop, pace = asyncio.get_running_loop(), self._desk.pace
        until, pause = loop.time() + seconds, pace.poll_first
        while (left := until - loop.time()) > 0 and self._octets < _KEPT_OCTETS:
            if await self._session.wait(left):
                await self._follow(inbox)
                pause = pace.poll_first
            elif not self._session.idles:
                await asyncio.sleep(min(pause, left))
                pause = min(2 * pause, pace.poll_last)

    async def _catch_up(self, folder: Folder) -> FolderState:
        """Take all that came since the last time; how the folder was before."""
        state = await self._session.select(folder.name)
        place = self._subject.places.get(folder.name)
        uid = first_uid(place, state)
        if place is None or place.uid_validity != state.uid_validity or place.uid_next != uid:
            self._mark(FolderPlace(folder.name, state.uid_validity, uid))
        if uid < state.uid_next:
            await self._follow(folder)
        return state

    async def _follow(self, folder: Folder) -> None:
        """Take what has come to the folder that is open, up to its end."""
        place = self._subject.places[folder.name]
        while found := await self._fetch(place.uid_next):
            await self._take_all(found, folder.role is FolderRole.JUNK)
            place = place._replace(uid_next=found[-1].uid + 1)
            self._mark(place)

    async def _fetch(self, uid: int) -> Sequence[FetchedLetter]:
        found = await self._session.fetch(uid, limit=_BATCH, max_octets=self._desk.pace.max_octets)
        self._octets += sum(len(each.content) for each in found)
        return found

    def _mark(self, place: FolderPlace) -> None:
        subject = self._subject
        subject.places[place.name] = place
        self._notes.place(subject.workspace_id, subject.account_id, place)

    async def _take_all(self, letters: Sequence[FetchedLetter], is_junk: bool) -> None:
        for letter in letters:
            await asyncio.sleep(0)  # Others are waiting, and most letters need nothing to wait for.
            try:
                await self._take(letter, is_junk)
            except Exception as error:
                if is_unavailable(error):
                    raise
                log.error(
                    "letter.failed",
                    account=encode("sa", self._subject.account_id),
                    uid=letter.uid,
                    exc_info=error,
                )

    async def _take(self, letter: FetchedLetter, is_junk: bool) -> None:
        subject, now = self._subject, self._now()
        addressee = Addressee(subject.account_id, subject.own.addresses, subject.own.secret)
        if not now - _OLDEST < letter.received_at <= now:
            # Whatever the server's clock says, or whoever put it there: it is here now.
            letter = replace(letter, received_at=now)
        if len(letter.content) < _READ_ELSEWHERE:
            arrival = read_arrival(letter, addressee)
        else:
            arrival = await asyncio.to_thread(read_arrival, letter, addressee)
        arrival = replace(arrival, is_junk=is_junk)
        if arrival.finding.kind is not Kind.OTHER:
            await self._do(lambda uow: receive_letter(uow, arrival, now=self._now()))

    async def _do(self, action: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
        async with self._desk.turns:
            return await run(self._desk.database, self._subject.workspace_id, action)

    def _now(self) -> datetime:
        return self._desk.clock.now()
