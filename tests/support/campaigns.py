"""A campaign in a database, made by the action that the API uses."""

import asyncio
from uuid import UUID

from leadterra.actions.campaigns import create_campaign
from leadterra.actions.running import run
from leadterra.domain.campaign import Campaign
from leadterra.domain.sequence import StepDraft
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.ids import encode
from leadterra.store.workspaces import list_workspaces
from tests.support.clock import NOW


def add_campaign(url: str, name: str) -> str:
    """A draft with one step in the database's only workspace; its id."""
    return encode("camp", asyncio.run(_add_campaign(url, name)))


async def _add_campaign(url: str, name: str) -> UUID:
    async def create(uow: UnitOfWork) -> Campaign:
        return await create_campaign(uow, name, [StepDraft("Hello", "<p>Hello</p>")], now=NOW)

    database = Database(url, connections=1)
    await database.open()
    try:
        async with database.scheduling() as scheduling:
            (workspace,) = await list_workspaces(scheduling)
        return (await run(database, workspace.id, create)).id
    finally:
        await database.close()
