"""Many small wishes, one transaction: requests for the same workspace are gathered while the one before is
under way.

`submit` returns the request's own answer, or raises what its batch raised. The busier it gets, the larger the
batches become; where nobody waits for the answer, a pause before each batch makes them larger still.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar
from uuid import UUID

Request = TypeVar("Request")
Answer = TypeVar("Answer")
Pause = Callable[[], Awaitable[object]]


def no_pause() -> Awaitable[None]:
    """Take what was asked in the same breath, and nothing more."""
    return asyncio.sleep(0)


class Batcher(Generic[Request, Answer]):
    """Runs `handle` for one batch a workspace at a time. `handle` answers in the order of its requests."""

    def __init__(
        self,
        handle: Callable[[UUID, Sequence[Request]], Awaitable[Sequence[Answer]]],
        *,
        most: int = 500,
        pause: Pause = no_pause,
    ) -> None:
        """most: requests of one batch. pause: what the first of a batch waits for."""
        self._handle = handle
        self._most = most
        self._pause = pause
        self._waiting: dict[UUID, deque[tuple[Request, asyncio.Future[Answer]]]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_dropped = False

    async def submit(self, workspace_id: UUID, request: Request) -> Answer:
        """Have one request handled with others of its workspace. Cancelled once all was dropped."""
        if self._is_dropped:
            raise asyncio.CancelledError
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        if workspace_id in self._waiting:
            self._waiting[workspace_id].append((request, future))
        else:
            self._waiting[workspace_id] = deque([(request, future)])
            task = asyncio.create_task(self._run(workspace_id))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await future

    async def drop(self) -> None:
        """Forget every request at once, and take none any more, as a process does that dies. Who waits for an
        answer is not told.
        """
        self._is_dropped = True
        dropped = list(self._tasks)
        for task in dropped:
            task.cancel()
        await asyncio.gather(*dropped, return_exceptions=True)

    async def _run(self, workspace_id: UUID) -> None:
        """Handle batches of one workspace until none is left."""
        queue = self._waiting[workspace_id]
        while queue:
            await self._pause()
            batch = [queue.popleft() for _ in range(min(len(queue), self._most))]
            await self._answer(workspace_id, batch)
        del self._waiting[workspace_id]

    async def _answer(self, workspace_id: UUID, batch: list[tuple[Request, asyncio.Future[Answer]]]) -> None:
        try:
            answers = await self._handle(workspace_id, [request for request, _ in batch])
        except Exception as error:
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), answer in zip(batch, answers, strict=True):
            if not future.done():
                future.set_result(answer)
