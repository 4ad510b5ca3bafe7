"""Is the process up (`/healthz`), and can it do its work (`/readyz`): database, migrations and workers, each
with a reason."""

from asyncio import timeout
from dataclasses import dataclass
from datetime import timedelta

from pydantic_core import to_json
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from leadterra.actions.equipment import Equipment
from leadterra.store import workers
from leadterra.store.availability import is_unavailable, is_unmigrated
from leadterra.store.migration import latest

_PATIENCE_SECONDS = 3
_SILENCE = timedelta(seconds=15)
"""A worker that was not heard of for so long counts as gone."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must hold. reason: a sentence, also when all is well."""

    ok: bool
    reason: str


_ANSWERS = Check(True, "The database answers.")
_AWAY = Check(False, "The database does not answer.")
_UNKNOWN = Check(False, "Not known while the database is away.")


def routes(equipment: Equipment) -> list[Route]:
    """The two pages."""

    async def healthz(request: Request) -> Response:
        return _json(200, {"status": "ok"})

    async def readyz(request: Request) -> Response:
        checks = await check_readiness(equipment)
        ready = all(check.ok for check in checks.values())
        shown = {name: {"ok": check.ok, "reason": check.reason} for name, check in checks.items()}
        return _json(200 if ready else 503, {"status": "ready" if ready else "unready", "checks": shown})

    return [Route("/healthz", healthz, methods=["GET"]), Route("/readyz", readyz, methods=["GET"])]


async def check_readiness(equipment: Equipment) -> dict[str, Check]:
    """What `/readyz` shows."""
    try:
        async with timeout(_PATIENCE_SECONDS):
            applied, alive = await _look(equipment)
    except Exception as error:
        if is_unmigrated(error):
            return {"database": _ANSWERS, "migrations": _migrations([]), "workers": _workers(0)}
        if is_unavailable(error) or isinstance(error, TimeoutError):
            return {"database": _AWAY, "migrations": _UNKNOWN, "workers": _UNKNOWN}
        raise
    return {"database": _ANSWERS, "migrations": _migrations(applied), "workers": _workers(alive)}


async def _look(equipment: Equipment) -> tuple[list[str], int]:
    """The migrations in place, and how many workers are alive."""
    since = equipment.clock.now() - _SILENCE
    async with equipment.database.global_work() as transaction:
        applied = await workers.list_applied_migrations(transaction)
        return applied, await workers.count_workers(transaction, since=since) if applied else 0


def _migrations(applied: list[str]) -> Check:
    if latest() in applied:
        return Check(True, f"The schema is at {latest()}.")
    return Check(False, f"The schema lacks {latest()}: run `leadterra migrate`.")


def _workers(alive: int) -> Check:
    if alive:
        return Check(True, f"{alive} at work.")
    return Check(False, f"No worker was seen in the last {_SILENCE.seconds} s: run `leadterra work`.")


def _json(status: int, content: object) -> Response:
    return Response(
        to_json(content), status, media_type="application/json", headers={"Cache-Control": "no-store"}
    )
