"""Claim due messages: plan, reserve and claim in one transaction of one pool.

The pool is locked without waiting: if another worker has it, there is nothing to do here. What dies before
the commit has changed nothing; what dies after it leaves a claim whose lease runs out, and the next claim of
the pool recovers it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.settling import recover_lost_claims
from leadterra.domain.day import day_of, next_reset
from leadterra.domain.planning import (
    Gate,
    Plan,
    Pool,
    Sender,
    hold_of,
    hold_of_pool,
    plan,
    room_of,
)
from leadterra.store import claims
from leadterra.store.campaign_totals import Changes
from leadterra.store.claims import AccountRow, ClaimedRow, PoolRow, StepRow, ThreadMessage
from leadterra.store.database import UnitOfWork
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode, message_id_of


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages taken, with all that is needed to send them, and no personal thing more.

    number: the fence. message_ids, threads: by enrollment; threads hold what it was sent before, in order.
    message_domain: right side of every Message-ID. link_secret: signs unsubscribe links.
    """

    workspace_id: UUID
    number: int
    rows: tuple[ClaimedRow, ...]
    message_ids: dict[UUID, UUID]
    steps: dict[UUID, StepRow]
    accounts: dict[UUID, AccountRow]
    threads: dict[UUID, list[ThreadMessage]]
    message_domain: str
    postal_address: str
    link_secret: bytes


async def claim_due_messages(
    uow: UnitOfWork,
    *,
    worker: str,
    limit: int,
    lease: timedelta,
    now: datetime,
    room: Callable[[UUID], int | None] = lambda account_id: None,
) -> Claim | None:
    """Take at most `limit` due messages; None if there are none, or the pool is somebody else's at the
    moment. room: how many messages of an account the worker can take on, None for any number.
    """
    pool = await claims.try_lock_pool(uow)
    if pool is None:
        return None
    await recover_lost_claims(uow, now=now)
    known = await claims.list_senders(uow, day=day_of(now), min_gap_seconds=pool.min_gap_seconds)
    senders = [replace(sender, most=room(sender.id)) for sender in known]
    decision = await _decide(uow, pool, senders, limit=limit, now=now)
    number = pool.claim_number + 1
    claim = None
    if decision.assignments:
        claim = await _take(uow, pool, senders, decision, number=number, now=now)
        await claims.insert_claim(uow, number, worker=worker, lease_until=now + lease)
    memory = claims.Memory(
        claim_number=number if decision.assignments else pool.claim_number,
        rotation_after=decision.rotation_after,
        turn=decision.turn,
        wake_at=await _wake_at(uow, senders, decision, now),
        exhausted_on=pool.exhausted_on,
    )
    await claims.save_pool(uow, await _note_exhaustion(uow, memory, senders, decision, now))
    return claim if claim and claim.rows else None


async def _decide(
    uow: UnitOfWork, pool: PoolRow, senders: Sequence[Sender], *, limit: int, now: datetime
) -> Plan:
    """Read the due work that could go now, and plan it. With nothing to go through, one item is read to say
    why it waits.
    """
    quota_left = (
        None if pool.daily_quota is None else pool.daily_quota - sum(sender.used for sender in senders)
    )
    state = Pool(senders, quota_left, pool.rotation_after, pool.turn)
    is_held = hold_of_pool(state, now) is not None
    room = {sender.id: 1 if is_held else room_of(sender, now) for sender in senders}
    most = 1 if is_held else min(limit, sum(room.values()))
    rooms = {
        sender.id: min(room[sender.id], most) if sender.is_active else most
        for sender in senders
        if room[sender.id] or not sender.is_active
    }
    work = await claims.list_work(uow, rooms, limit=most, now=now)
    return plan(state, work, limit=limit, now=now)


async def _take(
    uow: UnitOfWork, pool: PoolRow, senders: Sequence[Sender], decision: Plan, *, number: int, now: datetime
) -> Claim:
    """Write the plan down. Only what is really taken has its unit reserved."""
    chosen = [(item.work.enrollment_id, item.sender_id) for item in decision.assignments]
    await claims.claim_enrollments(uow, chosen, number=number, now=now)
    found = await claims.list_claimed(uow, [enrollment for enrollment, _ in chosen], number=number)
    await _finish_stepless(uow, [row for row in found if row.step_id is None], number=number, now=now)
    rows = [row for row in found if row.step_id is not None]
    proposed = [message_id_of(row.enrollment_id, row.messages + 1) for row in rows]
    message_ids = await claims.claim_messages(uow, rows, proposed, number=number, day=day_of(now), now=now)
    sent_before = [row.enrollment_id for row in rows if row.enrollment_id not in message_ids]
    if sent_before:
        await claims.step_past_sent(uow, sent_before, number=number, now=now)
    rows = [row for row in rows if row.enrollment_id in message_ids]
    units = Counter(row.sender_account_id for row in rows)
    limits = {sender.id: sender.daily_limit for sender in senders}
    await claims.reserve_units(uow, units, limits, day=day_of(now))
    return await _complete(uow, pool, number, rows, message_ids)


async def _finish_stepless(
    uow: UnitOfWork, rows: Sequence[ClaimedRow], *, number: int, now: datetime
) -> None:
    if not rows:
        return
    changes = Changes()
    for campaign_id in await claims.finish_stepless(
        uow, [row.enrollment_id for row in rows], number=number, now=now
    ):
        changes.add(campaign_id, "open", -1)
    await changes.save(uow, now=now)


async def _complete(
    uow: UnitOfWork, pool: PoolRow, number: int, rows: Sequence[ClaimedRow], message_ids: dict[UUID, UUID]
) -> Claim:
    """Read the steps, accounts and threads of what was taken."""
    steps = await claims.list_steps(uow, list({row.step_id for row in rows if row.step_id}))
    accounts = await claims.list_accounts(uow, list({row.sender_account_id for row in rows}))
    threads: defaultdict[UUID, list[ThreadMessage]] = defaultdict(list)
    follow_ups = [row.enrollment_id for row in rows if row.messages]
    for message in await claims.list_thread_messages(uow, follow_ups) if follow_ups else ():
        threads[message.enrollment_id].append(message)
    return Claim(
        workspace_id=uow.workspace_id,
        number=number,
        rows=tuple(rows),
        message_ids=message_ids,
        steps={step.id: step for step in steps},
        accounts={account.id: account for account in accounts},
        threads=dict(threads),
        message_domain=pool.message_domain or "localhost",
        postal_address=pool.postal_address,
        link_secret=pool.link_secret,
    )


async def _wake_at(
    uow: UnitOfWork, senders: Sequence[Sender], decision: Plan, now: datetime
) -> datetime | None:
    """When the pool is to be looked at again: at once if something went; else when something clears, is lost,
    or falls due. What falls due while others wait already and no account is free changes nothing.
    """
    if decision.assignments:
        return now
    instants = [waiting.clears_at for waiting in decision.waiting]
    holds = [hold_of(sender, now) for sender in senders if sender.is_active]
    instants += [hold.clears_at for hold in holds if hold]
    instants += [await claims.next_lease_end(uow)]
    is_used_up = any(waiting.gate is Gate.WORKSPACE_QUOTA for waiting in decision.waiting)
    if not decision.waiting or (None in holds and not is_used_up):
        instants += [await claims.next_due_at(uow, now=now)]
    return min((max(instant, now) for instant in instants if instant is not None), default=None)


async def _note_exhaustion(
    uow: UnitOfWork, memory: claims.Memory, senders: Sequence[Sender], decision: Plan, now: datetime
) -> claims.Memory:
    """Say once a day that work waits for the reset, and for nothing else."""
    quota_gates = {Gate.ACCOUNT_QUOTA, Gate.WORKSPACE_QUOTA}
    gates = {waiting.gate for waiting in decision.waiting}
    holds = {hold.gate if (hold := hold_of(sender, now)) else None for sender in senders if sender.is_active}
    is_exhausted = (
        bool(gates) and gates <= quota_gates and (Gate.WORKSPACE_QUOTA in gates or holds <= quota_gates)
    )
    if decision.assignments or not is_exhausted or memory.exhausted_on == day_of(now):
        return memory
    data: dict[str, object] = {
        "workspaceId": encode("ws", uow.workspace_id),
        "resetAt": next_reset(now).isoformat().replace("+00:00", "Z"),
    }
    await append_events(uow, [Event(EventType.POOL_EXHAUSTED, data)], now=now)
    return replace(memory, exhausted_on=day_of(now))
