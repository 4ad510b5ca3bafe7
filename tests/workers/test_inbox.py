"""The inbox worker: what comes into mailboxes is read once, by one process at a time, and none of them delays
another.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from leadterra.actions.ports import MailAccess, MailboxError, MailboxSession, MailboxTrouble, Security
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.mailboxes import MailboxAccount, keep_mailbox
from leadterra.store.workers import record_worker
from leadterra.transport.scripted_mailboxes import ScriptedMailboxes, StoredLetter
from leadterra.workers.inbox import InboxLimits, InboxWorker
from leadterra.workers.mailbox_reading import LOOK_BACK, Desk, Pace
from tests.support.clock import NOW, ManualClock
from tests.support.offices import LEASE, Office
from tests.support.pools import TestPool
from tests.support.returning import Mailroom as Letters
from tests.support.waiting import eventually


@pytest.fixture
def office(own_database: Database, own_workspace: UUID, clock: ManualClock) -> Office:
    """In a database of its own: workers look into every workspace."""
    return Office(TestPool(own_database, own_workspace), clock, ScriptedMailboxes(clock))


@asynccontextmanager
async def working(*workers: InboxWorker) -> AsyncIterator[None]:
    """They read until the block ends."""
    tasks = [asyncio.create_task(worker.run()) for worker in workers]
    try:
        yield
    finally:
        for worker in workers:
            worker.stop()
        await asyncio.gather(*tasks)


async def test_an_answer_stops_the_lead(office: Office) -> None:
    """What was there already, and what comes while the mailbox is open."""
    mailbox = await office.mailbox("ada")
    before, after = await office.campaign(2)
    mailbox.deliver(await office.answer(before))

    async with working(office.worker()):
        await eventually(lambda: office.is_in(before, "replied"))
        mailbox.deliver(await office.answer(after))
        await eventually(lambda: office.is_in(after, "replied"))


async def test_answers_in_the_junk_folder_count(office: Office) -> None:
    """A person's answer may be taken for spam."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    mailbox.deliver(await office.answer(enrollment), "Junk")

    async with working(office.worker()):
        await eventually(lambda: office.is_in(enrollment, "replied"))


@pytest.mark.parametrize("tells_status", [True, False])
async def test_the_junk_folder_is_looked_into_again_and_again(office: Office, tells_status: bool) -> None:
    """And the inbox goes on being read, whether or not the server tells of folders that are not open."""
    mailbox = await office.mailbox("ada")
    mailbox.tells_status = tells_status
    enrollments = await office.campaign(4)
    async with working(office.worker(pace=Pace(others_every=0.05))):
        await eventually(lambda: is_read(office, "ada"))
        for enrollment, folder in zip(enrollments, ("Junk", "INBOX", "Junk", "INBOX"), strict=True):
            mailbox.deliver(await office.answer(enrollment), folder)
            await eventually(partial(office.is_in, enrollment, "replied"))


async def test_what_a_server_does_not_announce_is_found_in_the_end(office: Office) -> None:
    """Some lose track of who waits."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    async with working(office.worker(pace=Pace(others_every=0.02))):
        await eventually(lambda: is_read(office, "ada"))
        unannounced = StoredLetter(await office.answer(enrollment), office.clock.now())
        mailbox.folders["INBOX"].add(unannounced)
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_a_restart_neither_misses_nor_repeats_a_letter(office: Office) -> None:
    """What came meanwhile is read, and nothing twice."""
    mailbox = await office.mailbox("ada")
    first, second = await office.campaign(2)
    mailbox.deliver(await office.answer(first))
    async with working(office.worker()):
        await eventually(lambda: office.is_in(first, "replied"))
    mailbox.deliver(await office.answer(second))

    async with working(office.worker("two")):
        await eventually(lambda: office.is_in(second, "replied"))
    assert await office.replies() == 2


async def test_a_reader_that_stops_says_how_far_it_read(office: Office) -> None:
    """Whoever reads on need not begin again."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    mailbox.deliver(await office.answer(enrollment))
    async with working(office.worker()):
        await eventually(lambda: office.is_in(enrollment, "replied"))

    rows = await office.pool.ask(
        "select name, uid_next::int from mailbox_folders where workspace_id = :w order by name"
    )
    assert rows == [("INBOX", 2), ("Junk", 1)]


async def test_a_folder_that_was_made_anew_is_read_again(office: Office) -> None:
    """Letters that are known change nothing."""
    mailbox = await office.mailbox("ada")
    first, second = await office.campaign(2)
    mailbox.deliver(await office.answer(first))
    async with working(office.worker()):
        await eventually(lambda: office.is_in(first, "replied"))
    mailbox.make_anew()
    mailbox.deliver(await office.answer(second))

    async with working(office.worker()):
        await eventually(lambda: office.is_in(second, "replied"))
    assert await office.replies() == 2


async def test_a_folder_that_was_put_back_loses_no_letter(office: Office) -> None:
    """Its server gives UIDs that it gave before, and does not say so."""
    mailbox = await office.mailbox("ada")
    first, second = await office.campaign(2)
    for _ in range(3):
        mailbox.deliver(await office.answer(first))
    async with working(office.worker()):
        await eventually(lambda: is_read(office, "ada"))
    mailbox.folders["INBOX"].letters.clear()
    mailbox.folders["INBOX"].uid_next = 1
    mailbox.deliver(await office.answer(second))

    async with working(office.worker()):
        await eventually(lambda: office.is_in(second, "replied"))


async def test_a_bounce_among_spam_is_believed_only_if_it_knows_the_message(office: Office) -> None:
    """Forged reports end there."""
    mailbox = await office.mailbox("ada")
    forged, real = await office.campaign(2)
    head = "From: MAILER-DAEMON@mx.test\r\nSubject: Undelivered\r\n"
    head += "X-Failed-Recipients: lead0000{}@leads.test\r\n{}"
    text = "Message-ID: <{}@mx.test>\r\n\r\nYour message was not delivered: 550 5.1.1 no such user here\r\n"
    identifier = await Letters(office.pool, office.accounts["ada"]).message_id(real)
    mailbox.deliver((head.format(0, "") + text.format(1)).encode(), "Junk")
    mailbox.deliver((head.format(1, f"In-Reply-To: {identifier}\r\n") + text.format(2)).encode(), "Junk")

    async with working(office.worker()):
        await eventually(lambda: office.is_in(real, "bounced"))
    assert await office.state(forged) == "waiting"
    mailbox.deliver((head.format(0, "") + text.format(3)).encode())
    async with working(office.worker()):
        await eventually(lambda: office.is_in(forged, "bounced"))


async def test_an_old_mailbox_is_not_read_from_its_beginning(office: Office) -> None:
    """Only so far back as answers may have come."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    mailbox.deliver(await office.answer(enrollment))
    for _ in range(LOOK_BACK):
        mailbox.deliver(b"From: x@y.test\r\nSubject: News\r\n\r\nHello\r\n")

    async with working(office.worker()):
        await eventually(lambda: is_read(office, "ada"))
    assert await office.state(enrollment) == "waiting"


async def is_read(office: Office, name: str) -> bool:
    """Whether a mailbox was read to its end."""
    rows = await office.pool.ask(
        "select read_at is not null from mailboxes where workspace_id = :w and sender_account_id = :id",
        id=office.accounts[name],
    )
    return bool(rows[0][0])


async def test_a_broken_mailbox_delays_no_other(office: Office) -> None:
    """It is left alone for a while, and its lease is free then."""
    broken, whole = await office.mailbox("ada"), await office.mailbox("bob")
    [enrollment] = await office.campaign()
    broken.unreachable = "No route to host."
    whole.deliver(await office.answer(enrollment))

    async with working(office.worker()):
        await eventually(lambda: office.is_in(enrollment, "replied"))
        await eventually(lambda: rests(office, "ada"))
        broken.unreachable = None
        office.clock.advance(hours=1)
        await eventually(lambda: is_read(office, "ada"))


async def test_a_mailbox_that_can_be_read_again_has_no_trouble(office: Office) -> None:
    """What was wrong with it is forgotten."""
    mailbox = await office.mailbox("ada")
    mailbox.unreachable = "No route to host."

    async with working(office.worker()):
        await eventually(lambda: rests(office, "ada"))
        assert await failures(office) == 1
        mailbox.unreachable = None
        office.clock.advance(hours=1)
        await eventually(lambda: is_read(office, "ada"))
    assert await failures(office) == 0


async def failures(office: Office) -> int:
    """Of mailboxes, one after the other."""
    rows = await office.pool.ask(
        "select sum(mailbox_failures)::int from account_health where workspace_id = :w"
    )
    return int(rows[0][0])


async def test_accounts_that_come_later_are_known_as_our_own(office: Office) -> None:
    """To the mailboxes that are read already: what our own people write is no reply."""
    mailbox = await office.mailbox("ada")
    first, second = await office.campaign(2)
    async with working(office.worker(lease=timedelta(seconds=0.3))):
        await eventually(lambda: is_read(office, "ada"))
        await office.pool.account("bob", 10)
        office.clock.advance(seconds=1)
        await eventually(lambda: is_held_until(office, office.clock.now() + timedelta(seconds=0.3)))
        mailbox.deliver((await office.answer(first)).replace(b"lead@else.test", b"bob@acme.test"))
        mailbox.deliver(await office.answer(second))
        await eventually(lambda: office.is_in(second, "replied"))
    assert await office.state(first) == "waiting"


async def is_held_until(office: Office, instant: datetime) -> bool:
    """Whether the lease of the only mailbox is over then."""
    rows = await office.pool.ask("select lease_until from mailboxes where workspace_id = :w")
    return rows == [(instant,)]


async def rests(office: Office, name: str) -> bool:
    """Whether a mailbox is left alone."""
    rows = await office.pool.ask(
        "select reader is null and lease_until > :now from mailboxes"
        " where workspace_id = :w and sender_account_id = :id",
        id=office.accounts[name],
        now=office.clock.now(),
    )
    return bool(rows[0][0])


async def test_a_connection_that_breaks_is_made_again(office: Office) -> None:
    """And what came meanwhile is read."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    async with working(office.worker()):
        await eventually(lambda: is_read(office, "ada"))
        mailbox.break_off()
        await eventually(lambda: rests(office, "ada"))
        mailbox.deliver(await office.answer(enrollment))
        office.clock.advance(hours=1)
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_a_login_that_is_refused_three_times_pauses_the_account(office: Office) -> None:
    """Its replies cannot be seen: a person must act."""
    mailbox = await office.mailbox("ada")
    mailbox.refused = "NO [AUTHENTICATIONFAILED] Wrong."

    async with working(office.worker()):
        for _ in range(3):
            await eventually(lambda: rests(office, "ada"))
            office.clock.advance(hours=2)
        await eventually(lambda: is_paused(office, "ada"))


async def is_paused(office: Office, name: str) -> bool:
    """Whether an account is paused because its login is refused."""
    fields = await office.pool.account_field(office.accounts[name], "status, status_reason")
    return bool(fields == ("paused", "auth_failed"))


async def test_the_mailboxes_of_a_dead_reader_are_taken_over(office: Office) -> None:
    """When its leases are over; not before."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    await office.pool.execute(
        "update mailboxes set reader = 'dead', lease_until = :until where workspace_id = :w",
        until=NOW + LEASE,
    )
    mailbox.deliver(await office.answer(enrollment))

    async with working(worker := office.worker()):
        await eventually(lambda: worker.looks > 1)
        assert await office.state(enrollment) == "waiting"
        office.clock.advance(seconds=60)
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_processes_share_the_mailboxes(office: Office) -> None:
    """Whoever comes later gets its part, and no mailbox is read by two."""
    for number in range(20):
        await office.mailbox(f"name{number}")
    one, two = office.worker("one"), office.worker("two")
    await seen(office, 1)
    async with working(one):
        await eventually(lambda: one.reading == 20, seconds=30)
        await seen(office, 2)
        async with working(two):
            await eventually(lambda: two.reading == 10, seconds=30)
            await eventually(lambda: one.reading == 10, seconds=30)
    free = await office.pool.ask(
        "select count(*)::int from mailboxes where workspace_id = :w and reader is null"
    )
    assert free == [(20,)]


async def seen(office: Office, count: int) -> None:
    """So many worker processes say that they are alive."""
    async with office.pool.database.global_work() as transaction:
        for number in range(count):
            await record_worker(transaction, UUID(int=number), "test", 1, now=office.clock.now())


async def test_rubbish_does_not_keep_letters_from_being_read(office: Office) -> None:
    """Whatever comes before them."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    unending = b"Content-Type: multipart/mixed; boundary=x\n\n--x\n" * 999
    for rubbish in (b"", b"\0" * 1000, b"\xff\xfe" * 100_000, unending):
        mailbox.deliver(rubbish)
    mailbox.deliver(await office.answer(enrollment))

    async with working(office.worker()):
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_a_server_without_idle_is_asked_now_and_then(office: Office) -> None:
    """NOOP, less often the longer nothing comes."""
    mailbox = await office.mailbox("ada")
    mailbox.idles = False
    [enrollment] = await office.campaign()
    async with working(office.worker(pace=Pace(poll_first=0.01, poll_last=0.02))):
        await eventually(lambda: is_read(office, "ada"))
        mailbox.deliver(await office.answer(enrollment))
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_a_changed_account_is_begun_anew(office: Office) -> None:
    """A new password is used, also where the old one rests."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    mailbox.refused = "NO"
    async with working(office.worker()):
        await eventually(lambda: rests(office, "ada"))
        mailbox.refused = None
        mailbox.deliver(await office.answer(enrollment))
        async with office.pool.database.unit_of_work(office.pool.workspace_id) as uow:
            await keep_mailbox(uow, office.accounts["ada"], is_read=True)
        await eventually(lambda: office.is_in(enrollment, "replied"))


async def test_what_is_read_here_is_not_taken_once_more_after_the_database_was_away(office: Office) -> None:
    """Leases ran out meanwhile, and there is room for more."""
    mailbox = await office.mailbox("ada")
    worker = office.worker()
    async with working(worker):
        await eventually(lambda: is_read(office, "ada"))
        await office.mailbox("bob")
        await eventually(lambda: is_read(office, "bob"))
        office.servers.mailbox("bob").unreachable = "No route to host."
        office.servers.mailbox("bob").break_off()
        await eventually(lambda: rests(office, "bob"))
        office.clock.advance(minutes=2)
        looks = worker.looks
        await eventually(lambda: worker.looks > looks + 2)
        assert len(mailbox.sessions) == 1
    assert not mailbox.sessions


async def test_a_folder_that_is_made_anew_at_every_look_is_not_read_without_a_pause(office: Office) -> None:
    """Twice at once, and then now and then."""
    mailbox = await office.mailbox("ada")
    await office.campaign()
    for _ in range(3):
        mailbox.deliver(b"From: x@y.test\r\nSubject: News\r\n\r\n" + b"Hello\r\n" * 10_000)
    server, opened = office.servers, []
    admit = server.open

    async def open_anew(access: MailAccess) -> MailboxSession:
        mailbox.make_anew()
        opened.append(access)
        return await admit(access)

    office.opener = open_anew
    async with working(worker := office.worker()):
        await eventually(lambda: len(opened) >= 2)
        looks = worker.looks
        await eventually(lambda: worker.looks > looks + 50)
    assert len(opened) == 2


@pytest.mark.parametrize("received_at", [datetime.max, datetime.min, datetime(2099, 1, 1)])
async def test_a_server_without_a_clock_loses_no_letter(office: Office, received_at: datetime) -> None:
    """A letter that was put there, or dated, whenever, is here now."""
    mailbox = await office.mailbox("ada")
    [enrollment] = await office.campaign()
    away = (await office.answer(enrollment)).replace(
        b"Subject: Re: Hello", b"Auto-Submitted: auto-replied\r\nSubject: Out of office: Re: Hello"
    )
    mailbox.deliver(away, received_at=received_at.replace(tzinfo=UTC))

    async with working(office.worker()):
        await eventually(lambda: is_read(office, "ada"))
    until = await office.pool.enrollment(enrollment, "away_until")
    assert until == NOW + timedelta(days=7)


async def test_readers_who_wait_for_a_pool_leave_connections_to_others(office: Office) -> None:
    """Sending needs them, and other workspaces do."""
    for number in range(12):
        await office.mailbox(f"name{number}")
    enrollments = await office.campaign(12)
    for number, enrollment in enumerate(enrollments):
        office.servers.mailbox(f"name{number}").deliver(await office.answer(enrollment))

    async with office.pool.database.unit_of_work(office.pool.workspace_id) as uow:
        await uow.lock_pool()
        async with working(worker := office.worker()):
            await eventually(lambda: worker.reading == 12)
            await eventually(lambda: waits_for_locks(uow))
            looks = worker.looks
            await eventually(lambda: worker.looks > looks + 50, seconds=4)
            await uow.connection.rollback()
            for enrollment in enrollments:
                await eventually(lambda each=enrollment: office.is_in(each, "replied"))  # type: ignore[misc]


async def waits_for_locks(uow: UnitOfWork) -> bool:
    """Whether somebody does."""
    return bool(await uow.value("select count(*)::int from pg_locks where not granted"))


async def test_the_failure_of_a_login_that_was_changed_meanwhile_says_nothing(office: Office) -> None:
    """The new one is tried at once, and the old one's refusal is not counted."""
    mailbox = await office.mailbox("ada")
    account_id = office.accounts["ada"]
    refused = asyncio.Event()

    async def open_mailbox(workspace_id: UUID, account: MailboxAccount) -> MailboxSession:
        if not refused.is_set():
            refused.set()
            await office.pool.execute(
                "update sender_accounts set updated_at = :now where workspace_id = :w and id = :id",
                id=account_id,
                now=NOW + timedelta(seconds=1),
            )
            raise MailboxError(MailboxTrouble.LOGIN, "NO")
        return await office.servers.open(
            MailAccess(account.id, "imap.test", 143, Security.NONE, account.imap_username or "", "x")
        )

    worker = InboxWorker(
        "one",
        Desk(office.pool.database, office.clock, Pace()),
        open_mailbox,
        InboxLimits(10, LEASE, poll=0.01),
    )
    async with working(worker):
        await eventually(lambda: len(mailbox.sessions) == 1)
    failures = await office.pool.ask("select mailbox_failures from account_health where workspace_id = :w")
    assert failures in ([], [(0,)])
