"""The runner that every route shares, seen through routes made for the purpose."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID

import httpx
import pytest
from psycopg import errors

from leadterra.actions.equipment import Equipment
from leadterra.api.answers import Answer, Nothing
from leadterra.api.application import create_api
from leadterra.api.fields import Body, View
from leadterra.api.routing import Call, Errand, Routes
from leadterra.domain.api_key import Scope
from leadterra.domain.errors import Conflict
from leadterra.store.database import Database, UnitOfWork

_KEY = {"Idempotency-Key": "k"}


class Note(View):
    """What the test routes answer."""

    text: str


class Words(Body):
    """What one of them takes."""

    text: str


async def rename(uow: UnitOfWork, text: str) -> None:
    """A change that can be seen afterwards."""
    await uow.execute(
        "update workspaces set name = %(text)s where workspace_id = %(workspace_id)s", text=text
    )


class Bench:
    """Routes whose handlers misbehave as told. runs: how often one was run."""

    def __init__(self) -> None:
        self.runs = 0
        self.routes = Routes("Bench", "For tests.")
        self.routes.post("/v1/deadlock", scope=Scope.WRITE)(self.deadlock)
        self.routes.post("/v1/crash", scope=Scope.WRITE)(self.crash)
        self.routes.post("/v1/refuse", scope=Scope.WRITE)(self.refuse)
        self.routes.post("/v1/file", scope=Scope.WRITE, status=202, uploads=("text/csv",))(self.file)

    async def deadlock(self, call: Call) -> Answer[Note]:
        """Is undone twice before it gets through."""
        self.runs += 1
        await rename(call.uow, f"run {self.runs}")
        if self.runs < 3:
            raise errors.DeadlockDetected
        return Answer(Note(text=f"run {self.runs}"))

    async def crash(self, call: Call) -> Nothing:
        """Dies after its change, before the commit."""
        self.runs += 1
        await rename(call.uow, "half done")
        raise asyncio.CancelledError

    async def refuse(self, call: Call) -> Nothing:
        """Changes something, then finds that it may not."""
        await rename(call.uow, "refused")
        raise Conflict

    async def file(self, call: Errand, body: Words | None) -> Answer[Note]:
        """Tells what came, as a file or as JSON."""
        self.runs += 1
        if call.upload is None:
            return Answer(Note(text=f"json {body.text if body else ''}"))
        rows = sum(1 for _ in call.upload.file)
        await call.run(lambda uow: rename(uow, f"{rows} rows"))
        return Answer(Note(text=f"{call.upload.media_type} {rows} rows"))


@pytest.fixture
def bench() -> Bench:
    """Fresh routes."""
    return Bench()


@pytest.fixture
async def api(equipment: Equipment, key: str, bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an API of those routes."""
    app = create_api(equipment, resources=[bench.routes])
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://api.test", headers=headers
    ) as opened:
        yield opened


async def name_of(database: Database, workspace: UUID) -> str:
    """What the workspace is called."""
    async with database.unit_of_work(workspace) as uow:
        return await uow.value("select name from workspaces where workspace_id = %(workspace_id)s")


@pytest.mark.parametrize("headers", [{}, _KEY])
async def test_a_deadlock_is_tried_again(
    api: httpx.AsyncClient, database: Database, workspace: UUID, headers: dict[str, str]
) -> None:
    """The caller sees the run that got through, and only that one is kept."""
    answer = await api.post("/v1/deadlock", headers=headers)

    assert answer.json() == {"data": {"text": "run 3"}}
    assert await name_of(database, workspace) == "run 3"


async def test_a_crash_leaves_nothing_half_done(
    api: httpx.AsyncClient, bench: Bench, database: Database, workspace: UUID
) -> None:
    """Nothing is kept, and a retry with the same key is told to wait until the hold lapses."""
    with pytest.raises(asyncio.CancelledError):
        await api.post("/v1/crash", headers=_KEY)
    answer = await api.post("/v1/crash", headers=_KEY)

    assert answer.json()["code"] == "idempotency_in_progress"
    assert (await name_of(database, workspace)).startswith("test ")
    assert bench.runs == 1


@pytest.mark.parametrize("headers", [{}, _KEY])
async def test_a_refused_request_changes_nothing(
    api: httpx.AsyncClient, database: Database, workspace: UUID, headers: dict[str, str]
) -> None:
    """What the handler did before it refused is undone (R13)."""
    answer = await api.post("/v1/refuse", headers=headers)

    assert answer.status_code == 409
    assert (await name_of(database, workspace)).startswith("test ")


async def test_a_file_arrives_before_the_work_begins(api: httpx.AsyncClient) -> None:
    """A route that takes files gets them whole, and JSON as well; anything else is a 415."""
    file = await api.post(
        "/v1/file", content=b"a\n" * 1_000_000, headers={"Content-Type": "text/csv; charset=utf-8"}
    )
    text = await api.post("/v1/file", json={"text": "hello"})
    other = await api.post("/v1/file", content=b"x", headers={"Content-Type": "image/png"})

    assert (file.status_code, file.json()) == (202, {"data": {"text": "text/csv 1000000 rows"}})
    assert text.json() == {"data": {"text": "json hello"}}
    assert other.status_code == 415


async def test_a_file_is_replayed_by_its_content(
    api: httpx.AsyncClient, bench: Bench, database: Database, workspace: UUID
) -> None:
    """The same file with the same key is worked on once; another file may not use the key."""
    headers = _KEY | {"Content-Type": "text/csv"}
    answers = [
        await api.post("/v1/file", content=content, headers=headers) for content in (b"a\n", b"a\n", b"b\n")
    ]

    assert [answer.status_code for answer in answers] == [202, 202, 422]
    assert (bench.runs, await name_of(database, workspace)) == (1, "1 rows")


async def test_a_dry_run_of_a_file_keeps_nothing(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """Each of the errand's transactions is rolled back."""
    await api.post("/v1/file?dryRun=true", content=b"a\n", headers={"Content-Type": "text/csv"})

    assert (await name_of(database, workspace)).startswith("test ")


def test_a_handler_that_breaks_the_rules_is_refused_at_once() -> None:
    """At declaration, not at the first request."""

    async def nameless(call: Call) -> Answer[Note]:
        return Answer(Note(text=""))

    with pytest.raises(TypeError, match=r"POST /v1/x: the handler breaks the rules"):
        Routes("X", "Y").post("/v1/x", scope=Scope.WRITE)(nameless)
