"""A campaign with a few leads and an account, and what the API explains of them, in a few words."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx

from leadterra.store.ids import encode
from tests.support.clock import NOW
from tests.support.outreach import shown
from tests.support.pools import TAKEN, TestPool

MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
"""The one after `NOW`."""


def hours(count: float) -> datetime:
    """So many hours after `NOW`."""
    return NOW + timedelta(hours=count)


class Explained:
    """A campaign with a few leads and an account, and what the API says of them."""

    def __init__(self, api: httpx.AsyncClient, pool: TestPool) -> None:
        self.api, self.pool = api, pool
        self.account: UUID
        self.campaign: UUID
        self.enrollments: list[UUID] = []

    async def set_up(self, *, limit: int = 50, leads: int = 3, steps: int = 2) -> "Explained":
        """An account, a running campaign, and leads that are due."""
        self.account = await self.pool.account("ada", limit)
        self.campaign = await self.pool.campaign(steps=steps)
        self.enrollments = await self.pool.leads(self.campaign, leads)
        return self

    async def patch(self, path: str, body: dict[str, object]) -> None:
        """Change a setting as a user would."""
        shown(await self.api.patch(path, json=body))

    async def patch_campaign(self, **fields: object) -> None:
        """The campaign."""
        await self.patch(f"/v1/campaigns/{encode('camp', self.campaign)}", fields)

    async def patch_account(self, **fields: object) -> None:
        """The account."""
        await self.patch(f"/v1/sender-accounts/{encode('sa', self.account)}", fields)

    async def lead_path(self, number: int = 0) -> str:
        """Of one of the leads in the campaign."""
        lead_id = await self.pool.enrollment(self.enrollments[number], "lead_id")
        return f"/v1/campaigns/{encode('camp', self.campaign)}/leads/{encode('lead', lead_id)}"

    async def lead(self, number: int = 0) -> dict[str, Any]:
        """What is said of one of the leads."""
        return shown(await self.api.get(f"{await self.lead_path(number)}/explain"))

    async def whole(self) -> dict[str, Any]:
        """What is said of the campaign."""
        return shown(await self.api.get(f"/v1/campaigns/{encode('camp', self.campaign)}/explain"))

    async def sender(self) -> dict[str, Any]:
        """What is said of the account."""
        return shown(await self.api.get(f"/v1/sender-accounts/{encode('sa', self.account)}/explain"))

    async def send(self, count: int, now: datetime = NOW) -> None:
        """Have the engine send so many."""
        claim = await self.pool.must_claim(now, limit=count)
        assert len(claim.rows) == count
        await self.pool.clear(claim, now)
        await self.pool.settle(claim, TAKEN, now, data_at=now)


def closed(found: dict[str, Any], gate: str) -> tuple[Any, Any, Any]:
    """The numbers and the instant of a gate that is closed, and that holds the lead most."""
    [check] = [each for each in found["gates"] if each["gate"] == gate]
    assert not check["pass"]
    assert found["blockedBy"] == gate
    assert check["detail"].endswith(".")
    return check["value"], check["limit"], check["clearsAt"]


def detail(found: dict[str, Any], gate: str) -> str:
    """What is said of a gate."""
    [check] = [each for each in found["gates"] if each["gate"] == gate]
    return str(check["detail"])
