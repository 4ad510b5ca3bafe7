"""Access tokens of accounts that log in without a password: kept in memory until shortly before they expire.

One token of an account is asked for at a time, whoever waits for it. What the token server gives in place of
the refresh token is stored before the access token is used; where the database is away it is kept and stored
with the next one. Raises `TokenError`, and what the database raises when it is away.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from leadterra.actions.oauth_grants import find_grant, keep_refresh_token
from leadterra.actions.ports import (
    Clock,
    Grant,
    IssuedToken,
    MailAccess,
    MailboxError,
    MailboxSession,
    MailboxTrouble,
    Mailroom,
    TokenError,
    Tokens,
    TokenSource,
    TokenTrouble,
)
from leadterra.actions.running import run
from leadterra.store.availability import is_unavailable
from leadterra.store.database import Database
from leadterra.store.oauth_grants import OAuthGrant
from leadterra.store.sealing import KeyRing, SealError

_MARGIN = timedelta(minutes=1)
"""So long before its end a token is not used any more, or a tenth of its life if that is less."""
_FRESH = timedelta(minutes=1)
"""A token that was refused this soon after it was issued is not the trouble."""

Key = tuple[UUID, UUID]
"""Workspace and account."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An access token, from when it is, and until when it is used."""

    token: str = field(repr=False)
    issued_at: datetime
    until: datetime


class AccessTokens:
    """Those of one process. Belongs to one event loop."""

    def __init__(self, database: Database, clock: Clock, key_ring: KeyRing, tokens: Tokens) -> None:
        """tokens: the token servers."""
        self._database, self._clock, self._key_ring, self._tokens = database, clock, key_ring, tokens
        self._kept: dict[Key, _Kept] = {}
        self._under_way: dict[Key, asyncio.Task[str]] = {}
        self._unsaved: dict[Key, tuple[int, str]] = {}
        """Refresh tokens that could not be stored, with the generation that they follow."""

    def source(self, workspace_id: UUID, account_id: UUID) -> TokenSource:
        """The tokens of one account."""
        return _Source(self, (workspace_id, account_id))

    async def access_token(self, key: Key) -> str:
        """One that should hold, new if none is kept."""
        kept = self._kept.get(key)
        if kept is not None and self._clock.now() < kept.until:
            return kept.token
        task = self._under_way.get(key)
        if task is None:
            # A task of its own: who waits may give up, and a new refresh token is stored all the same.
            task = self._under_way[key] = asyncio.create_task(self._refresh(key))
            task.add_done_callback(partial(self._forget, key))
        return await asyncio.shield(task)

    def renew(self, key: Key, token: str) -> bool:
        """See `ports.TokenSource`."""
        kept = self._kept.get(key)
        if kept is None or kept.token != token:
            return True  # Somebody has seen to it; what is kept now, or comes, is another one.
        del self._kept[key]
        return self._clock.now() - kept.issued_at >= _FRESH

    async def close(self) -> None:
        """Wait for what was asked, so that nothing that was issued is lost, and drop the connections."""
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        await self._tokens.close()

    def _forget(self, key: Key, task: asyncio.Task[str]) -> None:
        del self._under_way[key]
        if not task.cancelled():
            task.exception()  # Whoever waited has it; if nobody did, that is all right.

    async def _refresh(self, key: Key) -> str:
        issued = await self._redeem(key)
        now = self._clock.now()
        lifetime = timedelta(seconds=issued.lifetime)
        for other in [other for other, kept in self._kept.items() if kept.until <= now]:
            del self._kept[other]
        self._kept[key] = _Kept(issued.access_token, now, now + lifetime - min(_MARGIN, lifetime / 10))
        return issued.access_token

    async def _redeem(self, key: Key) -> IssuedToken:
        """A new access token. Where the refresh token does not hold and there is another one by now, given by
        a person or to another process, that one is tried.
        """
        grant, stored = await self._find(key)
        try:
            issued = await self._tokens.access_token(grant)
        except TokenError as error:
            if error.trouble is not TokenTrouble.LOGIN:
                raise
            grant, newer = await self._find(key)
            if newer.generation == stored.generation:
                raise
            stored = newer
            issued = await self._tokens.access_token(grant)
        if issued.refresh_token is not None and issued.refresh_token != grant.refresh_token:
            await self._keep(key, stored, issued.refresh_token)
        return issued

    async def _find(self, key: Key) -> tuple[Grant, OAuthGrant]:
        workspace_id, account_id = key
        try:
            found = await run(
                self._database, workspace_id, lambda uow: find_grant(uow, account_id, self._key_ring)
            )
        except SealError as error:
            raise TokenError(TokenTrouble.LOGIN, f"the account cannot be used: {error}") from None
        if found is None:
            raise TokenError(TokenTrouble.LOGIN, "The account has no grant to log in with any more.")
        grant, stored = found
        generation, unsaved = self._unsaved.pop(key, (0, ""))
        if unsaved and generation == stored.generation:
            await self._keep(key, stored, unsaved)
            grant = replace(grant, refresh_token=unsaved)
            stored = stored if key in self._unsaved else replace(stored, generation=generation + 1)
        return grant, stored

    async def _keep(self, key: Key, stored: OAuthGrant, refresh_token: str) -> None:
        """Store it; or remember it, where the database is away."""
        try:
            await run(
                self._database,
                key[0],
                lambda uow: keep_refresh_token(
                    uow, stored, refresh_token, key_ring=self._key_ring, now=self._clock.now()
                ),
            )
        except Exception as error:
            if not is_unavailable(error):
                raise
            self._unsaved[key] = (stored.generation, refresh_token)


@dataclass(frozen=True, slots=True)
class _Source:
    """See `ports.TokenSource`."""

    tokens: AccessTokens
    key: Key

    async def access_token(self) -> str:
        return await self.tokens.access_token(self.key)

    def renew(self, token: str) -> bool:
        return self.tokens.renew(self.key, token)


async def open_mailbox(
    mailroom: Mailroom, access: MailAccess, tokens: TokenSource | None = None
) -> MailboxSession:
    """Open a mailbox; by a token where there is a source of them. One that had been in use for a while and is
    refused is tried again with a new one, once. Raises `MailboxError`, and what the database raises when it
    is away.
    """
    if tokens is None:
        return await mailroom.open(access)
    given: list[str] = []
    by_token = replace(access, password=None, token=_asking(tokens, given))
    try:
        return await mailroom.open(by_token)
    except MailboxError as error:
        is_refused = error.trouble is MailboxTrouble.LOGIN and given
        if not (is_refused and tokens.renew(given[-1])):
            raise
    return await mailroom.open(by_token)


def _asking(tokens: TokenSource, given: list[str]) -> Callable[[], Awaitable[str]]:
    """What a mailbox asks for a token. given: is told which."""

    async def ask() -> str:
        try:
            given.append(await tokens.access_token())
        except TokenError as error:
            given.clear()
            needs_person = error.trouble is TokenTrouble.LOGIN
            trouble = MailboxTrouble.LOGIN if needs_person else MailboxTrouble.SERVER
            raise MailboxError(trouble, str(error)) from None
        return given[-1]

    return ask
