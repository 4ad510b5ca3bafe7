"""Seal passwords anew with the ring's current key, after a key was put in front of it.

A password that the current key sealed already is left alone: killed at any point and run again, this goes on
with the rest. One that does not open raises `SealError`, and its batch is kept as it was.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadterra.domain.day import day_of
from leadterra.domain.errors import NotFound
from leadterra.domain.sender_account import Protocol
from leadterra.store.database import UnitOfWork
from leadterra.store.sealing import KeyRing, SealContext
from leadterra.store.sender_accounts import (
    SealedPasswords,
    get_sender_account,
    list_sealed_passwords,
    replace_sealed_passwords,
)


async def find_outdated_seals(uow: UnitOfWork, key_ring: KeyRing) -> list[UUID]:
    """The accounts with a password that another key than the current one sealed."""
    return [
        sealed.id
        for sealed in await list_sealed_passwords(uow)
        if any(blob and key_ring.needs_reseal(blob) for blob in (sealed.smtp_password, sealed.imap_password))
    ]


async def reseal_passwords(
    uow: UnitOfWork, account_ids: Sequence[UUID], *, key_ring: KeyRing, now: datetime
) -> int:
    """Seal the passwords of these accounts with the current key; how many accounts changed. One that is gone
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
            changed += 1
    return changed


def _reseal(blob: bytes | None, context: SealContext, key_ring: KeyRing) -> bytes | None:
    if blob is None or not key_ring.needs_reseal(blob):
        return blob
    return key_ring.seal(key_ring.unseal(blob, context), context)
