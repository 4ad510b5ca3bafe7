"""The plain path: a letter as a tree of MIME objects, built, encoded, folded and written by the standard
`email` package, as an ordinary program does it.

It is told the boundary and each body's transfer encoding, which are choices; all else it finds by itself.
Where the package's own way is no good on the wire, the way taken here says so, with its section. Those
corrections are all there is between this and `Message.as_bytes()`:

* lines of headers have at most 76 characters (RFC 2047 §2), not 78;
* they are folded at blanks only: before a semicolon or comma that happens to be in a subject, the package
  leaves lines of twice that length (RFC 5322 §2.1.1);
* identifiers and links stay on the line of their field: servers search a Sent folder for them (R6), and a
  token is no shorter on a line of its own (RFC 5322 §2.2.3 folds "for convenience");
* an address is written in UTF-8 where it has no ASCII form (RFC 6532 §3.2); the package knows ASCII only;
* parts say nothing of a MIME-Version, which belongs to a whole message (RFC 2045 §4);
* a text in base 64 has its line ends as CRLF before it is encoded (RFC 2045 §6.8);
* halves of characters become question marks; the package raises.

The newer half of the package, `EmailMessage` and `policy.SMTP`, is no plain path to be equal to: what it
writes differs between versions of Python, one subject of seven with accents and runs of blanks is read back
as another (Python 3.11; one of sixteen in 3.13), quoted-printable has lines of 78 octets (RFC 2045 §6.7 (5)
allows 76), and a body without an end of line gets one.
"""

import re
from collections.abc import Iterator
from datetime import UTC
from email.charset import BASE64, QP, Charset
from email.header import Header
from email.message import Message
from email.policy import Compat32
from email.utils import format_datetime, quote

from leadterra.mail.addresses import parse_address
from leadterra.mail.headers import one_line
from leadterra.mail.letter import Letter, Mailbox

_BODY_ENCODINGS = {"7bit": None, "8bit": None, "quoted-printable": QP, "base64": BASE64}
_LONGEST_WORD = 67
# RFC 5322 §3.2.3: what makes a phrase a quoted string.
_SPECIALS = frozenset('()<>[]:;@\\,."')


class Field(Header):
    """A header field that is folded at blanks, or nowhere."""

    def __init__(
        self, name: str, text: str, charset: Charset | str = "us-ascii", *, folds: bool = True
    ) -> None:
        super().__init__(text, charset, header_name=name)
        self.name = name
        self._folds = folds

    def encode(self, splitchars: str = " ", maxlinelen: int | None = None, linesep: str = "\n") -> str:
        """Without the package's preference for semicolons and commas; 0 is no limit."""
        return super().encode(splitchars, maxlinelen if self._folds else 0, linesep)


class WirePolicy(Compat32):
    """The package's first policy, but for UTF-8 in addresses."""

    def fold_binary(self, name: str, value: str) -> bytes:
        """Write a field."""
        return self.fold(name, value).encode()


_POLICY = WirePolicy(linesep="\r\n", max_line_length=76)


def plain_path(letter: Letter, *, boundary: str, encodings: tuple[str, str]) -> bytes:
    """The letter as the package writes it. encodings: of text and HTML."""
    tree = Message(_POLICY)
    for field in _fields(letter):
        tree[field.name] = field  # type: ignore[assignment]  # as documented
    tree["MIME-Version"] = "1.0"
    tree.add_header("Content-Type", "multipart/alternative", boundary=boundary)
    if "8bit" in encodings:
        tree["Content-Transfer-Encoding"] = "8bit"
    tree.attach(_part(letter.text, "plain", encodings[0]))
    tree.attach(_part(letter.html, "html", encodings[1]))
    return tree.as_bytes()


def _fields(letter: Letter) -> Iterator[Field]:
    yield _mailbox("From", letter.sender)
    yield _mailbox("To", letter.recipient)
    yield _text("Subject", one_line(letter.subject))
    yield Field("Date", format_datetime(letter.date.astimezone(UTC)), folds=False)
    yield Field("Message-ID", letter.message_id, folds=False)
    if letter.references:
        yield Field("In-Reply-To", letter.references[-1], folds=False)
        yield Field("References", " ".join(letter.references))
    if letter.unsubscribe_url:
        yield Field("List-Unsubscribe", f"<{letter.unsubscribe_url}>", folds=False)
        yield Field("List-Unsubscribe-Post", "List-Unsubscribe=One-Click", folds=False)


def _part(body: str, subtype: str, encoding: str) -> Message:
    text = re.sub("\r\n?", "\n", body).encode(errors="replace").decode()
    charset = Charset("utf-8")
    charset.body_encoding = _BODY_ENCODINGS[encoding]  # type: ignore[assignment]  # None is as documented
    part = Message(_POLICY)
    part.add_header("Content-Type", f"text/{subtype}", charset="utf-8")
    part.set_payload(text.replace("\n", "\r\n") if encoding == "base64" else text, charset)
    del part["MIME-Version"]
    return part


def _mailbox(name: str, mailbox: Mailbox) -> Field:
    person = one_line(mailbox.name)
    local, domain = _split(mailbox.address)
    wire = f"{local}@{domain}"
    charset = "us-ascii" if local.isascii() else _raw()
    if not person:
        return Field(name, wire, charset)
    phrase = _phrase(person)
    if _is_plain(person) and len(phrase) <= _LONGEST_WORD:
        return Field(name, f"{phrase} <{wire}>", charset)
    field = Field(name, person, "utf-8")
    field.append(f"<{wire}>", charset)
    return field


def _phrase(person: str) -> str:
    """Atoms with one blank between them, or a quoted string (RFC 5322 §3.2.4, §3.2.5)."""
    return f'"{quote(person)}"' if _SPECIALS.intersection(person) or "  " in person else person


def _split(address: str) -> tuple[str, str]:
    """The two sides of an address, the domain in ASCII."""
    local, _, domain = address.rpartition("@")
    return (local, domain) if address.isascii() else (local, parse_address(address).domain)


def _text(name: str, text: str) -> Field:
    words = re.findall(" *[^ ]+", text)
    is_plain = _is_plain(text) and all(len(word) <= _LONGEST_WORD for word in words)
    return Field(name, text, "us-ascii" if is_plain else "utf-8")


def _is_plain(text: str) -> bool:
    """ASCII in which nobody can see an encoded word."""
    return text.isascii() and "=?" not in text


def _raw() -> Charset:
    """UTF-8 as it is, under another name, so that the package does not take it for what it encodes."""
    charset = Charset("utf-8")
    charset.input_charset = "utf-8-raw"
    charset.header_encoding = None  # type: ignore[assignment]  # None is as documented
    return charset
