"""The signed token in List-Unsubscribe links (R11, RFC 8058 §3.1): it names the enrollment and needs no
look-up table.

A token is one version octet, workspace, enrollment and half of an HMAC-SHA256, in URL-safe base 64 without
padding. Its workspace says whose secret verifies it. Anything that `sign_token` cannot have written raises
InvalidToken.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from hashlib import _Hash

_VERSION = b"\x01"
_PURPOSE = b"leadterra unsubscribe"
# 128 bits: beyond guessing, and the link stays below 76 characters (RFC 2104 §5 allows truncation to half).
_SIGNATURE_OCTETS = 16
_TOKEN_OCTETS = 1 + 16 + 16 + _SIGNATURE_OCTETS
_TOKEN_CHARACTERS = 66
# RFC 2104 §2: the key fills a block of the hash, and goes in twice, under two masks.
_BLOCK = 64
_INNER, _OUTER = (bytes(octet ^ mask for octet in range(256)) for mask in (0x36, 0x5C))


class InvalidToken(ValueError):
    """The link is not one of ours, or it is damaged."""

    def __init__(self) -> None:
        super().__init__("The link is not one of ours, or it is damaged.")


@dataclass(frozen=True, slots=True)
class UnsubscribeToken:
    """A token as read, not yet believed.

    workspace_id, enrollment_id: who it speaks of. signature: 16 octets, to be checked with `verify`.
    """

    workspace_id: UUID
    enrollment_id: UUID
    signature: bytes

    def verify(self, secret: bytes) -> bool:
        """Tell whether the workspace's secret signed this token, in constant time."""
        return hmac.compare_digest(self.signature, _sign(secret, self.workspace_id, self.enrollment_id))


def sign_token(secret: bytes, workspace_id: UUID, enrollment_id: UUID) -> str:
    """Return the token of an enrollment: 66 characters that need no quoting in a URL."""
    signature = _sign(secret, workspace_id, enrollment_id)
    octets = _VERSION + workspace_id.bytes + enrollment_id.bytes + signature
    return urlsafe_b64encode(octets).rstrip(b"=").decode()


def read_token(token: str) -> UnsubscribeToken:
    """Take a token apart. Raises InvalidToken unless it is spelled exactly as `sign_token` spells."""
    if len(token) != _TOKEN_CHARACTERS or not token.isascii():
        raise InvalidToken
    try:
        octets = urlsafe_b64decode(token + "==")
    except Base64Error:
        raise InvalidToken from None
    # The decoder skips foreign characters and ignores spare bits: a token has one spelling only.
    if len(octets) != _TOKEN_OCTETS or urlsafe_b64encode(octets).rstrip(b"=").decode() != token:
        raise InvalidToken
    if octets[:1] != _VERSION:
        raise InvalidToken
    return UnsubscribeToken(UUID(bytes=octets[1:17]), UUID(bytes=octets[17:33]), octets[33:])


def _sign(secret: bytes, workspace_id: UUID, enrollment_id: UUID) -> bytes:
    empty_inner, empty_outer = _keyed(secret)
    inner, outer = empty_inner.copy(), empty_outer.copy()
    inner.update(_PURPOSE + _VERSION + workspace_id.bytes + enrollment_id.bytes)
    outer.update(inner.digest())
    return outer.digest()[:_SIGNATURE_OCTETS]


@lru_cache(maxsize=1024)
def _keyed(secret: bytes) -> tuple["_Hash", "_Hash"]:
    """The two hashes of HMAC with the key in them (RFC 2104 §4): a workspace signs thousands of tokens."""
    key = (sha256(secret).digest() if len(secret) > _BLOCK else secret).ljust(_BLOCK, b"\0")
    return sha256(key.translate(_INNER)), sha256(key.translate(_OUTER))
