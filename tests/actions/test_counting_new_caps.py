"""A cap that is set counts what was taken before; nothing is counted anew for other changes."""

from datetime import timedelta
from uuid import UUID

import pytest

from leadterra.actions.campaigns import CampaignSettings, change_campaign
from leadterra.actions.sender_accounts import (
    AccountChange,
    NewAccount,
    Settings,
    change_sender_account,
    create_sender_account,
    remove_sender_account,
)
from leadterra.actions.workspaces import WorkspaceChange, change_workspace
from leadterra.store.database import Database
from leadterra.store.sealing import KeyRing
from tests.support.clock import NOW
from tests.support.pools import TestPool

KEYS = KeyRing({"test": bytes(32)})
LATER = NOW + timedelta(minutes=5)
TAKEN = 2


@pytest.fixture
async def pool(database: Database, workspace: UUID) -> TestPool:
    """One account that has sent two messages of one campaign."""
    pool = TestPool(database, workspace)
    await pool.account("one", 50)
    await pool.leads(await pool.campaign(steps=2), TAKEN)
    await pool.settle(await pool.must_claim())
    return pool


async def counted(pool: TestPool) -> dict[str, int]:
    """The units that are kept, by scope."""
    rows = await pool.ask(
        "select scope, sum(taken)::int from cap_units where workspace_id = :w group by scope order by scope"
    )
    return dict(rows)


async def only_id(pool: TestPool, table: str) -> UUID:
    """Of the only row."""
    ((found,),) = await pool.ask(f"select id from {table} where workspace_id = :w")
    assert isinstance(found, UUID)
    return found


@pytest.mark.parametrize(
    ("change", "scope"),
    [
        (WorkspaceChange(sending_domain_daily_limit=10), "sending_domain"),
        (WorkspaceChange(recipient_domain_daily_limit=10), "recipient_domain"),
        (WorkspaceChange(recipient_domain_hourly_limit=10), "recipient_domain_hour"),
    ],
)
async def test_a_cap_of_the_workspace_counts_what_was_taken(
    pool: TestPool, change: WorkspaceChange, scope: str
) -> None:
    """And is forgotten with the cap."""
    before = await counted(pool)
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await change_workspace(uow, change, now=LATER)
    during = await counted(pool)
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        nothing = WorkspaceChange(
            sending_domain_daily_limit=None,
            recipient_domain_daily_limit=None,
            recipient_domain_hourly_limit=None,
        )
        await change_workspace(uow, nothing, now=LATER)

    assert (before, during, await counted(pool)) == ({}, {scope: TAKEN}, {})


@pytest.mark.parametrize(
    ("change", "scope"),
    [
        (CampaignSettings(daily_limit=10), "campaign"),
        (CampaignSettings(new_leads_daily_limit=10), "campaign_new"),
    ],
)
async def test_a_cap_of_a_campaign_counts_what_was_taken(
    pool: TestPool, change: CampaignSettings, scope: str
) -> None:
    """And is forgotten with the cap."""
    campaign = await only_id(pool, "campaigns")
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await change_campaign(uow, campaign, change, now=LATER)
    during = await counted(pool)
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        nothing = CampaignSettings(daily_limit=None, new_leads_daily_limit=None)
        await change_campaign(uow, campaign, nothing, now=LATER)

    assert (during, await counted(pool)) == ({scope: TAKEN}, {})


async def change_account(pool: TestPool, **settings: int | None) -> None:
    """Change the only account."""
    account = await only_id(pool, "sender_accounts")
    change = AccountChange(Settings(rolling_limit=settings["rolling_limit"]))
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await change_sender_account(uow, account, change, key_ring=KEYS, now=LATER)


async def test_a_rolling_limit_counts_what_was_taken(pool: TestPool) -> None:
    """And is forgotten with the limit."""
    await change_account(pool, rolling_limit=10)
    during = await counted(pool)
    await change_account(pool, rolling_limit=None)

    assert (during, await counted(pool)) == ({"account_24h": TAKEN}, {})


async def test_an_account_that_comes_back_with_a_rolling_limit_has_sent_before(pool: TestPool) -> None:
    """Its id is the same, and so are its last 24 hours."""
    account = await only_id(pool, "sender_accounts")
    new = NewAccount("one@acme.test", "One", settings=Settings(rolling_limit=10))
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await remove_sender_account(uow, account, now=LATER)
        await create_sender_account(uow, new, key_ring=KEYS, now=LATER)

    assert await counted(pool) == {"account_24h": TAKEN}


async def test_a_cap_that_is_only_moved_is_not_counted_anew(pool: TestPool) -> None:
    """What is kept is kept: nothing is read of the messages."""
    await change_account(pool, rolling_limit=10)
    await pool.execute("update cap_units set taken = 7 where workspace_id = :w")

    await change_account(pool, rolling_limit=20)

    assert await counted(pool) == {"account_24h": 7}
