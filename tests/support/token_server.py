"""Who owns an access token: the page that Dovecot asks (RFC 7662), on loopback.

Tokens are given out, expire and are revoked by the test. It answers in a thread of its own.
"""

import json
import secrets
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self
from urllib.parse import parse_qs, urlsplit


class TokenServer:
    """A running server of tokens. A context manager. asked: how often a token was looked up."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.asked = 0

    @property
    def introspection_url(self) -> str:
        """The page; the token is appended."""
        return f"http://127.0.0.1:{self._server.server_port}/introspect?token="

    def issue(self, address: str) -> str:
        """A new access token of that mailbox."""
        token = secrets.token_urlsafe()
        self._owners[token] = address
        return token

    def revoke(self, token: str) -> None:
        """It is worth nothing any more; no matter whether it expired or was taken back."""
        del self._owners[token]

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _look_up(self, token: str) -> dict[str, object]:
        self.asked += 1
        owner = self._owners.get(token)
        return {"active": False} if owner is None else {"active": True, "username": owner}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        look_up = self._look_up

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                (token,) = parse_qs(urlsplit(self.path).query).get("token", [""])
                said = json.dumps(look_up(token)).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
