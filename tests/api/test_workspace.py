"""`/v1/workspace`: reading it and changing what is named."""

from uuid import UUID

import httpx
import pytest

from leadterra.store.ids import encode


async def test_a_workspace_shows_its_settings(api: httpx.AsyncClient, workspace: UUID) -> None:
    """GET shows what it was created with, and the defaults."""
    shown = (await api.get("/v1/workspace")).json()["data"]

    assert shown == {
        "id": encode("ws", workspace),
        "name": f"test {workspace}",
        "mode": "test",
        "dailyQuota": None,
        "postalAddress": "",
        "pacing": {"mode": "asap", "minGapSeconds": 0.0},
        "createdAt": "2026-03-10T12:00:00Z",
        "updatedAt": "2026-03-10T12:00:00Z",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Acme"},
        {"dailyQuota": 0},
        {"postalAddress": "1 Main Street\nSpringfield"},
        {"pacing": {"mode": "asap", "minGapSeconds": 1.5}},
        {},
    ],
)
async def test_a_change_keeps_the_rest(api: httpx.AsyncClient, change: dict[str, object]) -> None:
    """PATCH changes the fields that it names and no others."""
    before = (await api.get("/v1/workspace")).json()["data"]

    answer = await api.patch("/v1/workspace", json=change)

    assert answer.json()["data"] == before | change
    assert (await api.get("/v1/workspace")).json() == answer.json()


async def test_null_takes_the_quota_away(api: httpx.AsyncClient) -> None:
    """dailyQuota null means no cap."""
    await api.patch("/v1/workspace", json={"dailyQuota": 5})

    answer = await api.patch("/v1/workspace", json={"dailyQuota": None})

    assert answer.json()["data"]["dailyQuota"] is None


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": ""}, "/name"),
        ({"name": None}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"dailyQuota": -1}, "/dailyQuota"),
        ({"dailyQuota": 1.5}, "/dailyQuota"),
        ({"dailyQuota": 10**12}, "/dailyQuota"),
        ({"postalAddress": "a\x07b"}, "/postalAddress"),
        ({"postalAddress": None}, "/postalAddress"),
        ({"pacing": {"minGapSeconds": None}}, "/pacing/minGapSeconds"),
        ({"pacing": {"mode": "spread"}}, "/pacing/mode"),
        ({"mode": "live"}, "/mode"),
        ({"id": "ws_1"}, "/id"),
    ],
)
async def test_a_wrong_field_is_named(
    api: httpx.AsyncClient, change: dict[str, object], pointer: str
) -> None:
    """400, pointing at the field."""
    answer = await api.patch("/v1/workspace", json=change)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
