"""How long to wait before asking again, and when to give up (RFC 5321 §4.5.4.1)."""

from datetime import timedelta

_MESSAGE_DELAYS = tuple(timedelta(minutes=m) for m in (5, 15, 60, 240, 480, 960))
"""After the first, second, … temporary refusal of one message for its recipient's sake; about 29 hours in
all.
"""

_ACCOUNT_RESTS = tuple(timedelta(seconds=s) for s in (30, 120, 600, 1800, 3600))
"""After the first, second, … consecutive failure of an account or of its server; the last one repeats."""

AUTHENTICATION_FAILURES = 3
"""Refused logins in a row after which an account is paused until a person acts (R9)."""

IMMEDIATE_ATTEMPTS = 3
"""How often a message may fail for its account's or server's sake before it, too, has to wait: it may be what
breaks the server.
"""

_LAST_ATTEMPT = 40
"""Attempts of one message, for whatever reason, after which it is given up."""


def message_delay(attempt: int) -> timedelta | None:
    """How long a message waits after its n-th temporary refusal for the recipient's sake, n from 1; None to
    give up.
    """
    return _MESSAGE_DELAYS[attempt - 1] if attempt <= len(_MESSAGE_DELAYS) else None


def detour_delay(attempt: int) -> timedelta | None:
    """How long a message waits after its n-th failure for the account's or server's sake; None to give up."""
    if attempt >= _LAST_ATTEMPT:
        return None
    if attempt <= IMMEDIATE_ATTEMPTS:
        return timedelta(0)
    return _MESSAGE_DELAYS[min(attempt - IMMEDIATE_ATTEMPTS, len(_MESSAGE_DELAYS)) - 1]


def account_rest(failures: int) -> timedelta:
    """How long an account rests after its n-th consecutive failure, n from 1."""
    return _ACCOUNT_RESTS[min(failures, len(_ACCOUNT_RESTS)) - 1]
