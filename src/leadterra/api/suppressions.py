"""`/v1/suppression-list`: whom the workspace never writes to again. Nothing takes an entry off the list."""

from typing import Annotated, Literal

from pydantic import Field

from leadterra.actions.suppressions import check_suppression, suppress
from leadterra.api.answers import Answer, Page
from leadterra.api.fields import Body, Instant, Query, SuppressionId, View
from leadterra.api.pagination import Cursor, PageQuery, cut_page
from leadterra.api.routing import Call, Routes
from leadterra.domain.api_key import Scope
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.store.suppressions import Suppression, list_suppressions

routes = Routes("Suppression list", "Addresses and domains that this workspace never writes to again.")

_PATH = "/v1/suppression-list"
_MOST = 1000
Entry = Annotated[str, Field(max_length=400)]


class SuppressionView(View):
    """An entry. value: the address or domain; null once the person was erased."""

    id: SuppressionId
    kind: Literal["email", "domain"]
    value: str | None
    reason: str
    source: str
    created_at: Instant


class SuppressionCheck(View):
    """Whether an address is suppressed, by itself or by its domain."""

    email: str
    suppressed: bool
    kind: Literal["email", "domain"] | None
    reason: str | None
    source: str | None
    created_at: Instant | None


class SuppressedView(View):
    """How many are new on the list, and how many were on it before."""

    suppressed: int
    already_suppressed: int
    total: int


class NewSuppressions(Body):
    """1 to 1000 addresses and domains together."""

    emails: list[Entry] = Field(default_factory=list, max_length=_MOST)
    domains: list[Entry] = Field(default_factory=list, max_length=_MOST)


class SuppressionQuery(PageQuery):
    """Which entries."""

    reason: str | None = Field(default=None, description="Such as manual or unsubscribed.")
    source: str | None = Field(default=None, description="Such as api, one_click or page.")


class CheckQuery(Query):
    """Which address."""

    email: str = Field(max_length=400)


@routes.post(_PATH, scope=Scope.WRITE)
async def add(call: Call, body: NewSuppressions) -> Answer[SuppressedView]:
    """Suppress addresses and domains. What is still open for these people ends before the next SMTP
    command."""
    if not 1 <= len(body.emails) + len(body.domains) <= _MOST:
        message = f"Give 1 to {_MOST} emails and domains together."
        raise Unacceptable([Fault("/emails", "out_of_range", message)], message, code="invalid_request")
    done = await suppress(call.uow, body.emails, body.domains, source="api", now=call.now)
    total = done.suppressed + done.already_suppressed
    return Answer(
        SuppressedView(suppressed=done.suppressed, already_suppressed=done.already_suppressed, total=total)
    )


@routes.get(_PATH)
async def list_all(call: Call, query: SuppressionQuery) -> Page[SuppressionView]:
    """List the entries, newest first."""
    rows = await list_suppressions(
        call.uow, reason=query.reason, source=query.source, after=query.cursor, limit=query.limit + 1
    )
    shown, following = cut_page(rows, query.limit, lambda row: Cursor(row.created_at, row.id))
    return Page([SuppressionView.model_validate(row) for row in shown], following)


@routes.get(f"{_PATH}/check")
async def check(call: Call, query: CheckQuery) -> Answer[SuppressionCheck]:
    """Check whether an address is suppressed."""
    found = await check_suppression(call.uow, query.email)
    return Answer(_check_view(query.email, found))


def _check_view(email: str, found: Suppression | None) -> SuppressionCheck:
    if found is None:
        return SuppressionCheck(
            email=email, suppressed=False, kind=None, reason=None, source=None, created_at=None
        )
    shown = SuppressionView.model_validate(found)
    return SuppressionCheck(
        email=email,
        suppressed=True,
        kind=shown.kind,
        reason=shown.reason,
        source=shown.source,
        created_at=shown.created_at,
    )
