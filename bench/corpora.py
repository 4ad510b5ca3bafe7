"""Public samples of letters that came, with what is to be found in them: see
docs/reference/classification.md.

They lie beside the repository, in ../shared/corpora; where they do not, `CORPORA` is no directory and there
is nothing to score. Raises `OSError`, `ValueError` or `KeyError` where they are not what their notes say.
"""

import email
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import policy
from pathlib import Path
from typing import Any

from bench.programs import ROOT

CORPORA = ROOT.parent / "shared" / "corpora"

_DAEMON = (
    "Return-Path: <>\r\n"
    "From: MAILER-DAEMON@mailer.acme.email (Mail Delivery System)\r\n"
    "To: sender@acme.email\r\n"
    "Subject: Undelivered Mail Returned to Sender\r\n"
    "Date: Tue, 03 Jun 2025 09:00:00 +0000\r\n"
    "Auto-Submitted: auto-replied\r\n"
    "MIME-Version: 1.0\r\n"
)
_PERSON = (
    "From: Ann Lee <ann@customer.example>\r\n"
    "To: sender@acme.email\r\n"
    "Subject: Re: Hello\r\n"
    "Date: Tue, 03 Jun 2025 09:00:00 +0000\r\n"
    "Message-ID: <1@customer.example>\r\n"
    "MIME-Version: 1.0\r\n"
)
_TEXT = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
_NOT_DEAD = frozenset(
    {
        *("mailbox_full", "mailbox_over_quota", "spam_content", "reputation", "ip_blocked_spam"),
        *("authentication_failure", "server_timeout", "action_not_taken_mailbox_rate_limited"),
    }
)


@dataclass(frozen=True, slots=True)
class Fate:
    """What a sample says of one recipient; None where it does not say. is_permanent: 5xx, not 4xx. is_dead:
    the address itself is at fault, for good.
    """

    is_permanent: bool | None
    is_dead: bool | None


@dataclass(frozen=True, slots=True)
class Returned:
    """A bounce or complaint, in one form or several that say the same. wanted: by address, in lower case."""

    name: str
    forms: tuple[bytes, ...]
    wanted: Mapping[str, Fate]


@dataclass(frozen=True, slots=True)
class Answered:
    """A person's letter, and what is new in it. letter: whole. text: what a reply's reader gets. exact: any
    of these is the new text; contains, excludes: what it must have, must not have. seconds: the most that
    it may take. All are empty where nothing is stated.
    """

    name: str
    letter: bytes
    text: str
    exact: frozenset[str] = frozenset()
    contains: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()
    seconds: float | None = None
    is_stated: bool = True


def bodies(corpora: Path) -> Iterator[Returned]:
    """The words of bounces: bare, below a mail system's header, and as the first part of a report."""
    for name, body, expected in _crisp(corpora):
        text = body.encode()
        report = _report_of((("Content-Description: Notification\r\n" + _TEXT).encode() + text,))
        yield Returned(name, (text, (_DAEMON + _TEXT).encode() + text, report), _fates(expected))


def reports(corpora: Path) -> Iterator[Returned]:
    """Whole reports (RFC 3464), and those that the words above must have come in, made anew: their collectors
    kept the text alone.
    """
    folder = corpora / "bounces" / "kumomta"
    for name, recipients in _kumomta(corpora):
        if isinstance(recipients, list):
            wanted = {each["recipient"].lower(): _reported(each) for each in recipients}
            yield Returned(name, ((folder / name).read_bytes(),), wanted)
    for name, body, expected in _crisp(corpora):
        first = ("Content-Description: Notification\r\n" + _TEXT + body).encode()
        second = ("Content-Type: message/delivery-status\r\n\r\n" + _status_of(expected)).encode()
        yield Returned(name, (_report_of((first, second)),), _fates(expected))


def complaints(corpora: Path) -> Iterator[Returned]:
    """Complaints (RFC 5965), with the recipients that they name."""
    folder = corpora / "bounces" / "kumomta"
    for name, wanted in _kumomta(corpora):
        if isinstance(wanted, dict):
            people = {each.lower(): Fate(None, None) for each in wanted["original_rcpt_to"]}
            yield Returned(name, ((folder / name).read_bytes(),), people)


def answers(corpora: Path) -> Iterator[Answered]:
    """People's letters."""
    folder = corpora / "replies" / "zapier"
    stated = json.loads((folder / "expected.json").read_text())
    for path in sorted((folder / "emails").glob("*.txt")):
        text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
        wanted = stated.get(path.name, {})
        exact = [wanted["reply"]] if "reply" in wanted else [text.strip()] if wanted.get("whole") else []
        yield Answered(
            path.name,
            (_PERSON + _TEXT + text).encode(),
            text,
            frozenset(exact),
            tuple(wanted.get("contains", ())),
            tuple(wanted.get("excludes", ())),
            wanted.get("seconds"),
            is_stated=bool(wanted),
        )
    for path in sorted((corpora / "replies" / "talon" / "standard_replies").glob("*.eml")):
        # Two have a second value, which keeps the line that the client added: either will do.
        longer = path.with_name(f"{path.stem}_reply_text")
        kept = [longer.read_text().strip()] if longer.exists() else []
        yield Answered(path.name, path.read_bytes(), _plain(path), frozenset(["Hello", *kept]))


def _crisp(corpora: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, text and expected values. One is empty and one the word Hello: no bounces."""
    folder = corpora / "bounces" / "crisp" / "fixtures"
    for path in sorted(folder.glob("*.txt")):
        if path.stem not in {"default", "empty"}:
            expected = json.loads((folder / "expected" / f"{path.stem}.json").read_text())
            yield path.stem, path.read_bytes().decode("utf-8", "replace"), expected["data"]


def _kumomta(corpora: Path) -> Iterator[tuple[str, Any]]:
    expected = json.loads((corpora / "bounces" / "kumomta" / "expected.json").read_text())
    yield from sorted(expected.items())


def _fates(expected: dict[str, Any]) -> dict[str, Fate]:
    """What crisp's notes come to. Neither permanent nor temporary: nothing is said."""
    error = expected["error"]
    is_permanent = error["permanent"] if error["permanent"] or error["temporary"] else None
    return {expected["recipient"].lower(): Fate(is_permanent, _is_dead(error))}


def _is_dead(error: dict[str, Any]) -> bool | None:
    """A cause that is two at once, a server that is not known, and none at all say nothing."""
    cause = error["data"]["type"]
    if error["temporary"] or cause in _NOT_DEAD:
        return False
    if cause == "no_such_recipient":
        return True
    return False if error["data"]["spam"] or error["data"]["blocked"] else None


def _reported(recipient: dict[str, str]) -> Fate:
    """By Action and Status; nothing is said where they contradict each other, or of the cause by 5.0.0."""
    is_permanent = recipient["status"].startswith("5")
    if is_permanent == (recipient["action"] == "delayed"):
        return Fate(None, None)
    return Fate(is_permanent, False if not is_permanent else recipient["status"].startswith("5.1.") or None)


def _report_of(parts: tuple[bytes, ...]) -> bytes:
    head = _DAEMON + 'Content-Type: multipart/report; report-type=delivery-status; boundary="=_b"\r\n\r\n'
    return head.encode() + b"".join(b"--=_b\r\n" + part + b"\r\n" for part in parts) + b"--=_b--\r\n"


def _status_of(expected: dict[str, Any]) -> str:
    """A report's fields as Postfix writes them; delayed where the sample is temporary."""
    error = expected["error"]
    basic, status = error["code"]["basic"], error["code"]["enhanced"]
    said = " ".join(filter(None, (basic, status, error["label"])))
    return (
        "Reporting-MTA: dns; mailer.acme.email\r\n\r\n"
        f"Final-Recipient: rfc822; {expected['recipient']}\r\n"
        f"Original-Recipient: rfc822;{expected['recipient']}\r\n"
        f"Action: {'delayed' if error['temporary'] else 'failed'}\r\n"
        f"Status: {status or ('5.0.0' if error['permanent'] else '4.0.0')}\r\n"
        f"Diagnostic-Code: {'smtp' if basic else 'X-Postfix'}; {said}\r\n"
    )


def _plain(path: Path) -> str:
    """The text/plain part, by the standard library: neither reader's own decoding counts."""
    letter = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    part = letter.get_body(("plain",))
    return str(part.get_content()).replace("\r\n", "\n") if part else ""
