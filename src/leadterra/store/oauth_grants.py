"""What an account without a password logs in with: its OAuth 2.0 grant, secrets sealed. An account has one or
none.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("oauth_grants")


@dataclass(frozen=True, slots=True)
class OAuthGrant:
    """A grant.

    provider: google, microsoft or custom. client_secret, refresh_token: sealed; a public client has no
    secret. scope: what is asked for, None for all that was granted. generation: of the refresh token, from 1.
    updated_at: of the last change, also by the token server.
    """

    account_id: UUID
    provider: str
    token_url: str
    client_id: str
    client_secret: bytes | None = field(repr=False)
    refresh_token: bytes = field(repr=False)
    scope: str | None
    generation: int
    updated_at: datetime


class SealedGrant(NamedTuple):
    """The secrets of one grant."""

    account_id: UUID
    client_secret: bytes | None
    refresh_token: bytes


async def find_grant(uow: UnitOfWork, account_id: UUID) -> OAuthGrant | None:
    """The account's grant."""
    return await uow.find(OAuthGrant, _SQL["find_grant"], account_id=account_id)


async def save_grant(uow: UnitOfWork, grant: OAuthGrant) -> None:
    """Give the account this grant. The account must be stored."""
    await uow.execute(_SQL["save_grant"], **asdict(grant))


async def replace_refresh_token(
    uow: UnitOfWork, account_id: UUID, refresh_token: bytes, *, generation: int, now: datetime
) -> bool:
    """Store the refresh token that came for one of that generation; False if there is another one by now."""
    changed = await uow.execute(
        _SQL["replace_refresh_token"],
        account_id=account_id,
        refresh_token=refresh_token,
        generation=generation,
        now=now,
    )
    return changed == 1


async def delete_grant(uow: UnitOfWork, account_id: UUID) -> None:
    """Forget the account's grant, if it has one."""
    await uow.execute(_SQL["delete_grant"], account_id=account_id)


async def list_sealed_grants(uow: UnitOfWork) -> Sequence[SealedGrant]:
    """The secrets of every grant of the workspace."""
    return [SealedGrant(*row) for row in await uow.rows(_SQL["list_sealed_grants"])]


async def find_sealed_grant(uow: UnitOfWork, account_id: UUID) -> SealedGrant | None:
    """The secrets of one grant, which nobody else changes until the transaction ends."""
    rows = await uow.rows(_SQL["find_sealed_grant"], account_id=account_id)
    return SealedGrant(*rows[0]) if rows else None


async def reseal_grant(uow: UnitOfWork, sealed: SealedGrant) -> None:
    """Store the same secrets sealed anew."""
    await uow.execute(_SQL["reseal_grant"], **sealed._asdict())
