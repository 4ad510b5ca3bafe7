"""The Dovecot that other tests rely on does what a mail server of the world does."""

import imaplib
import smtplib
import ssl
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.support.dovecot import Dovecot
from tests.support.smtp_certificates import authority
from tests.support.token_server import TokenServer

LETTER = b"From: kim@people.test\r\nSubject: Hello\r\n\r\nHi.\r\n"


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
    """The address of a new mailbox, whose password is `secret`."""
    address = f"kim-{uuid4().hex[:8]}@people.test"
    dovecot.add_user(address)
    return address


def encrypted(dovecot: Dovecot) -> imaplib.IMAP4:
    """A connection under TLS from its start."""
    trust = ssl.create_default_context(cafile=authority().file)
    return imaplib.IMAP4_SSL("127.0.0.1", dovecot.ports.imaps, ssl_context=trust)


def bearing(token: str, address: str, dovecot: Dovecot) -> str:
    """What a login with that token ends in."""
    with encrypted(dovecot) as client:
        said = f"user={address}\x01auth=Bearer {token}\x01\x01".encode()
        return client.authenticate("XOAUTH2", lambda _: said)[0]


def test_a_letter_arrives(dovecot: Dovecot, person: str) -> None:
    """It lies in the Maildir, and IMAP shows it, after STARTTLS and a login."""
    dovecot.deliver(LETTER, person)

    with imaplib.IMAP4("127.0.0.1", dovecot.ports.imap) as client:
        client.starttls(ssl.create_default_context(cafile=authority().file))
        client.login(person, "secret")
        counted = client.select()
    assert [letter["Subject"] for letter in dovecot.letters(person)] == ["Hello"]
    assert counted == ("OK", [b"1"])


def test_folders_say_what_they_are_for(dovecot: Dovecot, person: str) -> None:
    """Sent, Junk and others, with the flags of RFC 6154."""
    with encrypted(dovecot) as client:
        client.login(person, "secret")
        listed = b"\n".join(line for line in client.list()[1] if isinstance(line, bytes))

    assert rb'\Sent) "." Sent' in listed
    assert rb'\Junk) "." Junk' in listed


def test_idle_announces_a_delivery(dovecot: Dovecot, person: str) -> None:
    """RFC 2177: the server speaks without being asked."""
    with encrypted(dovecot) as client:
        client.login(person, "secret")
        client.select()
        client.send(b"x IDLE\r\n")
        waits = client.readline()
        dovecot.deliver(LETTER, person)
        announced = client.readline()
        client.send(b"DONE\r\n")
        while not client.readline().startswith(b"x OK"):
            pass

    assert waits.startswith(b"+")
    assert announced == b"* 1 EXISTS\r\n"


def test_nobody_has_no_mailbox(dovecot: Dovecot) -> None:
    """A letter to an address that does not exist is refused."""
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        dovecot.deliver(LETTER, "nobody@people.test")

    assert [code for code, _ in refused.value.recipients.values()] == [550]


def test_a_full_mailbox_refuses(dovecot: Dovecot) -> None:
    """With the reply that servers give: 552 5.2.2."""
    dovecot.add_user("full@people.test", quota=1)

    with pytest.raises(smtplib.SMTPDataError, match=r"5\.2\.2") as refused:
        dovecot.deliver(LETTER, "full@people.test")
    assert refused.value.smtp_code == 552


def test_a_wrong_password_is_refused(dovecot: Dovecot, person: str) -> None:
    """Soon, and with the code of RFC 5530."""
    with encrypted(dovecot) as client, pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        client.login(person, "wrong")


def test_an_access_token_logs_in(dovecot: Dovecot, tokens: TokenServer, person: str) -> None:
    """XOAUTH2 with a token of that mailbox."""
    assert bearing(tokens.issue(person), person, dovecot) == "OK"


@pytest.mark.parametrize("kind", ["revoked", "somebody else's", "made up"])
def test_a_bad_access_token_is_refused(dovecot: Dovecot, tokens: TokenServer, person: str, kind: str) -> None:
    """Each in the same way."""
    token = tokens.issue("other@people.test" if kind == "somebody else's" else person)
    if kind == "revoked":
        tokens.revoke(person)

    with pytest.raises(imaplib.IMAP4.error, match="AUTHENTICATIONFAILED"):
        bearing(token if kind != "made up" else "made up", person, dovecot)
