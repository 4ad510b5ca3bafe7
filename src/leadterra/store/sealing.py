"""Secrets at rest: AES-256-GCM under a ring of keys.

A sealed secret is bound to its workspace, its owner and its purpose: copied into another row it does
not open. The first key of the ring seals; all of them open, so that a new key can be put in front while
old blobs are still there. What cannot be opened, and a ring that cannot be used, raises `SealError`; no
error, repr or log line shows a key or a secret.

A blob is: version (1 byte, 1) · length of the key's id (1 byte) · the id · nonce (12 bytes) · ciphertext
with its tag.
"""

import binascii
import fcntl
import os
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leadterra.config import Settings, variable

_VERSION = 1
_KEY_BYTES = 32
_NONCE_BYTES = 12  # NIST SP 800-38D §8.2.2: random, 96 bits, fewer than 2^32 seals a key
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}")
_VARIABLE = variable("seal_keys")


class SealError(Exception):
    """A secret cannot be sealed or opened."""


@dataclass(frozen=True, slots=True)
class SealContext:
    """What a sealed secret belongs to. owner_id: such as the account. purpose: which secret of it, such as
    "smtp".
    """

    workspace_id: UUID
    owner_id: UUID
    purpose: str


class KeyRing:
    """Keys by id, the current one first."""

    def __init__(self, keys: dict[str, bytes], file: Path | None = None) -> None:
        """keys: 32 bytes each; their order is the ring's. file: where others may add keys meanwhile."""
        self._keys = keys
        self._file = file

    @classmethod
    def from_text(cls, text: str, source: str = _VARIABLE) -> Self:
        """Read `id:base64,id:base64`, or one pair a line. source: named in errors. Raises `SealError`."""
        return cls(_parse(text, source))

    @classmethod
    def load(cls, settings: Settings) -> Self:
        """The ring of LEADTERRA_SEAL_KEYS, or of `seal.keys` in the data directory, made if absent."""
        if settings.seal_keys is not None:
            return cls.from_text(settings.seal_keys)
        file = settings.data_dir / "seal.keys"
        with _file_errors(file):
            if not file.exists():
                _create(file)
            return cls(_read(file), file)

    @property
    def current(self) -> str:
        """The id of the key that seals."""
        return next(iter(self._keys))

    def seal(self, plain: str, context: SealContext) -> bytes:
        """Close a secret for that context."""
        key_id, nonce = self.current, secrets.token_bytes(_NONCE_BYTES)
        head = bytes([_VERSION, len(key_id)]) + key_id.encode("ascii")
        return head + nonce + AESGCM(self._keys[key_id]).encrypt(nonce, plain.encode(), _bind(head, context))

    def unseal(self, blob: bytes, context: SealContext) -> str:
        """Open what was sealed for that context. Raises `SealError`, naming a key that is missing."""
        head, key_id = _take_head(blob)
        nonce, ciphertext = blob[len(head) : len(head) + _NONCE_BYTES], blob[len(head) + _NONCE_BYTES :]
        try:
            return AESGCM(self._find(key_id)).decrypt(nonce, ciphertext, _bind(head, context)).decode()
        except (InvalidTag, ValueError):
            raise SealError(
                "a sealed secret does not open: it was changed, or belongs to another account"
            ) from None

    def needs_reseal(self, blob: bytes) -> bool:
        """Whether another key than the current one sealed it. Raises `SealError` for what is no blob."""
        return _take_head(blob)[1] != self.current

    def rotate(self) -> str:
        """Put a new key in front, in the file too; its id. Old blobs still open. Raises `SealError`."""
        if self._file is None:
            raise SealError(
                f"the keys come from {_VARIABLE}: put a new id:base64 pair in front of it yourself"
            )
        with _file_errors(self._file), _alone(self._file):
            key_id, key = _new_key()
            self._keys = {key_id: key} | _read(self._file)
            _write(self._file, self._keys)
        return key_id

    def _find(self, key_id: str) -> bytes:
        """Another process may have rotated since this ring was read."""
        if key_id not in self._keys and self._file is not None:
            with _file_errors(self._file):
                self._keys = _read(self._file)
        if key_id not in self._keys:
            raise SealError(f"the key {key_id!r} that sealed this secret is not in the ring ({self!r})")
        return self._keys[key_id]

    def __repr__(self) -> str:
        return f"KeyRing(keys={', '.join(self._keys)})"


def _bind(head: bytes, context: SealContext) -> bytes:
    return head + context.workspace_id.bytes + context.owner_id.bytes + context.purpose.encode()


def _take_head(blob: bytes) -> tuple[bytes, str]:
    head = blob[: 2 + blob[1]] if len(blob) > 1 else b""
    if len(blob) < len(head) + _NONCE_BYTES or not head or head[0] != _VERSION or not head.isascii():
        raise SealError("a sealed secret does not open: it is not in a form that this program writes")
    return head, head[2:].decode("ascii")


def _parse(text: str, source: str) -> dict[str, bytes]:
    keys: dict[str, bytes] = {}
    for number, pair in enumerate(re.split(r"[,\s]+", text.strip()), start=1):
        key_id, _, encoded = pair.partition(":")
        if not _KEY_ID.fullmatch(key_id) or key_id in keys:
            raise SealError(
                f"{source}: entry {number} must be id:base64 with an id of its own (letters, digits, - and _)"
            )
        keys[key_id] = _decode(encoded)
        if len(keys[key_id]) != _KEY_BYTES:
            raise SealError(f"{source}: the key {key_id!r} must be {_KEY_BYTES} bytes in base64")
    return keys


def _decode(encoded: str) -> bytes:
    with suppress(binascii.Error, ValueError):
        return b64decode(encoded, validate=True)
    return b""


def _new_key() -> tuple[str, bytes]:
    return f"k{secrets.token_hex(4)}", secrets.token_bytes(_KEY_BYTES)


def _create(file: Path) -> None:
    """Two processes may meet here: one makes the file, the other finds it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _alone(file):
        if not file.exists():
            _write(file, dict([_new_key()]))


def _read(file: Path) -> dict[str, bytes]:
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        raise SealError(f"{file} has mode {mode:04o} and others may read it: chmod 600 {file}")
    return _parse(file.read_text("ascii"), str(file))


def _write(file: Path, keys: dict[str, bytes]) -> None:
    """The old file or the new one is on the disk, whole, before a secret is sealed with the new key."""
    draft = file.with_name(f"{file.name}.new")
    draft.unlink(missing_ok=True)
    lines = [f"{key_id}:{b64encode(key).decode('ascii')}\n" for key_id, key in keys.items()]
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as stream:
        stream.writelines(lines)
        stream.flush()
        os.fsync(stream.fileno())
    draft.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


@contextmanager
def _alone(file: Path) -> Iterator[None]:
    """The only one who changes the file; the kernel drops the lock of a process that dies."""
    lock = os.open(file.with_name(f"{file.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def _file_errors(file: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a key file"
        raise SealError(f"{file}: {reason}") from None
