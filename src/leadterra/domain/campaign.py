"""A campaign: a named sequence with leads.

draft ──start──► running ──pause──► paused ──start──► running

`completed` is what a running campaign is called while leads are enrolled and nothing is left to happen to
any of them; it is derived, never stored, and ends when a lead is enrolled or a step is added.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

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

    @property
    def shown_status(self) -> ShownStatus:
        """The status with `completed` told apart."""
        is_completed = self.status == "running" and self.enrolled > 0 and self.open == 0
        return "completed" if is_completed else self.status
