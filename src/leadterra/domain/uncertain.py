"""A message of which nobody knows whether it arrived: when it is looked for in its account's Sent folder, and
what a look proves (R6).

To find it proves that it was sent, whenever that is. Not to find it proves something only if a copy would
have to be there: after the grace time, in a folder that holds messages of the account from before it and from
after it. Whoever takes a wrong absence for a proof writes to somebody twice, so all else proves nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

GRACE = timedelta(minutes=10)
"""So long after a message became uncertain its copy may still come: as long as a server may take to answer
the end of data (RFC 5321 §4.5.3.2.6).
"""

FIRST_LOOK = timedelta(seconds=30)
"""After it became uncertain."""

LONGEST = timedelta(days=7)
"""So long it is looked for."""

LONGEST_PAUSE = timedelta(days=1)
"""Between two looks at a mailbox that could not be read."""

MOST_RESENDS = 2
"""A message that became uncertain more often than this is left to people, whatever the policy: something is
wrong with its server.
"""


class Conclusion(StrEnum):
    """What a look proves."""

    SENT = "sent"
    ABSENT = "absent"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Look:
    """One look into a Sent folder that could be searched.

    is_found: the message is there. waited: from when it became uncertain to when the look began. has_before,
    has_after: a message that the account sent before it, or after it, is there.
    """

    is_found: bool
    waited: timedelta
    has_before: bool = False
    has_after: bool = False

    @property
    def conclusion(self) -> Conclusion:
        """What it proves."""
        if self.is_found:
            return Conclusion.SENT
        is_proof = self.waited >= GRACE and self.has_before and self.has_after
        return Conclusion.ABSENT if is_proof else Conclusion.NOTHING


def next_look(settled_at: datetime, looked_at: datetime, *, is_searched: bool) -> datetime | None:
    """When to look again: once it has been uncertain for twice as long; None for never.

    settled_at: since when nobody knows. looked_at: when the last look began. is_searched: the folder could be
    searched; as long as it cannot, nobody gives up.
    """
    waited = looked_at - settled_at
    if not is_searched:
        return looked_at + min(max(waited, FIRST_LOOK), LONGEST_PAUSE)
    return None if waited >= LONGEST else looked_at + max(waited, FIRST_LOOK)
