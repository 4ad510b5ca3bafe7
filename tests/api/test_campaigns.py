"""`/v1/campaigns`: create, read, change, start, pause, delete."""

from uuid import UUID

import httpx
import pytest

from leadterra.store.database import Database
from tests.support.clock import NOW, ManualClock
from tests.support.outreach import STEPS, launched, outreach, refused, shown
from tests.support.pools import TestPool


async def test_a_new_campaign_is_a_draft_with_the_usual_delays(api: httpx.AsyncClient) -> None:
    """201 with Location, and exactly the fields of the contract that this version has."""
    answer = await api.post(
        "/v1/campaigns", json={"name": "Spring", "sequenceSteps": [*STEPS, {"bodyHtml": "<p>Bye</p>"}]}
    )

    data = shown(answer)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"/v1/campaigns/{data['id']}"
    steps = data.pop("sequenceSteps")
    assert data == {
        "id": data["id"],
        "name": "Spring",
        "status": "draft",
        "onMissingVariable": "empty",
        "schedule": None,
        "weight": 1.0,
        "dailyLimit": None,
        "newLeadsDailyLimit": None,
        "senderTags": [],
        "senderLossPolicy": {"action": "handover", "waitDays": 7.0},
        "variantChoice": "weighted",
        "createdAt": "2026-03-10T12:00:00Z",
        "updatedAt": "2026-03-10T12:00:00Z",
        "startedAt": None,
        "pausedAt": None,
    }
    assert [(step["position"], step["delayDays"], step["subject"]) for step in steps] == [
        (0, 0, "Hello {{ firstName }}"),
        (1, 2, None),
        (2, 3, None),
    ]
    assert shown(await api.get(f"/v1/campaigns/{data['id']}"))["sequenceSteps"] == steps


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "x" * 201}, "/name"),
        ({"name": "a\r\nBcc: x@example.com"}, "/name"),
        ({"name": 5}, "/name"),
        ({"name": "x", "schedule": "always"}, "/schedule"),
        ({"name": "x", "schedule": {"timeZone": None}}, "/schedule/timeZone"),
        ({"name": "x", "schedule": {"zone": "UTC"}}, "/schedule/zone"),
        ({"name": "x", "schedule": {"days": []}}, "/schedule/days"),
        ({"name": "x", "schedule": {"days": ["monday"]}}, "/schedule/days/0"),
        ({"name": "x", "schedule": {"days": [1]}}, "/schedule/days/0"),
        ({"name": "x", "schedule": {"hours": {"from": "09:00"}}}, "/schedule/hours/to"),
        ({"name": "x", "schedule": {"hours": {"from": "25:00", "to": "09:00"}}}, "/schedule/hours/from"),
        ({"name": "x", "schedule": {"hours": {"from": "9:00", "to": "17:00"}}}, "/schedule/hours/from"),
        ({"name": "x", "schedule": {"hours": {"from": "09:00", "to": "17:60"}}}, "/schedule/hours/to"),
        ({"name": "x", "schedule": {"hours": {"from": "24:00", "to": "17:00"}}}, "/schedule/hours/from"),
        ({"name": "x", "schedule": {"startOn": "2026-02-30"}}, "/schedule/startOn"),
        ({"name": "x", "schedule": {"endOn": 20260101}}, "/schedule/endOn"),
        ({"name": "x", "schedule": {"holidays": ["2026-01-01", "soon"]}}, "/schedule/holidays/1"),
        ({"name": "x", "schedule": {"holidays": ["2026-01-01"] * 367}}, "/schedule/holidays"),
        ({"name": "x", "weight": 0.0009}, "/weight"),
        ({"name": "x", "weight": 1001}, "/weight"),
        ({"name": "x", "weight": None}, "/weight"),
        ({"name": "x", "dailyLimit": 0}, "/dailyLimit"),
        ({"name": "x", "newLeadsDailyLimit": 2.5}, "/newLeadsDailyLimit"),
        ({"name": "x", "senderTags": [""]}, "/senderTags/0"),
        ({"name": "x", "senderLossPolicy": {"action": "panic"}}, "/senderLossPolicy/action"),
        ({"name": "x", "senderLossPolicy": {"waitDays": 366}}, "/senderLossPolicy/waitDays"),
        ({"name": "x", "senderLossPolicy": {"waitDays": None}}, "/senderLossPolicy/waitDays"),
        ({"name": "x", "variantChoice": "magic"}, "/variantChoice"),
        ({"name": "x", "tracking": {"opens": True}}, "/tracking"),
        ({"name": "x", "senderLossPolicy": "wait"}, "/senderLossPolicy"),
        ({"name": "x", "onMissingVariable": "explode"}, "/onMissingVariable"),
        ({"name": "x", "sequenceSteps": [{"subject": "s", "bodyHtml": "b"}] * 21}, "/sequenceSteps"),
        ({"name": "x", "sequenceSteps": [{"bodyHtml": "b"}]}, "/sequenceSteps/0/subject"),
        (
            {"name": "x", "sequenceSteps": [*STEPS, {"bodyHtml": "b", "threadReply": False}]},
            "/sequenceSteps/2/subject",
        ),
        ({"name": "x", "sequenceSteps": [{"subject": "s"}]}, "/sequenceSteps/0/bodyHtml"),
        (
            {"name": "x", "sequenceSteps": [{"subject": "s\nBcc: a@b.c", "bodyHtml": "b"}]},
            "/sequenceSteps/0/subject",
        ),
        (
            {"name": "x", "sequenceSteps": [{"subject": "s", "bodyHtml": "b", "delayDays": 366}]},
            "/sequenceSteps/0/delayDays",
        ),
        (
            {"name": "x", "sequenceSteps": [{"subject": "s", "bodyHtml": "b", "delayDays": -1}]},
            "/sequenceSteps/0/delayDays",
        ),
        (
            {"name": "x", "sequenceSteps": [{"subject": "s", "bodyHtml": "b", "variants": {}}]},
            "/sequenceSteps/0/variants",
        ),
        (
            {"name": "x", "sequenceSteps": [{"subject": "s", "bodyHtml": "b", "id": "step_1"}]},
            "/sequenceSteps/0/id",
        ),
    ],
)
async def test_a_wrong_field_is_named(api: httpx.AsyncClient, body: dict[str, object], pointer: str) -> None:
    """400, with a pointer to it, and nothing is created."""
    answer = await api.post("/v1/campaigns", json=body)

    assert refused(answer) == (400, "invalid_request", [pointer])
    assert (await api.get("/v1/campaigns")).json()["data"] == []


async def test_a_template_that_cannot_be_compiled_is_refused_at_once(api: httpx.AsyncClient) -> None:
    """422 that names step, line and token."""
    steps = [
        STEPS[0],
        {"bodyHtml": "<p>one</p>\n<p>{% if company %}</p>"},
        {"bodyHtml": "x", "bodyText": "{{ a | nosuch }}"},
    ]

    answer = await api.post("/v1/campaigns", json={"name": "x", "sequenceSteps": steps})

    assert refused(answer) == (
        422,
        "validation_failed",
        ["/sequenceSteps/1/bodyHtml", "/sequenceSteps/2/bodyText"],
    )
    message = answer.json()["errors"][0]["message"]
    assert message.startswith("Step 2, bodyHtml, line 2")
    assert "nosuch" in answer.json()["errors"][1]["message"]


async def test_campaigns_are_listed_newest_first_by_pages(api: httpx.AsyncClient, clock: ManualClock) -> None:
    """A cursor leads through all of them."""
    for number in range(5):
        clock.advance(seconds=1)
        shown(await api.post("/v1/campaigns", json={"name": f"c{number}"}))

    seen, cursor = [], None
    while True:
        page = (
            await api.get("/v1/campaigns", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        ).json()
        seen += [campaign["name"] for campaign in page["data"]]
        cursor = page["pagination"]["nextCursor"]
        if cursor is None:
            break
    assert seen == ["c4", "c3", "c2", "c1", "c0"]


async def test_a_campaign_without_leads_does_not_start(api: httpx.AsyncClient) -> None:
    """400 no_leads_enrolled."""
    plan = await outreach(api)

    assert refused(await api.post(f"{plan.path}/start")) == (400, "no_leads_enrolled", [])


async def test_a_campaign_without_steps_does_not_start(api: httpx.AsyncClient) -> None:
    """400 no_sequence_steps."""
    plan = await outreach(api, steps=[])
    await plan.enroll("ada@example.com")

    assert refused(await api.post(f"{plan.path}/start")) == (400, "no_sequence_steps", [])


async def test_start_and_pause_say_the_same_again(api: httpx.AsyncClient, clock: ManualClock) -> None:
    """Repeated, they change nothing; going on keeps the instant of the first start."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com")
    draft = await plan.pause()
    first = await plan.start()
    clock.advance(hours=1)
    again = await plan.start()
    paused = await plan.pause()
    clock.advance(hours=1)
    paused_again = await plan.pause()
    resumed = await plan.start()

    assert draft == {"id": plan.campaign, "status": "draft", "pausedAt": None}
    assert (
        first
        == again
        == resumed
        == {"id": plan.campaign, "status": "running", "startedAt": "2026-03-10T12:00:00Z"}
    )
    assert (
        paused
        == paused_again
        == {"id": plan.campaign, "status": "paused", "pausedAt": "2026-03-10T13:00:00Z"}
    )


async def test_a_start_is_written_into_the_log_once(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """campaign.started and campaign.paused, each for a change only."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com")
    for _ in range(2):
        await plan.start()
    for _ in range(2):
        await plan.pause()

    log = await TestPool(database, workspace).ask(
        "select type, payload from events where workspace_id = :w order by number"
    )
    told = {"campaignId": plan.campaign}
    assert log == [("campaign.started", told), ("campaign.paused", told)]


async def test_a_status_filters_the_list(api: httpx.AsyncClient) -> None:
    """draft, running, paused, completed."""
    draft, running = await outreach(api), await outreach(api)
    await running.enroll("ada@example.com")
    await running.start()

    async def listed(status: str) -> list[str]:
        found = (await api.get("/v1/campaigns", params={"status": status})).json()["data"]
        return [campaign["id"] for campaign in found]

    assert await listed("draft") == [draft.campaign]
    assert await listed("running") == [running.campaign]
    assert await listed("completed") == await listed("paused") == []
    assert refused(await api.get("/v1/campaigns?status=finished")) == (400, "invalid_request", ["?status"])


async def test_name_and_settings_change(api: httpx.AsyncClient) -> None:
    """Only what is given."""
    plan = await outreach(api)

    renamed = shown(await api.patch(plan.path, json={"name": "Summer"}))
    holding = shown(await api.patch(plan.path, json={"onMissingVariable": "hold"}))

    assert (renamed["name"], renamed["onMissingVariable"]) == ("Summer", "empty")
    assert (holding["name"], holding["onMissingVariable"]) == ("Summer", "hold")
    assert refused(await api.patch(plan.path, json={"status": "running"})) == (
        400,
        "invalid_request",
        ["/status"],
    )


OFFICE_HOURS = {
    "timeZone": "Europe/Berlin",
    "useLeadTimeZone": False,
    "days": ["mon", "tue", "wed", "thu", "fri"],
    "hours": {"from": "09:00", "to": "17:00"},
    "startOn": "2026-01-05",
    "endOn": None,
    "holidays": ["2026-12-25"],
}
ALWAYS = {
    "timeZone": "UTC",
    "useLeadTimeZone": False,
    "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
    "hours": {"from": "00:00", "to": "00:00"},
    "startOn": None,
    "endOn": None,
    "holidays": [],
}
SETTINGS: list[dict[str, object]] = [
    {"schedule": OFFICE_HOURS},
    {"weight": 2.5},
    {"dailyLimit": 100},
    {"newLeadsDailyLimit": 20},
    {"senderTags": ["vip", "east"]},
    {"senderLossPolicy": {"action": "wait", "waitDays": 2.5}},
    {"senderLossPolicy": {"action": "newThread", "waitDays": 7}},
    {"senderLossPolicy": {"action": "stop", "waitDays": 7}},
    {"variantChoice": "bandit"},
    {"onMissingVariable": "hold"},
]


@pytest.mark.parametrize("setting", SETTINGS)
async def test_a_setting_is_changed_alone(api: httpx.AsyncClient, setting: dict[str, object]) -> None:
    """PATCH changes what it names, a campaign may be created with it, and it is shown in lists too."""
    before = shown(await api.post("/v1/campaigns", json={"name": "Spring"}))
    changed = shown(await api.patch(f"/v1/campaigns/{before['id']}", json=setting))
    created = shown(await api.post("/v1/campaigns", json={"name": "Spring", **setting}))

    assert changed == {**before, **setting}
    assert created == {**changed, "id": created["id"]}
    assert created in (await api.get("/v1/campaigns")).json()["data"]


async def test_null_goes_back_to_no_schedule_and_no_cap(api: httpx.AsyncClient) -> None:
    """As it was created."""
    before = shown(await api.post("/v1/campaigns", json={"name": "Spring"}))
    path = f"/v1/campaigns/{before['id']}"
    nothing: dict[str, object] = {"schedule": None, "dailyLimit": None, "newLeadsDailyLimit": None}

    await api.patch(path, json={"schedule": OFFICE_HOURS, "dailyLimit": 1, "newLeadsDailyLimit": 1})

    assert shown(await api.patch(path, json=nothing)) == before


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, ALWAYS),
        ({"hours": None, "startOn": None}, ALWAYS),
        ({"days": ["sun", "mon"]}, {**ALWAYS, "days": ["mon", "sun"]}),
        ({"hours": {"from": "22:00", "to": "24:00"}}, {**ALWAYS, "hours": {"from": "22:00", "to": "00:00"}}),
        ({"holidays": ["2026-12-26", "2026-12-25"]}, {**ALWAYS, "holidays": ["2026-12-25", "2026-12-26"]}),
    ],
)
async def test_a_schedule_is_replaced_as_a_whole(
    api: httpx.AsyncClient, given: dict[str, object], kept: dict[str, object]
) -> None:
    """What it does not say is the default, not what was there."""
    plan = await outreach(api)
    await api.patch(plan.path, json={"schedule": OFFICE_HOURS})

    assert shown(await api.patch(plan.path, json={"schedule": given}))["schedule"] == kept


@pytest.mark.parametrize(
    ("schedule", "pointers"),
    [
        ({"timeZone": "Mars/Olympus"}, ["/schedule/timeZone"]),
        ({"timeZone": "../../etc/passwd"}, ["/schedule/timeZone"]),
        ({"days": ["mon", "mon"]}, ["/schedule/days/1"]),
        ({"startOn": "2026-01-02", "endOn": "2026-01-01"}, ["/schedule/endOn"]),
        ({"timeZone": "X", "days": ["tue", "tue"]}, ["/schedule/timeZone", "/schedule/days/1"]),
    ],
)
async def test_a_schedule_that_cannot_be_is_refused(
    api: httpx.AsyncClient, schedule: dict[str, object], pointers: list[str]
) -> None:
    """422 that points at everything that is wrong, whether it is given first or later; nothing changes."""
    plan = await outreach(api)
    before = shown(await api.get(plan.path))

    created = await api.post("/v1/campaigns", json={"name": "x", "schedule": schedule})
    changed = await api.patch(plan.path, json={"name": "Other", "schedule": schedule})

    assert refused(created) == refused(changed) == (422, "validation_failed", pointers)
    assert (await api.get("/v1/campaigns")).json()["data"] == [before]


async def test_a_policy_is_changed_by_its_parts(api: httpx.AsyncClient) -> None:
    """The days are kept when the action changes, and the other way round."""
    plan = await outreach(api)
    policies = [
        shown(await api.patch(plan.path, json={"senderLossPolicy": part}))["senderLossPolicy"]
        for part in ({"waitDays": 3}, {"action": "wait"}, {})
    ]

    assert policies == [
        {"action": "handover", "waitDays": 3.0},
        {"action": "wait", "waitDays": 3.0},
        {"action": "wait", "waitDays": 3.0},
    ]


@pytest.mark.parametrize(("change", "wakes"), [*((each, True) for each in SETTINGS), ({"name": "x"}, False)])
async def test_a_change_of_a_setting_wakes_the_pool(
    api: httpx.AsyncClient, database: Database, workspace: UUID, change: dict[str, object], wakes: bool
) -> None:
    """The next claim goes by it. A name makes nobody look."""
    plan = await outreach(api)

    await api.patch(plan.path, json=change)

    assert await TestPool(database, workspace).wake_at() == (NOW if wakes else None)


async def test_a_campaign_begins_and_ceases_to_go_by_the_zones_of_its_leads(
    api: httpx.AsyncClient, database: Database, workspace: UUID
) -> None:
    """Enrollments are moved to the zones of their leads and back, with the schedule that says so."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com", timeZone="Asia/Tokyo")
    pool = TestPool(database, workspace)

    zones = []
    for schedule in ({"useLeadTimeZone": True}, OFFICE_HOURS, {"useLeadTimeZone": True}, None):
        shown(await api.patch(plan.path, json={"schedule": schedule}))
        zones += await pool.ask("select time_zone from enrollments where workspace_id = :w")

    assert zones == [("Asia/Tokyo",), ("",), ("Asia/Tokyo",), ("",)]


async def test_a_deleted_campaign_is_gone(api: httpx.AsyncClient) -> None:
    """204, then 404 everywhere; its leads stay leads."""
    plan = await launched(api, "ada@example.com")

    assert (await api.delete(plan.path)).status_code == 204
    for method, path in [
        ("GET", ""),
        ("DELETE", ""),
        ("POST", "/start"),
        ("POST", "/pause"),
        ("GET", "/stats"),
        ("GET", "/leads"),
    ]:
        assert refused(await api.request(method, plan.path + path))[:2] == (404, "campaign_not_found")
    assert (await plan.lead("ada@example.com"))["email"] == "ada@example.com"


async def test_a_dry_run_starts_nothing(api: httpx.AsyncClient) -> None:
    """It answers what would happen."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com")

    answer = shown(await api.post(f"{plan.path}/start?dryRun=true"))

    assert answer["status"] == "running"
    assert await plan.status() == "draft"


async def test_the_numbers_of_a_draft_and_of_a_running_campaign(api: httpx.AsyncClient) -> None:
    """All names of the contract; a draft has nothing queued, a start makes everybody's first step due."""
    plan = await outreach(api)
    await plan.enroll("ada@example.com", "bob@example.com")
    before = await plan.stats()
    await plan.start()
    after = await plan.stats()

    assert before == {
        "campaignId": plan.campaign,
        "status": "draft",
        "totalEnrolled": 2,
        "sent": 0,
        "delivered": 0,
        "bounced": 0,
        "replied": 0,
        "queued": 0,
        "scheduled": 0,
        "deferred": 0,
        "uncertain": 0,
        "failed": 0,
        "unsubscribed": 0,
        "openRate": 0.0,
        "replyRate": 0.0,
        "variants": [],
    }
    assert after == {**before, "status": "running", "queued": 2}
    await plan.pause()
    assert (await plan.stats())["queued"] == 2
