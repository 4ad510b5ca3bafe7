"""Workspaces: the tenants."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadterra.domain.errors import NotFound
from leadterra.store.database import Transaction, UnitOfWork
from leadterra.store.statements import load

_SQL = load("workspaces")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace's settings.

    daily_quota: messages a UTC day over all accounts. pacing_mode: `spread` or `asap`, min_gap_seconds:
    between two messages of one account, jitter: 0 to 1; None for what is usual. sending_domain_daily_limit:
    messages a UTC day over the accounts of one domain. recipient_domain_daily_limit,
    recipient_domain_hourly_limit: messages to one domain. A cap of None is none. first_step_share: of the
    turns, for first steps while follow-ups wait too. provider_matching: whether senders and leads with the
    same provider are brought together. stop_on_reply: `campaign` or `workspace`. uncertain_policy: `hold` or
    `resend`.
    """

    id: UUID
    name: str
    mode: str
    daily_quota: int | None
    postal_address: str
    pacing_mode: str | None
    min_gap_seconds: float | None
    jitter: float | None
    sending_domain_daily_limit: int | None
    recipient_domain_daily_limit: int | None
    recipient_domain_hourly_limit: int | None
    first_step_share: float
    provider_matching: bool
    stop_on_reply: str
    uncertain_policy: str
    created_at: datetime
    updated_at: datetime


class Named(NamedTuple):
    """A workspace as commands find it."""

    id: UUID
    name: str


async def insert_workspace(
    uow: UnitOfWork, name: str, mode: str, link_secret: bytes, *, now: datetime
) -> None:
    """A new workspace, of the id that the unit of work was opened for."""
    await uow.execute(_SQL["insert_workspace"], name=name, mode=mode, link_secret=link_secret, now=now)


async def get_workspace(uow: UnitOfWork) -> Workspace:
    """The workspace of this unit of work. Raises `NotFound`."""
    found = await uow.find(Workspace, _SQL["get_workspace"])
    if found is None:
        raise NotFound("workspace")
    return found


async def find_link_secret(uow: UnitOfWork) -> bytes | None:
    """What signs the workspace's unsubscribe links; None if there is no such workspace."""
    secret = await uow.value(_SQL["get_link_secret"])
    return None if secret is None else bytes(secret)


async def update_workspace(uow: UnitOfWork, workspace: Workspace) -> None:
    """Save all settings but the mode, which stays."""
    await uow.execute(_SQL["update_workspace"], **asdict(workspace))


async def list_workspaces(transaction: Transaction) -> list[Named]:
    """All workspaces by name, in a scheduling transaction."""
    return [Named(*row) for row in await transaction.rows(_SQL["list_workspaces"])]
