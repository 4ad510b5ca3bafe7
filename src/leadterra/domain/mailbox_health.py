"""What the reading of an account's mail says about the account (R9): kept apart from its sending, so that a
broken IMAP server stops no letter.

    trouble   what happens
    none      all is forgotten
    server    the mailbox rests, longer each time, and is tried again
    folder    the same
    login     the same; the third in a row pauses the account, until the login works: it is still tried

Why a refused login pauses the sending too: replies and bounces of the account are seen by nobody any more, so
that the promise to stop when somebody answers (R7) could not be kept, and that does not mend itself. A
server that is away is; what it holds is read when it is back. Failures that are noted while the mailbox rests
are of the same outage and count once.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from leadterra.domain.retry import AUTHENTICATION_FAILURES

Trouble = Literal["login", "server", "folder"]

_RESTS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""After the first, second, … consecutive failure; the last one repeats."""


@dataclass(frozen=True, slots=True)
class MailboxHealth:
    """failures: consecutive. rest_until: it is not tried before. trouble, reason: of the last failure, and
    the server's words.
    """

    failures: int = 0
    rest_until: datetime | None = None
    trouble: Trouble | None = None
    reason: str | None = None

    @property
    def needs_person(self) -> bool:
        """Whether trying again would not help."""
        return self.trouble == "login" and self.failures >= AUTHENTICATION_FAILURES


def mailbox_after(before: MailboxHealth, trouble: Trouble | None, text: str, now: datetime) -> MailboxHealth:
    """Its condition after it was opened, or was not. trouble: None if it works. text: the server's words."""
    if trouble is None:
        return MailboxHealth()
    if before.rest_until is not None and before.rest_until > now:
        return before
    begins_anew = trouble == "login" and before.trouble != "login"
    failures = 1 if begins_anew else before.failures + 1
    rest = _RESTS[min(failures, len(_RESTS)) - 1]
    return MailboxHealth(failures, now + rest, trouble, " ".join(text.split())[:300])
