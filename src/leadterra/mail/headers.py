"""Header fields as bytes: folded (RFC 5322 §2.2.3), encoded (RFC 2047), and closed to injection.

Names and subjects come from people: control characters, line breaks and halves of characters become spaces
and replacement characters. Addresses, Message-IDs and links come from us: one that could break a line
raises ValueError. Every function returns whole lines with their CRLF.
"""

import re
from binascii import b2a_base64
from datetime import UTC, datetime
from functools import lru_cache

from leadterra.mail.addresses import parse_address

CRLF = b"\r\n"
_FOLD_AT = 78
_LONGEST_WORD = _FOLD_AT - len("Subject: ")

_LINE_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PRINTABLE = re.compile(r"[\x20-\x7e]*\Z")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_WORD_OF_FOLD = re.compile(r" *[^ ]+")

# RFC 5321 §4.1.2 dot-string: what may stand between angle brackets without quotes. Non-ASCII is looked at
# separately.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}\Z")
_MESSAGE_ID = re.compile(r"<[!#-'*+./0-9=?A-Z^-~-]{1,300}@[A-Za-z0-9.-]{1,253}>\Z")
_LINK = re.compile(r"https?://[!-;=?-~]{1,900}\Z")

# An encoded word has at most 75 octets (RFC 2047 §2). Sixty leave room for any field name and `<address>`
# never shares the count: 48 characters of payload are 36 octets in base 64.
_PAYLOAD = 48
# RFC 2047 §5 (3): these octets stand for themselves even inside a phrase; a blank is an underscore.
_Q_LITERAL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
_Q_OCTET = [
    chr(octet) if octet in _Q_LITERAL else "_" if octet == 0x20 else f"={octet:02X}" for octet in range(256)
]


def subject(text: str) -> bytes:
    """Return the Subject field, folded or encoded as needed."""
    clean = one_line(text)
    if _is_plain(clean):
        words = _WORD_OF_FOLD.findall(clean)
        if all(len(word) <= _LONGEST_WORD for word in words):
            return _folded("Subject:", [f" {words[0]}", *words[1:]] if words else [])
    return _folded("Subject:", [f" {word}" for word in _encoded_words(clean)])


@lru_cache(maxsize=4096)
def sender(name: str, address: str) -> tuple[bytes, bool]:
    """Return the From field and whether it needs SMTPUTF8. Kept: an account signs thousands of letters."""
    return mailbox("From", name, address)


def mailbox(field: str, name: str, address: str) -> tuple[bytes, bool]:
    """Return a From or To field of one mailbox, and whether it needs SMTPUTF8 (RFC 6531 §3.4).

    Raises ValueError.
    """
    wire, is_unicode = _wire_address(address)
    clean = one_line(name)
    if not clean:
        return f"{field}: {wire}\r\n".encode(), is_unicode
    return _folded(f"{field}:", [*_display_name(clean), f" <{wire}>"]), is_unicode


def date(instant: datetime) -> bytes:
    """Return the Date field, in UTC (RFC 5322 §3.3)."""
    utc = instant.astimezone(UTC)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[utc.weekday()]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[
        utc.month - 1
    ]
    clock = f"{utc.hour:02}:{utc.minute:02}:{utc.second:02}"
    return f"Date: {day}, {utc.day:02} {month} {utc.year:04} {clock} +0000\r\n".encode()


def identification(message_id: str, references: tuple[str, ...]) -> bytes:
    """Return Message-ID and, for a reply, In-Reply-To and References (RFC 5322 §3.6.4). Raises ValueError."""
    for identifier in (message_id, *references):
        if not _MESSAGE_ID.match(identifier):
            raise ValueError("a Message-ID is not of the form <left@right>")
    fields = f"Message-ID: {message_id}\r\n".encode()
    if not references:
        return fields
    thread = _folded("References:", [f" {identifier}" for identifier in references])
    return fields + f"In-Reply-To: {references[-1]}\r\n".encode() + thread


def unsubscribe(link: str) -> bytes:
    """Return the two fields of one-click unsubscribe (RFC 2369 §3.2, RFC 8058 §3.1), none without a link."""
    if not link:
        return b""
    if not _LINK.match(link):
        raise ValueError("an unsubscribe link is not an ASCII http or https address")
    return f"List-Unsubscribe: <{link}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode()


def one_line(text: str) -> str:
    """Return the text without anything that could end a line or be half a character, trimmed."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _LINE_BREAKING.sub(" ", text)).strip()


def _is_plain(text: str) -> bool:
    # `=?` could be read as an encoded word that nobody wrote.
    return bool(_PRINTABLE.match(text)) and "=?" not in text


def _display_name(clean: str) -> list[str]:
    """Return a name as pieces to fold between: an atom phrase, a quoted string, or encoded words."""
    if len(clean) <= _LONGEST_WORD and _is_plain(clean):
        if _PHRASE.match(clean):
            return [f" {clean}"]
        escaped = clean.replace("\\", "\\\\").replace('"', '\\"')
        if len(escaped) <= _LONGEST_WORD - 2:
            return [f' "{escaped}"']
    return [f" {word}" for word in _encoded_words(clean)]


def _wire_address(address: str) -> tuple[str, bool]:
    """Return the address as written between angle brackets: an IDNA domain, and raw Unicode before the @ if
    it must.
    """
    if _PLAIN_ADDRESS.match(address):
        return address, False
    parsed = parse_address(address)
    local = parsed.display.rpartition("@")[0]
    return f"{local}@{parsed.domain}", not local.isascii()


def _folded(field: str, pieces: list[str]) -> bytes:
    """Join pieces that begin with their own blank; a line that would pass 78 characters ends before one of
    them.
    """
    lines, line = [], field
    for piece in pieces:
        if len(line) + len(piece) > _FOLD_AT and line != field:
            lines.append(line)
            line = piece
        else:
            line += piece
    lines.append(line)
    return ("\r\n".join(lines) + "\r\n").encode()


def _encoded_words(text: str) -> list[str]:
    """Split a text into RFC 2047 words of whole characters, by the shorter of the two encodings."""
    octets = text.encode()
    quoted = sum(len(_Q_OCTET[octet]) for octet in octets)
    if quoted * 3 <= len(octets) * 4:
        return [
            f"=?utf-8?q?{word}?=" for word in _packed([_q_encoded(character) for character in text], _PAYLOAD)
        ]
    words = _packed(list(text), _PAYLOAD * 3 // 4)
    return [f"=?utf-8?b?{b2a_base64(word.encode(), newline=False).decode()}?=" for word in words]


@lru_cache(maxsize=4096)
def _q_encoded(character: str) -> str:
    return "".join([_Q_OCTET[octet] for octet in character.encode()])


def _packed(units: list[str], limit: int) -> list[str]:
    """Join units, never splitting one, into runs of at most `limit` octets."""
    runs: list[str] = []
    run: list[str] = []
    room = limit
    for unit in units:
        size = len(unit) if unit.isascii() else len(unit.encode())
        if size > room:
            runs.append("".join(run))
            run, room = [], limit
        run.append(unit)
        room -= size
    runs.append("".join(run))
    return runs
