"""`leadterra accounts verify`: whether an account can send and be read, and what its domain says."""

from typing import Annotated

import typer
from rich.console import Group

from leadterra.actions.checking import check_account
from leadterra.cli.declaring import database_command
from leadterra.cli.explain import find_account
from leadterra.cli.output import table
from leadterra.cli.session import Access
from leadterra.mail.checks import Check, CheckStatus, worst
from leadterra.store.ids import encode


def declare(commands: typer.Typer) -> None:
    """Add the command."""
    database_command(commands)(verify)


async def verify(
    access: Access,
    account: Annotated[str, typer.Argument(metavar="ADDRESS|ID", help="The sender account.")],
    *,
    dkim_selector: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Which DKIM key to look for.", show_default="the usual ones"),
    ] = None,
) -> None:
    """Check a sender account: log in at its servers, and look up its domain's records.

    No letter is sent and nothing is changed. Where a record is missing or wrong, what to publish is shown.
    Exit code 1 if a check fails.
    """
    workspace = await access.workspace()
    account_id = await access.run(workspace.id, lambda uow: find_account(uow, account))
    checked, checks = await check_account(access.equipment, workspace.id, account_id, selector=dkim_selector)
    report = {
        "senderAccountId": encode("sa", checked.id),
        "email": checked.email,
        "status": worst(checks),
        "checks": [_as_json(check) for check in checks],
    }
    access.output.result(report, _as_table(checks))
    if worst(checks) is CheckStatus.FAIL:
        raise typer.Exit(1)


def _as_json(check: Check) -> dict[str, object]:
    """With the names of `POST /v1/sender-accounts/{id}/verify`."""
    publish = check.publish
    return {
        "check": check.check,
        "status": check.status,
        "detail": check.detail,
        "publish": publish and {"name": publish.name, "type": publish.type, "value": publish.value},
    }


def _as_table(checks: list[Check]) -> Group:
    shown = table("Check", "Result", "Detail")
    for check in checks:
        shown.add_row(check.check.upper(), check.status, check.detail)
    records = [
        f"Publish {each.publish.type} {each.publish.name}\n  {each.publish.value}"
        for each in checks
        if each.publish
    ]
    return Group(shown, *records)
