"""Seal passwords and grants anew with the ring's current key, after a key was put in front of it.

A secret that the current key sealed already is left alone: killed at any point and run again, this goes on
with the rest. One that does not open raises `SealError`, and its batch is kept as it was.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadterra.actions.oauth_grants import REFRESH, SECRET
from leadterra.domain.day import day_of
from leadterra.domain.errors import NotFound
from leadterra.domain.sender_account import Protocol
from leadterra.store.database import UnitOfWork
from leadterra.store.oauth_grants import SealedGrant, find_sealed_grant, list_sealed_grants, reseal_grant
from leadterra.store.sealing import KeyRing, SealContext
from leadterra.store.sender_accounts import (
    SealedPasswords,
    get_sender_account,
    list_sealed_passwords,
    replace_sealed_passwords,
)


async def find_outdated_seals(uow: UnitOfWork, key_ring: KeyRing) -> list[UUID]:
    """The accounts with a secret that another key than the current one sealed."""
    secrets = [*await list_sealed_passwords(uow), *await list_sealed_grants(uow)]
    found = (each[0] for each in secrets if any(blob and key_ring.needs_reseal(blob) for blob in each[1:]))
    return list(dict.fromkeys(found))


async def reseal_passwords(
    uow: UnitOfWork, account_ids: Sequence[UUID], *, key_ring: KeyRing, now: datetime
) -> int:
    """Seal the secrets of these accounts with the current key; how many accounts changed. One that is gone
    meanwhile is passed over.
    """
    await uow.lock_pool()
    changed = 0
    for account_id in account_ids:
        try:
            account, _ = await get_sender_account(uow, account_id, day=day_of(now))
        except NotFound:
            continue
        before = SealedPasswords(account_id, account.smtp_password, account.imap_password)
        after = SealedPasswords(
            account_id,
            _reseal(before.smtp_password, SealContext(uow.workspace_id, account_id, Protocol.SMTP), key_ring),
            _reseal(before.imap_password, SealContext(uow.workspace_id, account_id, Protocol.IMAP), key_ring),
        )
        if after != before:
            await replace_sealed_passwords(uow, after)
        changed += await _reseal_grant(uow, account_id, key_ring) or after != before
    return changed


async def _reseal_grant(uow: UnitOfWork, account_id: UUID, key_ring: KeyRing) -> bool:
    """Whether it changed."""
    before = await find_sealed_grant(uow, account_id)
    if before is None:
        return False
    refresh_token = _reseal(
        before.refresh_token, SealContext(uow.workspace_id, account_id, REFRESH), key_ring
    )
    after = SealedGrant(
        account_id,
        _reseal(before.client_secret, SealContext(uow.workspace_id, account_id, SECRET), key_ring),
        refresh_token or b"",
    )
    if after != before:
        await reseal_grant(uow, after)
    return after != before


def _reseal(blob: bytes | None, context: SealContext, key_ring: KeyRing) -> bytes | None:
    if blob is None or not key_ring.needs_reseal(blob):
        return blob
    return key_ring.seal(key_ring.unseal(blob, context), context)
