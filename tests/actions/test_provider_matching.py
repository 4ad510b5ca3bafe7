"""Which accounts come into question for a lead: wishes (the lead's provider) and conditions (tags)."""

from collections import Counter
from datetime import date, timedelta
from uuid import UUID

import pytest

from leadterra.actions.pool_state import read_due_work, read_pool_state
from leadterra.domain.gate import Gate
from leadterra.domain.planning import plan
from leadterra.store import due_work
from leadterra.store.database import Database
from tests.support.windowed import Sent, WindowedPool, at

DAY = timedelta(days=1)
NINE = at(date(2026, 3, 2), 9)
PROVIDERS = ("google", "microsoft", "other")


class Mixed(WindowedPool):
    """One account with each provider, and leads whose domains have one."""

    async def accounts(self, limit: int = 100) -> dict[str, UUID]:
        """By their providers."""
        found = {}
        for provider in PROVIDERS:
            found[provider] = await self.account(provider, limit)
            await self.patch_account(found[provider], provider=provider)
        return found

    async def recipients(self, campaign: UUID, count: int, provider: str) -> list[UUID]:
        """Leads of that provider."""
        domain = f"{provider}.example"
        await self.execute(
            "insert into recipient_domains (workspace_id, domain, provider, resolved_at, retry_at)"
            " values (:w, :domain, :provider, :now, :now) on conflict do nothing",
            domain=domain,
            provider=provider,
            now=self.now,
        )
        prefix = f"{campaign.hex[-8:]}-"
        return await self.leads(campaign, count, prefix=prefix, domain=domain, now=self.now)

    async def match(self) -> None:
        """Have the workspace wish for it."""
        await self.execute("update workspaces set provider_matching = true where workspace_id = :w")

    async def holds(self, campaign: UUID) -> set[tuple[Gate, object]]:
        """Why what is due of a campaign waits, as the engine decides now."""
        async with self.database.unit_of_work(self.workspace_id) as uow:
            row = await due_work.read_pool(uow)
            assert row is not None
            state = await read_pool_state(uow, row, now=self.now)
            state, work = await read_due_work(uow, state, limit=100, now=self.now)
        decision = plan(state.pool, work, limit=100, now=self.now)
        return {
            (waiting.gate, waiting.clears_at)
            for waiting in decision.waiting
            if waiting.work.campaign_id == campaign
        }


@pytest.fixture
def pool(database: Database, workspace: UUID) -> Mixed:
    """The pool of a new workspace, on a Monday at nine."""
    return Mixed(database, workspace, NINE)


def pairs(sent: list[Sent], accounts: dict[str, UUID]) -> Counter[tuple[str, str]]:
    """(the lead's provider, the account's) of what left."""
    names = {account: provider for provider, account in accounts.items()}
    return Counter(
        (each.letter.recipient.address.split("@")[1].split(".")[0], names[each.account_id]) for each in sent
    )


async def test_like_goes_to_like(pool: Mixed) -> None:
    """Where every account has room, everybody is written to through their own provider."""
    accounts = await pool.accounts()
    await pool.match()
    campaign = await pool.launch(0)
    for provider in PROVIDERS:
        await pool.recipients(campaign, 6, provider)

    sent = await pool.drive(NINE)

    assert pairs(sent, accounts) == {(provider, provider): 6 for provider in PROVIDERS}
    await pool.check_books(now=pool.now)


async def test_nobody_starves_for_a_wish(pool: Mixed) -> None:
    """Ten Google leads and four units at Google: four go there, and the others elsewhere, at once."""
    accounts = await pool.accounts(4)
    await pool.match()
    campaign = await pool.launch(0)
    await pool.recipients(campaign, 10, "google")

    sent = await pool.drive(NINE)

    found = pairs(sent, accounts)
    assert found["google", "google"] == 4
    assert found.total() == 10


async def test_who_has_no_account_of_their_kind_is_not_held_up(pool: Mixed) -> None:
    """A lead's provider is a wish, however it is answered."""
    account = await pool.account("only", 10)
    await pool.patch_account(account, provider="microsoft")
    await pool.match()
    campaign = await pool.launch(3)
    await pool.recipients(campaign, 3, "google")

    assert len(await pool.drive(NINE)) == 6
    assert await pool.states() == {"finished": 6}


async def test_without_the_setting_the_rotation_alone_decides(pool: Mixed) -> None:
    """Off by default: three accounts of one limit share nine leads of one provider evenly."""
    accounts = await pool.accounts()
    campaign = await pool.launch(0)
    await pool.recipients(campaign, 9, "google")

    sent = await pool.drive(NINE)

    assert pairs(sent, accounts) == {("google", provider): 3 for provider in PROVIDERS}


@pytest.mark.parametrize("is_on", [False, True])
async def test_providers_are_looked_up_only_for_those_who_want_them(pool: Mixed, is_on: bool) -> None:
    """The work that a plan reads knows its recipients where the setting is on, and has asked nothing else."""
    await pool.accounts()
    campaign = await pool.launch(0)
    await pool.recipients(campaign, 1, "google")
    if is_on:
        await pool.match()

    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        row = await due_work.read_pool(uow)
        assert row is not None
        _, [work] = await read_due_work(uow, await read_pool_state(uow, row, now=NINE), limit=10, now=NINE)

    assert (work.provider, work.recipient_domain is not None) == (
        ("google", True) if is_on else (None, False)
    )


async def test_an_account_s_provider_is_its_domain_s_unless_somebody_says(pool: Mixed) -> None:
    """Found by its MX, as leads' are."""
    accounts = {"google": await pool.account("ada", 10, domain="google.example")}
    accounts["other"] = await pool.account("bob", 10)
    await pool.match()
    campaign = await pool.launch(0)
    await pool.recipients(campaign, 4, "google")

    assert pairs(await pool.drive(NINE), accounts) == {("google", "google"): 4}


async def test_a_follow_up_stays_with_its_account(pool: Mixed) -> None:
    """Matching is about first letters: who was written to by another provider is not handed over."""
    accounts = await pool.accounts(2)
    await pool.match()
    campaign = await pool.launch(0, steps=2)
    await pool.recipients(campaign, 4, "google")
    first = await pool.drive(NINE)
    await pool.execute("update sender_accounts set daily_limit = 100 where workspace_id = :w")

    second = await pool.drive(NINE + 3 * DAY)

    bound = {each.enrollment_id: each.account_id for each in first}
    assert len(set(bound.values())) > 1
    assert {each.enrollment_id: each.account_id for each in second} == bound
    assert set(bound.values()) <= set(accounts.values())


async def test_a_campaign_goes_only_through_accounts_with_one_of_its_tags(pool: Mixed) -> None:
    """While another campaign goes through all."""
    accounts = await pool.accounts()
    await pool.patch_account(accounts["google"], tags=["sales", "de"])
    await pool.patch_account(accounts["microsoft"], tags=["fr"])
    picky = await pool.launch(9)
    await pool.patch(picky, sender_tags=["de", "fr"])
    easy = await pool.launch(9)

    sent = await pool.drive(NINE)

    used = Counter((each.campaign_id, each.account_id) for each in sent)
    assert used[picky, accounts["google"]] + used[picky, accounts["microsoft"]] == 9
    assert sum(used[easy, account] for account in accounts.values()) == 9
    assert used[easy, accounts["other"]] > 0
    await pool.check_books(now=pool.now)


async def test_a_tag_that_no_account_has_holds_its_campaign_alone(pool: Mixed) -> None:
    """Its leads wait for an account; others go on; the pool sleeps until somebody does something."""
    accounts = await pool.accounts()
    picky = await pool.launch(5)
    await pool.patch(picky, sender_tags=["nobody"])
    easy = await pool.launch(5)

    sent = await pool.drive(NINE + 10 * DAY)

    assert Counter(each.campaign_id for each in sent) == {easy: 5}
    assert await pool.holds(picky) == {(Gate.NO_ACTIVE_ACCOUNT, None)}
    assert await pool.wake_at() is None
    await pool.patch_account(accounts["other"], tags=["nobody"])
    assert Counter(each.campaign_id for each in await pool.drive(pool.now)) == {picky: 5}


async def test_used_up_accounts_with_the_tag_are_waited_for(pool: Mixed) -> None:
    """Not replaced by others without it."""
    accounts = await pool.accounts(2)
    await pool.patch_account(accounts["google"], tags=["de"])
    picky = await pool.launch(5)
    await pool.patch(picky, sender_tags=["de"])

    sent = await pool.drive(NINE + 3 * DAY)

    assert {each.account_id for each in sent} == {accounts["google"]}
    assert Counter(each.at.date() for each in sent) == {
        NINE.date(): 2,
        NINE.date() + DAY: 2,
        NINE.date() + 2 * DAY: 1,
    }


@pytest.mark.parametrize("who", ["account", "campaign"])
async def test_a_conversation_outlives_a_tag(pool: Mixed, who: str) -> None:
    """Tags choose who begins. Follow-ups stay with their account, whoever loses the tag."""
    accounts = await pool.accounts()
    await pool.patch_account(accounts["google"], tags=["de"])
    await pool.patch_account(accounts["other"], tags=["fr"])
    picky = await pool.launch(2, steps=2)
    await pool.patch(picky, sender_tags=["de"])
    await pool.drive(NINE)

    if who == "account":
        await pool.patch_account(accounts["google"], tags=[])
    else:
        await pool.patch(picky, sender_tags=["fr"])
    await pool.leads(picky, 1, prefix="new", now=NINE)
    sent = await pool.drive(NINE + 5 * DAY)

    follow_ups = {each.account_id for each in sent if each.letter.references and each.at == NINE + DAY}
    assert accounts["google"] in follow_ups
    first_letters = {each.account_id for each in sent if not each.letter.references}
    assert first_letters == (set() if who == "account" else {accounts["other"]})


async def test_a_lost_conversation_is_handed_over_to_an_account_with_the_tag(pool: Mixed) -> None:
    """A handover is a choice too."""
    accounts = await pool.accounts()
    for provider in ("google", "other"):
        await pool.patch_account(accounts[provider], tags=["de"])
    picky = await pool.launch(4, steps=2)
    await pool.patch(picky, sender_tags=["de"])
    await pool.drive(NINE)
    await pool.lose(accounts["google"])

    sent = await pool.drive(NINE + 5 * DAY)

    assert Counter(each.account_id for each in sent) == {accounts["other"]: 4}
