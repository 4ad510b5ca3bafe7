"""Serve the API until told to stop: one process, one event loop.

SIGTERM and SIGINT close the door; requests that are being answered are answered, for half a minute at most.
A second signal ends the process at once. Raises what the database or the address raise.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server
from starlette.routing import BaseRoute

from leadterra.actions.equipment import Equipment
from leadterra.api.application import create_api
from leadterra.bootstrap import listen_for_stop, open_equipment, spare_the_collector
from leadterra.config import Settings
from leadterra.observability import log, server_logging

_CONNECTIONS = 10
_DRAIN_SECONDS = 30
_LOOK_EVERY = 0.01


async def serve(settings: Settings, pages: Callable[[Equipment], Sequence[BaseRoute]]) -> None:
    """Answer requests. pages: of another face, to be served beside the API."""
    async with open_equipment(settings, connections=_CONNECTIONS, check=True) as equipment:
        server = Server(
            create_api(equipment, pages(equipment)),
            address=settings.host,
            port=settings.port,
            interface=Interfaces.ASGINL,
            websockets=False,
            backlog=1024,
            log_level=LogLevels.error,
            log_dictconfig=server_logging(),
        )
        spare_the_collector()
        stopping = listen_for_stop()
        serving = asyncio.create_task(server.serve())
        asking = asyncio.create_task(stopping.wait())
        await _wait_until_open(settings, serving)
        log.info("api.listening", host=settings.host, port=settings.port)
        await asyncio.wait([serving, asking], return_when=asyncio.FIRST_COMPLETED)
        asking.cancel()
        log.info("program.draining", part="api")
        server.stop()  # type: ignore[no-untyped-call]
        await asyncio.wait([serving], timeout=_DRAIN_SECONDS)
        if serving.done():
            await serving


async def _wait_until_open(settings: Settings, serving: asyncio.Task[None]) -> None:
    """The server does not tell when its door is open; whoever reads the log counts on it."""
    while not serving.done():
        with suppress(OSError):
            _, writer = await asyncio.open_connection(settings.host, settings.port)
            writer.close()
            return
        await asyncio.sleep(_LOOK_EVERY)
