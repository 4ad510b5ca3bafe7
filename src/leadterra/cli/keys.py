"""`leadterra keys`: make API keys."""

from typing import Annotated

import typer

from leadterra.actions.api_keys import create_key
from leadterra.cli.declaring import database_command, group
from leadterra.cli.errors import CommandError
from leadterra.cli.output import instant
from leadterra.cli.session import Access
from leadterra.domain.api_key import Scope
from leadterra.store.ids import encode

_LONGEST_LABEL = 200
commands = group("API keys of a workspace.")


@database_command(commands)
async def create(
    access: Access,
    *,
    scope: Annotated[
        list[Scope] | None,
        typer.Option(help="What the key may do; several times for several.", show_default="everything"),
    ] = None,
    label: Annotated[str, typer.Option(metavar="TEXT", help="To recognise the key by.")] = "",
) -> None:
    """Create an API key and show it: this once, for only its hash is stored."""
    if len(label) > _LONGEST_LABEL or (label and not label.isprintable()):
        raise CommandError(f"--label: must be at most {_LONGEST_LABEL} printable characters")
    workspace = await access.workspace()
    scopes = scope or list(Scope)
    made = await access.run(workspace.id, lambda uow: create_key(uow, label, scopes, now=access.now()))
    key = {
        "id": encode("key", made.row.id),
        "workspace": workspace.name,
        "label": label,
        "scopes": made.row.scopes,
        "createdAt": instant(made.row.created_at),
        "key": made.text,
    }
    if not access.output.is_json:
        access.output.note(
            f"A key of the workspace '{workspace.name}' for {', '.join(made.row.scopes)}, shown this once:"
        )
    access.output.result(key, made.text)
