"""Mailboxes that exist in memory only: for simulations, whose time is not ours, and for tests.

They differ from real ones in nothing that a `Mailroom`'s callers see, and pass the same suite. Whoever plays
the server delivers letters, takes them away, breaks connections, refuses logins and makes folders anew.
Nothing takes any time but `wait`, which ends at once when a letter comes.
"""

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from leadterra.actions.ports import (
    Clock,
    FetchedLetter,
    Folder,
    FolderRole,
    FolderState,
    MailAccess,
    MailboxError,
    MailboxTrouble,
)
from leadterra.transport.imap_commands import HIGHEST_UID

_HEADER_END = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True)
class StoredLetter:
    """content: the whole letter. received_at: when it was delivered. is_seen: marked as read."""

    content: bytes
    received_at: datetime
    is_seen: bool = False


@dataclass(slots=True)
class StoredFolder:
    """uid_validity, uid_next: as in `FolderState`. role: None if it has none. letters: by UID, in order."""

    uid_validity: int
    role: FolderRole | None = None
    uid_next: int = 1
    letters: dict[int, StoredLetter] = field(default_factory=dict)

    def add(self, letter: StoredLetter) -> int:
        """Its UID."""
        uid, self.uid_next = self.uid_next, self.uid_next + 1
        self.letters[uid] = letter
        return uid


class ScriptedMailbox:
    """One mailbox, as its server sees it.

    password: what it takes; None takes any. token: the access token that it takes likewise. idles: whether it
    offers IDLE. tells_status: whether it tells of folders that are not selected. unreachable, refused: why
    nobody gets a connection, why nobody is let in; None while it works. sessions: those that are open.
    folders: by name.
    """

    def __init__(self, clock: Clock, *, password: str | None = None, token: str | None = None) -> None:
        self._clock = clock
        self._validity = 1
        self.password = password
        self.token = token
        self.idles = True
        self.tells_status = True
        self.unreachable: str | None = None
        self.refused: str | None = None
        self.sessions: set[ScriptedSession] = set()
        self.folders: dict[str, StoredFolder] = {}
        for name, role in (
            ("INBOX", FolderRole.INBOX),
            ("Junk", FolderRole.JUNK),
            ("Sent", FolderRole.SENT),
        ):
            self.create(name, role)

    def create(self, name: str, role: FolderRole | None = None) -> StoredFolder:
        """A folder; the one there is, if there is one."""
        if name not in self.folders:
            self._validity += 1
            self.folders[name] = StoredFolder(self._validity, role)
        return self.folders[name]

    def deliver(self, content: bytes, folder: str = "INBOX", received_at: datetime | None = None) -> int:
        """Put a letter there; its UID. Whoever waits for it is told."""
        return self.store(StoredLetter(content, received_at or self._clock.now()), folder)

    def append(self, content: bytes, folder: str) -> int:
        """Put a letter there as read; its UID."""
        return self.store(StoredLetter(content, self._clock.now(), is_seen=True), folder)

    def store(self, letter: StoredLetter, folder: str) -> int:
        """Put it there, and tell whoever waits; its UID."""
        uid = self.create(folder).add(letter)
        for session in self.sessions:
            session.tell(folder)
        return uid

    def remove(self, uid: int, folder: str = "INBOX") -> None:
        """Take a letter away, as a person does."""
        self.folders[folder].letters.pop(uid, None)

    def make_anew(self, folder: str = "INBOX") -> None:
        """Another UIDVALIDITY; letters stay, with UIDs from 1 on."""
        old = self.folders.pop(folder)
        new = self.create(folder, old.role)
        for letter in old.letters.values():
            new.add(letter)

    def break_off(self, text: str = "The server closed the connection.") -> None:
        """Break every open session."""
        for session in list(self.sessions):
            session.end(text)

    def admit(self, access: MailAccess, token: str | None) -> "ScriptedSession":
        """Let somebody in, or raise MailboxError."""
        if self.unreachable is not None:
            raise MailboxError(MailboxTrouble.SERVER, self.unreachable)
        given, taken = (token, self.token) if token is not None else (access.password, self.password)
        if self.refused is not None or (taken is not None and given != taken):
            raise MailboxError(MailboxTrouble.LOGIN, self.refused or "NO [AUTHENTICATIONFAILED] Refused.")
        session = ScriptedSession(self)
        self.sessions.add(session)
        return session


class ScriptedMailboxes:
    """A `Mailroom` of scripted mailboxes, by user name."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._mailboxes: dict[str, ScriptedMailbox] = {}

    def mailbox(
        self, username: str, *, password: str | None = None, token: str | None = None
    ) -> ScriptedMailbox:
        """The mailbox of that user, made if there is none."""
        if username not in self._mailboxes:
            self._mailboxes[username] = ScriptedMailbox(self._clock, password=password, token=token)
        return self._mailboxes[username]

    async def open(self, access: MailAccess) -> "ScriptedSession":
        """Log in."""
        token = await access.token() if access.token is not None and access.password is None else None
        if access.username not in self._mailboxes:
            raise MailboxError(MailboxTrouble.LOGIN, "NO [AUTHENTICATIONFAILED] There is no such user.")
        return self._mailboxes[access.username].admit(access, token)


class ScriptedSession:
    """See `actions.ports.MailboxSession`."""

    def __init__(self, mailbox: ScriptedMailbox) -> None:
        self._mailbox = mailbox
        self._selected: str | None = None
        self._grown = asyncio.Event()
        self._ended: str | None = None

    @property
    def idles(self) -> bool:
        """As the mailbox is set."""
        return self._mailbox.idles

    def tell(self, folder: str) -> None:
        """A letter came there."""
        if folder == self._selected:
            self._grown.set()

    def end(self, text: str) -> None:
        """Nothing works from now on."""
        self._ended = text
        self._mailbox.sessions.discard(self)
        self._grown.set()

    async def list_folders(self) -> list[Folder]:
        """Those with a role."""
        self._require_open()
        return [Folder(name, each.role) for name, each in self._mailbox.folders.items() if each.role]

    async def select(self, folder: str) -> FolderState:
        """Open a folder."""
        self._require_open()
        self._selected = None
        name = "INBOX" if folder.upper() == "INBOX" else folder
        if name not in self._mailbox.folders:
            raise MailboxError(MailboxTrouble.FOLDER, f"There is no folder {folder}.")
        self._selected = name
        self._grown.clear()
        found = self._mailbox.folders[name]
        return FolderState(found.uid_validity, found.uid_next)

    async def glance(self, folder: str) -> FolderState | None:
        """How a folder is."""
        self._require_open()
        if not self._mailbox.tells_status:
            return None
        if folder not in self._mailbox.folders:
            raise MailboxError(MailboxTrouble.FOLDER, f"There is no folder {folder}.")
        found = self._mailbox.folders[folder]
        return FolderState(found.uid_validity, found.uid_next)

    async def fetch(self, first_uid: int, *, limit: int, max_octets: int) -> list[FetchedLetter]:
        """Letters from that UID on."""
        letters = self._require_folder().letters
        self._grown.clear()
        uids = sorted(uid for uid in letters if uid >= first_uid)[: max(0, limit)]
        return [
            FetchedLetter(uid, len(each.content), each.received_at, each.content[:max_octets])
            for uid, each in ((uid, letters[uid]) for uid in uids)
        ]

    async def find(self, message_id: str) -> int | None:
        """The newest with that Message-ID."""
        letters = self._require_folder().letters
        wanted = message_id.strip().encode("utf-8", "replace")
        found = (uid for uid, each in letters.items() if wanted and wanted in _message_id(each.content))
        return max(found, default=None)

    async def wait(self, seconds: float) -> bool:
        """Until a letter comes, or so long."""
        self._require_folder()
        if self.idles and not self._grown.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(self._grown.wait(), seconds)
        self._require_folder()
        return self._grown.is_set()

    async def move(self, uids: Sequence[int], folder: str) -> None:
        """Into a folder, made if it is not there."""
        source = self._require_folder()
        if not all(1 <= uid <= HIGHEST_UID for uid in uids):
            raise MailboxError(MailboxTrouble.FOLDER, "A UID is between 1 and 2^32-1 (RFC 9051 §2.3.1.1).")
        for uid in sorted(set(uids) & source.letters.keys()):
            self._mailbox.store(source.letters.pop(uid), folder)

    async def append(self, folder: str, content: bytes) -> None:
        """As read."""
        self._require_open()
        self._mailbox.append(content, folder)

    async def close(self) -> None:
        """No more of this session."""
        self.end("We dropped the connection.")

    def _require_open(self) -> None:
        if self._ended is not None:
            raise MailboxError(MailboxTrouble.SERVER, self._ended)

    def _require_folder(self) -> StoredFolder:
        self._require_open()
        if self._selected is None:
            raise MailboxError(MailboxTrouble.FOLDER, "No folder is selected.")
        return self._mailbox.folders[self._selected]


def _message_id(content: bytes) -> bytes:
    """The values of Message-ID in a letter's header."""
    end = _HEADER_END.search(content)
    lines = (content[: end.start()] if end else content).splitlines()
    return b"\n".join(line.split(b":", 1)[1] for line in lines if line.lower().startswith(b"message-id:"))
