"""Raw COPY of finished text, one table after the other, each in one transaction.

Usage: python -m bench.peers.copying DATABASE-URL TABLE FILE [TABLE FILE ...]. Writes its seconds and cpu as
JSON. Raises what psycopg raises.
"""

import json
import sys
import time
from pathlib import Path

import psycopg

_BLOCK = 256 * 1024


def copy_file(connection: psycopg.Connection[tuple[object, ...]], table: str, path: Path) -> None:
    """All lines of a file."""
    with (
        path.open("rb") as file,
        connection.cursor() as cursor,
        cursor.copy(f"copy {table} from stdin".encode()) as copy,
    ):
        while block := file.read(_BLOCK):
            copy.write(block)


def main() -> None:
    """Copy and say what it took."""
    url, *rest = sys.argv[1:]
    with psycopg.connect(url, autocommit=True) as connection:
        spent, start = time.process_time(), time.perf_counter()
        for table, path in zip(rest[::2], rest[1::2], strict=True):
            copy_file(connection, table, Path(path))
        seconds, cpu = time.perf_counter() - start, time.process_time() - spent
    print(json.dumps({"seconds": seconds, "cpu": cpu}))


if __name__ == "__main__":
    main()
