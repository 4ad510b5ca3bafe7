"""What stands in header fields: encoded words, addresses, Message-IDs, dates, parameters. Never raises;
linear.
"""

import re
from binascii import Error, a2b_base64
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from itertools import islice
from urllib.parse import unquote_to_bytes

from leadterra.mail.charsets import decode
from leadterra.mail.letter import Mailbox

MOST_MAILBOXES = 500
MOST_IDENTIFIERS = 200
_MOST_PARAMETERS = 100
_LONGEST_DATE = 200

_WORD = re.compile(r"=\?([^?\s*]{1,60})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=")
_Q_OCTET = re.compile(rb"=([0-9A-Fa-f]{2})")
_NOT_BASE64 = re.compile(rb"[^A-Za-z0-9+/]+")
_IDENTIFIER = re.compile(r"<([^<>\s]{1,900})>")
_BARE_IDENTIFIER = re.compile(r"[^\s<>,;]{1,400}@[^\s<>,;]{1,400}")
_BARE_ADDRESS = re.compile(r"[^\s<>()\[\],;:\"]{1,64}@[^\s<>()\[\],;:\"]{1,255}")
_ADDRESS_SIGN = re.compile(r'[\\"()<>,;:]')
_PARAMETER_SIGN = re.compile(r'[\\";]')
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)')
_BLANKS = re.compile(r"\s+")


def decode_words(text: str) -> str:
    """Decode RFC 2047 words. Words beside each other are one text, and may share a character (§5)."""
    if "=?" not in text:
        return text
    pieces: list[str] = []
    pending, charset, end = b"", "", 0
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        if pending and (between.strip() or word[1].lower() != charset):
            pieces.append(decode(pending, charset)[0])
            pending = b""
        if between.strip() or not end:
            pieces.append(between)
        charset, end = word[1].lower(), word.end()
        pending += _word_octets(word[2], word[3])
    pieces += [decode(pending, charset)[0] if pending else "", text[end:]]
    return "".join(pieces)


def one_line(text: str) -> str:
    """Decoded, on one line, trimmed."""
    return _BLANKS.sub(" ", decode_words(text)).strip()


def decode_base64(octets: bytes) -> bytes:
    """Base 64 with whatever else stands among it; what is behind its padding is not part of it."""
    letters = _NOT_BASE64.sub(b"", octets.partition(b"=")[0])
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        return a2b_base64(letters + b"=" * (-len(letters) % 4))
    except Error:
        return b""


def read_mailboxes(text: str) -> list[Mailbox]:
    """The mailboxes of an address field (RFC 5322 §3.4), groups resolved; what has no address is left out."""
    return list(islice(filter(None, map(_mailbox, _split_addresses(text))), MOST_MAILBOXES))


def read_identifiers(text: str) -> list[str]:
    """Message-IDs (RFC 5322 §3.6.4), in angle brackets also where the sender forgot them."""
    found = [f"<{each}>" for each in islice(_IDENTIFIER.findall(text), MOST_IDENTIFIERS)]
    if not found and (bare := _BARE_IDENTIFIER.search(text)):
        found = [f"<{bare.group()}>"]
    return list(dict.fromkeys(found))


def read_date(text: str) -> datetime | None:
    """An instant in UTC; None if it cannot be read."""
    try:
        found = parsedate_to_datetime(text[:_LONGEST_DATE])
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (TypeError, ValueError, IndexError, OverflowError, AttributeError):
        return None


def read_parameters(text: str) -> tuple[str, dict[str, str]]:
    """A structured value such as that of Content-Type, and its parameters (RFC 2045 §5.1, RFC 2231 §3), both
    names in lower case.
    """
    pieces = _split_parameters(text)
    value = pieces[0].split()[0].lower() if pieces and pieces[0].split() else ""
    plain: dict[str, str] = {}
    parts: dict[str, list[tuple[int, str, bool]]] = {}
    for piece in pieces[1 : _MOST_PARAMETERS + 1]:
        name, equals, content = piece.partition("=")
        if not equals:
            continue
        name, content = name.strip().lower(), _unquote(content.strip())
        base, star, rest = name.partition("*")
        if not star:
            plain.setdefault(name, decode_words(content))
            continue
        number = rest.rstrip("*")
        parts.setdefault(base, []).append(
            (int(number) if _is_number(number) else 0, content, name[-1] == "*")
        )
    for base, sections in parts.items():
        plain[base] = _joined(sorted(sections, key=lambda section: section[0]))
    return value, plain


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 4


def _joined(sections: list[tuple[int, str, bool]]) -> str:
    """Sections of an RFC 2231 parameter, the first of which may name a charset."""
    charset, octets = "", b""
    for place, (_, content, is_encoded) in enumerate(sections):
        text = content
        if is_encoded and not place and text.count("'") >= 2:
            charset, _, text = text.split("'", 2)
        octets += unquote_to_bytes(text) if is_encoded else text.encode("utf-8", "replace")
    return decode(octets, charset)[0]


def _unquote(text: str) -> str:
    quoted = _QUOTED.match(text)
    if quoted is None:
        return text.split(maxsplit=1)[0] if text else ""
    return re.sub(r"\\(.)", r"\1", quoted[1])


def _split_parameters(text: str) -> list[str]:
    """Split at semicolons outside of quotes."""
    pieces: list[str] = []
    start, after, quoted = 0, 0, False
    for sign in _PARAMETER_SIGN.finditer(text):
        if sign.start() < after:
            continue
        if sign.group() == "\\":
            after = sign.end() + 1 if quoted else sign.end()
        elif sign.group() == '"':
            quoted = not quoted
        elif not quoted:
            pieces.append(text[start : sign.start()])
            start = sign.end()
    return [*pieces, text[start:]]


def _split_addresses(text: str) -> list[tuple[str, str]]:
    """(what stands outside of angle brackets, what stands in them) for each mailbox of a list."""
    found: list[tuple[str, str]] = []
    outside: list[str] = []
    inside, start, after, depth, quoted, angle = "", 0, 0, 0, False, -1
    for sign in _ADDRESS_SIGN.finditer(text):
        mark, at = sign.group(), sign.start()
        if at < after:
            continue
        if mark == "\\":
            after = sign.end() + 1
        elif mark == '"' and not depth:
            quoted = not quoted
        elif quoted:
            continue
        elif mark in "()":
            depth = max(0, depth + (1 if mark == "(" else -1))
        elif depth:
            continue
        elif mark == "<" and angle < 0:
            outside.append(text[start:at])
            angle = sign.end()
        elif mark == ">" and angle >= 0:
            inside, angle, start = inside or text[angle:at], -1, sign.end()
        elif mark in ",;:" and angle < 0:
            if mark != ":":
                found.append(("".join([*outside, text[start:at]]), inside))
            # The name of a group ends in a colon, and is nobody's.
            outside, inside, start = [], "", sign.end()
    rest = text[angle:] if angle >= 0 else ""
    return [*found, ("".join(outside if rest else [*outside, text[start:]]), inside or rest)]


def _mailbox(pieces: tuple[str, str]) -> Mailbox | None:
    outside, inside = pieces
    if inside:
        address = _BLANKS.sub("", inside).rpartition(":")[2] if "@" in inside else inside.strip()
        return Mailbox(_name(outside), address) if address else None
    bare = _BARE_ADDRESS.search(outside)
    if bare is None:
        return None
    return Mailbox(
        _name(outside.replace(bare.group(), "", 1).replace("(", " ").replace(")", " ")), bare.group()
    )


def _name(text: str) -> str:
    bare = re.sub(r"\\(.)", r"\1", text.strip()) if "\\" in text else text.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        bare = bare[1:-1]
    return one_line(bare).removesuffix("<>").strip('" ')


def _word_octets(encoding: str, text: str) -> bytes:
    octets = text.encode("utf-8", "replace")
    if encoding in "bB":
        return decode_base64(octets)
    return _Q_OCTET.sub(lambda found: bytes([int(found[1], 16)]), octets.replace(b"_", b" "))
