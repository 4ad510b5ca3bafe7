"""The sending worker: claim, transmit, settle, over and over, until it is told to stop.

It holds nothing that a restart cannot find again: what it has claimed is leased, and what it cannot settle
because the database is away it settles when it is back. Told to stop, it claims no more, gives back what has
not begun, and waits for what has.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from leadterra.actions.claiming import Claim, claim_due_messages
from leadterra.actions.clearing import clear_messages
from leadterra.actions.lettering import LetterWriter
from leadterra.actions.ports import Attempt, Clock, Courier, Security, Submission
from leadterra.actions.running import run
from leadterra.actions.settling import Settlement, settle_messages
from leadterra.domain.day import day_of, is_closing
from leadterra.domain.health import is_trouble
from leadterra.domain.outcomes import (
    Answer,
    Command,
    Ending,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Unsendable,
    Withheld,
)
from leadterra.mail.addresses import suppression_hash
from leadterra.mail.letter import Letter
from leadterra.observability import log
from leadterra.store.availability import is_unavailable
from leadterra.store.claims import AccountRow, ClaimedRow, ClearanceRequest, renew_claims
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.sender_pools import list_due_pools, postpone_pool
from leadterra.workers.batching import Batcher
from leadterra.workers.lanes import Lane, Lanes

_DUE_POOLS = 100
_DATABASE_PAUSE = 0.5
_CLAIMED_PER_LANE = 8
_FAULT_PAUSE = timedelta(minutes=1)
"""How long a pool is left alone whose claim failed for a fault of ours; else it stays the longest due."""
_SETTLE_PAUSE = 0.02
"""Seconds that outcomes are gathered: nobody waits for them, and a settlement costs the same dozen statements
for one or for hundreds.
"""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one process takes on. in_flight: messages claimed. batch: messages a claim. per_account:
    letters of one account at a time. lease: how long a claim is held without being renewed. poll: how long to
    wait when there is nothing to do.
    """

    in_flight: int
    batch: int
    per_account: int
    lease: timedelta
    poll: timedelta


@dataclass(frozen=True, slots=True)
class Outside:
    """What the worker reaches: the database, the time, the mail servers, and the passwords for them."""

    database: Database
    clock: Clock
    courier: Courier
    unseal: Callable[[UUID, AccountRow], str | None]


class SendingWorker:
    """One process's share of the sending."""

    def __init__(self, name: str, outside: Outside, writer: LetterWriter, limits: Limits) -> None:
        """name: whose claims these are; unique among all processes that ever ran."""
        self._name, self._outside, self._writer, self._limits = name, outside, writer, limits
        self._clearances: Batcher[ClearanceRequest, bool] = Batcher(self._clear)
        self._settlements: Batcher[Settlement, None] = Batcher(self._settle, pause=_SETTLE_PAUSE)
        self._tasks: set[asyncio.Task[None]] = set()
        self._held: dict[UUID, dict[int, int]] = {}
        most = min(limits.per_account * _CLAIMED_PER_LANE, limits.in_flight // 4)
        self._lanes = Lanes(limits.per_account, max(most, limits.per_account))
        self._progress = asyncio.Event()
        self._stopping = asyncio.Event()

    @property
    def in_flight(self) -> int:
        """Messages claimed and not settled."""
        return len(self._tasks)

    def stop(self) -> None:
        """Claim no more; `run` returns when what has begun has ended."""
        self._stopping.set()
        self._progress.set()

    async def run(self) -> None:
        """Work until stopped."""
        renewing = asyncio.create_task(self._renew_leases())
        try:
            while not self._stopping.is_set():
                self._progress.clear()
                if not await self._claim_round():
                    await self._rest(self._limits.poll.total_seconds())
            while self._tasks:
                await asyncio.wait(self._tasks)
        finally:
            renewing.cancel()
            with suppress(asyncio.CancelledError):
                await renewing

    async def _rest(self, seconds: float) -> None:
        """Until there is something to do again: a message has ended, it is time to look, or to stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._progress.wait(), seconds)

    async def _claim_round(self) -> bool:
        """Ask every pool that is due once, as far as there is room; whether anything was claimed."""
        if self._free() < self._least():
            return False
        claimed = False
        try:
            async with self._outside.database.scheduling() as scheduling:
                due = await list_due_pools(scheduling, now=self._outside.clock.now(), limit=_DUE_POOLS)
            for workspace_id in due:
                if self._free() < self._least() or self._stopping.is_set():
                    break
                claimed = await self._try_claim(workspace_id) or claimed
        except Exception as error:
            self._note(error)
            await self._rest(_DATABASE_PAUSE)
        return claimed

    def _free(self) -> int:
        return self._limits.in_flight - len(self._tasks)

    def _least(self) -> int:
        """Claims smaller than this are not worth their transaction while more is in flight."""
        return max(1, min(self._limits.batch, self._limits.in_flight // 4))

    def _room_of(self, workspace_id: UUID) -> int:
        """How many messages of one workspace are taken on now. A quarter is kept from each, so that one whose
        servers all hang does not stop the others.
        """
        limits, held = self._limits, sum(self._held.get(workspace_id, {}).values())
        return min(limits.batch, self._free(), max(1, limits.in_flight - limits.in_flight // 4) - held)

    async def _try_claim(self, workspace_id: UUID) -> bool:
        """Claim; what is wrong with one workspace must not keep others waiting, nor be tried without end."""
        try:
            return await self._claim(workspace_id)
        except Exception as error:
            if is_unavailable(error):
                raise
            self._note(error)
            until = self._outside.clock.now() + _FAULT_PAUSE
            await run(self._outside.database, workspace_id, lambda uow: postpone_pool(uow, until=until))
            return False

    async def _claim(self, workspace_id: UUID) -> bool:
        limit = self._room_of(workspace_id)
        if limit < 1:
            return False

        async def action(uow: UnitOfWork) -> Claim | None:
            return await claim_due_messages(
                uow,
                worker=self._name,
                limit=limit,
                lease=self._limits.lease,
                now=self._outside.clock.now(),
                room=self._lanes.room,
            )

        claim = await run(self._outside.database, workspace_id, action)
        if claim is None:
            return False
        self._held.setdefault(workspace_id, {})[claim.number] = len(claim.rows)
        submissions = self._submissions(claim)
        for row in claim.rows:
            lane = self._lanes.enter(row.sender_account_id, claim.number)
            task = asyncio.create_task(self._send(claim, row, submissions[row.sender_account_id], lane))
            self._tasks.add(task)
            task.add_done_callback(self._forget)
        log.debug(
            "messages.claimed", workspace_id=str(workspace_id), claim=claim.number, messages=len(claim.rows)
        )
        return True

    def _forget(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._progress.set()

    def _submissions(self, claim: Claim) -> dict[UUID, Submission | Refused]:
        return {
            account.id: self._submission(claim.workspace_id, account) for account in claim.accounts.values()
        }

    def _submission(self, workspace_id: UUID, account: AccountRow) -> Submission | Refused:
        """Where to submit; if that cannot be told, it is as if the account's login had been refused: a person
        must act.
        """
        try:
            return self._open_submission(workspace_id, account)
        except Exception as error:
            self._note(error)
            answer = Answer(Command.AUTH, None, None, f"the account cannot be used: {error}"[:300])
            return Refused(Scope.ACCOUNT, answer, authentication=True)

    def _open_submission(self, workspace_id: UUID, account: AccountRow) -> Submission:
        if account.smtp_host is None or account.smtp_port is None or account.smtp_security is None:
            raise ValueError("it has no SMTP server")
        return Submission(
            account.id,
            account.smtp_host,
            account.smtp_port,
            Security(account.smtp_security),
            account.smtp_username,
            self._outside.unseal(workspace_id, account),
        )

    async def _send(
        self, claim: Claim, row: ClaimedRow, submission: Submission | Refused, lane: Lane
    ) -> None:
        """One claimed message, from its letter to its settlement."""
        assert row.step_id is not None
        try:
            async with lane.turns:
                if lane.is_stopped(claim.number):
                    attempt = self._unbegun(Withheld(Reason.ACCOUNT_RESTS))
                else:
                    attempt = await self._attempt(claim, row, submission)
                    if is_trouble(attempt.ending):
                        lane.stop()
            await self._settlements.submit(
                claim.workspace_id, Settlement(row.enrollment_id, row.step_id, claim.number, attempt)
            )
        finally:
            self._lanes.leave(row.sender_account_id)

    async def _attempt(self, claim: Claim, row: ClaimedRow, submission: Submission | Refused) -> Attempt:
        if self._stopping.is_set():
            return self._unbegun(Withheld(Reason.DRAINED))
        if isinstance(submission, Refused):
            return self._unbegun(submission, server="-")
        letter = self._write(claim, row)
        if not isinstance(letter, Letter):
            return self._unbegun(letter)
        return await self._deliver(claim, row, submission, letter)

    def _write(self, claim: Claim, row: ClaimedRow) -> Letter | Withheld | Unsendable:
        try:
            return self._writer.write(claim, row, now=self._outside.clock.now())
        except Exception as error:
            self._note(error)
            return Unsendable(Reason.UNRENDERABLE, f"internal error: {error!r}"[:300])

    async def _deliver(
        self, claim: Claim, row: ClaimedRow, submission: Submission, letter: Letter
    ) -> Attempt:
        """Hand the letter over. Whatever goes wrong on our side before clearance costs nothing; after it,
        nobody knows.
        """
        request = _clearance_request(claim, row, letter)
        cleared = False

        async def clear() -> bool:
            nonlocal cleared
            cleared = await self._clearances.submit(claim.workspace_id, request)
            return cleared

        try:
            return await self._outside.courier.deliver(submission, letter, clear)
        except Exception as error:
            self._note(error)
            if cleared:
                return self._unbegun(
                    Uncertain(Answer(Command.BODY, None, None, f"internal error: {error!r}"[:300]))
                )
            if is_unavailable(error):
                return self._unbegun(Withheld(Reason.NOT_CLEARED, "the database was away"))
            return self._unbegun(Unsendable(Reason.UNRENDERABLE, f"internal error: {error!r}"[:300]))

    def _unbegun(self, ending: Ending, *, server: str = "") -> Attempt:
        now = self._outside.clock.now()
        return Attempt(ending, server, now, None, now)

    async def _clear(self, workspace_id: UUID, requests: Sequence[ClearanceRequest]) -> list[bool]:
        """Ask for a batch; if the database will not have one of them, for each alone."""
        try:
            return await self._clear_once(workspace_id, requests)
        except Exception as error:
            if is_unavailable(error) or len(requests) == 1:
                raise
            self._note(error)
            return [await self._clear_alone(workspace_id, request) for request in requests]

    async def _clear_alone(self, workspace_id: UUID, request: ClearanceRequest) -> bool:
        try:
            return (await self._clear_once(workspace_id, [request]))[0]
        except Exception as error:
            self._note(error)
            return False

    async def _clear_once(self, workspace_id: UUID, requests: Sequence[ClearanceRequest]) -> list[bool]:
        """The answer is only good while its day lasts: a stalled process must not take it across midnight."""
        asked_at = self._outside.clock.now()
        cleared = await run(
            self._outside.database, workspace_id, lambda uow: clear_messages(uow, requests, now=asked_at)
        )
        now = self._outside.clock.now()
        if is_closing(now) or day_of(now) != day_of(asked_at) or now - asked_at > self._limits.lease:
            return [False] * len(requests)
        return [(request.enrollment_id, request.step_id, request.fence) in cleared for request in requests]

    async def _settle(self, workspace_id: UUID, batch: Sequence[Settlement]) -> list[None]:
        """Settle a batch, or, if one of it cannot be written, each alone: that one's lease runs out, and it
        is recovered.
        """
        try:
            await self._settle_surely(workspace_id, batch, self._finished_by(workspace_id, batch))
        except Exception as error:
            self._note(error)
            for settlement in batch:
                await self._settle_alone(workspace_id, settlement)
        return [None] * len(batch)

    async def _settle_alone(self, workspace_id: UUID, settlement: Settlement) -> None:
        try:
            await self._settle_surely(workspace_id, [settlement], ())
        except Exception as error:
            self._note(error)

    async def _settle_surely(
        self, workspace_id: UUID, batch: Sequence[Settlement], finished: Sequence[int]
    ) -> None:
        """While the database is away, wait for it: what is known must not be lost."""
        while True:
            try:
                return await self._settle_once(workspace_id, batch, finished)
            except Exception as error:
                if not is_unavailable(error):
                    raise
                self._note(error)
                await asyncio.sleep(_DATABASE_PAUSE)

    async def _settle_once(
        self, workspace_id: UUID, batch: Sequence[Settlement], finished: Sequence[int]
    ) -> None:
        now = self._outside.clock.now()
        await run(
            self._outside.database,
            workspace_id,
            lambda uow: settle_messages(uow, batch, now=now, finished_claims=finished),
        )

    def _note(self, error: Exception) -> None:
        if is_unavailable(error):
            log.warning("database.away", worker=self._name, error=str(error))
        else:
            log.error("worker.failed", worker=self._name, exc_info=error)

    def _finished_by(self, workspace_id: UUID, batch: Sequence[Settlement]) -> list[int]:
        """The claims of which this batch settles the last message."""
        held = self._held[workspace_id]
        for settlement in batch:
            held[settlement.fence] -= 1
        finished = [number for number, left in held.items() if left == 0]
        for number in finished:
            del held[number]
        if not held:
            del self._held[workspace_id]
        return finished

    async def _renew_leases(self) -> None:
        """Prolong what is held, three times a lease. What cannot be prolonged is refused its clearance, or is
        uncertain.
        """
        while True:
            await asyncio.sleep(self._limits.lease.total_seconds() / 3)
            for workspace_id, held in list(self._held.items()):
                try:
                    await self._renew(workspace_id, list(held))
                except Exception as error:
                    self._note(error)

    async def _renew(self, workspace_id: UUID, numbers: Sequence[int]) -> None:
        now = self._outside.clock.now()
        until = now + self._limits.lease
        await run(
            self._outside.database,
            workspace_id,
            lambda uow: renew_claims(uow, numbers, worker=self._name, lease_until=until, now=now),
        )


def _clearance_request(claim: Claim, row: ClaimedRow, letter: Letter) -> ClearanceRequest:
    assert row.step_id is not None
    return ClearanceRequest(
        enrollment_id=row.enrollment_id,
        step_id=row.step_id,
        fence=claim.number,
        subject=letter.subject,
        address_hash=suppression_hash(row.email_key),
        domain_hash=suppression_hash(row.email_domain),
    )
