"""The API as one ASGI application: the resources, the health pages, the docs.

Bodies are read by `api.requests` and not by the framework's own reader, which coerces, takes NaN and can be
nested to death.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from leadterra.actions.equipment import Equipment
from leadterra.api import (
    account_checks,
    api_keys,
    campaign_leads,
    campaign_stats,
    campaign_steps,
    campaigns,
    docs,
    explanations,
    forecasts,
    health,
    imports,
    leads,
    messages,
    replies,
    sender_accounts,
    sender_pools,
    suppressions,
    workspaces,
)
from leadterra.api.gateway import Gateway
from leadterra.api.handling import Desk
from leadterra.api.openapi import describe
from leadterra.api.problems import problem_of, render_problem
from leadterra.api.routing import Operation, Routes

RESOURCES: list[Routes] = [
    workspaces.routes,
    api_keys.routes,
    sender_accounts.routes,
    account_checks.routes,
    sender_pools.routes,
    campaigns.routes,
    campaign_steps.routes,
    campaign_leads.routes,
    campaign_stats.routes,
    explanations.routes,
    forecasts.routes,
    leads.routes,
    imports.routes,
    messages.routes,
    replies.routes,
    suppressions.routes,
]
"""Every resource, in the order in which the docs show them."""


class Resource:
    """All methods of one path, as an ASGI endpoint. Another method is a 405 that names them."""

    def __init__(self, operations: Mapping[str, Operation], desk: Desk) -> None:
        self._operations = operations
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        method = "GET" if request.method == "HEAD" else request.method
        operation = self._operations.get(method)
        if operation is None:
            raise HTTPException(405, f"This address takes {self._allowed()}.", {"Allow": self._allowed()})
        rendered = await self._desk.take(operation, request)
        await rendered.response()(scope, receive, send)

    def _allowed(self) -> str:
        return ", ".join([*self._operations, *(["HEAD"] if "GET" in self._operations else [])])


def create_api(
    equipment: Equipment, pages: Sequence[BaseRoute] = (), resources: Sequence[Routes] = RESOURCES
) -> FastAPI:
    """The application. It opens and closes nothing: `equipment.database` is its owner's. pages: of another
    face, served beside it."""
    application = FastAPI(
        title="Leadterra",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    document = describe(resources)
    routes = application.router.routes
    routes.extend(resource_routes(resources, Desk(equipment)))
    routes.extend(health.routes(equipment))
    routes.extend(docs.routes(document))
    routes.extend(pages)
    application.add_exception_handler(HTTPException, _refuse)
    application.add_middleware(Gateway, clock=equipment.clock)
    return application


def resource_routes(resources: Iterable[Routes], desk: Desk) -> list[Route]:
    """One route a path; fixed segments are tried before ids."""
    methods: defaultdict[str, dict[str, Operation]] = defaultdict(dict)
    for resource in resources:
        for operation in resource.operations:
            methods[operation.path][operation.method] = operation
    paths = sorted(methods, key=lambda path: [segment.startswith("{") for segment in path.split("/")])
    return [Route(path, Resource(methods[path], desk)) for path in paths]


async def _refuse(request: Request, error: Exception) -> Response:
    """What the router itself refuses: an unknown address, a wrong method."""
    return render_problem(problem_of(error), request.state.request_id).response()
