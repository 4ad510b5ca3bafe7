"""Letters that come are read as they were meant, and read to their end whatever they hold."""

from datetime import UTC, datetime

import pytest

from leadterra.mail.incoming import Incoming
from leadterra.mail.letter import Mailbox
from leadterra.mail.letter_files import is_letter
from leadterra.mail.mime_tree import DEEPEST, MOST_PARTS, take_apart
from leadterra.mail.reading import LONGEST_TEXT, MOST_OCTETS, read_letter, read_text


def letter(text: str) -> Incoming:
    """A letter that is written with bare line ends."""
    return read_letter(text.encode())


PLAIN = """From: "Doe, Jane" <jane@example.com>
To: Bob <bob@example.org>, "Ann \\"A\\" Lee" <ann@example.org>
Cc: team: carl@example.org, dora@example.org (Dora);
Subject: =?utf-8?q?Caf=C3=A9?= =?utf-8?q?_au_lait?=
Date: Tue, 3 Jun 2025 10:00:00 +0200
Message-ID: <one@example.com>
In-Reply-To: <two@example.org>
References: <zero@example.org>
 <two@example.org>

Hello.
"""


def test_the_fields_of_a_letter_are_read() -> None:
    """Names with commas and quotes, groups, comments, encoded words, folded lines, a date in UTC."""
    found = letter(PLAIN)

    assert found.sender == Mailbox("Doe, Jane", "jane@example.com")
    assert found.recipients == ("bob@example.org", "ann@example.org", "carl@example.org", "dora@example.org")
    assert found.subject == "Café au lait"
    assert found.date == datetime(2025, 6, 3, 8, tzinfo=UTC)
    assert (found.message_id, found.in_reply_to) == ("<one@example.com>", ("<two@example.org>",))
    assert found.references == ("<zero@example.org>", "<two@example.org>")
    assert (found.text, found.faults) == ("Hello.", ())


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_line_ends_are_all_the_same(end: str) -> None:
    """Of Unix, of the network, and of what was old even then."""
    assert read_letter(PLAIN.replace("\n", end).encode()) == letter(PLAIN)


@pytest.mark.parametrize(
    "before", ["From jane@example.com Tue Jun  3 10:00:00 2025\n", "\ufeff", "\n\n", ">From x y\n"]
)
def test_what_stands_before_the_header_is_left_out(before: str) -> None:
    """An mbox line, a byte order mark, empty lines."""
    assert letter(before + PLAIN) == letter(PLAIN)


WORDS = [
    ("=?utf-8?b?SGVsbG8=?=", "Hello"),
    ("=?UTF-8?B?w6k?= =?utf-8?Q?=C3=A9?=", "éé"),
    ("=?utf-8?q?caf=C3?= =?utf-8?q?=A9?=", "café"),
    ("=?iso-8859-1?q?caf=E9_x?= and =?koi8-r?b?8NLJ18XU?=", "café x and Привет"),
    ("=?iso-2022-jp?b?GyRCJEYkOSRIGyhC?=", "てすと"),
    ("=?utf-8*en?q?Hi?= you", "Hi you"),
    ("=?nonsense?q?caf=C3=A9?=", "café"),
    ("=?punycode?q?a-b?=", "a-b"),
    ("=?utf-8?q?unfinished", "=?utf-8?q?unfinished"),
    ("a =?utf-8?x?b?= c", "a =?utf-8?x?b?= c"),
    ("Caf\u00e9", "Café"),
]


@pytest.mark.parametrize(("written", "read"), WORDS)
def test_encoded_words_are_decoded(written: str, read: str) -> None:
    """Also where a character is split over two, and where the charset is none of mail (RFC 2047)."""
    assert letter(f"Subject: {written}\n\n").subject == read


BODIES = [
    ("Content-Type: text/plain; charset=iso-8859-1\n\n", b"caf\xe9", "café"),
    ("Content-Type: text/plain; charset=utf-8\n\n", b"caf\xe9 for all of us", "café for all of us"),
    (
        "Content-Type: text/plain; charset=utf-8\n\n",
        "caf\u00e9 na\u00efve".encode() + b"\xff",
        "caf\u00e9 na\u00efve\ufffd",
    ),
    ("Content-Type: text/plain; charset=us-ascii\n\n", "café".encode(), "café"),
    ("Content-Type: text/plain; charset=x-nobody-knows\n\n", "café".encode(), "café"),
    ("Content-Type: text/plain; charset=zip\n\n", b"plain", "plain"),
    ("Content-Type: text/plain; charset*=us-ascii'en'windows%2D1252\n\n", b"\x93Hi\x94", "“Hi”"),
    ("Content-Type: text\n\n", b"old", "old"),
    ("Content-Type: nonsense\n\n", b"odd", "odd"),
    ("Content-Transfer-Encoding: base64\n\n", b"SGVs\n*bG8*gd29y\nbGQ=", "Hello world"),
    ("Content-Transfer-Encoding: base64\n\n", b"SGVsbG8gd29ybGQ", "Hello world"),
    ("Content-Transfer-Encoding: BASE64 \n\n", b"SGVsbG8=\n--\nlist footer", "Hello"),
    ("Content-Transfer-Encoding: quoted-printable\n\n", b"caf=C3=A9 =\nis=3Dit =ZZ", "café is=it =ZZ"),
    ("Content-Transfer-Encoding: x-uuencode\n\n", b"begin 644 a\n#86)C\nend", "begin 644 a\n#86)C\nend"),
    (
        "Content-Type: text/plain; format=flowed\n\n",
        b"one \ntwo\n> a \n> b\n-- \nme",
        "one two\n> a b\n-- \nme",
    ),
    ("Content-Type: text/plain; format=flowed; delsp=yes\n\n", b"on \ne\n  in", "one\n in"),
    ("\n", b"a\x00b\x07c\rd", "abc\nd"),
]


@pytest.mark.parametrize(("header", "body", "text"), BODIES)
def test_bodies_are_decoded(header: str, body: bytes, text: str) -> None:
    """By what the header says where that is right, and else by what they look like."""
    assert read_letter(header.encode() + body).text == text


TREE = """Content-Type: multipart/mixed; boundary=outer

preamble
--outer
Content-Type: multipart/alternative; boundary="outer b"

--outer b
Content-Type: text/plain

plain
--outer b
Content-Type: text/html

<p>html
--outer b--
--outer
Content-Type: text/plain; name=notes.txt
Content-Disposition: attachment

attached
--outer
Content-Type: text/plain

below
--outer
Content-Type: message/rfc822

Subject: inner

inside
--outer--
epilogue
"""


def test_the_text_is_what_a_person_reads() -> None:
    """The plain alternative, and what stands below; no attachment, and nothing of a letter inside."""
    found = letter(TREE)

    assert found.text == "plain\n\nbelow"
    assert [(part.content_type, part.content) for part in found.parts] == [
        ("message/rfc822", b"Subject: inner\n\ninside")
    ]


def test_html_is_read_where_nothing_else_says_anything() -> None:
    """A plain alternative of white space is none."""
    assert letter(TREE.replace("\nplain\n", "\n  \n")).text == "html\n\nbelow"


def test_the_parts_of_a_report_are_kept() -> None:
    """Its type too, also where a gateway has wrapped it."""
    found = letter(
        "Content-Type: multipart/mixed; boundary=w\n\n--w\n"
        'Content-Type: multipart/report; report-type="Delivery-Status"; boundary=r\n\n'
        "--r\n\nIt failed.\n--r\nContent-Type: message/delivery-status\n\nStatus: 5.1.1\n"
        "--r\nContent-Type: text/rfc822-headers\n\nSubject: x\n--r--\n--w--\n"
    )

    assert (found.text, found.report_type) == ("It failed.", "delivery-status")
    assert [part.content_type for part in found.parts] == ["message/delivery-status", "text/rfc822-headers"]


BROKEN = [
    ("", ""),
    ("\n", ""),
    ("no header at all", "no header at all"),
    ("Subject: x\nthe empty line is missing\nhere", "the empty line is missing\nhere"),
    ("Content-Type: multipart/mixed;\nboundary=b\n\n--b\n\nnot indented\n--b--", "not indented"),
    ("Content-Type: multipart/mixed\n\nno boundary", "no boundary"),
    ("Content-Type: multipart/mixed; boundary=b\n\nnever begins", "never begins"),
    ("Content-Type: multipart/mixed; boundary=b\n\n--b\n\nnever ends", "never ends"),
    (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n--b\n\nsecond\n--b--",
        "second",
    ),
    (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        "Content-Type: multipart/mixed; boundary=c\n\n--c\n\ninner\n--b\n\nouter\n--b--\n--c\n\nghost",
        "inner\n\nouter",
    ),
    (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
        "Content-Type: multipart/mixed; boundary=c\n\nlost\n--b\n\nkept",
        "lost\n\nkept",
    ),
    ("Content-Type: multipart/mixed; boundary=b\n\n--bb\n\nanother's\n--b\n\nown\n--b--", "own"),
    ("Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\nhidden\n--b--", ""),
]


@pytest.mark.parametrize(("broken", "text"), BROKEN)
def test_broken_letters_are_read_as_far_as_they_go(broken: str, text: str) -> None:
    """Nothing is lost that a person could have read."""
    assert letter(broken).text == text


def test_a_letter_of_ten_thousand_parts_is_read_up_to_the_limit() -> None:
    """And says so."""
    found = letter("Content-Type: multipart/mixed; boundary=b\n\n" + "--b\n\nx\n" * 10_000)

    assert found.text.count("x") == MOST_PARTS - 1
    assert found.faults == (f"more than {MOST_PARTS} parts",)


def test_multiparts_are_opened_up_to_a_depth() -> None:
    """Without recursion."""
    nest = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(1_000))
    tree = take_apart(nest.encode() + b"\n\nend")

    assert len(tree.leaves[0].inside) == DEEPEST
    assert tree.faults == (f"nested deeper than {DEEPEST}",)


def test_of_a_large_letter_the_first_octets_are_read() -> None:
    """The text has a limit of its own."""
    found = read_letter(b"Subject: x\n\n" + b"spam " * 20_000_000)

    assert len(found.text) == LONGEST_TEXT
    assert found.faults == (f"longer than {MOST_OCTETS} octets; the rest was not read",)


def test_a_header_has_limits() -> None:
    """The rest of it is no longer looked at."""
    found = read_letter(b"Subject: kept\n" + b"X-More: y\n" * 100_000)

    assert found.subject == "kept"
    assert found.faults[0] == "the header was cut"
    assert sum(map(len, found.headers.values())) == 1_000


DATES = [
    ("Tue, 3 Jun 2025 10:00:00 -0000", datetime(2025, 6, 3, 10, tzinfo=UTC)),
    ("3 Jun 2025 10:00 EST", datetime(2025, 6, 3, 15, tzinfo=UTC)),
    ("", None),
    ("yesterday", None),
    ("Tue, 99 Jun 2025 10:00:00 +9999999999", None),
    ("31 Dec 9999 23:00:00 -2300", None),
]


@pytest.mark.parametrize(("written", "read"), DATES)
def test_dates_are_read_or_left_out(written: str, read: datetime | None) -> None:
    """Whatever stands there."""
    assert letter(f"Date: {written}\n\n").date == read


ADDRESSES = [
    ("ada@example.com", "ada@example.com", ""),
    ("<ada@example.com>", "ada@example.com", ""),
    ("ada@example.com (Ada Lovelace)", "ada@example.com", "Ada Lovelace"),
    ('"Ada, (the) <first>" <ada@example.com>', "ada@example.com", "Ada, (the) <first>"),
    ("=?utf-8?q?Ad=C3=A1=2C_L?= <ada@example.com>", "ada@example.com", "Adá, L"),
    ("Ada <@relay.example,@other.example:ada@example.com>", "ada@example.com", "Ada"),
    ("Ada <ada@example.com", "ada@example.com", "Ada"),
    ('"Ada <ada@example.com>', "ada@example.com", "Ada"),
    ("<>", "", ""),
    ("nobody", "", ""),
]


@pytest.mark.parametrize(("written", "address", "name"), ADDRESSES)
def test_addresses_are_read_as_they_are_written(written: str, address: str, name: str) -> None:
    """Route, comment, quoted name, missing bracket (RFC 5322 §3.4)."""
    assert letter(f"From: {written}\n\n").sender == Mailbox(name, address)


def test_a_message_id_gets_its_brackets() -> None:
    """Some senders forget them."""
    assert letter("Message-ID: one@example.com\n\n").message_id == "<one@example.com>"


def test_a_text_alone_is_a_body() -> None:
    """With line ends like any other."""
    assert read_text("a\r\nb\x00") == Incoming(text="a\nb")


def test_a_boundary_may_come_in_pieces() -> None:
    """RFC 2231 §3: numbered, and in any order."""
    found = letter(
        'Content-Type: multipart/mixed; boundary*1="cd"; boundary*0=ab\n\n--abcd\n\nhere\n--abcd--'
    )

    assert found.text == "here"


def test_blank_lines_before_a_header_are_passed() -> None:
    """Some archives pad their letters; what begins with a header is a letter."""
    content = b" " * 300 + b"\n\n" + b"From: ann@example.org\nMessage-ID: <1@x>\n\nHello\n"
    assert is_letter(content)
    assert read_letter(content).sender.address == "ann@example.org"
