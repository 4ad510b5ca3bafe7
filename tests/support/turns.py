"""The worker's part by hand: claim what is due, and settle it as the test says. No server, no waiting."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.claiming import Claim, claim_due_messages
from leadterra.actions.ports import Attempt
from leadterra.actions.settling import Settlement, settle_messages
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
    Withheld,
)
from leadterra.store.claims import ClaimedRow
from leadterra.store.database import Database

ACCEPTED = Accepted(Answer(Command.BODY, 250, "2.0.0", "queued"))
DEFERRED = Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "try later"))
REFUSED = Refused(Scope.RECIPIENT, Answer(Command.RCPT, 550, "5.1.1", "no such user"))
UNCERTAIN = Uncertain(Answer(Command.BODY, None, None, "connection lost"))
HELD = Withheld(Reason.MISSING_VARIABLE, "company")


@dataclass(frozen=True, slots=True)
class Turns:
    """One workspace's worker."""

    database: Database
    workspace_id: UUID

    async def claim(self, now: datetime, *, limit: int = 100) -> Claim | None:
        """Take what is due, and leave it in flight."""
        async with self.database.unit_of_work(self.workspace_id) as uow:
            return await claim_due_messages(
                uow, worker="test", limit=limit, lease=timedelta(minutes=1), now=now
            )

    async def settle(self, claim: Claim, ending: Ending, now: datetime) -> None:
        """End everything of a claim in the same way."""
        rows: Sequence[ClaimedRow] = claim.rows
        batch = [
            Settlement(
                row.enrollment_id, row.step_id, claim.number, Attempt(ending, "mx.test:25", now, now, now)
            )
            for row in rows
            if row.step_id
        ]
        async with self.database.unit_of_work(self.workspace_id) as uow:
            await settle_messages(uow, batch, now=now, finished_claims=[claim.number])

    async def send(self, now: datetime, ending: Ending = ACCEPTED, *, limit: int = 100) -> int:
        """Claim and settle what is due; how many messages that were."""
        claim = await self.claim(now, limit=limit)
        if claim is None:
            return 0
        await self.settle(claim, ending, now)
        return len(claim.rows)
