"""What journeys share: the API over the test's own database, whose workers are real processes."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.bootstrap import build_clock
from leadterra.config import Settings
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing
from tests.support.api import client, make_key
from tests.support.clock import NOW
from tests.support.fleet import Fleet
from tests.support.mail_system import MailSystem
from tests.support.village import today

STEPS = [{"subject": "Hello {{ firstName }}", "bodyHtml": "<p>Hi {{ firstName }}</p>"}]


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who knows the API and nothing else."""

    api: httpx.AsyncClient

    async def get(self, path: str, **query: object) -> Any:
        """The data of an answer."""
        return self._data(await self.api.get(path, params=cast("dict[str, str]", query)))

    async def post(self, path: str, body: object = None) -> Any:
        """The data of an answer."""
        return self._data(
            await self.api.post(path, json=body) if body is not None else await self.api.post(path)
        )

    async def account(self, name: str, limit: int, port: int, **fields: object) -> str:
        """A sender account; its id."""
        smtp = {"host": "127.0.0.1", "port": port, "security": "none"}
        body = {
            "email": f"{name}@acme.test",
            "name": name.title(),
            "dailyLimit": limit,
            "smtp": smtp,
            **fields,
        }
        return cast("str", (await self.post("/v1/sender-accounts", body))["id"])

    async def campaign(self, leads: int, *, steps: list[dict[str, str]] | None = None) -> str:
        """A campaign with leads lead00000@…, started; its id."""
        body = {"name": "Journey", "sequenceSteps": steps or STEPS}
        campaign = cast("str", (await self.post("/v1/campaigns", body))["id"])
        people = [{"email": f"lead{number:05}@leads.test", "firstName": "Ada"} for number in range(leads)]
        await self.post(f"/v1/campaigns/{campaign}/leads/bulk", {"leads": people})
        await self.post(f"/v1/campaigns/{campaign}/start")
        return campaign

    async def stats(self, campaign: str) -> dict[str, Any]:
        """The campaign's numbers."""
        return cast("dict[str, Any]", await self.get(f"/v1/campaigns/{campaign}/stats"))

    @staticmethod
    def _data(answer: httpx.Response) -> Any:
        assert answer.is_success, answer.text
        return answer.json()["data"]


@pytest.fixture
def fleet(tmp_path: Path, own_urls: tuple[str, str]) -> Iterator[Fleet]:
    """Worker processes and mail servers, at noon."""
    (tmp_path / "data").mkdir(exist_ok=True)
    with Fleet(tmp_path, own_urls[1], lease_seconds=5) as fleet:
        fleet.set_now(NOW)
        yield fleet


@pytest.fixture
def fleet_beside_mail(tmp_path: Path, own_urls: tuple[str, str], mail: MailSystem) -> Iterator[Fleet]:
    """Worker processes that trust the mail servers, at noon of the present day: these have real clocks."""
    (tmp_path / "data").mkdir(exist_ok=True)
    with Fleet(tmp_path, own_urls[1], lease_seconds=5, smtp_ca_file=mail.certificates) as fleet:
        fleet.set_now(today())
        yield fleet


@pytest.fixture
async def user(fleet: Fleet, own_database: Database, own_workspace: UUID) -> AsyncIterator[User]:
    """A user of the API; passwords are sealed with the key ring of the fleet."""
    settings = Settings(data_dir=fleet.folder / "data", clock_file=fleet.clock_file)
    equipment = Equipment(own_database, build_clock(settings), KeyRing.load(settings), settings)
    key = await make_key(own_database, own_workspace, now=equipment.clock.now())
    async with client(equipment, key) as api:
        yield User(api)


@pytest.fixture
def mail() -> Iterator[MailSystem]:
    """Real mail servers, with nobody in them; they start in a fraction of a second."""
    with MailSystem() as system:
        yield system
