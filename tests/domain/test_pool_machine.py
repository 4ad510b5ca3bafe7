"""Planning, settlement, health and the ledger together, in memory, under any sequence of events.

The machine is the engine without a database: what it does between two calls of the domain is what the store
does in its transactions.
"""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from uuid import UUID

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from leadterra.domain.caps import Cap, CapKey
from leadterra.domain.day import day_of, is_closing, next_reset
from leadterra.domain.enrollment import ENDED, State
from leadterra.domain.gate import Gate
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
from leadterra.domain.planning import plan
from leadterra.domain.pool import Contender, Pool, Sender, Work
from leadterra.domain.schedule import ALWAYS, Schedule
from leadterra.domain.sender_loss import LossAction, SenderLossPolicy
from leadterra.domain.settlement import MessageState, Standing, Unit, settle
from tests.support.plain_pool import A_DAY, NOON, OWN_DOMAINS, Account, Campaign, Flight, Lead, hour_of

STEPS = 3
DOMAINS = [UUID(int=100), UUID(int=101)]
OFFICE = Schedule("Europe/Berlin", days=frozenset(range(5)), opens=time(9), closes=time(17))
LOSSES = [
    SenderLossPolicy(),
    SenderLossPolicy(LossAction.WAIT, 2),
    SenderLossPolicy(LossAction.NEW_THREAD),
]
OF_WORKSPACE = (
    Gate.WORKSPACE_QUOTA,
    Gate.SENDING_DOMAIN_QUOTA,
    Gate.RECIPIENT_DOMAIN_QUOTA,
    Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA,
)
OF_CAMPAIGN = (Gate.CAMPAIGN_QUOTA, Gate.NEW_LEADS_QUOTA)
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


class PoolMachine(RuleBasedStateMachine):
    """A workspace of three accounts and three campaigns, its leads, and whoever works for it."""

    @initialize(
        limits=st.lists(st.integers(1, 4), min_size=3, max_size=3),
        leads=st.integers(1, 12),
        caps=st.dictionaries(st.sampled_from((*OF_WORKSPACE, *OF_CAMPAIGN)), st.integers(1, 4), max_size=3),
        weights=st.lists(st.floats(0.1, 10), min_size=3, max_size=3),
        share=st.integers(0, 100),
    )
    def begin(
        self, limits: list[int], leads: int, caps: dict[Gate, int], weights: list[float], share: int
    ) -> None:
        """The second account is spaced; the second campaign sends in office hours."""
        self.now, self.clock, self.share = NOON, 0.0, share
        self.campaigns = [
            Campaign(UUID(int=10 + n), weight, OFFICE if n == 1 else ALWAYS, LOSSES[n])
            for n, weight in enumerate(weights)
        ]
        first = self.campaigns[0].id
        self.limits: dict[tuple[Gate, UUID | None], int] = {
            (gate, first if gate in OF_CAMPAIGN else None): limit for gate, limit in caps.items()
        }
        self.accounts = {
            UUID(int=n + 1): Account(UUID(int=n + 1), limit, 60.0 * (n == 1))
            for n, limit in enumerate(limits)
        }
        self.leads = [
            Lead(UUID(int=1000 + number), self.campaigns[number % 3], DOMAINS[number % 5 % 2])
            for number in range(leads)
        ]
        self.flights: list[Flight] = []
        self.taken: list[Flight] = []
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
                place=a.place,
                lost_at=a.lost_at,
                domain=a.domain,
            )
            for a in self.accounts.values()
        ]

    def _used(self, gate: Gate, key: UUID | None) -> list[Flight]:
        """What counts against a cap now."""
        return [flight for flight in self.taken if flight.counts(gate, key, self.now)]

    def _limit_of(self, gate: Gate, key: UUID | None) -> int | None:
        """The limit that is set there; of domains all have the same."""
        if gate is Gate.ACCOUNT_ROLLING_QUOTA:
            return self.accounts[key].rolling if key else None
        return self.limits.get((gate, key if gate in OF_CAMPAIGN else None))

    def _caps(self) -> dict[CapKey, Cap]:
        """As they would be read."""
        keys: list[CapKey] = [(Gate.WORKSPACE_QUOTA, None)]
        keys += [(Gate.SENDING_DOMAIN_QUOTA, domain) for domain in OWN_DOMAINS]
        keys += [(gate, domain) for gate in OF_WORKSPACE[2:] for domain in DOMAINS]
        keys += [(gate, campaign.id) for gate in OF_CAMPAIGN for campaign in self.campaigns]
        keys += [(Gate.ACCOUNT_ROLLING_QUOTA, key) for key in self.accounts]
        caps = {}
        for gate, key in keys:
            limit, used = self._limit_of(gate, key), self._used(gate, key)
            if limit is not None:
                caps[gate, key] = Cap(limit, len(used), self._clears_at(gate, used))
        return caps

    def _clears_at(self, gate: Gate, used: list[Flight]) -> datetime:
        if gate is Gate.ACCOUNT_ROLLING_QUOTA:
            first = min((flight.data_at or flight.claimed_at for flight in used), default=self.now)
            return first + A_DAY
        is_hour = gate is Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA
        return hour_of(self.now) + timedelta(hours=1) if is_hour else next_reset(self.now)

    @rule(limit=st.integers(1, 6))
    def claim(self, limit: int) -> None:
        """Plan what is due, and take it."""
        work = [
            Work(e.id, e.position > 0, e.due_at, e.account, e.campaign.id, e.domain)
            for e in self.leads
            if e.state is State.WAITING and e.due_at <= self.now and e.campaign.is_open(self.now)
        ]
        contenders = [Contender(c.id, c.weight, c.finish, c.turn, sender_loss=c.loss) for c in self.campaigns]
        pool = Pool(self._senders(), self._caps(), contenders, self.clock, self.share)
        decision = plan(pool, work, limit=limit, now=self.now)
        self.clock = decision.clock
        for campaign in self.campaigns:
            campaign.turn, campaign.finish = decision.turns[campaign.id], decision.finishes[campaign.id]
        for key, place in decision.places.items():
            self.accounts[key].place = place
        leads = {lead.id: lead for lead in self.leads}
        for item in decision.assignments:
            lead, account = leads[item.work.enrollment_id], self.accounts[item.sender_id]
            self._take(lead, account)
        if len(decision.assignments) < limit:
            assert not [lead for lead in self.leads if self._could_go(lead)]
        for waiting in decision.waiting:
            assert waiting.clears_at is None or waiting.clears_at >= self.now

    def _take(self, lead: Lead, account: Account) -> None:
        """One unit of everything; no limit is passed by it (R2)."""
        lead.state, lead.account = State.SENDING, account.id
        self.units[day_of(self.now), account.id][2] += 1
        flight = Flight(lead, account, day_of(self.now), lead.position, self.now)
        self.flights.append(flight)
        self.taken.append(flight)
        assert sum(self.units[day_of(self.now), account.id]) <= account.limit
        for gate, key in self._keys(lead, account):
            most = self._limit_of(gate, key)
            assert most is None or len(self._used(gate, key)) <= most

    def _keys(self, lead: Lead, account: Account) -> list[CapKey]:
        """The caps that a message counts against."""
        found: list[CapKey] = [
            (Gate.WORKSPACE_QUOTA, None),
            (Gate.SENDING_DOMAIN_QUOTA, account.domain),
            (Gate.RECIPIENT_DOMAIN_QUOTA, lead.domain),
            (Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, lead.domain),
            (Gate.CAMPAIGN_QUOTA, lead.campaign.id),
            (Gate.ACCOUNT_ROLLING_QUOTA, account.id),
        ]
        return found if lead.position else [*found, (Gate.NEW_LEADS_QUOTA, lead.campaign.id)]

    def _could_go(self, lead: Lead) -> bool:
        """Whether all gates of a lead that waits are open, said once more and as plainly as can be."""
        if lead.state is not State.WAITING or lead.due_at > self.now or not lead.campaign.is_open(self.now):
            return False
        own = self.accounts.get(lead.account) if lead.account else None
        candidates = list(self.accounts.values())
        if own and own.active:
            candidates = [own]
        elif own and lead.position and lead.campaign.loss.action is LossAction.WAIT:
            assert own.lost_at is not None
            if max(own.lost_at, lead.due_at) + 2 * A_DAY > self.now:
                return False
        return any(self._is_free(account, lead) for account in candidates)

    def _is_free(self, account: Account, lead: Lead) -> bool:
        """Whether an account may send this lead something now."""
        flying = [flight for flight in self.flights if flight.account is account]
        instants = (account.next_send_at, account.health.rest_until)
        return (
            account.active
            and not is_closing(self.now)
            and sum(self.units[day_of(self.now), account.id]) < account.limit
            and all(at is None or at <= self.now for at in instants)
            and not (flying and (account.gap or account.health.failures))
            and all(
                most is None or len(self._used(gate, key)) < most
                for gate, key in self._keys(lead, account)
                for most in [self._limit_of(gate, key)]
            )
        )

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
        next_due_at = self.now + DELAY if flight.step + 1 < STEPS else None
        standing = Standing(
            lead.state, lead.attempt, lead.attempts, lead.deferrals, next_due_at, lead.is_bound, lead.due_at
        )
        verdict = settle(ending, standing, at=self.now)
        if verdict.unit is Unit.RETURNED:
            self.taken.remove(flight)
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
            if account.health.pause_reason is not None:
                self._lose(account)
            if flight.data_at and account.gap:
                following = flight.data_at + timedelta(seconds=account.gap)
                account.next_send_at = max(following, account.next_send_at or following)

    @rule(seconds=st.sampled_from([1, 45, 600, 3600, 6 * 3600, 86400, 5 * 86400]))
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
        if active:
            chosen.active, chosen.health, chosen.lost_at = True, Health(), None
        else:
            self._lose(chosen)

    def _lose(self, account: Account) -> None:
        account.active, account.lost_at = False, account.lost_at or self.now

    @rule(campaign=st.integers(0, 2), running=st.booleans())
    def turn_campaign(self, campaign: int, running: bool) -> None:
        """A person pauses or starts one."""
        self.campaigns[campaign].running = running

    @rule(
        gate=st.sampled_from((*OF_WORKSPACE, *OF_CAMPAIGN)),
        campaign=st.integers(0, 2),
        limit=st.none() | st.integers(1, 5),
    )
    def edit_cap(self, gate: Gate, campaign: int, limit: int | None) -> None:
        """Set, moved or taken away, at any time of the day."""
        key = (gate, self.campaigns[campaign].id if gate in OF_CAMPAIGN else None)
        self.limits.pop(key, None)
        if limit is not None:
            self.limits[key] = limit

    @rule(account=st.integers(0, 2), limit=st.none() | st.integers(1, 5))
    def edit_rolling_limit(self, account: int, limit: int | None) -> None:
        """The same of an account's last 24 hours."""
        self.accounts[UUID(int=account + 1)].rolling = limit

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
            account.active, account.health, account.lost_at, account.rolling = True, Health(), None, None
        self.limits.clear()
        for campaign in self.campaigns:
            campaign.running = True
        for _ in range(600):
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
TestPoolMachine.settings = settings(max_examples=80, stateful_step_count=40, deadline=None, derandomize=True)
