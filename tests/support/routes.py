"""A request that succeeds for every operation of the API, made of the ids of a workspace with one of
everything.

An operation without an example here fails the tests that go over all of them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import get_args, get_type_hints

import httpx

from leadterra.api.application import RESOURCES
from leadterra.api.fields import TypeId
from leadterra.api.pagination import PageQuery
from leadterra.api.routing import Operation
from tests.support.tenants import PERSON, Tenant

OPERATIONS = tuple(operation for resource in RESOURCES for operation in resource.operations)
"""Every operation, in the order of the docs."""


def title(operation: Operation) -> str:
    """`GET /v1/campaigns/{camp}`."""
    return f"{operation.method} {operation.path}"


@dataclass(frozen=True, slots=True)
class Example:
    """What one operation is asked.

    body: of a workspace's ids and texts; None where it takes none. draft: its campaign must not be running.
    names: the body names something by id. query: parameters that it cannot do without. stranger: what the
    answer shows of what belongs to somebody else, where the ids and texts in it could not tell.
    """

    body: Callable[[Tenant], object] | None = None
    draft: bool = False
    names: bool = False
    query: Callable[[Tenant], Mapping[str, str]] = field(default=lambda _: {})
    stranger: Mapping[str, object] = field(default_factory=dict)


def _account(_: Tenant) -> dict[str, object]:
    return {"email": "new@acme.test", "name": "New", "smtp": {"host": "127.0.0.1", "security": "none"}}


def _step(tenant: Tenant) -> dict[str, object]:
    return {"id": tenant.ids["step"], "subject": "Other", "bodyHtml": "<p>Other</p>"}


EXAMPLES: dict[str, Example] = {
    "GET /v1/workspace": Example(),
    "PATCH /v1/workspace": Example(lambda _: {"dailyQuota": 40}),
    "GET /v1/api-keys": Example(),
    "POST /v1/api-keys": Example(lambda _: {"scopes": ["read"]}),
    "DELETE /v1/api-keys/{key}": Example(),
    "GET /v1/sender-accounts": Example(),
    "GET /v1/sender-accounts/{sa}": Example(),
    "POST /v1/sender-accounts": Example(_account),
    "POST /v1/sender-accounts/bulk": Example(lambda tenant: {"senderAccounts": [_account(tenant)]}),
    "PATCH /v1/sender-accounts/{sa}": Example(lambda _: {"name": "Other", "smtp": {"host": "other.test"}}),
    "DELETE /v1/sender-accounts/{sa}": Example(),
    "POST /v1/sender-accounts/{sa}/pause": Example(),
    "POST /v1/sender-accounts/{sa}/activate": Example(),
    "POST /v1/sender-accounts/{sa}/verify": Example(lambda _: {"dkimSelector": "s1"}),
    "GET /v1/sender-pools": Example(),
    "GET /v1/sender-pools/ledger": Example(),
    "GET /v1/sender-pools/history": Example(),
    "GET /v1/sender-pools/forecast": Example(query=lambda _: {"leads": "10"}),
    "POST /v1/campaigns": Example(lambda _: {"name": "New"}),
    "GET /v1/campaigns": Example(),
    "GET /v1/campaigns/{camp}": Example(),
    "PATCH /v1/campaigns/{camp}": Example(lambda _: {"name": "Other", "onMissingVariable": "hold"}),
    "DELETE /v1/campaigns/{camp}": Example(),
    "PUT /v1/campaigns/{camp}/sequence-steps": Example(
        lambda tenant: {"sequenceSteps": [_step(tenant)]}, draft=True, names=True
    ),
    "POST /v1/campaigns/{camp}/start": Example(),
    "POST /v1/campaigns/{camp}/pause": Example(),
    "GET /v1/campaigns/{camp}/stats": Example(),
    "GET /v1/campaigns/{camp}/explain": Example(),
    "GET /v1/campaigns/{camp}/leads/{lead}/explain": Example(),
    "GET /v1/sender-accounts/{sa}/explain": Example(),
    "GET /v1/campaigns/{camp}/forecast": Example(),
    "POST /v1/campaigns/{camp}/preview": Example(lambda tenant: {"leadId": tenant.ids["lead"]}, names=True),
    "POST /v1/campaigns/{camp}/leads/bulk": Example(
        lambda _: {"leads": [{"email": PERSON, "company": "Other"}]}
    ),
    "GET /v1/campaigns/{camp}/leads": Example(),
    "DELETE /v1/campaigns/{camp}/leads/{lead}": Example(),
    "POST /v1/campaigns/{camp}/leads/{lead}/pause": Example(),
    "POST /v1/campaigns/{camp}/leads/{lead}/resume": Example(),
    "GET /v1/leads": Example(),
    "GET /v1/leads/{lead}": Example(),
    "PATCH /v1/leads/{lead}": Example(lambda _: {"email": PERSON, "company": "Other"}),
    "DELETE /v1/leads/{lead}": Example(),
    "GET /v1/leads/{lead}/messages": Example(),
    "GET /v1/imports": Example(),
    "GET /v1/imports/{imp}": Example(),
    "GET /v1/messages": Example(),
    "GET /v1/messages/{msg}": Example(),
    "POST /v1/messages/{msg}/resolve": Example(lambda _: {"outcome": "sent"}),
    "GET /v1/replies": Example(),
    "GET /v1/replies/{rpl}": Example(),
    "PATCH /v1/replies/{rpl}": Example(lambda _: {"classification": "not_interested"}),
    "POST /v1/replies/{rpl}/respond": Example(lambda _: {"bodyText": "Gladly", "subject": "Re: Other"}),
    "POST /v1/suppression-list": Example(lambda _: {"emails": [PERSON], "domains": ["other.test"]}),
    "GET /v1/suppression-list": Example(),
    "GET /v1/suppression-list/check": Example(
        query=lambda tenant: {"email": f"x@{tenant.domain}"}, stranger={"suppressed": False, "reason": None}
    ),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. content: its JSON body or its file."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    media_type: str = "application/json"

    async def send(
        self, api: httpx.AsyncClient, headers: Mapping[str, str] | None = None, *, dry_run: bool = False
    ) -> httpx.Response:
        """Ask it."""
        query = {**self.query, **({"dryRun": "true"} if dry_run and self.method != "GET" else {})}
        kind = {} if self.content is None else {"Content-Type": self.media_type}
        return await api.request(
            self.method, self.path, params=query, content=self.content, headers={**kind, **(headers or {})}
        )


def asked(
    operation: Operation,
    owner: Tenant,
    *,
    body: Tenant | None = None,
    foreign: Mapping[str, str] | None = None,
) -> Asked:
    """The example of an operation with the ids of `owner`. body: whose ids stand in the body, if not the
    owner's. foreign: ids of the path that are somebody else's.
    """
    example = EXAMPLES[title(operation)]
    ids = {**owner.ids, **({"camp": owner.ids["draft"]} if example.draft else {}), **(foreign or {})}
    content = None if example.body is None else json.dumps(example.body(body or owner)).encode()
    return Asked(operation.method, operation.path.format_map(ids), example.query(body or owner), content)


def id_filters(operation: Operation) -> dict[str, str]:
    """The query parameters that are ids, and of what."""
    if operation.query is None:
        return {}
    hints = get_type_hints(operation.query, include_extras=True)
    found = {name: _kind_of(hint) for name, hint in hints.items() if name in operation.query.model_fields}
    return {operation.query.model_fields[name].alias or name: kind for name, kind in found.items() if kind}


def _kind_of(hint: object) -> str | None:
    """The kind of the TypeID that stands somewhere in an annotation."""
    if isinstance(hint, TypeId):
        return hint.kind
    parts = (*get_args(hint), *getattr(hint, "__metadata__", ()))
    return next((kind for part in parts if (kind := _kind_of(part))), None)


def is_paged(operation: Operation) -> bool:
    """Whether it takes a cursor."""
    return operation.query is not None and issubclass(operation.query, PageQuery)
