"""`/v1/api-keys`: what opens the API. A key is shown once, in the answer that creates it."""

from typing import Annotated

from pydantic import Field

from leadterra.actions import api_keys as actions
from leadterra.api.answers import Answer, Nothing, Page
from leadterra.api.fields import ApiKeyId, Body, Instant, Line, View
from leadterra.api.pagination import Cursor, PageQuery, cut_page
from leadterra.api.routing import Call, Routes
from leadterra.domain.api_key import Scope
from leadterra.store import api_keys as store
from leadterra.store.ids import encode

routes = Routes(
    "API keys", "Keys of this workspace. To rotate one, create another, move to it, and delete the old one."
)

_PATH = "/v1/api-keys"
ScopeText = Annotated[Scope, Field(strict=False)]


class ApiKeyView(View):
    """A key, without the key."""

    id: ApiKeyId
    label: str
    scopes: list[Scope]
    last_four: str
    created_at: Instant
    expires_at: Instant | None


class CreatedApiKey(ApiKeyView):
    """A new key. key: the whole of it; it is not shown again."""

    key: str


class NewApiKey(Body):
    """A key to be. It can be given scopes that the calling key holds."""

    label: Annotated[Line, Field(max_length=200)] = ""
    scopes: Annotated[list[ScopeText], Field(min_length=1, max_length=20)]
    expires_at: Instant | None = None


@routes.get(_PATH, scope=Scope.ADMIN)
async def list_all(call: Call, query: PageQuery) -> Page[ApiKeyView]:
    """List the keys that were not revoked, oldest first."""
    rows = await store.list_keys(call.uow, after=query.cursor, limit=query.limit + 1)
    shown, following = cut_page(rows, query.limit, lambda row: Cursor(row.created_at, row.id))
    return Page([_view(row) for row in shown], following)


@routes.post(_PATH, scope=Scope.ADMIN, status=201)
async def create(call: Call, body: NewApiKey) -> Answer[CreatedApiKey]:
    """Create a key. The answer is the only one that shows it."""
    actions.refuse_wider_scopes(call.caller.scopes, body.scopes)
    new = await actions.create_key(
        call.uow, body.label, body.scopes, expires_at=body.expires_at, now=call.now
    )
    created = CreatedApiKey(**_view(new.row).model_dump(), key=new.text)
    return Answer(created, location=f"{_PATH}/{encode('key', new.row.id)}")


@routes.delete(f"{_PATH}/{{key}}", scope=Scope.ADMIN)
async def revoke(call: Call) -> Nothing:
    """Revoke a key: from now on it opens nothing."""
    await actions.revoke_key(call.uow, call.id("key"), now=call.now)
    return Nothing()


def _view(row: store.KeyRow) -> ApiKeyView:
    return ApiKeyView(
        id=row.id,
        label=row.label,
        scopes=[Scope(scope) for scope in row.scopes],
        last_four=row.last_four,
        created_at=row.created_at,
        expires_at=row.expires_at,
    )
