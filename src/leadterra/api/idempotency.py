"""`Idempotency-Key`: the same request sent again gets the first answer again, and is done once.

First a committed row says who works on the key; then the action's own transaction completes that row. A
crash between the two leaves nothing half done, and the request may be sent again when the hold has lapsed.
Answers of 4xx are kept as well; those of 5xx are not.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TypeVar
from uuid import UUID, uuid4

from starlette.requests import Request

from leadterra.actions.running import run
from leadterra.api.problems import Problem, Rendered, problem_of, render_problem
from leadterra.store import idempotency
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.idempotency import Claim, FirstAnswer, Refusal
from leadterra.store.sealing import KeyRing, SealContext

Result = TypeVar("Result")
Complete = Callable[[UnitOfWork, Rendered], Awaitable[None]]
"""Called inside the action's transaction with its answer, right before the commit."""

_LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Guard:
    """Where and when one request's key is kept."""

    database: Database
    key_ring: KeyRing
    workspace_id: UUID
    request_id: str
    claim: Claim
    now: datetime

    async def answer(self, perform: Callable[[Complete], Awaitable[Rendered]]) -> Rendered:
        """The first answer if there was one; else what `perform` answers, kept for the next time."""
        found = await self._run(self._take)
        if isinstance(found, FirstAnswer):
            body = self.key_ring.unseal(found.body, self._seal).encode()
            return Rendered(found.status, body, found.headers | {"Idempotency-Replayed": "true"})
        if found is not None:
            raise _refusal(found)
        try:
            return await perform(self._complete)
        except Exception as error:
            return await self._refuse(error)

    async def _take(self, uow: UnitOfWork) -> FirstAnswer | Refusal | None:
        """Take the key, and clear away those that have had their day."""
        await idempotency.delete_old_keys(uow, now=self.now)
        return await idempotency.take_key(uow, self.claim, now=self.now)

    async def _refuse(self, error: Exception) -> Rendered:
        """Keep the refusal, or let go of the key when the fault is ours."""
        problem = problem_of(error)
        if problem.status >= 500 or problem.code == "idempotency_in_progress":
            await self._run(lambda uow: idempotency.release_key(uow, self.claim))
            raise error
        rendered = render_problem(problem, self.request_id)
        await self._run(lambda uow: self._complete(uow, rendered))
        return rendered

    async def _complete(self, uow: UnitOfWork, rendered: Rendered) -> None:
        body = self.key_ring.seal(rendered.body.decode(), self._seal)
        answer = FirstAnswer(rendered.status, rendered.headers, body)
        if not await idempotency.complete_key(uow, self.claim, answer):
            raise _refusal(Refusal.IN_PROGRESS)

    @property
    def _seal(self) -> SealContext:
        """An answer may hold what is shown once, such as a new API key; it is kept as secrets are."""
        return SealContext(self.workspace_id, UUID(bytes=self.claim.request_hash[:16]), "idempotency")

    async def _run(self, action: Callable[[UnitOfWork], Awaitable[Result]]) -> Result:
        return await run(self.database, self.workspace_id, action)


def claim_of(request: Request, content: bytes) -> Claim | None:
    """This request's claim, None if it has no key. content: the SHA-256 of its body. Raises `Problem`."""
    keys = request.headers.getlist("idempotency-key")
    if not keys:
        return None
    if len(keys) > 1 or not 1 <= len(keys[0]) <= _LONGEST_KEY or not keys[0].isprintable():
        raise Problem(
            "invalid_request", f"Idempotency-Key: must be 1 to {_LONGEST_KEY} printable characters."
        )
    query = request.scope["query_string"]
    same = [request.method.encode(), request.url.path.encode(), query, content]
    return Claim(keys[0], sha256(b"\n".join(same)).digest(), uuid4())


def _refusal(reason: Refusal) -> Problem:
    if reason is Refusal.REUSED:
        return Problem("idempotency_key_reused", "This Idempotency-Key was used for another request.")
    detail = "The first request with this Idempotency-Key is still running."
    return Problem("idempotency_in_progress", detail, headers={"Retry-After": "1"})
