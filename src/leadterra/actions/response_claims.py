"""Answers that go now: each takes a unit of its account's day, and of every cap, before anybody connects.

Who waits for an answer is a person, so answers do not mind spacing between messages, windows or pauses; and
the plans of campaigns and warm-ups leave them their units. What holds them is what would harm the account or
pass a limit: its quota (they wait for the reset), a rest after failures, a login that is refused, the last
second of a day. What is held is looked at again within a minute, for a person may change a limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.caps import capped_units, read_caps
from leadterra.actions.pool_state import sender_of
from leadterra.actions.response_settling import recover_lost_responses
from leadterra.actions.single_letters import taken_letter
from leadterra.domain.caps import Caps
from leadterra.domain.day import day_of
from leadterra.domain.gate import Gate, Hold
from leadterra.domain.health import AUTHENTICATION_REASON
from leadterra.domain.pool import Sender, hold_of
from leadterra.mail.letter import Letter, Mailbox
from leadterra.store import claims, due_work, responses
from leadterra.store.cap_units import take_cap_units
from leadterra.store.claims import AccountRow
from leadterra.store.database import UnitOfWork
from leadterra.store.due_work import PoolRow, SenderRow
from leadterra.store.responses import Cancellation, ClaimedResponse, Postponement, WaitingResponse
from leadterra.store.sender_pools import wake_pool

_SOON = timedelta(seconds=1)
_LOOK_AGAIN = timedelta(minutes=1)
_NO_ACCOUNT = "the account was removed, or has no SMTP server any more"
_SUPPRESSED = "suppressed"


@dataclass(frozen=True, slots=True)
class ResponseLetter:
    """An answer to send now."""

    id: UUID
    letter: Letter
    account: AccountRow


@dataclass(frozen=True, slots=True)
class ResponseRound:
    """What a claim took. fence: its number."""

    workspace_id: UUID
    fence: int
    letters: tuple[ResponseLetter, ...]


async def claim_responses(
    uow: UnitOfWork, *, limit: int, lease: timedelta, now: datetime
) -> ResponseRound | None:
    """Take the answers that may go now, of at most `limit` that wait. None if the pool is somebody else's at
    the moment.
    """
    pool = await due_work.lock_pool(uow)
    if pool is None:
        return None
    await recover_lost_responses(uow, now=now)
    waiting = await responses.list_waiting(uow, now=now, limit=limit)
    counter = await _Counter.open(uow, pool, waiting, now=now)
    for response in waiting:
        counter.judge(response)
    await responses.cancel_responses(uow, counter.cancelled, now=now)
    if counter.cancelled:
        await wake_pool(uow, at=now)
    await responses.postpone_responses(uow, counter.postponed)
    if not counter.chosen:
        return ResponseRound(uow.workspace_id, 0, ())
    fence, claimed = await responses.claim_responses(
        uow, [each.id for each in counter.chosen], day=day_of(now), lease_until=now + lease, now=now
    )
    await _reserve(uow, counter, now=now)
    accounts = {row.id: row for row in await claims.list_accounts(uow, sorted(counter.units))}
    letters = tuple(_letter(row, accounts[row.sender_account_id], now) for row in claimed)
    return ResponseRound(uow.workspace_id, fence, letters)


class _Counter:
    """Who may go now: each that goes leaves less for the next."""

    def __init__(self, pool: PoolRow, rows: Sequence[SenderRow], caps: Caps, now: datetime) -> None:
        self.pool, self.rows, self._caps, self._now = pool, {row.id: row for row in rows}, caps, now
        self.chosen: list[WaitingResponse] = []
        self.postponed: list[Postponement] = []
        self.cancelled: list[Cancellation] = []
        self.units: dict[UUID, int] = {}

    @classmethod
    async def open(
        cls, uow: UnitOfWork, pool: PoolRow, waiting: Sequence[WaitingResponse], *, now: datetime
    ) -> "_Counter":
        """With what was taken so far, if anything waits."""
        if not waiting:
            return cls(pool, [], Caps({}), now)
        writing = {each.sender_account_id for each in waiting}
        senders = await due_work.list_senders(uow, day=day_of(now))
        # What waits is what is counted here. To the gates an account that answers is like one that is active.
        rows = [replace(row, waiting=0, is_active=row.is_active or row.id in writing) for row in senders]
        return cls(pool, rows, Caps(await read_caps(uow, pool, rows, [], now=now)), now)

    def judge(self, response: WaitingResponse) -> None:
        """It goes, waits, or never goes."""
        if not response.is_usable:
            self.cancelled.append(Cancellation(response.id, _NO_ACCOUNT))
        elif response.is_suppressed:
            self.cancelled.append(Cancellation(response.id, _SUPPRESSED))
        elif response.is_shut_out:
            held = Postponement(response.id, self._now + _LOOK_AGAIN, AUTHENTICATION_REASON)
            self.postponed.append(held)
        elif hold := self._hold(response.sender_account_id):
            self.postponed.append(Postponement(response.id, self._look_at(hold), str(hold.gate)))
        else:
            self._take(response)

    def _hold(self, account_id: UUID) -> Hold | None:
        sender = self._sender(account_id)
        return self._caps.hold(Gate.WORKSPACE_QUOTA, None) or hold_of(sender, self._now, caps=self._caps)

    def _sender(self, account_id: UUID) -> Sender:
        """Without spacing; while it is probed it takes one letter at a time."""
        row, taken = self.rows[account_id], self.units.get(account_id, 0)
        sender = sender_of(row, self.pool, None)
        return replace(
            sender,
            used=sender.used + taken,
            in_flight=sender.in_flight + taken,
            gap=0,
            spreads=False,
            next_send_at=None,
        )

    def _look_at(self, hold: Hold) -> datetime:
        latest = self._now + _LOOK_AGAIN
        return min(max(hold.clears_at or latest, self._now + _SOON), latest)

    def _take(self, response: WaitingResponse) -> None:
        account_id = response.sender_account_id
        self._caps.take(Gate.WORKSPACE_QUOTA, None)
        self._caps.take(Gate.SENDING_DOMAIN_QUOTA, self._sender(account_id).domain)
        self._caps.take(Gate.ACCOUNT_ROLLING_QUOTA, account_id)
        self.units[account_id] = self.units.get(account_id, 0) + 1
        self.chosen.append(response)


async def _reserve(uow: UnitOfWork, counter: _Counter, *, now: datetime) -> None:
    """Take the units."""
    day, rows = day_of(now), counter.rows
    limits = {account_id: rows[account_id].daily_limit for account_id in counter.units}
    await claims.reserve_units(uow, counter.units, limits, day=day)
    senders = [rows[each.sender_account_id] for each in counter.chosen]
    taken = [taken_letter(row.id, row.email_domain, day, claimed_at=now, rolling_at=now) for row in senders]
    await take_cap_units(uow, capped_units(taken, counter.pool, list(rows.values()), []))


def _letter(row: ClaimedResponse, account: AccountRow, now: datetime) -> ResponseLetter:
    letter = Letter(
        sender=Mailbox(account.name, account.email),
        recipient=Mailbox(row.recipient_name, row.recipient),
        subject=row.subject,
        html=row.body_html,
        text=row.body_text,
        message_id=row.message_id,
        date=now,
        references=tuple(row.reference_ids),
        unsubscribe_url="",
    )
    return ResponseLetter(row.id, letter, account)
