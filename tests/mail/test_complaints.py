"""Feedback reports are complaints, unless they say that they are none."""

import pytest

from leadterra.mail.complaints import Feedback, find_feedback
from leadterra.mail.finding import Kind
from leadterra.mail.reading import read_letter

REPORT = """From: <feedback@provider.test>
To: <ada@acme.test>
Subject: FW: Quick question
Content-Type: multipart/report; report-type=feedback-report; boundary=b

--b

This is an email abuse report.
--b
Content-Type: message/feedback-report

{fields}User-Agent: Provider/1.0
Version: 1
--b
Content-Type: message/rfc822

From: ada@acme.test
To: {to}
Subject: Quick question
Message-ID: <sent@acme.test>

Hello.
--b--
"""


def feedback(fields: str, to: str = "bob@example.org") -> Feedback:
    """What a report with these fields says."""
    found = find_feedback(read_letter(REPORT.format(fields=fields, to=to).encode()))
    assert found is not None
    return found


def test_a_complaint_names_who_complained_and_about_what() -> None:
    """By the report, whatever the returned letter's To says."""
    found = feedback("Feedback-Type: abuse\nOriginal-Rcpt-To: <carl@example.org>\n")

    assert [each.address for each in found.recipients] == ["carl@example.org"]
    assert (found.kind, found.original_ids, found.original_subject) == (
        Kind.COMPLAINT,
        ("<sent@acme.test>",),
        "Quick question",
    )


def test_the_returned_letter_names_them_where_the_report_does_not() -> None:
    """Many providers leave the field out."""
    assert [each.address for each in feedback("Feedback-Type: abuse\n").recipients] == ["bob@example.org"]


def test_a_hidden_recipient_is_none() -> None:
    """What matters then is the Message-ID."""
    found = feedback("Feedback-Type: abuse\n", to="<Undisclosed Recipients>")

    assert (found.recipients, found.original_ids) == ((), ("<sent@acme.test>",))


TYPES = [
    ("abuse", Kind.COMPLAINT),
    ("Fraud", Kind.COMPLAINT),
    ("virus", Kind.COMPLAINT),
    ("other", Kind.COMPLAINT),
    ("new-in-2030", Kind.COMPLAINT),
    ("not-spam", Kind.OTHER),
    ("auth-failure", Kind.OTHER),
    ("opt-out", Kind.UNSUBSCRIBE),
]


@pytest.mark.parametrize(("written", "kind"), TYPES)
def test_a_report_of_another_type_is_no_complaint(written: str, kind: Kind) -> None:
    """RFC 5965 §7.3, RFC 6591."""
    assert feedback(f"Feedback-Type: {written}\n").kind is kind


FIELD = "X-HmXmrOriginalRecipient: bob@example.org\n"


@pytest.mark.parametrize(("outside", "inside"), [(FIELD, ""), ("", FIELD)])
def test_a_letter_sent_back_with_a_field_that_says_who_complained_is_one(outside: str, inside: str) -> None:
    """As Microsoft's programme does, without a report."""
    letter = read_letter(
        f"From: staff@hotmail.test\n{outside}Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        f"Content-Type: message/rfc822\n\n{inside}Message-ID: <sent@acme.test>\n\nHello.\n--b--\n".encode()
    )
    found = find_feedback(letter)

    assert found is not None
    assert (found.recipients[0].address, found.original_ids) == ("bob@example.org", ("<sent@acme.test>",))


def test_any_other_letter_is_no_report() -> None:
    """Even if it speaks of abuse."""
    assert find_feedback(read_letter(b"Subject: abuse report\n\nFeedback-Type: abuse\n")) is None
