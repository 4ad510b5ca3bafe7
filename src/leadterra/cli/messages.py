"""`leadterra messages`: look at messages, and settle those of which nobody knows whether they arrived."""

from enum import StrEnum
from typing import Annotated

import typer

from leadterra.actions.resolving import resolve_message
from leadterra.cli.declaring import database_command, group
from leadterra.cli.errors import CommandError
from leadterra.cli.output import instant, table
from leadterra.cli.session import Access
from leadterra.store.ids import InvalidId, decode, encode
from leadterra.store.messages import Message, MessageFilter, list_messages

commands = group("Messages: one step for one lead each.")


class State(StrEnum):
    """States of a message."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    DEFERRED = "deferred"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    BOUNCED = "bounced"
    CANCELLED = "cancelled"


class Resolution(StrEnum):
    """What really became of an uncertain message."""

    SENT = "sent"
    NOT_SENT = "not_sent"


@database_command(commands, "list")
async def list_all(
    access: Access,
    *,
    state: Annotated[State | None, typer.Option(help="Only those in that state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="So many at most.")] = 50,
) -> None:
    """List messages, newest first. `--state uncertain` shows those that wait for `leadterra messages
    resolve`.
    """
    workspace = await access.workspace()
    wanted = MessageFilter(state=state)
    found = await access.run(
        workspace.id, lambda uow: list_messages(uow, wanted, limit=limit, now=access.now())
    )
    shown = table("Id", "State", "Step", "Lead", "Account", "Since", "Reason", numbers=["Step"])
    for each in found:
        account = encode("sa", each.sender_account_id) if each.sender_account_id else ""
        since = instant((each.settled_at or each.created_at).replace(microsecond=0)) or ""
        shown.add_row(
            encode("msg", each.id),
            each.state,
            str(each.step_position),
            encode("lead", each.lead_id),
            account,
            since,
            each.state_reason or "",
        )
    access.output.result({"messages": [_as_json(each) for each in found]}, shown)


@database_command(commands)
async def resolve(
    access: Access,
    message: Annotated[str, typer.Argument(metavar="MESSAGE", help="Its id.")],
    outcome: Annotated[Resolution, typer.Argument(help="What really became of it.")],
) -> None:
    """Settle an uncertain message by hand. One that was not sent is due again."""
    try:
        message_id = decode("msg", message)
    except InvalidId:
        raise CommandError(
            f"{message!r} is no id of a message; `leadterra messages list` shows them"
        ) from None
    workspace = await access.workspace()
    await access.run(
        workspace.id, lambda uow: resolve_message(uow, message_id, outcome.value, now=access.now())
    )
    access.output.result(
        {"id": message, "outcome": outcome.value}, f"{message} counts as {outcome.replace('_', ' ')}."
    )


def _as_json(message: Message) -> dict[str, object]:
    return {
        "id": encode("msg", message.id),
        "campaignId": encode("camp", message.campaign_id),
        "leadId": encode("lead", message.lead_id),
        "senderAccountId": encode("sa", message.sender_account_id) if message.sender_account_id else None,
        "sequenceStep": message.step_position,
        "state": message.state,
        "stateReason": message.state_reason,
        "subject": message.subject,
        "attempts": message.attempts,
        "createdAt": instant(message.created_at),
        "settledAt": instant(message.settled_at),
    }
