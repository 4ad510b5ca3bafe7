"""The machine's part of a delivery report (RFC 3464, RFC 6533), as values. Never raises; linear.

Reports of the wild are read too: no empty line between recipients, or one in the midst of their fields;
comments behind a status; addresses in angle brackets, or none that could exist.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from leadterra.mail.charsets import decode
from leadterra.mail.header_values import one_line

MOST_RECIPIENTS = 100

_FIELD = re.compile(r"([A-Za-z][A-Za-z0-9-]{0,60})[ \t]*:[ \t]*(.*)")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_ESCAPED = re.compile(r"\\x\{([0-9A-Fa-f]{2,6})\}")
_HIGHEST = 0x10FFFF
_RECIPIENT = frozenset({"final-recipient", "original-recipient"})
_THEIRS = frozenset({"action", "status", "diagnostic-code", "remote-mta", "last-attempt-date"})


@dataclass(frozen=True, slots=True)
class RecipientReport:
    """What a report says about one recipient. address: the one that was written to, where the report names
    it, else the one that it came to. others: its other addresses. action: one lower-case word, such as
    "failed"; empty if absent. status: RFC 3463. diagnostic: the server's words, without their type.
    """

    address: str
    others: tuple[str, ...]
    action: str
    status: str | None
    diagnostic: str


@dataclass(frozen=True, slots=True)
class DeliveryStatus:
    """recipients: in their order. fields: of the whole report, by lower-case name, the first of each."""

    recipients: tuple[RecipientReport, ...]
    fields: dict[str, str] = field(default_factory=dict)


def read_delivery_status(content: bytes) -> DeliveryStatus:
    """Read the fields of a message/delivery-status part."""
    return read_status_text(decode(content)[0])


def read_status_text(text: str) -> DeliveryStatus:
    """The same from text, as it stands in bounces that are no reports."""
    about: dict[str, str] = {}
    groups: list[dict[str, str]] = []
    for after_gap, name, value in _fields(text):
        is_recipient, is_theirs = name in _RECIPIENT, name in _THEIRS
        full = not groups or (name in groups[-1] if is_recipient else _names_one(groups[-1]))
        # Action and Status may stand before the recipient that they are about.
        if full and (is_recipient or (is_theirs and after_gap)):
            groups.append({})
        (groups[-1] if groups else about).setdefault(name, value)
        if len(groups) > MOST_RECIPIENTS:
            break
    recipients: list[dict[str, str]] = []
    for group in groups[:MOST_RECIPIENTS]:
        if _names_one(group):
            recipients.append(group)
        elif recipients:
            # An empty line in the midst of a recipient's fields.
            recipients[-1] = group | recipients[-1]
    return DeliveryStatus(tuple(map(_report, recipients)), about)


def _names_one(group: dict[str, str]) -> bool:
    return not _RECIPIENT.isdisjoint(group)


def _fields(text: str) -> Iterator[tuple[bool, str, str]]:
    """(whether an empty line stands before it, lower-case name, unfolded value) of each field."""
    name = ""
    value: list[str] = []
    gap = after_gap = True
    for line in text.split("\n"):
        found = None if line[:1] in {" ", "\t"} else _FIELD.match(line)
        if found or not line.strip():
            if name:
                yield after_gap, name, " ".join(value)
            name, value = (found[1].lower(), [found[2].strip()]) if found else ("", [])
            gap, after_gap = not found, gap
        elif name:
            # Also where a continuation lacks its blank.
            value.append(line.strip())
    if name:
        yield after_gap, name, " ".join(value)


def _report(group: dict[str, str]) -> RecipientReport:
    final, original = (
        address_of(group.get("final-recipient", "")),
        address_of(group.get("original-recipient", "")),
    )
    alias = address_of(group.get("x-actual-recipient", ""))
    addresses = [each for each in (original if "@" in original else "", final, original, alias) if each]
    status = _STATUS.search(group.get("status", ""))
    diagnostic = one_line(group.get("diagnostic-code", ""))
    kind, semicolon, words = diagnostic.partition(";")
    action = re.match(r"[a-z]+", group.get("action", "").lower())
    return RecipientReport(
        address=addresses[0] if addresses else "",
        others=tuple(dict.fromkeys(addresses[1:])),
        action=action.group() if action else "",
        status=status.group() if status else None,
        diagnostic=words.strip() if semicolon and len(kind) < 20 and " " not in kind.strip() else diagnostic,
    )


def address_of(value: str) -> str:
    """The address of a field such as "rfc822; <a@b.example>" (RFC 3464 §2.3.1)."""
    kind, semicolon, rest = value.partition(";")
    bare = rest.strip() if semicolon else kind.strip()
    if "<" in bare and ">" in bare:
        bare = bare.partition("<")[2].partition(">")[0]
    bare = bare.strip(" \t<>\"'").removeprefix("mailto:")
    return _ESCAPED.sub(_character, bare)[:320]


def _character(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return (
        chr(number) if number <= _HIGHEST and not 0xD800 <= number <= 0xDFFF else "\N{REPLACEMENT CHARACTER}"
    )
