"""Sending workers with an account that logs in by access tokens: a real token server, a real mail server."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import pytest

from leadterra.actions.running import run
from leadterra.actions.sender_accounts import activate_sender_account
from leadterra.mail.composition import compose
from leadterra.store.database import Database
from leadterra.transport.connections import Limits
from leadterra.transport.courier import SmtpCourier
from leadterra.transport.trust import Trust
from tests.support.clock import ManualClock
from tests.support.granting import access_tokens, grant_account, regrant
from tests.support.pools import TestPool
from tests.support.sending import Setting, quiet, until_state, working
from tests.support.smtp_certificates import authority
from tests.support.smtp_xoauth2 import TokenMail, token_mail
from tests.support.token_server import TokenServer

USER = "ada@acme.test"


@dataclass(frozen=True, slots=True)
class Scene:
    """A pool with one account, its token server and its mail server."""

    pool: TestPool
    clock: ManualClock
    tokens: TokenServer
    mail: TokenMail
    account: UUID
    campaign: UUID

    async def send(self, count: int, name: str) -> None:
        """So many new leads, and what becomes of them at this instant."""
        await self.pool.leads(self.campaign, count, prefix=name, now=self.clock.now())
        await quiet(self.pool, self.clock)

    async def condition(self) -> tuple[str, str | None]:
        """Status of the account, and its reason."""
        found: tuple[str, str | None] = await self.pool.account_field(self.account, "status, status_reason")
        return found


@pytest.fixture
def pool(own_database: Database, own_workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(own_database, own_workspace)


@asynccontextmanager
async def sending(pool: TestPool, clock: ManualClock) -> AsyncIterator[Scene]:
    """A worker at work, which logs in for each letter."""
    courier = SmtpCourier(clock, compose, limits=Limits(letters=1), trust=Trust(authority().file))
    with TokenServer() as tokens:
        async with token_mail(tokens) as mail, access_tokens(pool.database, clock) as kept:
            account = await grant_account(pool.database, pool.workspace_id, tokens, port=mail.port)
            campaign = await pool.campaign()
            async with working(pool, clock, courier, setting=Setting(tokens=kept)):
                yield Scene(pool, clock, tokens, mail, account, campaign)
            await courier.close()


async def test_letters_go_out_by_one_token(pool: TestPool, clock: ManualClock) -> None:
    """The address stands for the user name that was not given."""
    async with sending(pool, clock) as scene:
        await scene.send(5, "first")

        assert scene.mail.logins == [USER] * 5
        assert len(scene.tokens.forms) == 1
        assert await pool.states("messages") == {"sent": 5}


async def test_an_expired_token_is_refreshed(pool: TestPool, clock: ManualClock) -> None:
    """After its hour it is not shown any more: nothing is refused."""
    async with sending(pool, clock) as scene:
        await scene.send(1, "first")
        scene.tokens.expire(USER)
        clock.advance(hours=1)
        await scene.send(1, "second")

        assert (len(scene.tokens.forms), scene.mail.refused) == (2, 0)
        assert await pool.states("messages") == {"sent": 2}


async def test_a_token_that_expired_before_its_time_is_refreshed(pool: TestPool, clock: ManualClock) -> None:
    """Refused once, renewed, and the letter goes out in the same attempt; the account has no failure."""
    async with sending(pool, clock) as scene:
        await scene.send(1, "first")
        scene.tokens.expire(USER)
        clock.advance(minutes=5)
        await scene.send(1, "second")

        assert (len(scene.tokens.forms), scene.mail.refused) == (2, 1)
        assert await pool.states("messages") == {"sent": 2}
        assert await pool.account_field(scene.account, "failures") == 0


async def test_a_token_server_in_trouble_costs_time_alone(pool: TestPool, clock: ManualClock) -> None:
    """The account rests and is tried again, however often; it is not paused."""
    async with sending(pool, clock) as scene:
        scene.tokens.answers(503, b"")
        for number in range(5):
            await scene.send(1, f"try{number}")
            clock.advance(hours=1)
        assert await scene.condition() == ("active", None)
        scene.tokens.trouble = None
        clock.advance(hours=1)
        await pool.wake(clock.now())
        await until_state(pool, "sent", 5, "messages")


async def test_revoked_consent_pauses_the_account(pool: TestPool, clock: ManualClock) -> None:
    """Three refusals, with the usual rests between; the leads wait, and go out when a person has acted."""
    async with sending(pool, clock) as scene:
        await scene.send(1, "first")
        scene.tokens.revoke(USER)
        clock.advance(hours=1)
        await scene.send(1, "second")
        assert await scene.condition() == ("active", None)
        for _ in range(2):
            clock.advance(minutes=5)
            await pool.wake(clock.now())
            await quiet(pool, clock)

        assert await scene.condition() == ("paused", "auth_failed")
        assert await pool.states() == {"finished": 1, "waiting": 1}
        said = [data for kind, data in await pool.events() if kind == "sender.paused"]
        assert [data["reason"] for data in said] == ["auth_failed"]
        attempts = await pool.ask(
            "select answer from attempts where workspace_id = :w and outcome = 'refused'"
        )
        assert {row[0] for row in attempts} == {
            "The token server refused: invalid_grant: Token has been revoked."
        }

        await consent_again(scene)
        await until_state(pool, "sent", 2, "messages")


async def consent_again(scene: Scene) -> None:
    """A person lets us in again, and says so."""
    database, workspace_id, now = scene.pool.database, scene.pool.workspace_id, scene.clock.now()
    await regrant(database, workspace_id, scene.account, scene.tokens, USER)
    await run(database, workspace_id, lambda uow: activate_sender_account(uow, scene.account, now=now))
