"""Bounces that are no reports (RFC 3464): recipients and reasons out of the words for people. Never raises.

There is one reader for all mail systems, not one for each: nearly every one of them writes the address at the
start of a line and the server's words behind or below it, and the rest names it in a sentence. Systems that
nobody has seen yet are so read as well.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from leadterra.mail.bounce_phrases import RETURNED
from leadterra.mail.delivery_status import RecipientReport, read_status_text

LONGEST_NOTICE = 100_000
MOST_LINES = 600
LONGEST_LINE = 1_000
MOST_ADDRESSES = 100

_ADDRESS = r"[A-Za-z0-9!#$%&*+/=?^_`{|}~.\u00a1-\uffff'-]{1,64}@[A-Za-z0-9\u00a1-\uffff.-]{1,253}"
_ANY_ADDRESS = re.compile(_ADDRESS)
_ENTRY = re.compile(
    rf"[ \t>*|•]{{0,40}}(?:(?:recipient|recipient address|rcpt|address|email|user"
    rf"|failed)[ \t]*:[ \t]*)?[<\"'\[(]{{0,3}}(?:smtp:|mailto:)?({_ADDRESS})[>\"'\])]{{0,3}}"
    r"(?:[ \t]*<mailto:[^>]{0,300}>)?(?:[ \t]*\([^()]{0,300}\))?[ \t]*(?P<rest>$|[:;,\-–(].*"
    r"|\.\.\..*|on [^a-z].*|[A-Z<'\"].*|(?:smtp|error|no |not |user|unknown|was|has|could"
    r"|expanded|host|said|is )\b.*|\s{2,}.*)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(
    r"(?<![\w@.+-])(?:rcpt to|error-for|userid|recipients?|delivered|addressed|address|users?"
    r"|mailbox|account|full|from|reach|deliver|to|for|an|auf|à|a|para|bei|message|mail"
    r"|undeliverable|attempts|failed)(?: is| was| to)?"
    rf"(?:[ \t]*:[ \t]*|[ \t]+|(?=[<\"'\[(]))[<\"'\[(]{{0,3}}(?:mailto:|smtp:)?({_ADDRESS})",
    re.IGNORECASE,
)
_STAFF = re.compile(
    r"(?:postmaster|abuse|mailer-daemon|help|helpdesk|support|hostmaster|webmaster|admin"
    r"|administrator|noc|security|noreply|no-reply|bounces?|info)\b",
    re.IGNORECASE,
)
_CONTACT = re.compile(
    r"contact|please (send|e-?mail|write|reply|forward)|for (further )?(assistance|help|more)"
    r"|questions|assistance|inquir",
    re.IGNORECASE,
)
# What quotes the header of the returned letter in passing: its To may be a list, and others did not fail.
_HEADER_LIKE = re.compile(
    r"[ \t>*|•]{0,40}(?:from|to|cc|bcc|sender(?: address)?|reply-to|subject|return-path"
    r"|envelope-from|sent by|in: |mail from)[ \t]*[:<]",
    re.IGNORECASE,
)
_FOR_ADMINISTRATORS = re.compile(
    r"^[ \t>*]*(diagnostic information for admin|original message details"
    r"|diagnose-informationen|diagnosegegevens|informations de diagnostic"
    r"|información de diagnóstico|informazioni diagnostiche|informações de diagnóstico"
    r"|diagnostische gegevens)",
    re.IGNORECASE,
)
_TYPED = re.compile(r".*\b(?:smtp|rfc822)[=;:]", re.IGNORECASE)
_RULE = re.compile(r"[-=_*|+ \t]{10,}$")


@dataclass(frozen=True, slots=True)
class Entry:
    """An address that a bounce names, and the words about it."""

    address: str
    words: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A bounce's text taken apart. entries: in their order. reports: fields of RFC 3464 that stood in the
    text. human: what is not the returned letter. returned: the rest, from the line that announces it.
    """

    entries: tuple[Entry, ...]
    reports: tuple[RecipientReport, ...]
    human: str
    returned: str


def read_notice(text: str, own: frozenset[str] = frozenset()) -> Notice:
    """Read the text of a bounce. own: lower-case addresses of whom it was sent to, never the ones that
    failed.
    """
    lines = [line[:LONGEST_LINE] for line in text[:LONGEST_NOTICE].split("\n", MOST_LINES)[:MOST_LINES]]
    end = _end_of_human(lines)
    human = lines[:end]
    entries = _entries(human, own) or _sentences(human, own) or _others(human, own)
    shown, returned = "\n".join(human), "\n".join(lines[end:])
    reports = (
        read_status_text(text[:LONGEST_NOTICE]).recipients
        if "-recipient:" in text[:LONGEST_NOTICE].lower()
        else ()
    )
    return Notice(tuple(entries[:MOST_ADDRESSES]), reports, shown, returned)


def _end_of_human(lines: list[str]) -> int:
    """Where the returned letter begins. It never begins before the first words."""
    said = False
    for number, line in enumerate(lines):
        if said and RETURNED.match(line):
            return number
        said = said or bool(line.strip())
    return len(lines)


def _entries(lines: list[str], own: frozenset[str]) -> list[Entry]:
    """Addresses that begin a line, each with the words behind and below it."""
    starts = _starts(lines, own)
    merged: dict[str, Entry] = {}
    details = next(
        (number for number, line in enumerate(lines) if _FOR_ADMINISTRATORS.match(line)), len(lines)
    )
    first = {_trim(found[1]).lower() for number, found in starts if number < details}
    for place, (number, found) in enumerate(starts):
        following = starts[place + 1][0] if place + 1 < len(starts) else len(lines)
        words = " ".join([found["rest"], *_paragraphs(lines[number + 1 : following])])
        address = _trim(found[1])
        key = address.lower()
        if number > details and first and key not in first:
            # What is told to administrators repeats the addresses, and adds others that did not fail.
            key = next(iter(first)) if len(first) == 1 else ""
        known = merged.get(key)
        if key:
            merged[key] = Entry(
                known.address if known else address, f"{known.words if known else ''} {words}".strip()
            )
    return list(merged.values())


def _starts(lines: list[str], own: frozenset[str]) -> list[tuple[int, re.Match[str]]]:
    """Lines that an address begins, and that are not indented deeper than the first: those continue it."""
    found: list[tuple[int, re.Match[str]]] = []
    deepest = 40
    for number, line in enumerate(lines):
        entry = _entry(line, own)
        indent = len(line) - len(line.lstrip(" "))
        if entry and indent <= deepest and len(found) < MOST_ADDRESSES:
            found.append((number, entry))
            deepest = min(deepest, max(indent, 3 if indent else 0))
    return found


def _entry(line: str, own: frozenset[str]) -> re.Match[str] | None:
    found = _ENTRY.match(line) if "@" in line else None
    if found is None or _trim(found[1]).lower() in own or "." not in found[1].rpartition("@")[2].strip("."):
        return None
    return found


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Words until the second gap: servers put their answer into a paragraph of its own."""
    gaps, said = 0, False
    for line in lines:
        if _RULE.match(line):
            return
        if line.strip():
            said, gaps = True, 0
            yield line.strip()
        else:
            gaps += 1
            if said and gaps > 1:
                return


def _sentences(lines: list[str], own: frozenset[str]) -> list[Entry]:
    found: dict[str, str] = {}
    for number, line in enumerate(lines):
        if "@" not in line or _HEADER_LIKE.match(line) or (_CONTACT.search(line) and found):
            continue
        # A sentence may break before its address.
        before = lines[number - 1][-80:] if number and _ANY_ADDRESS.match(line.lstrip()) else ""
        for each in _SENTENCE.finditer(f"{before} {line}" if before else line):
            address = _trim(each[1])
            if address.lower() not in own and address.lower() not in {known.lower() for known in found}:
                found[address] = " ".join(lines[max(0, number - 2) : number + 6])
        if len(found) >= MOST_ADDRESSES:
            break
    return [Entry(address, words) for address, words in found.items()]


def _others(lines: list[str], own: frozenset[str]) -> list[Entry]:
    """Any address at all, unless it is one to ask for help."""
    for number, line in sorted(enumerate(lines), key=lambda each: _HEADER_LIKE.match(each[1]) is not None):
        if "@" not in line or _CONTACT.search(line):
            continue
        for each in _ANY_ADDRESS.finditer(line):
            address = _trim(each.group())
            if (
                address.lower() not in own
                and not _STAFF.match(address)
                and "://" not in line[: each.start()][-60:]
            ):
                return [Entry(address, " ".join(lines[max(0, number - 2) : number + 6]))]
    return []


def _trim(address: str) -> str:
    return _TYPED.sub("", address).strip(".'`=").removeprefix("mailto:")
