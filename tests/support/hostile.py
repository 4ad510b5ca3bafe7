"""A workspace that hostile requests are sent to, and how such a request is written down in one line."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psycopg
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.config import Settings
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing
from tests.support.clock import ManualClock
from tests.support.probing import without_network
from tests.support.tenants import Admin, Tenant, dump, open_tenant

PROBLEM = {"type", "title", "status", "detail", "code", "requestId", "retryable", "errors"}
PATIENCE_SECONDS = 20
CSV, NDJSON, JSON = "text/csv", "application/x-ndjson", "application/json"
LEADS = "POST /v1/campaigns/{camp}/leads/bulk"
PREVIEW = "POST /v1/campaigns/{camp}/preview"
ACCOUNTS = "POST /v1/sender-accounts"
CAMPAIGNS = "POST /v1/campaigns"
KEYS = "POST /v1/api-keys"
STEPS = "PUT /v1/campaigns/{draft}/sequence-steps"
SUPPRESS = "POST /v1/suppression-list"
WORKSPACE = "PATCH /v1/workspace"
LEAD = "PATCH /v1/leads/{lead}"


@dataclass(frozen=True, slots=True)
class Target:
    """A workspace with one of everything, and all of its rows."""

    equipment: Equipment
    tenant: Tenant
    admin: Admin

    def rows(self) -> list[tuple[str, str]]:
        """What must not change."""
        return dump(self.admin, self.tenant.workspace_id)

    def changed_since(self, rows: list[tuple[str, str]], *but: str) -> list[str]:
        """The tables that are not as they were, besides those."""
        found = set(rows).symmetric_difference(self.rows())
        return sorted({table for table, _ in found} - {*but})


@asynccontextmanager
async def open_target(urls: tuple[str, str]) -> AsyncIterator[Target]:
    """One for all cases of a file: none of them changes it."""
    admin_url, program_url = urls
    database = Database(program_url)
    await database.open()
    settings = Settings(data_dir=Path("unused"), rate_limit=1_000_000)
    clock, key_ring = ManualClock(), KeyRing({"test": bytes(32)})
    probes = without_network(database, clock, key_ring)
    equipment = Equipment(database, clock, key_ring, settings, lambda: probes)
    with psycopg.connect(admin_url, autocommit=True) as admin:
        async with open_tenant(equipment, "target") as tenant:
            yield Target(equipment, tenant, admin)
    await database.close()


@dataclass(frozen=True, slots=True)
class Case:
    """A request, and how it is refused.

    route: method and path, with names of ids in braces. content: octets, or a value for JSON. status,
    pointer: of the refusal; a pointer of None is not looked at.
    """

    name: str
    route: str
    content: object = None
    status: int = 400
    pointer: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    async def send(self, tenant: Tenant) -> httpx.Response:
        """Ask it."""
        method, _, path = self.route.partition(" ")
        content = self.content if isinstance(self.content, bytes) else json.dumps(self.content).encode()
        kind = {"Content-Type": JSON} if method != "GET" else {}
        for name, text in tenant.ids.items():
            path = path.replace(f"{{{name}}}", text)
        body = content if method != "GET" else None
        return await tenant.api.request(method, path, content=body, headers={**kind, **self.headers})


async def check_refusal(target: Target, case: Case) -> None:
    """Raise AssertionError unless the case is refused as it should be, in time, and changes nothing."""
    before = target.rows()
    async with asyncio.timeout(PATIENCE_SECONDS):
        answer = await case.send(target.tenant)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    assert (set(problem), problem["status"]) == (PROBLEM, answer.status_code)
    assert problem["requestId"] == answer.headers["request-id"]
    assert 400 <= answer.status_code < 500, answer.text
    assert case.status in (0, answer.status_code), answer.text
    pointers = [error["pointer"] for error in problem["errors"]]
    assert case.pointer is None or any(_is_within(each, case.pointer) for each in pointers), answer.text
    assert "Traceback" not in answer.text
    assert len(answer.content) < 4_000_000
    assert target.changed_since(before) == []


def _is_within(pointer: str, place: str) -> bool:
    return pointer == place or (pointer.startswith(f"{place}/") and place != "")


def each_case(*groups: list[Case]) -> pytest.MarkDecorator:
    """One test a case."""
    cases = [case for group in groups for case in group]
    assert len({case.name for case in cases}) == len(cases), "names are unique"
    return pytest.mark.parametrize("case", cases, ids=lambda case: case.name)


def lead(**fields: object) -> dict[str, object]:
    """A body with one lead."""
    return {"leads": [{"email": "new@leads.test", **fields}]}


def account(**fields: object) -> dict[str, object]:
    """A body for a sender account."""
    return {"email": "new@acme.test", "name": "New", **fields}


def server(**fields: object) -> dict[str, object]:
    """A body for a sender account with a server."""
    return account(smtp={"host": "mail.acme.test", "security": "none", **fields})


def campaign(**step: object) -> dict[str, object]:
    """A body for a campaign of one step."""
    return {"name": "New", "sequenceSteps": [{"subject": "Hello", "bodyHtml": "<p>Hi</p>", **step}]}


def schedule(**fields: object) -> dict[str, object]:
    """A body for a campaign with a schedule."""
    return {"name": "New", "schedule": fields}


def hours(opens: str, closes: str) -> dict[str, object]:
    """A body for a campaign that sends in these hours."""
    return schedule(hours={"from": opens, "to": closes})
