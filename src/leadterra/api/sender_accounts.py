"""`/v1/sender-accounts`: the mailbox identities of the workspace's pool. A password is taken and never given
back."""

from typing import Annotated, Any, cast
from uuid import UUID

from pydantic import Field, WithJsonSchema

from leadterra.actions import sender_accounts as actions
from leadterra.actions.mail_servers import Server, ServerChange, server_of
from leadterra.actions.oauth_grants import AuthChange
from leadterra.actions.sender_accounts import AccountChange, NewAccount, Settings
from leadterra.actions.sender_loss import preview_loss
from leadterra.actions.workspaces import PacingMode
from leadterra.api.account_auth import AuthField, AuthView, auth_change, auth_view
from leadterra.api.account_health import HealthDetailView, read_health
from leadterra.api.account_warmup import WarmupPatch, WarmupView, apply_warmup, warmup_view
from leadterra.api.answers import Answer, FaultView, Nothing, Page
from leadterra.api.fields import UNSET, Body, Instant, Line, Name, SenderAccountId, View
from leadterra.api.pagination import Cursor, Limit, PageQuery, cut_page
from leadterra.api.problems import InvalidRequest, faults_of
from leadterra.api.requests import read_model
from leadterra.api.routing import Call, Routes
from leadterra.api.sender_loss import SenderLossView, loss_view
from leadterra.api.sending_rules import PacingPatch, Tags, Weight, pacing_change
from leadterra.domain.api_key import Scope
from leadterra.domain.capacity import AccountUse, next_send_at
from leadterra.domain.day import day_of
from leadterra.domain.errors import Conflict, Unacceptable
from leadterra.domain.provider import Provider
from leadterra.domain.sender_account import Protocol, Security, Status
from leadterra.store import oauth_grants
from leadterra.store import sender_accounts as store
from leadterra.store.ids import encode, new_ids

routes = Routes(
    "Sender accounts", "The mailbox identities of the workspace's pool, which chooses among the active ones."
)

_PATH = "/v1/sender-accounts"
_SETTINGS = {"name", "daily_limit", "rolling_limit", "weight", "tags", "provider"}
StatusText = Annotated[Status, Field(strict=False, description="Campaigns use active accounts only.")]
SecurityText = Annotated[Security, Field(strict=False)]
DailyLimit = Annotated[int, Field(ge=1, le=100_000, description="Messages a UTC day.")]
RollingLimit = Annotated[
    int, Field(ge=1, le=100_000, description="Messages in any 24 hours; null for no such cap.")
]
AccountWeight = Annotated[
    Weight, Field(description="In the rotation: with 2 its daily limit counts as twice as much.")
]
ProviderText = Annotated[
    Provider, Field(strict=False, description="Whose servers send for it; null: found by the MX records.")
]
Port = Annotated[int, Field(ge=1, le=65_535, description="Null or absent: the usual one for the security.")]
Host = Annotated[Line, Field(min_length=1, max_length=253)]
Login = Annotated[Line, Field(min_length=1, max_length=320)]
Password = Annotated[str, Field(min_length=1, max_length=1024)]


class SenderAccountItem(View):
    """An account in a list."""

    id: SenderAccountId
    email: str
    name: str
    status: Status


class ServerView(View):
    """A server of an account. hasPassword is all that is told of the password."""

    host: str
    port: int
    security: Security
    username: str | None
    has_password: bool


class PacingView(View):
    """How an account spaces its messages. null: as the workspace says."""

    mode: PacingMode | None
    min_gap_seconds: float | None
    jitter: float | None


class SenderAccountView(SenderAccountItem):
    """An account with its numbers of the day. health: 0–1, null until 20 of its messages have ended.
    dailyLimit: as set; remainingToday goes by the limit in force, which warmup shows. warmup: null if it
    never warmed up.
    """

    status_reason: str | None
    daily_limit: int
    rolling_limit: int | None
    weight: float
    tags: list[str]
    provider: Provider | None
    sent_today: int
    reserved_today: int
    uncertain_today: int
    remaining_today: int
    health: float | None
    health_detail: HealthDetailView
    next_send_at: Instant | None
    smtp: ServerView | None
    imap: ServerView | None
    auth: AuthView
    pacing: PacingView
    warmup: WarmupView | None = None
    created_at: Instant
    updated_at: Instant


class NewServer(Body):
    """A server. username and password are left out where it asks for no login."""

    host: Host
    port: Port | None = None
    security: SecurityText = Security.STARTTLS
    username: Login | None = None
    password: Password | None = Field(default=None, repr=False)


class ServerPatch(Body):
    """What changes of a server."""

    host: Host = UNSET
    port: Port | None = UNSET
    security: SecurityText = UNSET
    username: Login | None = UNSET
    password: Password | None = Field(default_factory=lambda: None, repr=False)


class NewSenderAccount(Body):
    """An account to be. smtp is required in live mode."""

    email: Annotated[str, Field(max_length=400)]
    name: Name
    daily_limit: DailyLimit = 50
    status: StatusText = Status.ACTIVE
    smtp: NewServer | None = None
    imap: NewServer | None = None
    auth: AuthField = UNSET
    pacing: PacingPatch | None = None
    rolling_limit: RollingLimit | None = None
    weight: AccountWeight = 1
    tags: Tags = Field(default_factory=list)
    provider: ProviderText | None = None
    warmup: WarmupPatch | None = None


class SenderAccountPatch(Body):
    """What changes of an account; smtp, imap, auth, pacing and warmup change by their parts."""

    name: Name = UNSET
    daily_limit: DailyLimit = UNSET
    status: StatusText = UNSET
    smtp: ServerPatch | None = UNSET
    imap: ServerPatch | None = UNSET
    auth: AuthField = UNSET
    pacing: PacingPatch | None = UNSET
    rolling_limit: RollingLimit | None = UNSET
    weight: AccountWeight = UNSET
    tags: Tags = UNSET
    provider: ProviderText | None = UNSET
    warmup: WarmupPatch | None = UNSET


class SenderAccountBatch(Body):
    """Accounts to be. Each is looked at by itself: a bad one does not keep the others out."""

    sender_accounts: Annotated[
        list[Any],
        Field(min_length=1, max_length=1000),
        WithJsonSchema(
            {
                "type": "array",
                "items": {"$ref": "#/components/schemas/NewSenderAccount"},
                "minItems": 1,
                "maxItems": 1000,
            }
        ),
    ]


class CreatedAccount(SenderAccountItem):
    """One that was created. index: its place in the request, from 0."""

    index: int


class FailedAccount(View):
    """One that was not. index: its place in the request, from 0."""

    index: int
    errors: list[FaultView]


class BatchView(View):
    """What became of a batch, item by item."""

    created: list[CreatedAccount]
    failed: list[FailedAccount]


class SenderAccountQuery(PageQuery):
    """Which accounts. Without `limit` all are listed."""

    limit: Limit | None = None  # type: ignore[assignment]
    status: Status | None = None


@routes.get(_PATH)
async def list_all(call: Call, query: SenderAccountQuery) -> Page[SenderAccountItem]:
    """List sender accounts, oldest first. The list is not paged unless `limit` is given."""
    most = None if query.limit is None else query.limit + 1
    rows = await store.list_sender_accounts(call.uow, status=query.status, after=query.cursor, limit=most)
    shown, following = cut_page(rows, query.limit or len(rows), lambda row: Cursor(row.created_at, row.id))
    items = [SenderAccountItem.model_validate(row) for row in shown]
    return Page(items, following, paged=query.limit is not None)


@routes.get(f"{_PATH}/{{sa}}")
async def get(call: Call) -> Answer[SenderAccountView]:
    """Get a sender account, with its numbers of today."""
    return Answer(await _view(call, call.id("sa")))


@routes.post(_PATH, scope=Scope.ADMIN, status=201)
async def create(call: Call, body: NewSenderAccount) -> Answer[SenderAccountView]:
    """Create a sender account. An address that had one before gets it back, with its id and what it sent
    today."""
    created = await actions.create_sender_account(
        call.uow, _new(body), key_ring=call.equipment.key_ring, now=call.now
    )
    await apply_warmup(call, created.id, body)
    return Answer(await _view(call, created.id), location=f"{_PATH}/{encode('sa', created.id)}")


@routes.post(f"{_PATH}/bulk", scope=Scope.ADMIN)
async def create_many(call: Call, body: SenderAccountBatch) -> Answer[BatchView]:
    """Create up to 1000 sender accounts. Each item succeeds or fails by itself."""
    created: list[CreatedAccount] = []
    failed: list[FailedAccount] = []
    ids = new_ids(call.now, len(body.sender_accounts))
    for index, (item, account_id) in enumerate(zip(body.sender_accounts, ids, strict=True)):
        try:
            said = read_model(NewSenderAccount, item)
            new = _new(said)
            made = await actions.create_sender_account(
                call.uow, new, account_id=account_id, key_ring=call.equipment.key_ring, now=call.now
            )
            await apply_warmup(call, made.id, said)
        except (InvalidRequest, Unacceptable, Conflict) as error:
            faults = faults_of(error, within=f"/senderAccounts/{index}")
            failed.append(
                FailedAccount(index=index, errors=[FaultView.model_validate(fault) for fault in faults])
            )
        else:
            created.append(
                CreatedAccount(index=index, id=made.id, email=made.email, name=made.name, status=new.status)
            )
    return Answer(BatchView(created=created, failed=failed))


@routes.patch(f"{_PATH}/{{sa}}", scope=Scope.ADMIN)
async def change(call: Call, body: SenderAccountPatch) -> Answer[SenderAccountView]:
    """Change a sender account. Only what is given changes, also within smtp, imap and pacing, where null goes
    back to what the workspace says.
    """
    auth = auth_change(body.auth) if body.given("auth") else None
    wanted = AccountChange(_settings(body), body.status, _servers(body), auth)
    await actions.change_sender_account(
        call.uow, call.id("sa"), wanted, key_ring=call.equipment.key_ring, now=call.now
    )
    await apply_warmup(call, call.id("sa"), body)
    return Answer(await _view(call, call.id("sa")))


@routes.delete(f"{_PATH}/{{sa}}", scope=Scope.ADMIN)
async def remove(call: Call) -> Answer[SenderLossView] | Nothing:
    """Remove a sender account and its secrets. Each campaign's `senderLossPolicy` says what becomes of the
    leads that are bound to it; with `?dryRun=true` these are counted, and nothing is removed.
    """
    if call.dry_run:
        return Answer(await _loss(call), status=200)
    await actions.remove_sender_account(call.uow, call.id("sa"), now=call.now)
    return Nothing()


@routes.post(f"{_PATH}/{{sa}}/pause", scope=Scope.ADMIN)
async def pause(call: Call) -> Answer[SenderAccountView | SenderLossView]:
    """Pause a sender account: campaigns skip it from now on. A paused one stays as it is. Each campaign's
    `senderLossPolicy` says what becomes of the leads that are bound to it; with `?dryRun=true` these are
    counted, and nothing is paused.
    """
    if call.dry_run:
        return Answer(await _loss(call))
    await actions.pause_sender_account(call.uow, call.id("sa"), now=call.now)
    return Answer(await _view(call, call.id("sa")))


@routes.post(f"{_PATH}/{{sa}}/activate", scope=Scope.ADMIN)
async def activate(call: Call) -> Answer[SenderAccountView]:
    """Activate a sender account: campaigns use it from now on. An active one stays as it is."""
    await actions.activate_sender_account(call.uow, call.id("sa"), now=call.now)
    return Answer(await _view(call, call.id("sa")))


def _new(body: NewSenderAccount) -> NewAccount:
    return NewAccount(
        email=body.email,
        name=body.name,
        status=body.status,
        servers={protocol: change for protocol, change in _servers(body).items() if change is not None},
        settings=_settings(body),
        auth=auth_change(body.auth) if body.given("auth") else AuthChange(),
    )


def _settings(body: NewSenderAccount | SenderAccountPatch) -> Settings:
    plain = {name: getattr(body, name) for name in _SETTINGS & body.model_fields_set}
    pacing = pacing_change(body.pacing) if body.given("pacing") else {}
    return cast("Settings", {**plain, **pacing})


def _servers(body: NewSenderAccount | SenderAccountPatch) -> dict[Protocol, ServerChange | None]:
    """What is said of the servers, without what was left out."""
    changes: dict[Protocol, ServerChange | None] = {}
    for protocol, server in ((Protocol.SMTP, body.smtp), (Protocol.IMAP, body.imap)):
        if body.given(protocol):
            said = None if server is None else server.model_dump(exclude_unset=True)
            changes[protocol] = None if said is None else ServerChange(**said)  # type: ignore[typeddict-item]
    return changes


async def _loss(call: Call) -> SenderLossView:
    return loss_view(call.id("sa"), await preview_loss(call.uow, call.id("sa"), now=call.now))


async def _view(call: Call, account_id: UUID) -> SenderAccountView:
    account, ledger = await store.get_sender_account(call.uow, account_id, day=day_of(call.now))
    health, health_detail = await read_health(call, account_id)
    use = AccountUse(account.status == Status.ACTIVE, False, ledger.limit, ledger.used)
    return SenderAccountView(
        id=account.id,
        email=account.email,
        name=account.name,
        status=Status(account.status),
        status_reason=account.status_reason,
        daily_limit=account.daily_limit,
        rolling_limit=account.rolling_limit,
        weight=account.weight,
        tags=account.tags,
        provider=Provider(account.provider) if account.provider else None,
        sent_today=ledger.sent,
        reserved_today=ledger.reserved,
        uncertain_today=ledger.uncertain,
        remaining_today=ledger.remaining,
        health=health,
        health_detail=health_detail,
        next_send_at=next_send_at(
            use, spaced_until=account.next_send_at, resting_until=account.rest_until, now=call.now
        ),
        smtp=_server_view(server_of(account, Protocol.SMTP)),
        imap=_server_view(server_of(account, Protocol.IMAP)),
        auth=auth_view(await oauth_grants.find_grant(call.uow, account_id)),
        pacing=PacingView(
            mode=PacingMode(account.pacing_mode) if account.pacing_mode else None,
            min_gap_seconds=account.min_gap_seconds,
            jitter=account.jitter,
        ),
        warmup=await warmup_view(call, account_id),
        created_at=account.created_at,
        updated_at=account.updated_at,
    )


def _server_view(server: Server | None) -> ServerView | None:
    if server is None:
        return None
    return ServerView(
        host=server.host,
        port=server.port,
        security=server.security,
        username=server.username,
        has_password=server.password is not None,
    )
