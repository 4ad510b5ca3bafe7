"""Feedback reports (ARF, RFC 5965): a provider says that somebody called one of our letters spam. Never
raises; linear.

Not each of them is a complaint: some say that a letter was *not* spam, or failed authentication (RFC 6591),
or that somebody asked to be left alone.
"""

from dataclasses import dataclass

from leadterra.mail.delivery_status import address_of
from leadterra.mail.finding import Failure, Kind
from leadterra.mail.header_fields import HeaderBlock, read_header
from leadterra.mail.header_values import read_identifiers
from leadterra.mail.incoming import Incoming, Part
from leadterra.mail.returned_letter import Returned, read_returned

MOST_RECIPIENTS = 100
_MICROSOFTS = "x-hmxmroriginalrecipient"
_RECIPIENT_FIELDS = ("original-rcpt-to", "removal-recipient")
_UNSUBSCRIBES = frozenset({"opt-out", "opt-out-list", "unsubscribe"})
_NO_COMPLAINTS = frozenset({"not-spam", "auth-failure", "dmarc", "miscategorized"})


@dataclass(frozen=True, slots=True)
class Feedback:
    """kind: `complaint`, `unsubscribe` or `other`. recipients: who complained, none if the report hides it.
    original_ids, original_subject, evidence: as in `Finding`.
    """

    kind: Kind
    recipients: tuple[Failure, ...]
    original_ids: tuple[str, ...]
    original_subject: str
    evidence: tuple[str, ...]


def find_feedback(letter: Incoming) -> Feedback | None:
    """What a feedback report says; None if the letter holds none."""
    part = next((each for each in letter.parts if each.content_type == "message/feedback-report"), None)
    if part is None:
        return _without_fields(letter)
    fields = read_header(part.content.lstrip(b"\r\n"))
    returned = read_returned(letter.parts, "")
    kind = fields.first("feedback-type").lower().split(";")[0].strip() or "abuse"
    agent = fields.first("user-agent") or letter.sender.address
    return Feedback(
        _kind_of(kind),
        _recipients(fields, returned),
        _ids(letter, fields, returned),
        returned.subject,
        (f"feedback report of type {kind[:40]}, by {agent[:100]}",),
    )


def _kind_of(feedback_type: str) -> Kind:
    if feedback_type in _UNSUBSCRIBES:
        return Kind.UNSUBSCRIBE
    return Kind.OTHER if feedback_type in _NO_COMPLAINTS else Kind.COMPLAINT


def _without_fields(letter: Incoming) -> Feedback | None:
    """Microsoft's programme sends the letter back with a field that says who complained, and no report."""
    named = letter.header(_MICROSOFTS).strip() or next(filter(None, map(_microsofts, letter.parts)), "")
    if not named and letter.report_type != "feedback-report":
        return None
    returned = read_returned(letter.parts, "")
    recipients = tuple(
        _complaint(each) for each in ((named,) if named else returned.recipients)[:MOST_RECIPIENTS]
    )
    ids = tuple(dict.fromkeys((*returned.ids, *letter.in_reply_to)))
    evidence = f"{_MICROSOFTS}: {named[:100]}" if named else "a feedback report without its fields"
    return Feedback(Kind.COMPLAINT, recipients, ids, returned.subject, (evidence,))


def _microsofts(part: Part) -> str:
    return (
        read_header(part.content).first(_MICROSOFTS).strip() if part.content_type == "message/rfc822" else ""
    )


def _recipients(fields: HeaderBlock, returned: Returned) -> tuple[Failure, ...]:
    """Whom the letter was for: by the report, else by the returned letter's To."""
    named = [address_of(value) for name in _RECIPIENT_FIELDS for value in fields.all(name)]
    addresses = [each for each in named if "@" in each] or [
        each for each in returned.recipients if "@" in each
    ]
    return tuple(_complaint(each) for each in dict.fromkeys(addresses[:MOST_RECIPIENTS]))


def _complaint(address: str) -> Failure:
    return Failure(address, None, None, False, "complaint")


def _ids(letter: Incoming, fields: HeaderBlock, returned: Returned) -> tuple[str, ...]:
    named = [
        each
        for name in ("original-message-id", "x-original-message-id")
        for each in read_identifiers(fields.first(name))
    ]
    return tuple(dict.fromkeys((*returned.ids, *named, *letter.in_reply_to)))
