"""API keys: hashes, never keys."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("api_keys")


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key that is not revoked, as it may be shown."""

    id: UUID
    label: str
    scopes: list[str]
    last_four: str
    created_at: datetime
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key found by its secret, with the mode of its workspace."""

    id: UUID
    label: str
    scopes: list[str]
    last_four: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    mode: str
    secret_hash: bytes


async def insert_key(uow: UnitOfWork, key: KeyRow, secret_hash: bytes) -> None:
    """Keep a new key."""
    await uow.execute(
        _SQL["insert_key"],
        id=key.id,
        label=key.label,
        scopes=key.scopes,
        secret_hash=secret_hash,
        last_four=key.last_four,
        created_at=key.created_at,
        expires_at=key.expires_at,
    )


async def find_key_by_secret(uow: UnitOfWork, secret_hash: bytes) -> KnownKey | None:
    """The key with that secret, revoked or expired ones too."""
    return await uow.find(KnownKey, _SQL["find_key_by_secret"], secret_hash=secret_hash)


async def list_keys(uow: UnitOfWork, *, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[KeyRow]:
    """Keys that are not revoked, oldest first, after that place."""
    after_at, after_id = after or (None, None)
    return await uow.list(KeyRow, _SQL["list_keys"], after_at=after_at, after_id=after_id, limit=limit)


async def revoke_key(uow: UnitOfWork, key_id: UUID, *, now: datetime) -> bool:
    """Make the key useless from now on; False if there is none that is still good."""
    return await uow.execute(_SQL["revoke_key"], id=key_id, now=now) == 1
