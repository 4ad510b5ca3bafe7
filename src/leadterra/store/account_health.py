"""What is known of accounts besides their settings: how much of their mail comes back, who complained, and
how the reading of their mail goes (R9). Whoever changes anything here has locked the pool.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from leadterra.domain.delivery_record import COMPLAINT_WINDOW, WINDOW, Record
from leadterra.domain.mailbox_health import MailboxHealth, Trouble
from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("account_health")

_LOOKED_AT = 5 * WINDOW
"""Messages that are looked at for `WINDOW` that have ended: with more that wait, fewer are judged."""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """An account and what is counted of it. judged_from: None for all of its messages. See the tables'
    comments for the other fields.
    """

    id: UUID
    email: str
    status: str
    status_reason: str | None
    failures: int
    rest_until: datetime | None
    rest_reason: str | None
    is_watched: bool
    mailbox_failures: int
    mailbox_rest_until: datetime | None
    mailbox_trouble: Trouble | None
    mailbox_reason: str | None
    judged_from: datetime | None
    endings: int
    bounces: int
    complaints: int

    @property
    def record(self) -> Record:
        """As it is judged."""
        return Record(
            self.endings, self.bounces, self.complaints, is_on_probation=self.judged_from is not None
        )


async def list_records(uow: UnitOfWork, account_ids: Sequence[UUID]) -> list[RecordRow]:
    """These accounts, but those that were removed."""
    return await uow.list(
        RecordRow,
        _SQL["list_records"],
        account_ids=sorted(set(account_ids)),
        window=WINDOW,
        looked_at=_LOOKED_AT,
        complaint_window=COMPLAINT_WINDOW,
    )


async def lock_accounts(uow: UnitOfWork, account_ids: Sequence[UUID]) -> None:
    """Have nobody else change them until the transaction ends."""
    await uow.execute(_SQL["lock_accounts"], account_ids=list(account_ids))


async def watch_accounts(uow: UnitOfWork, watched: Mapping[UUID, bool]) -> None:
    """Whether each settlement is to judge them again."""
    if watched:
        await uow.execute(
            _SQL["watch_accounts"], account_ids=list(watched), are_watched=list(watched.values())
        )


async def pause_accounts(uow: UnitOfWork, reasons: Mapping[UUID, str], *, now: datetime) -> None:
    """Have campaigns skip them."""
    if reasons:
        await uow.execute(
            _SQL["pause_accounts"], account_ids=list(reasons), reasons=list(reasons.values()), now=now
        )


async def save_paused_from(uow: UnitOfWork, statuses: Mapping[UUID, str]) -> None:
    """Remember what they were before their logins were refused."""
    if statuses:
        await uow.execute(
            _SQL["save_paused_from"], account_ids=list(statuses), statuses=list(statuses.values())
        )


async def restore_account(
    uow: UnitOfWork, account_id: UUID, status: str, *, reason: str, now: datetime
) -> str | None:
    """Give an account that was paused for that reason this status; its address, None if it is not paused for
    it any more.
    """
    found: str | None = await uow.value(
        _SQL["restore_account"], account_id=account_id, status=status, reason=reason, now=now
    )
    return found


async def find_paused_from(uow: UnitOfWork, account_id: UUID) -> str | None:
    """What it was before; None if nothing is known."""
    found: str | None = await uow.value(_SQL["find_paused_from"], account_id=account_id)
    return found


async def judge_from(uow: UnitOfWork, account_id: UUID, instant: datetime) -> None:
    """Judge messages that are begun later, and no others."""
    await uow.execute(_SQL["judge_from"], account_id=account_id, judged_from=instant)


async def find_mailbox(uow: UnitOfWork, account_id: UUID) -> MailboxHealth:
    """How the reading of its mail goes."""
    found = await uow.find(MailboxHealth, _SQL["find_mailbox"], account_id=account_id)
    return found or MailboxHealth()


async def save_mailbox(uow: UnitOfWork, account_id: UUID, mailbox: MailboxHealth) -> None:
    """How it goes now."""
    await uow.execute(_SQL["save_mailbox"], account_id=account_id, **asdict(mailbox))


async def insert_complaint(
    uow: UnitOfWork,
    complaint_id: UUID,
    account_id: UUID,
    letter: tuple[UUID | None, UUID | None],
    *,
    now: datetime,
) -> bool:
    """Keep it; False if it is known. letter: enrollment and step, as far as they are known."""
    enrollment_id, step_id = letter
    rows = await uow.rows(
        _SQL["insert_complaint"],
        id=complaint_id,
        account_id=account_id,
        enrollment_id=enrollment_id,
        step_id=step_id,
        now=now,
    )
    return bool(rows)


async def find_message_id(uow: UnitOfWork, enrollment_id: UUID, step_id: UUID) -> UUID | None:
    """The letter of that step."""
    found: UUID | None = await uow.value(
        _SQL["find_message_id"], enrollment_id=enrollment_id, step_id=step_id
    )
    return found
