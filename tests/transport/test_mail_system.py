"""A real Postfix and a real Dovecot, beside our courier: what is sent arrives, and what comes back comes
back.
"""

import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from email.message import EmailMessage
from uuid import uuid4

import pytest

from leadterra.domain.outcomes import Accepted, Refused, Scope
from leadterra.mail.composition import compose
from leadterra.mail.letter import Letter, Mailbox
from leadterra.transport.courier import SmtpCourier
from tests.support.dovecot import Vacation
from tests.support.mail_system import MailSystem
from tests.support.people import answer, complaint
from tests.support.smtp_letters import MakeCourier, allow
from tests.support.waiting import eventually


@pytest.fixture(scope="module")
def mail() -> Iterator[MailSystem]:
    """The mail system."""
    with MailSystem() as system:
        yield system


@pytest.fixture
def sender(mail: MailSystem) -> str:
    """The address of a sender account."""
    address = f"james-{uuid4().hex[:8]}@acme.test"
    mail.add_sender_account(address)
    return address


@pytest.fixture
def composing(make_courier: MakeCourier) -> SmtpCourier:
    """A courier with the real composer."""
    return make_courier(composer=compose)


def letter(sender: str, recipient: str) -> Letter:
    """The first letter of a campaign."""
    return Letter(
        sender=Mailbox("James", sender),
        recipient=Mailbox("Kim", recipient),
        subject="Hello",
        html="<p>Hi</p>",
        text="Hi",
        message_id=f"<{uuid4()}@acme.test>",
        date=datetime.now(UTC),
        references=(),
        unsubscribe_url="https://acme.test/u/1",
    )


async def arrived(mail: MailSystem, address: str, count: int = 1) -> EmailMessage:
    """The letter that comes to somebody's inbox as the so-many-eth."""
    await eventually(lambda: len(mail.letters(address)) >= count, what=f"mail for {address}: {mail.log()}")
    return mail.letters(address)[count - 1]


async def test_a_submitted_letter_arrives(mail: MailSystem, sender: str, composing: SmtpCourier) -> None:
    """STARTTLS, AUTH through Dovecot, LMTP to the mailbox: its Message-ID is still ours."""
    recipient = f"kim-{uuid4().hex[:8]}@people.test"
    mail.add_person(recipient)
    sent = letter(sender, recipient)

    attempt = await composing.deliver(mail.submission(sender), sent, allow)

    assert isinstance(attempt.ending, Accepted)
    assert (await arrived(mail, recipient))["Message-ID"] == sent.message_id


@pytest.mark.parametrize(("quota", "status"), [(None, "5.1.1"), (1, "5.2.2")], ids=["unknown", "full"])
async def test_what_cannot_be_delivered_comes_back(
    mail: MailSystem, sender: str, composing: SmtpCourier, quota: int | None, status: str
) -> None:
    """As a report to the sender (RFC 3464) that names the recipient, the status and the letter."""
    recipient = f"kim-{uuid4().hex[:8]}@people.test"
    if quota is not None:
        mail.add_person(recipient, quota=quota)
    sent = letter(sender, recipient)

    attempt = await composing.deliver(mail.submission(sender), sent, allow)

    assert isinstance(attempt.ending, Accepted)
    report = await arrived(mail, sender)
    assert report.get_content_type() == "multipart/report"
    assert f"Final-Recipient: rfc822; {recipient}" in report.as_string()
    assert f"Status: {status}" in report.as_string()
    assert sent.message_id in report.as_string()


async def test_some_servers_refuse_at_once(mail: MailSystem, sender: str, composing: SmtpCourier) -> None:
    """An address that does not exist, at RCPT."""
    attempt = await composing.deliver(mail.submission(sender), letter(sender, "kim@refused.test"), allow)

    assert isinstance(attempt.ending, Refused)
    assert (attempt.ending.scope, attempt.ending.answer.code) == (Scope.RECIPIENT, 550)


async def test_somebody_on_vacation_answers(mail: MailSystem, sender: str, composing: SmtpCourier) -> None:
    """Sieve's responder (RFC 5230), although there is a List-Unsubscribe; the letter is kept as it was."""
    recipient = f"kim-{uuid4().hex[:8]}@people.test"
    mail.add_person(recipient, vacation=Vacation('I am back on "Monday".', subject="Away"))

    await composing.deliver(mail.submission(sender), sent := letter(sender, recipient), allow)

    told = await arrived(mail, sender)
    assert (told["Subject"], told["From"], told["In-Reply-To"]) == ("Away", recipient, sent.message_id)
    assert told["Auto-Submitted"].startswith("auto-replied")
    assert told.get_content().strip() == 'I am back on "Monday".'
    assert (await arrived(mail, recipient))["List-Unsubscribe"] is not None


async def test_some_servers_keep_what_was_sent(mail: MailSystem, composing: SmtpCourier) -> None:
    """In the sender's folder Sent, as it went out; the others keep nothing."""
    keeper, other = (f"james-{uuid4().hex[:8]}@{domain}" for domain in ("keeping.test", "acme.test"))
    for sender in (keeper, other):
        mail.add_sender_account(sender)
        sent = letter(sender, "nobody@people.test")
        await composing.deliver(mail.submission(sender), sent, allow)
        await arrived(mail, sender)  # the report: nothing more will happen to the letter
        kept = [copy["Message-ID"] for copy in mail.letters(sender, "Sent")]
        assert kept == ([sent.message_id] if sender == keeper else [])


async def test_a_person_answers(mail: MailSystem, sender: str, composing: SmtpCourier) -> None:
    """In the thread, into the sender's inbox."""
    recipient = f"kim-{uuid4().hex[:8]}@people.test"
    mail.add_person(recipient)
    await composing.deliver(mail.submission(sender), sent := letter(sender, recipient), allow)

    mail.send(answer(await arrived(mail, recipient), "Tell me more."))

    reply = await arrived(mail, sender)
    assert (reply["Subject"], reply["In-Reply-To"]) == ("Re: Hello", sent.message_id)
    assert reply.get_content().startswith("Tell me more.\n")


async def test_a_provider_complains(mail: MailSystem, sender: str, composing: SmtpCourier) -> None:
    """With a report of RFC 5965: three parts, the last of them the letter."""
    recipient = f"kim-{uuid4().hex[:8]}@people.test"
    mail.add_person(recipient)
    await composing.deliver(mail.submission(sender), sent := letter(sender, recipient), allow)

    mail.send(complaint(await arrived(mail, recipient)))

    report = await arrived(mail, sender)
    assert (report.get_content_type(), report["Content-Type"].params["report-type"]) == (
        "multipart/report",
        "feedback-report",
    )
    text, feedback, original = report.iter_parts()
    assert (text.get_content_type(), feedback.get_content_type()) == ("text/plain", "message/feedback-report")
    assert original.get_content()["Message-ID"] == sent.message_id


@pytest.mark.parametrize("is_valid", [True, False])
def test_an_access_token_submits(mail: MailSystem, sender: str, is_valid: bool) -> None:
    """SMTP knows the tokens that IMAP knows, and refuses others with 535 5.7.8."""
    token = mail.tokens.issue(sender)
    if not is_valid:
        mail.tokens.revoke(sender)
    said = b64encode(f"user={sender}\x01auth=Bearer {token}\x01\x01".encode()).decode()

    with smtplib.SMTP("127.0.0.1", mail.postfix.doors.submission) as client:
        client.starttls(context=ssl.create_default_context(cafile=mail.certificates))
        client.ehlo()
        code, _ = client.docmd("AUTH", f"XOAUTH2 {said}")
        code, told = client.docmd("") if code == 334 else (code, _)
    assert (code, told[:5]) == ((235, b"2.7.0") if is_valid else (535, b"5.7.8"))


def test_nobody_submits_without_a_login(mail: MailSystem) -> None:
    """The door for submission is for those who are known."""
    with (
        smtplib.SMTP("127.0.0.1", mail.postfix.doors.submission) as client,
        pytest.raises(smtplib.SMTPException, match="Access denied"),
    ):
        client.sendmail("james@acme.test", ["kim@people.test"], "Subject: Hello\r\n\r\nHi")
