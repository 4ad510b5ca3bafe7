"""The window that accounts spread over is the pool's: of the campaigns that have something to send."""

from datetime import date, timedelta
from uuid import UUID

import pytest

from leadterra.store.database import Database
from tests.support.windowed import WindowedPool, at

MONDAY = date(2026, 3, 2)
OFFICE = {"from": "09:00", "to": "17:00"}


@pytest.fixture
async def pool(database: Database, workspace: UUID) -> WindowedPool:
    """The pool of a live workspace, on a Monday at eight."""
    found = WindowedPool(database, workspace, at(MONDAY, 8))
    await found.go_live()
    return found


@pytest.mark.parametrize("settings", [{"daily_limit": 1}, {"sender_tags": ["nobody-has-it"]}])
async def test_a_campaign_that_cannot_send_slows_nobody_down(
    pool: WindowedPool, settings: dict[str, object]
) -> None:
    """Open all day, with much to send, beside one of office hours: the account has sent its day by their
    end. It would keep a third of it for a night in which nothing can go.
    """
    await pool.account("ada", 50)
    office, around_the_clock = await pool.launch(60, hours=OFFICE), await pool.launch(60)
    await pool.patch(around_the_clock, **settings)

    sent = await pool.drive(at(MONDAY, 23))

    assert len(sent) == 50
    assert all(each.at < at(MONDAY, 17) for each in sent)
    assert sum(each.campaign_id == office for each in sent) >= 49


async def test_what_falls_due_opens_the_pool_s_window_at_once(pool: WindowedPool) -> None:
    """An account that would begin a while after nine begins when a campaign without hours has something."""
    await pool.account("ada", 50)
    await pool.launch(2, hours=OFFICE)
    always = await pool.launch(0)
    (enrollment,) = await pool.leads(always, 1, prefix="late", now=pool.now)
    due_at = at(MONDAY, 9) + timedelta(seconds=5)
    await pool.change("enrollments", enrollment, due_at=due_at)

    sent = await pool.drive(at(MONDAY, 9, 1))

    assert sent[0].at == due_at


async def test_accounts_do_not_go_on_together_when_a_campaign_is_resumed(pool: WindowedPool) -> None:
    """Fifty of them were idle for hours; each begins somewhere in its first gap from then on."""
    for number in range(50):
        await pool.account(f"a{number}", 48)
    campaign = await pool.launch(500, hours=OFFICE)
    await pool.drive(at(MONDAY, 10))
    await pool.pause(campaign)
    await pool.drive(at(MONDAY, 13))
    before = len(pool.sent)
    await pool.resume(campaign)

    await pool.drive(at(MONDAY, 13, 2))

    resumed = [each for each in pool.sent if each.at >= at(MONDAY, 13)]
    assert len(resumed) == len(pool.sent) - before
    assert 1 <= len(resumed) <= 25
    assert max(sum(each.at == other.at for other in resumed) for each in resumed) == 1
