"""What the reader of a mailbox notes: rests, a pause where a person must act, and what heals it (R9)."""

import asyncio
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest

from leadterra.actions.mailbox_health import note_mailbox
from leadterra.actions.ports import MailboxTrouble
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import AccountChange, activate_sender_account, change_sender_account
from leadterra.domain.outcomes import Answer, Command, Refused, Scope
from leadterra.domain.sender_account import Protocol, Status
from leadterra.store.account_health import find_mailbox
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing
from tests.support.clock import NOW
from tests.support.pools import TestPool

LOGIN, SERVER, FOLDER = MailboxTrouble.LOGIN, MailboxTrouble.SERVER, MailboxTrouble.FOLDER
WRONG_LOGIN = Refused(Scope.ACCOUNT, Answer(Command.AUTH, 535, "5.7.8", "no"), authentication=True)
HOUR = timedelta(hours=1)
KEYS = KeyRing({"test": bytes(32)})


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The test's own pool."""
    return TestPool(database, workspace)


async def note(
    pool: TestPool, account: UUID, trouble: MailboxTrouble | None, now: datetime = NOW
) -> datetime | None:
    """As the reader does."""
    return await run(
        pool.database,
        pool.workspace_id,
        lambda uow: note_mailbox(uow, account, trouble, "AUTHENTICATIONFAILED", now=now),
    )


async def refuse_logins(pool: TestPool, account: UUID, times: int = 3) -> None:
    """An hour apart."""
    for number in range(times):
        await note(pool, account, LOGIN, NOW + number * HOUR)


async def failures(pool: TestPool, account: UUID) -> int:
    """Consecutive ones."""
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        return (await find_mailbox(uow, account)).failures


async def change(pool: TestPool, account: UUID, protocol: Protocol, **server: object) -> None:
    """A person changes one of its servers."""
    wanted = AccountChange(servers={protocol: {"host": "mail.acme.test", **server}})  # type: ignore[dict-item]
    await run(
        pool.database,
        pool.workspace_id,
        lambda uow: change_sender_account(uow, account, wanted, key_ring=KEYS, now=NOW + 5 * HOUR),
    )


PASSWORD = {"username": "ada", "password": "new"}


async def status(pool: TestPool, account: UUID) -> tuple[str, str | None]:
    """Status and its reason."""
    found: tuple[str, str | None] = await pool.account_field(account, "status, status_reason")
    return found


async def test_three_refused_logins_pause_the_account(pool: TestPool) -> None:
    """Replies would be seen by nobody (R7): nothing is claimed for it, and the log says which login."""
    account = await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 3)
    await refuse_logins(pool, account)
    assert await status(pool, account) == ("paused", "auth_failed")
    assert await pool.claim(NOW + 3 * HOUR) is None
    events = [data for kind, data in await pool.events() if kind == "sender.paused"]
    assert [(data["reason"], data["protocol"]) for data in events] == [("auth_failed", "imap")]


@pytest.mark.parametrize("trouble", [SERVER, FOLDER])
async def test_a_broken_mailbox_stops_no_sending(pool: TestPool, trouble: MailboxTrouble) -> None:
    """However long it is broken."""
    account = await pool.account("ada", 10)
    await pool.leads(await pool.campaign(), 3)
    for number in range(10):
        await note(pool, account, trouble, NOW + number * 2 * HOUR)
    assert await status(pool, account) == ("active", None)
    assert await pool.account_field(account, "failures, rest_until") == (0, None)
    assert len((await pool.must_claim(NOW + 3 * HOUR)).rows) == 3


async def test_it_says_when_to_try_again(pool: TestPool) -> None:
    """A minute, and at once when it works."""
    account = await pool.account("ada", 10)
    assert await note(pool, account, SERVER) == NOW + timedelta(minutes=1)
    assert await note(pool, account, None) is None


async def test_a_mailbox_that_works_has_healed(pool: TestPool) -> None:
    """Two refusals, a success, two refusals: no pause."""
    account = await pool.account("ada", 10)
    for number, trouble in enumerate([LOGIN, LOGIN, None, LOGIN, LOGIN]):
        await note(pool, account, trouble, NOW + number * HOUR)
    assert await status(pool, account) == ("active", None)


async def test_many_readers_that_note_the_same_note_it_once(pool: TestPool) -> None:
    """Six at one moment: one failure, and with three moments one pause."""
    account = await pool.account("ada", 10)
    for number in range(3):
        await asyncio.gather(*(note(pool, account, LOGIN, NOW + number * HOUR) for _ in range(6)))
        assert await failures(pool, account) == number + 1
    assert [kind for kind, _ in await pool.events()] == ["sender.paused"]


async def test_what_is_noted_of_an_account_that_is_gone_is_nobodys(pool: TestPool) -> None:
    """Removed while it was being read, or never there."""
    account = await pool.account("ada", 10)
    await pool.change("sender_accounts", account, removed_at=NOW)
    for each in (account, uuid4()):
        await refuse_logins(pool, each)
    assert await pool.ask("select 1 from account_health where workspace_id = :w") == []


async def test_an_account_that_a_person_paused_keeps_its_reason(pool: TestPool) -> None:
    """It is not the engine's to say why."""
    account = await pool.account("ada", 10)
    await pool.change("sender_accounts", account, status="paused", status_reason="Paused by request.")
    await refuse_logins(pool, account)
    assert await status(pool, account) == ("paused", "Paused by request.")


@pytest.mark.parametrize("before", [Status.ACTIVE, Status.WARMING])
async def test_a_new_password_makes_it_what_it_was(pool: TestPool, before: Status) -> None:
    """Active, or warming; with a clean slate."""
    account = await pool.account("ada", 10, status=before)
    await refuse_logins(pool, account)
    await change(pool, account, Protocol.IMAP, **PASSWORD)
    assert await status(pool, account) == (before, None)
    assert await failures(pool, account) == 0


async def test_the_password_of_the_other_server_does_not(pool: TestPool) -> None:
    """IMAP refused the login, and SMTP's was changed; and the other way round."""
    read, sent = await pool.account("ada", 10), await pool.account("bob", 10)
    await refuse_logins(pool, read)
    await pool.change("sender_accounts", sent, status="paused", status_reason="auth_failed")
    await change(pool, read, Protocol.SMTP, **PASSWORD)
    await change(pool, sent, Protocol.IMAP, **PASSWORD)
    assert [(await status(pool, each))[0] for each in (read, sent)] == ["paused", "paused"]


async def test_another_smtp_password_is_tried_at_once(pool: TestPool) -> None:
    """Paused for SMTP's login, it is active again; resting for it, it rests no more."""
    paused, resting = await pool.account("ada", 10), await pool.account("bob", 10)
    trouble = {"failures": 2, "rest_until": NOW + 9 * HOUR, "rest_reason": "auth_failed"}
    await pool.change("sender_accounts", paused, status="paused", status_reason="auth_failed", **trouble)
    await pool.change("sender_accounts", resting, **trouble)
    for each in (paused, resting):
        await change(pool, each, Protocol.SMTP, **PASSWORD)
        assert await pool.account_field(each, "status, failures, rest_until") == ("active", 0, None)


@pytest.mark.parametrize("before", [Status.ACTIVE, Status.WARMING])
async def test_a_login_that_works_again_makes_it_what_it_was(pool: TestPool, before: Status) -> None:
    """Its mail is still looked for: the password may have been put right at the provider."""
    account = await pool.account("ada", 10, status=before)
    await refuse_logins(pool, account)
    await note(pool, account, None, NOW + 5 * HOUR)
    assert await status(pool, account) == (before, None)
    is_lost = await pool.account_field(account, "lost_at is not null")
    kinds = [kind for kind, _ in await pool.events()]
    assert (is_lost, "sender.activated" in kinds) == (before is not Status.ACTIVE, before is Status.ACTIVE)


@pytest.mark.parametrize("reason", ["Paused by request.", "bounce_rate"])
async def test_a_login_that_works_again_lifts_no_other_pause(pool: TestPool, reason: str) -> None:
    """A person has paused it since, or there is more that is wrong."""
    account = await pool.account("ada", 10)
    await refuse_logins(pool, account)
    await pool.change("sender_accounts", account, status_reason=reason)
    await note(pool, account, None, NOW + 5 * HOUR)
    assert await status(pool, account) == ("paused", reason)


async def test_a_login_for_reading_that_works_says_nothing_of_the_other(pool: TestPool) -> None:
    """SMTP refused it, and the mailbox had never been in trouble."""
    account = await pool.account("ada", 10)
    await pool.change("sender_accounts", account, status="paused", status_reason="auth_failed")
    await note(pool, account, SERVER)
    await note(pool, account, None, NOW + HOUR)
    assert await status(pool, account) == ("paused", "auth_failed")


async def test_a_change_that_is_no_repair_leaves_the_pause(pool: TestPool) -> None:
    """Of the name, or of an account that was paused for something else."""
    refused, bounced = await pool.account("ada", 10), await pool.account("bob", 10)
    await refuse_logins(pool, refused)
    await pool.change("sender_accounts", bounced, status="paused", status_reason="bounce_rate")
    wanted = AccountChange(settings={"name": "Ada L."})
    await run(
        pool.database,
        pool.workspace_id,
        lambda uow: change_sender_account(uow, refused, wanted, key_ring=KEYS, now=NOW + 5 * HOUR),
    )
    await change(pool, bounced, Protocol.SMTP, **PASSWORD)
    assert [(await status(pool, each))[0] for each in (refused, bounced)] == ["paused", "paused"]


async def test_activating_it_forgets_what_its_mailbox_said(pool: TestPool) -> None:
    """One more refusal is the first one."""
    account = await pool.account("ada", 10)
    await refuse_logins(pool, account)
    await run(
        pool.database,
        pool.workspace_id,
        lambda uow: activate_sender_account(uow, account, now=NOW + 5 * HOUR),
    )
    await note(pool, account, LOGIN, NOW + 5 * HOUR)
    assert (await status(pool, account), await failures(pool, account)) == (("active", None), 1)
