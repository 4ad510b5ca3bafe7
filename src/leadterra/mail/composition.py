"""A letter as the bytes that go out after DATA: one multipart/alternative, text first, then HTML (RFC 2046
§5.1.4).

The bytes are assembled by hand around the C codecs of the standard library: thousands of letters a second
leave here, and a tree of MIME objects, which gives the same bytes, costs thirty times as much. Equal letters
give equal bytes. Names, subject and bodies may hold anything; an address, Message-ID or link that could
break a line raises ValueError. Dots are the transport's business.
"""

import re
from dataclasses import dataclass
from hashlib import sha256

from leadterra.mail import headers
from leadterra.mail.letter import Letter
from leadterra.mail.transfer_encodings import base64_lines, is_mostly_escaped, quoted_printable

# RFC 5322 §2.1.1 and RFC 5321 §4.5.3.1.6: a line has at most 998 octets before its CRLF.
LONGEST_LINE = 998

_LINE_END = re.compile("\r\n?")
# What 7bit and 8bit may carry (RFC 2045 §2.7), less the controls that relays have been seen to alter.
_SAFE_OCTETS = bytes({0x09, 0x0A, *range(0x20, 0x7F), *range(0x80, 0x100)})


@dataclass(frozen=True, slots=True)
class Composed:
    """A message ready for DATA.

    content: the whole message, CRLF line ends, not dot-stuffed. needs_smtputf8: an address in the header
    has a non-ASCII local part (RFC 6531). is_eight_bit: a body was left as 8bit, so the server must offer
    8BITMIME.
    """

    content: bytes
    needs_smtputf8: bool
    is_eight_bit: bool


def compose(letter: Letter, *, eight_bit: bool = False) -> Composed:
    """Write a letter out. eight_bit: the server offers 8BITMIME, bodies may go as they are where their
    lines permit.

    Raises ValueError if an address, Message-ID or link is not one (a fault of the caller, never of a lead's
    data).
    """
    text_encoding, text = _encode(letter.text, eight_bit)
    html_encoding, html = _encode(letter.html, eight_bit)
    boundary = _boundary(letter.message_id, text, html)
    header, needs_smtputf8 = _header(letter)
    is_eight_bit = text_encoding == "8bit" or html_encoding == "8bit"
    container = "Content-Transfer-Encoding: 8bit\r\n" if is_eight_bit else ""
    head = (
        f'{header}Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n{container}'
        f"{_part_head(boundary, 'plain', text_encoding)}"
    )
    middle = _part_head(boundary, "html", html_encoding)
    content = b"".join((head.encode(), text, middle.encode(), html, f"\r\n--{boundary}--\r\n".encode()))
    return Composed(content, needs_smtputf8, is_eight_bit)


def _header(letter: Letter) -> tuple[str, bool]:
    sender, sender_is_unicode = headers.sender(letter.sender.name, letter.sender.address)
    recipient, recipient_is_unicode = headers.mailbox("To", letter.recipient.name, letter.recipient.address)
    fields = (
        f"{sender}{recipient}{headers.subject(letter.subject)}{headers.date(letter.date)}"
        f"{headers.identification(letter.message_id, letter.references)}"
        f"{headers.unsubscribe(letter.unsubscribe_url)}{headers.warmup(letter.warmup_mark)}"
        "MIME-Version: 1.0\r\n"
    )
    return fields, sender_is_unicode or recipient_is_unicode


def _part_head(boundary: str, subtype: str, encoding: str) -> str:
    return (
        f'\r\n--{boundary}\r\nContent-Type: text/{subtype}; charset="utf-8"\r\n'
        f"Content-Transfer-Encoding: {encoding}\r\n\r\n"
    )


def _encode(body: str, eight_bit: bool) -> tuple[str, bytes]:
    """Choose the lightest transfer encoding that keeps the body exactly as it is; return its name, and the
    octets.
    """
    if "\r" in body:
        body = _LINE_END.sub("\n", body)
    octets = body.encode(errors="replace")
    is_ascii = len(octets) == len(body)
    if (is_ascii or eight_bit) and _is_safe_as_is(octets):
        return "7bit" if is_ascii else "8bit", octets.replace(b"\n", b"\r\n")
    # Base 64 is smaller where most characters are not ASCII. Below twice the size the text stays readable,
    # which content filters prefer.
    if is_mostly_escaped(octets):
        return "base64", base64_lines(octets.replace(b"\n", b"\r\n"))
    return "quoted-printable", quoted_printable(octets).replace(b"\n", b"\r\n")


def _is_safe_as_is(octets: bytes) -> bool:
    if octets.translate(None, _SAFE_OCTETS):
        return False
    # From the last line end that is near enough to the next: most lines need not be looked at.
    start = 0
    while len(octets) - start > LONGEST_LINE:
        start = octets.rfind(b"\n", start, start + LONGEST_LINE + 1) + 1
        if not start:
            return False
    return True


def _boundary(message_id: str, *bodies: bytes) -> str:
    """Derive a boundary from the Message-ID that occurs in no body (RFC 2046 §5.1.1)."""
    attempt = 0
    while True:
        boundary = f"=_{sha256(f'{attempt}{message_id}'.encode()).hexdigest()[:32]}"
        octets = boundary.encode()
        if not any(octets in body for body in bodies):
            return boundary
        attempt += 1
