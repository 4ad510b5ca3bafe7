"""Accounts that log in by OAuth 2.0, made as the API makes them, and the tokens of one process for them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from leadterra.actions.access_tokens import AccessTokens
from leadterra.actions.mail_servers import ServerChange
from leadterra.actions.oauth_grants import AuthChange, GrantChange
from leadterra.actions.ports import Clock
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import (
    AccountChange,
    NewAccount,
    change_sender_account,
    create_sender_account,
)
from leadterra.domain.oauth import OAuthProvider
from leadterra.domain.sender_account import Protocol, Security
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing
from leadterra.transport.oauth_tokens import OAuthTokens
from tests.support.clock import NOW
from tests.support.token_server import CLIENT, SECRET, TokenServer

KEYS = KeyRing({"test": bytes(32)})


def agreed(server: TokenServer, user: str) -> GrantChange:
    """What a person has agreed to, at that server."""
    return GrantChange(
        provider=OAuthProvider.CUSTOM,
        client_id=CLIENT,
        client_secret=SECRET,
        refresh_token=server.grant(user),
        token_url=server.token_url,
    )


async def grant_account(
    database: Database,
    workspace_id: UUID,
    server: TokenServer,
    *,
    email: str = "ada@acme.test",
    port: int = 587,
    now: datetime = NOW,
) -> UUID:
    """A sender account of a mailbox on this machine, which logs in by tokens of that server."""
    smtp = ServerChange(host="127.0.0.1", port=port, security=Security.STARTTLS)
    new = NewAccount(email, "Ada", servers={Protocol.SMTP: smtp}, auth=AuthChange(agreed(server, email)))
    made = await run(
        database, workspace_id, lambda uow: create_sender_account(uow, new, key_ring=KEYS, now=now)
    )
    return made.id


async def regrant(
    database: Database, workspace_id: UUID, account_id: UUID, server: TokenServer, user: str
) -> str:
    """Its person consents again; the new refresh token."""
    grant = agreed(server, user)
    change = AccountChange(auth=AuthChange(grant))
    await run(
        database,
        workspace_id,
        lambda uow: change_sender_account(uow, account_id, change, key_ring=KEYS, now=NOW),
    )
    return grant["refresh_token"]


@asynccontextmanager
async def access_tokens(database: Database, clock: Clock) -> AsyncIterator[AccessTokens]:
    """Those of one process, for as long as the block."""
    tokens = AccessTokens(database, clock, KEYS, OAuthTokens(patience=5))
    yield tokens
    await tokens.close()
