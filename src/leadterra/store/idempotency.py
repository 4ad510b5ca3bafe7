"""Idempotency keys: who works on a request with such a key, and what the first answer was.

A key is taken in a transaction of its own, and completed in the transaction of the action that it guards:
either both are kept or neither. One whose holder died can be taken again after `LOCK`; one older than `KEPT`
counts as absent.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from uuid import UUID

from leadterra.store.database import UnitOfWork
from leadterra.store.statements import load

LOCK = timedelta(seconds=60)
KEPT = timedelta(hours=24)

_SQL = load("idempotency")


@dataclass(frozen=True, slots=True)
class Claim:
    """One request's hold on a key. request_hash: SHA-256 of all that makes the request the same. owner: this
    one try of it."""

    key: str
    request_hash: bytes
    owner: UUID


@dataclass(frozen=True, slots=True)
class FirstAnswer:
    """The answer that was given."""

    status: int
    headers: dict[str, str]
    body: bytes


class Refusal(Enum):
    """Why a key cannot be taken."""

    REUSED = auto()
    """It was used for another request."""
    IN_PROGRESS = auto()
    """Somebody is answering the same request right now."""


@dataclass(frozen=True, slots=True)
class _Row:
    request_hash: bytes
    owner: UUID
    locked_until: datetime
    status: int | None
    headers: dict[str, str] | None
    body: bytes | None
    created_at: datetime


async def take_key(uow: UnitOfWork, claim: Claim, *, now: datetime) -> FirstAnswer | Refusal | None:
    """Take the key: None when it is ours now, else what stands in the way."""
    hold = {
        "key": claim.key,
        "request_hash": claim.request_hash,
        "owner": claim.owner,
        "locked_until": now + LOCK,
        "now": now,
    }
    if await uow.execute(_SQL["insert_idempotency_key"], **hold):
        return None
    known = await uow.find(_Row, _SQL["lock_idempotency_key"], key=claim.key)
    if known is None:  # released between the two statements; the caller may come again
        return Refusal.IN_PROGRESS
    if known.created_at + KEPT > now:
        if known.request_hash != claim.request_hash:
            return Refusal.REUSED
        if known.status is not None:
            return FirstAnswer(known.status, known.headers or {}, known.body or b"")
        if known.locked_until > now:
            return Refusal.IN_PROGRESS
    await uow.execute(_SQL["take_idempotency_key"], **hold)
    return None


async def complete_key(uow: UnitOfWork, claim: Claim, answer: FirstAnswer) -> bool:
    """Keep the answer; False if the key is not ours any more, and then nothing of this transaction may be
    kept."""
    touched = await uow.execute(
        _SQL["complete_idempotency_key"],
        key=claim.key,
        owner=claim.owner,
        status=answer.status,
        headers=json.dumps(answer.headers),
        body=answer.body,
    )
    return touched == 1


async def release_key(uow: UnitOfWork, claim: Claim) -> None:
    """Forget an unfinished claim, so that the request may be tried again at once."""
    await uow.execute(_SQL["release_idempotency_key"], key=claim.key, owner=claim.owner)


async def delete_old_keys(uow: UnitOfWork, *, now: datetime) -> int:
    """Forget the workspace's keys that count as absent; how many they were."""
    return await uow.execute(_SQL["delete_old_idempotency_keys"], before=now - KEPT)
