"""Clients that talk to the API in this process, and keys for them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

import httpx

from leadterra.actions.api_keys import create_key
from leadterra.actions.equipment import Equipment
from leadterra.actions.workspaces import create_workspace
from leadterra.api.application import create_api
from leadterra.dashboard import unsubscribing
from leadterra.domain.api_key import Mode, Scope
from leadterra.store.database import Database
from leadterra.store.ids import new_id


async def make_key(
    database: Database, workspace_id: UUID, *, now: datetime, scopes: Sequence[Scope] = tuple(Scope)
) -> str:
    """A key of that workspace; with every scope unless told otherwise."""
    async with database.unit_of_work(workspace_id) as uow:
        return (await create_key(uow, "test", scopes, now=now)).text


async def make_workspace(database: Database, mode: Mode, *, now: datetime) -> UUID:
    """A new workspace of that mode."""
    workspace_id = new_id(now)
    async with database.unit_of_work(workspace_id) as uow:
        await create_workspace(uow, "another", mode, now=now)
    return workspace_id


@asynccontextmanager
async def client(equipment: Equipment, key: str | None = None) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a new API over those equipment. key: sent with every request."""
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    transport = httpx.ASGITransport(app=create_api(equipment, unsubscribing.routes(equipment)))
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test", headers=headers) as opened:
        yield opened
