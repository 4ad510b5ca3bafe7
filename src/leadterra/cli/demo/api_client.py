"""The demo's side of the HTTP API: what a user's own program would do. A refusal raises `DemoError` with what
the API said.
"""

import json
import urllib.error
import urllib.request
from typing import Any

_ANSWER_SECONDS = 30
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the way to this machine has no proxy


class DemoError(Exception):
    """The demo cannot go on, or something is not as promised."""


class ApiClient:
    """Calls the API with one key."""

    def __init__(self, url: str, key: str) -> None:
        """url: without a path."""
        self._url = url
        self._key = key

    def get(self, path: str) -> dict[str, Any]:
        """The `data` of an answer."""
        return self._call("GET", path, None)

    def post(self, path: str, body: object = None) -> dict[str, Any]:
        """The `data` of the answer to a JSON body."""
        return self._call("POST", path, body)

    def _call(self, method: str, path: str, body: object) -> dict[str, Any]:
        request = urllib.request.Request(
            f"{self._url}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"},
        )
        try:
            with _DIRECT.open(request, timeout=_ANSWER_SECONDS) as answer:
                data: dict[str, Any] = json.load(answer)["data"]
                return data
        except urllib.error.HTTPError as error:
            raise DemoError(f"{method} {path}: {error.read().decode(errors='replace')}") from None
        except OSError as error:
            raise DemoError(f"{method} {path}: {error}") from None
