"""All commands, put together."""

from typing import Annotated

import typer

from leadterra import __version__
from leadterra.cli import (
    account_checks,
    account_warmups,
    accounts,
    campaigns,
    classify,
    explain,
    forecast,
    keys,
    leads,
    ledger,
    messages,
    migration,
    pool,
    sealing,
    serving,
    up,
    workspaces,
)
from leadterra.cli.declaring import AsJson, DataDir, Given, WorkspaceName, group
from leadterra.cli.demo import play
from leadterra.cli.simulation import command as simulation

application = group(
    "Leadterra sends e-mail campaigns through a pool of your own mailboxes, each within its daily limit.\n\n"
    "New here? `leadterra demo` shows all of it in a few seconds, and `leadterra up` starts it for real."
)
application.add_typer(workspaces.commands, name="workspaces")
application.add_typer(keys.commands, name="keys")
application.add_typer(accounts.commands, name="accounts")
application.add_typer(campaigns.commands, name="campaigns")
application.add_typer(leads.commands, name="leads")
application.add_typer(messages.commands, name="messages")
application.add_typer(ledger.commands, name="ledger")
application.add_typer(explain.commands, name="explain")
application.add_typer(forecast.commands, name="forecast")
application.add_typer(sealing.commands, name="seal")
account_checks.declare(accounts.commands)
account_warmups.declare(accounts.commands)
for declare in (
    play.declare,
    simulation.declare,
    up.declare,
    pool.declare,
    classify.declare,
    serving.declare,
    migration.declare,
):
    declare(application)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"leadterra {__version__}")
        raise typer.Exit


@application.callback(invoke_without_command=True)
def _take_options(
    context: typer.Context,
    data_dir: DataDir = None,
    workspace: WorkspaceName = None,
    as_json: AsJson = False,
    show_version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", callback=_show_version, is_eager=True),
    ] = False,
) -> None:
    context.obj = Given(data_dir, workspace, as_json)
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
