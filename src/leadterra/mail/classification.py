"""What a letter that came is: a bounce, a complaint, a machine's answer, a person's. Never raises.

The order is the rule: what is nobody's answer goes first, then what machines say in forms of their own, and
only what is left is taken for a person's words. Whoever is wrong about a reply stops a sequence, or writes
again to somebody who has answered; so nothing is guessed where a form can be read, and every finding says
what was seen, and where.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from leadterra.mail.automatic import Automatic, find_automatic
from leadterra.mail.bounces import Bounce, find_bounce
from leadterra.mail.complaints import Feedback, find_feedback
from leadterra.mail.finding import Classification, Finding, Kind
from leadterra.mail.header_fields import read_header
from leadterra.mail.incoming import Incoming
from leadterra.mail.intent import judge_intent
from leadterra.mail.reply_text import split_reply

WARM_UP_FIELD = "x-leadterra-warmup"
_REJECTED = re.compile(r"was (automatically )?rejected|could not be delivered|mailbox is full", re.IGNORECASE)
_START = 2_000
_BULK = frozenset({"list", "bulk", "junk"})
_LIST_FIELDS = ("list-id", "list-post", "mailing-list", "x-mailing-list", "x-mailman-version")


def classify(letter: Incoming, *, received_on: date, own_addresses: frozenset[str] = frozenset()) -> Finding:
    """What the letter is, and by what signs.

    received_on: the day that dates without a year are read from. own_addresses: in lower case; what one of
    them sent is our own mail.
    """
    finding = next(found for rule in _RULES if (found := rule(letter, received_on, own_addresses)))
    return replace(finding, evidence=(*finding.evidence, *(f"damaged: {each}" for each in letter.faults[:5])))


def _own_mail(letter: Incoming, _: date, own_addresses: frozenset[str]) -> Finding | None:
    """Copies of what we sent, and what one mailbox writes to another."""
    if letter.sender.address.lower() not in own_addresses:
        return None
    return _nobodys(f"From is an own address, {letter.sender.address}")


def _warm_up(letter: Incoming, _: date, __: frozenset[str]) -> Finding | None:
    return _nobodys("a warm-up letter") if WARM_UP_FIELD in letter.headers else None


def _feedback(letter: Incoming, _: date, __: frozenset[str]) -> Finding | None:
    feedback = find_feedback(letter)
    return _of_feedback(feedback) if feedback else None


def _of_feedback(feedback: Feedback) -> Finding:
    asks = feedback.kind is Kind.UNSUBSCRIBE
    return Finding(
        feedback.kind,
        Classification.UNSUBSCRIBE if asks else Classification.OTHER,
        recipients=feedback.recipients,
        original_ids=feedback.original_ids,
        original_subject=feedback.original_subject,
        evidence=feedback.evidence,
    )


def _bounce(letter: Incoming, _: date, __: frozenset[str]) -> Finding | None:
    bounce = find_bounce(letter)
    return _of_bounce(bounce) if bounce else None


def _of_bounce(bounce: Bounce) -> Finding:
    """A report in which nobody failed tells that a letter arrived: nothing follows from it."""
    is_success = bounce.is_success
    return Finding(
        Kind.OTHER if is_success else Kind.BOUNCE,
        Classification.OTHER if is_success else Classification.BOUNCE,
        recipients=bounce.failures,
        original_ids=bounce.original_ids,
        original_subject=bounce.original_subject,
        evidence=("a report of success", *bounce.evidence) if is_success else bounce.evidence,
    )


def _receipt(letter: Incoming, _: date, __: frozenset[str]) -> Finding | None:
    """A disposition notification (RFC 8098): the letter was shown, or deleted; nobody answered."""
    part = next(
        (each for each in letter.parts if each.content_type.endswith("disposition-notification")), None
    )
    if part is None and letter.report_type != "disposition-notification":
        return None
    if _REJECTED.search(letter.text[:_START]):
        # Dovecot's delivery agent packs its bounces so.
        return None
    fields = read_header(part.content.lstrip(b"\r\n")) if part else read_header(b"")
    about = fields.first("original-message-id")
    return Finding(
        Kind.AUTO_REPLY,
        Classification.OTHER,
        original_ids=tuple(dict.fromkeys(filter(None, (about, *letter.in_reply_to)))),
        evidence=(f"a receipt: {fields.first('disposition')[:100] or 'without a disposition'}",),
    )


def _by_button(letter: Incoming, _: date, __: frozenset[str]) -> Finding | None:
    """A mail program asked for its user, by the address of a List-Unsubscribe field (RFC 2369 §3.2)."""
    asks = letter.subject.strip().lower() == "unsubscribe" or "x-apple-unsubscribe" in letter.headers
    if not asks or _bulk_sign(letter):
        return None
    return Finding(
        Kind.UNSUBSCRIBE,
        Classification.UNSUBSCRIBE,
        original_ids=_answered(letter),
        evidence=(f"asked by the button of a mail program: subject “{letter.subject[:100]}”",),
    )


def _automatic(letter: Incoming, received_on: date, _: frozenset[str]) -> Finding | None:
    found = find_automatic(letter, received_on)
    return _of_automatic(found, letter) if found else None


def _of_automatic(found: Automatic, letter: Incoming) -> Finding:
    if found.kind is Kind.OUT_OF_OFFICE:
        meaning = Classification.OUT_OF_OFFICE
    else:
        meaning = Classification.REFERRAL if found.is_gone and found.referral else Classification.OTHER
    text = split_reply(letter.text)
    return Finding(
        found.kind,
        meaning,
        original_ids=_answered(letter),
        return_on=found.return_on,
        referral=found.referral,
        is_gone=found.is_gone,
        new_text=text.new,
        quoted_text=text.quoted,
        evidence=found.evidence,
    )


def _bulk_mail(letter: Incoming, _: date, __: frozenset[str]) -> Finding | None:
    """Lists and newsletters that answer nothing. An answer that came through a list's address is one."""
    if letter.in_reply_to or letter.references:
        return None
    sign = _bulk_sign(letter)
    return _nobodys(sign) if sign else None


def _bulk_sign(letter: Incoming) -> str:
    """The sign of a list or newsletter; empty if there is none."""
    field = next((name for name in _LIST_FIELDS if name in letter.headers), "")
    if field:
        return f"mailing list: {field.title()}: {letter.header(field)[:100]}"
    if letter.header("precedence").strip().lower() in _BULK:
        return f"bulk mail: Precedence: {letter.header('precedence')[:20]}"
    return "bulk mail: List-Unsubscribe" if "list-unsubscribe" in letter.headers else ""


def _answered(letter: Incoming) -> tuple[str, ...]:
    """What it answers, the nearest first."""
    return tuple(dict.fromkeys((*letter.in_reply_to, *reversed(letter.references))))


def _person(letter: Incoming, _: date, __: frozenset[str]) -> Finding:
    """Whatever is left: somebody's words."""
    text = split_reply(letter.text)
    intent = judge_intent(text.new, letter.subject)
    asks = intent.classification is Classification.UNSUBSCRIBE
    seen = [f"In-Reply-To: {letter.in_reply_to[0][:200]}"] if letter.in_reply_to else []
    return Finding(
        Kind.UNSUBSCRIBE if asks else Kind.REPLY,
        intent.classification,
        original_ids=_answered(letter),
        referral=intent.referral,
        new_text=text.new,
        quoted_text=text.quoted,
        evidence=(*intent.evidence, *seen) or ("no sign of a machine",),
    )


def _nobodys(evidence: str) -> Finding:
    return Finding(Kind.OTHER, Classification.OTHER, evidence=(evidence,))


_Rule = Callable[[Incoming, date, frozenset[str]], Finding | None]
_RULES: tuple[_Rule, ...] = (
    _own_mail,
    _warm_up,
    _feedback,
    _receipt,
    _bounce,
    _by_button,
    _automatic,
    _bulk_mail,
    _person,
)
