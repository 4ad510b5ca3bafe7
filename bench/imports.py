"""Leads a second imported from a CSV file into a running campaign, beside a raw COPY of the same rows into a
bare table.

COPY checks no address, knows no duplicate, enrols nobody and has no index but the primary key: it is the
wall, not a peer.
"""

import csv
import io
import tempfile
import time

import psycopg

from leadterra.actions.lead_files import LeadFile
from leadterra.actions.lead_imports import import_leads
from leadterra.store.database import Database
from leadterra.store.ids import new_id, new_ids
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool

_HEADER = ("email", "firstName", "lastName", "company", "jobTitle", "city")


def _rows(count: int) -> list[tuple[str, ...]]:
    return [
        (f"lead{number}@example{number % 997}.com", "Ada", "Lovelace", "Engines Ltd", "Analyst", "London")
        for number in range(count)
    ]


async def import_rate(program_url: str, count: int) -> float:
    """Leads a second, from the file to the enrollments."""
    database = Database(program_url)
    await database.open()
    workspace_id = new_id(NOW)
    async with database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, "bench", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    campaign = await TestPool(database, workspace_id).campaign()
    with tempfile.TemporaryFile() as file:
        text = io.TextIOWrapper(file, newline="", write_through=True)
        csv.writer(text).writerows([_HEADER, *_rows(count)])
        source = LeadFile(text.detach(), "csv", "leads.csv")
        start = time.perf_counter()
        result = await import_leads(database, workspace_id, campaign, source, clock=ManualClock())
        taken = time.perf_counter() - start
    await database.close()
    assert result.progress.enrolled == count
    return count / taken


async def copy_rate(admin_url: str, count: int) -> float:
    """Rows a second of psycopg's COPY."""
    rows = [(identity, *row) for identity, row in zip(new_ids(NOW, count), _rows(count), strict=True)]
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute("drop table if exists bare")
        connection.execute(
            "create table bare (id uuid primary key, a text, b text, c text, d text, e text, f text)"
        )
        start = time.perf_counter()
        with connection.cursor().copy("copy bare from stdin") as copy:
            for row in rows:
                copy.write_row(row)
        taken = time.perf_counter() - start
        connection.execute("drop table bare")
    return count / taken
