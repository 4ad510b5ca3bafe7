"""SQL lives in `.sql` files, each block named and explained; this module reads them once. Parameters are
named `:so`.

Every statement is given `:workspace_id` by the unit of work, so none can forget to bind it.
"""

from functools import cache
from pathlib import Path

import aiosql


@cache
def load(aggregate: str) -> dict[str, str]:
    """The blocks of `store/<aggregate>.sql` by name, as psycopg takes them. Raises `FileNotFoundError`."""
    path = Path(__file__).with_name(f"{aggregate}.sql")
    queries = aiosql.from_path(path, "psycopg", mandatory_parameters=False)
    names = [name for name in queries.available_queries if not name.endswith("_cursor")]
    return {name: getattr(queries, name).sql for name in names}
