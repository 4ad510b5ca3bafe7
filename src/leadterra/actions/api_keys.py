"""API keys: make, check, revoke. A key is shown once, by `create_key`, and stored as a hash."""

import hmac
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from leadterra.domain.api_key import SECRET_ALPHABET, SECRET_LENGTH, KeyText, Mode, Scope, read_key
from leadterra.domain.errors import Fault, NotFound, PermissionDenied, Unacceptable, Unauthenticated
from leadterra.store import api_keys, workspaces
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.ids import InvalidId, decode, encode, new_id


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that has just been made. text: the whole key, to be shown this once."""

    row: api_keys.KeyRow
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key that holds."""

    workspace_id: UUID
    id: UUID
    mode: Mode
    scopes: tuple[Scope, ...]


async def create_key(
    uow: UnitOfWork,
    label: str,
    scopes: Sequence[Scope],
    *,
    expires_at: datetime | None = None,
    now: datetime,
) -> NewKey:
    """Make a key of the workspace's mode. Raises `Unacceptable` if it would have expired already."""
    if expires_at is not None and expires_at <= now:
        raise Unacceptable([Fault("/expiresAt", "out_of_range", "Must be in the future.")])
    workspace = await workspaces.get_workspace(uow)
    secret = "".join(secrets.choice(SECRET_ALPHABET) for _ in range(SECRET_LENGTH))
    text = KeyText(Mode(workspace.mode), _suffix(uow.workspace_id), secret)
    granted = [scope.value for scope in Scope if scope in scopes]
    row = api_keys.KeyRow(new_id(now), label, granted, text.last_four, now, expires_at)
    await api_keys.insert_key(uow, row, text.secret_hash)
    return NewKey(row, str(text))


def refuse_wider_scopes(held: Iterable[Scope], wanted: Iterable[Scope]) -> None:
    """A key may hand on what it holds and no more. Raises `PermissionDenied`."""
    for scope in wanted:
        if scope not in held:
            raise PermissionDenied(scope)


async def revoke_key(uow: UnitOfWork, key_id: UUID, *, now: datetime) -> None:
    """Make a key useless from now on. Raises `NotFound`."""
    if not await api_keys.revoke_key(uow, key_id, now=now):
        raise NotFound("api_key")


async def authenticate_key(database: Database, text: str, *, now: datetime) -> HeldKey:
    """The key, if it holds now. Raises `Unauthenticated`, the same for every cause."""
    spelled = read_key(text)
    if spelled is None:
        raise Unauthenticated
    try:
        workspace_id = decode("ws", f"ws_{spelled.workspace}")
    except InvalidId:
        raise Unauthenticated from None
    async with database.unit_of_work(workspace_id) as uow:
        known = await api_keys.find_key_by_secret(uow, spelled.secret_hash)
    if known is None or not _holds(known, spelled, now):
        raise Unauthenticated
    return HeldKey(workspace_id, known.id, spelled.mode, tuple(Scope(scope) for scope in known.scopes))


def _holds(known: api_keys.KnownKey, spelled: KeyText, now: datetime) -> bool:
    return (
        hmac.compare_digest(known.secret_hash, spelled.secret_hash)
        and known.mode == spelled.mode
        and known.revoked_at is None
        and (known.expires_at is None or now < known.expires_at)
    )


def _suffix(workspace_id: UUID) -> str:
    """The workspace's TypeID without its prefix."""
    return encode("ws", workspace_id).removeprefix("ws_")
