"""Bounces: letters in which a mail system says that it did not deliver one. Never raises; linear.

A report's own fields (RFC 3464) are believed first, then the words for people. What the letter is about is
said best by the returned letter's Message-ID, then by the reference of the report; the recipient by the
report, then by the words, then by the returned letter's To.
"""

import re
from dataclasses import dataclass, replace

from leadterra.mail.bounce_phrases import (
    DAEMON,
    DELAYED,
    DELAYED_SUBJECT,
    MACHINE,
    OVER,
    PASSED_ON,
    SUBJECT,
    SURE,
    name_opening,
)
from leadterra.mail.bounce_reasons import judge_failure
from leadterra.mail.bounce_text import Notice, read_notice
from leadterra.mail.delivery_status import DeliveryStatus, RecipientReport, read_delivery_status
from leadterra.mail.finding import Failure
from leadterra.mail.header_values import read_mailboxes
from leadterra.mail.incoming import Incoming
from leadterra.mail.reading import read_letter
from leadterra.mail.returned_letter import Returned, read_returned

LONGEST_SHOWN = 500
_STATUS_PARTS = frozenset({"message/delivery-status", "message/global-delivery-status"})
_SUCCESSES = frozenset({"delivered", "relayed", "relay", "expanded", "expand", "success"})
_VAGUE = frozenset({"refused", "temporary", "server_trouble", "policy"})
_START = 4_000
_REPORT = re.compile(rb"^Content-Type:\s{0,20}multipart/report", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Bounce:
    """failures: by recipient; none where nobody is named. is_success: a report that tells of no failure.
    original_ids, original_subject: as in `Finding`. evidence: for people, the most telling first.
    """

    failures: tuple[Failure, ...]
    original_ids: tuple[str, ...]
    original_subject: str
    evidence: tuple[str, ...]
    is_success: bool = False


def find_bounce(letter: Incoming) -> Bounce | None:
    """What a bounce says; None if the letter is none."""
    statuses = [
        read_delivery_status(part.content) for part in letter.parts if part.content_type in _STATUS_PARTS
    ]
    reports = [report for status in statuses for report in status.recipients]
    if reports:
        return _from_reports(letter, statuses, reports)
    evidence = _signs(letter, has_status=bool(statuses))
    if not evidence:
        return None
    return _from_inside(letter) or _from_words(letter, evidence)


def _from_inside(letter: Incoming) -> Bounce | None:
    """A gateway on the way may have packed the report into a letter of its own."""
    for part in letter.parts:
        if part.content_type == "message/rfc822" and _REPORT.search(part.content[:_START]):
            inner = read_letter(part.content)
            statuses = [
                read_delivery_status(each.content)
                for each in inner.parts
                if each.content_type in _STATUS_PARTS
            ]
            reports = [report for status in statuses for report in status.recipients]
            if reports:
                return _from_reports(inner, statuses, reports)
    return None


def _from_reports(letter: Incoming, statuses: list[DeliveryStatus], reports: list[RecipientReport]) -> Bounce:
    evidence = [f"delivery-status part: {_told(each)}" for each in reports[:5]]
    failed = [
        each for each in reports if each.action not in _SUCCESSES and not (each.status or "5").startswith("2")
    ]
    own = _own(letter)
    notice = read_notice(letter.text, own)
    returned = read_returned(letter.parts, notice.returned)
    failures = tuple(_failure(each, notice, alone=len(reports) == 1) for each in failed)
    ids = [each for status in statuses for each in _named_ids(status)]
    return Bounce(failures, _ids(letter, returned, ids), returned.subject, tuple(evidence), not failed)


def _told(report: RecipientReport) -> str:
    return " ".join(filter(None, (report.address, report.action, report.status, report.diagnostic[:120])))


def _failure(report: RecipientReport, notice: Notice, *, alone: bool) -> Failure:
    """One recipient's failure. Where its fields only say that it failed, the words for people say why."""
    delayed = report.action == "delayed"
    text = report.diagnostic
    cause = judge_failure(text, report.status, delayed=delayed)
    if cause.reason in _VAGUE and not delayed:
        names = {report.address.lower(), *(each.lower() for each in report.others)}
        words = next((each.words for each in notice.entries if each.address.lower() in names), "")
        for more in (words, notice.human if alone else ""):
            better = judge_failure(more, report.status) if more.strip() else cause
            if better.reason not in _VAGUE:
                cause = replace(better, code=cause.code or better.code)
                text = text or more
                break
    return Failure(
        report.address,
        report.status or cause.status,
        cause.code,
        cause.is_hard(report.status) and not delayed,
        cause.reason,
        _short(text),
        delayed,
        cause.dead and not delayed,
    )


def _signs(letter: Incoming, *, has_status: bool) -> list[str]:
    """Why it is taken for a bounce; none if it is not."""
    start = _unquoted(letter.text[:_START])
    opening, sure = name_opening(start), SURE.search(start) is not None
    if not letter.headers:
        return [f"words that only mail systems write: {opening or 'a server’s answer'}"] if sure else []
    if named := letter.header("x-failed-recipients"):
        return [f"X-Failed-Recipients: {named[:200]}"]
    sender = f"{letter.sender.name} {letter.sender.address}".strip()
    is_null = letter.header("return-path").replace(" ", "") == "<>"
    from_daemon = is_null or DAEMON.search(sender) is not None
    subject = SUBJECT.search(letter.subject) is not None
    if has_status or letter.report_type == "delivery-status":
        is_bounce = True
    elif from_daemon:
        is_bounce = bool(opening or sure or subject or read_returned(letter.parts, "").fields)
    elif MACHINE.search(sender):
        is_bounce = subject and bool(opening or sure)
    else:
        # People forward bounces, and ask about them.
        is_bounce = (
            bool(opening)
            and (subject or sure)
            and not (letter.in_reply_to or PASSED_ON.match(letter.subject))
        )
    told = (
        ("a delivery report without recipients", has_status or letter.report_type == "delivery-status"),
        ("Return-Path: <>", is_null),
        (f"from {sender[:100]}", from_daemon),
        (f"subject “{letter.subject[:100]}”", subject),
        (f"text: {opening}", bool(opening)),
    )
    return [sign for sign, was_seen in told if was_seen] if is_bounce else []


def _unquoted(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith(">"))


def _from_words(letter: Incoming, evidence: list[str]) -> Bounce:
    notice = read_notice(letter.text, _own(letter))
    returned = read_returned(letter.parts, notice.returned)
    if not (notice.entries or returned.recipients):
        # Who writes to its own address is told of it like anybody else.
        notice = read_notice(letter.text)
    tries = _still_tries(notice)
    warns = (
        not tries
        and DELAYED_SUBJECT.search(letter.subject) is not None
        and not OVER.search(notice.human[:_START])
    )
    failures: list[Failure] = []
    if notice.reports:
        failures = [_failure(each, notice, alone=len(notice.reports) == 1) for each in notice.reports]
    named = _failed_header(letter)
    if named and not failures:
        failures = [_worded(each, notice, tries=tries, warns=warns) for each in named]
    if not failures:
        failures = [_worded(each.address, notice, tries=tries, warns=warns) for each in notice.entries]
    if not failures:
        failures = [_worded(each, notice, tries=tries, warns=warns) for each in returned.recipients[:1]]
    return Bounce(tuple(failures), _ids(letter, returned, []), returned.subject, tuple(evidence))


def _worded(address: str, notice: Notice, *, tries: bool, warns: bool) -> Failure:
    """One recipient's failure by the words about it. tries: they say that it is still tried. warns: only the
    subject may say so, which some write above an end.
    """
    words = next((each.words for each in notice.entries if each.address.lower() == address.lower()), "")
    text, cause = words, judge_failure(words, delayed=tries)
    if cause.reason in _VAGUE and len(notice.entries) <= 1:
        whole = judge_failure(_telling(notice.human), delayed=tries)
        if whole.reason not in _VAGUE or (cause.code is None and whole.code is not None):
            cause, text = whole, words or notice.human
    delayed = tries or (warns and (not cause.dead or cause.reason == "refused"))
    hard, dead = cause.is_hard() and not delayed, cause.dead and not delayed
    return Failure(address, cause.status, cause.code, hard, cause.reason, _short(text), delayed, dead)


def _telling(human: str) -> str:
    """The end of a long text: mail systems greet first and tell the reason last."""
    return human if len(human) <= 800 else human[:200] + " " + human[-600:]


def _still_tries(notice: Notice) -> bool:
    start = notice.human[:_START]
    return DELAYED.search(start) is not None and not OVER.search(start)


def _failed_header(letter: Incoming) -> list[str]:
    found = [
        each.address
        for value in letter.headers.get("x-failed-recipients", ())
        for each in read_mailboxes(value)
    ]
    return list(dict.fromkeys(found))


def _named_ids(status: DeliveryStatus) -> list[str]:
    names = ("original-message-id", "x-original-message-id", "x-postfix-original-message-id")
    return [status.fields[name] for name in names if name in status.fields]


def _ids(letter: Incoming, returned: Returned, named: list[str]) -> tuple[str, ...]:
    """Message-IDs that the letter is about, the most telling first."""
    header = [
        value
        for name in ("x-original-message-id", "original-message-id")
        for value in letter.headers.get(name, ())
    ]
    known = [
        each if each.startswith("<") else f"<{each}>" for each in map(str.strip, (*named, *header)) if each
    ]
    thread = (*letter.in_reply_to, *reversed(letter.references))
    found = dict.fromkeys((*returned.ids, *known, *thread))
    found.pop(letter.message_id, None)
    return tuple(found)


def _own(letter: Incoming) -> frozenset[str]:
    """Whom the report went to, and who made it."""
    return frozenset(each.lower() for each in (*letter.recipients, letter.sender.address) if each)


def _short(text: str) -> str:
    return re.sub(r"\s+", " ", text[: LONGEST_SHOWN * 2]).strip()[:LONGEST_SHOWN]
