"""What a statement reads, by the plan that PostgreSQL makes of it: in rows and not in time."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from tests.support.pools import TestPool

MODES = pytest.mark.parametrize("mode", ["force_custom_plan", "force_generic_plan"])
"""Whether PostgreSQL plans for the values, or once for all."""


async def rows_read(pool: TestPool, sql: str, mode: str, **parameters: object) -> int:
    """How many rows the busiest part of the statement's plan gives, or throws away."""
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", sql)))
    body = re.sub(r"%\((\w+)\)s", lambda found: f"${names.index(found[1]) + 1}", sql)
    given = {**parameters, "workspace_id": pool.workspace_id}
    async with pool.database.unit_of_work(pool.workspace_id) as uow:
        await uow.connection.execute(f"set local plan_cache_mode = {mode}".encode())
        await uow.connection.execute(f"prepare hot as {body}".encode())
        literals = psycopg.AsyncClientCursor(uow.connection)
        values = ", ".join(literals.mogrify("%s", [given[name]]) for name in names)
        answer = await uow.connection.execute(
            f"explain (analyze, format json) execute hot({values})".encode()
        )
        [(plans,)] = await answer.fetchall()
        await uow.connection.execute("deallocate hot")
    return max(_rows(plans[0]["Plan"]))


def _rows(plan: dict[str, Any]) -> Iterator[int]:
    removed = sum(count for name, count in plan.items() if name.startswith("Rows Removed"))
    yield int((plan["Actual Rows"] + removed) * plan["Actual Loops"])
    for part in plan.get("Plans", ()):
        yield from _rows(part)
