"""Who is calling: an API key in `Authorization: Bearer sk_…`. Whatever is wrong with it, the answer is the
same 401."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from starlette.requests import Request

from leadterra.actions.api_keys import authenticate_key
from leadterra.actions.equipment import Equipment
from leadterra.domain.api_key import Mode, Scope
from leadterra.domain.errors import Unauthenticated


@dataclass(frozen=True, slots=True)
class Caller:
    """The key that a request came with, and what it opens."""

    workspace_id: UUID
    mode: Mode
    key_id: UUID
    scopes: frozenset[Scope]


async def authenticate(request: Request, equipment: Equipment, *, now: datetime) -> Caller:
    """The caller. Raises `Unauthenticated`."""
    headers = request.headers.getlist("authorization")
    scheme, _, text = headers[0].partition(" ") if len(headers) == 1 else ("", "", "")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    key = await authenticate_key(equipment.database, text.strip(), now=now)
    return Caller(key.workspace_id, key.mode, key.id, frozenset(key.scopes))
