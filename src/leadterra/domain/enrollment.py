"""The life of an enrollment: one lead in one campaign.

    waiting ──claim──► sending ──accepted──► waiting (next step) … finished (no step left)
       ▲                 │ deferred, withheld ──► waiting
       │                 │ uncertain ──► uncertain ──resolved──► waiting, finished
       │                 │ refused ──► bounced (the recipient's sake), failed (any other)
    held, paused ◄───────┘ (a template's field is missing; a person paused the lead)
    any open state ──► replied, unsubscribed, suppressed, removed

The same states are a CHECK constraint of the table. An ended enrollment never opens again, but for `removed`
(enrolled anew), `finished` (a step was added) and `uncertain` ones that a person settles.
"""

from enum import StrEnum


class State(StrEnum):
    """Where an enrollment stands."""

    WAITING = "waiting"
    SENDING = "sending"
    UNCERTAIN = "uncertain"
    HELD = "held"
    PAUSED = "paused"
    FINISHED = "finished"
    REPLIED = "replied"
    BOUNCED = "bounced"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"
    FAILED = "failed"
    REMOVED = "removed"


OPEN = (State.WAITING, State.SENDING, State.UNCERTAIN, State.HELD, State.PAUSED)
"""States in which something may still happen to the lead in this campaign."""

ENDED = tuple(state for state in State if state not in OPEN)
