"""What the tests of the API share: equipment over the test database, and a client with a key of a fresh
workspace."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.config import Settings
from leadterra.domain.api_key import Mode
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing
from tests.support.api import client, make_key, make_workspace
from tests.support.clock import ManualClock
from tests.support.probing import without_network


@pytest.fixture
def equipment(database: Database, clock: ManualClock) -> Equipment:
    """What bootstrap would wire, over the test database and a clock that stands."""
    key_ring = KeyRing({"test": bytes(32)})
    probes = without_network(database, clock, key_ring)
    return Equipment(database, clock, key_ring, Settings(data_dir=Path("unused")), lambda: probes)


@pytest.fixture
async def key(database: Database, workspace: UUID, clock: ManualClock) -> str:
    """A key of `workspace` with every scope."""
    return await make_key(database, workspace, now=clock.now())


@pytest.fixture
async def api(equipment: Equipment, key: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of `workspace`."""
    async with client(equipment, key) as opened:
        yield opened


@pytest.fixture
async def other_workspace(equipment: Equipment, clock: ManualClock) -> AsyncIterator[httpx.AsyncClient]:
    """A client of another workspace."""
    other = await make_workspace(equipment.database, Mode.TEST, now=clock.now())
    async with client(equipment, await make_key(equipment.database, other, now=clock.now())) as opened:
        yield opened
