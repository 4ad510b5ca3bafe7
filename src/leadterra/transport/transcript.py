"""What is kept of a server's words: short, printable, and without our secrets.

Nothing here fails. Octets that are not UTF-8 arrive as lone surrogates and leave as replacement characters.
"""

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Self

from leadterra.domain.judgement import parse_enhanced
from leadterra.domain.outcomes import Answer, Command
from leadterra.transport.reply import Reply

LONGEST_TEXT = 500
HIDDEN = "[hidden]"

# A server may cut the line that it echoes; this many characters of an encoded secret are enough to know it
# by.
_TELLING = 8
_UNDECODED = re.compile("[\ud800-\udfff]")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def bearer_response(username: str, token: str) -> bytes:
    """What a client of the mechanism XOAUTH2 says, before it is encoded."""
    return f"user={username}\x01auth=Bearer {token}\x01\x01".encode()


class Secrets:
    """The strings of one login that must not be kept: the password, and each form in which AUTH sends it."""

    __slots__ = ("_encoded", "_password")

    def __init__(self, username: str | None = None, password: str | None = None) -> None:
        spoken = (password or "").encode()
        plain = b"\0".join((b"", (username or "").encode(), spoken))
        self._password = password or ""
        self._encoded = [b64encode(form).decode() for form in (plain, spoken) if password]

    @classmethod
    def of_token(cls, username: str, token: str) -> Self:
        """Those of a login by access token: the token, and the line that AUTH XOAUTH2 sends."""
        secrets = cls(password=token)
        secrets._encoded.append(b64encode(bearer_response(username, token)).decode())
        return secrets

    def hide(self, command: Command, text: str) -> str:
        """The text with the password, and every beginning of an encoded one, replaced."""
        for encoded in self._encoded:
            text = _without_beginnings(text, encoded)
        # Outside AUTH a word as short as "no" is no leak, and an answer without it would be misread.
        if self._password and (command is Command.AUTH or len(self._password) >= _TELLING // 2):
            text = text.replace(self._password, HIDDEN)
        return text


def heard(command: Command, reply: Reply, secrets: Secrets) -> Answer:
    """The answer that a server gave."""
    words = _printable(reply.message)
    return Answer(command, reply.code, parse_enhanced(words), _kept(command, words, secrets))


def unheard(command: Command, cause: str | BaseException, secrets: Secrets | None = None) -> Answer:
    """The answer that did not come, with the local error in its place."""
    text = cause if isinstance(cause, str) else f"{cause}" or type(cause).__name__
    return Answer(command, None, None, _kept(command, _printable(text), secrets or Secrets()))


def _printable(text: str) -> str:
    if text.isascii() and text.isprintable():
        return text
    lenient = _UNDECODED.sub("\ufffd", text)
    return "\n".join(_UNPRINTABLE.sub(" ", line).strip() for line in lenient.split("\n"))


def _kept(command: Command, words: str, secrets: Secrets) -> str:
    return secrets.hide(command, " ".join(words.split()))[:LONGEST_TEXT]


def _without_beginnings(text: str, secret: str) -> str:
    start = text.find(secret[:_TELLING])
    while start != -1:
        length = _shared(text[start:], secret)
        text = text[:start] + HIDDEN + text[start + length :]
        start = text.find(secret[:_TELLING], start + len(HIDDEN))
    return text


def _shared(left: Iterable[str], right: Iterable[str]) -> int:
    length = 0
    for a, b in zip(left, right, strict=False):
        if a != b:
            break
        length += 1
    return length
