"""Wait for what other tasks or processes do: the only place where tests let time pass."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from inspect import isawaitable


async def eventually(
    condition: Callable[[], bool | Awaitable[bool]], *, seconds: float = 10, what: str = "it"
) -> None:
    """Ask until it is true; fail, saying what was waited for, if that does not come."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if await answer if isawaitable(answer) else answer:
            return
        assert time.monotonic() < end, f"waited {seconds} s for {what}"
        await asyncio.sleep(0.02)
