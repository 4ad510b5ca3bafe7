"""Header fields: folded (RFC 5322 §2.2.3), encoded (RFC 2047), and closed to injection.

Names and subjects come from people: control characters, line breaks and halves of characters become spaces
and replacement characters. Addresses, Message-IDs and links come from us: one that could break a line
raises ValueError. Every function that writes a field returns whole lines with their CRLF.
"""

import re
from binascii import b2a_base64
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from leadterra.mail.addresses import parse_address

WARMUP_FIELD = "X-Leadterra-Warmup"
"""The field that marks a warm-up letter; `mail.warmup` signs it."""

# RFC 2047 §2: a line that holds an encoded word has at most 76 characters. One limit for all (RFC 5322 §2.1.1
# recommends 78).
_FOLD_AT = 76
_LONGEST_WORD = _FOLD_AT - len("Subject: ")

_LINE_BREAKING = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_PHRASE = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?: [A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\Z")
_WORD_OF_FOLD = re.compile(r" *[^ ]+")

# RFC 5321 §4.1.2 dot-string: what may stand between angle brackets without quotes. Non-ASCII is looked at
# separately.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9.-]{1,253}\Z")
_MESSAGE_ID = re.compile(r"<[!#-'*+./0-9=?A-Z^-~-]{1,300}@[A-Za-z0-9.-]{1,253}>\Z")
# What somebody else's program wrote: anything printable on both sides of one @ that keeps the line short.
_REFERENCE = re.compile(r"<[!-;=?A-~]{1,400}@[!-;=?A-~]{1,255}>\Z", re.ASCII)
_LINK = re.compile(r"https?://[!-;=?-~]{1,900}\Z")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)

# What an encoded word consists of besides its payload.
_CHROME = len("=?utf-8?q??=")
# RFC 2047 §5 (3): these octets stand for themselves even inside a phrase; a blank is an underscore.
_Q_LITERAL = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"
_Q_OCTET = [
    chr(octet) if octet in _Q_LITERAL else "_" if octet == 0x20 else f"={octet:02X}" for octet in range(256)
]


def subject(text: str) -> str:
    """Return the Subject field, folded or encoded as needed."""
    clean = one_line(text)
    if _is_plain(clean):
        if len(clean) <= _LONGEST_WORD:
            return f"Subject: {clean}\r\n"
        words = _WORD_OF_FOLD.findall(clean)
        if max(map(len, words)) <= _LONGEST_WORD:
            return _folded("Subject:", [f" {words[0]}", *words[1:]])
    return _folded("Subject:", _encoded_words("Subject:", clean))


@lru_cache(maxsize=4096)
def sender(name: str, address: str) -> tuple[str, bool]:
    """Return the From field and whether it needs SMTPUTF8. Kept: an account signs thousands of letters."""
    return mailbox("From", name, address)


def mailbox(field: str, name: str, address: str) -> tuple[str, bool]:
    """Return a From or To field of one mailbox, and whether it needs SMTPUTF8 (RFC 6531 §3.4).

    Raises ValueError.
    """
    if _PLAIN_ADDRESS.match(address):
        if len(name) + len(address) < _LONGEST_WORD and _PHRASE.match(name) and "=?" not in name:
            return f"{field}: {name} <{address}>\r\n", False
        wire, is_unicode = address, False
    else:
        wire, is_unicode = _wire_address(address)
    clean = one_line(name)
    if not clean:
        return _folded(f"{field}:", [f" {wire}"]), is_unicode
    return _folded(f"{field}:", [*_display_name(field, clean), f" <{wire}>"]), is_unicode


def date(instant: datetime) -> str:
    """Return the Date field, in UTC (RFC 5322 §3.3)."""
    return _date((instant - _EPOCH) // _SECOND)


@lru_cache(maxsize=64)
def _date(seconds: int) -> str:
    """Thousands of letters leave within a second."""
    utc = _EPOCH + timedelta(seconds=seconds)
    day = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[utc.weekday()]
    month = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")[
        utc.month - 1
    ]
    clock = f"{utc.hour:02}:{utc.minute:02}:{utc.second:02}"
    return f"Date: {day}, {utc.day:02} {month} {utc.year:04} {clock} +0000\r\n"


def identification(message_id: str, references: tuple[str, ...]) -> str:
    """Return Message-ID and, for a reply, In-Reply-To and References (RFC 5322 §3.6.4). Raises ValueError."""
    if not (_MESSAGE_ID.match(message_id) and all(map(is_reference, references))):
        raise ValueError("a Message-ID is not of the form <left@right>")
    if not references:
        return f"Message-ID: {message_id}\r\n"
    thread = _folded("References:", [f" {identifier}" for identifier in references])
    return f"Message-ID: {message_id}\r\nIn-Reply-To: {references[-1]}\r\n{thread}"


def is_reference(identifier: str) -> bool:
    """Whether a Message-ID of anybody's can stand in our header."""
    return _REFERENCE.match(identifier) is not None


def unsubscribe(link: str) -> str:
    """Return the two fields of one-click unsubscribe (RFC 2369 §3.2, RFC 8058 §3.1), none without a link."""
    if not link:
        return ""
    if not _LINK.match(link):
        raise ValueError("an unsubscribe link is not an ASCII http or https address")
    return f"List-Unsubscribe: <{link}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"


def warmup(mark: str) -> str:
    """Return the fields that say what a warm-up letter is: our mark, and that nobody wrote it, so that no
    program answers it (RFC 3834 §5). None without a mark.
    """
    if not mark:
        return ""
    if not mark.isascii() or not mark.isprintable():
        raise ValueError("a warm-up mark is not one line of ASCII")
    ids, _, signature = mark.rpartition(" ")
    return f"{WARMUP_FIELD}: {ids}\r\n {signature}\r\nAuto-Submitted: auto-generated\r\n"


def one_line(text: str) -> str:
    """Return the text without anything that could end a line or be half a character, trimmed."""
    if text.isascii() and text.isprintable():
        return text.strip()
    return _SURROGATE.sub("\N{REPLACEMENT CHARACTER}", _LINE_BREAKING.sub(" ", text)).strip()


def _is_plain(text: str) -> bool:
    # `=?` could be read as an encoded word that nobody wrote.
    return text.isascii() and text.isprintable() and "=?" not in text


def _display_name(field: str, clean: str) -> list[str]:
    """Return a name as pieces to fold between: an atom phrase, a quoted string, or encoded words."""
    if len(clean) <= _LONGEST_WORD and _is_plain(clean):
        if _PHRASE.match(clean):
            return [f" {clean}"]
        escaped = clean.replace("\\", "\\\\").replace('"', '\\"')
        if len(escaped) <= _LONGEST_WORD - 2:
            return [f' "{escaped}"']
    return _encoded_words(f"{field}:", clean)


def _wire_address(address: str) -> tuple[str, bool]:
    """Return an address as written between angle brackets: an IDNA domain, and raw Unicode before the @ if
    it must; and whether it must.
    """
    parsed = parse_address(address)
    local = parsed.display.rpartition("@")[0]
    return f"{local}@{parsed.domain}", not local.isascii()


def _folded(field: str, pieces: list[str]) -> str:
    """Join pieces that begin with their own blank; a line that would pass 76 characters ends before one of
    them.
    """
    lines: list[str] = []
    line = field
    for piece in pieces:
        if len(line) + len(piece) > _FOLD_AT:
            # A name never stands without a blank behind its colon, even where all the rest is too long for
            # its line.
            lines.append(line if lines or line != field else f"{field} ")
            line = piece
        else:
            line += piece
    lines.append(line)
    return "\r\n".join(lines) + "\r\n"


def _encoded_words(field: str, text: str) -> list[str]:
    """Split a text into RFC 2047 words of whole characters, each with a blank before it, by the shorter of
    the two encodings; the first word goes on the line of the field, each other has a line of its own.
    """
    octets = text.encode()
    first, later = _FOLD_AT - len(field) - 1 - _CHROME, _FOLD_AT - 1 - _CHROME
    if sum(len(_Q_OCTET[octet]) for octet in octets) <= (len(octets) + 2) // 3 * 4:
        quoted = _packed([_q_encoded(character) for character in text], first, later)
        return [f" =?utf-8?q?{word}?=" for word in quoted]
    words = _packed(list(text), first // 4 * 3, later // 4 * 3)
    return [f" =?utf-8?b?{b2a_base64(word.encode(), newline=False).decode()}?=" for word in words]


@lru_cache(maxsize=4096)
def _q_encoded(character: str) -> str:
    return "".join([_Q_OCTET[octet] for octet in character.encode()])


def _packed(units: list[str], first: int, later: int) -> list[str]:
    """Join units, never splitting one, into runs of at most `first` octets and then of at most `later`."""
    runs: list[str] = []
    run: list[str] = []
    room = first
    for unit in units:
        size = len(unit) if unit.isascii() else len(unit.encode())
        if size > room:
            runs.append("".join(run))
            run, room = [], later
        run.append(unit)
        room -= size
    runs.append("".join(run))
    return runs
