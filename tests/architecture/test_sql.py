"""Every statement obeys the rules that keep the database distributable: docs/explanation/distribution.md."""

import ast
import re
from functools import cache

import pytest
import sqlglot
from sqlglot import exp

from tests.support.source_tree import Block, blocks, modules, tables

OUTSIDE_OF_ONE_WORKSPACE = {"workers"}
STATEMENT = (exp.Select, exp.Update, exp.Delete)
STAGING = re.compile(r"(?i)(copy|create temp|create temporary|truncate|drop|analyze)\b")
VOLATILE = re.compile(
    r"\b(now|(clock|statement|transaction)_timestamp|timeofday|random|gen_random_uuid|uuidv[47]|nextval|setval"
    r"|current_setting|set_config|pg_(try_)?advisory\w*)\s*\(|\b(current_(timestamp|date|time)|localtime)",
    re.IGNORECASE,
)
OVER_COLUMNS = (exp.TimestampTrunc, exp.DateTrunc, exp.TimeToStr, exp.Interval, exp.JSONObject)
PLAIN_IN_CONFLICT = (exp.Coalesce, exp.Greatest, exp.Least, exp.Case, exp.If, exp.Cast, exp.And, exp.Or)


@cache
def parsed(block: Block) -> exp.Expr:
    """The statement's tree. Placeholders are renamed, for some bear the names of keywords."""
    sql = re.sub(r"(?<![:\w]):([a-z_]\w*)", r":p_\1", block.sql)
    # The parser stumbles over UPDATE … FROM unnest(…), t; it does not if a table stands first.
    sql = re.sub(r"(?i)\bfrom\s+unnest\(", "from no_table, unnest(", sql)
    statement = sqlglot.parse_one(sql, read="postgres")
    assert not isinstance(statement, exp.Command), f"{block.name} is not a statement that this test can read"
    return statement


def queries() -> list[Block]:
    """All but those that fill a temporary table, which is in no workspace."""
    return [block for block in blocks() if not STAGING.match(block.sql)]


def of_one_workspace() -> list[Block]:
    """Those that do not declare to be the scheduler's."""
    return [block for block in queries() if block.cross_workspace is None]


def offenders(found: list[str]) -> None:
    """Show all at once."""
    assert found == []


def sources(statement: exp.Expr) -> list[exp.Table]:
    """The tenant tables that this very statement reads or changes, not those of its subqueries."""
    named = {cte.alias for cte in statement.root().find_all(exp.CTE)}
    return [
        table
        for table in statement.find_all(exp.Table)
        if tables().get(table.name)
        and table.name not in named
        and table.find_ancestor(*STATEMENT, exp.Insert) is statement
    ]


def bound_names(statement: exp.Expr) -> set[str]:
    """The aliases of which this statement demands `workspace_id = :workspace_id`; "" is no alias."""
    found = set()
    for equality in statement.find_all(exp.EQ):
        sides = (equality.this, equality.expression)
        columns = [side for side in sides if isinstance(side, exp.Column) and side.name == "workspace_id"]
        given = any(isinstance(side, exp.Placeholder) and side.name == "p_workspace_id" for side in sides)
        if columns and given and equality.find_ancestor(*STATEMENT) is statement and is_demanded(equality):
            found.add(columns[0].table)
    return found


def is_demanded(equality: exp.EQ) -> bool:
    """Under nothing but AND, up to the WHERE or ON."""
    parent = equality.parent
    while isinstance(parent, exp.And | exp.Paren):
        parent = parent.parent
    return isinstance(parent, exp.Where | exp.Join)


def unbound(block: Block) -> list[str]:
    """Tenant tables that the statement or a part of it reads without the parameter."""
    found = []
    for statement in parsed(block).find_all(*STATEMENT):
        touched, bound = sources(statement), bound_names(statement)
        if len(touched) == 1 and "" in bound:
            continue
        loose = (table for table in touched if table.alias_or_name not in bound)
        found += [f"{block.name}: {table.sql()}" for table in loose]
    return found


def test_every_table_is_bound_to_one_workspace() -> None:
    """Rule 13: `workspace_id = :workspace_id` on every tenant table, in every subquery too."""
    offenders([each for block in of_one_workspace() for each in unbound(block)])


def test_every_inserted_row_is_of_the_workspace() -> None:
    """Rule 13: workspace_id comes first, and its value is the parameter."""
    offenders([block.name for block in of_one_workspace() if not inserts_for_the_workspace(parsed(block))])


def inserts_for_the_workspace(statement: exp.Expr) -> bool:
    """Every INSERT into a tenant table names workspace_id first and gives the parameter for it."""
    for insert in statement.find_all(exp.Insert):
        target = insert.this.find(exp.Table)
        if target is None or not tables().get(target.name):
            continue
        columns = [column.name for column in insert.this.expressions]
        source = insert.expression
        rows = (
            [row.expressions for row in source.expressions]
            if isinstance(source, exp.Values)
            else [source.expressions]
        )
        firsts = [row[0].unalias().unnest() for row in rows if row]
        given = [first.this if isinstance(first, exp.Cast) else first for first in firsts]
        if columns[:1] != ["workspace_id"] or not given:
            return False
        if not all(isinstance(value, exp.Placeholder) and value.name == "p_workspace_id" for value in given):
            return False
    return True


def test_what_is_staged_is_in_a_temporary_table() -> None:
    """Rule 17: the program's role may not COPY into a table with policies."""
    staging = [block for block in blocks() if STAGING.match(block.sql)]

    offenders([block.name for block in staging if set(re.findall(r"\w+", block.sql)) & tables().keys()])


def test_only_the_scheduler_reads_across_workspaces() -> None:
    """Rule 10: a block that declares it and touches a tenant's table is one plain SELECT."""
    declared = [block for block in blocks() if block.cross_workspace]

    offenders([block.name for block in declared if touches_tenants(block) and not is_read(parsed(block))])


def touches_tenants(block: Block) -> bool:
    """Whether any table of it has a workspace."""
    return any(tables().get(table.name) for table in parsed(block).find_all(exp.Table))


def is_read(statement: exp.Expr) -> bool:
    """A SELECT in which nothing is written."""
    return isinstance(statement, exp.Select | exp.SetOperation) and not list(
        statement.find_all(exp.Insert, exp.Update, exp.Delete)
    )


def test_a_statement_named_as_a_read_never_writes() -> None:
    """Nobody expects `list_…` to change anything."""
    reads = [
        block for block in queries() if re.match(r"[\w.]+:(get|find|list|count|next|has|is)_", block.name)
    ]

    offenders([block.name for block in reads if not is_read(parsed(block))])


def test_nothing_reads_a_clock_or_rolls_dice_in_the_database() -> None:
    """Rule 14 and R12: instants, ids and chance come from the program. Rule 12: no advisory locks."""
    offenders([f"{block.name}: {hit.group()}" for block in blocks() if (hit := VOLATILE.search(block.sql))])


def test_updates_and_deletes_compute_no_dates() -> None:
    """Rule 14: no stable function or operator over a column."""
    changes = [block for block in queries() if isinstance(parsed(block), exp.Update | exp.Delete)]

    offenders([block.name for block in changes if computes_dates(parsed(block))])


def computes_dates(statement: exp.Expr) -> bool:
    """Whether a date is made of a column, or any interval is added."""
    casts = [
        cast for cast in statement.find_all(exp.Cast) if cast.to.is_type("date", "timestamp", "timestamptz")
    ]
    return any(cast.this.find(exp.Column) for cast in casts) or statement.find(*OVER_COLUMNS) is not None


def test_conflicts_are_resolved_with_plain_values() -> None:
    """Rule 15: columns, excluded.*, constants and parameters."""
    offenders([block.name for block in queries() if not resolves_plainly(parsed(block))])


def resolves_plainly(statement: exp.Expr) -> bool:
    """No function and no subquery in any DO UPDATE SET."""
    assignments = (each for conflict in statement.find_all(exp.OnConflict) for each in conflict.expressions)
    nodes = [node for each in assignments for node in each.find_all(exp.Func, exp.Query)]
    return all(isinstance(node, PLAIN_IN_CONFLICT) for node in nodes)


def test_every_insert_from_a_query_answers_or_resolves() -> None:
    """Rule 16: without RETURNING or ON CONFLICT it can bypass the policy's WITH CHECK on Citus."""
    offenders([block.name for block in queries() for each in from_queries(block) if not answers(each)])


def from_queries(block: Block) -> list[exp.Insert]:
    """INSERT … SELECT into tables of tenants."""
    found = parsed(block).find_all(exp.Insert)
    return [
        each
        for each in found
        if isinstance(each.expression, exp.Query) and tables().get(str(each.this.this.name))
    ]


def answers(insert: exp.Insert) -> bool:
    """RETURNING or ON CONFLICT is there."""
    return bool(insert.args.get("returning") or insert.args.get("conflict"))


def test_no_values_are_looked_up() -> None:
    """Rule 16: no subselect in VALUES."""
    found = [
        block.name
        for block in queries()
        for each in parsed(block).find_all(exp.Values)
        if each.find(exp.Select)
    ]

    offenders(found)


def test_nothing_is_merged() -> None:
    """Rule 16: ON CONFLICT does it."""
    offenders([block.name for block in queries() if parsed(block).find(exp.Merge)])


def test_what_is_global_is_named() -> None:
    """Rule 3: a table without workspace_id is small and rare."""
    assert {name for name, is_tenants in tables().items() if not is_tenants} == OUTSIDE_OF_ONE_WORKSPACE


def test_every_block_has_a_name_of_its_own() -> None:
    """And is one statement, ended by its semicolon."""
    names = [block.name for block in blocks()]

    assert sorted(set(names)) == sorted(names)
    assert [
        block.name for block in queries() if block.sql.count(";") != 1 or not block.sql.endswith(";")
    ] == []


def test_sql_lives_in_sql_files() -> None:
    """No statement over a table is a string in a Python file."""
    pattern = re.compile(r"(?is)\s*(select\b.*\bfrom|insert\s+into|update\s+\w+\s+set|delete\s+from)\b")
    found = [
        module.where(node)
        for module in modules("src")
        if module.path.name != "embedded.py"  # asks the catalog before there is a schema
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.match(node.value)
    ]

    offenders(found)


@pytest.mark.parametrize(
    ("sql", "says"),
    [
        ("select 1 from leads", "leads"),
        ("select 1 from leads where workspace_id = :workspace_id or true", "leads"),
        (
            "select 1 from leads l, campaigns c where l.workspace_id = :workspace_id",
            "c",
        ),
        (
            "delete from leads where workspace_id = :workspace_id and exists (select from messages m)",
            "m",
        ),
        ("with x as (select * from leads) select * from x", "leads"),
        ("update leads set email = '' from campaigns c where leads.workspace_id = :workspace_id", "c"),
    ],
)
def test_a_table_that_is_not_bound_is_found(sql: str, says: str) -> None:
    """The check above sees what it is for."""
    (only,) = unbound(Block("x", sql, None))

    assert only.endswith(says)
