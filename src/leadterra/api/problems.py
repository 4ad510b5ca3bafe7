"""The one shape of an error (RFC 9457), and the one table from what went wrong to status and code.

Whatever is raised while a request is answered becomes a `Problem` here. What nobody foresaw is a 500 without
detail: the `requestId` finds it in the log.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from pydantic_core import to_json
from starlette.exceptions import HTTPException
from starlette.responses import Response

from leadterra.domain import errors
from leadterra.domain.errors import Fault, LeadterraError
from leadterra.store.availability import is_unavailable

MEDIA_TYPE = "application/problem+json"
_MOST_FAULTS = 10_000
_LONGEST_TEXT = 500

STATUSES: dict[str, int] = {
    "invalid_request": 400,
    "no_leads_enrolled": 400,
    "no_sequence_steps": 400,
    "authentication_failed": 401,
    "permission_denied": 403,
    "not_found": 404,
    "method_not_allowed": 405,
    "not_acceptable": 406,
    "conflict": 409,
    "invalid_state": 409,
    "idempotency_in_progress": 409,
    "payload_too_large": 413,
    "unsupported_media_type": 415,
    "validation_failed": 422,
    "invalid_leads": 422,
    "idempotency_key_reused": 422,
    "rate_limited": 429,
    "internal_error": 500,
    "unavailable": 503,
}
"""Every stable code but the `<noun>_not_found` ones, which are 404."""

RETRYABLE = frozenset({"idempotency_in_progress", "rate_limited", "internal_error", "unavailable"})
"""Codes after which the same request may succeed later."""

_CODES: dict[type[LeadterraError], str] = {
    errors.NoLeadsEnrolled: "no_leads_enrolled",
    errors.NoSequenceSteps: "no_sequence_steps",
    errors.Unauthenticated: "authentication_failed",
    errors.PermissionDenied: "permission_denied",
    errors.Conflict: "conflict",
    errors.InvalidState: "invalid_state",
}
_CODES_BY_STATUS = {
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "payload_too_large",
}
_DETAILS = {
    "authentication_failed": (
        "No API key that holds came with this request. Send one as `Authorization: Bearer sk_live_…`; one "
        "that is mistyped, revoked or expired does not hold."
    ),
    "not_found": "There is nothing at this address.",
    "internal_error": "Something went wrong on our side. The requestId finds it in the log.",
    "unavailable": "The database cannot be reached right now. Try again in a moment.",
}


class Problem(Exception):
    """An answer that is an error.

    code: one of `STATUSES`, or `<noun>_not_found`. detail: a sentence for people. faults: what is wrong,
    field by field. headers: to send along, such as `Retry-After`.
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        faults: Sequence[Fault] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.code = code
        self.status = STATUSES.get(code, 404)
        self.detail = detail
        self.faults = faults
        self.headers = dict(headers or {})


class InvalidRequest(Problem):
    """The request is not what this route takes: 400, naming every fault."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("invalid_request", _summary(faults), faults=faults)


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer as it goes out, and as it is kept for a replay. headers: those of this answer alone."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def response(self) -> Response:
        """The same as Starlette sends it."""
        return Response(self.body, self.status, self.headers)


def problem_of(error: Exception) -> Problem:
    """The problem that an error amounts to."""
    match error:
        case Problem():
            return error
        case LeadterraError():
            return _problem_of_refusal(error)
        case HTTPException():
            code = _CODES_BY_STATUS.get(error.status_code, "invalid_request")
            return Problem(code, _DETAILS.get(code, error.detail), headers=error.headers)
    code = "unavailable" if is_unavailable(error) else "internal_error"
    headers = {"Retry-After": "1"} if code == "unavailable" else {}
    return Problem(code, _DETAILS[code], headers=headers)


def _problem_of_refusal(error: LeadterraError) -> Problem:
    match error:
        case errors.NotFound():
            return Problem(f"{error.kind}_not_found", error.message)
        case errors.Unacceptable():
            says_more = error.message != errors.Unacceptable.__doc__
            return Problem(
                error.code, error.message if says_more else _summary(error.faults), faults=error.faults
            )
        case errors.Unauthenticated():
            code = "authentication_failed"
            return Problem(code, _DETAILS[code], headers={"WWW-Authenticate": "Bearer"})
    return Problem(_CODES.get(type(error), "invalid_request"), error.message)


def _summary(faults: Sequence[Fault]) -> str:
    """The first fault, and how many more there are."""
    more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
    return f"{faults[0].pointer or 'The body'}: {faults[0].message}{more}"


def render_problem(problem: Problem, request_id: str) -> Rendered:
    """The problem as bytes."""
    content = {
        "type": f"/docs#{problem.code}",
        "title": problem.code.replace("_", " ").capitalize(),
        "status": problem.status,
        "detail": problem.detail[:_LONGEST_TEXT],
        "code": problem.code,
        "requestId": request_id,
        "retryable": problem.code in RETRYABLE,
        "errors": [_fault(fault) for fault in problem.faults[:_MOST_FAULTS]],
    }
    return Rendered(problem.status, to_json(content), {"Content-Type": MEDIA_TYPE, **problem.headers})


def faults_of(error: Problem | LeadterraError, *, within: str) -> list[Fault]:
    """What a refusal of one item of a batch amounts to. within: the item's JSON pointer."""
    if isinstance(error, InvalidRequest | errors.Unacceptable):
        return [replace(fault, pointer=within + fault.pointer) for fault in error.faults]
    problem = problem_of(error)
    return [Fault(within, problem.code, problem.detail)]


def _fault(fault: Fault) -> dict[str, str]:
    """One entry of `errors`. Pointers repeat what the caller sent, so they are cut."""
    return {
        "pointer": fault.pointer[:_LONGEST_TEXT],
        "code": fault.code,
        "message": fault.message[:_LONGEST_TEXT],
    }
