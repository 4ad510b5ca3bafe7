"""`/v1/api-keys`, and what a key opens."""

from uuid import UUID

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.domain.api_key import Mode, Scope
from leadterra.store.database import Database
from tests.support.api import client, make_key, make_workspace
from tests.support.clock import NOW, ManualClock


async def test_a_new_key_opens_and_is_shown_once(
    api: httpx.AsyncClient, equipment: Equipment, clock: ManualClock
) -> None:
    """The answer that creates it is the only one with the key in it."""
    clock.advance(minutes=1)
    answer = await api.post("/v1/api-keys", json={"label": "ci", "scopes": ["read"]})
    created = answer.json()["data"]
    text = created.pop("key")

    async with client(equipment, text) as other:
        opened = await other.get("/v1/workspace")
    listed = (await api.get("/v1/api-keys")).json()["data"]

    assert (answer.status_code, opened.status_code) == (201, 200)
    assert text.startswith("sk_test_")
    assert listed[-1] == created
    assert created["lastFour"] == text[-4:]


async def test_a_live_workspace_has_live_keys(database: Database) -> None:
    """The prefix tells the workspace's mode."""
    workspace = await make_workspace(database, Mode.LIVE, now=NOW)

    assert (await make_key(database, workspace, now=NOW)).startswith("sk_live_")


async def test_the_key_is_not_stored(database: Database, workspace: UUID, key: str) -> None:
    """No column holds the key or its secret."""
    async with database.unit_of_work(workspace) as uow:
        rows = await uow.rows("select k::text from api_keys k where workspace_id = %(workspace_id)s")

    assert all(key[-40:] not in row[0] for row in rows)


async def test_a_revoked_key_opens_nothing(api: httpx.AsyncClient, equipment: Equipment) -> None:
    """From the next request on; revoking it again is a 404."""
    created = (await api.post("/v1/api-keys", json={"scopes": ["read"]})).json()["data"]

    first = await api.delete(f"/v1/api-keys/{created['id']}")
    async with client(equipment, created["key"]) as other:
        refused = await other.get("/v1/workspace")
    second = await api.delete(f"/v1/api-keys/{created['id']}")

    assert (first.status_code, refused.status_code, second.json()["code"]) == (204, 401, "api_key_not_found")


async def test_an_expired_key_opens_nothing(
    api: httpx.AsyncClient, equipment: Equipment, clock: ManualClock
) -> None:
    """It holds until expiresAt and not at it."""
    body = {"scopes": ["read"], "expiresAt": "2026-03-10T13:00:00Z"}
    created = (await api.post("/v1/api-keys", json=body)).json()["data"]
    async with client(equipment, created["key"]) as other:
        before = await other.get("/v1/workspace")
        clock.advance(hours=1)
        after = await other.get("/v1/workspace")

    assert (before.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/scopes"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["root"]}, "/scopes/0"),
        ({"scopes": "read"}, "/scopes"),
        ({"scopes": ["read"], "label": "a\nb"}, "/label"),
        ({"scopes": ["read"], "expiresAt": "tomorrow"}, "/expiresAt"),
        ({"scopes": ["read"], "expiresAt": "2026-02-30T00:00:00Z"}, "/expiresAt"),
        ({"scopes": ["read"], "expiresAt": "0001-01-01T00:00:00+14:00"}, "/expiresAt"),
        ({"scopes": ["read"], "expiresAt": 1}, "/expiresAt"),
        ({"scopes": ["read"], "expiresAt": "2026-03-10T12:00:00Z"}, "/expiresAt"),
    ],
)
async def test_a_wrong_field_is_named(api: httpx.AsyncClient, body: dict[str, object], pointer: str) -> None:
    """400 or, for an instant in the past, 422; and no key is made."""
    answer = await api.post("/v1/api-keys", json=body)

    assert answer.status_code in (400, 422)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert len((await api.get("/v1/api-keys")).json()["data"]) == 1


async def test_a_key_hands_on_only_what_it_holds(equipment: Equipment, workspace: UUID) -> None:
    """An admin key without `send` cannot make one with it."""
    text = await make_key(equipment.database, workspace, now=NOW, scopes=[Scope.ADMIN])
    async with client(equipment, text) as api:
        answer = await api.post("/v1/api-keys", json={"scopes": ["send"]})

    assert (answer.status_code, answer.json()["code"]) == (403, "permission_denied")


@pytest.mark.parametrize(
    ("method", "path", "needed"),
    [
        ("GET", "/v1/workspace", Scope.READ),
        ("PATCH", "/v1/workspace", Scope.ADMIN),
        ("GET", "/v1/api-keys", Scope.ADMIN),
        ("POST", "/v1/sender-accounts", Scope.ADMIN),
        ("POST", "/v1/suppression-list", Scope.WRITE),
    ],
)
async def test_a_missing_scope_is_named(
    equipment: Equipment, workspace: UUID, method: str, path: str, needed: Scope
) -> None:
    """403 with the scope in `detail`, for a key that has all the others."""
    others = [scope for scope in Scope if scope != needed]
    text = await make_key(equipment.database, workspace, now=NOW, scopes=others)
    async with client(equipment, text) as api:
        answer = await api.request(method, path)

    assert answer.status_code == 403
    assert f"'{needed}'" in answer.json()["detail"]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key: "",
        lambda key: key,
        lambda key: f"Basic {key}",
        lambda key: f"Bearer {key[:-1]}",
        lambda key: f"Bearer {key}x",
        lambda key: f"Bearer {key[:-1]}{'a' if key[-1] != 'a' else 'b'}",
        lambda key: f"Bearer {key.replace('sk_test_', 'sk_live_')}",
        lambda key: f"Bearer sk_test_{'7' * 26}{key[-40:]}",
        lambda key: f"Bearer sk_test_{'z' * 26}{key[-40:]}",
        lambda key: f"Bearer {key.upper()}",
        lambda key: "Bearer " + "x" * 8000,
        lambda key: "Bearer \xe9\xff",
        lambda key: "Bearer ' or 1=1 --",
    ],
)
async def test_whatever_is_wrong_with_a_key_the_answer_is_the_same(
    equipment: Equipment, key: str, spoil: object
) -> None:
    """401 with WWW-Authenticate, telling nothing of the cause."""
    assert callable(spoil)
    async with client(equipment) as api:
        headers = {"Authorization": spoil(key).encode("latin-1")}
        answer = await api.get("/v1/workspace", headers=headers)

    problem = answer.json()
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert (problem["code"], problem["detail"]) == (
        "authentication_failed",
        "No API key that holds came with this request. Send one as `Authorization: Bearer sk_live_…`; one "
        "that is mistyped, revoked or expired does not hold.",
    )
