"""How an account logs in: with the passwords of its servers, or by an OAuth 2.0 grant.

Secrets are sealed here, for their workspace, account and purpose. What cannot be accepted raises
`Unacceptable` with pointers such as `/auth/tokenUrl`. Stored secrets are only ever shown to the token server
that they were given for: another address needs them anew.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypedDict
from urllib.parse import urlsplit
from uuid import UUID

from leadterra.actions.hosts import InvalidHost, parse_host
from leadterra.actions.ports import Grant
from leadterra.domain.api_key import Mode
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.domain.oauth import OAuthProvider, token_server_of
from leadterra.store import oauth_grants, workspaces
from leadterra.store.database import UnitOfWork
from leadterra.store.oauth_grants import OAuthGrant
from leadterra.store.sealing import KeyRing, SealContext

SECRET, REFRESH = "oauth_secret", "oauth_refresh"
"""What the client's secret and the refresh token are sealed with as their purpose."""
_LONGEST_URL = 2000
_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


class GrantChange(TypedDict, total=False):
    """What is said of a grant; what is left out stays as it is. None of token_url, scope: the provider's own;
    of client_secret: none.
    """

    provider: OAuthProvider
    client_id: str
    client_secret: str | None
    refresh_token: str
    token_url: str | None
    scope: str | None


@dataclass(frozen=True, slots=True)
class AuthChange:
    """How the account is to log in. grant: None for passwords."""

    grant: GrantChange | None = None


async def save_auth(
    uow: UnitOfWork, account_id: UUID, change: AuthChange, *, key_ring: KeyRing, now: datetime
) -> None:
    """Give the account, which is stored, its grant, or take it away. Raises `Unacceptable`, listing every
    fault.
    """
    if change.grant is None:
        await oauth_grants.delete_grant(uow, account_id)
        return
    known = await oauth_grants.find_grant(uow, account_id)
    is_test = (await workspaces.get_workspace(uow)).mode == Mode.TEST
    faults = _faults(change.grant, known, is_test=is_test)
    if faults:
        raise Unacceptable(faults)
    grant = _changed(_Sealer(uow.workspace_id, account_id, key_ring), change.grant, known, now)
    await oauth_grants.save_grant(uow, grant)


async def find_grant(uow: UnitOfWork, account_id: UUID, key_ring: KeyRing) -> tuple[Grant, OAuthGrant] | None:
    """The account's grant, opened and as it is stored; None if it has none. Raises `SealError`."""
    stored = await oauth_grants.find_grant(uow, account_id)
    if stored is None:
        return None
    workspace = await workspaces.get_workspace(uow)
    opened = Grant(
        token_url=stored.token_url,
        client_id=stored.client_id,
        client_secret=key_ring.unseal(stored.client_secret, SealContext(uow.workspace_id, account_id, SECRET))
        if stored.client_secret is not None
        else None,
        refresh_token=key_ring.unseal(
            stored.refresh_token, SealContext(uow.workspace_id, account_id, REFRESH)
        ),
        scope=stored.scope,
        is_test=workspace.mode == Mode.TEST,
    )
    return opened, stored


async def keep_refresh_token(
    uow: UnitOfWork, stored: OAuthGrant, refresh_token: str, *, key_ring: KeyRing, now: datetime
) -> bool:
    """Store what the token server gave in place of that grant's refresh token; False if that is another one
    by now, which then stays.
    """
    sealed = key_ring.seal(refresh_token, SealContext(uow.workspace_id, stored.account_id, REFRESH))
    return await oauth_grants.replace_refresh_token(
        uow, stored.account_id, sealed, generation=stored.generation, now=now
    )


@dataclass(frozen=True, slots=True)
class _Sealer:
    workspace_id: UUID
    account_id: UUID
    key_ring: KeyRing

    def seal(self, plain: str, purpose: str) -> bytes:
        return self.key_ring.seal(plain, SealContext(self.workspace_id, self.account_id, purpose))


def _faults(change: GrantChange, known: OAuthGrant | None, *, is_test: bool) -> list[Fault]:
    faults = []
    provider = change.get("provider") or (OAuthProvider(known.provider) if known else None)
    moves = known is not None and provider is not None and _url(change, known, provider) != known.token_url
    if provider is None:
        faults.append(_required("provider"))
    elif _url(change, known, provider) is None:
        faults.append(
            Fault("/auth/tokenUrl", "required", "A custom provider needs the address of its tokens.")
        )
    if "client_id" not in change and known is None:
        faults.append(_required("clientId"))
    if "refresh_token" not in change and (known is None or moves):
        faults.append(_required("refreshToken"))
    if moves and known is not None and known.client_secret is not None and "client_secret" not in change:
        faults.append(
            Fault("/auth/clientSecret", "required", "Another token address needs the client's secret anew.")
        )
    if (url := change.get("token_url")) is not None and (reason := _url_fault(url, is_test=is_test)):
        faults.append(Fault("/auth/tokenUrl", "invalid_url", reason))
    return faults


def _required(field: str) -> Fault:
    return Fault(f"/auth/{field}", "required", "This field is required.")


def _url(change: GrantChange, known: OAuthGrant | None, provider: OAuthProvider) -> str | None:
    """The token address after the change."""
    if "token_url" in change and change["token_url"] is not None:
        return change["token_url"]
    keeps = known is not None and known.provider == provider and "token_url" not in change
    if keeps and known is not None:
        return known.token_url
    server = token_server_of(provider)
    return server.url if server else None


def _url_fault(url: str, *, is_test: bool) -> str | None:
    """Why this is no address to send secrets to."""
    try:
        parts = urlsplit(url)
        host, port = parse_host(parts.hostname or ""), parts.port
    except (InvalidHost, ValueError):
        return "Must be a URL such as https://login.example.com/token."
    if not url.isascii() or not url.isprintable() or " " in url or "\\" in url or len(url) > _LONGEST_URL:
        return f"Must be a URL of at most {_LONGEST_URL} visible ASCII characters."
    if "@" in parts.netloc or parts.fragment or port == 0:
        return "Must be a URL without a login and without a fragment."
    if parts.scheme != "https" and not (parts.scheme == "http" and is_test and host in _THIS_MACHINE):
        return "Must be an https URL; http is for this machine alone, and for workspaces in test mode."
    return None


def _changed(sealer: _Sealer, change: GrantChange, known: OAuthGrant | None, now: datetime) -> OAuthGrant:
    """The grant after a change without faults."""
    provider = change.get("provider") or OAuthProvider(known.provider if known else "")
    server = token_server_of(provider)
    stays = known is not None and known.provider == provider
    url = _url(change, known, provider)
    assert url is not None
    secret, refresh = change.get("client_secret"), change.get("refresh_token")
    grant = OAuthGrant(
        account_id=sealer.account_id,
        provider=provider,
        token_url=url,
        client_id=change.get("client_id") or (known.client_id if known else ""),
        client_secret=known.client_secret if known and "client_secret" not in change else None,
        refresh_token=known.refresh_token if known else b"",
        scope=known.scope if stays and known else server.scope if server else None,
        generation=known.generation if known else 1,
        updated_at=now,
    )
    if secret is not None:
        grant = replace(grant, client_secret=sealer.seal(secret, SECRET))
    if refresh is not None:
        sealed = sealer.seal(refresh, REFRESH)
        grant = replace(grant, refresh_token=sealed, generation=grant.generation + (known is not None))
    if "scope" in change:
        scope = change["scope"] or (server.scope if server else None)
        grant = replace(grant, scope=scope)
    return grant
