"""The health of a sender account, as `GET /v1/sender-accounts/{id}` shows it."""

from uuid import UUID

from leadterra.actions.account_condition import Condition, read_condition
from leadterra.api.fields import Instant, View
from leadterra.api.routing import Call
from leadterra.domain.health import Circuit
from leadterra.domain.mailbox_health import Trouble


class MailboxHealthView(View):
    """How the reading of its mail goes. failures: consecutive. nextTryAt: it is not tried before. trouble,
    detail: of the last failure, in the server's words; null while it works."""

    failures: int
    next_try_at: Instant | None
    trouble: Trouble | None
    detail: str | None


class HealthDetailView(View):
    """What an account's health is made of. bounceRate: of its last 200 messages that ended, null with fewer
    than 20; bounces, endings: the numbers behind it. complaintRate: complaints about its last 1000 messages,
    of a thousand. judgedFrom: only messages begun later are counted, null for all. circuit, failures: of its
    submission server, consecutive. restUntil, restReason: nothing is sent before. warnings: `bounce_rate`,
    `complaint_rate`, `connection`, `mailbox`."""

    bounce_rate: float | None
    bounces: int
    endings: int
    complaint_rate: float
    complaints: int
    judged_from: Instant | None
    circuit: Circuit
    failures: int
    rest_until: Instant | None
    rest_reason: str | None
    mailbox: MailboxHealthView
    warnings: list[str]


async def read_health(call: Call, account_id: UUID) -> tuple[float | None, HealthDetailView]:
    """An account's health, and what it is made of. It is there: the caller has just
    read it."""
    condition = await read_condition(call.uow, account_id, now=call.now)
    assert condition is not None
    return condition.score, _detail(condition)


def _detail(condition: Condition) -> HealthDetailView:
    record, mailbox = condition.record, condition.mailbox
    return HealthDetailView(
        bounce_rate=record.bounce_rate,
        bounces=record.bounces,
        endings=record.endings,
        complaint_rate=record.complaint_rate,
        complaints=record.complaints,
        judged_from=condition.judged_from,
        circuit=condition.circuit,
        failures=condition.failures,
        rest_until=condition.rest_until,
        rest_reason=condition.rest_reason,
        mailbox=MailboxHealthView(
            failures=mailbox.failures,
            next_try_at=mailbox.rest_until,
            trouble=mailbox.trouble,
            detail=mailbox.reason,
        ),
        warnings=condition.warnings,
    )
