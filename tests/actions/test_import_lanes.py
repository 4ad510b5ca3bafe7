"""Chunks of an import run beside each other, and are committed one after the other."""

import asyncio
import io
from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.actions.campaigns import create_campaign
from leadterra.actions.enrolling import CHUNK
from leadterra.actions.lead_files import LeadFile
from leadterra.actions.lead_imports import Watch, import_leads
from leadterra.store.database import Database
from leadterra.store.imports import Import
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool


@pytest.fixture
async def campaign(database: Database, workspace: UUID) -> UUID:
    """An empty draft."""
    async with database.unit_of_work(workspace) as uow:
        return (await create_campaign(uow, "Test", [], now=NOW)).id


def csv_of(emails: list[str]) -> LeadFile:
    """A CSV file of addresses."""
    return LeadFile(io.BytesIO("\n".join(["email", *emails]).encode()), "csv", "leads.csv")


def people(count: int, first: int = 0) -> list[str]:
    """That many different addresses, which do not come in their alphabetical order."""
    return [f"p{number * 7919 % 99991:05}@example.com" for number in range(first, first + count)]


def counts(progress: Import) -> tuple[str, int, int, int]:
    """State, rows read, enrolled, updated."""
    return progress.state, progress.rows_read, progress.enrolled, progress.updated


async def order_of(pool: TestPool) -> list[str]:
    """Addresses in the order in which they are sent to."""
    rows = await pool.ask(
        "select l.email_key from enrollments e join leads l on l.id = e.lead_id"
        " where e.workspace_id = :w order by e.due_at, e.id"
    )
    return [row[0] for row in rows]


async def test_what_is_committed_is_the_beginning_of_the_file(
    database: Database, workspace: UUID, campaign: UUID
) -> None:
    """After every chunk: the rows that were read are there, and no other."""
    seen: list[Import] = []
    emails = people(3 * CHUNK + 7)

    await import_leads(
        database, workspace, campaign, csv_of(emails), clock=ManualClock(), watch=Watch(progress=seen.append)
    )

    assert [each.rows_read for each in seen] == [CHUNK, 2 * CHUNK, 3 * CHUNK, 3 * CHUNK + 7]
    assert [each.enrolled for each in seen] == [each.rows_read for each in seen]
    assert await order_of(TestPool(database, workspace)) == emails


async def test_known_leads_in_the_middle_of_a_file_are_found(
    database: Database, workspace: UUID, campaign: UUID
) -> None:
    """The chunk that took all of them for new is taken again, and the one behind it has its place."""
    pool = TestPool(database, workspace)
    emails = people(2 * CHUNK + 50)
    clock = ManualClock()
    await import_leads(database, workspace, campaign, csv_of(emails[CHUNK + 5 : CHUNK + 8]), clock=clock)

    done = await import_leads(database, workspace, campaign, csv_of(emails), clock=clock)

    assert counts(done.progress) == ("done", 2 * CHUNK + 50, 2 * CHUNK + 47, 3)
    assert (await pool.totals(campaign))["enrolled"] == 2 * CHUNK + 50
    assert [each for each in await order_of(pool) if each not in emails[CHUNK + 5 : CHUNK + 8]] == [
        *emails[: CHUNK + 5],
        *emails[CHUNK + 8 :],
    ]


async def test_an_address_of_the_chunk_before_counts_there(
    database: Database, workspace: UUID, campaign: UUID
) -> None:
    """The last row of one chunk is the first of the next."""
    emails = people(CHUNK)

    done = await import_leads(
        database, workspace, campaign, csv_of([*emails, emails[-1], emails[0]]), clock=ManualClock()
    )

    assert counts(done.progress) == ("done", CHUNK + 2, CHUNK, 0)
    assert await order_of(TestPool(database, workspace)) == emails


async def test_two_runs_at_once_end_like_one(database: Database, workspace: UUID, campaign: UUID) -> None:
    """Of the same file into the same campaign: every lead once, and both say so."""
    emails = people(2 * CHUNK + 50)
    runs = [
        import_leads(database, workspace, campaign, csv_of(emails), clock=ManualClock()) for _ in range(2)
    ]

    first, second = await asyncio.gather(*runs)

    assert counts(first.progress) == counts(second.progress) == ("done", 2 * CHUNK + 50, 2 * CHUNK + 50, 0)
    assert first.progress.id == second.progress.id
    assert await order_of(TestPool(database, workspace)) == emails


async def test_imports_of_the_same_people_in_opposite_orders_both_end(
    database: Database, workspace: UUID, campaign: UUID
) -> None:
    """Each holds what the other one wants; neither waits for ever, and nobody is there twice."""
    emails = people(2 * CHUNK + 50)
    later = ManualClock(NOW + timedelta(seconds=1))

    first, second = await asyncio.gather(
        import_leads(database, workspace, campaign, csv_of(emails), clock=ManualClock()),
        import_leads(database, workspace, campaign, csv_of(emails[::-1]), clock=later),
    )

    count = 2 * CHUNK + 50
    assert first.progress.enrolled + second.progress.enrolled == count
    assert first.progress.updated + second.progress.updated == count
    assert (await TestPool(database, workspace).totals(campaign))["enrolled"] == count
