"""Access tokens for refresh tokens, asked of a token server (RFC 6749 §6): the real `Tokens`.

Raises nothing but `TokenError`, and says in it whether a person must act or it is worth another try. Whatever
the server does, a question takes a bounded time and a bounded amount of memory; redirects are not followed,
for they would carry secrets to where nobody sent them; and no text that comes back shows one.
"""

import asyncio
import json
import ssl
from collections.abc import Mapping
from math import isnan
from urllib.parse import urlencode

import httpx

from leadterra.actions.ports import Grant, IssuedToken, TokenError, TokenTrouble
from leadterra.transport.public_addresses import AllowedAddresses, NotAllowed, send_to_allowed
from leadterra.transport.transcript import HIDDEN
from leadterra.transport.trust import Trust

_MOST_OCTETS = 64 * 1024
_LONGEST_TOKEN = 8192
_LONGEST_TEXT = 300
_USUAL_LIFETIME = 3600.0
_LONGEST_LIFETIME = 24 * 3600.0
_SECONDS = 15.0
_PASSING = frozenset({"temporarily_unavailable", "server_error", "slow_down", "internal_failure"})
"""Errors of a server that may answer otherwise in a moment; every other one that it names stays."""
_TELLING = 6
"""A secret shorter than this is a word that error texts may contain by themselves."""


class OAuthTokens:
    """Any number of questions at once. Belongs to one event loop."""

    def __init__(
        self,
        allowed: AllowedAddresses | None = None,
        *,
        trust: Trust | None = None,
        patience: float = _SECONDS,
    ) -> None:
        """allowed: which addresses token servers may have. patience: seconds for one question, all told."""
        self._allowed = allowed or AllowedAddresses()
        self._trust = trust
        self._patience = patience
        self._client: httpx.AsyncClient | None = None

    async def access_token(self, grant: Grant) -> IssuedToken:
        """See `ports.Tokens`."""
        try:
            async with asyncio.timeout(self._patience):
                status, content = await self._ask(grant)
        except TimeoutError:
            raise _passing("The token server did not answer in time.") from None
        except NotAllowed as error:
            raise _passing(f"The token server cannot be used: {error}") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
            cause = f"{error}" or type(error).__name__
            raise _passing(_clean(f"The token server cannot be reached: {cause}", grant)) from None
        if status == 200:
            return _read_token(content)
        raise _refusal(status, content, grant)

    async def close(self) -> None:
        """See `ports.Tokens`."""
        if self._client is not None:
            await self._client.aclose()

    async def _ask(self, grant: Grant) -> tuple[int, bytes]:
        """Status and content of the answer, cut where it gets too long."""
        client = self._open()
        request = client.build_request(
            "POST",
            grant.token_url,
            content=urlencode(_form(grant)),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        )
        response = await send_to_allowed(client, request, self._allowed, loopback=grant.is_test)
        try:
            content = bytearray()
            async for part in response.aiter_raw():
                content += part
                if len(content) > _MOST_OCTETS:
                    break
            return response.status_code, bytes(content[:_MOST_OCTETS])
        finally:
            await response.aclose()

    def _open(self) -> httpx.AsyncClient:
        """Made when it is first needed: reading a trust store takes a while. Keeps no connections; no proxy
        or password file of the environment has a part in it.
        """
        if self._client is None:
            context: ssl.SSLContext = (self._trust or Trust()).context("")
            self._client = httpx.AsyncClient(
                verify=context,
                follow_redirects=False,
                trust_env=False,
                timeout=httpx.Timeout(self._patience, connect=self._patience / 3),
                limits=httpx.Limits(max_keepalive_connections=0),
                headers={"User-Agent": "leadterra", "Accept-Encoding": "identity"},
            )
        return self._client


def _form(grant: Grant) -> dict[str, str]:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": grant.refresh_token,
        "client_id": grant.client_id,
    }
    if grant.client_secret is not None:
        form["client_secret"] = grant.client_secret
    if grant.scope is not None:
        form["scope"] = grant.scope
    return form


def _read_token(content: bytes) -> IssuedToken:
    """RFC 6749 §5.1. Raises `TokenError`."""
    answer = _object(content)
    token, kind = answer.get("access_token"), answer.get("token_type", "bearer")
    if not _is_token(token) or not isinstance(kind, str) or kind.lower() != "bearer":
        raise _passing("The token server's answer holds no bearer token.")
    renewed = answer.get("refresh_token")
    return IssuedToken(
        str(token), _lifetime(answer.get("expires_in")), str(renewed) if _is_token(renewed) else None
    )


def _refusal(status: int, content: bytes, grant: Grant) -> TokenError:
    """RFC 6749 §5.2, as far as it is kept to."""
    answer = _object(content)
    error = answer.get("error")
    if 300 <= status < 400:
        return _passing("The token server redirects, and no redirect is followed.")
    if not isinstance(error, str) or not error or error in _PASSING or status >= 500 or status in (408, 429):
        said = f": {error}" if isinstance(error, str) and error else ""
        return _passing(_clean(f"The token server answered {status}{said}.", grant))
    description = answer.get("error_description")
    said = f"{error}: {description}" if isinstance(description, str) and description else error
    return TokenError(TokenTrouble.LOGIN, _clean(f"The token server refused: {said}", grant))


def _object(content: bytes) -> Mapping[str, object]:
    """The JSON object that this is; an empty one if it is none."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_token(value: object) -> bool:
    """RFC 6749 §A.12, §A.17: visible ASCII. A token of other characters could break a line of SMTP."""
    return (
        isinstance(value, str)
        and 0 < len(value) <= _LONGEST_TOKEN
        and value.isascii()
        and value.isprintable()
        and " " not in value
    )


def _lifetime(said: object) -> float:
    """Seconds; some servers write them as text."""
    if isinstance(said, str) and said.isascii() and said.isdigit() and len(said) < 12:
        said = int(said)
    if isinstance(said, bool) or not isinstance(said, int | float) or isnan(said):
        return _USUAL_LIFETIME
    return float(min(max(said, 0), _LONGEST_LIFETIME))


def _passing(text: str) -> TokenError:
    return TokenError(TokenTrouble.SERVER, text)


def _clean(text: str, grant: Grant) -> str:
    """One printable line without the grant's secrets."""
    for secret in (grant.refresh_token, grant.client_secret or ""):
        if len(secret) >= _TELLING:
            text = text.replace(secret, HIDDEN)
    shown = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(shown.split())[:_LONGEST_TEXT]
