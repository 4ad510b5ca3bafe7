"""Imports of files: resumable, in order, in chunks, and each address once."""

import io
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

import pytest

from leadterra.actions.campaigns import create_campaign
from leadterra.actions.enrolling import CHUNK
from leadterra.actions.lead_files import LeadFile
from leadterra.actions.lead_imports import RowOutcome, Watch, import_leads
from leadterra.domain.errors import Unacceptable
from leadterra.store.database import Database
from leadterra.store.imports import Import
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool


class Killed(BaseException):
    """Stands for SIGKILL: nothing may catch it."""


@pytest.fixture
async def campaign(database: Database, workspace: UUID) -> UUID:
    """An empty draft."""
    async with database.unit_of_work(workspace) as uow:
        return (await create_campaign(uow, "Test", [], now=NOW)).id


@pytest.fixture
def clock() -> ManualClock:
    """A clock that moves on by a second whenever it is read, as a real one would between chunks."""

    class Ticking(ManualClock):
        def now(self) -> datetime:
            self.advance(seconds=1)
            return super().now()

    return Ticking(NOW)


def csv_of(*lines: str) -> LeadFile:
    """A CSV file with a header for address and first name."""
    return LeadFile(io.BytesIO("\n".join(["email,firstName", *lines]).encode()), "csv", "leads.csv")


def people(count: int, first: int = 0) -> list[str]:
    """Rows of that many different people."""
    return [f"p{number:06}@example.com,P{number}" for number in range(first, first + count)]


def counts(progress: Import) -> tuple[str, int, int, int, int, int]:
    """State, rows read, enrolled, updated, skipped, invalid."""
    return (
        progress.state,
        progress.rows_read,
        progress.enrolled,
        progress.updated,
        progress.skipped,
        progress.invalid,
    )


def die_after(chunks: int) -> Callable[[Import], None]:
    """A watcher under whom the process dies."""
    seen: list[Import] = []

    def watch(progress: Import) -> None:
        seen.append(progress)
        if len(seen) == chunks:
            raise Killed

    return watch


async def test_an_interrupted_import_goes_on_and_ends_the_same(
    database: Database, workspace: UUID, campaign: UUID, clock: ManualClock
) -> None:
    """Killed after a chunk and run again: the same leads, the same counts, in the order of the file."""
    lines = [*people(CHUNK), *people(CHUNK - 1, CHUNK), "nobody", *people(10, 2 * CHUNK)]
    with pytest.raises(Killed):
        await import_leads(
            database, workspace, campaign, csv_of(*lines), clock=clock, watch=Watch(progress=die_after(1))
        )
    done = await import_leads(database, workspace, campaign, csv_of(*lines), clock=clock)

    pool = TestPool(database, workspace)
    order = await pool.ask(
        "select l.email_key from enrollments e join leads l on l.id = e.lead_id"
        " where e.workspace_id = :w order by e.due_at, e.id"
    )
    assert done.resumed_at == CHUNK
    assert counts(done.progress) == ("done", 2 * CHUNK + 10, 2 * CHUNK + 9, 0, 0, 1)
    assert [row[0][1:7] for row in order] == [
        f"{number:06}" for number in [*range(2 * CHUNK - 1), *range(2 * CHUNK, 2 * CHUNK + 10)]
    ]
    assert (await pool.totals(campaign))["enrolled"] == 2 * CHUNK + 9


async def test_a_finished_import_starts_anew(
    database: Database, workspace: UUID, campaign: UUID, clock: ManualClock
) -> None:
    """The same file again is another import, in which everybody is known."""
    first = await import_leads(database, workspace, campaign, csv_of(*people(5)), clock=clock)
    second = await import_leads(database, workspace, campaign, csv_of(*people(5)), clock=clock)

    assert first.progress.id != second.progress.id
    assert counts(second.progress) == ("done", 5, 0, 5, 0, 0)


async def test_an_address_counts_once_wherever_it_comes_again(
    database: Database, workspace: UUID, campaign: UUID, clock: ManualClock
) -> None:
    """In the same chunk or in a later one; the last one wins."""
    lines = ["P000000@EXAMPLE.com,Early", *people(CHUNK), "p000000@example.com,Late", "p000001@example.com,"]

    done = await import_leads(database, workspace, campaign, csv_of(*lines), clock=clock)

    names = await TestPool(database, workspace).ask(
        "select first_name from leads where workspace_id = :w and email_key < 'p000002' order by email_key"
    )
    assert counts(done.progress) == ("done", CHUNK + 3, CHUNK, 0, 0, 0)
    assert names == [("Late",), ("P1",)]


async def test_every_row_is_reported(
    database: Database, workspace: UUID, campaign: UUID, clock: ManualClock
) -> None:
    """By number, with what became of it and why."""
    pool = TestPool(database, workspace)
    await import_leads(database, workspace, campaign, csv_of("known@example.com,K"), clock=clock)
    await pool.execute(
        "insert into suppressions (workspace_id, hash, kind, id, reason, source, created_at)"
        " values (:w, sha256('s@example.com'), 'email', :w, 'manual', 'api', :now)",
        now=NOW,
    )
    told: list[RowOutcome] = []
    lines = ["new@example.com,N", "known@example.com,K", "S@example.com,S", "nobody,x"]
    await import_leads(
        database, workspace, campaign, csv_of(*lines), clock=clock, watch=Watch(report=told.append)
    )

    assert [(row.number, row.email, row.outcome) for row in told] == [
        (1, "new@example.com", "enrolled"),
        (2, "known@example.com", "updated"),
        (3, "S@example.com", "skipped"),
        (4, "nobody", "invalid"),
    ]
    assert told[3].reason == "The e-mail address has no @-sign."


async def test_an_import_into_a_running_campaign_wakes_the_pool(
    database: Database, workspace: UUID, campaign: UUID, clock: ManualClock
) -> None:
    """Not one into a draft."""
    pool = TestPool(database, workspace)
    await import_leads(database, workspace, campaign, csv_of(*people(1)), clock=clock)
    asleep = await pool.ask("select isfinite(wake_at) from sender_pools where workspace_id = :w")
    await pool.execute(
        "update campaigns set status = 'running', started_at = created_at where workspace_id = :w"
    )
    await import_leads(database, workspace, campaign, csv_of(*people(1, 1)), clock=clock)

    assert asleep == [(False,)]
    assert await pool.ask("select isfinite(wake_at) from sender_pools where workspace_id = :w") == [(True,)]


async def test_a_file_with_too_many_rows_is_refused_before_the_first(
    database: Database, workspace: UUID, campaign: UUID, clock: ManualClock
) -> None:
    """A quoted line break is not a row."""
    fits = b'email,note\na@example.com,"1\n2"\nb@example.com,\n'
    over = b"email\na@example.com\nb@example.com\nc@example.com\n"

    async def start(content: bytes) -> None:
        source = LeadFile(io.BytesIO(content), "csv", "x", most_rows=2)
        await import_leads(database, workspace, campaign, source, clock=clock, dry_run=True)

    await start(fits)
    with pytest.raises(Unacceptable, match="more than 2 rows"):
        await start(over)

    assert await TestPool(database, workspace).ask(
        "select count(*) from imports where workspace_id = :w"
    ) == [(0,)]
