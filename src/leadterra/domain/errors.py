"""What can be wrong with a request, drawn once.

    LeadterraError
    ├── NotFound          the thing does not exist, or belongs to another workspace
    ├── Unacceptable      well-formed, but a field's content cannot be taken; lists every fault
    ├── Conflict          it exists already, or somebody else is changing it
    ├── InvalidState      the thing is in a state in which this cannot be done
    ├── NoLeadsEnrolled   a campaign cannot start without leads
    ├── NoSequenceSteps   a campaign cannot start without steps
    ├── Unauthenticated   no key, or one that does not hold
    └── PermissionDenied  the key lacks the scope

A refused request changes nothing (R13). What a mail server does is never one of these: see `domain.outcomes`.
Each class's docstring is its default message. HTTP status is the API's business alone.
"""

from dataclasses import dataclass


class LeadterraError(Exception):
    """Something is wrong with the request."""

    def __init__(self, message: str | None = None) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        super().__init__(self.message)


class NotFound(LeadterraError):
    """There is no such thing in this workspace."""

    def __init__(self, kind: str, message: str | None = None) -> None:
        """kind: the noun of the trade, such as "campaign"; it becomes the code `campaign_not_found`."""
        super().__init__(message or f"There is no such {kind.replace('_', ' ')} in this workspace.")
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field. pointer: a JSON pointer into the request (RFC 6901). code: stable.
    message: for people.
    """

    pointer: str
    code: str
    message: str


class Unacceptable(LeadterraError):
    """Some fields cannot be accepted."""

    def __init__(
        self, faults: list[Fault], message: str | None = None, code: str = "validation_failed"
    ) -> None:
        super().__init__(message)
        self.faults = faults
        self.code = code


class Conflict(LeadterraError):
    """It exists already."""


class InvalidState(LeadterraError):
    """This cannot be done in its present state."""


class NoLeadsEnrolled(LeadterraError):
    """The campaign has no leads enrolled. Enrol some with POST /v1/campaigns/{id}/leads/bulk first."""


class NoSequenceSteps(LeadterraError):
    """The campaign has no sequence steps. Add some with PUT /v1/campaigns/{id}/sequence-steps first."""


class Unauthenticated(LeadterraError):
    """The API key is missing or does not hold."""


class PermissionDenied(LeadterraError):
    """The API key lacks a scope."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"This needs an API key with the scope '{scope}'.")
        self.scope = scope
