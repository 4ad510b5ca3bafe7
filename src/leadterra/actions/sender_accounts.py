"""Sender accounts: create, change, pause, activate, remove.

Every change locks the pool first and wakes it afterwards, so that the next claim goes by the new state. What
cannot be accepted raises `Unacceptable` with pointers into the API's body of an account; an address that has
an account already raises `Conflict`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from leadterra.actions.caps import recount_caps
from leadterra.actions.healing import begin_anew, repair
from leadterra.actions.mail_servers import ServerChange, change_servers, server_of, with_server
from leadterra.actions.oauth_grants import AuthChange, save_auth
from leadterra.actions.spacing import respace_accounts
from leadterra.actions.warmup_courses import follow_account
from leadterra.actions.workspaces import PacingChange
from leadterra.domain.api_key import Mode
from leadterra.domain.day import day_of
from leadterra.domain.errors import Conflict, Fault, Unacceptable
from leadterra.domain.sender_account import Protocol, Status
from leadterra.mail.addresses import Address, InvalidAddress, parse_address
from leadterra.store import oauth_grants, sender_accounts, workspaces
from leadterra.store.database import UnitOfWork
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode, new_id
from leadterra.store.mailboxes import keep_mailbox
from leadterra.store.sealing import KeyRing
from leadterra.store.sender_accounts import SenderAccount
from leadterra.store.sender_pools import refuse_claims_so_far, wake_pool

_USUAL_LIMIT = 50
_PAUSED_BY_REQUEST = "Paused by request."
_REMOVED = "Removed by request."


class Settings(PacingChange, total=False):
    """Plain fields of an account that may be changed, as in `SenderAccount`. None of a pacing: the
    workspace's.
    """

    name: str
    daily_limit: int
    rolling_limit: int | None
    weight: float
    tags: list[str]
    provider: str | None


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to be. servers: by protocol, SMTP required in live mode. settings: besides the name, where
    they are not the usual ones. auth: how it logs in at its servers.
    """

    email: str
    name: str
    status: Status = Status.ACTIVE
    servers: Mapping[Protocol, ServerChange] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    auth: AuthChange = field(default_factory=AuthChange)


@dataclass(frozen=True, slots=True)
class AccountChange:
    """What is to change. servers: by protocol; None takes the server away. status, auth: None keeps it."""

    settings: Settings = field(default_factory=Settings)
    status: Status | None = None
    servers: Mapping[Protocol, ServerChange | None] = field(default_factory=dict)
    auth: AuthChange | None = None


async def create_sender_account(
    uow: UnitOfWork, new: NewAccount, *, account_id: UUID | None = None, key_ring: KeyRing, now: datetime
) -> SenderAccount:
    """Add an account to the pool, or revive the tombstone of its address.

    account_id: of a new one; callers that add several make them rise, so that lists keep their order.
    Raises `Unacceptable` and `Conflict`, and has written nothing then.
    """
    await uow.lock_pool()
    address = _read_address(new.email)
    known = (await sender_accounts.find_known_addresses(uow, [address.key])).get(address.key)
    if known and not known.is_removed:
        raise Conflict(f"There is a sender account with this address already: {encode('sa', known.id)}.")
    account = SenderAccount(
        id=known.id if known else account_id or new_id(now),
        email=address.display,
        email_key=address.key,
        email_domain=address.domain,
        name=new.name,
        status=new.status,
        status_reason=_PAUSED_BY_REQUEST if new.status is Status.PAUSED else None,
        daily_limit=_USUAL_LIMIT,
        created_at=now,
        updated_at=now,
    )
    account = replace(account, **new.settings)
    account = await _with_servers(uow, account, new.servers, key_ring, new.auth)
    await _save(uow, account, now=now)
    await save_auth(uow, account.id, new.auth, key_ring=key_ring, now=now)
    if known or new.status is Status.WARMING:
        await follow_account(uow, account, before=None, now=now)
    if known:
        await begin_anew(uow, account, now=now)
        await recount_caps(uow, now=now)
    await sender_accounts.set_message_domain(uow, address.domain)
    return account


async def change_sender_account(
    uow: UnitOfWork, account_id: UUID, change: AccountChange, *, key_ring: KeyRing, now: datetime
) -> None:
    """Change what is given. A rolling limit that was none counts what was taken before. Raises `NotFound`,
    `Unacceptable`.
    """
    await uow.lock_pool()
    before, _ = await sender_accounts.get_sender_account(uow, account_id, day=day_of(now))
    account = replace(before, **change.settings, updated_at=now)
    account = await _with_servers(uow, account, change.servers, key_ring, change.auth)
    account, repaired = await repair(uow, before, account, has_new_grant=change.auth is not None)
    status = change.status or repaired
    if status is None or status == account.status:
        await _save(uow, account, now=now)
        await follow_account(uow, account, before=Status(account.status), now=now)
    else:
        await _turn(uow, account, status, now=now)
    if change.auth is not None:
        await save_auth(uow, account_id, change.auth, key_ring=key_ring, now=now)
    if _pacing(before) != _pacing(account):
        await respace_accounts(uow, now=now)
    if before.rolling_limit != account.rolling_limit:
        await refuse_claims_so_far(uow)
    if (before.rolling_limit is None) != (account.rolling_limit is None):
        await recount_caps(uow, now=now)


def _pacing(account: SenderAccount) -> tuple[str | None, float | None]:
    """What its spacing depends on."""
    return account.pacing_mode, account.min_gap_seconds


async def pause_sender_account(uow: UnitOfWork, account_id: UUID, *, now: datetime) -> None:
    """Have campaigns skip the account from now on (R7). A paused one stays as it is. Raises `NotFound`."""
    await _turn_to(uow, account_id, Status.PAUSED, now=now)


async def activate_sender_account(uow: UnitOfWork, account_id: UUID, *, now: datetime) -> None:
    """Have campaigns use the account, with a clean slate of health. An active one stays as it is. Raises
    `NotFound`."""
    await _turn_to(uow, account_id, Status.ACTIVE, now=now)


async def remove_sender_account(uow: UnitOfWork, account_id: UUID, *, now: datetime) -> None:
    """Leave a tombstone without secrets, which keeps the day's ledger. Enrollments bound to it are handed
    over (R4). Raises `NotFound`."""
    await uow.lock_pool()
    account, _ = await sender_accounts.get_sender_account(uow, account_id, day=day_of(now))
    bare = with_server(with_server(account, Protocol.SMTP, None), Protocol.IMAP, None)
    stripped = replace(bare, status=Status.PAUSED, status_reason=_REMOVED, updated_at=now, removed_at=now)
    await sender_accounts.save_sender_account(uow, stripped)
    await keep_mailbox(uow, account_id, is_read=False)
    await oauth_grants.delete_grant(uow, account_id)
    await wake_pool(uow, at=now)
    if account.status != Status.PAUSED:
        await _say(uow, EventType.SENDER_PAUSED, stripped, now=now)


async def _turn_to(uow: UnitOfWork, account_id: UUID, status: Status, *, now: datetime) -> None:
    await uow.lock_pool()
    account, _ = await sender_accounts.get_sender_account(uow, account_id, day=day_of(now))
    if account.status != status:
        await _turn(uow, replace(account, updated_at=now), status, now=now)


async def _turn(uow: UnitOfWork, account: SenderAccount, status: Status, *, now: datetime) -> None:
    """Give the account, which is not of that status, that status."""
    if status is Status.PAUSED:
        turned = replace(account, status=status, status_reason=_PAUSED_BY_REQUEST)
    else:
        await begin_anew(uow, account, now=now)
        turned = replace(account, status=status, status_reason=None, failures=0, rest_until=None)
    await _save(uow, turned, now=now)
    await follow_account(uow, turned, before=Status(account.status), now=now)
    events = {Status.PAUSED: EventType.SENDER_PAUSED, Status.ACTIVE: EventType.SENDER_ACTIVATED}
    if status in events:
        await _say(uow, events[status], turned, now=now)


async def _save(uow: UnitOfWork, account: SenderAccount, *, now: datetime) -> None:
    await sender_accounts.save_sender_account(uow, account)
    await keep_mailbox(uow, account.id, is_read=account.imap_host is not None)
    await wake_pool(uow, at=now)


async def _say(uow: UnitOfWork, event: EventType, account: SenderAccount, *, now: datetime) -> None:
    data: dict[str, object] = {
        "senderAccountId": encode("sa", account.id),
        "email": account.email,
        "reason": account.status_reason,
    }
    await append_events(uow, [Event(event, data)], now=now)


async def _with_servers(
    uow: UnitOfWork,
    account: SenderAccount,
    changes: Mapping[Protocol, ServerChange | None],
    key_ring: KeyRing,
    auth: AuthChange | None,
) -> SenderAccount:
    """The account with its servers changed. In live mode it must be able to submit afterwards. Raises
    `Unacceptable`."""
    if auth is None:
        by_token = await oauth_grants.find_grant(uow, account.id) is not None
    else:
        by_token = auth.grant is not None
        # Those of which nothing is said lose their passwords, or lack them.
        changes = {
            **{each: ServerChange() for each in Protocol if server_of(account, each) is not None},
            **changes,
        }
    changed = change_servers(uow.workspace_id, account, changes, key_ring, by_token=by_token)
    if changed.smtp_host is None and (await workspaces.get_workspace(uow)).mode == Mode.LIVE:
        fault = Fault(
            "/smtp",
            "required",
            "This field is required: a live workspace submits through the account's own server.",
        )
        raise Unacceptable(
            [fault], "A sender account of a live workspace needs smtp.", code="invalid_request"
        )
    return changed


def _read_address(text: str) -> Address:
    try:
        return parse_address(text)
    except InvalidAddress as error:
        raise Unacceptable([Fault("/email", "invalid_email", error.reason)]) from None
