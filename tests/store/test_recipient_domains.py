"""Domains to ask about: found a few leads at a time, whatever else the workspace has, and claimed once."""

import asyncio
from datetime import timedelta
from uuid import UUID

from leadterra.actions.running import run
from leadterra.domain.provider import Provider
from leadterra.store import recipient_domains
from leadterra.store.database import Database
from leadterra.store.statements import load
from tests.support.clock import NOW
from tests.support.plans import MODES, rows_read
from tests.support.pools import TestPool

BEGINNING, LEADS, LOOK = UUID(int=0), 3000, 200
LATER = NOW + timedelta(minutes=5)
SQL = load("recipient_domains")


@MODES
async def test_a_look_reads_the_leads_that_it_is_told(
    own_database: Database, own_workspace: UUID, mode: str
) -> None:
    """And of the enrollments those of these leads, even before there are statistics."""
    pool = TestPool(own_database, own_workspace)
    await pool.leads(await pool.campaign(), LEADS)
    async with own_database.unit_of_work(own_workspace) as uow:
        end = await recipient_domains.find_end_of_leads(uow, BEGINNING, limit=LOOK)
    span = {"after": BEGINNING, "until": end, "now": NOW, "limit": 100}

    looking = await rows_read(pool, SQL["list_unresolved_domains_of_leads"], mode, **span)
    finding = await rows_read(pool, SQL["find_end_of_leads"], mode, after=BEGINNING, limit=LOOK)

    assert (looking <= LOOK, finding <= LOOK) == (True, True), (looking, finding)


async def test_a_domain_is_claimed_once(database: Database, workspace: UUID) -> None:
    """Several at once, in any order, share them; when the claim has lapsed, they are free again."""
    domains = [f"d{number}.test" for number in range(50)]

    async def claim(wanted: list[str], *, minutes: int = 0) -> list[str]:
        now = NOW + timedelta(minutes=minutes)
        return await run(
            database,
            workspace,
            lambda uow: recipient_domains.claim_domains(
                uow, wanted, until=now + timedelta(minutes=5), now=now
            ),
        )

    at_once = await asyncio.gather(*(claim(order) for order in (domains, domains[::-1], domains[25:])))

    assert sorted(domain for claimed in at_once for domain in claimed) == sorted(domains)
    assert (await claim(domains, minutes=4), sorted(await claim(domains, minutes=5))) == ([], sorted(domains))


async def test_what_is_known_stays_while_nobody_answers(database: Database, workspace: UUID) -> None:
    """Only the next question is put off."""
    async with database.unit_of_work(workspace) as uow:
        await recipient_domains.claim_domains(uow, ["a.test"], until=LATER, now=NOW)
        await recipient_domains.save_providers(uow, {"a.test": Provider.GOOGLE}, retry_at=LATER, now=NOW)
        await recipient_domains.postpone_domains(uow, ["a.test"], retry_at=LATER + timedelta(hours=1))

    assert await TestPool(database, workspace).ask(
        "select provider, resolved_at, retry_at from recipient_domains where workspace_id = :w"
    ) == [("google", NOW, LATER + timedelta(hours=1))]
