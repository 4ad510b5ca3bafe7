"""How much of accounts' mail comes back, judged: warn, or pause until a person has looked (R9).

Asked when something came back or was complained of, and never while all goes well. Judging twice is judging
once: an account that is paused is judged no more.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from leadterra.domain.delivery_record import Fault
from leadterra.domain.health import AUTHENTICATION_REASON
from leadterra.domain.sender_account import Protocol, Status
from leadterra.observability import log
from leadterra.store import account_health
from leadterra.store.account_health import RecordRow
from leadterra.store.database import UnitOfWork
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode, new_id
from leadterra.store.sender_pools import wake_pool


async def judge_bounces(uow: UnitOfWork, account_ids: Sequence[UUID], *, now: datetime) -> None:
    """Judge accounts of which messages have just become `bounced`. The pool is locked."""
    if account_ids:
        await account_health.lock_accounts(uow, account_ids)
        await _tell(uow, await pause_judged(uow, account_ids, now=now), now=now)


async def note_complaint(
    uow: UnitOfWork, account_id: UUID, enrollment_id: UUID | None, step_id: UUID | None, *, now: datetime
) -> bool:
    """Count a complaint about an account's letter, and judge the account; False if this one is known.

    What is known of the letter tells one complaint from another: one that names none is always a new one, and
    who reads reports sees to it that each is noted once.
    """
    await uow.lock_pool()
    found = (
        await account_health.find_message_id(uow, enrollment_id, step_id)
        if enrollment_id and step_id
        else None
    )
    complaint_id = found or enrollment_id or new_id(now)
    if not await account_health.insert_complaint(
        uow, complaint_id, account_id, (enrollment_id, step_id), now=now
    ):
        return False
    await judge_bounces(uow, [account_id], now=now)
    return True


async def pause_judged(uow: UnitOfWork, account_ids: Sequence[UUID], *, now: datetime) -> list[Event]:
    """Pause those of these accounts, which are locked, that must be; the events that tell of it."""
    rows = await account_health.list_records(uow, account_ids) if account_ids else []
    judged = [row for row in rows if row.status != Status.PAUSED]
    paused = {row.id: reason.value for row in judged if (reason := row.record.pause_reason)}
    await account_health.pause_accounts(uow, paused, now=now)
    watched = {row.id: row.id not in paused and row.record.is_undecided for row in judged}
    changed = {row.id: watched[row.id] for row in judged if watched[row.id] != row.is_watched}
    await account_health.watch_accounts(uow, changed)
    for row in judged:
        _note(row, paused.get(row.id))
    return [paused_event(row.id, row.email, paused[row.id]) for row in judged if row.id in paused]


async def remember_statuses(uow: UnitOfWork, statuses: Mapping[UUID, str]) -> None:
    """Keep what accounts were before a refused login paused them."""
    await account_health.save_paused_from(uow, statuses)


def paused_event(account_id: UUID, email: str, reason: str | None, protocol: Protocol | None = None) -> Event:
    """An account was paused. protocol: of the login that was refused."""
    data: dict[str, object] = {"senderAccountId": encode("sa", account_id), "email": email, "reason": reason}
    if reason == AUTHENTICATION_REASON and protocol:
        data["protocol"] = protocol.value
    return Event(EventType.SENDER_PAUSED, data)


async def _tell(uow: UnitOfWork, events: Sequence[Event], *, now: datetime) -> None:
    if events:
        await append_events(uow, events, now=now)
        await wake_pool(uow, at=now)


def _note(row: RecordRow, reason: str | None) -> None:
    record = row.record
    found = {
        "account": encode("sa", row.id),
        "bounces": record.bounces,
        "of": record.endings,
        "complaints": record.complaints,
    }
    if reason:
        log.warning("account.paused", reason=reason, **found)
    elif record.warnings:
        log.warning("account.warned", faults=[Fault(each).value for each in record.warnings], **found)
