"""One open mailbox. See `actions.ports.MailboxSession`.

Folders are opened for reading only (EXAMINE): nothing here marks a letter as seen. `move` opens the folder
for writing first, and finds out if it was made anew meanwhile.
"""

from collections.abc import Iterable, Sequence

from leadterra.actions.ports import (
    Clock,
    FetchedLetter,
    Folder,
    FolderState,
    MailboxError,
    MailboxTrouble,
)
from leadterra.transport.imap_commands import Text, uid_sets
from leadterra.transport.imap_dialogue import ImapDialogue
from leadterra.transport.imap_folders import (
    INBOX,
    folders_with_roles,
    name_octets,
    personal_prefix,
    read_listed,
    read_status,
)
from leadterra.transport.imap_reading import fetch_letters, find_letter, highest_uid
from leadterra.transport.imap_responses import Response
from leadterra.transport.imap_wire import Price

_STATES = frozenset({"OK", "EXISTS"})


class ImapSession:
    """A mailbox that was logged in to."""

    __slots__ = ("_clock", "_folder", "_known", "_prefix", "_talk", "_validity", "_writable")

    def __init__(self, talk: ImapDialogue, clock: Clock) -> None:
        self._talk = talk
        self._clock = clock
        self._folder: str | None = None
        self._validity = 0
        self._writable = False
        self._prefix: str | None = None
        self._known: frozenset[str] = frozenset({INBOX})

    @property
    def idles(self) -> bool:
        """Whether the server offers IDLE."""
        return self._talk.offers("IDLE")

    async def list_folders(self) -> list[Folder]:
        """Those with a role."""
        found = folders_with_roles(read_listed(await self._list()))
        self._known = frozenset(folder.name for folder in found)
        return found

    async def select(self, folder: str) -> FolderState:
        """Open it for reading."""
        return await self._open(await self._place(folder), writable=False)

    async def glance(self, folder: str) -> FolderState | None:
        """STATUS, which costs one command where EXAMINE, and another of the folder before, cost two."""
        price = Price(self._talk.timeouts.transfer, frozenset({"STATUS"}))
        name = Text(name_octets(await self._place(folder)))
        told = read_status(await self._talk.require([b"STATUS", name, b"(UIDVALIDITY UIDNEXT)"], price))
        validity, uid_next = told.get("UIDVALIDITY", 0), told.get("UIDNEXT", 0)
        return FolderState(validity, uid_next) if validity and uid_next else None

    async def fetch(self, first_uid: int, *, limit: int, max_octets: int) -> list[FetchedLetter]:
        """Letters from that UID on."""
        self._require_folder()
        return await fetch_letters(
            self._talk, self._clock, max(1, first_uid), limit=limit, max_octets=max(1, max_octets)
        )

    async def find(self, message_id: str) -> int | None:
        """The letter with that Message-ID; of several the newest."""
        self._require_folder()
        return await find_letter(self._talk, message_id)

    async def wait(self, seconds: float) -> bool:
        """IDLE, or NOOP. IDLE stands on afterwards, and goes on with the next wait."""
        self._require_folder()
        if self.idles:
            await self._talk.idle(seconds)
        if not self.idles:  # Offered, and refused, is not offered.
            await self._talk.look()
        return self._talk.grown

    async def move(self, uids: Sequence[int], folder: str) -> None:
        """UID MOVE (RFC 6851), or COPY and deletion. Where the server can delete only all that is marked for
        it at once (no UIDPLUS), the letters stay behind marked as deleted: another's mark is not ours to act
        on.
        """
        selected = self._require_folder()
        target = Text(name_octets(await self._place(folder)))
        try:
            sets = list(uid_sets(uids))
        except ValueError as error:
            raise MailboxError(MailboxTrouble.FOLDER, str(error)) from None
        if sets and not self._writable:
            validity = self._validity
            if (await self._open(selected, writable=True)).uid_validity != validity:
                raise MailboxError(MailboxTrouble.FOLDER, "The folder was made anew: its UIDs are void.")
        for uid_set in sets:
            await self._move_set(uid_set, target)

    async def append(self, folder: str, content: bytes) -> None:
        """APPEND with \\Seen."""
        target = Text(name_octets(await self._place(folder)))
        words: list[bytes | Text] = [b"APPEND", target, b"(\\Seen)", Text(content, is_literal=True)]
        await self._make_room(words, target, self._transfer())

    async def close(self) -> None:
        """LOGOUT."""
        await self._talk.leave()

    # Folders

    async def _list(self) -> list[Response]:
        """All folders, asked for in the way that tells most of them."""
        price = Price(self._talk.timeouts.command, frozenset({"LIST", "XLIST"}))
        all_of_them: list[bytes | Text] = [Text(b""), Text(b"*")]
        if self._talk.offers("SPECIAL-USE") and self._talk.offers("LIST-EXTENDED"):
            answer = await self._talk.ask([b"LIST", *all_of_them, b"RETURN", b"(SPECIAL-USE)"], price)
            if answer.name == "OK":
                return self._talk.found
        elif self._talk.offers("XLIST") and not self._talk.offers("SPECIAL-USE"):
            answer = await self._talk.ask([b"XLIST", *all_of_them], price)
            if answer.name == "OK":
                return self._talk.found
        return await self._talk.require([b"LIST", *all_of_them], price)

    async def _place(self, folder: str) -> str:
        """Its full name: below the prefix that all folders of some servers have (RFC 2342)."""
        if folder.upper() == INBOX:
            return INBOX
        if folder in self._known:
            return folder
        if self._prefix is None:
            self._prefix = ""
            if self._talk.offers("NAMESPACE"):
                price = Price(self._talk.timeouts.command, frozenset({"NAMESPACE"}))
                answer = await self._talk.ask([b"NAMESPACE"], price)
                self._prefix = personal_prefix(self._talk.found) if answer.name == "OK" else ""
        return folder if folder.startswith(self._prefix) else self._prefix + folder

    async def _open(self, folder: str, *, writable: bool) -> FolderState:
        talk, self._folder = self._talk, None
        talk.exists = 0
        price = Price(talk.timeouts.transfer, _STATES)
        found = await talk.require([b"SELECT" if writable else b"EXAMINE", Text(name_octets(folder))], price)
        validity = _told(found, "UIDVALIDITY")
        if not validity:
            # RFC 3501 §6.3.1: then the server has no lasting UIDs.
            raise MailboxError(MailboxTrouble.FOLDER, "The folder has no UIDVALIDITY.")
        uid_next = _told(found, "UIDNEXT") or await highest_uid(talk) + 1
        talk.grown = False
        self._folder, self._validity, self._writable = folder, validity, writable
        return FolderState(validity, uid_next)

    def _require_folder(self) -> str:
        if self._folder is None:
            raise MailboxError(MailboxTrouble.FOLDER, "No folder is selected.")
        return self._folder

    # Changes

    async def _move_set(self, uid_set: bytes, target: Text) -> None:
        if self._talk.offers("MOVE"):
            await self._make_room([b"UID", b"MOVE", uid_set, target], target, self._transfer())
            return
        await self._make_room([b"UID", b"COPY", uid_set, target], target, self._transfer())
        marks = [b"UID", b"STORE", uid_set, b"+FLAGS.SILENT", b"(\\Deleted)"]
        await self._talk.require(marks, self._transfer())
        if self._talk.offers("UIDPLUS"):
            await self._talk.require([b"UID", b"EXPUNGE", uid_set], self._transfer())

    async def _make_room(self, words: Sequence[bytes | Text], target: Text, price: Price) -> None:
        """Carry it out, with the folder made first if it is refused because there is none."""
        answer = await self._talk.ask(words, price)
        if answer.name == "NO" and answer.code in ("TRYCREATE", "NONEXISTENT", ""):
            made = await self._talk.ask([b"CREATE", target])
            if made.name == "OK" or made.code == "ALREADYEXISTS":
                answer = await self._talk.ask(words, price)
        if answer.name != "OK":
            raise self._talk.refused(answer)

    def _transfer(self) -> Price:
        return Price(self._talk.timeouts.transfer)


def _told(found: Iterable[Response], code: str) -> int:
    """The number that comes with a response code, the last if there are several; 0 if none is told."""
    number = 0
    for response in found:
        match response.values:
            case (_, str() as value, *_) if response.code == code and value.isascii() and value.isdigit():
                number = int(value) if len(value) <= 10 else 0
            case _:
                pass
    return number
