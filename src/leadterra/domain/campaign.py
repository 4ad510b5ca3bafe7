"""A campaign: a named sequence with leads.

draft ──start──► running ──pause──► paused ──start──► running

`completed` is what a running campaign is called while leads are enrolled and nothing is left to happen to
any of them; it is derived, never stored, and ends when a lead is enrolled or a step is added.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from leadterra.domain.sender_loss import LossAction, SenderLossPolicy

StoredStatus = Literal["draft", "running", "paused"]
ShownStatus = Literal["draft", "running", "paused", "completed"]


class OnMissingVariable(StrEnum):
    """What a variable that a lead lacks does."""

    EMPTY = "empty"
    """It is the empty string."""
    HOLD = "hold"
    """The lead waits, with a reason, until the field is there."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign and the two totals that its status depends on.

    status: as stored. started_at: first start, None for a draft. paused_at: since when it is paused, None
    unless it is. enrolled: leads that are in it. open: those of them to whom something may still happen.
    schedule: as `domain.schedule.write_schedule` writes it, None for always. weight: in the fair shares of
    its pool. daily_limit, new_leads_daily_limit: messages, and first steps, a UTC day; None for no cap.
    sender_tags: only accounts with one of them send for it, none for any. sender_loss,
    sender_loss_wait_days: see `sender_loss_policy`. variant_choice: see `domain.variant`.
    """

    id: UUID
    name: str
    status: StoredStatus
    on_missing_variable: str
    created_at: datetime
    updated_at: datetime
    started_at: datetime | None
    paused_at: datetime | None
    enrolled: int
    open: int
    schedule: Mapping[str, object] | None = None
    weight: float = 1.0
    daily_limit: int | None = None
    new_leads_daily_limit: int | None = None
    sender_tags: list[str] = field(default_factory=list)
    sender_loss: str = LossAction.HANDOVER
    sender_loss_wait_days: float = 7.0
    variant_choice: str = "weighted"

    @property
    def sender_loss_policy(self) -> SenderLossPolicy:
        """What becomes of leads whose account is lost."""
        return SenderLossPolicy(LossAction(self.sender_loss), self.sender_loss_wait_days)

    @property
    def uses_lead_zones(self) -> bool:
        """Whether its windows are in the time zones of its leads, where these are known."""
        return bool(self.schedule and self.schedule.get("useLeadTimeZone"))

    @property
    def shown_status(self) -> ShownStatus:
        """The status with `completed` told apart."""
        is_completed = self.status == "running" and self.enrolled > 0 and self.open == 0
        return "completed" if is_completed else self.status
