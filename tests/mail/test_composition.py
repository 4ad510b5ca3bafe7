"""Letters as bytes: an independent reader finds exactly what was put in, and nothing that was not."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import compat32
from email.policy import default as reading
from email.utils import parseaddr

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadterra.mail.composition import Composed, compose
from leadterra.mail.headers import one_line
from leadterra.mail.letter import Letter, Mailbox

MESSAGE_ID = "<ykijr3e3gmzjpbron5yiwgvqbf66mugr@mail.example.com>"
LINK = "https://leadterra.example/u/AQGNLwAAAHAAgAAAAAAAAAEBjS8AAABwAIAAAAAAAABA"


def a_letter(**changes: object) -> Letter:
    """A plain letter, with changes."""
    fields: dict[str, object] = {
        "sender": Mailbox("James Walker", "james@mail.example.com"),
        "recipient": Mailbox("Sarah Chen", "sarah@example.org"),
        "subject": "Quick question",
        "html": "<p>Hi Sarah</p>",
        "text": "Hi Sarah\n",
        "message_id": MESSAGE_ID,
        "date": datetime(2025, 1, 15, 9, 30, 5, tzinfo=UTC),
        "references": (),
        "unsubscribe_url": LINK,
    }
    return Letter(**(fields | changes))  # type: ignore[arg-type]


def read(composed: Composed) -> EmailMessage:
    """Read a message with the standard library, and insist that it finds no defect in any part or header."""
    message = message_from_bytes(composed.content, policy=reading)
    assert not message.defects
    assert [defect for part in message.walk() for value in part.values() for defect in value.defects] == []
    return message


def display_name(composed: Composed, field: str) -> str:
    """The name in a mailbox field. The structured parser of Python 3.11 keeps blanks between encoded words,
    which RFC 2047 §6.2 says to drop; the older one does not.
    """
    raw = message_from_bytes(composed.content, policy=compat32)[field].replace("\r\n", "")
    return str(make_header(decode_header(parseaddr(raw)[0])))


def bodies(message: EmailMessage) -> tuple[str, str]:
    """The decoded text and HTML of a message, with plain line ends."""
    text, html = message.iter_parts()
    decoded = [part.get_payload(decode=True).decode().replace("\r\n", "\n") for part in (text, html)]  # type: ignore[union-attr]
    return decoded[0], decoded[1]


def lines(composed: Composed) -> list[bytes]:
    """The lines of a message; fails on a line end that is not CRLF."""
    assert not re.search(rb"\r(?!\n)|(?<!\r)\n", composed.content)
    return composed.content.split(b"\r\n")


def header_of(composed: Composed) -> bytes:
    """Everything before the first empty line."""
    return composed.content.partition(b"\r\n\r\n")[0]


any_text = st.text(st.characters(codec=None), max_size=200)
words = st.lists(
    st.sampled_from(["Hello", "Jörg", "=?utf-8?q?x?=", "  ", "你好", "🙂", "\r\nBcc: x@y.z", '"', "\\"])
)
awkward = (
    any_text
    | words.map(" ".join)
    | st.text("aé😀\u202e ", max_size=400)
    | st.integers(0, 400).map("x".__mul__)
)


@given(awkward, awkward, awkward, st.booleans())
@example("a" * 200, "\x85", "Re: " + "word " * 60, True)
@example("(comment) , ; : <x>", "a=?b?=", " \t leading", False)
@example('back\\slash "quoted"', "\ud800", "=?utf-8?b?4oCm?=", False)
def test_names_and_subject_are_read_back_as_written(
    sender: str, recipient: str, subject: str, eight: bool
) -> None:
    """But for control characters and halves of characters, which become blanks and replacement characters."""
    letter = a_letter(
        sender=Mailbox(sender, "james@mail.example.com"),
        recipient=Mailbox(recipient, "sarah@example.org"),
        subject=subject,
    )
    composed = compose(letter, eight_bit=eight)
    found = [display_name(composed, "From"), display_name(composed, "To"), read(composed)["Subject"]]
    assert found == [one_line(sender), one_line(recipient), one_line(subject)]


@given(awkward, awkward, st.booleans())
@example("no line end", "", False)
@example("\n\n", "trailing \n blanks\t\n", False)
@example("x" * 2000, "ü" * 2000, True)
@example("\x00nul", "bell\x07", True)
@example("mixed\r\nline\rends\n", "From here\n.\n..dots", True)
@example("--=_\n--=_x--\n", "中文" * 100, False)
def test_bodies_are_read_back_as_written(text: str, html: str, eight: bool) -> None:
    """To the last blank, in every transfer encoding; line ends become CRLF."""
    composed = compose(a_letter(text=text, html=html), eight_bit=eight)
    written = [
        body.replace("\r\n", "\n").replace("\r", "\n").encode(errors="replace").decode()
        for body in (text, html)
    ]
    assert list(bodies(read(composed))) == written


@given(awkward, awkward, awkward, awkward, st.booleans())
def test_every_letter_keeps_the_limits_of_smtp(
    name: str, subject: str, text: str, html: str, eight: bool
) -> None:
    """RFC 5322 §2.1.1: no line over 998 octets, header lines up to 78 where they can be; no NUL, no bare CR
    or LF.
    """
    composed = compose(
        a_letter(recipient=Mailbox(name, "sarah@example.org"), subject=subject, text=text, html=html),
        eight_bit=eight,
    )
    assert max(map(len, lines(composed))) <= 998
    foldable = [
        line for line in header_of(composed).split(b"\r\n") if not line.startswith(b"List-Unsubscribe:")
    ]
    assert max(map(len, foldable)) <= 78
    assert b"\x00" not in composed.content
    assert composed.is_eight_bit == (not composed.content.isascii())


@given(awkward, awkward, awkward)
def test_nothing_in_a_letter_adds_a_header(name: str, subject: str, body: str) -> None:
    """The fields of the header are always the same eleven, each once."""
    letter = a_letter(sender=Mailbox(name, "a@example.com"), subject=subject, text=body, html=body)
    assert read(compose(letter)).keys() == [
        *("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"),
        *("MIME-Version", "Content-Type"),
    ]


@pytest.mark.parametrize(
    "value", ["a\r\nBcc: b@example.com", "a\nb", "a\rb", "a\x00b", "a b", "<a>", "a\x85b", ""]
)
@pytest.mark.parametrize("field", ["sender", "recipient", "message_id", "references", "unsubscribe_url"])
def test_a_broken_address_or_id_or_link_is_a_fault_of_the_caller(field: str, value: str) -> None:
    """They are made by us; one with a line break in it must never reach a server."""
    if field == "unsubscribe_url" and not value:
        return
    broken: dict[str, object] = {
        "sender": Mailbox("", f"{value}@example.com"),
        "recipient": Mailbox("", f"a@{value}"),
        "message_id": f"<{value}@example.com>",
        "references": ("<a@example.com>", f"<{value}@example.com>"),
        "unsubscribe_url": f"https://example.com/{value}" if value else "",
    }
    with pytest.raises(ValueError, match=r"\w"):
        compose(a_letter(**{field: broken[field]}))


def test_equal_letters_are_equal_bytes() -> None:
    """An attempt can be repeated, and compared with what the Sent folder holds."""
    assert compose(a_letter(subject="Jörg")) == compose(a_letter(subject="Jörg"))


def test_the_text_comes_before_the_html() -> None:
    """RFC 2046 §5.1.4: the richest alternative is the last."""
    message = read(compose(a_letter()))
    assert [part.get_content_type() for part in message.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


def test_the_date_is_written_in_utc() -> None:
    """Whatever zone the instant was in."""
    there = datetime(2025, 1, 15, 23, 30, 5, 999, tzinfo=timezone(timedelta(hours=-8)))
    assert read(compose(a_letter(date=there)))["Date"] == "Thu, 16 Jan 2025 07:30:05 +0000"


def test_a_reply_names_its_thread() -> None:
    """In-Reply-To is the last message, References are all of them, folded; RFC 5322 §3.6.4."""
    thread = tuple(f"<{number:032}@mail.example.com>" for number in range(60))
    message = read(compose(a_letter(references=thread)))
    assert message["In-Reply-To"] == thread[-1]
    assert message["References"].split() == list(thread)


def test_unsubscribing_takes_one_click() -> None:
    """RFC 8058 §3.1, to the letter."""
    message = read(compose(a_letter()))
    assert message["List-Unsubscribe"] == f"<{LINK}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_letter_without_a_link_has_no_list_fields() -> None:
    """A test-send to oneself cannot be unsubscribed from."""
    assert b"List-" not in compose(a_letter(unsubscribe_url="")).content


@pytest.mark.parametrize(
    ("address", "written", "needs"),
    [
        ("sarah@example.org", "<sarah@example.org>", False),
        ("sarah@bücher.example", "<sarah@xn--bcher-kva.example>", False),
        ("jörg@example.org", "<jörg@example.org>", True),
        ("用户@例子.测试", "<用户@xn--fsqu00a.xn--0zwm56d>", True),
    ],
)
def test_only_a_local_part_in_unicode_needs_smtputf8(address: str, written: str, needs: bool) -> None:
    """A domain has an ASCII form; a local part has none (RFC 6531 §3.4)."""
    composed = compose(a_letter(recipient=Mailbox("Jörg", address)))
    assert written in header_of(composed).decode()
    assert (composed.needs_smtputf8, composed.is_eight_bit) == (needs, False)


@pytest.mark.parametrize(
    ("body", "eight", "encoding"),
    [
        ("plain\n", False, "7bit"),
        ("x" * 998, False, "7bit"),
        ("x" * 999, False, "quoted-printable"),
        ("Grüße\n", False, "quoted-printable"),
        ("你好，世界\n" * 20, False, "base64"),
        ("Grüße\n", True, "8bit"),
        ("ü" * 499, True, "8bit"),
        ("ü" * 500, True, "base64"),
        ("tab\tis text\n", True, "7bit"),
        ("nul\x00\n", True, "quoted-printable"),
    ],
)
def test_the_lightest_safe_encoding_is_taken(body: str, eight: bool, encoding: str) -> None:
    """RFC 2045 §6: as it is where lines and octets permit, then quoted-printable, then base 64 where it is
    shorter.
    """
    text, _ = read(compose(a_letter(text=body), eight_bit=eight)).iter_parts()
    assert text["Content-Transfer-Encoding"] == encoding


def test_a_boundary_is_never_in_a_body() -> None:
    """Not even when a body quotes the boundary that the letter would have had (RFC 2046 §5.1.1)."""
    boundary = read(compose(a_letter())).get_boundary()
    composed = compose(a_letter(text=f"--{boundary}\n", html=f"--{boundary}--"))
    assert bodies(read(composed)) == (f"--{boundary}\n", f"--{boundary}--")


@settings(max_examples=30)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=30, max_size=300))
def test_encoded_words_split_between_characters(subject: str) -> None:
    """RFC 2047 §2 and §5: each word at most 75 octets, and decodable by itself."""
    field = re.search(
        rb"^Subject:(.*?)\r\n(?! )", compose(a_letter(subject=f"é{subject}")).content, re.S | re.M
    )
    assert field
    for word in field.group(1).split():
        assert len(word) <= 75
        read(compose(a_letter(subject=word.decode())))
