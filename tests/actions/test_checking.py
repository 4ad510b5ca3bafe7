"""Checks of accounts, before real servers of loopback: mail, mailboxes, names, tokens."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from leadterra.actions.checking import check_account
from leadterra.actions.equipment import Equipment
from leadterra.actions.mail_servers import ServerChange
from leadterra.actions.running import run
from leadterra.actions.sender_accounts import (
    AccountChange,
    NewAccount,
    change_sender_account,
    create_sender_account,
)
from leadterra.config import Settings
from leadterra.domain.errors import InvalidState, NotFound
from leadterra.domain.sender_account import Protocol, Security, Status
from leadterra.mail.checks import Check, CheckStatus
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from tests.support.clock import NOW, ManualClock
from tests.support.dns_server import NameServer, Zone, name_server
from tests.support.dovecot import Dovecot
from tests.support.granting import KEYS, grant_account
from tests.support.probing import probing
from tests.support.smtp_certificates import authority
from tests.support.smtp_servers import Move, scripted
from tests.support.smtp_xoauth2 import token_mail
from tests.support.token_server import TokenServer

PASS, WARN, FAIL = CheckStatus.PASS, CheckStatus.WARN, CheckStatus.FAIL
NAMES = ["smtp", "imap", "spf", "dkim", "dmarc", "mx"]
ZONE: Zone = {
    "acme.test": {
        "MX": ["10 mx.acme.test."],
        "TXT": ['"v=spf1 include:" "spf.acme.test -all"', '"other"'],
    },
    "spf.acme.test": {"TXT": ['"v=spf1 ip4:192.0.2.0/24 -all"']},
    "_dmarc.acme.test": {"TXT": ['"v=DMARC1; p=reject; rua=mailto:d@acme.test"']},
    "mine._domainkey.acme.test": {"TXT": ['"v=DKIM1; p="']},
}


@pytest.fixture
async def names() -> AsyncIterator[NameServer]:
    """A name server."""
    async with name_server(ZONE) as server:
        yield server


@pytest.fixture
async def equipment(database: Database, clock: ManualClock, names: NameServer) -> AsyncIterator[Equipment]:
    """With the real probes."""
    async with probing(database, clock, KEYS, names) as probes:
        yield Equipment(database, clock, KEYS, Settings(data_dir=Path("unused")), lambda: probes)


@pytest.fixture(scope="module")
def dovecot() -> Iterator[Dovecot]:
    """Keeps mailboxes."""
    with Dovecot() as server:
        server.add_user("ada@acme.test", password="right")
        yield server


def server(port: int, password: str = "right") -> ServerChange:
    """One of loopback."""
    return ServerChange(
        host="127.0.0.1",
        port=port,
        security=Security.STARTTLS,
        username="ada@acme.test",
        password=password,
    )


async def create(equipment: Equipment, workspace: UUID, **servers: ServerChange) -> UUID:
    """An account with these servers."""
    by_protocol = {Protocol(name): change for name, change in servers.items()}
    new = NewAccount("ada@acme.test", "Ada", servers=by_protocol)
    made = await run(
        equipment.database,
        workspace,
        lambda uow: create_sender_account(uow, new, key_ring=KEYS, now=NOW),
    )
    return made.id


async def check(
    equipment: Equipment, workspace: UUID, account: UUID, selector: str | None = None
) -> dict[str, Check]:
    """The checks by their names."""
    _, checks = await check_account(equipment, workspace, account, selector=selector)
    assert [each.check for each in checks] == NAMES
    return {each.check: each for each in checks}


async def test_an_account_that_is_in_order(equipment: Equipment, workspace: UUID, dovecot: Dovecot) -> None:
    """Its server lets it in and gets no letter, its mailbox has its folders, its domain says what it
    should.
    """
    async with scripted(starttls=authority().server_context()) as mail:
        account = await create(equipment, workspace, smtp=server(mail.port), imap=server(dovecot.ports.imap))
        checks = await check(equipment, workspace, account)

    found = {name: each.status for name, each in checks.items()}
    assert found == dict.fromkeys(NAMES, PASS) | {"dkim": WARN}
    verbs = [command.split(b" ")[0] for command in mail.commands]
    assert verbs == [b"EHLO", b"STARTTLS", b"EHLO", b"AUTH", b"QUIT"]
    assert checks["imap"].detail.endswith("inbox, junk and sent were found.")
    assert "1 of 10 look-ups" in checks["spf"].detail


async def test_refused_logins_are_told_in_the_servers_words(
    equipment: Equipment, workspace: UUID, dovecot: Dovecot
) -> None:
    """And no password is among them."""
    script = {"AUTH": "535 5.7.8 Username and Password not accepted: hush-hush"}
    async with scripted(script, starttls=authority().server_context()) as mail:
        smtp, imap = server(mail.port, "hush-hush"), server(dovecot.ports.imap, "hush-hush")
        checks = await check(equipment, workspace, await create(equipment, workspace, smtp=smtp, imap=imap))

    assert (checks["smtp"].status, checks["imap"].status) == (FAIL, FAIL)
    assert "535 5.7.8 Username and Password not accepted" in checks["smtp"].detail
    assert "hush" not in checks["smtp"].detail + checks["imap"].detail


async def test_nobody_there_is_told(equipment: Equipment, workspace: UUID) -> None:
    """Neither mail server nor mailbox."""
    async with scripted() as mail:
        port = mail.port
    account = await create(equipment, workspace, smtp=server(port), imap=server(port))
    checks = await check(equipment, workspace, account)

    assert (checks["smtp"].status, checks["imap"].status) == (FAIL, FAIL)


async def test_an_account_without_servers_says_so(equipment: Equipment, workspace: UUID) -> None:
    """Nothing goes out, nobody reads what comes back."""
    checks = await check(equipment, workspace, await create(equipment, workspace))

    assert (checks["smtp"].status, checks["imap"].status) == (FAIL, WARN)


async def test_a_server_that_hangs_does_not_hold_up_the_report(equipment: Equipment, workspace: UUID) -> None:
    """Its entry says so, the others are there."""
    async with scripted({"GREETING": Move.HANG}) as mail:
        account = await create(equipment, workspace, smtp=server(mail.port))
        _, checks = await check_account(equipment, workspace, account, patience=timedelta(seconds=0.5))

    assert (checks[0].status, checks[0].detail) == (FAIL, "No answer within 0.5 seconds.")
    assert {each.status for each in checks[2:]} == {PASS, WARN}


async def test_a_selector_can_be_named(equipment: Equipment, workspace: UUID, names: NameServer) -> None:
    """Then it is the one that counts, and the only one that is asked for."""
    account = await create(equipment, workspace)
    revoked = await check(equipment, workspace, account, "mine")
    missing = await check(equipment, workspace, account, "other")

    assert (revoked["dkim"].status, "revoked" in revoked["dkim"].detail) == (FAIL, True)
    assert (missing["dkim"].status, "has no key" in missing["dkim"].detail) == (FAIL, True)
    assert {name for name, _ in names.asked if "_domainkey" in name} == {
        "mine._domainkey.acme.test",
        "other._domainkey.acme.test",
    }


async def test_what_is_missing_comes_with_what_to_publish(
    equipment: Equipment, workspace: UUID, names: NameServer
) -> None:
    """For a domain that says nothing: SPF and DMARC."""
    names.zone = {"acme.test": {"A": ["192.0.2.1"]}}
    checks = await check(equipment, workspace, await create(equipment, workspace))

    assert [checks[name].status for name in ("spf", "dkim", "dmarc", "mx")] == [FAIL, WARN, FAIL, WARN]
    publish = [each.publish.name for each in checks.values() if each.publish]
    assert publish == ["acme.test", "_dmarc.acme.test"]


async def test_name_servers_in_trouble_are_no_verdict(
    equipment: Equipment, workspace: UUID, names: NameServer
) -> None:
    """A name server that fails says nothing of the domain."""
    names.zone = {
        "acme.test": "servfail",
        "_dmarc.acme.test": "servfail",
        "mine._domainkey.acme.test": "servfail",
    }
    checks = await check(equipment, workspace, await create(equipment, workspace), "mine")

    assert [checks[name].status for name in ("spf", "dkim", "dmarc", "mx")] == [WARN] * 4


async def test_an_account_without_a_password_is_checked_by_token(
    equipment: Equipment, workspace: UUID, clock: ManualClock
) -> None:
    """It passes while its consent holds."""
    with TokenServer() as tokens:
        async with token_mail(tokens) as mail:
            account = await grant_account(equipment.database, workspace, tokens, port=mail.port)
            good = await check(equipment, workspace, account)
            tokens.revoke("ada@acme.test")
            clock.advance(hours=1)
            bad = await check(equipment, workspace, account)

    assert (good["smtp"].status, mail.logins) == (PASS, ["ada@acme.test"])
    assert (bad["smtp"].status, "invalid_grant" in bad["smtp"].detail) == (FAIL, True)


async def test_a_paused_account_stays_paused(equipment: Equipment, workspace: UUID) -> None:
    """A person must act: the report says that it works again, and no more."""
    async with scripted(starttls=authority().server_context()) as mail:
        account = await create(equipment, workspace, smtp=server(mail.port))
        async with equipment.database.unit_of_work(workspace) as uow:
            paused = AccountChange(status=Status.PAUSED)
            await change_sender_account(uow, account, paused, key_ring=KEYS, now=NOW)
            await uow.execute(
                "update sender_accounts set status_reason = 'auth_failed'"
                " where workspace_id = %(workspace_id)s"
            )
        shown, checks = await check_account(equipment, workspace, account)

    assert (checks[0].status, "activate it" in checks[0].detail) == (WARN, True)
    assert (shown.status, shown.status_reason) == ("paused", "auth_failed")


async def test_an_account_that_is_not_there_is_not_checked(equipment: Equipment, workspace: UUID) -> None:
    """Nor is any, where there is nothing to check with."""
    with pytest.raises(NotFound):
        await check_account(equipment, workspace, new_id(NOW))
    with pytest.raises(InvalidState):
        await check_account(replace(equipment, probes=None), workspace, new_id(NOW))
