"""How a worker dies in a simulation: right after a mail server had its letter, and before it could write that
down.
"""

import asyncio
from collections import deque

from leadterra.actions.ports import Attempt, Clear, Courier, Submission
from leadterra.mail.letter import Letter


class FusedCourier:
    """A courier whose caller does not live to see how its n-th letter ended. See `actions.ports.Courier`."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._fuses: deque[int] = deque()
        self.blown = asyncio.Event()
        """The worker is to die now."""

    @property
    def is_armed(self) -> bool:
        """Whether the worker is about to die."""
        return bool(self._fuses)

    def arm(self, letters: int) -> None:
        """Blow at the end of the n-th letter from now on for which DATA begins; after a fuse that burns
        already, from when that has blown.
        """
        self._fuses.append(letters)

    def replace(self) -> None:
        """The worker has died, and another takes its place."""
        self._fuses.popleft()
        self.blown.clear()

    async def deliver(self, submission: Submission, letter: Letter, clear: Clear) -> Attempt:
        """One conversation; of the n-th one nobody hears again."""
        attempt = await self._courier.deliver(submission, letter, clear)
        if attempt.data_at is not None and self._fuses:
            self._fuses[0] -= 1
            if self._fuses[0] <= 0:
                self.blown.set()
                await asyncio.Event().wait()
        return attempt

    async def close(self) -> None:
        """Close the courier."""
        await self._courier.close()
