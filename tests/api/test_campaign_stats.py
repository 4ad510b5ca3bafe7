"""`GET /v1/campaigns/{id}/stats`: what became of each variant."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from leadterra.store.database import Database
from tests.support.clock import NOW
from tests.support.outreach import Outreach, launched, shown
from tests.support.pools import TestPool
from tests.support.turns import ACCEPTED, REFUSED, Turns

OTHER: dict[str, object] = {"bodyHtml": "<p>Other</p>", "weight": 2}
NOTHING = {"assigned": 0, "sent": 0, "delivered": 0, "bounced": 0, "replied": 0, "replyRate": 0}


@pytest.fixture
async def turns(database: Database, workspace: UUID) -> Turns:
    """A worker by hand, with one account."""
    await TestPool(database, workspace).account("ada", 100, gap=0)
    return Turns(database, workspace)


async def varied(api: httpx.AsyncClient, *variants: dict[str, object]) -> tuple[Outreach, dict[str, Any]]:
    """A running campaign with six leads and one step with these variants; the step."""
    step: dict[str, object] = {"subject": "Hello", "bodyHtml": "<p>Hi</p>", "variants": list(variants)}
    plan = await launched(api, *(f"{number}@leads.test" for number in range(6)), steps=[step])
    [made] = shown(await api.get(plan.path))["sequenceSteps"]
    return plan, made


async def test_without_variants_there_are_none(api: httpx.AsyncClient) -> None:
    """An empty list."""
    plan, _ = await varied(api)

    assert (await plan.stats())["variants"] == []


async def test_each_variant_is_shown_with_its_numbers(api: httpx.AsyncClient, turns: Turns) -> None:
    """The step's own words first, under no id; what is given, sent, bounced and delivered."""
    plan, step = await varied(api, OTHER)
    [variant] = step["variants"]
    await turns.send(NOW, ACCEPTED, limit=3)
    await turns.send(NOW, REFUSED, limit=2)
    await turns.claim(NOW)

    own, other = (await plan.stats())["variants"]

    step_id = step["id"]
    assert own == {
        **NOTHING,
        **{"stepId": step_id, "variantId": None, "weight": 1, "assigned": 2},
        **{"sent": own["sent"], "delivered": own["sent"] - own["bounced"], "bounced": own["bounced"]},
    }
    assert (other["stepId"], other["variantId"], other["weight"]) == (step_id, variant["id"], 2)
    assert (other["assigned"], own["sent"] + other["sent"], own["bounced"] + other["bounced"]) == (4, 5, 2)


async def test_replies_make_a_rate(
    api: httpx.AsyncClient, turns: Turns, database: Database, workspace: UUID
) -> None:
    """Over what was delivered."""
    plan, _ = await varied(api, OTHER)
    await turns.send(NOW, ACCEPTED)
    await TestPool(database, workspace).execute(
        "update variant_totals set replied = 1 where workspace_id = :w"
    )

    own, other = (await plan.stats())["variants"]

    assert (own["replyRate"], other["replyRate"]) == (1 / 2, 1 / 4)


async def test_removed_variants_keep_their_results(api: httpx.AsyncClient, turns: Turns) -> None:
    """If they had any, and without a weight."""
    plan, step = await varied(api, OTHER, {"bodyHtml": "<p>Never</p>", "weight": 0})
    await turns.send(NOW, ACCEPTED)
    shown(await plan.steps({"id": step["id"], "subject": "Hello", "bodyHtml": "<p>Hi</p>"}))

    own, removed = (await plan.stats())["variants"]

    assert (own["variantId"], own["sent"]) == (None, 2)
    assert (removed["variantId"], removed["weight"], removed["sent"]) == (step["variants"][0]["id"], 0, 4)
