"""Accounts, campaigns, leads and messages in flight, as plain values: a pool without a database."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from leadterra.domain.caps import EVERYBODY
from leadterra.domain.day import day_of
from leadterra.domain.enrollment import State
from leadterra.domain.gate import Gate
from leadterra.domain.health import Health
from leadterra.domain.schedule import Schedule, next_interval
from leadterra.domain.sender_loss import SenderLossPolicy

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
"""When leads are due that nobody says otherwise of."""

A_DAY = timedelta(days=1)
OWN_DOMAINS = [UUID(int=200), UUID(int=201)]
"""Of accounts."""


@dataclass
class Account:
    """As its row would be."""

    id: UUID
    limit: int
    gap: float
    active: bool = True
    health: Health = field(default_factory=Health)
    next_send_at: datetime | None = None
    lost_at: datetime | None = None
    rolling: int | None = None
    place: int = 0

    @property
    def domain(self) -> UUID:
        """Two of three have the same."""
        return OWN_DOMAINS[self.id.int % 2]


@dataclass
class Campaign:
    """As its row would be."""

    id: UUID
    weight: float
    schedule: Schedule
    loss: SenderLossPolicy
    running: bool = True
    turn: int = 0
    finish: float = 0.0

    def is_open(self, now: datetime) -> bool:
        """Whether it may send now."""
        window = next_interval(self.schedule, "", now)
        return self.running and window is not None and window.start <= now


@dataclass
class Lead:
    """An enrollment, and the message of its present step."""

    id: UUID
    campaign: Campaign
    domain: UUID
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
    """A message claimed, its units taken then. data_at: when it was cleared."""

    lead: Lead
    account: Account
    day: date
    step: int
    claimed_at: datetime
    data_at: datetime | None = None

    def counts(self, gate: Gate, key: UUID | None, now: datetime) -> bool:
        """Whether it counts against that cap now."""
        whose = {
            Gate.WORKSPACE_QUOTA: None,
            Gate.SENDING_DOMAIN_QUOTA: self.account.domain,
            Gate.RECIPIENT_DOMAIN_QUOTA: self.lead.domain,
            Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA: self.lead.domain,
            Gate.CAMPAIGN_QUOTA: self.lead.campaign.id,
            Gate.NEW_LEADS_QUOTA: self.lead.campaign.id if self.step == 0 else EVERYBODY,
            Gate.ACCOUNT_ROLLING_QUOTA: self.account.id,
        }
        if gate is Gate.ACCOUNT_ROLLING_QUOTA:
            is_now = (self.data_at or self.claimed_at) > now - A_DAY
        elif gate is Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA:
            is_now = self.claimed_at >= hour_of(now)
        else:
            is_now = self.day == day_of(now)
        return is_now and whose[gate] == key


def hour_of(now: datetime) -> datetime:
    """The hour of an instant."""
    return now.replace(minute=0, second=0, microsecond=0)
