"""An OAuth 2.0 provider on loopback: gives access tokens for refresh tokens (RFC 6749 §6), and says to mail
servers whose a token is (RFC 7662).

What it gives out expires and is revoked when the test says so, and its answers can be replaced, by other
words or by none. It answers in a thread of its own.
"""

import asyncio
import json
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Self
from urllib.parse import parse_qs, urlsplit

CLIENT, SECRET = "our-client", "the client's own secret"
"""The one client that it knows."""


@dataclass(slots=True)
class Trouble:
    """What it says to everything instead of what it should; None for nothing at all."""

    octets: bytes | None


@dataclass
class TokenServer:
    """A running provider. A context manager.

    lifetime_seconds: what it says of new access tokens; they live until `expire` or `revoke`. tls: speak it,
    with this context. rotates: each refresh token is good for one access token, and comes with the next one.
    asked: how often a token was looked up. forms: what was posted for access tokens, in order. refreshed: how
    often one was given. gate: while it is cleared, questions wait. open, most_open: questions that wait or
    are being answered, now and at the most.
    """

    lifetime_seconds: object = 3600
    tls: ssl.SSLContext | None = None
    host: str = "127.0.0.1"
    rotates: bool = False
    asked: int = 0
    refreshed: int = 0
    forms: list[dict[str, str]] = field(default_factory=list)
    open: int = 0
    most_open: int = 0
    gate: Event = field(default_factory=Event)
    trouble: Trouble | None = None
    _port: int = 0
    _made: int = 0
    _grants: dict[str, str] = field(default_factory=dict)
    _owners: dict[str, str] = field(default_factory=dict)
    _stop: Callable[[], object] = lambda: None
    _thread: Thread | None = None

    @property
    def introspection_url(self) -> str:
        """The page for mail servers; the token is appended."""
        return f"{self._origin}/introspect?token="

    @property
    def token_url(self) -> str:
        """The page for clients: POST with grant_type, refresh_token, client_id and client_secret."""
        return f"{self._origin}/token"

    def grant(self, address: str) -> str:
        """A refresh token, as a person gives it once by agreeing."""
        self._grants[token := self._name("refresh")] = address
        return token

    def issue(self, address: str) -> str:
        """A new access token of that mailbox."""
        self._owners[token := self._name("access")] = address
        return token

    def owner_of(self, access_token: str) -> str | None:
        """Whose it is, if it is worth anything."""
        return self._owners.get(access_token)

    def expire(self, address: str) -> None:
        """The mailbox's access tokens are worth nothing any more; its refresh tokens are."""
        self._owners = {token: owner for token, owner in self._owners.items() if owner != address}

    def revoke(self, address: str) -> None:
        """Nothing that was given to the mailbox is worth anything any more."""
        self.expire(address)
        self._grants = {token: owner for token, owner in self._grants.items() if owner != address}

    def answers(self, status: int, content: bytes | dict[str, object], *headers: str) -> None:
        """Say this to everything from now on."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.trouble = Trouble(_response(status, body, *headers))

    def __enter__(self) -> Self:
        self.gate.set()
        started = Event()
        self._thread = Thread(target=asyncio.run, args=(self._run(started),), daemon=True)
        self._thread.start()
        assert started.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self.gate.set()
        self._stop()
        if self._thread is not None:
            self._thread.join()

    @property
    def _origin(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.host}:{self._port}"

    def _name(self, kind: str) -> str:
        self._made += 1
        return f"{kind}-token-number-{self._made}"

    async def _run(self, started: Event) -> None:
        """Until it is told to stop. Conversations that are left are cancelled with the loop."""
        told_to_stop, loop = asyncio.Event(), asyncio.get_running_loop()
        self._stop = lambda: loop.call_soon_threadsafe(told_to_stop.set)
        listener = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self.tls)
        self._port = listener.sockets[0].getsockname()[1]
        started.set()
        await told_to_stop.wait()
        listener.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one question."""
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
                body = await reader.readexactly(int(fields.get("content-length", "0")))
                writer.write(await self._reply(head, body.decode()))
                await writer.drain()
        finally:
            self.open -= 1
            writer.close()

    async def _reply(self, head: str, body: str) -> bytes:
        method, target, _ = head.split("\r\n", maxsplit=1)[0].split(" ")
        form = {name: values[0] for name, values in parse_qs(body).items()}
        if method == "POST":
            self.forms.append(form)
        await asyncio.to_thread(self.gate.wait)
        if self.trouble is not None and self.trouble.octets is None:
            await asyncio.Event().wait()
        if self.trouble is not None:
            return self.trouble.octets or b""
        status, answer = self._refresh(form) if method == "POST" else self._look_up(target)
        return _response(status, json.dumps(answer).encode())

    def _look_up(self, target: str) -> tuple[int, dict[str, object]]:
        """What a mail server is told."""
        self.asked += 1
        owner = self._owners.get(parse_qs(urlsplit(target).query).get("token", [""])[0])
        return 200, {"active": False} if owner is None else {"active": True, "username": owner}

    def _refresh(self, form: dict[str, str]) -> tuple[int, dict[str, object]]:
        """What a client is told, and its HTTP status."""
        if form.get("client_id") != CLIENT or form.get("client_secret") != SECRET:
            return 401, {"error": "invalid_client"}
        if form.get("grant_type") != "refresh_token":
            return 400, {"error": "unsupported_grant_type"}
        token = form.get("refresh_token", "")
        owner = self._grants.get(token)
        if owner is None:
            return 400, {"error": "invalid_grant", "error_description": "Token has been revoked."}
        self.refreshed += 1
        issued: dict[str, object] = {
            "access_token": self.issue(owner),
            "token_type": "Bearer",
            "expires_in": self.lifetime_seconds,
        }
        if self.rotates:
            del self._grants[token]
            issued["refresh_token"] = self.grant(owner)
        return 200, issued


def _response(status: int, body: bytes, *headers: str) -> bytes:
    lines = [
        f"HTTP/1.1 {status} Status",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *headers,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
