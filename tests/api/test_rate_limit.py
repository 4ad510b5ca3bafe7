"""How often a key may ask."""

from collections.abc import AsyncIterator
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.api.rate_limit import RateLimit
from tests.support.api import client
from tests.support.clock import NOW, ManualClock


@pytest.fixture
async def limited(equipment: Equipment, key: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose key may ask three times a minute."""
    settings = equipment.settings.model_copy(update={"rate_limit": 3})
    async with client(replace(equipment, settings=settings), key) as opened:
        yield opened


async def test_every_answer_tells_what_is_left(limited: httpx.AsyncClient) -> None:
    """Errors too."""
    answers = [await limited.get("/v1/workspace"), await limited.get("/v1/sender-accounts/x")]

    assert [answer.headers["ratelimit-policy"] for answer in answers] == ['"key";q=3;w=60'] * 2
    assert [answer.headers["ratelimit"] for answer in answers] == ['"key";r=2;t=20', '"key";r=1;t=40']


async def test_one_too_many_is_refused_until_it_is_time(
    limited: httpx.AsyncClient, clock: ManualClock
) -> None:
    """429 says when to come back; then it works again."""
    for _ in range(3):
        await limited.get("/v1/workspace")

    refused = await limited.get("/v1/workspace")
    clock.advance(seconds=int(refused.headers["retry-after"]))
    allowed = await limited.get("/v1/workspace")

    problem = refused.json()
    assert (refused.status_code, problem["code"], problem["retryable"]) == (429, "rate_limited", True)
    assert (refused.headers["retry-after"], allowed.status_code) == ("20", 200)


def test_keys_do_not_share_a_limit() -> None:
    """One key's requests leave another's alone."""
    limit = RateLimit(1)
    limit.take(uuid4(), now=NOW)

    assert limit.take(uuid4(), now=NOW).retry_after == 0


def test_a_clock_that_is_set_back_refills_nothing() -> None:
    """And takes nothing away."""
    limit, key, clock = RateLimit(2), uuid4(), ManualClock()
    limit.take(key, now=clock.now())
    clock.advance(hours=-1)

    assert limit.take(key, now=clock.now()).remaining == 0
