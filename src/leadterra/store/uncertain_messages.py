"""Uncertain messages, and the certainly sent ones around them.

What writes expects the pool's lock.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

_SQL = load("uncertain_messages")

_MOST_ROWS = 200
"""Messages of an account that are looked at to find those that were certainly sent."""


class UncertainMessage(NamedTuple):
    """A message of which nobody knows whether it arrived. settled_at: since when. state_reason: why, for
    people. times: how often it became uncertain.
    """

    enrollment_id: UUID
    step_id: UUID
    id: UUID
    sender_account_id: UUID
    fence: int
    created_at: datetime
    data_at: datetime
    settled_at: datetime
    state_reason: str | None
    times: int


class SentKey(NamedTuple):
    """Which message."""

    enrollment_id: UUID
    step_id: UUID


async def list_due(
    uow: UnitOfWork, account_ids: Sequence[UUID], *, since: datetime, now: datetime, limit: int
) -> list[UncertainMessage]:
    """Those of these accounts that are to be looked for, oldest first. since: one that was never looked for
    has been uncertain since then at the latest.
    """
    return await uow.list(
        UncertainMessage, _SQL["list_due"], account_ids=list(account_ids), since=since, now=now, limit=limit
    )


async def list_sent_before(uow: UnitOfWork, message: UncertainMessage, *, limit: int) -> list[SentKey]:
    """Messages that its account certainly sent before it, nearest first."""
    return await uow.list(
        SentKey,
        _SQL["list_sent_before"],
        sender_account_id=message.sender_account_id,
        created_at=message.created_at,
        data_at=message.data_at,
        rows=_MOST_ROWS,
        limit=limit,
    )


async def list_sent_after(
    uow: UnitOfWork, message: UncertainMessage, *, until: datetime, limit: int
) -> list[SentKey]:
    """Messages that its account certainly sent after it, and no later than that instant; nearest first."""
    return await uow.list(
        SentKey,
        _SQL["list_sent_after"],
        sender_account_id=message.sender_account_id,
        settled_at=message.settled_at,
        until=until,
        rows=_MOST_ROWS,
        limit=limit,
    )


async def save_looks(uow: UnitOfWork, looks: Sequence[tuple[UncertainMessage, datetime | None]]) -> None:
    """When to look for these again; None for never. One that was settled since is left alone."""
    if looks:
        await uow.execute(
            _SQL["save_looks"],
            enrollment_ids=[message.enrollment_id for message, _ in looks],
            step_ids=[message.step_id for message, _ in looks],
            fences=[message.fence for message, _ in looks],
            look_at=[at for _, at in looks],
        )


async def explain_absence(uow: UnitOfWork, message: UncertainMessage, reason: str, *, now: datetime) -> None:
    """Say why it stays uncertain, of it and of its enrollment. Twice is once."""
    await uow.execute(
        _SQL["explain_absence"],
        enrollment_id=message.enrollment_id,
        step_id=message.step_id,
        fence=message.fence,
        reason=reason,
        now=now,
    )
