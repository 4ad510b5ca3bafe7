"""What a sending worker is given: how much it may take on, and what it reaches. And what it notes when
something goes wrong on our side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from leadterra.actions.access_tokens import AccessTokens
from leadterra.actions.ports import Clock, Courier
from leadterra.observability import log
from leadterra.store.availability import is_unavailable
from leadterra.store.claims import AccountRow
from leadterra.store.database import Database


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one process takes on. in_flight: messages claimed. batch: messages a claim. per_account:
    letters of one account at a time. claims_at_once: pools asked at the same time, for a claim waits for the
    database most of its time. lease: how long a claim is held without being renewed. poll: how long to
    wait when there is nothing to do. hesitation: seconds that the first letter of several waits for others to
    be asked about together, right before DATA. gather: seconds that outcomes are collected before they are
    settled, for nobody waits for them, and a settlement costs the same dozen statements for one or for
    hundreds; infinite to wait until nothing that was claimed is under way any more.
    """

    in_flight: int
    batch: int
    per_account: int
    lease: timedelta
    poll: timedelta
    gather: float = 0.05
    claims_at_once: int = 4
    hesitation: float = 0.002


@dataclass(frozen=True, slots=True)
class Outside:
    """What the worker reaches: the database, the time, the mail servers, and the passwords for them. tokens:
    for accounts that have none; without it they cannot be used.
    """

    database: Database
    clock: Clock
    courier: Courier
    unseal: Callable[[UUID, AccountRow], str | None]
    tokens: AccessTokens | None = None


class Faults:
    """What went wrong on our side, and was not the end of the worker."""

    def __init__(self, worker: str) -> None:
        """worker: its name, for the log."""
        self._worker = worker
        self.count = 0
        """Errors so far, but for a database that was away."""

    def note(self, error: Exception) -> None:
        """One more."""
        if is_unavailable(error):
            log.warning("database.away", worker=self._worker, error=str(error))
        else:
            self.count += 1
            log.error("worker.failed", worker=self._worker, exc_info=error)
