"""Claim due messages: plan, reserve and claim in one transaction of one pool.

The pool is locked without waiting: if another worker has it, there is nothing to do here. What dies before
the commit has changed nothing; what dies after it leaves a claim whose lease runs out, and the next claim of
the pool recovers it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.caps import KEPT, Taken, capped_units, day_start
from leadterra.actions.pool_state import PoolState, read_due_work, read_pool_state
from leadterra.actions.settling import recover_lost_claims
from leadterra.actions.variants import Turn, choose_variants
from leadterra.domain.caps import Caps
from leadterra.domain.day import day_of, next_reset
from leadterra.domain.gate import Gate
from leadterra.domain.planning import Plan, plan
from leadterra.domain.pool import Work, hold_of
from leadterra.domain.variant import Words
from leadterra.mail.addresses import domain_digest
from leadterra.store import claims, due_work
from leadterra.store.campaign_totals import Changes
from leadterra.store.cap_units import delete_old_units, take_cap_units
from leadterra.store.claims import AccountRow, ClaimedRow, StepRow, ThreadMessage
from leadterra.store.database import UnitOfWork
from leadterra.store.due_work import PoolRow
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode

_CLAIMS_A_PURGE = 500
"""After so many claims units of caps that are over are forgotten."""


@dataclass(frozen=True, slots=True)
class Claim:
    """Messages taken, with all that is needed to send them, and no personal thing more.

    number: the fence. message_ids, variants, threads: by enrollment; variants of those whose step has any,
    threads hold what it was sent before, in order.
    message_domain: right side of every Message-ID. link_secret: signs unsubscribe links.
    """

    workspace_id: UUID
    number: int
    rows: tuple[ClaimedRow, ...]
    message_ids: dict[UUID, UUID]
    steps: dict[UUID, StepRow]
    variants: dict[UUID, Words]
    accounts: dict[UUID, AccountRow]
    threads: dict[UUID, list[ThreadMessage]]
    message_domain: str
    postal_address: str
    link_secret: bytes

    def words_of(self, row: ClaimedRow) -> Words:
        """The templates of one of its messages, as they were at the moment of the claim."""
        chosen = self.variants.get(row.enrollment_id)
        if chosen is not None:
            return chosen
        assert row.step_id is not None
        step = self.steps[row.step_id]
        return Words(step.id, step.subject, step.body_html, step.body_text)


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
    row = await due_work.lock_pool(uow)
    if row is None:
        return None
    await recover_lost_claims(uow, now=now)
    state = await read_pool_state(uow, row, now=now, room=room)
    state, work = await read_due_work(uow, state, limit=limit, now=now)
    decision = plan(state.pool, work, limit=limit, now=now, cut=state.cut)
    await _stop_lost(uow, decision.stopped, now=now)
    number = row.claim_number + 1
    claim = None
    if decision.assignments:
        claim = await _take(uow, state, decision, number=number, now=now)
        taken = [row.enrollment_id for row in claim.rows]
        await claims.insert_claim(uow, number, taken, worker=worker, lease_until=now + lease)
    memory = claims.Memory(
        claim_number=number if decision.assignments else row.claim_number,
        share_clock=decision.clock,
        wake_at=await _wake_at(uow, state, decision, limit=limit, now=now),
        exhausted_on=row.exhausted_on,
    )
    await claims.save_pool(uow, await _note_exhaustion(uow, memory, state, decision, now))
    return claim if claim and claim.rows else None


async def _take(uow: UnitOfWork, state: PoolState, decision: Plan, *, number: int, now: datetime) -> Claim:
    """Write the plan down. Only what is really taken has its units reserved."""
    chosen = [(item.work.enrollment_id, item.sender_id) for item in decision.assignments]
    new_threads = {item.work.enrollment_id for item in decision.assignments if item.starts_thread}
    await claims.claim_enrollments(uow, chosen, number=number, now=now)
    found = await claims.list_claimed(uow, [enrollment for enrollment, _ in chosen], number=number)
    await _finish_stepless(uow, [row for row in found if row.step_id is None], number=number, now=now)
    closes = {campaign.row.id: campaign.open_zones for campaign in state.campaigns}
    rows = [_as_planned(row, new_threads, closes) for row in found if row.step_id is not None]
    messages = await claims.claim_messages(uow, rows, number=number, day=day_of(now), now=now)
    sent_before = [row.enrollment_id for row in rows if row.enrollment_id not in messages]
    if sent_before:
        await claims.step_past_sent(uow, sent_before, number=number, now=now)
    rows = [row for row in rows if row.enrollment_id in messages]
    await _take_units(uow, state, rows, now=now)
    await _save_turns(uow, state, decision, {row.sender_account_id for row in rows})
    return await _complete(uow, state.row, number, rows, messages)


def _as_planned(
    row: ClaimedRow, new_threads: set[UUID], closes: Mapping[UUID, Mapping[str, datetime]]
) -> ClaimedRow:
    starts_thread = row.starts_thread or row.enrollment_id in new_threads
    closes_at = closes[row.campaign_id].get(row.zone)
    if closes_at is None and starts_thread == row.starts_thread:
        return row
    return row._replace(starts_thread=starts_thread, closes_at=closes_at)


async def _take_units(
    uow: UnitOfWork, state: PoolState, rows: Sequence[ClaimedRow], *, now: datetime
) -> None:
    """Of the accounts' days, and of every cap besides."""
    units = Counter(row.sender_account_id for row in rows)
    limits = {sender.id: sender.daily_limit for sender in state.senders}
    await claims.reserve_units(uow, units, limits, day=day_of(now))
    campaigns = [campaign.row for campaign in state.campaigns]
    domains = {sender.id: sender.domain for sender in state.pool.senders}
    taken = (_taken(row, domains, now) for row in rows)
    await take_cap_units(uow, capped_units(taken, state.row, state.senders, campaigns))
    if state.row.claim_number % _CLAIMS_A_PURGE == 0:
        await delete_old_units(uow, horizon=day_start(now) - KEPT)


def _taken(row: ClaimedRow, domains: Mapping[UUID, UUID | None], now: datetime) -> Taken:
    sending_domain = domains[row.sender_account_id]
    assert sending_domain is not None
    return Taken(
        account_id=row.sender_account_id,
        sending_domain=sending_domain,
        recipient_domain=domain_digest(row.email_domain),
        campaign_id=row.campaign_id,
        is_first_step=row.position == 0,
        day_start=day_start(now),
        claimed_at=now,
        rolling_at=now,
    )


async def _save_turns(uow: UnitOfWork, state: PoolState, decision: Plan, used: set[UUID]) -> None:
    """What accounts and campaigns are to remember. An account that does not spread is spaced by the instant
    of its DATA, which its settlement knows.
    """
    spreading = {sender.id for sender in state.pool.senders if sender.spreads}
    spaced = {key: at for key, at in decision.next_send_at.items() if key in used & spreading}
    await claims.save_accounts(uow, spaced, decision.places)
    before = {campaign.id: (campaign.finish, campaign.turn) for campaign in state.pool.campaigns}
    after = {key: (finish, decision.turns[key]) for key, finish in decision.finishes.items()}
    await claims.save_shares(uow, {key: value for key, value in after.items() if before.get(key) != value})


async def _stop_lost(uow: UnitOfWork, work: Sequence[Work], *, now: datetime) -> None:
    """End those whose account is lost, and whose campaign wants it so."""
    if not work:
        return
    changes = Changes()
    for campaign_id in await claims.end_lost(uow, [item.enrollment_id for item in work], now=now):
        changes.add(campaign_id, "open", -1)
    await changes.save(uow, now=now)


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
    uow: UnitOfWork,
    pool: PoolRow,
    number: int,
    rows: Sequence[ClaimedRow],
    messages: Mapping[UUID, tuple[UUID, UUID | None]],
) -> Claim:
    """Read the words, accounts and threads of what was taken."""
    steps = {
        step.id: step
        for step in await claims.list_steps(uow, list({row.step_id for row in rows if row.step_id}))
    }
    accounts = await claims.list_accounts(uow, list({row.sender_account_id for row in rows}))
    threads: defaultdict[UUID, list[ThreadMessage]] = defaultdict(list)
    follow_ups = [row.enrollment_id for row in rows if row.messages]
    for message in await claims.list_thread_messages(uow, follow_ups) if follow_ups else ():
        threads[message.enrollment_id].append(message)
    return Claim(
        workspace_id=uow.workspace_id,
        number=number,
        rows=tuple(rows),
        message_ids={enrollment_id: message_id for enrollment_id, (message_id, _) in messages.items()},
        steps=steps,
        variants=await _choose_variants(uow, steps, rows, messages),
        accounts={account.id: account for account in accounts},
        threads=dict(threads),
        message_domain=pool.message_domain or "localhost",
        postal_address=pool.postal_address,
        link_secret=pool.link_secret,
    )


async def _choose_variants(
    uow: UnitOfWork,
    steps: Mapping[UUID, StepRow],
    rows: Sequence[ClaimedRow],
    messages: Mapping[UUID, tuple[UUID, UUID | None]],
) -> dict[UUID, Words]:
    turns = [
        Turn(row.enrollment_id, row.step_id, *messages[row.enrollment_id])
        for row in rows
        if row.step_id and (steps[row.step_id].has_variants or messages[row.enrollment_id][1])
    ]
    return await choose_variants(uow, turns)


async def _wake_at(
    uow: UnitOfWork, state: PoolState, decision: Plan, *, limit: int, now: datetime
) -> datetime | None:
    """When the pool is to be looked at again: at once if not all that is due was read; else when something
    clears, opens, is lost, or falls due. What falls due while others wait already and no account is free
    changes nothing.
    """
    more_is_due = state.cut or len(decision.assignments) >= limit
    if decision.stopped or (decision.assignments and more_is_due):
        return now
    instants = [waiting.clears_at for waiting in decision.waiting]
    instants += [hold.clears_at for hold in decision.holds.values() if hold]
    instants += [campaign.opens_at for campaign in state.campaigns]
    # A campaign of which something falls due may widen the pool's window, and let accounts go.
    instants += [at for campaign in state.campaigns if (at := campaign.row.first_due_at) > now]
    instants += [state.full_until, await claims.next_lease_end(uow)]
    is_used_up = any(waiting.gate is Gate.WORKSPACE_QUOTA for waiting in decision.waiting)
    if decision.assignments or not decision.waiting or (None in decision.holds.values() and not is_used_up):
        in_window = [campaign.row.id for campaign in state.campaigns if campaign.open_zones]
        instants += [await due_work.next_due_at(uow, in_window, now=now)]
    return min((max(instant, now) for instant in instants if instant is not None), default=None)


async def _note_exhaustion(
    uow: UnitOfWork, memory: claims.Memory, state: PoolState, decision: Plan, now: datetime
) -> claims.Memory:
    """Say once a day that work waits for the reset, and for nothing else."""
    quota_gates = {Gate.ACCOUNT_QUOTA, Gate.WORKSPACE_QUOTA, Gate.SENDING_DOMAIN_QUOTA}
    gates = {waiting.gate for waiting in decision.waiting}
    if decision.assignments or not gates or not gates <= quota_gates or memory.exhausted_on == day_of(now):
        return memory
    caps = Caps(state.pool.caps)
    active = [sender for sender in state.pool.senders if sender.is_active]
    holds = {hold.gate if (hold := hold_of(sender, now, caps=caps)) else None for sender in active}
    if Gate.WORKSPACE_QUOTA not in gates and not holds <= quota_gates:
        return memory
    data: dict[str, object] = {
        "workspaceId": encode("ws", uow.workspace_id),
        "resetAt": next_reset(now).isoformat().replace("+00:00", "Z"),
    }
    await append_events(uow, [Event(EventType.POOL_EXHAUSTED, data)], now=now)
    return replace(memory, exhausted_on=day_of(now))
