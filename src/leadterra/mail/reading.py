"""The octets of a letter made into an `Incoming`, whatever they are. Never raises.

At most the first `MOST_OCTETS` are read; time and memory are in proportion to that. What was cut, refused or
could not be decoded is in `faults`, so that a letter that harms nobody may still be looked at by a person.
"""

import re

from leadterra.mail.charsets import clean, decode
from leadterra.mail.flowed import unflow
from leadterra.mail.header_fields import HeaderBlock
from leadterra.mail.header_values import (
    decode_words,
    one_line,
    read_date,
    read_identifiers,
    read_mailboxes,
)
from leadterra.mail.incoming import Incoming, Part
from leadterra.mail.letter import Mailbox
from leadterra.mail.mime_tree import Leaf, Tree, take_apart
from leadterra.mail.reply_html import text_of_html

MOST_OCTETS = 1_048_576
LONGEST_TEXT = 500_000

_ENVELOPE_LINE = re.compile(rb"(?:\xef\xbb\xbf)?\s{0,2000}(?:>?From [^\r\n]{0,1000}(?:\r\n|\n|\r))?")
_REPORTS = re.compile(
    r"message/(global-)?(delivery-status|disposition-notification|headers)|message/feedback-report"
    r"|message/(rfc822|global|partial|news)|text/rfc822(-headers)?"
)
_HTML = frozenset({"text/html", "application/xhtml+xml"})


def read_letter(content: bytes) -> Incoming:
    """Read a letter as it came, without an mbox "From " line before it."""
    kept = content[:MOST_OCTETS]
    faults = [f"longer than {MOST_OCTETS} octets; the rest was not read"] if len(content) > len(kept) else []
    start = _ENVELOPE_LINE.match(kept)
    tree = take_apart(kept[start.end() :] if start else kept)
    text, more = _text_of(tree)
    header = tree.header
    senders = _mailboxes(header, "from") or _mailboxes(header, "sender")
    return Incoming(
        headers=_decoded(header),
        sender=senders[0] if senders else Mailbox("", ""),
        reply_to=_addresses(header, "reply-to"),
        recipients=_addresses(header, "to", "cc"),
        message_id=next(iter(read_identifiers(header.first("message-id"))), ""),
        in_reply_to=_identifiers(header, "in-reply-to"),
        references=_identifiers(header, "references"),
        date=read_date(header.first("date")),
        subject=one_line(header.first("subject")),
        content_type=tree.content_type,
        report_type=tree.report_type,
        text=text,
        parts=tuple(
            Part(leaf.content_type, leaf.content)
            for leaf in tree.leaves
            if _REPORTS.fullmatch(leaf.content_type)
        ),
        faults=tuple(dict.fromkeys((*faults, *tree.faults, *more))),
    )


def read_text(text: str) -> Incoming:
    """A body alone, as if it were a letter's whole text."""
    kept = clean(text[:MOST_OCTETS])
    faults = ("the text was cut",) if len(text) > MOST_OCTETS or len(kept) > LONGEST_TEXT else ()
    return Incoming(text=kept[:LONGEST_TEXT], faults=faults)


def _decoded(header: HeaderBlock) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for name, value in header.fields:
        found.setdefault(name, []).append(decode_words(value))
    return {name: tuple(values) for name, values in found.items()}


def _mailboxes(header: HeaderBlock, *names: str) -> list[Mailbox]:
    return [each for name in names for value in header.all(name) for each in read_mailboxes(value)]


def _addresses(header: HeaderBlock, *names: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each.address for each in _mailboxes(header, *names)))


def _identifiers(header: HeaderBlock, name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for value in header.all(name) for each in read_identifiers(value)))


def _text_of(tree: Tree) -> tuple[str, list[str]]:
    """What a person reads, and what was wrong with it."""
    faults: list[str] = []
    texts: list[str] = []
    length = 0
    for leaf, text in _chosen([(each, _read(each, faults)) for each in tree.leaves if _is_body(each)]):
        shown = text_of_html(text) if leaf.content_type in _HTML else text
        if shown.strip() and length < LONGEST_TEXT:
            texts.append(shown[: LONGEST_TEXT - length].strip("\n"))
            length += len(texts[-1])
    return "\n\n".join(texts), faults


def _is_body(leaf: Leaf) -> bool:
    return (
        leaf.content_type == "text/plain" or leaf.content_type in _HTML
    ) and leaf.disposition != "attachment"


def _read(leaf: Leaf, faults: list[str]) -> str:
    charset = leaf.parameters.get("charset", "").strip()
    text, is_right = decode(leaf.content, charset)
    if not is_right:
        faults.append(f"text that is not {charset[:40] or 'UTF-8'}")
    if leaf.parameters.get("format", "").lower() == "flowed" and leaf.content_type == "text/plain":
        return unflow(text, deletes_space=leaf.parameters.get("delsp", "").lower() == "yes")
    return text


def _chosen(bodies: list[tuple[Leaf, str]]) -> list[tuple[Leaf, str]]:
    """Of the alternatives (RFC 2046 §5.1.4), the plain one if it says something, else the HTML one."""
    plain = {
        node.number
        for leaf, text in bodies
        if leaf.content_type == "text/plain" and text.strip()
        for node in leaf.inside
        if node.subtype == "alternative"
    }
    return [
        (leaf, text)
        for leaf, text in bodies
        if leaf.content_type == "text/plain" or not any(node.number in plain for node in leaf.inside)
    ]
