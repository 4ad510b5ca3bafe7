"""STARTTLS and TLS for IMAP: a connection that was to be protected is, or there is no login."""

from ssl import SSLContext

import pytest

from leadterra.actions.ports import MailboxTrouble, Security
from tests.support.imap_server import Move, Step, imap_server
from tests.support.mailboxes import IMPATIENT, access, mailroom, trouble
from tests.support.smtp_certificates import Authority, authority

OFFERED: list[Step] = ["S: * OK hello", "C: CAPABILITY", "S: * CAPABILITY IMAP4rev1 STARTTLS", "S: $ OK done"]
ASKED: list[Step] = [*OFFERED, "C: STARTTLS"]
LOGIN: list[Step] = ['C: LOGIN "kim" "correct horse"', "S: $ OK [CAPABILITY IMAP4rev1 IDLE] in"]


async def test_starttls_protects_the_login() -> None:
    """What was offered in the clear is forgotten: capabilities are asked for again."""
    script = [
        *ASKED,
        "S: $ OK go",
        Move.STARTTLS,
        "C: CAPABILITY",
        "S: * CAPABILITY IMAP4rev1",
        "S: $ OK done",
        *LOGIN,
    ]
    async with imap_server(script, starttls=authority().server_context()) as server:
        session = await mailroom().open(access(server, Security.STARTTLS))
        await session.close()

    assert (session.idles, server.protected) == (True, True)


async def test_tls_protects_all_of_it() -> None:
    """From the first octet."""
    script = ["S: * OK [CAPABILITY IMAP4rev1] hello", *LOGIN]
    async with imap_server(script, tls=authority().server_context()) as server:
        session = await mailroom().open(access(server, Security.TLS))
        await session.close()

    assert session.idles


@pytest.mark.parametrize(
    "script",
    [
        [
            "S: * OK [CAPABILITY IMAP4rev1] hello",
            "C: CAPABILITY",
            "S: * CAPABILITY IMAP4rev1",
            "S: $ OK done",
        ],
        [*ASKED, "S: $ NO not today"],
        [*ASKED, "S: $ BAD what?"],
        [*ASKED, b"$ OK go\r\n* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\n"],
        [*ASKED, b"$ OK go\r\n* OK"],
        [*ASKED, b"$ OK go\r\nL3 OK injected\r\n"],
        [*ASKED, "S: $ OK go", Move.CLOSE],
        [*ASKED, "S: $ OK go", Move.HANG],
        [*ASKED, "S: $ OK go", b"no handshake at all, but plain words that go on for a while\r\n"],
        ["S: * PREAUTH you are kim already"],
    ],
)
async def test_without_protection_there_is_no_login(script: list[Step]) -> None:
    """Nor do words that were slipped in before the handshake count (CVE-2011-0411)."""
    async with imap_server(script, starttls=authority().server_context()) as server:
        found, _ = await trouble(mailroom(IMPATIENT).open(access(server, Security.STARTTLS)))

    assert found is MailboxTrouble.SERVER
    assert not any(b"kim" in line for line in server.heard)


@pytest.mark.parametrize(
    "context",
    [
        Authority().server_context(),
        authority().server_context("mail.elsewhere.test"),
        authority().server_context(expired=True),
    ],
    ids=["unknown authority", "another host", "expired"],
)
async def test_a_certificate_that_we_do_not_believe_ends_it(context: SSLContext) -> None:
    """Before anything was said."""
    async with imap_server(["S: * OK hello"], tls=context) as server:
        found, text = await trouble(mailroom().open(access(server, Security.TLS)))

        assert (found, "certificate" in text.lower()) == (MailboxTrouble.SERVER, True)
    assert server.heard == []
