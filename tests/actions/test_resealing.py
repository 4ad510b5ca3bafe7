"""Rotating the key that seals mailbox passwords."""

from uuid import UUID

import pytest

from leadterra.actions.mail_servers import ServerChange
from leadterra.actions.oauth_grants import AuthChange, GrantChange, find_grant
from leadterra.actions.resealing import find_outdated_seals, reseal_passwords
from leadterra.actions.sender_accounts import NewAccount, create_sender_account
from leadterra.domain.oauth import OAuthProvider
from leadterra.domain.sender_account import Protocol
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing, SealContext, SealError
from leadterra.store.sender_accounts import list_sealed_passwords
from tests.support.clock import NOW

OLD, NEW = bytes([1] * 32), bytes([2] * 32)


@pytest.fixture
async def account(database: Database, workspace: UUID) -> UUID:
    """An account whose passwords are sealed by the old key."""
    servers = {
        protocol: ServerChange(host="mail.example.com", username="u", password=password)
        for protocol, password in ((Protocol.SMTP, "one"), (Protocol.IMAP, "two"))
    }
    async with database.unit_of_work(workspace) as uow:
        made = await create_sender_account(
            uow, NewAccount("a@example.com", "A", servers=servers), key_ring=KeyRing({"old": OLD}), now=NOW
        )
    return made.id


async def test_the_old_key_is_needed_no_more(database: Database, workspace: UUID, account: UUID) -> None:
    """Afterwards the new key alone opens both passwords; a second run finds nothing to do."""
    async with database.unit_of_work(workspace) as uow:
        ring = KeyRing({"new": NEW, "old": OLD})
        counts = [await reseal_passwords(uow, [account], key_ring=ring, now=NOW) for _ in range(2)]
        [sealed] = await list_sealed_passwords(uow)

    alone = KeyRing({"new": NEW})
    opened = [
        alone.unseal(blob or b"", SealContext(workspace, account, protocol))
        for blob, protocol in ((sealed.smtp_password, "smtp"), (sealed.imap_password, "imap"))
    ]
    assert (counts, opened) == ([1, 0], ["one", "two"])


async def test_grants_are_sealed_anew_too(database: Database, workspace: UUID) -> None:
    """Found, done once, and as good as before; the account counts once."""
    auth = AuthChange(
        GrantChange(provider=OAuthProvider.GOOGLE, client_id="c", client_secret="three", refresh_token="four")
    )
    async with database.unit_of_work(workspace) as uow:
        new = NewAccount("b@example.com", "B", auth=auth)
        made = await create_sender_account(uow, new, key_ring=KeyRing({"old": OLD}), now=NOW)
        ring = KeyRing({"new": NEW, "old": OLD})
        found = await find_outdated_seals(uow, ring)
        counts = [await reseal_passwords(uow, [made.id], key_ring=ring, now=NOW) for _ in range(2)]
        opened = await find_grant(uow, made.id, KeyRing({"new": NEW}))

        assert (found, counts) == ([made.id], [1, 0])
        assert opened is not None
        assert (opened[0].client_secret, opened[0].refresh_token) == ("three", "four")
        assert await find_outdated_seals(uow, ring) == []


async def test_without_the_old_key_nothing_changes(
    database: Database, workspace: UUID, account: UUID
) -> None:
    """What does not open is told, and stays as it was."""
    async with database.unit_of_work(workspace) as uow:
        before = await list_sealed_passwords(uow)
        with pytest.raises(SealError):
            await reseal_passwords(uow, [account], key_ring=KeyRing({"new": NEW}), now=NOW)

        assert await list_sealed_passwords(uow) == before
