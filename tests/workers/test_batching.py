"""Many small wishes, one transaction: who asks while a batch is under way is in the next."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from leadterra.workers.batching import Batcher

ONE, OTHER = UUID(int=1), UUID(int=2)


class Handler:
    """Answers each number with its double; notes the batches; waits at its gate. A batch with a negative
    number fails.
    """

    def __init__(self) -> None:
        self.batches: list[tuple[UUID, list[int]]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.at_work: list[UUID] = []

    async def __call__(self, workspace_id: UUID, requests: Sequence[int]) -> list[int]:
        self.batches.append((workspace_id, list(requests)))
        assert workspace_id not in self.at_work
        self.at_work.append(workspace_id)
        await self.gate.wait()
        self.at_work.remove(workspace_id)
        if any(request < 0 for request in requests):
            raise ValueError("negative")
        return [2 * request for request in requests]


async def turns(count: int = 5) -> None:
    """Let everything that can run, run."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_a_lone_request_goes_at_once() -> None:
    """It waits for no timer and no company."""
    handler = Handler()
    assert await Batcher(handler).submit(ONE, 21) == 42
    assert handler.batches == [(ONE, [21])]


async def test_requests_made_together_are_one_batch() -> None:
    """Each gets its own answer."""
    handler = Handler()
    batcher = Batcher(handler)
    assert await asyncio.gather(*(batcher.submit(ONE, number) for number in range(10))) == list(
        range(0, 20, 2)
    )
    assert handler.batches == [(ONE, list(range(10)))]


async def test_who_asks_while_a_batch_is_under_way_is_in_the_next() -> None:
    """However many they are: one workspace has one batch at a time."""
    handler = Handler()
    batcher = Batcher(handler)
    handler.gate.clear()
    asked = [asyncio.create_task(batcher.submit(ONE, 0))]
    await turns()
    asked += [asyncio.create_task(batcher.submit(ONE, number)) for number in (1, 2, 3)]
    await turns()
    handler.gate.set()
    assert await asyncio.gather(*asked) == [0, 2, 4, 6]
    assert handler.batches == [(ONE, [0]), (ONE, [1, 2, 3])]


async def test_a_batch_has_a_largest_size() -> None:
    """The rest follows, in order."""
    handler = Handler()
    batcher = Batcher(handler, most=4)
    await asyncio.gather(*(batcher.submit(ONE, number) for number in range(10)))
    assert [batch for _, batch in handler.batches] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


async def test_workspaces_do_not_wait_for_each_other() -> None:
    """Nor share a batch."""
    handler = Handler()
    batcher = Batcher(handler)
    handler.gate.clear()
    asked = [asyncio.create_task(batcher.submit(workspace, 1)) for workspace in (ONE, OTHER)]
    await turns()
    assert sorted(handler.at_work) == [ONE, OTHER]
    handler.gate.set()
    await asyncio.gather(*asked)


async def test_a_batch_that_fails_fails_for_everybody_in_it_and_nobody_else() -> None:
    """The next one is handled as if nothing had been."""
    handler = Handler()
    batcher = Batcher(handler)
    found = await asyncio.gather(batcher.submit(ONE, 1), batcher.submit(ONE, -1), return_exceptions=True)
    assert [type(answer) for answer in found] == [ValueError, ValueError]
    assert await batcher.submit(ONE, 1) == 2


async def test_who_stops_waiting_does_not_disturb_the_others() -> None:
    """Cancelled while its batch is under way."""
    handler = Handler()
    batcher = Batcher(handler)
    handler.gate.clear()
    leaving, staying = (asyncio.create_task(batcher.submit(ONE, number)) for number in (1, 2))
    await turns()
    leaving.cancel()
    await turns()
    handler.gate.set()
    assert await staying == 4
    with pytest.raises(asyncio.CancelledError):
        await leaving


async def test_nothing_is_kept_of_a_workspace_that_is_done() -> None:
    """A thousand workspaces, one after the other, each as fast as the first."""
    handler = Handler()
    batcher = Batcher(handler)
    for number in range(1000):
        assert await batcher.submit(UUID(int=number), number) == 2 * number
