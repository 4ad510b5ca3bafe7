"""The outermost layer: every response leaves with a `Request-Id`, and nothing that goes wrong inside leaves
as anything but a problem.

What nobody foresaw is logged with the request's id and answered with a bare 500. The body of an answer to
HEAD stays here.
"""

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from leadterra.actions.ports import Clock
from leadterra.api.problems import problem_of, render_problem
from leadterra.observability import log, log_context
from leadterra.store.ids import encode, new_id


class Gateway:
    """ASGI middleware. Puts `request_id` and `headers` (to be added to the answer) into the request's
    state."""

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        request.state.request_id = encode("req", new_id(self._clock.now()))
        request.state.headers = {}
        outlet = _Outlet(request, send)
        with log_context(request_id=request.state.request_id):
            try:
                await self._app(scope, receive, outlet.send)
            except Exception as error:
                await self._answer(error, request, outlet)

    async def _answer(self, error: Exception, request: Request, outlet: "_Outlet") -> None:
        problem = problem_of(error)
        if problem.status >= 500:
            log.error("request.failed", method=request.method, code=problem.code, exc_info=error)
        if outlet.started:
            raise error
        response = render_problem(problem, request.state.request_id).response()
        await response(request.scope, request.receive, outlet.send)


class _Outlet:
    """The way out of one request."""

    def __init__(self, request: Request, send: Send) -> None:
        self._request = request
        self._send = send
        self.started = False

    async def send(self, message: Message) -> None:
        """Pass on a message of the answer."""
        if message["type"] == "http.response.start":
            self.started = True
            headers = MutableHeaders(scope=message)
            headers["Request-Id"] = self._request.state.request_id
            for name, value in self._request.state.headers.items():
                headers[name] = value
        elif self._request.method == "HEAD":
            message = {**message, "body": b""}
        await self._send(message)
