"""What accounts are checked with, in the hands of tests: the real thing before servers of loopback, or
nobody there at all.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from leadterra.actions.access_tokens import AccessTokens
from leadterra.actions.equipment import Probes
from leadterra.actions.ports import (
    Clock,
    MailAccess,
    MailboxError,
    MailboxSession,
    MailboxTrouble,
    Submission,
)
from leadterra.domain.outcomes import Answer, Command, Deferred, Refused, Scope
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing
from leadterra.transport.greeting import SmtpGreeter
from leadterra.transport.imap import ImapMailroom
from leadterra.transport.oauth_tokens import OAuthTokens
from leadterra.transport.resolver import DnsResolver
from leadterra.transport.trust import Trust
from tests.support.dns_server import NameServer
from tests.support.smtp_certificates import authority


class Nobody:
    """A `Greeter`, `Mailroom` and `Resolver` of a machine without a network."""

    async def log_in(self, submission: Submission) -> Deferred | Refused | None:
        """No connection."""
        return Deferred(Scope.SERVER, Answer(Command.CONNECT, None, None, "No connection."))

    async def open(self, access: MailAccess) -> MailboxSession:
        """No connection."""
        raise MailboxError(MailboxTrouble.SERVER, "No connection.")

    async def list_mx(self, domain: str) -> list[str] | None:
        """No answer."""
        return None

    async def list_txt(self, name: str) -> list[str] | None:
        """No answer."""
        return None


def without_network(database: Database, clock: Clock, key_ring: KeyRing) -> Probes:
    """Probes that reach nobody."""
    nobody = Nobody()
    return Probes(nobody, nobody, nobody, AccessTokens(database, clock, key_ring, OAuthTokens()))


@asynccontextmanager
async def probing(
    database: Database, clock: Clock, key_ring: KeyRing, names: NameServer
) -> AsyncIterator[Probes]:
    """The real ones, which ask that name server and believe the authority of tests."""
    trust = Trust(authority().file)
    tokens = AccessTokens(database, clock, key_ring, OAuthTokens(patience=5))
    resolver = DnsResolver(names.address, patience=2)
    yield Probes(
        SmtpGreeter(trust=trust),
        ImapMailroom(clock, trust=trust),
        resolver,
        tokens,
    )
    await tokens.close()
