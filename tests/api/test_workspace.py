"""`/v1/workspace`: reading it and changing what is named."""

from uuid import UUID

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.domain.api_key import Mode
from leadterra.store.database import Database
from leadterra.store.ids import encode
from tests.support.api import client, make_key, make_workspace
from tests.support.clock import NOW, ManualClock
from tests.support.pools import TestPool


async def test_a_workspace_shows_its_settings(api: httpx.AsyncClient, workspace: UUID) -> None:
    """GET shows what it was created with, and the defaults."""
    shown = (await api.get("/v1/workspace")).json()["data"]

    assert shown == {
        "id": encode("ws", workspace),
        "name": f"test {workspace}",
        "mode": "test",
        "dailyQuota": None,
        "sendingDomainDailyLimit": None,
        "recipientDomainDailyLimit": None,
        "recipientDomainHourlyLimit": None,
        "firstStepShare": 0.3,
        "providerMatching": False,
        "stopOnReply": "campaign",
        "uncertainPolicy": "hold",
        "postalAddress": "",
        "pacing": {"mode": "asap", "minGapSeconds": 0.0, "jitter": 0.3},
        "createdAt": "2026-03-10T12:00:00Z",
        "updatedAt": "2026-03-10T12:00:00Z",
    }


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Acme"},
        {"dailyQuota": 0},
        {"postalAddress": "1 Main Street\nSpringfield"},
        {"sendingDomainDailyLimit": 500},
        {"recipientDomainDailyLimit": 20},
        {"recipientDomainHourlyLimit": 5},
        {"firstStepShare": 0},
        {"providerMatching": True},
        {"stopOnReply": "workspace", "uncertainPolicy": "resend"},
        {"pacing": {"mode": "spread", "minGapSeconds": 1.5, "jitter": 0}},
        {},
    ],
)
async def test_a_change_keeps_the_rest(api: httpx.AsyncClient, change: dict[str, object]) -> None:
    """PATCH changes the fields that it names and no others."""
    before = (await api.get("/v1/workspace")).json()["data"]

    answer = await api.patch("/v1/workspace", json=change)

    assert answer.json()["data"] == before | change
    assert (await api.get("/v1/workspace")).json() == answer.json()


@pytest.mark.parametrize(
    "cap",
    ["dailyQuota", "sendingDomainDailyLimit", "recipientDomainDailyLimit", "recipientDomainHourlyLimit"],
)
async def test_null_takes_a_cap_away(api: httpx.AsyncClient, cap: str) -> None:
    """null means no cap."""
    await api.patch("/v1/workspace", json={cap: 5})

    answer = await api.patch("/v1/workspace", json={cap: None})

    assert answer.json()["data"][cap] is None


@pytest.mark.parametrize(
    ("mode", "usual"),
    [
        (Mode.TEST, {"mode": "asap", "minGapSeconds": 0.0, "jitter": 0.3}),
        (Mode.LIVE, {"mode": "spread", "minGapSeconds": 20.0, "jitter": 0.3}),
    ],
)
async def test_pacing_shows_what_is_in_force(
    equipment: Equipment, mode: Mode, usual: dict[str, object]
) -> None:
    """A live workspace spreads unless it says otherwise, one in test mode does not; null goes back to that,
    part by part or all at once.
    """
    workspace = await make_workspace(equipment.database, mode, now=NOW)
    other = {"mode": "asap" if mode == Mode.LIVE else "spread", "minGapSeconds": 7.0, "jitter": 0.5}
    async with client(equipment, await make_key(equipment.database, workspace, now=NOW)) as api:

        async def changed(pacing: object) -> dict[str, object]:
            answer = await api.patch("/v1/workspace", json={"pacing": pacing})
            return dict(answer.json()["data"]["pacing"])

        assert (await api.get("/v1/workspace")).json()["data"]["pacing"] == usual
        assert await changed(other) == other
        assert await changed({"jitter": None}) == {**other, "jitter": 0.3}
        assert await changed({"mode": None}) == {**usual, "minGapSeconds": 7.0}
        assert await changed(other) == other
        assert await changed(None) == usual


async def test_a_gap_follows_the_mode_that_is_set(api: httpx.AsyncClient) -> None:
    """Whoever spreads keeps the usual gap of spreading, in test mode too."""
    answer = await api.patch("/v1/workspace", json={"pacing": {"mode": "spread"}})

    assert answer.json()["data"]["pacing"] == {"mode": "spread", "minGapSeconds": 20.0, "jitter": 0.3}


async def test_a_change_wakes_the_pool(
    api: httpx.AsyncClient, database: Database, workspace: UUID, clock: ManualClock
) -> None:
    """The next claim goes by it."""
    await api.patch("/v1/workspace", json={"firstStepShare": 1})

    assert await TestPool(database, workspace).wake_at() == clock.now()


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
        ({"sendingDomainDailyLimit": 0}, "/sendingDomainDailyLimit"),
        ({"recipientDomainDailyLimit": 1.5}, "/recipientDomainDailyLimit"),
        ({"recipientDomainHourlyLimit": 10**12}, "/recipientDomainHourlyLimit"),
        ({"firstStepShare": 1.1}, "/firstStepShare"),
        ({"firstStepShare": None}, "/firstStepShare"),
        ({"providerMatching": 1}, "/providerMatching"),
        ({"stopOnReply": "everywhere"}, "/stopOnReply"),
        ({"uncertainPolicy": None}, "/uncertainPolicy"),
        ({"pacing": {"minGapSeconds": -1}}, "/pacing/minGapSeconds"),
        ({"pacing": {"mode": "burst"}}, "/pacing/mode"),
        ({"pacing": {"jitter": 2}}, "/pacing/jitter"),
        ({"pacing": {"jitter": True}}, "/pacing/jitter"),
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
