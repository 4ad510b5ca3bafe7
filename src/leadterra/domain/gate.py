"""The gates: everything that may hold a message back, named once for engine, explanation and forecast."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Gate(StrEnum):
    """What may hold a message back, in the order in which the engine asks."""

    CAMPAIGN_NOT_RUNNING = "campaign_not_running"
    LEAD_NOT_WAITING = "lead_not_waiting"
    SUPPRESSED = "suppressed"
    NOT_DUE = "not_due"
    OUTSIDE_SCHEDULE = "outside_schedule"
    CAMPAIGN_QUOTA = "campaign_quota"
    NEW_LEADS_QUOTA = "new_leads_quota"
    RECIPIENT_DOMAIN_QUOTA = "recipient_domain_quota"
    RECIPIENT_DOMAIN_HOURLY_QUOTA = "recipient_domain_hourly_quota"
    NO_ACTIVE_ACCOUNT = "no_active_account"
    SENDER_LOST = "sender_lost"
    DAY_CLOSING = "day_closing"
    WORKSPACE_QUOTA = "workspace_quota"
    SENDING_DOMAIN_QUOTA = "sending_domain_quota"
    ACCOUNT_QUOTA = "account_quota"
    ACCOUNT_ROLLING_QUOTA = "account_rolling_quota"
    ACCOUNT_RESTING = "account_resting"
    ACCOUNT_SPACING = "account_spacing"
    ACCOUNT_BUSY = "account_busy"
    BATCH_FULL = "batch_full"


QUOTAS = frozenset(
    {
        Gate.CAMPAIGN_QUOTA,
        Gate.NEW_LEADS_QUOTA,
        Gate.RECIPIENT_DOMAIN_QUOTA,
        Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA,
        Gate.WORKSPACE_QUOTA,
        Gate.SENDING_DOMAIN_QUOTA,
        Gate.ACCOUNT_QUOTA,
        Gate.ACCOUNT_ROLLING_QUOTA,
    }
)
"""Those that a used-up cap closes."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A closed gate, and when it opens; None if that depends on somebody, or on what is in flight."""

    gate: Gate
    clears_at: datetime | None


def first_to_clear(holds: list[Hold]) -> Hold:
    """Of several that hold for different accounts: the one after which something can go."""
    return min(holds, key=lambda hold: (hold.clears_at is None, hold.clears_at))


def last_to_clear(holds: list[Hold]) -> Hold:
    """Of several that hold at once the most restrictive, which is the one that opens last; the engine's order
    among equals.
    """
    endless = [hold for hold in holds if hold.clears_at is None]
    return endless[0] if endless else max(holds, key=lambda hold: hold.clears_at or datetime.min)
