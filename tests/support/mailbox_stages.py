"""A mailbox and the means to play its server: scripted, or on a real Dovecot, for tests of what both do."""

import asyncio
import imaplib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Protocol
from uuid import uuid4

from leadterra.actions.ports import MailAccess, MailboxSession, Mailroom, Security
from leadterra.transport.imap import ImapMailroom
from leadterra.transport.scripted_mailboxes import ScriptedMailboxes
from leadterra.transport.trust import Trust
from tests.support.clock import NOW, ManualClock
from tests.support.dovecot import Dovecot
from tests.support.smtp_certificates import authority

PASSWORD = "correct horse"


class Server(Protocol):
    """What a test does behind the client's back."""

    async def deliver(self, content: bytes) -> None:
        """Put a letter into the inbox."""
        ...

    async def make_anew(self, folder: str) -> None:
        """Delete a folder that is there, and make one of that name."""
        ...

    async def seen(self) -> int:
        """How many letters of the inbox are marked as read."""
        ...


@dataclass
class Stage:
    """A mailbox. access: of its owner."""

    mailroom: Mailroom
    access: MailAccess
    server: Server

    @asynccontextmanager
    async def session(self, folder: str | None = "INBOX") -> AsyncIterator[MailboxSession]:
        """Logged in, with that folder selected."""
        session = await self.mailroom.open(self.access)
        try:
            if folder is not None:
                await session.select(folder)
            yield session
        finally:
            await session.close()

    def with_password(self, password: str) -> MailAccess:
        """The access of somebody who believes that this is it."""
        return replace(self.access, password=password)

    def with_token(self, token: Callable[[], Awaitable[str]]) -> MailAccess:
        """The access of somebody who has a token."""
        return replace(self.access, password=None, token=token)


class _ScriptedServer:
    def __init__(self, mailboxes: ScriptedMailboxes, username: str) -> None:
        self._mailbox = mailboxes.mailbox(username, password=PASSWORD)

    async def deliver(self, content: bytes) -> None:
        self._mailbox.deliver(content)

    async def make_anew(self, folder: str) -> None:
        self._mailbox.make_anew(folder)

    async def seen(self) -> int:
        return sum(letter.is_seen for letter in self._mailbox.folders["INBOX"].letters.values())


class _DovecotServer:
    def __init__(self, dovecot: Dovecot, username: str) -> None:
        self._dovecot = dovecot
        self._username = username
        dovecot.add_user(username, password=PASSWORD)

    async def deliver(self, content: bytes) -> None:
        await asyncio.to_thread(self._dovecot.deliver, content, self._username)

    async def make_anew(self, folder: str) -> None:
        await asyncio.to_thread(self._make_anew, folder)

    async def seen(self) -> int:
        return await asyncio.to_thread(self._seen)

    def _make_anew(self, folder: str) -> None:
        with self._client() as client:
            client.delete(folder)
            client.create(folder)

    def _seen(self) -> int:
        with self._client() as client:
            client.select("INBOX", readonly=True)
            return len(client.search(None, "SEEN")[1][0].split())

    def _client(self) -> imaplib.IMAP4:
        context = Trust(authority().file).context("127.0.0.1")
        client = imaplib.IMAP4_SSL("127.0.0.1", self._dovecot.ports.imaps, ssl_context=context)
        client.login(self._username, PASSWORD)
        return client


def scripted_stage() -> Stage:
    """A mailbox in memory."""
    mailboxes, username = ScriptedMailboxes(ManualClock(NOW)), f"kim-{uuid4().hex[:8]}@people.test"
    return Stage(mailboxes, _access(username, 993), _ScriptedServer(mailboxes, username))


def dovecot_stage(dovecot: Dovecot) -> Stage:
    """A mailbox on a real server."""
    username = f"kim-{uuid4().hex[:8]}@people.test"
    mailroom = ImapMailroom(ManualClock(NOW), trust=Trust(authority().file))
    return Stage(mailroom, _access(username, dovecot.ports.imaps), _DovecotServer(dovecot, username))


def _access(username: str, port: int) -> MailAccess:
    return MailAccess(uuid4(), "127.0.0.1", port, Security.TLS, username, PASSWORD)
