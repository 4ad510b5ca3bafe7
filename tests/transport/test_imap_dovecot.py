"""What only a real server shows: every way in, and every way out, on Dovecot."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from leadterra.actions.ports import MailAccess, MailboxTrouble, Security
from tests.support.dovecot import Dovecot
from tests.support.mailboxes import PASSWORD, mailroom, trouble
from tests.support.token_server import TokenServer


@pytest.fixture(scope="module")
def tokens() -> Iterator[TokenServer]:
    """Gives out access tokens."""
    with TokenServer() as server:
        yield server


@pytest.fixture(scope="module")
def dovecot(tokens: TokenServer) -> Iterator[Dovecot]:
    """One that knows passwords and tokens."""
    with Dovecot(introspection_url=tokens.introspection_url) as server:
        yield server


@pytest.fixture
def person(dovecot: Dovecot) -> str:
    """A new mailbox."""
    address = f"kim-{uuid4().hex[:8]}@people.test"
    dovecot.add_user(address, password=PASSWORD)
    return address


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS, Security.NONE])
async def test_a_mailbox_opens_in_every_way(dovecot: Dovecot, person: str, security: Security) -> None:
    """With TLS from the start, later, or not at all on this machine."""
    port = dovecot.ports.imaps if security is Security.TLS else dovecot.ports.imap
    session = await mailroom().open(MailAccess(uuid4(), "127.0.0.1", port, security, person, PASSWORD))

    assert (await session.select("INBOX")).uid_next == 1
    await session.close()


async def test_a_token_opens_a_mailbox_until_it_is_revoked(
    dovecot: Dovecot, tokens: TokenServer, person: str
) -> None:
    """XOAUTH2. Then the login is refused, which is a matter for people."""
    token = tokens.issue(person)

    async def give() -> str:
        return token

    bearer = MailAccess(uuid4(), "127.0.0.1", dovecot.ports.imaps, Security.TLS, person, None, give)
    session = await mailroom().open(bearer)
    folders = await session.list_folders()
    await session.close()
    tokens.revoke(person)
    found, text = await trouble(mailroom().open(bearer))

    assert (len(folders), found, token in text) == (3, MailboxTrouble.LOGIN, False)


async def test_a_letter_of_many_octets_comes_whole(dovecot: Dovecot, person: str) -> None:
    """Over many packets, and every octet of it."""
    body = "".join(f"{number:070d}\r\n" for number in range(30_000))
    content = f"Subject: Long\r\n\r\n{body}".encode()
    access = MailAccess(uuid4(), "127.0.0.1", dovecot.ports.imaps, Security.TLS, person, PASSWORD)
    session = await mailroom().open(access)
    await session.append("Long ones", content)
    await session.select("Long ones")
    (found,) = await session.fetch(1, limit=1, max_octets=10_000_000)
    await session.close()

    assert found.content == content
