"""`/u/{token}`: the page, the one-click POST, and tokens that are not ours."""

from uuid import UUID

import httpx
import pytest

from leadterra.actions.equipment import Equipment
from leadterra.mail.unsubscribe import sign_token
from leadterra.store.database import Database
from leadterra.store.ids import new_id
from tests.support.api import client
from tests.support.clock import NOW
from tests.support.pools import TestPool


@pytest.fixture
def pool(database: Database, workspace: UUID) -> TestPool:
    """The workspace's pool."""
    return TestPool(database, workspace)


async def link(pool: TestPool, enrollment: UUID) -> str:
    """The path of that enrollment's link."""
    secret = (await pool.ask("select link_secret from workspaces where workspace_id = :w"))[0][0]
    return f"/u/{sign_token(bytes(secret), pool.workspace_id, enrollment)}"


async def test_showing_the_page_changes_nothing(equipment: Equipment, pool: TestPool) -> None:
    """Scanners follow links: GET has a button, is not to be indexed, loads nothing, and ends nothing."""
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    async with client(equipment) as browser:
        page = await browser.get(await link(pool, enrollment))

    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert '<form method="post">' in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "noindex" in page.headers["x-robots-tag"]
    assert "src=" not in page.text
    assert await pool.states() == {"waiting": 1}


@pytest.mark.parametrize(
    ("form", "source"), [({"List-Unsubscribe": "One-Click"}, "one_click"), ({"confirm": "yes"}, "page")]
)
async def test_a_post_unsubscribes_once(
    equipment: Equipment, api: httpx.AsyncClient, pool: TestPool, form: dict[str, str], source: str
) -> None:
    """Every open enrollment of the lead ends, the address is suppressed, one event is written; again changes
    nothing."""
    campaign = await pool.campaign()
    [enrollment] = await pool.leads(campaign, 1)
    async with client(equipment) as browser:
        answers = [await browser.post(await link(pool, enrollment), data=form) for _ in range(2)]

    entries = (await api.get("/v1/suppression-list")).json()["data"]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert await pool.states() == {"unsubscribed": 1}
    assert [(entry["reason"], entry["source"]) for entry in entries] == [("unsubscribed", source)]
    assert await pool.ask("select type, payload->>'source' from events where workspace_id = :w") == [
        ("lead.unsubscribed", source),
        ("campaign.completed", None),
    ]
    assert await pool.ask(
        "select open::int, unsubscribed::int from campaign_totals where workspace_id = :w"
    ) == [(0, 1)]


async def test_a_finished_campaign_still_counts_it(equipment: Equipment, pool: TestPool) -> None:
    """The letter that was unsubscribed by belongs to a campaign; the lead counts there once."""
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    await pool.execute("update enrollments set state = 'finished' where workspace_id = :w")
    async with client(equipment) as browser:
        for _ in range(2):
            await browser.post(await link(pool, enrollment))

    assert await pool.ask("select unsubscribed::int from campaign_totals where workspace_id = :w") == [(1,)]


async def test_the_link_of_an_erased_person_answers_politely(equipment: Equipment, pool: TestPool) -> None:
    """Nothing is left to end, and nothing fails."""
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    await pool.execute("delete from leads where workspace_id = :w")
    async with client(equipment) as browser:
        answer = await browser.post(await link(pool, enrollment))

    assert answer.status_code == 200


async def test_a_token_that_is_not_ours_is_a_404_page(equipment: Equipment, pool: TestPool) -> None:
    """Damaged, foreign, or of a workspace that does not exist: the same page, for GET and POST."""
    good = await link(pool, (await pool.leads(await pool.campaign(), 1))[0])
    hostile = [
        "/u/",
        "/u/x",
        f"{good}x",
        f"{good[:-1]}{'A' if good[-1] != 'A' else 'B'}",
        "/u/" + "A" * 66,
        "/u/" + "A" * 5000,
        "/u/%00",
        "/u/..%2f..%2fetc",
        "/u/%F0%9F%92%A9",
        "/u/" + sign_token(b"guess" * 7, pool.workspace_id, new_id(NOW)),
        "/u/" + sign_token(b"guess" * 7, new_id(NOW), new_id(NOW)),
    ]
    async with client(equipment) as browser:
        answers = [await browser.request(method, path) for path in hostile for method in ("GET", "POST")]

    assert {(answer.status_code, answer.headers["content-type"]) for answer in answers} == {
        (404, "text/html; charset=utf-8")
    }
    assert await pool.states() == {"waiting": 1}


async def test_only_so_much_of_a_body_is_read(equipment: Equipment, pool: TestPool) -> None:
    """A huge body unsubscribes like any other."""
    [enrollment] = await pool.leads(await pool.campaign(), 1)
    async with client(equipment) as browser:
        answer = await browser.post(await link(pool, enrollment), content=b"x" * 1_000_000)

    assert answer.status_code == 200
    assert await pool.states() == {"unsubscribed": 1}
