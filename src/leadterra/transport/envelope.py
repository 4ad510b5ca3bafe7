"""The envelope of one letter as octets: MAIL and RCPT, checked so that no address can say a third thing.

`Envelope.of` raises InvalidAddress for an address that no mail server would take. Domains are always
A-labels; a local part beyond ASCII needs SMTPUTF8 (RFC 6531).
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from leadterra.mail.addresses import parse_address
from leadterra.mail.letter import Letter

# A letter up to this size leaves in one write. Of a longer one, each block has its time limit
# (RFC 5321 §4.5.3.2.5).
BLOCK = 64 * 1024
_LINE_END = re.compile(rb"\r\n|\r|\n")
# Lines that end in CRLF and begin with no dot; there may be a lone CR within.
_AS_IT_IS = re.compile(rb"(?:(?!\.).*\r\n)++")


@dataclass(frozen=True, slots=True)
class Envelope:
    """sender, recipient: paths without angle brackets, in UTF-8. needs_smtputf8: one of them is not ASCII."""

    sender: bytes
    recipient: bytes
    needs_smtputf8: bool

    @classmethod
    def of(cls, letter: Letter) -> "Envelope":
        """The envelope of this letter. Raises InvalidAddress."""
        sender, recipient = _sender_path(letter.sender.address), _path(letter.recipient.address)
        return cls(sender, recipient, not (sender.isascii() and recipient.isascii()))


@dataclass(frozen=True, slots=True)
class Parcel:
    """A letter as one server will get it.

    envelope: to and from. content: dot-stuffed, with CRLF lines, and with the lone dot that ends it. size:
    octets before stuffing and without that dot (RFC 1870 §4). smtputf8, eight_bit: to be announced with MAIL.
    """

    envelope: Envelope
    content: bytes
    size: int
    smtputf8: bool
    eight_bit: bool

    def mail(self, *, announce_size: bool) -> bytes:
        """The MAIL command."""
        words = [b"MAIL FROM:<%b>" % self.envelope.sender]
        if announce_size:
            words.append(b"SIZE=%d" % self.size)
        if self.eight_bit:
            words.append(b"BODY=8BITMIME")
        if self.smtputf8:
            words.append(b"SMTPUTF8")
        return b" ".join(words)

    def rcpt(self) -> bytes:
        """The RCPT command."""
        return b"RCPT TO:<%b>" % self.envelope.recipient

    def blocks(self) -> list[bytes]:
        """The content in the pieces that are written. The last one holds all of the CRLF, dot and CRLF."""
        if len(self.content) <= BLOCK:
            return [self.content]
        *starts, last = range(0, len(self.content) - len(b"\r\n.\r\n") + 1, BLOCK)
        return [*(self.content[start : start + BLOCK] for start in starts), self.content[last:]]


def stuffed(content: bytes) -> tuple[bytes, int]:
    """The content as DATA carries it, ending in the lone dot (RFC 5321 §4.5.2), and its size before that.

    Lone CR and LF become CRLF: RFC 5321 §2.3.8 forbids them, and servers that differ about them can be made
    to see a second letter inside the first.
    """
    bare = content.count(b"\r") - content.count(b"\n")
    if not bare and _AS_IT_IS.fullmatch(content):
        return content + b".\r\n", len(content)
    if bare or not content.endswith(b"\r\n") or content.count(b"\r\n") != content.count(b"\n"):
        content = _LINE_END.sub(b"\r\n", content)
        content = content if content.endswith(b"\r\n") else content + b"\r\n"
    size = len(content)
    content = content.replace(b"\r\n.", b"\r\n..")
    if content.startswith(b"."):
        content = b"." + content
    return content + b".\r\n", size


@lru_cache(maxsize=4096)
def _sender_path(address: str) -> bytes:
    """Senders are few and come back with every letter."""
    return _path(address)


def _path(address: str) -> bytes:
    parsed = parse_address(address)
    local = parsed.display.rpartition("@")[0]
    return f"{local}@{parsed.domain}".encode()
