"""Bodies too large for memory: kept in a temporary file while they arrive, and hashed on the way.

So a slow caller holds no transaction, and an `Idempotency-Key` works for them as for any other request.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from hashlib import sha256
from tempfile import SpooledTemporaryFile
from typing import IO, cast

from starlette.requests import ClientDisconnect, Request

from leadterra.api.problems import Problem
from leadterra.api.requests import refuse_size

LARGEST_UPLOAD = 1024 * 1024 * 1024
"""Octets of a streamed body."""

_IN_MEMORY = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Upload:
    """A body that has arrived. file: binary, at its beginning. media_type: without parameters. digest:
    SHA-256 of the octets."""

    file: IO[bytes]
    media_type: str
    size: int
    digest: bytes


@asynccontextmanager
async def receive_upload(request: Request, media_type: str) -> AsyncIterator[Upload]:
    """The whole body as a file that is gone when the block ends."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        size, digest = 0, sha256()
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > LARGEST_UPLOAD:
                    refuse_size(LARGEST_UPLOAD)
                digest.update(chunk)
                file.write(chunk)
        except ClientDisconnect:
            raise Problem("invalid_request", "The connection closed before the body was complete.") from None
        file.seek(0)
        yield Upload(cast("IO[bytes]", file), media_type, size, digest.digest())
