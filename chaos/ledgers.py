"""What the database says about each letter, read once when the storm is over."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from chaos.world import Place
from leadterra.mail.threads import message_id
from leadterra.store.database import Database

_MESSAGES = """
select m.id, m.enrollment_id, m.step_id, m.state, m.day, m.data_at, m.step_position, c.name, a.email, l.email,
       l.email_domain, a.email_domain, e.state, p.message_domain
from messages m
join campaigns c on c.workspace_id = m.workspace_id and c.id = m.campaign_id
join sender_accounts a on a.workspace_id = m.workspace_id and a.id = m.sender_account_id
join leads l on l.workspace_id = m.workspace_id and l.id = m.lead_id
join enrollments e on e.workspace_id = m.workspace_id and e.id = m.enrollment_id
join sender_pools p on p.workspace_id = m.workspace_id
where m.workspace_id = %(workspace_id)s
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """A message as the engine has it. cleared_at: right before DATA; None if it never was, or came back.
    part: the state of its lead in the campaign.
    """

    id: UUID
    workspace: str
    message_id: str
    state: str
    day: date
    cleared_at: datetime | None
    step: int
    campaign: str
    account: str
    recipient: str
    recipient_domain: str
    sending_domain: str
    part: str


async def read_messages(database: Database, places: Sequence[Place]) -> dict[str, Entry]:
    """Every message of these workspaces, by Message-ID."""
    found: dict[str, Entry] = {}
    for place in places:
        async with database.snapshot(place.id) as uow:
            for row in await uow.rows(_MESSAGES):
                identifier = message_id(place.id, row[1], row[2], row[13])
                cleared_at = row[5].astimezone(UTC) if row[5] else None
                found[identifier] = Entry(
                    row[0], place.name, identifier, row[3], row[4], cleared_at, *row[6:13]
                )
    return found
