"""Ours: one import, as `leadterra leads import` runs it.

Usage: python -m bench.peers.importing DATABASE-URL WORKSPACE CAMPAIGN FILE.csv ROWS. Writes its seconds and
cpu as JSON. Raises what the import raises, and fails unless that many leads were enrolled.
"""

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from leadterra.actions.lead_files import LeadFile
from leadterra.actions.lead_imports import import_leads
from leadterra.store.database import Database
from leadterra.store.imports import Import


class _SystemClock:
    def now(self) -> datetime:
        """The machine's."""
        return datetime.now(UTC)


async def import_file(url: str, workspace_id: UUID, campaign_id: UUID, path: Path) -> Import:
    """How it ended."""
    database = Database(url)
    await database.open()
    with path.open("rb") as file:
        source = LeadFile(file, "csv", path.name)
        result = await import_leads(database, workspace_id, campaign_id, source, clock=_SystemClock())
    await database.close()
    return result.progress


def main() -> None:
    """Import and say what it took."""
    url, workspace_id, campaign_id, path, rows = sys.argv[1:]
    spent, start = time.process_time(), time.perf_counter()
    progress = asyncio.run(import_file(url, UUID(workspace_id), UUID(campaign_id), Path(path)))
    seconds, cpu = time.perf_counter() - start, time.process_time() - spent
    if progress.enrolled != int(rows):
        raise SystemExit(f"{progress.enrolled} of {rows} rows were enrolled")
    print(json.dumps({"seconds": seconds, "cpu": cpu}))


if __name__ == "__main__":
    main()
