"""How tests open a mailbox on a server that follows a script."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from uuid import UUID

import pytest

from leadterra.actions.ports import MailAccess, MailboxError, MailboxTrouble, Security
from leadterra.transport.imap import ImapMailroom
from leadterra.transport.imap_session import ImapSession
from leadterra.transport.timeouts import MailboxTimeouts
from leadterra.transport.trust import Trust
from tests.support.clock import NOW, ManualClock
from tests.support.imap_server import ImapServer, Step, greeted, imap_server
from tests.support.smtp_certificates import authority

PASSWORD = "correct horse"
IMPATIENT = MailboxTimeouts(0.2, 0.2, 0.2, 0.2, idle=0.05, farewell=0.1)
PATIENT = MailboxTimeouts(10, 10, 10, 10, idle=10, farewell=1)


def access(
    server: ImapServer,
    security: Security = Security.NONE,
    *,
    username: str = "kim",
    password: str | None = PASSWORD,
    token: Callable[[], Awaitable[str]] | None = None,
) -> MailAccess:
    """Of kim, who lives there."""
    return MailAccess(UUID(int=1), server.host, server.port, security, username, password, token)


def mailroom(timeouts: MailboxTimeouts = PATIENT) -> ImapMailroom:
    """The real one."""
    return ImapMailroom(ManualClock(NOW), timeouts=timeouts, trust=Trust(authority().file))


@asynccontextmanager
async def mailbox(
    *steps: Step | list[Step],
    offers: tuple[str, ...] = (),
    timeouts: MailboxTimeouts = PATIENT,
    folder: bool = True,
) -> AsyncIterator[ImapSession]:
    """Kim's, logged in, with the inbox selected; the steps come after that."""
    script = greeted(*offers, folder=folder)
    for step in steps:
        script += step if isinstance(step, list) else [step]
    async with imap_server(script) as server:
        session = await mailroom(timeouts).open(access(server))
        try:
            if folder:
                await session.select("INBOX")
            yield session
        finally:
            await session.close()


async def trouble(doing: Awaitable[object]) -> tuple[MailboxTrouble, str]:
    """What it fails with."""
    with pytest.raises(MailboxError) as caught:
        await doing
    return caught.value.trouble, str(caught.value)
