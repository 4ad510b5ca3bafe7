"""Recipients' domains that do not exist, or take no mail: what one account is told of them counts for all.

A mistake here costs every lead of a domain, so no single word ends anybody:

    known       told so              what follows
    nothing     any time             suspected: nothing goes there for an hour; then one lead is tried, and an
                                     hour later, if that one did not come back as well, the others
    suspected   in that hour         nothing: it is the same news
    suspected   within a week of it  dead, for a week: leads that were never sent anything end as bounced
    dead        in that week         nothing
    dead        within a week of it  dead for another week

After the week behind it is forgotten, and all begins again: domains come back. What the letter of one
enrollment is told counts once, however often its report is read.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

MOST_LEADS = 1000
"""Of a domain with more leads it is not believed: it is alive, and somebody's resolver is not."""

_SUSPECTED = timedelta(hours=1)
PROBE_GRACE = timedelta(hours=1)
"""How long the others wait for what becomes of the lead that is tried: reports take their time."""
_DEAD = timedelta(days=7)
_REMEMBERED = timedelta(days=7)

_NO_DOMAIN = re.compile(
    r"(domain|host) (name )?(is )?(not found|does ?n.?t exist|does not exist|unknown|invalid)"
    r"|no such (domain|host)|unknown (mail )?(domain|host)|non-?existent ?domain|nxdomain|null ?mx"
    r"|(does not|doesn.t) accept (e-?)?mail|name service error",
    re.IGNORECASE,
)
_SOMETHING_ELSE = re.compile(
    r"\b(user|mailbox|account|recipient) (name )?(is )?(unknown|not found|does|unavailable)"
    r"|\bsender\b|mail from",
    re.IGNORECASE,
)
"""Words of a mailbox, or of whoever sends."""
_MOST_READ = 500
"""Characters of the words that are looked at."""


@dataclass(frozen=True, slots=True)
class DomainNews:
    """What is known of a domain. rest_until: nothing is sent there before. enrollment_id: whose letter was
    told so last.
    """

    is_dead: bool
    rest_until: datetime
    enrollment_id: UUID


def tells_of_dead_domain(code: int | None, status: str | None, text: str) -> bool:
    """Whether a refusal, of a server or of a report, definitely says that the domain does not exist or takes
    no mail: 556 (RFC 7504 §4, RFC 7505 §4.2); 5.1.2 (RFC 3463 §3.2); 5.4.4 and 5.1.10 with words of a domain
    only, for servers use these for other things as well. Words of a mailbox or of the sender rule it out.
    """
    if code is not None and not 500 <= code < 600:
        return False
    words = text[:_MOST_READ]
    if code == 556:
        return True
    if _SOMETHING_ELSE.search(words):
        return False
    return status == "5.1.2" or (status in ("5.4.4", "5.1.10") and _NO_DOMAIN.search(words) is not None)


def news_after(before: DomainNews | None, enrollment_id: UUID, now: datetime) -> DomainNews | None:
    """What is known after a letter of that enrollment was told; None if it is nothing new."""
    if before is None or now >= before.rest_until + _REMEMBERED:
        return DomainNews(False, now + _SUSPECTED, enrollment_id)
    if now < before.rest_until or before.enrollment_id == enrollment_id:
        return None
    return DomainNews(True, now + _DEAD, enrollment_id)
