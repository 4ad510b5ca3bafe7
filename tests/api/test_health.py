"""`/healthz` and `/readyz`."""

from collections.abc import Callable
from dataclasses import replace

import psycopg
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from leadterra.store.workers import delete_silent_workers, delete_worker, record_worker
from tests.support.api import client
from tests.support.clock import NOW, ManualClock


@pytest.fixture
async def quiet(equipment: Equipment, database: Database, clock: ManualClock) -> Equipment:
    """Equipment whose clock is where no other test's workers are."""
    clock.advance(days=3650)
    async with database.global_work() as transaction:
        await delete_silent_workers(transaction, before=clock.now())
    return equipment


async def test_the_process_is_up(equipment: Equipment) -> None:
    """healthz needs no key and no database."""
    async with client(equipment) as api:
        answer = await api.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_ready_needs_a_worker_that_was_seen_lately(
    quiet: Equipment, database: Database, clock: ManualClock
) -> None:
    """Seen within 15 s is ready; later it is not, and the answer says what to do."""
    worker = new_id(NOW)
    async with database.global_work() as transaction:
        await record_worker(transaction, worker, "host", 1, now=clock.now())
    async with client(quiet) as api:
        alive = await api.get("/readyz")
        clock.advance(seconds=16)
        silent = await api.get("/readyz")
    async with database.global_work() as transaction:
        await delete_worker(transaction, worker)

    assert (alive.status_code, alive.json()["status"]) == (200, "ready")
    assert {name: check["ok"] for name, check in alive.json()["checks"].items()} == {
        "database": True,
        "migrations": True,
        "workers": True,
    }
    assert (silent.status_code, silent.json()["checks"]["workers"]["ok"]) == (503, False)
    assert "leadterra work" in silent.json()["checks"]["workers"]["reason"]


async def test_a_database_that_is_away_is_the_reason(equipment: Equipment) -> None:
    """503 that says so."""
    away = replace(equipment, database=Database("postgresql://nowhere.invalid/x"))
    async with client(away) as api:
        answer = await api.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == {"ok": False, "reason": "The database does not answer."}


@pytest.mark.parametrize("damage", ["delete from _yoyo_migration", "drop table _yoyo_migration"])
async def test_a_schema_that_is_behind_is_the_reason(
    equipment: Equipment, make_database: Callable[[str], tuple[str, str]], worker_id: str, damage: str
) -> None:
    """503 that says what to run, also for a database that was never migrated."""
    admin_url, url = make_database(f"leadterra_behind_{damage.split(maxsplit=1)[0]}_{worker_id}")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(damage)
    database = Database(url)
    await database.open()
    async with client(replace(equipment, database=database)) as api:
        answer = await api.get("/readyz")
    await database.close()

    checks = answer.json()["checks"]
    assert (answer.status_code, checks["database"]["ok"], checks["migrations"]["ok"]) == (503, True, False)
    assert "leadterra migrate" in checks["migrations"]["reason"]
