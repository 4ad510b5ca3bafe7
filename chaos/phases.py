"""The phases of a storm, each with its time: one that does not end is cut short, and a finding."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from chaos.verdict import Verdict


class Phases:
    """verdict: what came of the phases so far."""

    def __init__(self) -> None:
        self.verdict = Verdict("every phase of the storm ended in its time")

    @asynccontextmanager
    async def within(self, seconds: float, what: str) -> AsyncIterator[None]:
        """Cancel what is done inside after so many seconds, and go on behind it."""
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise
        self.verdict.expect(not limit.expired(), f"{what} did not end within {seconds:.0f} s")
