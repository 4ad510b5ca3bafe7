"""No id, key, filter or token of one workspace reaches anything of another (R1), and it is the database that
sees to it.

Three programs are asked the same: the real one; one that forgets to name its workspace in every statement;
and that one again on a database whose policies are switched off. The first two must not reach the other
workspace, and the third must: so the policy is what holds, and these tests would see it if it did not.
"""

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace

import httpx
import psycopg
import pytest
import pytest_asyncio
from psycopg import errors, sql

from leadterra.api.answers import Page
from leadterra.api.routing import Operation
from leadterra.mail.unsubscribe import sign_token
from leadterra.store.database import UnitOfWork
from tests.support.api import client
from tests.support.routes import EXAMPLES, OPERATIONS, Asked, asked, id_filters, is_paged, title
from tests.support.tenants import IDEMPOTENCY_KEY, TENANT_TABLES, Tenant, dump
from tests.support.turns import Turns
from tests.support.worlds import World, forgetful, open_world

pytestmark = pytest.mark.asyncio(loop_scope="module")
module_fixture = pytest_asyncio.fixture(scope="module", loop_scope="module")
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=title)
each_table = pytest.mark.parametrize("table", TENANT_TABLES)

WITHOUT_AN_ID = {
    "POST /v1/campaigns",
    "POST /v1/api-keys",
    "POST /v1/sender-accounts/bulk",
    "POST /v1/sender-accounts",
}
"""Operations that only add something of one's own: forgetting the workspace reaches nobody."""


@module_fixture
async def guarded(database_urls: tuple[str, str]) -> AsyncIterator[World]:
    """The program as it is."""
    async with open_world(database_urls) as world:
        yield world


@module_fixture
async def guarded_from_itself(guarded: World, database_urls: tuple[str, str]) -> AsyncIterator[World]:
    """The forgetful program, on the same database."""
    async with forgetful(guarded, database_urls[1]) as world:
        yield world


@module_fixture
async def unguarded(make_database: Callable[[str], tuple[str, str]], worker_id: str) -> AsyncIterator[World]:
    """The forgetful program, on a database whose policies are switched off."""
    urls = make_database(f"leadterra_unguarded_{worker_id}")
    async with open_world(urls) as world, forgetful(world, urls[1]) as careless:
        world.switch_policies_off()
        yield careless


@dataclass(frozen=True, slots=True)
class Probe:
    """What the attacker asks. status: of the only right answer; 0 if it is their own business. empty: it
    lists nothing.
    """

    asked: Asked
    status: int = 0
    empty: bool = False
    shows: Mapping[str, object] = field(default_factory=dict)


async def probes_of(operation: Operation, victim: Tenant, attacker: Tenant) -> list[Probe]:
    """One operation with the victim's ids, texts and cursor in every place that takes one."""
    example = EXAMPLES[title(operation)]
    theirs = {
        kind: victim.ids["draft" if (kind, example.draft) == ("camp", True) else kind]
        for kind in operation.kinds
    }
    probes = [Probe(asked(operation, attacker, foreign={kind: text}), 404) for kind, text in theirs.items()]
    if theirs:
        probes.append(Probe(asked(operation, attacker, body=victim, foreign=theirs), 404))
    if example.body or operation.method == "GET":
        status = 422 if example.names else 0
        probes.append(Probe(asked(operation, attacker, body=victim), status, shows=example.stranger))
    plain = asked(operation, attacker)
    filters = id_filters(operation)
    lists = operation.answered[0] is Page
    probes += [
        Probe(
            replace(plain, query={**plain.query, name: victim.ids[kind]}), 200 if lists else 404, empty=lists
        )
        for name, kind in filters.items()
    ]
    if is_paged(operation):
        probes.append(Probe(replace(plain, query={"cursor": await cursor_of(operation, victim)}), 200))
    return probes


async def cursor_of(operation: Operation, victim: Tenant) -> str:
    """Of the second page of the victim's list, or of their messages where the list has one page."""
    for path in (asked(operation, victim).path, "/v1/messages"):
        page = (await victim.api.get(path, params={"limit": "1"})).json()
        if page["pagination"]["nextCursor"]:
            return str(page["pagination"]["nextCursor"])
    raise AssertionError("the victim has a second page of messages")


async def check_operation(world: World, operation: Operation) -> None:
    """Raise AssertionError if the attacker reaches anything of the victim's by it."""
    before, secrets, found = dump(world.admin, world.victim.workspace_id), world.secrets(), list[str]()
    for probe in await probes_of(operation, world.victim, world.attacker):
        answer = await probe.asked.send(world.attacker.api)
        where = f"{probe.asked.method} {probe.asked.path} {dict(probe.asked.query)}"
        found += [f"{where}: {fault}" for fault in faults_of(probe, answer)]
        found += [f"{where}: the answer tells {secret}" for secret in secrets if secret in answer.text]
        if dump(world.admin, world.victim.workspace_id) != before:
            found.append(f"{where}: the victim's rows changed")
    assert found == []


def faults_of(probe: Probe, answer: httpx.Response) -> list[str]:
    """What is wrong with an answer, as far as it can be told without knowing the victim."""
    found = []
    if answer.status_code >= 500 or probe.status not in (0, answer.status_code):
        found.append(f"{answer.status_code} instead of {probe.status}: {answer.text}")
    if probe.empty and answer.json().get("data") != []:
        found.append(f"not empty: {answer.text}")
    if probe.shows and not probe.shows.items() <= answer.json()["data"].items():
        found.append(f"as if it were theirs: {answer.text}")
    return found


async def test_every_operation_has_an_example() -> None:
    """A new route is attacked too, or this fails."""
    assert set(EXAMPLES) == {title(operation) for operation in OPERATIONS}


async def test_every_tenant_table_is_filled(guarded: World) -> None:
    """There is something to reach in each."""
    assert {table for table, _ in dump(guarded.admin, guarded.victim.workspace_id)} == set(TENANT_TABLES)


@each_operation
async def test_the_examples_succeed_in_ones_own_workspace(guarded: World, operation: Operation) -> None:
    """The attacks fail for being attacks, and for nothing else."""
    answer = await asked(operation, guarded.victim).send(guarded.victim.api, dry_run=True)

    assert answer.is_success, answer.text


@each_operation
async def test_no_operation_reaches_another_workspace(guarded: World, operation: Operation) -> None:
    """No id in a path, a filter or a body, no text and no cursor: nothing is told, nothing changes."""
    await check_operation(guarded, operation)


@each_operation
async def test_the_policy_alone_is_enough(guarded_from_itself: World, operation: Operation) -> None:
    """A program that forgets to name its workspace in every statement reaches nobody either."""
    await check_operation(guarded_from_itself, operation)


@each_operation
async def test_without_the_policy_the_same_check_fails(unguarded: World, operation: Operation) -> None:
    """So it would tell."""
    unguarded.restore()
    if title(operation) in WITHOUT_AN_ID:
        await check_operation(unguarded, operation)
        return
    with pytest.raises(AssertionError):
        await check_operation(unguarded, operation)


async def see_rows(uow: UnitOfWork, table: str, world: World) -> None:
    """Read a table without a condition."""
    rows = await uow.connection.execute(sql.SQL("select t::text from {} t").format(sql.Identifier(table)))
    assert not any(str(world.victim.workspace_id) in text for (text,) in await rows.fetchall())


async def name_rows(uow: UnitOfWork, table: str, world: World) -> None:
    """Read what is the victim's by its name."""
    query = sql.SQL("select 1 from {} where workspace_id = %s").format(sql.Identifier(table))
    assert not await (await uow.connection.execute(query, [world.victim.workspace_id])).fetchall()


async def change_rows(uow: UnitOfWork, table: str, world: World) -> None:
    """Update without a condition, and count."""
    mine = len([each for each, _ in dump(world.admin, world.attacker.workspace_id) if each == table])
    query = sql.SQL("update {} set workspace_id = workspace_id").format(sql.Identifier(table))
    assert (await uow.connection.execute(query)).rowcount == mine


async def delete_rows(uow: UnitOfWork, table: str, world: World) -> None:
    """Delete what is the victim's."""
    query = sql.SQL("delete from {} where workspace_id = %s").format(sql.Identifier(table))
    assert (await uow.connection.execute(query, [world.victim.workspace_id])).rowcount == 0


async def take_rows(uow: UnitOfWork, table: str, world: World) -> None:
    """Make the victim's rows one's own."""
    query = sql.SQL("update {} set workspace_id = %s where workspace_id = %s").format(sql.Identifier(table))
    answer = await uow.connection.execute(query, [world.attacker.workspace_id, world.victim.workspace_id])
    assert answer.rowcount == 0


async def give_rows(uow: UnitOfWork, table: str, world: World) -> None:
    """Make one's own rows the victim's."""
    query = sql.SQL("update {} set workspace_id = %s where workspace_id = %s").format(sql.Identifier(table))
    with pytest.raises(errors.InsufficientPrivilege):
        await uow.connection.execute(query, [world.victim.workspace_id, world.attacker.workspace_id])


async def insert_rows(uow: UnitOfWork, table: str, world: World) -> None:
    """Put rows among the victim's."""
    names = await uow.rows(
        "select attname from pg_attribute"
        " where attrelid = %(table)s::regclass and attnum > 1 and attgenerated = ''"
        " and not attisdropped",
        table=table,
    )
    columns = sql.SQL(", ").join([sql.Identifier(name) for (name,) in names])
    query = sql.SQL("insert into {} (workspace_id, {}) select %s, {} from {} where workspace_id = %s")
    filled = query.format(sql.Identifier(table), columns, columns, sql.Identifier(table))
    with pytest.raises(errors.InsufficientPrivilege):
        await uow.connection.execute(filled, [world.victim.workspace_id, world.attacker.workspace_id])


ATTACKS = (see_rows, name_rows, change_rows, delete_rows, take_rows, give_rows, insert_rows)


async def succeeding_attacks(world: World, table: str) -> list[str]:
    """Statements in the attacker's unit of work, as the program's own role, that reach rows of the victim."""
    found = []
    for attack in ATTACKS:
        try:
            async with (
                world.equipment.database.unit_of_work(world.attacker.workspace_id) as uow,
                uow.connection.transaction(force_rollback=True),
            ):
                await attack(uow, table, world)
        except (AssertionError, pytest.fail.Exception, psycopg.Error):
            found.append(attack.__name__)
    return found


@each_table
async def test_no_statement_reaches_another_workspace(guarded: World, table: str) -> None:
    """A unit of work neither sees, changes nor adds rows of another workspace, whatever it says."""
    assert await succeeding_attacks(guarded, table) == []


@each_table
async def test_without_the_policy_every_statement_reaches_it(unguarded: World, table: str) -> None:
    """It is the policy that refused them."""
    unguarded.restore()

    assert await succeeding_attacks(unguarded, table) == [attack.__name__ for attack in ATTACKS]


@each_table
async def test_outside_of_a_unit_of_work_there_are_no_rows(guarded: World, table: str) -> None:
    """Neither the program without a workspace nor the scheduler reads a table."""
    query = sql.SQL("select t::text from {} t").format(sql.Identifier(table))
    async with guarded.equipment.database.global_work() as nobody:
        rows = await (await nobody.connection.execute(query)).fetchall()

    assert rows == []
    with pytest.raises(errors.InsufficientPrivilege):
        async with guarded.equipment.database.scheduling() as scheduler:
            await scheduler.connection.execute(query)


async def test_a_key_opens_its_own_workspace_only(guarded: World) -> None:
    """One workspace's secret under another's name is no key, nor is it one in the other mode."""
    prefix = len("sk_test_") + 26
    victim, attacker = guarded.victim.key, guarded.attacker.key
    mixed = [
        victim[:prefix] + attacker[prefix:],
        attacker[:prefix] + victim[prefix:],
        attacker.replace("test", "live", 1),
    ]
    async with client(guarded.equipment) as anybody:
        answers = [
            await anybody.get("/v1/workspace", headers={"Authorization": f"Bearer {key}"}) for key in mixed
        ]

    assert [answer.status_code for answer in answers] == [401] * 3
    assert len({answer.text.replace(answer.json()["requestId"], "") for answer in answers}) == 1


async def test_an_idempotency_key_is_its_workspaces_own(guarded: World) -> None:
    """The victim's first answer is replayed to the victim; the attacker's same request does its own work."""
    victim, attacker = guarded.victim, guarded.attacker
    body, headers = {"name": "Same"}, {"Idempotency-Key": f"{IDEMPOTENCY_KEY}-same"}
    first = await victim.api.post("/v1/campaigns", json=body, headers=headers)
    before = dump(guarded.admin, victim.workspace_id)
    theirs = await attacker.api.post("/v1/campaigns", json=body, headers=headers)
    again = await victim.api.post("/v1/campaigns", json=body, headers=headers)

    assert (theirs.status_code, "idempotency-replayed" in theirs.headers) == (201, False)
    assert theirs.json()["data"]["id"] != first.json()["data"]["id"]
    assert (again.content, again.headers["idempotency-replayed"]) == (first.content, "true")
    assert dump(guarded.admin, victim.workspace_id) == before


async def test_an_unsubscribe_link_speaks_for_its_own_workspace_only(guarded: World) -> None:
    """One that names the victim's enrollment is worth nothing under another workspace's name or signature;
    the attacker's own link leaves the same person alone in the victim's workspace."""
    victim, attacker = guarded.victim, guarded.attacker
    forged = [
        sign_token(victim.link_secret, attacker.workspace_id, victim.enrollment_id),
        sign_token(attacker.link_secret, attacker.workspace_id, victim.enrollment_id),
        sign_token(attacker.link_secret, victim.workspace_id, victim.enrollment_id),
        sign_token(attacker.link_secret, victim.workspace_id, attacker.enrollment_id),
        sign_token(attacker.link_secret, attacker.workspace_id, attacker.enrollment_id),
    ]
    before = dump(guarded.admin, victim.workspace_id)
    async with client(guarded.equipment) as anybody:
        answers = [await anybody.post(f"/u/{token}") for token in forged]

    assert [answer.status_code for answer in answers] == [404, 200, 404, 404, 200]
    assert dump(guarded.admin, victim.workspace_id) == before


async def test_a_forgetful_worker_sends_what_is_its_own(guarded_from_itself: World) -> None:
    """It claims and settles everything that is due, and the victim's messages stay where they are."""
    world = guarded_from_itself
    before = dump(world.admin, world.victim.workspace_id)
    turns = Turns(world.equipment.database, world.attacker.workspace_id)
    await world.attacker.api.post(f"/v1/campaigns/{world.attacker.ids['camp']}/start")

    assert await turns.send(world.equipment.clock.now()) == 2
    assert dump(world.admin, world.victim.workspace_id) == before
