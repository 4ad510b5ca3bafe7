"""What tests of campaigns and leads say to the API, in a few words."""

from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import httpx

from leadterra.store.ids import decode

STEPS: list[dict[str, object]] = [
    {"subject": "Hello {{ firstName }}", "bodyHtml": "<p>Hi {{ firstName }} of {{ company }}</p>"},
    {"bodyHtml": "<p>Did you see my letter?</p>", "delayDays": 2},
]
"""A first letter and a follow-up in its thread."""


@dataclass(frozen=True, slots=True)
class Outreach:
    """A client, and the campaign that most requests are about."""

    api: httpx.AsyncClient
    campaign: str

    @property
    def path(self) -> str:
        """Of the campaign."""
        return f"/v1/campaigns/{self.campaign}"

    @property
    def uuid(self) -> UUID:
        """Of the campaign, inside."""
        return decode("camp", self.campaign)

    async def enroll(self, *emails: str, **fields: object) -> dict[str, Any]:
        """Enrol these addresses, each with the fields; the answer's data."""
        leads = [{"email": email, **fields} for email in emails]
        return shown(await self.api.post(f"{self.path}/leads/bulk", json={"leads": leads}))

    async def start(self) -> dict[str, Any]:
        """Start the campaign; the answer's data."""
        return shown(await self.api.post(f"{self.path}/start"))

    async def pause(self) -> dict[str, Any]:
        """Pause the campaign; the answer's data."""
        return shown(await self.api.post(f"{self.path}/pause"))

    async def stats(self) -> dict[str, Any]:
        """The campaign's numbers."""
        return shown(await self.api.get(f"{self.path}/stats"))

    async def status(self) -> str:
        """The campaign's status."""
        return cast("str", shown(await self.api.get(self.path))["status"])

    async def lead(self, email: str) -> dict[str, Any]:
        """The lead with that address."""
        found = await self.api.get("/v1/leads", params={"email": email})
        return cast("dict[str, Any]", found.json()["data"][0])

    async def members(self, **filters: str) -> list[dict[str, Any]]:
        """The leads of the campaign."""
        found = await self.api.get(f"{self.path}/leads", params=filters)
        return cast("list[dict[str, Any]]", found.json()["data"])

    async def steps(self, *steps: dict[str, object]) -> httpx.Response:
        """Set the steps of the campaign."""
        return await self.api.put(f"{self.path}/sequence-steps", json={"sequenceSteps": list(steps)})


async def outreach(api: httpx.AsyncClient, *, steps: list[dict[str, object]] | None = None) -> Outreach:
    """A new campaign, with `STEPS` unless told otherwise."""
    body = {"name": "Spring", "sequenceSteps": STEPS if steps is None else steps}
    return Outreach(api, shown(await api.post("/v1/campaigns", json=body))["id"])


async def launched(
    api: httpx.AsyncClient, *emails: str, steps: list[dict[str, object]] | None = None
) -> Outreach:
    """A running campaign with these leads, or one lead a@example.com."""
    plan = await outreach(api, steps=steps)
    await plan.enroll(*(emails or ("a@example.com",)))
    await plan.start()
    return plan


def shown(response: httpx.Response) -> dict[str, Any]:
    """The `data` of a success."""
    assert response.is_success, response.text
    return cast("dict[str, Any]", response.json()["data"])


def refused(response: httpx.Response) -> tuple[int, str, list[str]]:
    """Status, code and pointers of a problem."""
    assert response.headers["content-type"] == "application/problem+json", response.text
    problem = response.json()
    return response.status_code, problem["code"], [each["pointer"] for each in problem["errors"]]
