"""`PUT /v1/campaigns/{id}/sequence-steps`: variants of steps, their weights, and versions."""

from collections.abc import Mapping
from typing import Any, cast

import httpx
import pytest

from tests.support.outreach import Outreach, launched, outreach, refused, shown

FULL: dict[str, object] = {"bodyHtml": "<p>Other</p>", "subject": "Other", "bodyText": "Other", "weight": 2.5}
BARE: dict[str, object] = {"bodyHtml": "<p>Bare</p>"}
BROKEN = "<p>\n{% if %}</p>"


def first(*variants: Mapping[str, object], **fields: object) -> dict[str, object]:
    """A first step with these variants."""
    return {"subject": "Hello", "bodyHtml": "<p>Hi</p>", "variants": list(variants), **fields}


async def put(plan: Outreach, *steps: dict[str, object]) -> list[dict[str, Any]]:
    """Make these the steps; as they are answered."""
    return cast("list[dict[str, Any]]", shown(await plan.steps(*steps))["sequenceSteps"])


async def test_a_step_is_shown_with_its_variants(api: httpx.AsyncClient) -> None:
    """With what is usual where it was left out; the answer of the creation is what is read later."""
    plan = await outreach(api, steps=[first(FULL, BARE, weight=0, delayUnit="business", delayDays=4)])
    [step] = shown(await api.get(plan.path))["sequenceSteps"]
    [listed] = (await api.get("/v1/campaigns")).json()["data"]

    assert [step] == listed["sequenceSteps"]
    assert (step["delayDays"], step["delayUnit"], step["weight"], step["version"]) == (4, "business", 0, 1)
    full, bare = step["variants"]
    assert full == {"id": full["id"], **FULL}
    assert full["id"].startswith("var_")
    assert bare == {"id": bare["id"], **BARE, "subject": None, "bodyText": None, "weight": 1}


async def test_a_step_without_variants_is_as_before(api: httpx.AsyncClient) -> None:
    """Calendar days, all of its messages in its own words, first version."""
    plan = await outreach(api)
    [step, _] = shown(await api.get(plan.path))["sequenceSteps"]

    assert (step["delayUnit"], step["weight"], step["version"], step["variants"]) == ("calendar", 1, 1, [])


async def test_variants_are_matched_by_id(api: httpx.AsyncClient) -> None:
    """What is named stays the same variant, what is not named goes, what has no id is new."""
    plan = await outreach(api, steps=[first(FULL, BARE)])
    [step] = shown(await api.get(plan.path))["sequenceSteps"]
    gone, kept = step["variants"]

    [after] = await put(plan, {**first(BARE, {**BARE, "id": kept["id"], "weight": 3}), "id": step["id"]})

    new, same = after["variants"]
    assert (same["id"], same["weight"]) == (kept["id"], 3)
    assert new["id"] not in (gone["id"], kept["id"])
    assert shown(await api.get(plan.path))["sequenceSteps"] == [after]


async def test_a_removed_variant_does_not_come_back(api: httpx.AsyncClient) -> None:
    """Its id is none of the step's any more."""
    plan = await outreach(api, steps=[first(BARE)])
    [step] = shown(await api.get(plan.path))["sequenceSteps"]
    await put(plan, {**first(), "id": step["id"]})

    answer = await plan.steps({**first({**BARE, "id": step["variants"][0]["id"]}), "id": step["id"]})

    assert refused(answer) == (422, "validation_failed", ["/sequenceSteps/0/variants/0/id"])


async def test_a_foreign_variant_is_refused(api: httpx.AsyncClient) -> None:
    """Of another step, of a new step, or the same one twice."""
    plan = await outreach(api, steps=[first(BARE), first(BARE)])
    one, two = shown(await api.get(plan.path))["sequenceSteps"]
    [own], [other] = one["variants"], two["variants"]
    pointer = "/sequenceSteps/0/variants/{}/id"

    for step, place in (
        ({**first({**BARE, "id": other["id"]}), "id": one["id"]}, 0),
        (first({**BARE, "id": own["id"]}), 0),
        ({**first({**BARE, "id": own["id"]}, {**BARE, "id": own["id"]}), "id": one["id"]}, 1),
    ):
        assert refused(await plan.steps(step)) == (422, "validation_failed", [pointer.format(place)])


async def test_every_edit_of_what_a_step_says_is_a_version(api: httpx.AsyncClient) -> None:
    """Of its words or variants; the same again, another place or another delay is none."""
    plan = await launched(api, steps=[first()])
    [step] = shown(await api.get(plan.path))["sequenceSteps"]
    versions = []
    for fields in (
        {"subject": "Better"},
        {"subject": "Better"},
        {"subject": "Better", "delayDays": 9, "delayUnit": "business"},
        {"subject": "Better", "variants": [BARE]},
        {"subject": "Better", "weight": 2},
    ):
        [after] = await put(plan, {**first(), **fields, "id": step["id"]})
        versions.append(after["version"])

    assert versions == [2, 2, 2, 3, 4]


async def test_templates_of_variants_are_compiled_at_once(api: httpx.AsyncClient) -> None:
    """Every one that cannot be is named, with step, variant and line; nothing is created."""
    broken = {"bodyHtml": BROKEN, "subject": "{{", "bodyText": "{{ a | nosuch }}"}
    answer = await api.post(
        "/v1/campaigns", json={"name": "x", "sequenceSteps": [first(BARE, broken, bodyHtml=BROKEN)]}
    )

    pointer = "/sequenceSteps/0"
    assert refused(answer) == (
        422,
        "validation_failed",
        [
            f"{pointer}/bodyHtml",
            f"{pointer}/variants/1/subject",
            f"{pointer}/variants/1/bodyHtml",
            f"{pointer}/variants/1/bodyText",
        ],
    )
    assert "Step 1, variant 2, bodyHtml, line 2" in answer.json()["errors"][2]["message"]
    assert (await api.get("/v1/campaigns")).json()["data"] == []


@pytest.mark.parametrize("variants", [[], [{**BARE, "weight": 0}]])
async def test_something_must_have_a_weight(
    api: httpx.AsyncClient, variants: list[dict[str, object]]
) -> None:
    """Or there would be no words for its messages."""
    plan = await outreach(api)

    answer = await plan.steps(first(*variants, weight=0))

    assert refused(answer) == (422, "validation_failed", ["/sequenceSteps/0/weight"])
    assert answer.json()["errors"][0]["code"] == "all_weights_zero"


@pytest.mark.parametrize(
    ("step", "pointer"),
    [
        (first(*[BARE] * 11), "/sequenceSteps/0/variants"),
        (first({"subject": "x"}), "/sequenceSteps/0/variants/0/bodyHtml"),
        (first({**BARE, "weight": -1}), "/sequenceSteps/0/variants/0/weight"),
        (first({**BARE, "subject": "a\nb"}), "/sequenceSteps/0/variants/0/subject"),
        (first({**BARE, "delayDays": 1}), "/sequenceSteps/0/variants/0/delayDays"),
        (first(weight=1001), "/sequenceSteps/0/weight"),
        (first(delayUnit="weeks"), "/sequenceSteps/0/delayUnit"),
        (first(version=2), "/sequenceSteps/0/version"),
    ],
)
async def test_a_wrong_field_is_named(api: httpx.AsyncClient, step: dict[str, object], pointer: str) -> None:
    """400, with a pointer to it."""
    plan = await outreach(api)

    assert refused(await plan.steps(step)) == (400, "invalid_request", [pointer])


async def test_ten_variants_are_taken(api: httpx.AsyncClient) -> None:
    """In their order, and shown in it."""
    bodies = [f"<p>{number}</p>" for number in range(10)]
    plan = await outreach(api, steps=[first(*({"bodyHtml": body} for body in bodies))])
    [step] = shown(await api.get(plan.path))["sequenceSteps"]

    assert [variant["bodyHtml"] for variant in step["variants"]] == bodies


async def test_a_dry_run_changes_no_variant(api: httpx.AsyncClient) -> None:
    """It answers what would be."""
    plan = await outreach(api, steps=[first(BARE)])
    [step] = shown(await api.get(plan.path))["sequenceSteps"]

    answer = await api.put(
        f"{plan.path}/sequence-steps?dryRun=true",
        json={"sequenceSteps": [{**first(BARE, FULL), "id": step["id"]}]},
    )

    assert shown(answer)["sequenceSteps"][0]["version"] == 2
    assert shown(await api.get(plan.path))["sequenceSteps"] == [step]
