"""The migrated database obeys the rules that keep it distributable: docs/explanation/distribution.md."""

from collections.abc import Iterator
from typing import Any, LiteralString

import psycopg
import pytest

OUTSIDE_OF_ONE_WORKSPACE = {"workers"}
Catalog = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture(scope="module")
def catalog(database_urls: tuple[str, str]) -> Iterator[Catalog]:
    """The migrated database, as its owner."""
    with psycopg.connect(database_urls[0], autocommit=True) as connection:
        yield connection


def names(catalog: Catalog, query: LiteralString) -> list[str]:
    """The first column."""
    return sorted(row[0] for row in catalog.execute(query, [list(OUTSIDE_OF_ONE_WORKSPACE)]))


TENANT_TABLES: LiteralString = """
    select c.oid, c.relname, c.relrowsecurity, c.relforcerowsecurity
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p')
      and c.relname not like '%%yoyo%%' and c.relname <> all (%s)
"""


def test_every_tenant_table_names_its_workspace(catalog: Catalog) -> None:
    """Rule 1: `workspace_id uuid not null`."""
    query: LiteralString = f"""
        select t.relname from ({TENANT_TABLES}) t
        where not exists (
          select from pg_attribute a
          where a.attrelid = t.oid and a.attname = 'workspace_id'
            and a.attnotnull and a.atttypid = 'uuid'::regtype)"""

    assert names(catalog, query) == []


def test_every_table_has_a_primary_key_that_begins_with_the_workspace(
    catalog: Catalog,
) -> None:
    """Rule 1."""
    query: LiteralString = f"""
        select t.relname from ({TENANT_TABLES}) t
        where not exists (
          select from pg_index i join pg_attribute a on a.attrelid = t.oid and a.attnum = i.indkey[0]
          where i.indrelid = t.oid and i.indisprimary and a.attname = 'workspace_id')"""

    assert names(catalog, query) == []


def test_every_unique_key_contains_the_workspace(catalog: Catalog) -> None:
    """Rule 1: exclusion constraints too."""
    query: LiteralString = f"""
        select i.indexrelid::regclass::text from ({TENANT_TABLES}) t join pg_index i on i.indrelid = t.oid
        where (i.indisunique or i.indisexclusion) and not exists (
          select from pg_attribute a
          where a.attrelid = t.oid and a.attname = 'workspace_id' and a.attnum = any (i.indkey))"""

    assert names(catalog, query) == []


def test_every_foreign_key_runs_from_workspace_to_workspace(
    catalog: Catalog,
) -> None:
    """Rule 2: (workspace_id, x) → (workspace_id, id), CASCADE or NO ACTION."""
    query: LiteralString = f"""
        select k.conname from ({TENANT_TABLES}) t
        join pg_constraint k on k.conrelid = t.oid and k.contype = 'f'
        where k.confdeltype not in ('a', 'c')
           or 'workspace_id' <> (select a.attname from pg_attribute a
                                 where a.attrelid = k.conrelid and a.attnum = k.conkey[1])
           or 'workspace_id' <> (select a.attname from pg_attribute a
                                 where a.attrelid = k.confrelid and a.attnum = k.confkey[1])"""

    assert names(catalog, query) == []


def test_no_table_has_a_trigger_or_a_rule(catalog: Catalog) -> None:
    """Rule 4: what happens is written where it is asked for."""
    query: LiteralString = f"""
        select t.relname from ({TENANT_TABLES}) t
        where exists (select from pg_trigger g where g.tgrelid = t.oid and not g.tgisinternal)
           or exists (select from pg_rewrite r where r.ev_class = t.oid)"""

    assert names(catalog, query) == []


def test_nothing_is_numbered_by_the_database(catalog: Catalog) -> None:
    """Rule 5: no identity columns, no sequences, and no default that reads a clock or rolls dice (R12)."""
    query: LiteralString = f"""
        select t.relname || '.' || a.attname from ({TENANT_TABLES}) t
        join pg_attribute a on a.attrelid = t.oid
        left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
        where a.attidentity <> ''
           or pg_get_expr(d.adbin, d.adrelid) ~* '(nextval|now|random|uuid|timestamp)\\s*\\('"""

    assert names(catalog, query) == []


def test_row_level_security_is_forced_on_every_tenant_table(
    catalog: Catalog,
) -> None:
    """Rule 6 and R1: for its owner too."""
    query: LiteralString = f"""
        select t.relname from ({TENANT_TABLES}) t where not (t.relrowsecurity and t.relforcerowsecurity)"""

    assert names(catalog, query) == []


def test_every_tenant_table_has_the_programs_policy(catalog: Catalog) -> None:
    """Rule 6: for reading and for writing, a plain comparison with one stable function, no subquery."""
    query: LiteralString = f"""
        select t.relname from ({TENANT_TABLES}) t
        where not exists (
          select from pg_policy p
          where p.polrelid = t.oid and p.polcmd = '*' and p.polpermissive
            and p.polroles = array[(select oid from pg_roles where rolname = 'leadterra_app')]
            and pg_get_expr(p.polqual, p.polrelid) = '(workspace_id = leadterra_workspace())'
            and pg_get_expr(p.polwithcheck, p.polrelid) = '(workspace_id = leadterra_workspace())')"""

    assert names(catalog, query) == []


def test_no_other_policy_lets_the_program_see_more(catalog: Catalog) -> None:
    """R1: the scheduler's policies are for reading, and for its own role."""
    query: LiteralString = f"""
        select t.relname || '.' || p.polname from ({TENANT_TABLES}) t join pg_policy p on p.polrelid = t.oid
        where p.polname <> 'workspace' and not (
          p.polcmd = 'r'
          and p.polroles = array[(select oid from pg_roles where rolname = 'leadterra_scheduler')])"""

    assert names(catalog, query) == []


def test_the_programs_roles_own_nothing_and_bypass_nothing(
    catalog: Catalog,
) -> None:
    """R1: the database itself refuses."""
    query: LiteralString = """
        select r.rolname from pg_roles r
        where r.rolname in ('leadterra_app', 'leadterra_scheduler') and (
          r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb
          or exists (select from pg_class c where c.relowner = r.oid and c.relname <> all (%s)))"""

    assert names(catalog, query) == []


def test_functions_with_parameters_that_touch_tables_are_plpgsql(
    catalog: Catalog,
) -> None:
    """Rule 8: Citus can push those down."""
    query: LiteralString = """
        select p.proname from pg_proc p join pg_namespace n on n.oid = p.pronamespace
        join pg_language l on l.oid = p.prolang
        where n.nspname = 'public' and p.pronargs > 0 and l.lanname <> 'plpgsql' and p.proname <> all (%s)"""

    assert names(catalog, query) == []
