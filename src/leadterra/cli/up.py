"""`leadterra up`: database, migrations, API and workers on this machine, in one command.

The database is held by this process and each of its parts; what dies is started again, an embedded PostgreSQL
too. Fails with one line before anything runs: an address in use, a directory that cannot be written, a
setting that cannot be.
"""

import asyncio
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from leadterra.cli.announcing import Announcement
from leadterra.cli.declaring import command
from leadterra.cli.first_run import NewKey, make_what_is_missing
from leadterra.cli.listening import refuse_unusable_address
from leadterra.cli.output import Output
from leadterra.cli.parenthood import WithParent, end_with_parent
from leadterra.cli.serving import Host, Port, Processes, environ_of, worker_parts
from leadterra.cli.session import Session, open_access
from leadterra.cli.signals import drain_on_signals
from leadterra.cli.storage import Storage, reach_database
from leadterra.cli.supervision import Part, Supervisor
from leadterra.config import Settings
from leadterra.observability import configure_logging, log
from leadterra.store.embedded import EmbeddedPostgres, EmbeddedPostgresError

_ASK_EVERY = 0.1
_REVIVE_EVERY = 5.0
_ANSWER_SECONDS = 5
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # the way to this machine has no proxy

KeyFile = Annotated[
    Path | None,
    typer.Option(
        "--key-file",
        metavar="FILE",
        help="Write the API key there, readable by you alone. Missing later, it gets a further key.",
    ),
]


def declare(commands: typer.Typer) -> None:
    """Add the command."""
    command(commands)(up)


def up(
    session: Session,
    *,
    host: Host = None,
    port: Port = None,
    processes: Processes = None,
    key_file: KeyFile = None,
    with_parent: WithParent = False,
) -> None:
    """Run everything on this machine: database, API and workers.

    On an empty data directory it makes the workspace 'default' and an API key, which it shows once. SIGTERM
    and Ctrl+C finish what is being sent; a second Ctrl+C ends at once.
    """
    settings = session.settings(host=host, port=port, processes=processes)
    refuse_unusable_address(settings.host, settings.port)
    configure_logging(settings)
    if with_parent:
        end_with_parent()
    with reach_database(settings) as storage:
        key = asyncio.run(_make_key(session, storage.settings, key_file))
        code = asyncio.run(_run(storage, Announcement(storage.settings, key, key_file), session.output))
    log.info("program.stopped")
    raise typer.Exit(code)


async def _make_key(session: Session, settings: Settings, file: Path | None) -> NewKey | None:
    is_there = await asyncio.to_thread(lambda: file is not None and file.exists())
    async with open_access(session, settings) as access:
        return await make_what_is_missing(access, file, is_there=is_there)


async def _run(storage: Storage, announcement: Announcement, output: Output) -> int:
    settings = storage.settings
    parts = [Part("API", ("api",)), *worker_parts(settings.processes)]
    supervisor = Supervisor(parts, environ_of(settings))
    drain_on_signals(supervisor, output)
    announcing = asyncio.create_task(_announce(supervisor, announcement, output))
    reviving = asyncio.create_task(_keep_alive(supervisor, storage.embedded))
    code = await supervisor.run()
    await asyncio.gather(announcing, reviving)
    return code


async def _keep_alive(supervisor: Supervisor, server: EmbeddedPostgres | None) -> None:
    """A PostgreSQL that died is started again. Never cancelled half-way: a start that nobody waits for would
    outlive the stop.
    """
    while server is not None and not supervisor.is_stopping:
        try:
            await asyncio.to_thread(server.start)
        except EmbeddedPostgresError as error:
            log.error("database.away", error=str(error))
        await supervisor.wait_for_stop(_REVIVE_EVERY)


async def _announce(supervisor: Supervisor, announcement: Announcement, output: Output) -> None:
    """Say that all parts run, once they do. Stopped before, show the key all the same: it is not to be had
    again.
    """
    began = time.monotonic()
    while not supervisor.is_stopping:
        if await asyncio.to_thread(_is_ready, announcement.url):
            output.result(announcement.ready(), announcement.ready_lines())
            log.info("program.started", url=announcement.url, seconds=round(time.monotonic() - began, 2))
            return
        await supervisor.wait_for_stop(_ASK_EVERY)
    if announcement.key:
        output.result({"event": "stopped", "apiKey": announcement.key.text}, announcement.key_lines())


def _is_ready(url: str) -> bool:
    with suppress(OSError), _DIRECT.open(f"{url}/readyz", timeout=_ANSWER_SECONDS) as answer:
        return bool(answer.status == 200)
    return False
