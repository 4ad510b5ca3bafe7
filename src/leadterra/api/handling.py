"""From a request to an answer, the same for every route: who is calling, how often, may it, what does it
want; then the handler in one transaction; then the answer, kept for a replay in that same transaction where
an `Idempotency-Key` asks for it.

**To add a resource**, write `api/<plural>.py`:

    routes = Routes("Sender accounts", "The mailbox identities of the workspace's pool.")

    class SenderAccountItem(View):              # what is shown: snake_case here, camelCase outside
        id: SenderAccountId
        email: str

    class NewSenderAccount(Body):               # what is taken: nothing unknown, nothing coerced
        email: Text
        daily_limit: Annotated[int, Field(ge=1, le=100_000)] = 50

    @routes.post("/v1/sender-accounts", scope=Scope.ADMIN, status=201)
    async def create(call: Call, body: NewSenderAccount) -> Answer[SenderAccountItem]:
        '''Create a sender account.'''          # the docs show this
        row = await create_sender_account(call.uow, body.email, now=call.now)
        return Answer(SenderAccountItem.model_validate(row), location=f"{_PATH}/{encode('sa', row.id)}")

and add its `routes` to `api.application.RESOURCES`. Raise errors of `domain.errors`; `api.problems` turns
them into answers. A handler may run more than once (a deadlock undoes the transaction), so it does nothing
but through `call.uow`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request

from leadterra.actions.equipment import Equipment
from leadterra.actions.running import run
from leadterra.api.answers import render_reply
from leadterra.api.authentication import Caller, authenticate
from leadterra.api.fields import Query
from leadterra.api.idempotency import Complete, Guard, claim_of
from leadterra.api.problems import InvalidRequest, Problem, Rendered
from leadterra.api.rate_limit import RateLimit
from leadterra.api.requests import media_type, parse_body, parse_query, read_body
from leadterra.api.routing import Call, Errand, Operation
from leadterra.api.uploads import Upload, receive_upload
from leadterra.domain.errors import Fault, PermissionDenied
from leadterra.store.database import Database, UnitOfWork

_MOST_PARAMETERS = 50
_ACCEPTED = ("*/*", "application/*", "application/json", "application/problem+json")
Arguments = dict[str, Any]
"""The handler's `body` and `query`."""


class Desk:
    """Where requests of the API are taken."""

    def __init__(self, equipment: Equipment) -> None:
        self._equipment = equipment
        self._limit = RateLimit(equipment.settings.rate_limit)

    async def take(self, operation: Operation, request: Request) -> Rendered:
        """Answer a request. What it raises, `api.problems` knows how to answer."""
        _refuse_other_media(request)
        now = self._equipment.clock.now()
        caller = await authenticate(request, self._equipment, now=now)
        self._count(caller, request)
        if operation.scope not in caller.scopes:
            raise PermissionDenied(operation.scope)
        kind = media_type(request) if operation.mutates else ""
        if kind in operation.uploads:
            async with receive_upload(request, kind) as upload:
                errand = self._errand(caller, request, upload)
                return await self._guarded(_Sheet(operation, request, errand, b"", kind), upload.digest)
        raw = await read_body(request) if operation.mutates else b""
        errand = self._errand(caller, request, None)
        return await self._guarded(_Sheet(operation, request, errand, raw, kind), sha256(raw).digest())

    def _count(self, caller: Caller, request: Request) -> None:
        """One request of this key; every answer tells what is left."""
        allowance = self._limit.take(caller.key_id, now=self._equipment.clock.now())
        request.state.headers.update(allowance.headers())
        if allowance.retry_after:
            raise Problem(
                "rate_limited",
                f"This key may ask {allowance.quota} times a minute; try again in {allowance.retry_after} s.",
            )

    def _errand(self, caller: Caller, request: Request, upload: Upload | None) -> Errand:
        dry_run = ("dryRun", "true") in _pairs(request)
        return Errand(
            self._equipment, caller, self._equipment.clock.now(), dry_run, request.path_params, upload
        )

    async def _guarded(self, sheet: "_Sheet", content: bytes) -> Rendered:
        claim = claim_of(sheet.request, content) if sheet.operation.mutates else None
        if claim is None:
            return await sheet.perform(None)
        errand = sheet.errand
        request_id = sheet.request.state.request_id
        guard = Guard(
            database=self._equipment.database,
            key_ring=self._equipment.key_ring,
            workspace_id=errand.caller.workspace_id,
            request_id=request_id,
            claim=claim,
            now=errand.now,
        )
        return await guard.answer(sheet.perform)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One request with all that came with it. raw, kind: its JSON body and the media type, not yet looked
    at."""

    operation: Operation
    request: Request
    errand: Errand
    raw: bytes
    kind: str

    async def perform(self, complete: Complete | None) -> Rendered:
        """Check, run the handler, render. complete: keeps the answer before the transaction is committed."""
        arguments = await self._arguments()
        if not self.operation.is_call:
            return await self._perform_errand(arguments, complete)
        keep = None if self.errand.dry_run else complete
        work = partial(self._perform_call, arguments, keep)
        rendered = await run(
            self._database, self.errand.caller.workspace_id, work, dry_run=self.errand.dry_run
        )
        if self.errand.dry_run:
            await self._keep(rendered, complete)
        return rendered

    async def _perform_call(self, arguments: Arguments, keep: Complete | None, uow: UnitOfWork) -> Rendered:
        errand = self.errand
        call = Call(
            errand.equipment, errand.caller, errand.now, errand.dry_run, errand.path, errand.upload, uow
        )
        rendered = render_reply(await self.operation.handler(call, **arguments), self.operation.status)
        if keep:
            await keep(uow, rendered)
        return rendered

    async def _perform_errand(self, arguments: Arguments, complete: Complete | None) -> Rendered:
        rendered = render_reply(await self.operation.handler(self.errand, **arguments), self.operation.status)
        await self._keep(rendered, complete)
        return rendered

    async def _keep(self, rendered: Rendered, complete: Complete | None) -> None:
        """Keep an answer whose work has its own transactions, or none."""
        if complete:
            await run(self._database, self.errand.caller.workspace_id, lambda uow: complete(uow, rendered))

    @property
    def _database(self) -> Database:
        return self.errand.equipment.database

    async def _arguments(self) -> Arguments:
        """What the handler is given besides the call. Raises `Problem`."""
        arguments: Arguments = {}
        query = self._query()
        if self.operation.query:
            arguments["query"] = query
        if self.operation.mutates and self.errand.upload is None:
            expected, files = self.operation.expected_body, self.operation.uploads
            body = await parse_body(self.raw, self.kind, expected, files)
            if self.operation.body:
                arguments["body"] = body
        elif self.operation.body:
            arguments["body"] = None
        return arguments

    def _query(self) -> Query:
        pairs = _pairs(self.request)
        if self.operation.mutates:
            chosen = [text for name, text in pairs if name == "dryRun"]
            if len(chosen) > 1 or any(text not in ("true", "false") for text in chosen):
                raise InvalidRequest([Fault("?dryRun", "not_allowed", "Must be true or false.")])
            pairs = [pair for pair in pairs if pair[0] != "dryRun"]
        return parse_query(pairs, self.operation.query or Query)


def _pairs(request: Request) -> Sequence[tuple[str, str]]:
    """The query parameters as they came. Raises `InvalidRequest` for what is no UTF-8."""
    try:
        query = request.scope["query_string"].decode("ascii")
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError:
        message = f"Must be at most {_MOST_PARAMETERS} parameters, percent-encoded in UTF-8."
        raise InvalidRequest([Fault("?", "malformed_query", message)]) from None


def _refuse_other_media(request: Request) -> None:
    """406 for a caller that wants no JSON (RFC 9110 §12.5.1)."""
    accepted = request.headers.get("accept", "*/*").lower()
    for choice in accepted.split(","):
        kind, _, parameters = choice.partition(";")
        refused = re.search(r"(?:^|;)\s*q=0(?:\.0*)?\s*(?:;|$)", parameters)
        if kind.strip() in (*_ACCEPTED, "") and not refused:
            return
    raise Problem("not_acceptable", "The answers here are application/json.")
