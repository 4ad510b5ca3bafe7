"""One claimed message, from its letter to what became of it: written, submitted, and cleared right before
DATA.

Whatever goes wrong ends in an `Attempt`; only a cancellation is raised.
"""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from leadterra.actions.claiming import Claim
from leadterra.actions.clearing import clear_messages
from leadterra.actions.lettering import LetterWriter
from leadterra.actions.ports import Attempt, Submission
from leadterra.actions.running import run
from leadterra.domain.day import day_of, is_closing
from leadterra.domain.outcomes import (
    Answer,
    Command,
    Ending,
    Reason,
    Refused,
    Uncertain,
    Unsendable,
    Withheld,
)
from leadterra.mail.addresses import suppression_hash
from leadterra.mail.letter import Letter
from leadterra.store.availability import is_unavailable
from leadterra.store.claims import ClaimedRow, ClearanceRequest
from leadterra.workers.batching import Batcher
from leadterra.workers.outside import Faults, Limits, Outside
from leadterra.workers.submitting import submission_of


class Transmission:
    """How one worker hands its letters over. Clearances of many letters are asked for together."""

    def __init__(self, outside: Outside, writer: LetterWriter, limits: Limits, faults: Faults) -> None:
        self._outside, self._writer, self._limits, self._faults = outside, writer, limits, faults
        self._clearances: Batcher[ClearanceRequest, bool] = Batcher(
            self._clear, pause=lambda: asyncio.sleep(limits.hesitation)
        )

    async def drop(self) -> None:
        """Ask for no clearance any more, as a process does that dies."""
        await self._clearances.drop()

    def submissions_of(self, claim: Claim) -> dict[UUID, Submission | Refused]:
        """Where the accounts of a claim submit."""
        return {
            account.id: submission_of(self._outside, self._faults, claim.workspace_id, account)
            for account in claim.accounts.values()
        }

    def withheld(self, reason: Reason) -> Attempt:
        """No attempt was made, for that reason."""
        return self._unbegun(Withheld(reason))

    async def attempt(self, claim: Claim, row: ClaimedRow, submission: Submission | Refused) -> Attempt:
        """One attempt at one message of a claim."""
        if isinstance(submission, Refused):
            return self._unbegun(submission, server="-")
        letter = self._write(claim, row)
        if not isinstance(letter, Letter):
            return self._unbegun(letter)
        return await self._deliver(claim, row, submission, letter)

    def _write(self, claim: Claim, row: ClaimedRow) -> Letter | Withheld | Unsendable:
        try:
            return self._writer.write(claim, row, now=self._outside.clock.now())
        except Exception as error:
            self._faults.note(error)
            return Unsendable(Reason.UNRENDERABLE, f"internal error: {error!r}"[:300])

    async def _deliver(
        self, claim: Claim, row: ClaimedRow, submission: Submission, letter: Letter
    ) -> Attempt:
        """Hand the letter over. Whatever goes wrong on our side before clearance costs nothing; after it,
        nobody knows.
        """
        request = _clearance_request(claim, row, letter)
        cleared = False

        async def clear() -> bool:
            nonlocal cleared
            cleared = await self._clearances.submit(claim.workspace_id, request)
            return cleared

        try:
            return await self._outside.courier.deliver(submission, letter, clear)
        except Exception as error:
            self._faults.note(error)
            if cleared:
                return self._unbegun(
                    Uncertain(Answer(Command.BODY, None, None, f"internal error: {error!r}"[:300]))
                )
            if is_unavailable(error):
                return self._unbegun(Withheld(Reason.NOT_CLEARED, "the database was away"))
            return self._unbegun(Unsendable(Reason.UNRENDERABLE, f"internal error: {error!r}"[:300]))

    def _unbegun(self, ending: Ending, *, server: str = "") -> Attempt:
        now = self._outside.clock.now()
        return Attempt(ending, server, now, None, now)

    async def _clear(self, workspace_id: UUID, requests: Sequence[ClearanceRequest]) -> list[bool]:
        """Ask for a batch; if the database will not have one of them, for each alone."""
        try:
            return await self._clear_once(workspace_id, requests)
        except Exception as error:
            if is_unavailable(error) or len(requests) == 1:
                raise
            self._faults.note(error)
            return [await self._clear_alone(workspace_id, request) for request in requests]

    async def _clear_alone(self, workspace_id: UUID, request: ClearanceRequest) -> bool:
        try:
            return (await self._clear_once(workspace_id, [request]))[0]
        except Exception as error:
            self._faults.note(error)
            return False

    async def _clear_once(self, workspace_id: UUID, requests: Sequence[ClearanceRequest]) -> list[bool]:
        """The answer is only good while its day lasts: a stalled process must not take it across midnight."""
        asked_at = self._outside.clock.now()
        cleared = await run(
            self._outside.database, workspace_id, lambda uow: clear_messages(uow, requests, now=asked_at)
        )
        now = self._outside.clock.now()
        if is_closing(now) or day_of(now) != day_of(asked_at) or now - asked_at > self._limits.lease:
            return [False] * len(requests)
        return [(request.enrollment_id, request.step_id, request.fence) in cleared for request in requests]


def _clearance_request(claim: Claim, row: ClaimedRow, letter: Letter) -> ClearanceRequest:
    assert row.step_id is not None
    return ClearanceRequest(
        enrollment_id=row.enrollment_id,
        step_id=row.step_id,
        fence=claim.number,
        campaign_id=row.campaign_id,
        account_id=row.sender_account_id,
        subject=letter.subject,
        address_hash=suppression_hash(row.email_key),
        domain_hash=suppression_hash(row.email_domain),
        closes_at=row.closes_at,
    )
