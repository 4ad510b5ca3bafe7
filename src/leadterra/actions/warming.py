"""Warm-up, the part that decides: ramps, graduations, and which letters go now (R8).

A look at a workspace is one transaction under the pool's lock. The first one of a UTC day moves each ramp on
by what the days before it were like; a second one finds that done. A letter takes its unit of the account's
day, and of every cap, before anybody connects, as a message does, and is held by a lease: see
`actions.warmup_letters` for what becomes of it.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from leadterra.actions.caps import capped_units, read_caps
from leadterra.actions.pool_state import sender_of
from leadterra.actions.single_letters import taken_letter
from leadterra.actions.warmup_letters import recover_lost_letters
from leadterra.domain.caps import Caps
from leadterra.domain.day import day_of, next_reset
from leadterra.domain.exchange import LEAST_GAP, first_letter_at, next_letter_at, recipient_of
from leadterra.domain.gate import Gate
from leadterra.domain.pool import Sender, hold_of
from leadterra.domain.sender_account import Status
from leadterra.domain.warmup import WINDOW, Fault, SendingDay, Warmth, is_warm, warm_on
from leadterra.mail.letter import Mailbox
from leadterra.mail.warmup import Occasion
from leadterra.store import claims, due_work, warmup_letters, warmups
from leadterra.store.cap_units import take_cap_units
from leadterra.store.claims import AccountRow
from leadterra.store.database import UnitOfWork
from leadterra.store.due_work import PoolRow, SenderRow
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode, new_ids
from leadterra.store.sender_pools import wake_pool
from leadterra.store.warmup_letters import NewLetter
from leadterra.store.warmups import RampChange, WarmupChange, WarmupRow

_SEEK = timedelta(hours=1)
"""How often an account that has nobody to write to looks for somebody, and a paused one whether it still
is."""
_CHECK_AGAIN = timedelta(minutes=15)
"""When a check is asked for again that nobody has answered."""
_TRIES = 2
"""So many times its limit an account begins letters in a day, sent or not."""
_BUSY = timedelta(seconds=LEAST_GAP)


@dataclass(frozen=True, slots=True)
class WarmupLetter:
    """A letter to send now. day: whose unit it has."""

    occasion: Occasion
    fence: int
    sender: Mailbox
    recipient: Mailbox
    account: AccountRow


@dataclass(frozen=True, slots=True)
class WarmupRound:
    """What a look gave the worker to do. checks: accounts without partners, whose login and DNS stand for
    what letters would show. secret: signs marks. message_domain: right side of every Message-ID.
    """

    workspace_id: UUID
    letters: tuple[WarmupLetter, ...]
    checks: tuple[UUID, ...]
    secret: bytes
    message_domain: str


async def claim_warmup_letters(
    uow: UnitOfWork, *, limit: int, lease: timedelta, now: datetime
) -> WarmupRound | None:
    """Look at the warm-ups that are due, at most `limit` of them, and take the letters that may go now. None
    if the pool is somebody else's at the moment.
    """
    pool = await due_work.lock_pool(uow)
    if pool is None:
        return None
    await recover_lost_letters(uow, now=now)
    rows = await warmups.list_due_accounts(uow, day=day_of(now), now=now, limit=limit)
    looked = await _warm_on(uow, rows, now=now)
    exchange = await _Exchange.open(uow, pool, looked, now=now)
    courses = [exchange.plan(row) for row in looked]
    await warmups.save_warmups(uow, courses)
    letters = await _take(uow, exchange, lease=lease, now=now)
    return WarmupRound(
        workspace_id=uow.workspace_id,
        letters=letters,
        checks=tuple(exchange.checks),
        secret=pool.link_secret,
        message_domain=pool.message_domain or "localhost",
    )


async def list_sending_days(
    uow: UnitOfWork, rows: Sequence[WarmupRow], *, today: date
) -> dict[UUID, list[SendingDay]]:
    """What their warm-ups are judged by, in order, by account."""
    begun = [row.looked_on for row in rows if row.looked_on]
    if not begun:
        return {}
    since = min(*begun, today) - WINDOW
    ids = [row.id for row in rows]
    placed = {(each.id, each.day): each for each in await warmups.list_placed_days(uow, ids, since=since)}
    days: defaultdict[UUID, dict[date, SendingDay]] = defaultdict(dict)
    for sent in await warmups.list_sent_days(uow, ids, since=since):
        where = placed.get((sent.id, sent.day))
        days[sent.id][sent.day] = SendingDay(
            day=sent.day,
            limit=sent.daily_limit,
            sent=sent.sent,
            bounced=sent.bounced,
            troubled=sent.troubled,
            complained=sent.complained,
            letters=where.letters if where else 0,
            inbox=where.inbox if where else 0,
            spam=where.spam if where else 0,
            missing=where.missing if where else 0,
        )
    for row in rows:
        if row.checked_on is not None and row.checked_on >= since:
            known = days[row.id].get(row.checked_on) or SendingDay(row.checked_on, row.ramp_limit or 1)
            days[row.id][row.checked_on] = replace(known, is_checked=row.check_failure is None)
    return {key: [found[day] for day in sorted(found)] for key, found in days.items()}


def warmth_of(row: WarmupRow) -> Warmth:
    """Where a warm-up that has begun was last found to stand."""
    assert row.looked_on is not None
    fault = Fault(row.frozen_by) if row.frozen_by else None
    return Warmth(row.ramp_limit or row.daily_limit, row.clean_days, row.looked_on, fault)


async def _warm_on(uow: UnitOfWork, rows: Sequence[WarmupRow], *, now: datetime) -> list[WarmupRow]:
    """The rows as they are today: those that nobody has looked at today have their ramp moved on."""
    today = day_of(now)
    stale = [row for row in rows if row.looked_on and row.looked_on < today and row.ramp_limit is not None]
    days = await list_sending_days(uow, stale, today=today)
    found = {row.id: _stepped(row, days.get(row.id, []), now=now) for row in stale}
    ramps = [RampChange(row.id, row.ramp_limit, row.graduated_at == now) for row in found.values()]
    await warmups.save_ramps(uow, ramps, now=now)
    graduates = [row for row in found.values() if row.graduated_at == now]
    if any(row.status == Status.ACTIVE for row in found.values()):
        await wake_pool(uow, at=now)
    await append_events(uow, [_activated(row) for row in graduates], now=now)
    return [found.get(row.id, row) for row in rows]


def _stepped(row: WarmupRow, days: Sequence[SendingDay], *, now: datetime) -> WarmupRow:
    """A row on the first look of a day."""
    today = day_of(now)
    warmth = warm_on(warmth_of(row), row.rule, days, target=row.daily_limit, today=today)
    row = replace(
        row,
        looked_on=warmth.looked_on,
        clean_days=warmth.clean_days,
        frozen_by=warmth.frozen_by,
        ramp_limit=warmth.limit,
        next_letter_at=None,
    )
    if row.status == Status.WARMING and is_warm(warmth, row.rule, days):
        row = replace(row, status=Status.ACTIVE, graduated_at=now)
    if row.status == Status.ACTIVE and warmth.limit >= row.daily_limit:
        row = replace(row, ramp_limit=None)
    return row


def _activated(row: WarmupRow) -> Event:
    data: dict[str, object] = {
        "senderAccountId": encode("sa", row.id),
        "email": row.email,
        "reason": "warmed_up",
    }
    return Event(EventType.SENDER_ACTIVATED, data)


class _Exchange:
    """The letters of one look: each plan takes from the same caps."""

    def __init__(
        self,
        pool: PoolRow,
        senders: Sequence[SenderRow],
        mailboxes: Sequence[warmups.Mailbox],
        caps: Caps,
        now: datetime,
    ) -> None:
        self.pool, self.now, self.checks = pool, now, list[UUID]()
        self.rows = {row.id: row for row in senders}
        self.mailboxes = {mailbox.id: mailbox for mailbox in mailboxes}
        self.chosen: list[tuple[WarmupRow, UUID]] = []
        self._caps = caps
        self._senders: Mapping[UUID, Sender] = {row.id: sender_of(row, pool, None) for row in senders}

    @classmethod
    async def open(
        cls, uow: UnitOfWork, pool: PoolRow, rows: Sequence[WarmupRow], *, now: datetime
    ) -> "_Exchange":
        """With what was taken of every cap so far, if anybody writes."""
        writing = {row.id for row in rows if row.status == Status.WARMING and row.can_send}
        if not writing:
            return cls(pool, [], [], Caps({}), now)
        senders = await due_work.list_senders(uow, day=day_of(now))
        # To the gates that both pass, an account that writes is like one that is active.
        writers = [replace(row, is_active=True) if row.id in writing else row for row in senders]
        caps = await read_caps(uow, pool, writers, [], now=now)
        return cls(pool, writers, await warmups.list_mailboxes(uow), Caps(caps), now)

    def plan(self, row: WarmupRow) -> WarmupChange:
        """What is to be done for one account now, and when it is to be looked at again."""
        assert row.looked_on is not None
        due_at: datetime | None = next_reset(self.now)
        if row.status == Status.WARMING and row.can_send:
            row, due_at = self._write(row)
        elif not row.is_present or (row.status == Status.ACTIVE and row.ramp_limit is None):
            due_at = None
        elif row.status == Status.PAUSED:
            due_at = min(self.now + _SEEK, self._tomorrow)
        return WarmupChange(
            id=row.id,
            looked_on=row.looked_on or day_of(self.now),
            clean_days=row.clean_days,
            frozen_by=row.frozen_by,
            graduated_at=row.graduated_at,
            next_letter_at=row.next_letter_at,
            due_at=due_at,
        )

    def _write(self, row: WarmupRow) -> tuple[WarmupRow, datetime]:
        """A letter, if it is time for one; the row with the instant of the next, and when to look again."""
        recipient = recipient_of(row.id, day_of(self.now), row.letters + 1, list(self.mailboxes))
        if recipient is None:
            return row, self._check(row)
        sender = self._senders[row.id]
        # What was refused is not made up for, and what failed for another cause not without end.
        limit = sender.daily_limit
        left = min(limit - row.used - row.refused, _TRIES * limit - row.letters)
        at = row.next_letter_at if left > 0 else self._tomorrow
        if at is None:
            at = first_letter_at(self.now, row.id, left, gap=sender.gap)
        if at <= self.now:
            at = self._held_until(sender)
            if at is None:
                self._choose(row, sender, recipient)
                at = next_letter_at(self.now, row.id, left - 1, row.letters + 1, gap=sender.gap)
        return replace(row, next_letter_at=at), min(at, self._tomorrow)

    @property
    def _tomorrow(self) -> datetime:
        return next_reset(self.now)

    def _check(self, row: WarmupRow) -> datetime:
        """It has nobody to write to."""
        if row.checked_on != day_of(self.now) or row.check_failure is not None:
            self.checks.append(row.id)
            return min(self.now + _CHECK_AGAIN, self._tomorrow)
        return min(self.now + _SEEK, self._tomorrow)

    def _held_until(self, sender: Sender) -> datetime | None:
        """When the account may go on; None if nothing holds it now."""
        hold = hold_of(sender, self.now, caps=self._caps) or self._caps.hold(Gate.WORKSPACE_QUOTA, None)
        if hold is None:
            return None
        return max(hold.clears_at or self.now + _BUSY, self.now + timedelta(seconds=1))

    def _choose(self, row: WarmupRow, sender: Sender, recipient: UUID) -> None:
        self._caps.take(Gate.WORKSPACE_QUOTA, None)
        self._caps.take(Gate.SENDING_DOMAIN_QUOTA, sender.domain)
        self.chosen.append((row, recipient))


async def _take(
    uow: UnitOfWork, exchange: _Exchange, *, lease: timedelta, now: datetime
) -> tuple[WarmupLetter, ...]:
    """Write the letters down, and take their units."""
    if not exchange.chosen:
        return ()
    day = day_of(now)
    new = [
        NewLetter(letter_id, row.id, recipient, row.letters + 1)
        for (row, recipient), letter_id in zip(
            exchange.chosen, new_ids(now, len(exchange.chosen)), strict=True
        )
    ]
    fence = await warmup_letters.insert_letters(uow, new, day=day, lease_until=now + lease, now=now)
    limits = {row.id: exchange.rows[row.id].daily_limit for row, _ in exchange.chosen}
    await claims.reserve_units(uow, dict.fromkeys(limits, 1), limits, day=day)
    senders = [exchange.rows[letter.sender_id] for letter in new]
    taken = [taken_letter(row.id, row.email_domain, day, claimed_at=now, rolling_at=now) for row in senders]
    await take_cap_units(uow, capped_units(taken, exchange.pool, list(exchange.rows.values()), []))
    accounts = {each.id: each for each in await claims.list_accounts(uow, sorted(limits))}
    return tuple(
        WarmupLetter(
            occasion=Occasion(uow.workspace_id, letter.id, day, letter.number, limits[letter.sender_id]),
            fence=fence,
            sender=_mailbox(accounts[letter.sender_id]),
            recipient=_mailbox(exchange.mailboxes[letter.recipient_id]),
            account=accounts[letter.sender_id],
        )
        for letter in new
    )


def _mailbox(account: AccountRow | warmups.Mailbox) -> Mailbox:
    return Mailbox(account.name, account.email)
