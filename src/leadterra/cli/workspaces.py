"""`leadterra workspaces`: create and list the tenants of this installation."""

from typing import Annotated

import typer

from leadterra.actions.workspaces import create_workspace
from leadterra.cli.declaring import database_command, group
from leadterra.cli.errors import CommandError
from leadterra.cli.output import table
from leadterra.cli.session import Access
from leadterra.domain.api_key import Mode
from leadterra.store.ids import encode, new_id

commands = group(
    "Workspaces: each has its own sender pool, leads, campaigns and keys, and none sees another's."
)


@database_command(commands, lacks=["workspace"])
async def create(
    access: Access,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What commands will call it.")],
    *,
    mode: Annotated[
        Mode, typer.Option(help="A live workspace sends; in a test one, accounts need no mail server.")
    ] = Mode.LIVE,
) -> None:
    """Create a workspace. Make a key for it with `leadterra keys create --workspace NAME`."""
    if name in {each.name for each in await access.workspaces()}:
        raise CommandError(f"there is a workspace {name!r} already")
    now = access.now()
    workspace_id = new_id(now)
    await access.run(workspace_id, lambda uow: create_workspace(uow, name, mode, now=now))
    created = {"id": encode("ws", workspace_id), "name": name, "mode": mode.value}
    access.output.result(created, f"Created the {mode} workspace '{name}' ({created['id']}).")


@database_command(commands, "list", lacks=["workspace"])
async def list_all(access: Access) -> None:
    """List the workspaces by name."""
    known = [{"id": encode("ws", each.id), "name": each.name} for each in await access.workspaces()]
    shown = table("Name", "Id")
    for each in known:
        shown.add_row(each["name"], each["id"])
    access.output.result({"workspaces": known}, shown)
