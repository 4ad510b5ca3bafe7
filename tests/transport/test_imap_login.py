"""Logging in: every way of it, what a refusal means, and that nobody learns the password from us."""

import json
from base64 import b64encode
from uuid import UUID

import pytest

from leadterra.actions.ports import MailAccess, MailboxError, MailboxTrouble, Security
from leadterra.transport.imap_login import Login, judge_login
from leadterra.transport.imap_responses import parse
from tests.support.imap_server import Step, imap_server
from tests.support.mailboxes import PASSWORD, access, mailroom, trouble

LOGIN, SERVER = MailboxTrouble.LOGIN, MailboxTrouble.SERVER
PLAIN = b64encode(f"\0kim\0{PASSWORD}".encode()).decode()
XOAUTH2 = b64encode(b"user=kim\x01auth=Bearer ya29.token\x01\x01").decode()


def hello(*capabilities: str) -> Step:
    """A greeting that says what is offered."""
    return f"S: * OK [CAPABILITY {' '.join(('IMAP4rev1', *capabilities))}] hello"


IN = "S: $ OK [CAPABILITY IMAP4rev1 IDLE] welcome"


async def good_token() -> str:
    """As the account has one."""
    return "ya29.token"


@pytest.mark.parametrize(
    ("offered", "dialogue"),
    [
        ([], ['C: LOGIN "kim" "correct horse"', IN]),
        (["AUTH=PLAIN", "SASL-IR"], [f"C: AUTHENTICATE PLAIN {PLAIN}", IN]),
        (["AUTH=PLAIN"], ["C: AUTHENTICATE PLAIN", "S: + ", f"C: {PLAIN}", IN]),
        (["AUTH=PLAIN", "LOGINDISABLED"], ["C: AUTHENTICATE PLAIN", "S: +", f"C: {PLAIN}", IN]),
    ],
)
async def test_a_password_goes_the_best_way_offered(offered: list[str], dialogue: list[Step]) -> None:
    """AUTHENTICATE PLAIN, at once where that is allowed, else LOGIN."""
    async with imap_server([hello(*offered), *dialogue]) as server:
        session = await mailroom().open(access(server))
        await session.close()

    assert session.idles


@pytest.mark.parametrize(
    ("offered", "dialogue"),
    [
        (["AUTH=PLAIN", "AUTH=XOAUTH2", "SASL-IR"], [f"C: AUTHENTICATE XOAUTH2 {XOAUTH2}", IN]),
        (["AUTH=XOAUTH2"], ["C: AUTHENTICATE XOAUTH2", "S: + ", f"C: {XOAUTH2}", IN]),
    ],
)
async def test_a_token_goes_by_xoauth2(offered: list[str], dialogue: list[Step]) -> None:
    """With the first line, or when asked for."""
    async with imap_server([hello(*offered), *dialogue]) as server:
        session = await mailroom().open(access(server, password=None, token=good_token))
        await session.close()

    assert session.idles


@pytest.mark.parametrize(
    ("status", "expected"), [("400", LOGIN), ("401", LOGIN), ("503", SERVER), (None, LOGIN)]
)
async def test_the_error_of_xoauth2_is_answered_by_an_empty_line(
    status: str | None, expected: MailboxTrouble
) -> None:
    """Then the server ends the command; a status of 5xx is no word about the token."""
    challenge = b64encode(json.dumps({"status": status, "schemes": "bearer"}).encode()).decode()
    script = [
        hello("AUTH=XOAUTH2", "SASL-IR"),
        f"C: AUTHENTICATE XOAUTH2 {XOAUTH2}",
        f"S: + {challenge if status else '!'}",
        "C: ",
        "S: $ NO SASL authentication failed",
    ]
    async with imap_server(script) as server:
        found, _ = await trouble(mailroom().open(access(server, password=None, token=good_token)))

    assert found is expected


async def test_strings_of_people_are_no_commands() -> None:
    """Quotes are escaped, and what quotes cannot hold goes as a literal when the server says so."""
    script = [
        hello(),
        'C: LOGIN "ki\\"m\\\\" {7}',
        "S: + go on",
        "C: pässé",
        IN,
    ]
    async with imap_server(script) as server:
        session = await mailroom().open(access(server, username='ki"m\\', password="pässé"))
        await session.close()

    assert session.idles


async def test_literals_go_at_once_where_that_is_offered() -> None:
    """LITERAL+ (RFC 7888)."""
    async with imap_server([hello("LITERAL+"), 'C: LOGIN "kim" {7+}', "C: pässé", IN]) as server:
        session = await mailroom().open(access(server, password="pässé"))
        await session.close()

    assert session.idles


async def test_a_literal_may_be_refused() -> None:
    """The server ends the command in place of "go on"."""
    async with imap_server([hello(), 'C: LOGIN "kim" {7}', "S: $ BAD no literals here"]) as server:
        found, _ = await trouble(mailroom().open(access(server, password="pässé")))

    assert found is SERVER


@pytest.mark.parametrize("username", ["kim\r\nL9 DELETE INBOX", "kim\0", "kim\x01auth=Bearer x", "\ud800"])
async def test_a_name_with_control_characters_is_not_said(username: str) -> None:
    """There is no way to say it, and nobody has such a name."""
    async with imap_server([hello()]) as server:
        found, _ = await trouble(mailroom().open(access(server, username=username)))

        assert (found, server.heard) == (LOGIN, [])


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)", LOGIN),
        ("NO [AUTHORIZATIONFAILED] No access", LOGIN),
        ("NO [EXPIRED] Password expired", LOGIN),
        ("NO [CONTACTADMIN] Disabled", LOGIN),
        ("NO [ALERT] Application-specific password required: https://support.example (Failure)", LOGIN),
        ("NO LOGIN failed.", LOGIN),
        ("NO AUTHENTICATE failed.", LOGIN),
        ("NO [AUTHENTICATIONFAILED] Too many bad passwords, try again later", LOGIN),
        ("NO [UNAVAILABLE] Temporary authentication failure.", SERVER),
        ("NO [LIMIT] LOGIN Rate limit hit", SERVER),
        ("NO [INUSE] Mailbox in use", SERVER),
        ("NO [SERVERBUG] LOGIN Server error - Please try again later", SERVER),
        ("NO [PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure connections.", SERVER),
        ("NO [ALERT] Too many simultaneous connections. (Failure)", SERVER),
        ("NO [ALERT] Account exceeded command or bandwidth limits. (Failure)", SERVER),
        ("NO Maximum number of connections from user+IP exceeded", SERVER),
        ("NO Temporary failure", SERVER),
        ("BAD User is authenticated but not connected.", SERVER),
        ("BAD Command Error. 12", SERVER),
    ],
)
def test_only_a_refused_proof_is_a_matter_for_people(answer: str, expected: MailboxTrouble) -> None:
    """RFC 5530 where the server speaks it, else its words."""
    assert judge_login(parse([f"L1 {answer}".encode()])) is expected


@pytest.mark.parametrize(
    "echo",
    [
        "NO I do not believe in correct horse",
        f"NO {PLAIN} is wrong",
        f"NO {PLAIN[:15]} is wrong",
        'NO LOGIN "kim" "correct horse"',
    ],
)
async def test_no_error_shows_the_password(echo: str) -> None:
    """Even where the server repeats it."""
    async with imap_server([hello(), 'C: LOGIN "kim" "correct horse"', f"S: $ {echo}"]) as server:
        found, text = await trouble(mailroom().open(access(server)))

    assert (found, "[hidden]" in text) == (LOGIN, True)
    assert not any(secret in text for secret in ("correct", PLAIN[:15]))


async def test_what_a_person_shall_read_is_in_the_error() -> None:
    """ALERT (RFC 9051 §7.1)."""
    script = [
        hello(),
        'C: LOGIN "kim" "correct horse"',
        "S: * NO [ALERT] Please log in\x07 via your web browser",
        "S: $ NO Failure",
    ]
    async with imap_server(script) as server:
        _, text = await trouble(mailroom().open(access(server)))

    assert text == "NO Failure (Please log in via your web browser)"


async def test_capabilities_are_asked_for_where_they_are_not_told() -> None:
    """Before the login, and after it: they may differ."""
    script = [
        "S: * OK hello",
        "C: CAPABILITY",
        "S: * CAPABILITY imap4rev1 login-referrals",
        "S: $ OK done",
        'C: LOGIN "kim" "correct horse"',
        "S: $ OK in",
        "C: CAPABILITY",
        "S: * CAPABILITY imap4rev1 idle",
        "S: $ OK done",
    ]
    async with imap_server(script) as server:
        session = await mailroom().open(access(server))
        await session.close()

    assert session.idles


@pytest.mark.parametrize("offered", [["LOGINDISABLED"], ["LOGINDISABLED", "AUTH=CRAM-MD5"]])
async def test_a_server_that_wants_no_password_gets_none(offered: list[str]) -> None:
    """It may think otherwise tomorrow."""
    async with imap_server([hello(*offered)]) as server:
        found, _ = await trouble(mailroom().open(access(server)))

        assert found is SERVER
    assert not any(b"kim" in line for line in server.heard)


async def test_no_password_goes_unprotected_to_another_machine() -> None:
    """Not even a connection is opened."""
    elsewhere = MailAccess(access_id(), "imap.example.test", 143, Security.NONE, "kim", PASSWORD)

    found, text = await trouble(mailroom().open(elsewhere))

    assert (found, "unprotected" in text) == (LOGIN, True)


def access_id() -> UUID:
    """Any."""
    return UUID(int=7)


def test_nothing_prints_a_secret() -> None:
    """Neither what a login is made of nor its errors."""
    made = MailAccess(access_id(), "localhost", 143, Security.NONE, "kim", PASSWORD)
    login = Login(made, PASSWORD, is_token=False)

    assert PASSWORD not in f"{made!r} {login!r} {MailboxError(LOGIN, login.told(PASSWORD))!r}"
