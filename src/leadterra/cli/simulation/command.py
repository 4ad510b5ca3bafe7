"""`leadterra simulate`: what a plan comes to, before it is done for real.

A PostgreSQL of its own in a temporary directory, which goes with the command however it ends; the real
migrations, actions, planner and worker; mail servers that are a script. Exit code 1 if the books do not agree
at the end, 2 for a plan that cannot be played.
"""

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psycopg
import typer
import uvloop
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from leadterra.cli.declaring import command
from leadterra.cli.errors import CommandError
from leadterra.cli.output import Output
from leadterra.cli.session import Session
from leadterra.cli.simulation.picture import draw
from leadterra.cli.simulation.plan import Plan
from leadterra.cli.simulation.reading import PlanError, read_plan
from leadterra.cli.simulation.report import Report, make_report
from leadterra.cli.simulation.run import Simulation, open_simulation
from leadterra.cli.simulation.tables import shown
from leadterra.observability import configure_logging
from leadterra.store.database import Database
from leadterra.store.embedded import EmbeddedPostgres
from leadterra.store.migration import migrate

_CONNECTIONS = 4
_SETTINGS = {
    # What dies with the command need not survive a power failure.
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    # Months pass in seconds, and plans for empty tables would be kept for most of them.
    "autovacuum_naptime": "1s",
}


def declare(commands: typer.Typer) -> None:
    """Add the command."""
    command(commands, lacks=("data_dir", "workspace"))(simulate)


def simulate(
    session: Session,
    plan: Annotated[Path, typer.Argument(metavar="PLAN.toml", help="What to play.")],
    *,
    report: Annotated[
        Path | None, typer.Option("--report", metavar="FILE", help="Write all numbers there, as JSON.")
    ] = None,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE.svg", help="Draw the days there.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, help="Of everything that is drawn, instead of the plan's.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No tables, and no progress.")] = False,
) -> None:
    """Play a plan: accounts, campaigns and troubles, by the real engine, in virtual time.

    The same plan and seed give the same numbers. Nothing is sent to anybody, and no installation of yours is
    touched. docs/how-to/simulate.md explains the plan.
    """
    configure_logging(session.settings().model_copy(update={"log_level": "error"}))
    wanted = read_plan(plan)
    for file in (report, picture):
        if file is not None and not file.absolute().parent.is_dir():
            raise CommandError(f"{file}: there is no such directory to write to")
    with _database() as url:
        try:
            result = uvloop.run(_play(url, wanted, seed, session.output, quiet=quiet))
        except PlanError as error:
            raise PlanError(f"{plan}: {error}") from None
    if report is not None:
        report.write_text(_as_text(result), encoding="utf-8")
    if picture is not None:
        picture.write_text(draw(result), encoding="utf-8")
    if session.output.is_json or not quiet:
        session.output.result(result.as_json(), shown(result))
    if not result.checks.are_good:
        raise typer.Exit(1)


async def _play(url: str, plan: Plan, seed: int | None, output: Output, *, quiet: bool) -> Report:
    database = Database(url, connections=_CONNECTIONS)
    await database.open()
    try:
        simulation = await open_simulation(plan, database, seed=seed)
        with _progress(output, simulation, is_shown=not quiet and output.notes.is_terminal) as update:
            while await simulation.step():
                update()
        return await make_report(simulation)
    finally:
        await database.close()


@contextmanager
def _progress(output: Output, simulation: Simulation, *, is_shown: bool) -> Iterator[Callable[[], None]]:
    """A bar while it plays; gives what moves it on."""
    span = simulation.plan.simulation
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=output.notes, transient=True, disable=not is_shown) as progress:
        task = progress.add_task("", total=(span.end - span.start).total_seconds())

        def update() -> None:
            now = simulation.now
            progress.update(task, completed=(now - span.start).total_seconds(), description=f"{now:%Y-%m-%d}")

        yield update


@contextmanager
def _database() -> Iterator[str]:
    """Where the program reaches a new database; it is gone when the block ends."""
    with tempfile.TemporaryDirectory(prefix="leadterra-simulation-") as name:
        folder = Path(name)
        with EmbeddedPostgres(folder) as server:
            with psycopg.connect(server.admin_url(), autocommit=True) as admin:
                for setting, value in _SETTINGS.items():
                    admin.execute(f"alter system set {setting} = '{value}'".encode())
                admin.execute("select pg_reload_conf()")
            migrate(server.admin_url(), server.program_url())
            yield server.program_url()


def _as_text(report: Report) -> str:
    return json.dumps(report.as_json(), indent=2, ensure_ascii=False) + "\n"
