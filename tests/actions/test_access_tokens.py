"""Access tokens of accounts: kept, renewed, asked for once, and new refresh tokens stored."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest
from psycopg import OperationalError

from leadterra.actions.access_tokens import open_mailbox
from leadterra.actions.oauth_grants import find_grant
from leadterra.actions.ports import (
    MailAccess,
    MailboxError,
    MailboxSession,
    MailboxTrouble,
    Security,
    TokenError,
    TokenTrouble,
)
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import remove_sender_account
from leadterra.store.database import Database, UnitOfWork
from tests.support.clock import ManualClock
from tests.support.granting import KEYS, access_tokens, grant_account, regrant
from tests.support.token_server import TokenServer
from tests.support.waiting import eventually

USER = "ada@acme.test"


@pytest.fixture
def server() -> Iterator[TokenServer]:
    """A token server."""
    with TokenServer() as running:
        yield running


@pytest.fixture
async def account(database: Database, workspace: UUID, server: TokenServer) -> UUID:
    """An account that logs in by its tokens."""
    return await grant_account(database, workspace, server)


async def refresh_token(database: Database, workspace: UUID, account: UUID) -> str:
    """The one that is stored."""
    found = await run(database, workspace, lambda uow: find_grant(uow, account, KEYS))
    assert found is not None
    return found[0].refresh_token


async def test_a_token_is_kept_until_shortly_before_it_expires(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """Asked for at once, at 58 minutes and at 59 minutes of its hour: two questions."""
    async with access_tokens(database, clock) as tokens:
        source = tokens.source(workspace, account)
        first = await source.access_token()
        clock.advance(minutes=58)
        kept = await source.access_token()
        clock.advance(minutes=1)
        second = await source.access_token()

    assert (kept, len(server.forms)) == (first, 2)
    assert second != first
    assert server.owner_of(second) == USER


async def test_who_asks_at_once_gets_the_same(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """One question at a time an account; other accounts ask beside it."""
    other = await grant_account(database, workspace, server, email="bob@acme.test")
    server.gate.clear()
    async with access_tokens(database, clock) as tokens:
        sources = [tokens.source(workspace, each) for each in (account, other) for _ in range(10)]
        asking = [asyncio.create_task(source.access_token()) for source in sources]
        await eventually(lambda: server.open == 2)
        server.gate.set()
        found = await asyncio.gather(*asking)

    assert (len(set(found[:10])), len(set(found[10:])), server.most_open) == (1, 1, 2)


async def test_who_gives_up_waiting_keeps_nobody_from_it(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """The first of two is cancelled: the question goes on, and its new refresh token is stored."""
    server.rotates = True
    server.gate.clear()
    async with access_tokens(database, clock) as tokens:
        source = tokens.source(workspace, account)
        first = asyncio.create_task(source.access_token())
        await eventually(lambda: server.open == 1)
        second = asyncio.create_task(source.access_token())
        first.cancel()
        server.gate.set()
        token = await second

    assert server.owner_of(token) == USER
    assert await refresh_token(database, workspace, account) == "refresh-token-number-3"


async def test_a_new_refresh_token_takes_the_place_of_the_old(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """Each is good for once, and three in a row are asked for by two processes."""
    server.rotates = True
    for _ in range(2):
        async with access_tokens(database, clock) as tokens:
            source = tokens.source(workspace, account)
            for _ in range(3):
                assert server.owner_of(await source.access_token()) == USER
                clock.advance(hours=1)

    assert len(server.forms) == 6
    assert len({form["refresh_token"] for form in server.forms}) == 6


async def test_another_process_was_first(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """It used the refresh token up while we asked with it: its new one is tried."""
    server.rotates = True
    async with access_tokens(database, clock) as one, access_tokens(database, clock) as two:
        server.gate.clear()
        asking = [asyncio.create_task(each.source(workspace, account).access_token()) for each in (one, two)]
        await eventually(lambda: server.open == 2)
        server.gate.set()
        results = await asyncio.gather(*asking, return_exceptions=True)

        # Whoever lost looks for a newer one; if it is not stored yet, the next try finds it.
        for each in (one, two):
            assert server.owner_of(await each.source(workspace, account).access_token()) == USER
    assert any(isinstance(result, str) for result in results)


@dataclass
class Away(Database):
    """A database that is away while it is told to be."""

    inner: Database
    away: bool = False

    @asynccontextmanager
    async def unit_of_work(self, workspace_id: UUID) -> AsyncIterator[UnitOfWork]:
        """As the inner one, or not at all."""
        if self.away:
            raise OperationalError("the connection is lost")
        async with self.inner.unit_of_work(workspace_id) as uow:
            yield uow


async def test_a_refresh_token_that_cannot_be_stored_is_not_lost(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """The database goes away between question and answer: the token is used, and the new refresh token
    stored next time.
    """
    server.rotates = True
    server.gate.clear()
    flaky = Away(database)
    async with access_tokens(flaky, clock) as tokens:
        source = tokens.source(workspace, account)
        asking = asyncio.create_task(source.access_token())
        await eventually(lambda: server.open == 1)
        flaky.away = True
        server.gate.set()
        assert server.owner_of(await asking) == USER
        flaky.away = False
        clock.advance(hours=1)
        assert server.owner_of(await source.access_token()) == USER
        clock.advance(hours=1)
        assert server.owner_of(await source.access_token()) == USER

    stored = await refresh_token(database, workspace, account)
    assert stored not in [form["refresh_token"] for form in server.forms]


async def test_a_person_s_new_consent_is_not_overwritten(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """Given while the server answered for the old one: the person's stays."""
    server.rotates = True
    server.gate.clear()
    async with access_tokens(database, clock) as tokens:
        asking = asyncio.create_task(tokens.source(workspace, account).access_token())
        await eventually(lambda: server.open == 1)
        new = await regrant(database, workspace, account, server, USER)
        server.gate.set()
        await asking

    assert await refresh_token(database, workspace, account) == new


async def test_a_refused_token_is_forgotten(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """A young one is not worth another try at once, an old one is; what another login has renewed already
    is.
    """
    async with access_tokens(database, clock) as tokens:
        source = tokens.source(workspace, account)
        young = await source.access_token()
        assert not source.renew(young)
        old = await source.access_token()
        clock.advance(minutes=1)
        assert source.renew(old)
        new = await source.access_token()
        assert source.renew(old)
        assert await source.access_token() == new

    assert len({young, old, new}) == 3


async def test_revoked_consent_needs_a_person(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """And so does an account that is gone."""
    server.revoke(USER)
    async with access_tokens(database, clock) as tokens:
        with pytest.raises(TokenError, match="invalid_grant") as revoked:
            await tokens.source(workspace, account).access_token()
        await run(database, workspace, lambda uow: remove_sender_account(uow, account, now=clock.now()))
        with pytest.raises(TokenError, match="no grant") as gone:
            await tokens.source(workspace, account).access_token()

    assert {revoked.value.trouble, gone.value.trouble} == {TokenTrouble.LOGIN}


class Mailbox:
    """A `Mailroom` that lets a token in, or not. opened: tokens that were shown."""

    def __init__(self, server: TokenServer) -> None:
        self._server = server
        self.opened: list[str] = []

    async def open(self, access: MailAccess) -> MailboxSession:
        """Refuses like a server whose every login fails, once the token was looked at."""
        assert access.token is not None
        self.opened.append(await access.token())
        trouble = MailboxTrouble.FOLDER if self._server.owner_of(self.opened[-1]) else MailboxTrouble.LOGIN
        raise MailboxError(trouble, "no")


async def test_a_mailbox_is_opened_by_a_new_token_where_the_old_one_does_not_hold(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """Expired before its time: tried again once, and let in."""
    mailroom = Mailbox(server)
    access = MailAccess(account, "127.0.0.1", 993, Security.TLS, USER)
    async with access_tokens(database, clock) as tokens:
        source = tokens.source(workspace, account)
        await source.access_token()
        clock.advance(minutes=2)
        server.expire(USER)
        with pytest.raises(MailboxError) as caught:
            await open_mailbox(mailroom, access, source)

    assert (caught.value.trouble, len(mailroom.opened)) == (MailboxTrouble.FOLDER, 2)


async def test_a_mailbox_of_revoked_consent_is_a_refused_login(
    database: Database, workspace: UUID, account: UUID, clock: ManualClock, server: TokenServer
) -> None:
    """No server is asked; a token server in trouble is no refusal."""
    mailroom = Mailbox(server)
    access = MailAccess(account, "127.0.0.1", 993, Security.TLS, USER)
    async with access_tokens(database, clock) as tokens:
        server.answers(503, b"")
        with pytest.raises(MailboxError) as passing:
            await open_mailbox(mailroom, access, tokens.source(workspace, account))
        server.trouble = None
        server.revoke(USER)
        with pytest.raises(MailboxError) as refused:
            await open_mailbox(mailroom, access, tokens.source(workspace, account))

    assert (passing.value.trouble, refused.value.trouble) == (MailboxTrouble.SERVER, MailboxTrouble.LOGIN)
    assert mailroom.opened == []
