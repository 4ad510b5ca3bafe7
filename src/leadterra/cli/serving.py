"""`leadterra api` and `leadterra work`: the parts of a running system, each as a process of its own, on as
many machines as needed.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine
from typing import Annotated, Any

import typer
import uvloop

from leadterra.cli.declaring import command
from leadterra.cli.listening import refuse_unusable_address
from leadterra.cli.parenthood import WithParent, end_with_parent
from leadterra.cli.session import Session
from leadterra.cli.signals import drain_on_signals
from leadterra.cli.storage import reach_database
from leadterra.cli.supervision import Part, Supervisor
from leadterra.config import Settings, variable
from leadterra.dashboard import unsubscribing
from leadterra.observability import configure_logging
from leadterra.workers.process import work as send

Host = Annotated[
    str | None, typer.Option(metavar="H", help="Address to listen on.", show_default="127.0.0.1")
]
Port = Annotated[int | None, typer.Option(metavar="P", help="TCP port to listen on.", show_default="8080")]
Processes = Annotated[int | None, typer.Option(metavar="N", help="Worker processes.", show_default="1")]

Task = Callable[[Settings], Coroutine[Any, Any, None]]


def declare(commands: typer.Typer) -> None:
    """Add both."""
    command(commands, lacks=["workspace"])(api)
    command(commands, lacks=["workspace"])(work)


def api(session: Session, *, host: Host = None, port: Port = None, with_parent: WithParent = False) -> None:
    """Serve the HTTP API (and the docs at /docs) until told to stop.

    Campaigns are sent by `leadterra work`; `leadterra up` runs both.
    """
    # The web framework takes longer to load than most commands run.
    from leadterra.api.server import serve  # noqa: PLC0415

    settings = session.settings(host=host, port=port)
    refuse_unusable_address(settings.host, settings.port)
    _run_on_database(settings, lambda reached: serve(reached, unsubscribing.routes), with_parent=with_parent)


def work(session: Session, *, processes: Processes = None, with_parent: WithParent = False) -> None:
    """Send what is due until told to stop: with SIGTERM or Ctrl+C it finishes what it has begun.

    Any number of these, on any number of machines, share one database and keep every account's limit
    together.
    """
    settings = session.settings(processes=processes)
    if settings.processes == 1:
        _run_on_database(settings, send, with_parent=with_parent)
        return
    configure_logging(settings)
    with reach_database(settings):
        code = asyncio.run(_supervise(settings, session))
    raise typer.Exit(code)


def worker_parts(processes: int) -> list[Part]:
    """So many workers, for a supervisor."""
    return [Part(f"worker {number + 1}", ("work", "--processes", "1")) for number in range(processes)]


def environ_of(settings: Settings) -> dict[str, str]:
    """What a part is told of the settings that the command line gave."""
    fields = ("data_dir", "host", "port")
    return {**os.environ, **{variable(field): str(getattr(settings, field)) for field in fields}}


def _run_on_database(settings: Settings, task: Task, *, with_parent: bool) -> None:
    configure_logging(settings)
    if with_parent:
        end_with_parent()
    with reach_database(settings) as storage:
        uvloop.run(task(storage.settings))


async def _supervise(settings: Settings, session: Session) -> int:
    supervisor = Supervisor(worker_parts(settings.processes), environ_of(settings))
    drain_on_signals(supervisor, session.output)
    return await supervisor.run()
