"""`leadterra accounts verify`: the report of a check, as a table and as JSON."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

import pytest

from tests.support.dns_server import NameServer, name_server
from tests.support.processes import Program
from tests.support.smtp_servers import ScriptedServer, scripted


@pytest.fixture
async def names() -> AsyncIterator[NameServer]:
    """Knows an MX record, and nothing else."""
    async with name_server({"acme.example": {"MX": ["10 mx.acme.example."]}}) as server:
        yield server


@pytest.fixture
async def mail() -> AsyncIterator[ScriptedServer]:
    """Asks for no login."""
    async with scripted() as server:
        yield server


@pytest.fixture
async def program(
    tmp_path_factory: pytest.TempPathFactory,
    make_database: Callable[[str], tuple[str, str]],
    worker_id: str,
    names: NameServer,
    mail: ScriptedServer,
) -> AsyncIterator[Program]:
    """Commands on a database with one account."""
    urls = make_database(f"leadterra_verify_{worker_id}")
    folder = tmp_path_factory.mktemp("verify")
    settings = {
        "admin_database_url": urls[0],
        "database_url": urls[1],
        "data_dir": folder / "data",
        "nameserver": f"127.0.0.1:{names.address[1]}",
    }
    rows = f"email,name,smtp_host,smtp_port,smtp_security\nada@acme.example,Ada,127.0.0.1,{mail.port},none\n"
    (folder / "accounts.csv").write_text(rows, encoding="utf-8")
    with Program(folder, **settings) as commands:
        assert (await asyncio.to_thread(commands.run, "workspaces", "create", "acme")).code == 0
        assert (await asyncio.to_thread(commands.run, "accounts", "import", "accounts.csv")).code == 0
        yield commands


async def test_an_account_is_verified(program: Program, mail: ScriptedServer) -> None:
    """By its address or its id; the server is reached and gets no letter; what to publish is shown; a check
    that fails is exit code 1, an account that is not there 2.
    """
    told = await asyncio.to_thread(program.run, "accounts", "verify", "ADA@acme.example", "--json")
    report = json.loads(told.out)
    shown = await asyncio.to_thread(
        program.run, "accounts", "verify", report["senderAccountId"], "--dkim-selector", "s1"
    )
    nobody = await asyncio.to_thread(program.run, "accounts", "verify", "eve@acme.example")

    found = {check["check"]: check["status"] for check in report["checks"]}
    assert found == {
        "smtp": "pass",
        "imap": "warn",
        "spf": "fail",
        "dkim": "warn",
        "dmarc": "fail",
        "mx": "pass",
    }
    assert (told.code, shown.code, nobody.code, report["status"]) == (1, 1, 2, "fail")
    assert "v=spf1 mx ~all" in shown.out
    assert "s1._domainkey.acme.example has no key" in shown.out
    assert (len(mail.connections), mail.letters) == (2, [])
