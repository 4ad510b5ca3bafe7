"""An account's condition, as people ask for it: rates, breaker, mailbox, and its health as one number."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.domain.delivery_record import Fault, Record, health_score
from leadterra.domain.health import Circuit, Health
from leadterra.domain.mailbox_health import MailboxHealth
from leadterra.store.account_health import RecordRow, list_records
from leadterra.store.database import UnitOfWork


@dataclass(frozen=True, slots=True)
class Condition:
    """score: 0–1, None until measured. rest_until, rest_reason: of a rest that still runs. judged_from: only
    later messages are counted, None for all.
    """

    score: float | None
    record: Record
    circuit: Circuit
    failures: int
    rest_until: datetime | None
    rest_reason: str | None
    mailbox: MailboxHealth
    judged_from: datetime | None

    @property
    def warnings(self) -> list[str]:
        """What is not as it should be, in words that stay the same: rates that are too high, `connection`
        while its server fails, `mailbox` while its mail cannot be read.
        """
        found = [fault.value for fault in self.record.warnings]
        found += ["connection"] if self.failures else []
        return [*found, "mailbox"] if self.mailbox.failures else found


async def read_condition(uow: UnitOfWork, account_id: UUID, *, now: datetime) -> Condition | None:
    """Of one account; None if it is gone. Looks at so many of its messages at most, whatever it has sent."""
    found = await list_records(uow, [account_id])
    return _condition(found[0], now) if found else None


def words_of(condition: Condition) -> str:
    """The rates that are too high, as sentences for people; empty if none is."""
    record = condition.record
    words = {
        Fault.BOUNCES: f"{record.bounces} of {record.endings} messages came back; at 5 % it is paused.",
        Fault.COMPLAINTS: f"{record.complaints} of a thousand recipients complained; at 3 it is paused.",
    }
    return " ".join(words[fault] for fault in record.warnings)


def _condition(row: RecordRow, now: datetime) -> Condition:
    health = Health(row.failures, row.rest_until, row.rest_reason)
    rests = health.rests(now)
    return Condition(
        score=health_score(row.record, row.failures, row.mailbox_failures),
        record=row.record,
        circuit=health.circuit(now),
        failures=row.failures,
        rest_until=row.rest_until if rests else None,
        rest_reason=row.rest_reason if rests else None,
        mailbox=MailboxHealth(
            row.mailbox_failures, row.mailbox_rest_until, row.mailbox_trouble, row.mailbox_reason
        ),
        judged_from=row.judged_from,
    )
