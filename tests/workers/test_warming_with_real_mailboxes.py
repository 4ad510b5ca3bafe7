"""One day of warm-up on the distribution's real Postfix and Dovecot: letters are submitted with a login,
found by IMAP, counted and filed; what lies in Junk is left there.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from leadterra.actions.ports import FolderRole, MailboxSession, Security
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import NewAccount, create_sender_account
from leadterra.domain.sender_account import Protocol, Status
from leadterra.mail.composition import compose
from leadterra.mail.warmup import FIELD, FOLDER, is_warmup
from leadterra.store.claims import AccountRow
from leadterra.store.database import Database
from leadterra.store.mailboxes import MailboxAccount
from leadterra.transport.courier import SmtpCourier
from leadterra.transport.imap import ImapMailroom
from leadterra.transport.trust import Trust
from leadterra.workers.outside import Outside
from leadterra.workers.warming import Measuring, WarmingWorker
from tests.support.clock import ManualClock
from tests.support.mail_system import PASSWORD, MailSystem
from tests.support.pools import TestPool
from tests.support.smtp_certificates import authority
from tests.support.waiting import eventually
from tests.support.warming import RING

MIDNIGHT = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def mail() -> Iterator[MailSystem]:
    """Postfix and Dovecot."""
    with MailSystem() as system:
        yield system


@pytest.fixture
def pool(own_database: Database, own_workspace: UUID, clock: ManualClock) -> TestPool:
    """The test's own pool, at midnight."""
    clock.set(MIDNIGHT)
    return TestPool(own_database, own_workspace)


async def add_account(pool: TestPool, mail: MailSystem, address: str, status: Status) -> None:
    """A mailbox and its account."""
    shown = mail.add_sender_account(address)
    servers = {protocol: _server(shown[protocol.value]) for protocol in Protocol}
    new = NewAccount(address, "Somebody", status, servers)
    await run(
        pool.database,
        pool.workspace_id,
        lambda uow: create_sender_account(uow, new, key_ring=RING, now=MIDNIGHT),
    )


def _server(shown: Any) -> Any:
    return {**shown, "security": Security(shown["security"])}


@asynccontextmanager
async def a_worker(pool: TestPool, clock: ManualClock, mail: MailSystem) -> AsyncIterator[WarmingWorker]:
    """The real one, with the real courier and the real mailroom."""
    trust = Trust(authority().file)
    courier = SmtpCourier(clock, compose, trust=trust)

    mailroom = ImapMailroom(clock, trust=trust)

    async def open_mailbox(workspace_id: UUID, account: MailboxAccount) -> MailboxSession:
        return await mailroom.open(mail.access(account.email, account.id))

    def unseal(workspace_id: UUID, account: AccountRow) -> str:
        return PASSWORD

    outside = Outside(pool.database, clock, courier, unseal)
    yield WarmingWorker(outside, Measuring(open_mailbox))
    await courier.close()


async def has_arrived(pool: TestPool, mail: MailSystem) -> bool:
    """Whether Postfix has brought every letter that it took to some folder."""
    rows = await pool.ask(
        "select r.email, count(*)::int from warmup_letters h"
        " join sender_accounts r on r.id = h.recipient_account_id"
        " where h.workspace_id = :w and h.state = 'sent' group by r.email"
    )
    folders = ("INBOX", "Junk", FOLDER)
    return all(sum(len(mail.letters(email, folder)) for folder in folders) == count for email, count in rows)


async def put_into_junk(mail: MailSystem, clock: ManualClock, address: str) -> None:
    """The first letter of the inbox, as a filter would have done."""
    mailroom = ImapMailroom(clock, trust=Trust(authority().file))
    session = await mailroom.open(mail.access(address))
    junk = next(each.name for each in await session.list_folders() if each.role is FolderRole.JUNK)
    await session.select("INBOX")
    await session.move([each.uid for each in await session.fetch(1, limit=1, max_octets=100)], junk)
    await session.close()


async def test_one_day_of_warm_up_on_real_mailboxes(
    pool: TestPool, clock: ManualClock, mail: MailSystem
) -> None:
    """Two accounts that warm up and one that is active: ten letters, each where it should be. The first that
    comes to the active one is put into Junk before anybody looks: it is counted as spam, and left there. All
    others are counted in the inbox, and filed. The books are exact.
    """
    ada, bob, cyd = (f"{name}-{uuid4().hex[:8]}@acme.test" for name in ("ada", "bob", "cyd"))
    for address, status in ((ada, Status.WARMING), (bob, Status.WARMING), (cyd, Status.ACTIVE)):
        await add_account(pool, mail, address, status)
    is_junked = False
    async with a_worker(pool, clock, mail) as worker:
        while clock.now() < MIDNIGHT + timedelta(hours=24):
            await worker.turn()
            await eventually(lambda: has_arrived(pool, mail), what="letters to arrive")
            if not is_junked and mail.letters(cyd):
                await put_into_junk(mail, clock, cyd)
                is_junked = True
            clock.advance(minutes=20)
        await worker.turn()

    placements = dict(
        await pool.ask(
            "select placement, count(*)::int from warmup_letters"
            " where workspace_id = :w and day = :day group by placement",
            day=MIDNIGHT.date(),
        )
    )
    filed = [letter for address in (ada, bob, cyd) for letter in mail.letters(address, FOLDER)]
    junk = mail.letters(cyd, "Junk")
    assert placements == {"inbox": 9, "spam": 1}
    assert (len(filed), len(junk)) == (9, 1)
    assert [mail.letters(address) for address in (ada, bob, cyd)] == [[], [], []]
    assert all(is_warmup(str(letter[FIELD]), bytes(32)) for letter in (*filed, *junk))
    assert sorted((await pool.ledger(MIDNIGHT.date())).values()) == [(10, 0, 0)]
    await pool.check_books(now=clock.now())
