"""Letters that are meant to harm: what must hold of each, whatever it is made of."""

from datetime import date

from leadterra.mail.classification import classify
from leadterra.mail.finding import Finding
from leadterra.mail.header_fields import LONGEST_FIELD, MOST_FIELDS
from leadterra.mail.incoming import Incoming
from leadterra.mail.mime_tree import MOST_PARTS
from leadterra.mail.reading import LONGEST_TEXT, MOST_OCTETS, read_letter

# fmt: off
PIECES: tuple[bytes, ...] = (
    b"\n", b"\r\n", b"\r", b" ", b"\t", b"\x00", b"\xff", b"\xe2\x82", b"--", b"=", b"<", b">", b'"',
    b"\\", b"(", b";", b"@", b":", b",", b"From x\n", b"From: ", b"To: ", b"Subject: ", b"Date: ",
    b"Message-ID: ", b"References: ", b"Content-Type: ", b"multipart/mixed", b"multipart/alternative",
    b"multipart/report", b"multipart/digest", b"text/plain", b"text/html", b"message/rfc822",
    b"message/delivery-status", b"message/feedback-report", b"message/disposition-notification",
    b"text/rfc822-headers", b"; boundary=b", b"; boundary=bb", b"; boundary*0*=b", b"; charset=utf-7",
    b"; charset=punycode", b"; format=flowed", b"; report-type=delivery-status", b"\n--b\n", b"\n--bb\n",
    b"\n--b--\n", b"\n\n", b"Content-Transfer-Encoding: base64\n", b"Content-Disposition: attachment\n",
    b"Content-Transfer-Encoding: quoted-printable\n", b"=?utf-8?q?=FF?=", b"=?utf-8?b?/w==?=", b"=?x?",
    b"+2D-", b"/w==", b"Final-Recipient: rfc822; a@b.test\n", b"Action: failed\n", b"Status: 5.1.1\n",
    b"Diagnostic-Code: smtp; 550 ", b"Feedback-Type: abuse\n", b"X-Failed-Recipients: a@b.test\n",
    b"MAILER-DAEMON@x.test", b"Undeliverable", b"This is the mail system at host x",
    b"<a@b.test>: user unknown\n", b"> quoted\n", b"On Monday, x wrote:\n", b"-- \n",
    b"I am out of the office until 31 February 9999", b"Auto-Submitted: auto-replied\n", b"<p>",
    b"<div>" * 50, b"List-Id: x\n", b"please unsubscribe", b"a" * 200, b"x: y\n" * 50,
)
# fmt: on
"""What letters are made of; put together, they reach further into the parser than chance would."""


def read_and_judge(content: bytes) -> tuple[Incoming, Finding]:
    """Read a letter and say what it is. Asserts that what comes out is within limits and can be stored."""
    letter = read_letter(content)
    finding = classify(letter, received_on=date(2025, 6, 3))
    assert len(letter.text) <= LONGEST_TEXT + 2 * MOST_PARTS
    assert sum(len(part.content) for part in letter.parts) <= 2 * MOST_OCTETS
    assert sum(map(len, letter.headers.values())) <= MOST_FIELDS
    assert all(len(value) <= LONGEST_FIELD * 2 for values in letter.headers.values() for value in values)
    assert len(letter.parts) <= MOST_PARTS
    assert len(finding.recipients) <= 100
    assert finding.evidence
    for text in _texts(letter, finding):
        # PostgreSQL stores no NUL, and UTF-8 no half of a character.
        assert "\x00" not in text
        text.encode()
    return letter, finding


def _texts(letter: Incoming, finding: Finding) -> list[str]:
    shown = [letter.text, letter.subject, letter.sender.name, letter.sender.address, letter.message_id]
    shown += [
        *letter.recipients,
        *letter.references,
        *letter.faults,
        *finding.evidence,
        *finding.original_ids,
    ]
    shown += [finding.new_text, finding.quoted_text, finding.referral or "", finding.original_subject]
    return shown + [text for each in finding.recipients for text in (each.address, each.text, each.reason)]
