"""The resolving worker asks a real name server whose servers take the mail of recipients and senders."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest

from leadterra.actions.enrolling import enroll_bulk
from leadterra.actions.ports import Resolver
from leadterra.actions.running import run
from leadterra.store.database import Database, UnitOfWork
from leadterra.store.ids import new_id
from leadterra.store.sender_pools import insert_pool
from leadterra.store.workspaces import insert_workspace
from leadterra.transport.resolver import DnsResolver
from leadterra.workers.resolving import ResolvingWorker
from tests.support.clock import NOW, ManualClock
from tests.support.dns_server import NameServer, Zone, name_server
from tests.support.pools import TestPool
from tests.support.waiting import eventually

ZONE: Zone = {
    "g.test": {"MX": ["1 aspmx.l.google.com."]},
    "m.test": {"MX": ["0 m-test.mail.protection.outlook.com."]},
    "o.test": {"MX": ["10 mx.o.test."]},
    "acme.test": {"MX": ["1 smtp.google.com."]},
}
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)


class Office:
    """A workspace that matches providers, and a worker with its own name server."""

    def __init__(self, database: Database, workspace: UUID, server: NameServer, clock: ManualClock) -> None:
        self.database, self.workspace, self.server, self.clock = database, workspace, server, clock
        self.pool = TestPool(database, workspace)
        self.worker = self.hire()

    def hire(self, resolver: Resolver | None = None) -> ResolvingWorker:
        """A worker."""
        resolver = resolver or DnsResolver(self.server.address, patience=0.3)
        return ResolvingWorker(self.database, self.clock, resolver, pause=0.01)

    async def match(self, on: bool = True) -> None:
        """The workspace's wish."""
        await self.pool.execute(
            "update workspaces set provider_matching = :wish where workspace_id = :w", wish=on
        )

    async def enroll(self, *domains: str) -> UUID:
        """A lead at each, in a new campaign."""
        campaign = await self.pool.campaign()
        leads = [{"email": f"ada@{domain}"} for domain in domains]
        now = self.clock.now()

        async def action(uow: UnitOfWork) -> object:
            return await enroll_bulk(uow, campaign, leads, skips_invalid=False, now=now)

        await run(self.database, self.workspace, action)
        return campaign

    async def work(self, worker: ResolvingWorker | None = None) -> None:
        """Until nothing is left to do."""
        while await (worker or self.worker).resolve_round():
            pass

    async def rows(self) -> dict[str, tuple[str | None, datetime | None, datetime]]:
        """provider, resolved_at and retry_at by domain."""
        rows = await self.pool.ask(
            "select domain, provider, resolved_at, retry_at from recipient_domains where workspace_id = :w"
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    async def providers(self) -> dict[str, str | None]:
        """By domain."""
        return {domain: row[0] for domain, row in (await self.rows()).items()}

    def asked(self) -> list[str]:
        """Domains whose MX records were asked for."""
        return sorted(name for name, kind in self.server.asked if kind == "MX")


@pytest.fixture
async def office(
    own_urls: tuple[str, str], own_database: Database, own_workspace: UUID
) -> AsyncIterator[Office]:
    """The only workspace that matches."""
    async with await psycopg.AsyncConnection.connect(own_urls[0], autocommit=True) as admin:
        await admin.execute("update workspaces set provider_matching = false")
    async with name_server(dict(ZONE)) as server:
        made = Office(own_database, own_workspace, server, ManualClock(NOW))
        await made.match()
        yield made


async def test_the_providers_of_waiting_leads_are_found(office: Office) -> None:
    """A domain that does not exist has somebody else's servers; all are asked about again in a week."""
    await office.enroll("g.test", "m.test", "o.test", "nowhere.test")

    await office.work()

    assert await office.rows() == {
        "g.test": ("google", NOW, NOW + WEEK),
        "m.test": ("microsoft", NOW, NOW + WEEK),
        "o.test": ("other", NOW, NOW + WEEK),
        "nowhere.test": ("other", NOW, NOW + WEEK),
    }


async def test_the_providers_of_accounts_are_found(office: Office) -> None:
    """Unless they say it themselves."""
    account = await office.pool.account("ada", 10)
    await office.pool.change("sender_accounts", account, provider="microsoft")
    await office.work()
    said = await office.providers()
    await office.pool.account("bob", 10)

    await office.work()

    assert (said, await office.providers()) == ({}, {"acme.test": "google"})


async def test_nothing_is_asked_where_nobody_matches(office: Office) -> None:
    """The setting is off."""
    await office.match(False)
    await office.enroll("g.test")

    assert await office.worker.resolve_round() is False
    assert (await office.rows(), office.server.asked) == ({}, [])


async def test_domains_of_which_nobody_waits_are_not_asked_about(office: Office) -> None:
    """The sequence has ended for them."""
    await office.enroll("g.test")
    await office.pool.execute("update enrollments set state = 'finished' where workspace_id = :w")

    await office.work()

    assert office.server.asked == []


async def test_an_answer_holds_for_a_week(office: Office) -> None:
    """Then the domain is asked about again."""
    await office.enroll("g.test")
    await office.work()
    for step in (WEEK - HOUR, 2 * HOUR):
        office.clock.advance(seconds=step.total_seconds())
        await office.work()
        await office.work()

    assert office.asked() == ["g.test", "g.test"]
    assert (await office.rows())["g.test"] == ("google", NOW + WEEK + HOUR, NOW + 2 * WEEK + HOUR)


async def test_no_answer_is_asked_for_again_in_an_hour(office: Office) -> None:
    """And what an earlier one said stays."""
    await office.enroll("g.test", "silent.test")
    office.server.zone = {**ZONE, "silent.test": "silence"}
    await office.work()
    first = await office.rows()
    office.server.zone = {"g.test": "servfail", "silent.test": {"A": ["192.0.2.1"]}}
    office.clock.advance(seconds=WEEK.total_seconds())
    await office.work()
    await office.work()

    later = office.clock.now()
    assert first["silent.test"] == (None, None, NOW + HOUR)
    assert await office.rows() == {
        "g.test": ("google", NOW, later + HOUR),
        "silent.test": ("other", later, later + WEEK),
    }


async def test_few_questions_are_out_at_a_time(office: Office) -> None:
    """Ten; however many domains wait, all have their turn."""
    domains = [f"d{number:03}.test" for number in range(230)]
    office.server.zone = {domain: {"MX": ["1 aspmx.l.google.com."]} for domain in domains}
    await office.enroll(*domains)

    await office.work()

    assert office.asked() == domains
    assert office.server.most_open <= 10
    assert set((await office.providers()).values()) == {"google"}


async def test_each_domain_is_asked_about_by_one_of_several(office: Office) -> None:
    """Processes that work at once do not repeat each other's questions."""
    domains = [f"d{number:03}.test" for number in range(150)]
    await office.enroll(*domains)

    await asyncio.gather(*(office.work(office.hire()) for _ in range(3)))

    assert office.asked() == domains


async def test_new_leads_are_seen_at_the_next_round(office: Office) -> None:
    """Though all were looked through before; leads that are known come with the next pass."""
    await office.enroll("g.test")
    finished = await office.enroll("m.test")
    await office.pool.execute(
        "update enrollments set state = 'finished' where workspace_id = :w and campaign_id = :c", c=finished
    )
    await office.work()
    office.clock.advance(seconds=1)
    await office.enroll("o.test", "m.test")
    await office.work()
    soon = set(await office.providers())
    office.clock.advance(minutes=5)
    await office.work()
    await office.work()

    assert (soon, set(await office.providers())) == (
        {"g.test", "o.test"},
        {"g.test", "o.test", "m.test"},
    )


async def test_domains_of_the_erased_are_forgotten(office: Office) -> None:
    """When they should have been asked about again, and nobody has needed them for a week."""
    campaign = await office.enroll("g.test", "m.test")
    await office.work()
    await office.pool.execute(
        "update enrollments set state = 'removed' where workspace_id = :w and campaign_id = :c"
        " and lead_id in (select id from leads where email_domain = 'g.test')",
        c=campaign,
    )
    for _ in range(4):
        office.clock.advance(days=7)
        await office.work()
        await office.work()

    assert set(await office.providers()) == {"m.test"}


class Broken:
    """A resolver with a fault of ours in one name."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def list_mx(self, domain: str) -> list[str] | None:
        """Raises for that name."""
        if domain == "m.test":
            raise RuntimeError("a fault")
        return await self._resolver.list_mx(domain)

    async def list_txt(self, name: str) -> list[str] | None:
        """Nobody asks."""
        raise AssertionError(name)


async def test_a_fault_about_one_name_does_not_touch_the_others(office: Office) -> None:
    """It counts as no answer."""
    await office.enroll("g.test", "m.test")

    await office.work(office.hire(Broken(DnsResolver(office.server.address))))

    assert await office.providers() == {"g.test": "google", "m.test": None}


async def test_a_worker_that_stops_ends_its_questions(office: Office) -> None:
    """And begins no others: these are left to whoever looks when the claim has lapsed."""
    await office.enroll(*(f"d{number:02}.test" for number in range(30)))
    office.server.gate.clear()
    running = asyncio.create_task(office.worker.run())
    await eventually(lambda: office.server.open == 10, what="ten questions to be out")

    office.worker.stop()
    office.server.gate.set()
    await running
    resolved = [row for row in (await office.rows()).values() if row[1]]
    office.clock.advance(minutes=6)
    await office.work(office.hire())

    assert (len(resolved), len(set(office.asked()))) == (10, 30)
    assert None not in (await office.providers()).values()


async def test_a_database_that_goes_away_is_waited_for(office: Office, own_urls: tuple[str, str]) -> None:
    """Its connections are cut; the worker goes on with new ones."""
    theirs = Database(f"{own_urls[1]}{'&' if '?' in own_urls[1] else '?'}application_name=cut", connections=1)
    await theirs.open()
    worker = ResolvingWorker(theirs, office.clock, DnsResolver(office.server.address), pause=0.01)
    await office.work(worker)
    await office.enroll("g.test")
    async with await psycopg.AsyncConnection.connect(own_urls[0], autocommit=True) as admin:
        await admin.execute(
            "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'cut'"
        )

    running = asyncio.create_task(worker.run())
    await eventually(lambda: office.asked() == ["g.test"], what="the question")
    worker.stop()
    await running
    await theirs.close()

    assert await office.providers() == {"g.test": "google"}


async def test_a_workspace_s_domains_are_its_own(office: Office) -> None:
    """Another one that matches asks for itself."""
    other = new_id(NOW)
    async with office.database.unit_of_work(other) as uow:
        await insert_workspace(uow, f"test {other}", "test", bytes(32), now=NOW)
        await insert_pool(uow, new_id(NOW))
    second = Office(office.database, other, office.server, office.clock)
    await second.match()
    await office.enroll("g.test")
    await second.enroll("g.test", "m.test")

    await office.work()

    seen: list[Any] = [await office.providers(), await second.providers()]
    assert seen == [{"g.test": "google"}, {"g.test": "google", "m.test": "microsoft"}]
    assert office.asked() == ["g.test", "g.test", "m.test"]
