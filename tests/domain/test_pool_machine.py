"""Planning, settlement, health and the ledger together, in memory, under any sequence of events.

The machine is the engine without a database: what it does between two calls of the domain is what the store
does in its transactions.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from leadterra.domain.day import day_of, is_closing, next_reset
from leadterra.domain.enrollment import ENDED, State
from leadterra.domain.health import Health, health_after
from leadterra.domain.outcomes import (
    Accepted,
    Answer,
    Command,
    Deferred,
    Ending,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Unsendable,
    Withheld,
)
from leadterra.domain.planning import Pool, Sender, Work, plan
from leadterra.domain.settlement import MessageState, Standing, Unit, settle

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
STEPS = 3
DELAY = timedelta(days=2)
PERSON = (State.UNCERTAIN, State.HELD, State.PAUSED)

TAKEN = Accepted(Answer(Command.BODY, 250, None, "taken"))
UNKNOWN = Uncertain(Answer(Command.BODY, None, None, "closed"))
AFTER_DATA: tuple[Ending, ...] = (
    TAKEN,
    UNKNOWN,
    Refused(Scope.RECIPIENT, Answer(Command.BODY, 554, None, "no")),
)
BEFORE_DATA: tuple[Ending, ...] = (
    Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, None, "later")),
    Deferred(Scope.SERVER, Answer(Command.CONNECT, None, None, "refused")),
    Deferred(Scope.ACCOUNT, Answer(Command.MAIL, 550, "5.4.5", "quota"), daily=True),
    Refused(Scope.ACCOUNT, Answer(Command.AUTH, 535, None, "no"), authentication=True),
    Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, None, "nobody")),
    Withheld(Reason.NOT_CLEARED),
    Withheld(Reason.MISSING_VARIABLE),
    Unsendable(Reason.UNRENDERABLE, "no"),
)


@dataclass
class Account:
    """As its row would be."""

    id: UUID
    limit: int
    gap: float
    active: bool = True
    health: Health = field(default_factory=Health)
    next_send_at: datetime | None = None


@dataclass
class Lead:
    """An enrollment, and the message of its present step."""

    id: UUID
    state: State = State.WAITING
    position: int = 0
    attempt: int = 0
    attempts: int = 0
    deferrals: int = 0
    due_at: datetime = NOON
    account: UUID | None = None
    is_bound: bool = False


@dataclass
class Flight:
    """A message claimed, its unit taken of that day. data_at: when it was cleared."""

    lead: Lead
    account: Account
    day: date
    step: int
    data_at: datetime | None = None


class PoolMachine(RuleBasedStateMachine):
    """A workspace of three accounts, its leads, and whoever works for it."""

    @initialize(
        limits=st.lists(st.integers(1, 4), min_size=3, max_size=3),
        leads=st.integers(1, 8),
        quota=st.none() | st.integers(2, 8),
    )
    def begin(self, limits: list[int], leads: int, quota: int | None) -> None:
        """The second account is spaced."""
        self.now, self.quota, self.turn = NOON, quota, 0
        self.after: UUID | None = None
        self.accounts = {
            UUID(int=n + 1): Account(UUID(int=n + 1), limit, 60.0 * (n == 1))
            for n, limit in enumerate(limits)
        }
        self.leads = [Lead(UUID(int=1000 + number)) for number in range(leads)]
        self.flights: list[Flight] = []
        self.uncertain: list[Flight] = []
        self.units: defaultdict[tuple[date, UUID], list[int]] = defaultdict(lambda: [0, 0, 0])
        self.reached: defaultdict[tuple[UUID, int], int] = defaultdict(int)
        self.last_data: dict[UUID, datetime] = {}

    def _senders(self) -> list[Sender]:
        day, before = day_of(self.now), day_of(self.now - timedelta(days=1))
        return [
            Sender(
                a.id,
                a.active,
                a.limit,
                sum(self.units[day, a.id]),
                self.units[day, a.id][2] + self.units[before, a.id][2],
                failures=a.health.failures,
                gap=a.gap,
                next_send_at=a.next_send_at,
                rest_until=a.health.rest_until,
            )
            for a in self.accounts.values()
        ]

    @rule(limit=st.integers(1, 6))
    def claim(self, limit: int) -> None:
        """Plan what is due, and take it."""
        senders = self._senders()
        used = sum(sender.used for sender in senders)
        work = [
            Work(e.id, e.position > 0, e.due_at, e.account)
            for e in self.leads
            if e.state is State.WAITING and e.due_at <= self.now
        ]
        pool = Pool(senders, None if self.quota is None else self.quota - used, self.after, self.turn)
        decision = plan(pool, work, limit=limit, now=self.now)
        self.after, self.turn = decision.rotation_after, decision.turn
        leads = {lead.id: lead for lead in self.leads}
        for item in decision.assignments:
            lead, account = leads[item.work.enrollment_id], self.accounts[item.sender_id]
            lead.state, lead.account = State.SENDING, account.id
            self.units[day_of(self.now), account.id][2] += 1
            self.flights.append(Flight(lead, account, day_of(self.now), lead.position))
            assert sum(self.units[day_of(self.now), account.id]) <= account.limit
        if decision.assignments and self.quota is not None:
            assert sum(sender.used for sender in self._senders()) <= self.quota

    def _clear(self, flight: Flight) -> bool:
        """Right before DATA."""
        allowed = (
            flight.lead.state is State.SENDING
            and flight.account.active
            and flight.day == day_of(self.now)
            and not is_closing(self.now)
        )
        if allowed:
            flight.data_at = self.now
            self.reached[flight.lead.id, flight.step] += 1
            last = self.last_data.get(flight.account.id)
            assert last is None or self.now - last >= timedelta(seconds=flight.account.gap)
            self.last_data[flight.account.id] = self.now
        return allowed

    @precondition(lambda self: self.flights)
    @rule(
        pick=st.integers(0, 99),
        comes_to_data=st.booleans(),
        ending=st.integers(0, 99),
        seconds=st.integers(0, 30),
    )
    def finish(self, pick: int, comes_to_data: bool, ending: int, seconds: int) -> None:
        """One conversation, to its end."""
        flight = self.flights.pop(pick % len(self.flights))
        said = BEFORE_DATA[ending % len(BEFORE_DATA)]
        if comes_to_data:
            said = (
                AFTER_DATA[ending % len(AFTER_DATA)] if self._clear(flight) else Withheld(Reason.NOT_CLEARED)
            )
        self.now += timedelta(seconds=seconds)
        self._settle(flight, said, from_reserved=True)

    @precondition(lambda self: self.flights)
    @rule(pick=st.integers(0, 99), comes_to_data=st.booleans())
    def lose(self, pick: int, comes_to_data: bool) -> None:
        """The worker dies, before or after clearance; its lease runs out."""
        flight = self.flights.pop(pick % len(self.flights))
        cleared = comes_to_data and self._clear(flight)
        self.now += timedelta(minutes=1)
        self._settle(flight, UNKNOWN if cleared else Withheld(Reason.LOST), from_reserved=True)

    @precondition(lambda self: self.uncertain)
    @rule(pick=st.integers(0, 99), sent=st.booleans())
    def resolve(self, pick: int, sent: bool) -> None:
        """A person says what became of it; what was not sent has not reached the lead."""
        flight = self.uncertain.pop(pick % len(self.uncertain))
        if not sent:
            self.reached[flight.lead.id, flight.step] -= 1
        self._settle(flight, TAKEN if sent else Withheld(Reason.NOT_SENT), from_reserved=False)

    def _settle(self, flight: Flight, ending: Ending, *, from_reserved: bool) -> None:
        """What the settling transaction writes."""
        lead, account = flight.lead, flight.account
        delay = DELAY if flight.step + 1 < STEPS else None
        standing = Standing(
            lead.state, lead.attempt, lead.attempts, lead.deferrals, delay, lead.is_bound, lead.due_at
        )
        verdict = settle(ending, standing, at=self.now)
        unit = self.units[flight.day, account.id]
        unit[2 if from_reserved else 1] -= 1
        unit[0] += verdict.unit is Unit.SENT
        unit[1] += verdict.unit is Unit.UNCERTAIN
        tried = not isinstance(ending, Withheld | Unsendable)
        if verdict.unit is not Unit.RETURNED and from_reserved:
            assert flight.data_at is not None
        if verdict.unit is Unit.RETURNED and flight.data_at is not None and from_reserved and tried:
            self.reached[lead.id, flight.step] -= 1
        lead.state, lead.due_at, lead.attempt, lead.deferrals = (
            verdict.state,
            verdict.due_at,
            verdict.attempt,
            verdict.deferrals,
        )
        lead.attempts = 0 if verdict.advances else lead.attempts + tried
        lead.position += verdict.advances
        lead.is_bound = lead.is_bound or verdict.advances
        lead.account = account.id if verdict.keeps_account else None
        if verdict.message is MessageState.UNCERTAIN:
            self.uncertain.append(flight)
        if from_reserved:
            account.health = health_after(account.health, [(ending, self.now)] if tried else [])
            account.active = account.active and account.health.pause_reason is None
            if flight.data_at and account.gap:
                following = flight.data_at + timedelta(seconds=account.gap)
                account.next_send_at = max(following, account.next_send_at or following)

    @rule(seconds=st.sampled_from([1, 45, 600, 3600, 6 * 3600]))
    def wait(self, seconds: int) -> None:
        """Time goes by."""
        self.now += timedelta(seconds=seconds)

    @rule(before=st.sampled_from([5, 1, 0.3, 0]))
    def cross_midnight(self, before: float) -> None:
        """To the end of the day, or just before it."""
        self.now = max(self.now, next_reset(self.now) - timedelta(seconds=before))

    @rule(account=st.integers(0, 2), active=st.booleans())
    def turn_account(self, account: int, active: bool) -> None:
        """A person pauses or activates one; activated, it has a clean slate."""
        chosen = self.accounts[UUID(int=account + 1)]
        chosen.active, chosen.health = active, Health() if active else chosen.health

    @rule(account=st.integers(0, 2), limit=st.integers(1, 4))
    def edit_limit(self, account: int, limit: int) -> None:
        """Higher or lower, at any time of the day."""
        self.accounts[UUID(int=account + 1)].limit = limit

    @rule(pick=st.integers(0, 99), state=st.sampled_from([State.PAUSED, State.REPLIED]))
    def stop_lead(self, pick: int, state: State) -> None:
        """A person pauses a lead, or it replies."""
        lead = self.leads[pick % len(self.leads)]
        if lead.state not in ENDED:
            lead.state = state

    @invariant()
    def the_ledger_is_exact(self) -> None:
        """Reserved is what is in flight, uncertain what nobody knows, and nothing is ever negative (R2)."""
        if not hasattr(self, "units"):
            return
        assert all(count >= 0 for unit in self.units.values() for count in unit)
        assert sum(unit[2] for unit in self.units.values()) == len(self.flights)
        assert sum(unit[1] for unit in self.units.values()) == len(self.uncertain)
        assert sum(unit[0] for unit in self.units.values()) == sum(lead.position for lead in self.leads)

    @invariant()
    def no_step_reaches_a_lead_twice(self) -> None:
        """Accepted or possibly accepted, at most once (R6)."""
        assert all(0 <= count <= 1 for count in getattr(self, "reached", {}).values())

    @invariant()
    def whoever_is_sending_is_in_flight(self) -> None:
        """And of nobody are two messages in flight."""
        flying = [flight.lead.id for flight in getattr(self, "flights", [])]
        assert len(flying) == len(set(flying))
        assert {lead.id for lead in getattr(self, "leads", []) if lead.state is State.SENDING} <= set(flying)

    def teardown(self) -> None:
        """Left alone with accounts that work, everybody comes to an end or waits for a person."""
        if not hasattr(self, "leads"):
            return
        for account in self.accounts.values():
            account.active, account.health = True, Health()
        for _ in range(400):
            while self.flights:
                flight = self.flights.pop()
                self._settle(
                    flight, TAKEN if self._clear(flight) else Withheld(Reason.NOT_CLEARED), from_reserved=True
                )
            if all(lead.state in (*ENDED, *PERSON) for lead in self.leads):
                return
            self.claim(100)
            if not self.flights:
                self.now += timedelta(hours=1)
        raise AssertionError([lead for lead in self.leads if lead.state not in (*ENDED, *PERSON)])


TestPoolMachine = PoolMachine.TestCase
TestPoolMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None, derandomize=True)
