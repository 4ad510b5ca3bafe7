"""API keys: `sk_live_` or `sk_test_`, the workspace (26 characters of its TypeID), and a secret of 40
letters and digits.

A key carries its workspace, so that a look-up knows where to go; only the SHA-256 of the secret is ever
stored. The secret has 238 random bits, which is why a plain hash of it is enough.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from string import ascii_letters, digits

SECRET_ALPHABET = ascii_letters + digits
SECRET_LENGTH = 40
_KEY = re.compile(r"sk_(live|test)_([0-7][0-9a-hjkmnp-tv-z]{25})([A-Za-z0-9]{40})", re.ASCII)


class Mode(StrEnum):
    """Whether a workspace's mail is meant for the world."""

    LIVE = "live"
    TEST = "test"


class Scope(StrEnum):
    """What a key may do. None includes another."""

    READ = "read"
    WRITE = "write"
    SEND = "send"
    """Start, resume, test-send."""
    ADMIN = "admin"
    """The workspace's settings, keys and sender accounts."""


@dataclass(frozen=True, slots=True)
class KeyText:
    """A key as it is shown once. workspace: the TypeID's 26 characters, without prefix. secret: 40 letters
    and digits."""

    mode: Mode
    workspace: str
    secret: str = field(repr=False)

    def __str__(self) -> str:
        return f"sk_{self.mode}_{self.workspace}{self.secret}"

    @property
    def last_four(self) -> str:
        """What people recognise a key by."""
        return self.secret[-4:]

    @property
    def secret_hash(self) -> bytes:
        """SHA-256 of the secret, 32 octets."""
        return sha256(self.secret.encode()).digest()


def read_key(text: str) -> KeyText | None:
    """Take a key apart; None if it is not spelled as one."""
    found = _KEY.fullmatch(text)
    return KeyText(Mode(found[1]), found[2], found[3]) if found else None
