"""Every letter is one kind of letter, and says by what signs."""

from datetime import date

import pytest

from leadterra.mail.classification import classify
from leadterra.mail.finding import Classification, Finding, Kind
from leadterra.mail.reading import read_letter, read_text

DAY = date(2025, 6, 3)
OWN = frozenset({"ada@acme.test"})


def finding(text: str) -> Finding:
    """What a letter is."""
    return classify(read_letter(text.encode()), received_on=DAY, own_addresses=OWN)


ANSWER = (
    "From: bob@example.org\nTo: ada@acme.test\nSubject: Re: Quick question\nIn-Reply-To: <sent@acme.test>\n"
)
RECEIPT = (
    "From: bob@example.org\nSubject: Read: Quick question\n"
    "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n"
    "--b\n\nIt was read.\n"
    "--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; bob@example.org\n"
    "Original-Message-ID: <sent@acme.test>\nDisposition: manual-action/MDN-sent-manually; {what}\n--b--\n"
)
DOVECOT = (
    "From: Mail Delivery Subsystem <postmaster@mx.test>\nSubject: Rejected: Quick question\n"
    "Content-Type: multipart/report; report-type=disposition-notification; boundary=b\n\n--b\n\n"
    "Your message to <bob@example.org> was automatically rejected:\n"
    "Quota exceeded (mailbox for user is full)\n--b\n"
    "Content-Type: message/disposition-notification\n\nFinal-Recipient: rfc822; bob@example.org\n"
    "Disposition: automatic-action/MDN-sent-automatically; deleted\n--b--\n"
)
KINDS = [
    (ANSWER + "\nTell me more.\n\n> Hello Bob", Kind.REPLY),
    ("From: Ada <ADA@acme.test>\nTo: bob@example.org\n\nHello Bob", Kind.OTHER),
    ("From: eve@acme.test\nX-Leadterra-Warmup: v1; signed\n\nHello", Kind.OTHER),
    ("From: news@example.org\nList-Id: News <news.example.org>\n\nHello all", Kind.OTHER),
    ("From: news@example.org\nPrecedence: bulk\n\nHello all", Kind.OTHER),
    ("From: news@example.org\nList-Unsubscribe: <https://example.org/u>\n\nHello all", Kind.OTHER),
    (ANSWER + "List-Id: Team <team.example.org>\nList-Unsubscribe: <mailto:x@y.test>\n\nYes.", Kind.REPLY),
    (ANSWER + "\nunsubscribe", Kind.UNSUBSCRIBE),
    (
        "From: bob@example.org\nSubject: unsubscribe\nAuto-Submitted: auto-replied\n\nSent by a button.",
        Kind.UNSUBSCRIBE,
    ),
    (RECEIPT.format(what="displayed"), Kind.AUTO_REPLY),
    (RECEIPT.format(what="deleted"), Kind.AUTO_REPLY),
    (
        "From: MAILER-DAEMON@mx.test\nSubject: failure notice\nX-Failed-Recipients: bob@example.org\n\n",
        Kind.BOUNCE,
    ),
    ("From: bob@example.org\nAuto-Submitted: auto-replied\nSubject: Thanks\n\nWe got it.", Kind.AUTO_REPLY),
    ("", Kind.REPLY),
]


@pytest.mark.parametrize(("text", "kind"), KINDS)
def test_a_letter_is_of_one_kind(text: str, kind: Kind) -> None:
    """With at least one sign of it."""
    found = finding(text)

    assert found.kind is kind
    assert found.evidence


def test_a_reply_is_taken_apart() -> None:
    """New text, and what it answers."""
    found = finding(ANSWER + "\nTell me more.\n\n> Hello Bob\n")

    assert (found.new_text, found.quoted_text) == ("Tell me more.", "> Hello Bob")
    assert found.original_ids == ("<sent@acme.test>",)


def test_a_bounce_means_a_bounce() -> None:
    """In the words of `GET /v1/replies`."""
    found = finding(
        "From: MAILER-DAEMON@mx.test\nX-Failed-Recipients: bob@example.org\n\n550 5.1.1 User unknown"
    )

    assert (found.classification, found.recipients[0].hard) == (Classification.BOUNCE, True)


def test_a_bounce_in_the_form_of_a_receipt_is_one() -> None:
    """As Dovecot's delivery agent writes them."""
    (failure,) = finding(DOVECOT).recipients

    assert (failure.address, failure.reason, failure.hard) == ("bob@example.org", "mailbox_full", False)


def test_a_receipt_names_its_letter() -> None:
    """RFC 8098 §3.2.5."""
    assert finding(RECEIPT.format(what="displayed")).original_ids == ("<sent@acme.test>",)


def test_a_wish_to_be_left_alone_is_one_in_both_words() -> None:
    """Kind and classification agree."""
    assert finding(ANSWER + "\nunsubscribe").classification is Classification.UNSUBSCRIBE


def test_what_was_wrong_with_a_letter_is_told_last() -> None:
    """So that a person who doubts a finding sees that it may be damaged."""
    found = finding("Subject: x\nContent-Type: multipart/mixed\n\nHello")

    assert found.evidence[-1] == "damaged: a multipart without a boundary"


def test_a_text_alone_is_the_body_of_a_reply() -> None:
    """Unless it is the body of a bounce."""
    assert classify(read_text("Sounds good."), received_on=DAY).new_text == "Sounds good."


def test_a_report_of_success_is_nobodys_answer() -> None:
    """Nothing follows from it, so it is no bounce."""
    found = finding(
        "From: MAILER-DAEMON@mx.test\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.test\n\n"
        "Final-Recipient: rfc822; bob@example.org\nAction: delivered\nStatus: 2.1.5\n--b--\n"
    )

    assert (found.kind, found.recipients) == (Kind.OTHER, ())
