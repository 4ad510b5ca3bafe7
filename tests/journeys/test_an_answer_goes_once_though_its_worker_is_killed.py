"""A person's answer goes once, though its worker is killed; after DATA nobody sends it again. And what the
rules did not understand is put to the operator's model meanwhile.
"""

from pathlib import Path
from uuid import UUID

import pytest

from leadterra.mail.finding import Classification, Finding, Kind
from leadterra.store.database import Database
from tests.support.answering import AnswerDesk
from tests.support.fleet import Fleet
from tests.support.model_server import model_server, said
from tests.support.pools import TestPool
from tests.support.returning import LATER
from tests.support.smtp_servers import Move, ScriptedServer, scripted
from tests.support.waiting import eventually

UNCLEAR = Finding(Kind.REPLY, Classification.OTHER, new_text="Hm, perhaps")


@pytest.fixture
async def desk(own_database: Database, own_workspace: UUID) -> AnswerDesk:
    """A lead that wrote back."""
    return await AnswerDesk.opened(TestPool(own_database, own_workspace))


def has_come_to(server: ScriptedServer, point: str) -> bool:
    """Whether the conversation hangs at that point: the server has all that comes before."""
    if point == "BODY":
        return server.ends == 1
    return any(line.startswith(point.encode()) for line in server.commands)


@pytest.mark.parametrize(("point", "state"), [("RCPT", "sent"), ("BODY", "uncertain")])
async def test_an_answer_goes_once_though_its_worker_is_killed(
    tmp_path: Path, own_urls: tuple[str, str], desk: AnswerDesk, *, point: str, state: str
) -> None:
    """The server hangs at that point of the first conversation until the worker is dead."""
    (tmp_path / "data").mkdir()
    usual = {"RCPT": "250 2.1.5 fine", "BODY": "250 2.0.0 taken"}[point]
    async with scripted({point: [Move.HANG, usual]}) as server, model_server(said("interested")) as model:
        pool = desk.pool
        account = {"smtp_host": server.host, "smtp_port": server.port}
        await pool.change("sender_accounts", desk.account_id, **account)
        await desk.mailroom.answer(desk.enrollment_id, UNCLEAR)
        await desk.respond()

        async def is_settled() -> bool:
            return bool((await pool.states("responses")).get(state))

        async def is_labelled() -> bool:
            rows = await pool.ask("select classified_by from replies where workspace_id = :w and asked > 0")
            return rows == [("model",)]

        settings = {"lease_seconds": 2, "model_url": model.url, "model_name": "small"}
        with Fleet(tmp_path, own_urls[1], **settings) as fleet:
            fleet.set_now(LATER)
            fleet.start_worker()
            await eventually(lambda: has_come_to(server, point), seconds=60)
            fleet.kill_worker(0)
            await eventually(is_settled, seconds=60, what=f"it to be {state}; {fleet.log()[-1000:]}")
            await eventually(is_labelled, seconds=60, what=f"a label; {fleet.log()[-1000:]}")
            fleet.drain()

    assert len(server.letters) == 1
    assert await pool.states("responses") == {state: 1}
    assert "worker.failed" not in fleet.log()
    await desk.check()
