"""What a settlement says about the accounts that made the attempts: rests, pauses, spacing (R9).

What came back of their messages is judged by `actions.delivery_records`, in the same transaction: where
something of the batch bounced, and of accounts that are watched. While nothing bounces nothing is counted.
"""

import typing
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.delivery_records import pause_judged, paused_event, remember_statuses
from leadterra.actions.ports import Attempt
from leadterra.domain.health import Health, health_after
from leadterra.domain.pacing import Pacing, PacingChoice, pacing_of
from leadterra.domain.sender_account import Protocol, Status
from leadterra.store import settlements
from leadterra.store.database import UnitOfWork
from leadterra.store.events import Event
from leadterra.store.settlements import HealthChange, HealthRow


class Heard(typing.Protocol):
    """An attempt of an account, whatever kind of letter it was about."""

    @property
    def account_id(self) -> UUID:
        """Whose attempt."""
        ...

    @property
    def attempt(self) -> Attempt:
        """How it ended."""
        ...

    @property
    def is_bounced(self) -> bool:
        """The letter was refused for the recipient's sake."""
        ...


@dataclass(frozen=True, slots=True)
class AccountNews:
    """events: accounts that were paused. instants: when accounts concerned can send again."""

    events: list[Event]
    instants: list[datetime]


async def save_account_health(uow: UnitOfWork, settled: Sequence[Heard], *, now: datetime) -> AccountNews:
    """Write what the batch says about its accounts."""
    by_account: defaultdict[UUID, list[Heard]] = defaultdict(list)
    for item in settled:
        by_account[item.account_id].append(item)
    rows = await settlements.list_health(uow, sorted(by_account))
    changes = {row.id: _change(row, by_account[row.id]) for row in rows}
    changed = [(row, change) for row in rows if (change := changes[row.id])]
    unchanged = [row for row in rows if changes[row.id] is None]
    await settlements.save_health(uow, [change for _, change in changed], now=now)
    refused = [(row, change.status_reason) for row, change in changed if change.status]
    await remember_statuses(uow, {row.id: row.status for row, _ in refused})
    events = [paused_event(row.id, row.email, reason, Protocol.SMTP) for row, reason in refused]
    judged = await pause_judged(
        uow, [row.id for row in rows if _is_to_be_judged(row, by_account[row.id])], now=now
    )
    return AccountNews(
        events=events + judged,
        instants=[at for _, change in changed for at in _instants(change, now)]
        + [at for row in unchanged if (at := _free_at(row, now))]
        + ([now] if judged else []),
    )


def _is_to_be_judged(row: HealthRow, items: Sequence[Heard]) -> bool:
    """Whether how much of its mail comes back may have changed for the worse."""
    return row.status != Status.PAUSED and (row.is_watched or any(item.is_bounced for item in items))


def _free_at(row: HealthRow, now: datetime) -> datetime | None:
    """When an account that takes one message at a time is free again; None for one that takes several, which
    nobody waits for.
    """
    if not (row.failures or _pacing_of(row).spreads or _pacing_of(row).gap):
        return None
    return max(at for at in (now, row.next_send_at, row.rest_until) if at)


def _change(row: HealthRow, items: Sequence[Heard]) -> HealthChange | None:
    """What becomes of one account; None if nothing. What no server said (a person's word, a lost lease) is no
    evidence about an account's health, but a letter that was begun spaces the next.
    """
    before = Health(row.failures, row.rest_until, row.rest_reason)
    heard = [(item.attempt.ending, item.attempt.ended_at) for item in items if item.attempt.server]
    after = health_after(before, heard)
    gap = _pacing_of(row).gap
    spaced = [begun + timedelta(seconds=gap) for item in items if gap and (begun := item.attempt.data_at)]
    next_send_at = max([*spaced, *([row.next_send_at] if row.next_send_at else [])], default=None)
    if after == before and next_send_at == row.next_send_at:
        return None
    pause_reason = after.pause_reason if row.status != Status.PAUSED else None
    return HealthChange(
        account_id=row.id,
        failures=after.failures,
        rest_until=after.rest_until,
        rest_reason=after.rest_reason,
        next_send_at=next_send_at,
        status=Status.PAUSED if pause_reason else None,
        status_reason=pause_reason,
    )


def _pacing_of(row: HealthRow) -> Pacing:
    """What is in force. What a claim spaced by its own instant is pushed on by the gap between DATA and DATA,
    for letters take a while to come to it.
    """
    own = PacingChoice(row.pacing_mode, row.min_gap_seconds, row.jitter)
    usual = PacingChoice(row.usual_mode, row.usual_gap, row.usual_jitter)
    return pacing_of(own, usual, is_live=row.mode == "live")


def _instants(change: HealthChange, now: datetime) -> list[datetime]:
    """Spacing, the end of a rest, or at once where a probe has just succeeded."""
    found = (change.next_send_at, change.rest_until, None if change.failures else now)
    return [instant for instant in found if instant]
