"""Worker processes ask the name server of the settings whose servers take the mail of recipients."""

from pathlib import Path
from typing import Any
from uuid import UUID

from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.dns_server import Zone, name_server
from tests.support.fleet import Fleet
from tests.support.pools import TestPool
from tests.support.waiting import eventually


async def test_worker_processes_find_the_providers_of_recipients(
    tmp_path: Path, own_urls: tuple[str, str], own_database: Database, own_workspace: UUID
) -> None:
    """A server that fails is no answer, and no fault."""
    pool = TestPool(own_database, own_workspace)
    await pool.execute("update workspaces set provider_matching = true where workspace_id = :w")
    await pool.leads(await pool.campaign(status="draft"), 3)
    await pool.account("ada", 10)
    (tmp_path / "data").mkdir()

    async def found() -> list[tuple[Any, ...]]:
        return await pool.ask(
            "select domain, provider from recipient_domains where workspace_id = :w order by domain"
        )

    async def are_found() -> bool:
        return await found() == [("acme.test", None), ("leads.test", "google")]

    zone: Zone = {"leads.test": {"MX": ["1 smtp.google.com."]}, "acme.test": "servfail"}
    async with name_server(zone) as server:
        nameserver = f"{server.address[0]}:{server.address[1]}"
        with Fleet(tmp_path, own_urls[1], nameserver=nameserver) as fleet:
            fleet.set_now(NOW)
            worker = fleet.start_worker()
            await eventually(are_found, seconds=60, what=f"the providers; {fleet.log()[-1000:]}")
            fleet.drain()

    assert [kind for name, kind in server.asked if name == "leads.test"] == ["MX"]
    assert (worker.returncode, "worker.failed" in fleet.log()) == (0, False)
