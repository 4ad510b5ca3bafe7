"""Accounts without passwords before the distribution's Postfix and Dovecot, which ask a token server whose
a token is: letters go out, mailboxes are read, expired tokens are renewed, a revoked consent pauses.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest

from leadterra.actions.access_tokens import AccessTokens, open_mailbox
from leadterra.actions.ports import FolderRole, MailAccess, MailboxError, MailboxTrouble, Security
from leadterra.domain.outcomes import Command
from leadterra.mail.composition import compose
from leadterra.store.database import Database
from leadterra.transport.connections import Limits
from leadterra.transport.courier import SmtpCourier
from leadterra.transport.imap import ImapMailroom
from leadterra.transport.trust import Trust
from tests.support.clock import ManualClock
from tests.support.granting import access_tokens, grant_account
from tests.support.mail_system import MailSystem
from tests.support.pools import TestPool
from tests.support.sending import Setting, quiet, until_state, working
from tests.support.smtp_certificates import authority
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def mail() -> Iterator[MailSystem]:
    """Postfix, Dovecot and their token server."""
    with MailSystem() as system:
        yield system


@pytest.fixture
def pool(own_database: Database, own_workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(own_database, own_workspace)


@dataclass(frozen=True, slots=True)
class Scene:
    """A worker, and one account of a mailbox with that address."""

    pool: TestPool
    clock: ManualClock
    mail: MailSystem
    tokens: AccessTokens
    account: UUID
    address: str
    campaign: UUID

    async def send(self, name: str) -> str:
        """A letter to a new lead, who has a mailbox; her address."""
        domain = f"{name}-{self.account.hex[-8:]}.test"
        self.mail.add_person(f"lead00000@{domain}")
        await self.pool.leads(self.campaign, 1, domain=domain, now=self.clock.now())
        await quiet(self.pool, self.clock)
        return f"lead00000@{domain}"

    async def roles(self) -> set[FolderRole]:
        """What the account's own mailbox has, opened by token. Raises `MailboxError`."""
        port = self.mail.dovecot.ports.imap
        access = MailAccess(self.account, "127.0.0.1", port, Security.STARTTLS, self.address)
        mailroom = ImapMailroom(self.clock, trust=Trust(authority().file))
        source = self.tokens.source(self.pool.workspace_id, self.account)
        session = await open_mailbox(mailroom, access, source)
        found = {folder.role for folder in await session.list_folders()}
        await session.close()
        return found


@asynccontextmanager
async def sending(pool: TestPool, clock: ManualClock, mail: MailSystem) -> AsyncIterator[Scene]:
    """A worker at work, which logs in for each letter."""
    address = f"ada-{uuid4().hex[:8]}@acme.test"
    mail.add_person(address)
    courier = SmtpCourier(clock, compose, limits=Limits(letters=1), trust=Trust(authority().file))
    async with access_tokens(pool.database, clock) as tokens:
        account = await grant_account(
            pool.database, pool.workspace_id, mail.tokens, email=address, port=mail.postfix.doors.submission
        )
        campaign = await pool.campaign()
        async with working(pool, clock, courier, setting=Setting(tokens=tokens)):
            yield Scene(pool, clock, mail, tokens, account, address, campaign)
        await courier.close()


async def arrived(mail: MailSystem, address: str) -> str:
    """From whom the letter is that lies in that mailbox."""
    await eventually(lambda: len(mail.letters(address)) == 1, what="the letter to arrive")
    return str(mail.letters(address)[0]["From"])


async def test_one_token_sends_and_reads(pool: TestPool, clock: ManualClock, mail: MailSystem) -> None:
    """The letter arrives, the mailbox opens, and the token server was asked once."""
    before = mail.tokens.refreshed
    async with sending(pool, clock, mail) as scene:
        lead = await scene.send("first")

        assert scene.address in await arrived(mail, lead)
        assert await scene.roles() == {FolderRole.INBOX, FolderRole.SENT, FolderRole.JUNK}
        assert mail.tokens.refreshed - before == 1


@pytest.mark.parametrize("minutes", [5, 60], ids=["before its time", "when its hour is over"])
async def test_an_expired_token_is_renewed(
    minutes: int, pool: TestPool, clock: ManualClock, mail: MailSystem
) -> None:
    """Sending and reading go on, and the account has no failure."""
    before = mail.tokens.refreshed
    async with sending(pool, clock, mail) as scene:
        await scene.send("first")
        mail.tokens.expire(scene.address)
        clock.advance(minutes=minutes)
        lead = await scene.send("second")
        assert scene.address in await arrived(mail, lead)
        mail.tokens.expire(scene.address)
        clock.advance(minutes=minutes)
        assert FolderRole.INBOX in await scene.roles()

        assert mail.tokens.refreshed - before == 3
        assert await pool.states("messages") == {"sent": 2}
        assert await pool.account_field(scene.account, "failures, status") == (0, "active")


async def test_a_revoked_consent_pauses_the_account(
    pool: TestPool, clock: ManualClock, mail: MailSystem
) -> None:
    """Its mailbox says that a person must act, its letters wait, and after three refusals it is paused."""
    async with sending(pool, clock, mail) as scene:
        await scene.send("first")
        mail.tokens.revoke(scene.address)
        clock.advance(minutes=5)
        lead = await scene.send("second")
        with pytest.raises(MailboxError) as caught:
            await scene.roles()
        for _ in range(2):
            clock.advance(minutes=5)
            await pool.wake(clock.now())
            await quiet(pool, clock)

        assert caught.value.trouble is MailboxTrouble.LOGIN
        assert await pool.account_field(scene.account, "status, status_reason") == ("paused", "auth_failed")
        await until_state(pool, "waiting", 1)
        assert mail.letters(lead) == []
        refusals = await pool.ask(
            "select command, count(*)::int from attempts where workspace_id = :w and outcome = 'refused'"
            " group by command"
        )
        assert refusals == [(Command.AUTH, 3)]
