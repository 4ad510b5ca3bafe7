"""Enrollments go by their leads' time zones where their campaigns do, however zones and campaigns change."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from leadterra.actions.enrolling import enroll_bulk
from leadterra.actions.lead_zones import rezone_campaign
from leadterra.actions.leads import change_lead, erase_lead, remove_lead_from_campaign
from leadterra.actions.running import run
from leadterra.store.database import Database, UnitOfWork
from tests.support.clock import NOW
from tests.support.pools import TestPool
from tests.support.waiting import eventually

BERLIN, TOKYO = "Europe/Berlin", "Asia/Tokyo"
_WAITING = (
    "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


class Office:
    """Campaigns of one workspace, and the zones that their enrollments go by."""

    def __init__(self, database: Database, workspace: UUID) -> None:
        self.database, self.workspace = database, workspace
        self.pool = TestPool(database, workspace)

    async def campaign(self, *, by_leads: bool) -> UUID:
        """A running one."""
        campaign = await self.pool.campaign()
        await self.schedule(campaign, by_leads=by_leads)
        return campaign

    async def schedule(self, campaign: UUID, *, by_leads: bool) -> None:
        """Write the setting, and do nothing about it."""
        schedule = json.dumps({"timeZone": BERLIN, "useLeadTimeZone": by_leads})
        await self.pool.change("campaigns", campaign, schedule=schedule)

    async def enroll(self, campaign: UUID, **zones: str | None) -> None:
        """Leads by name, with their zones."""
        await self.enroll_all(
            campaign, [{"email": f"{name}@x.test", "timeZone": zone} for name, zone in zones.items()]
        )

    async def enroll_all(self, campaign: UUID, leads: Sequence[object]) -> None:
        """In one request."""

        async def action(uow: UnitOfWork) -> object:
            return await enroll_bulk(uow, campaign, leads, skips_invalid=False, now=NOW)

        await run(self.database, self.workspace, action)

    async def rezone(self, campaign: UUID, *, by_leads: bool) -> None:
        """Change the setting as an edit does."""

        async def action(uow: UnitOfWork) -> None:
            await uow.lock_pool()
            await rezone_campaign(uow, campaign, uses_lead_zone=by_leads, now=NOW)

        await self.schedule(campaign, by_leads=by_leads)
        await run(self.database, self.workspace, action)

    async def zones(self, campaign: UUID) -> list[str]:
        """Of its enrollments, by address."""
        rows = await self.pool.ask(
            "select e.time_zone from enrollments e join leads l on l.id = e.lead_id"
            " where e.workspace_id = :w and e.campaign_id = :c order by l.email_key",
            c=campaign,
        )
        return [row[0] for row in rows]

    async def lead(self, name: str) -> UUID:
        """Its id."""
        rows: list[tuple[Any, ...]] = await self.pool.ask(
            "select id from leads where workspace_id = :w and email_key = :key", key=f"{name}@x.test"
        )
        return UUID(str(rows[0][0]))

    async def change(self, name: str, **fields: object) -> None:
        """Change a lead."""
        lead = await self.lead(name)
        await run(self.database, self.workspace, lambda uow: change_lead(uow, lead, fields, now=NOW))

    async def until_somebody_waits(self) -> None:
        """For a lock."""

        async def waits() -> bool:
            return (await self.pool.ask(_WAITING))[0][0] > 0

        await eventually(waits, what="somebody to wait for the pool")

    async def sleep(self) -> None:
        """Nothing to do for the pool."""
        await self.pool.execute("update sender_pools set wake_at = 'infinity' where workspace_id = :w")


@pytest.fixture
def office(database: Database, workspace: UUID) -> Office:
    """One, without campaigns."""
    return Office(database, workspace)


async def test_new_leads_are_enrolled_with_their_zones(office: Office) -> None:
    """None where it is not known, and none where the campaign goes by its own or has no schedule."""
    theirs, its_own = await office.campaign(by_leads=True), await office.campaign(by_leads=False)
    always = await office.pool.campaign()
    for campaign in (theirs, its_own, always):
        await office.enroll(campaign, ada=TOKYO, bob=None)

    assert [await office.zones(campaign) for campaign in (theirs, its_own, always)] == [
        [TOKYO, ""],
        ["", ""],
        ["", ""],
    ]


async def test_known_leads_are_enrolled_with_the_zones_they_have(office: Office) -> None:
    """Beside new ones in the same request, which does not name the zone again."""
    first, second = await office.pool.campaign(), await office.campaign(by_leads=True)
    await office.enroll(first, ada=TOKYO, bob=None)

    await office.enroll_all(second, [{"email": f"{name}@x.test"} for name in ("ada", "bob", "eve")])

    assert await office.zones(second) == [TOKYO, "", ""]


async def test_an_import_moves_known_leads_in_every_campaign(office: Office) -> None:
    """That goes by their zones; and the pool looks at once."""
    theirs, its_own = await office.campaign(by_leads=True), await office.campaign(by_leads=False)
    for campaign in (theirs, its_own):
        await office.enroll(campaign, ada=TOKYO, bob=TOKYO)
    elsewhere = await office.pool.campaign(status="draft")
    await office.sleep()

    await office.enroll(elsewhere, ada=BERLIN, bob=None)

    assert await office.zones(theirs) == [BERLIN, ""]
    assert await office.zones(its_own) == ["", ""]
    assert await office.pool.wake_at() == NOW


async def test_a_changed_lead_moves_in_every_campaign(office: Office) -> None:
    """That goes by its zone; and the pool looks at once."""
    theirs, its_own = await office.campaign(by_leads=True), await office.campaign(by_leads=False)
    for campaign in (theirs, its_own):
        await office.enroll(campaign, ada=TOKYO)
    await office.sleep()

    await office.change("ada", timeZone=BERLIN)

    assert (await office.zones(theirs), await office.zones(its_own)) == ([BERLIN], [""])
    assert await office.pool.wake_at() == NOW


async def test_a_change_of_other_fields_wakes_nobody(office: Office) -> None:
    """The zone is as before."""
    theirs = await office.campaign(by_leads=True)
    await office.enroll(theirs, ada=TOKYO)
    await office.sleep()

    await office.change("ada", firstName="Ada")

    assert await office.zones(theirs) == [TOKYO]
    assert await office.pool.wake_at() is None


async def test_a_campaign_that_begins_to_go_by_leads_moves_them(office: Office) -> None:
    """And back; only rows that differ are written, and the pool looks at once."""
    campaign = await office.campaign(by_leads=False)
    await office.enroll(campaign, ada=TOKYO, bob=None)
    await office.sleep()

    await office.rezone(campaign, by_leads=True)
    moved, woken = await office.zones(campaign), await office.pool.wake_at()
    await office.rezone(campaign, by_leads=False)

    assert (moved, woken) == ([TOKYO, ""], NOW)
    assert await office.zones(campaign) == ["", ""]


async def test_who_has_the_right_zone_is_not_touched(office: Office) -> None:
    """Another change of the same setting writes nothing and wakes nobody."""
    campaign = await office.campaign(by_leads=True)
    await office.enroll(campaign, ada=TOKYO, bob=None)
    await office.pool.execute(
        "update enrollments set updated_at = :early where workspace_id = :w", early=NOW - timedelta(days=1)
    )
    await office.sleep()

    await office.rezone(campaign, by_leads=True)

    assert await office.pool.ask(
        "select count(*) from enrollments where workspace_id = :w and updated_at < :now", now=NOW
    ) == [(2,)]
    assert await office.pool.wake_at() is None


async def test_who_was_taken_out_comes_back_in_the_zone_of_now(office: Office) -> None:
    """It changed while they were out."""
    campaign = await office.campaign(by_leads=True)
    await office.enroll(campaign, ada=TOKYO)
    lead = await office.lead("ada")
    await run(
        office.database,
        office.workspace,
        lambda uow: remove_lead_from_campaign(uow, campaign, lead, now=NOW),
    )

    await office.enroll(campaign, ada=BERLIN)

    assert await office.zones(campaign) == [BERLIN]
    assert await office.pool.states() == {"waiting": 1}


async def test_an_erased_lead_leaves_no_zone(office: Office) -> None:
    """Where somebody lives is forgotten too."""
    campaign = await office.campaign(by_leads=True)
    await office.enroll(campaign, ada=TOKYO)
    lead = await office.lead("ada")

    await run(office.database, office.workspace, lambda uow: erase_lead(uow, lead, now=NOW))

    assert await office.pool.ask("select time_zone from enrollments where workspace_id = :w") == [("",)]


async def test_a_setting_that_changes_beside_an_import_overlooks_nobody(office: Office) -> None:
    """The edit does not see rows that are not committed; the import finds out at its end."""
    campaign = await office.campaign(by_leads=False)

    async def enroll(uow: UnitOfWork) -> None:
        await enroll_bulk(
            uow, campaign, [{"email": "ada@x.test", "timeZone": TOKYO}], skips_invalid=False, now=NOW
        )

    async with office.database.unit_of_work(office.workspace) as editing:
        await editing.lock_pool()
        enrolling = asyncio.create_task(run(office.database, office.workspace, enroll))
        await office.until_somebody_waits()
        await editing.execute(
            "update campaigns set schedule = %(schedule)s where id = %(id)s",
            schedule=json.dumps({"useLeadTimeZone": True}),
            id=campaign,
        )
        await rezone_campaign(editing, campaign, uses_lead_zone=True, now=NOW)
    await enrolling

    assert await office.zones(campaign) == [TOKYO]
