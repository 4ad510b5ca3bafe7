"""A file of leads into a running campaign, beside a raw COPY of the same rows.

Two walls, not peers. COPY into a bare table checks no address, knows no duplicate, enrols nobody, and keeps
one index. COPY of finished rows into tables with the columns, constraints and indexes of leads and
enrollments is what any system pays that keeps these books, if checking and resuming cost nothing. Both are
fed text that was made before. Every run begins with empty tables, and is a process of its own.
"""

import asyncio
import csv
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import IO
from uuid import UUID

import psycopg

from bench.measuring import Aim, Case, Contestant, Meter, Run, per_thousand
from bench.places import Place
from bench.programs import report
from leadterra.store.database import Database
from leadterra.store.ids import new_id, new_id_numbers
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from tests.support.clock import NOW
from tests.support.pools import TestPool

LEADS = 1_000_000
_SECONDS = 600.0
_HEADER = ("email", "firstName", "lastName", "company", "jobTitle", "city")
_BARE = "create table bare (id uuid primary key, a text, b text, c text, d text, e text, f text)"
_BOOKS = (
    "create table book_leads (like leads including all)",
    "alter table book_leads add foreign key (workspace_id) references workspaces (workspace_id)",
    "create table book_parts (like enrollments including all)",
    "alter table book_parts add foreign key (workspace_id, campaign_id) references campaigns"
    " (workspace_id, id)",
)
_BOOK_LEADS = (
    "book_leads (workspace_id, id, email, email_key, email_domain, first_name, last_name, company, job_title,"
    " custom_fields, created_at, updated_at)"
)
_BOOK_PARTS = "book_parts (workspace_id, id, campaign_id, lead_id, state, due_at, created_at, updated_at)"


@contextmanager
def cases(place: Place) -> Iterator[Sequence[Case]]:
    """One case. Its files are made here, once."""
    ours, bare, books = "ours", "COPY into a bare table", "COPY into the same tables"
    work = _prepare(place, place.size(LEADS, least=20_000))
    yield [
        Case(
            name="import",
            unit="leads/s",
            contestants=[
                Contestant(ours, partial(_import, work)),
                Contestant(bare, partial(_copy, work, (_BARE,), ("bare",), {"bare": work.bare})),
                Contestant(
                    books,
                    partial(
                        _copy,
                        work,
                        _BOOKS,
                        ("book_leads", "book_parts"),
                        {_BOOK_LEADS: work.leads, _BOOK_PARTS: work.parts},
                    ),
                ),
            ],
            aims=[
                Aim("an import is at least 0.3 of COPY", of=ours, beside=bare, at_least=0.3),
                Aim("an import is as fast as COPY into the same tables", of=ours, beside=books, at_least=1.0),
            ],
            note="CPU is that of the program and of its database, for a thousand leads",
        )
    ]


@dataclass(frozen=True, slots=True)
class Work:
    """What every run finds. count: of leads. file: to import. bare, leads, parts: the same rows as COPY takes
    them.
    """

    place: Place
    count: int
    file: Path
    bare: Path
    leads: Path
    parts: Path


def _import(work: Work) -> Run:
    workspace_id, campaign_id = asyncio.run(_open_campaign(work.place.postgres.program_url()))
    arguments = [
        "bench.peers.importing",
        work.place.postgres.program_url(),
        str(workspace_id),
        str(campaign_id),
    ]
    try:
        return _measure(work, [*arguments, str(work.file), str(work.count)])
    finally:
        _execute(work.place, "truncate leads, enrollments, imports")


def _copy(work: Work, make: Sequence[str], tables: Sequence[str], files: dict[str, Path]) -> Run:
    arguments = ["bench.peers.copying", work.place.postgres.admin_url()]
    try:
        _execute(work.place, *make)
        return _measure(work, arguments + [str(each) for pair in files.items() for each in pair])
    finally:
        _execute(work.place, f"drop table if exists {', '.join(tables)}")


def _measure(work: Work, arguments: Sequence[str]) -> Run:
    """arguments: a module of ours that reports its seconds and CPU, and what it wants to know."""
    _execute(work.place, "checkpoint")
    log = work.place.new_folder("import") / "log"
    with Meter([work.place.postgres_pid]) as meter:
        done = report([sys.executable, "-m", *arguments], log, seconds=_SECONDS)
    return Run(
        value=work.count / done.seconds,
        cpu=per_thousand(done.cpu + meter.cpu, work.count),
        memory=done.memory,
        store_cpu=per_thousand(meter.cpu, work.count),
        count=work.count,
    )


def _execute(place: Place, *statements: str) -> None:
    with psycopg.connect(place.postgres.admin_url(), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


async def _open_campaign(program_url: str) -> tuple[UUID, UUID]:
    """A workspace with a running campaign: both ids."""
    database, workspace_id = Database(program_url, connections=1), new_id(NOW)
    await database.open()
    async with database.unit_of_work(workspace_id) as uow:
        await insert_workspace(uow, "bench", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    campaign_id = await TestPool(database, workspace_id).campaign()
    await database.close()
    return workspace_id, campaign_id


def _prepare(place: Place, count: int) -> Work:
    workspace_id, campaign_id = asyncio.run(_open_campaign(place.postgres.program_url()))
    folder = place.new_folder("leads")
    work = Work(place, count, *(folder / name for name in ("leads.csv", "bare", "leads", "parts")))
    ids = zip(range(count), new_id_numbers(NOW, count), new_id_numbers(NOW, count), strict=True)
    with ExitStack() as files:
        to_import, *others = [
            files.enter_context(path.open("w")) for path in (work.file, work.bare, work.leads, work.parts)
        ]
        csv.writer(to_import).writerow(_HEADER)
        while block := list(islice(ids, 10_000)):
            csv.writer(to_import).writerows(_cells(number) for number, _, _ in block)
            _write_finished(block, f"{workspace_id}", f"{campaign_id}", others)
    return work


def _cells(number: int) -> tuple[str, ...]:
    """A row of the file that is imported."""
    return (f"lead{number}@example{number % 997}.com", "Ada", "Lovelace", "Engines Ltd", "Analyst", "London")


def _write_finished(
    block: Sequence[tuple[int, int, int]], workspace: str, campaign: str, files: Sequence[IO[str]]
) -> None:
    """The same rows as they end up in the tables. block: number, id of the lead, id of its part."""
    bare, leads, parts = files
    now = NOW.isoformat()
    for number, lead, part in block:
        email, *names, city = _cells(number)
        domain = email.partition("@")[2]
        bare.write(_line(f"{lead:032x}", email, *names, city))
        leads.write(
            _line(workspace, f"{lead:032x}", email, email, domain, *names, f'{{"city":"{city}"}}', now, now)
        )
        parts.write(_line(workspace, f"{part:032x}", campaign, f"{lead:032x}", "waiting", now, now, now))


def _line(*cells: str) -> str:
    return "\t".join(cells) + "\n"
