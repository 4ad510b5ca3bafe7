"""Bounces are told from other letters, and who failed for good from who may be tried again."""

from pathlib import Path

import pytest

from leadterra.mail.bounce_reasons import REASONS as TABLE
from leadterra.mail.bounce_reasons import judge_failure
from leadterra.mail.bounces import Bounce, find_bounce
from leadterra.mail.reading import read_letter, read_text

REPORT = """Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
To: ada@acme.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <report@mx.example.net>
In-Reply-To: <thread@acme.test>
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

I'm sorry to have to inform you that your message could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Original-Message-ID: <named@acme.test>

{fields}
--b
Content-Type: {returned}

From: Ada <ada@acme.test>
To: Bob <bob@example.org>
Subject: =?utf-8?q?Caf=C3=A9?=
Message-ID: <sent@acme.test>
References: <first@acme.test>

Hello.
--b--
"""
FAILED = "Final-Recipient: rfc822; bob@example.org\nAction: failed\nStatus: 5.1.1\n"


def bounce_of(text: str) -> Bounce:
    """What a letter, or a body alone, says as a bounce."""
    found = find_bounce(read_letter(text.encode()))
    assert found is not None
    return found


def report(fields: str, returned: str = "message/rfc822") -> Bounce:
    """A delivery report with these fields of recipients."""
    return bounce_of(REPORT.format(fields=fields, returned=returned))


@pytest.mark.parametrize("returned", ["message/rfc822", "text/rfc822-headers", "message/global-headers"])
def test_a_report_says_what_it_is_about(returned: str) -> None:
    """The returned letter's Message-ID first, then what the report names, then what either answers."""
    found = report(FAILED, returned)

    assert found.original_ids == (
        "<sent@acme.test>",
        "<first@acme.test>",
        "<named@acme.test>",
        "<thread@acme.test>",
    )
    assert found.original_subject == "Café"
    assert [(each.address, each.status, each.hard) for each in found.failures] == [
        ("bob@example.org", "5.1.1", True)
    ]


ONE = "Final-Recipient: rfc822; bob@example.org\n"
FIELDS = [
    (FAILED, "bob@example.org", "5.1.1", True),
    (
        "Action: failed\nFinal-Recipient: RFC822;<bob@example.org>\nStatus: 5.1.1 (x)",
        "bob@example.org",
        "5.1.1",
        True,
    ),
    (
        f"{ONE.replace('bob', 'x')}Original-Recipient: rfc822; bob@x.test\nStatus: 5.1.1",
        "bob@x.test",
        "5.1.1",
        True,
    ),
    (f"{ONE}\nAction: failed\nStatus: 5.1.1", "bob@example.org", "5.1.1", True),
    ("Final-Recipient: utf-8; b\\x{F6}b@example.org\nStatus: 5.1.1", "böb@example.org", "5.1.1", True),
    (
        "Final-Recipient: unknown; bob\nStatus: 5.0.0\nDiagnostic-Code: x-local; no such user",
        "bob",
        "5.0.0",
        True,
    ),
    (f"{ONE}Status: 4.4.7\nAction: failed", "bob@example.org", "4.4.7", False),
    (f"{ONE}Status: 5.0.0\nDiagnostic-Code: smtp; 552 over quota", "bob@example.org", "5.0.0", False),
    (
        f"{ONE}Status: 5.0.0\nDiagnostic-Code: smtp; 550\n 5.4.1 Access denied",
        "bob@example.org",
        "5.0.0",
        True,
    ),
    (f"{ONE}Status: 4.0.0\nDiagnostic-Code: smtp; 550 5.1.1 no", "bob@example.org", "4.0.0", True),
]


@pytest.mark.parametrize(("fields", "address", "status", "hard"), FIELDS)
def test_fields_of_a_recipient_are_read_as_they_come(
    fields: str, address: str, status: str, hard: bool
) -> None:
    """In any order, with gaps and comments; the words of the server go before a vague status."""
    found = report(fields).failures

    assert [(each.address, each.status, each.hard) for each in found] == [(address, status, hard)]


def test_each_recipient_has_its_own_entry() -> None:
    """With or without an empty line between; those whom it reached have none."""
    found = report(
        "Final-Recipient: rfc822; a@x.test\nAction: failed\nStatus: 5.1.1\n"
        "Final-Recipient: rfc822; b@x.test\nAction: delayed\nStatus: 4.4.1\n\n"
        "Final-Recipient: rfc822; c@x.test\nAction: delivered\nStatus: 2.0.0\n"
    )

    assert [(each.address, each.hard, each.delayed) for each in found.failures] == [
        ("a@x.test", True, False),
        ("b@x.test", False, True),
    ]


def test_a_report_of_success_is_no_failure() -> None:
    """Delivered, relayed or expanded."""
    assert report("Final-Recipient: rfc822; c@x.test\nAction: relayed\nStatus: 2.0.0").is_success


def test_a_report_within_a_letter_is_read() -> None:
    """As gateways pack them."""
    inner = REPORT.format(fields=FAILED, returned="message/rfc822")
    found = bounce_of(
        "From: postmaster@x.test\nSubject: Delivery Status Notification (Failure)\n"
        f"Content-Type: multipart/mixed; boundary=w\n\n--w\nContent-Type: message/rfc822\n\n{inner}\n--w--\n"
    )

    assert (found.failures[0].address, found.original_ids[0]) == ("bob@example.org", "<sent@acme.test>")


def daemon(body: str, subject: str = "failure notice", more: str = "") -> Bounce:
    """A letter of a mail system in its own words."""
    return bounce_of(f"From: MAILER-DAEMON@mx.test\nTo: ada@acme.test\nSubject: {subject}\n{more}\n{body}")


QMAIL = """Hi. This is the qmail-send program at mx.test.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<bob@example.org>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <ada@acme.test>
From: ada@acme.test
To: robert@example.org
Subject: Quick question
Message-ID: <sent@acme.test>

Hello.
"""
EXIM = """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  bob@example.org
    host mx.example.org [192.0.2.1]
    SMTP error from remote mail server after RCPT TO:<bob@example.org>:
    550 5.1.1 <bob@example.org>: User unknown
"""
SENDMAIL = """   ----- The following addresses had permanent fatal errors -----
<bob@example.org>
    (reason: 550 5.2.2 mailbox full)

   ----- Transcript of session follows -----
... while talking to mx.example.org.:
>>> DATA
<<< 550 5.2.2 mailbox full
"""
EXCHANGE_GERMAN = """Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Verteilerlisten:

bob@example.org<mailto:bob@example.org>
Die von Ihnen eingegebene E-Mail-Adresse wurde nicht gefunden.

Diagnoseinformationen für Administratoren:

Generierender Server: x.prod.outlook.com

bob@example.org
Remote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound; not found'

Ursprüngliche Nachrichtenkopfzeilen:

Message-ID: <sent@acme.test>
"""
GMAIL = """** Address not found **

Your message wasn't delivered to bob@example.org because the address couldn't be found,
or is unable to receive mail. Check for unnecessary spaces and try again.

The response from the remote server was:
550 5.1.1 The email account that you tried to reach does not exist.
"""
GMAIL_LATER = """** Delivery incomplete **

There was a temporary problem delivering your message to bob@example.org. Gmail will retry for 46 more hours.
You'll be notified if the delivery fails permanently.
"""
GMX = """Dieser Text wurde automatisch erstellt: Ihre E-Mail konnte nicht zugestellt werden.

Die folgende Adresse ist nicht erreichbar:

bob@example.org:
Das Postfach des Empfängers ist voll.
"""
DOMINO = """Your message

  Subject: Quick question

was not delivered to:

  bob@example.org

because:

  User bob (bob@example.org) not listed in Domino Directory
"""
GROUPWISE = """Your message

  To:      list@example.org
  Subject: Quick question

did not reach the following recipient(s):

bob@example.org on Fri, 20 Jul 2001 11:08:59 -0700
    The recipient name is not recognized
"""
POSTFIX_DOMAIN = """This is the mail system at host mx.test.

<bob@example.org>: Host or domain name not found. Name service error for
    name=example.org type=AAAA: Host not found
"""
POSTFIX_BLOCK = """This is the mail system at host mx.test.

<bob@example.org>: host mx.spam.example[192.0.2.1] said: 554 5.7.1 Service unavailable;
    Client host [192.0.2.9] blocked using bl.example (in reply to RCPT TO command)
"""
FRENCH = """Votre message n'a pas pu être remis aux destinataires suivants :

bob@example.org
L'adresse n'existe pas.
"""
SPANISH = """Su mensaje no pudo ser entregado.

<bob@example.org>:
Esta casilla ha expirado por falta de uso.
"""
POSTFIX_SPACE = """This is the mail system at host mx.test.

<bob@example.org>: host mx.example.org[192.0.2.1] said: 552 Account(s) <bob@example.org> does not have
    enough space (in reply to end of DATA command)
"""
POSTFIX_QUOTA = """This is the mail system at host mx.test.

<bob@example.org>: maildir delivery failed: Sorry, the user's maildir has
    overdrawn his diskspace quota, please try again later.
"""
TEXTS = [
    (SPANISH, "mailbox_disabled", True, False),
    (POSTFIX_SPACE, "mailbox_full", False, False),
    (POSTFIX_QUOTA, "mailbox_full", False, False),
    (QMAIL, "no_such_mailbox", True, False),
    (EXIM, "no_such_mailbox", True, False),
    (SENDMAIL, "mailbox_full", False, False),
    (EXCHANGE_GERMAN, "no_such_mailbox", True, False),
    (GMAIL, "no_such_mailbox", True, False),
    (GMAIL_LATER, "no_answer", False, True),
    (GMX, "mailbox_full", False, False),
    (DOMINO, "no_such_mailbox", True, False),
    (GROUPWISE, "no_such_mailbox", True, False),
    (POSTFIX_DOMAIN, "no_such_domain", True, False),
    (POSTFIX_BLOCK, "sender_blocked", False, False),
    (FRENCH, "no_such_mailbox", True, False),
]


@pytest.mark.parametrize(("body", "reason", "hard", "delayed"), TEXTS)
def test_the_words_of_mail_systems_are_read(body: str, reason: str, hard: bool, delayed: bool) -> None:
    """Each in its own form and language."""
    found = daemon(body).failures

    assert [(each.address, each.reason, each.dead, each.delayed) for each in found] == [
        ("bob@example.org", reason, hard, delayed)
    ]


def test_a_returned_letter_in_the_text_is_read() -> None:
    """Its To is not the recipient that failed where the report says better."""
    found = daemon(QMAIL)

    assert (found.original_ids, found.original_subject) == (("<sent@acme.test>",), "Quick question")


def test_a_header_may_name_who_failed() -> None:
    """As Exim's X-Failed-Recipients does, whatever the subject."""
    found = daemon("Sorry.", "hello", "X-Failed-Recipients: bob@example.org, ann@example.org\n")

    assert [each.address for each in found.failures] == ["bob@example.org", "ann@example.org"]


def test_a_body_alone_is_known_by_its_words() -> None:
    """And says which."""
    found = find_bounce(read_text(EXIM))

    assert found is not None
    assert "Exim" in found.evidence[0]


PEOPLE = [
    "Subject: Re: Quick question\nFrom: bob@example.org\nIn-Reply-To: <sent@acme.test>\n\nIt was returned:\n"
    "> This is the mail system at host mx.test.\n> <x@y.test>: host mx said: 550 5.1.1 unknown\n",
    "Subject: Fwd: Undeliverable: Quick question\nFrom: bob@example.org\n\nSee below.\n" + EXIM,
    "Subject: Your delivery\nFrom: noreply@parcels.test\n\nThe parcel could not be delivered to you.\n",
    "Subject: Delivery problem?\nFrom: bob@example.org\n\nMy server has a delivery problem, please call.\n",
]


@pytest.mark.parametrize("letter", PEOPLE)
def test_people_who_write_about_bounces_send_none(letter: str) -> None:
    """They quote them, pass them on, or write of parcels."""
    assert find_bounce(read_letter(letter.encode())) is None


REASONS = [
    ("550 5.1.1 User unknown", None, "no_such_mailbox", True),
    ("550 5.2.1 The account is inactive", None, "mailbox_disabled", True),
    ("450 4.2.1 this mailbox is inactive and has been disabled", None, "mailbox_disabled", False),
    ("552 5.2.2 over quota", None, "mailbox_full", False),
    ("Domain example.org does not accept mail (nullMX)", "5.1.10", "takes_no_mail", True),
    ("Host or domain name not found, try again", "4.4.3", "no_answer", False),
    ("connect to mx.test[192.0.2.1]:25: Connection refused", "4.4.1", "no_answer", False),
    ("550 5.7.1 message rejected as spam by policy", None, "spam", False),
    ("550 5.7.26 fails DMARC", None, "authentication", False),
    ("550-5.7.1 very low reputation of the sending domain", None, "sender_blocked", False),
    ("552 5.3.4 message size exceeds limit", None, "message_too_large", False),
    ("450 4.2.0 Greylisted, come back later", None, "greylisted", False),
    ("554 5.4.0 too many hops", None, "loop", False),
    ("550 5.7.129 RestrictedToRecipientsPermission", None, "restricted", True),
    ("550 5.4.5 Daily sending quota exceeded", None, "rate_limited", False),
    ("550 5.1.8 Domain of sender address does not exist", None, "sender_blocked", False),
    ("554 5.7.1 <bob@example.org>: Relay access denied", None, "relay_denied", False),
    ("550 rejected for reasons of its own (in reply to RCPT TO command)", None, "refused", True),
    ("550 rejected for reasons of its own (in reply to end of DATA command)", None, "refused", False),
    ("550 <dmarc@spam.example>: no such user", None, "no_such_mailbox", True),
    ("550 permanent failure for one or more people (bob@example.org:blocked)", None, "sender_blocked", False),
    ("", "5.1.1", "no_such_mailbox", True),
    ("", None, "refused", True),
]  # fmt: skip


@pytest.mark.parametrize(("words", "status", "reason", "hard"), REASONS)
def test_only_what_is_wrong_with_the_address_is_hard(
    words: str, status: str | None, reason: str, hard: bool
) -> None:
    """Not what concerns the sender, the letter or a server, however permanent its code; nor what is
    temporary.
    """
    found = judge_failure(words, status)

    assert (found.reason, found.dead) == (reason, hard)


CODES = [
    ("550 5.1.1 no", 550, "5.1.1"),
    ("550-5.1.1 no", 550, "5.1.1"),
    ("550 #5.1.0 Address rejected.", 550, "5.1.0"),
    ("no mailbox (#5.1.1)", None, "5.1.1"),
    ("said: 421 try again", 421, None),
    ("from 5.5.5.5 at 10:55", None, None),
    ("5.1.0 - Unknown address error 550-'5.4.1 Access denied", 550, "5.4.1"),
]


@pytest.mark.parametrize(("words", "code", "status"), CODES)
def test_codes_are_read_from_words(words: str, code: int | None, status: str | None) -> None:
    """Not from addresses of hosts and times of day."""
    found = judge_failure(words)

    assert (found.code, found.status) == (code, status)


def test_each_reason_is_documented() -> None:
    """docs/reference/classification.md says of each whether it is hard."""
    page = (Path(__file__).parents[2] / "docs" / "reference" / "classification.md").read_text()
    told = {f"| `{row.reason}` | {'yes' if row.dead else 'no'} |" for row in TABLE}

    assert {line for line in told if line not in page} == set()


@pytest.mark.parametrize(
    ("words", "hard", "dead"),
    [
        ("550 5.1.1 User unknown", True, True),
        ("550 5.7.1 Message rejected as spam", True, False),
        ("554 5.7.1 Client host [192.0.2.9] blocked using bl.example", True, False),
        ("552 5.2.2 Mailbox full", False, False),
        ("550 5.4.5 Daily sending quota exceeded", False, False),
        ("450 4.2.0 Greylisted", False, False),
        ("421 4.7.0 Blocked for now", False, False),
        ("connect to mx.test: Connection timed out", False, False),
    ],
)
def test_what_is_final_and_what_is_dead(words: str, hard: bool, dead: bool) -> None:
    """A final answer is hard for whoever's sake; only for the address's sake is it dead."""
    found = judge_failure(words)
    assert (found.is_hard(), found.dead) == (hard, dead)
