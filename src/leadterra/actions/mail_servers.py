"""The servers of a sender account: where it submits (SMTP) and where it reads (IMAP), and with which login.

Passwords are sealed here, for their workspace, account and protocol. What cannot be accepted raises
`Unacceptable` with pointers such as `/smtp/host`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TypedDict
from uuid import UUID

from leadterra.actions.hosts import InvalidHost, parse_host
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.domain.sender_account import Protocol, Security, default_port
from leadterra.store.sealing import KeyRing, SealContext
from leadterra.store.sender_accounts import SenderAccount


class ServerChange(TypedDict, total=False):
    """What is said of a server; what is left out stays as it is. port: None for the usual one."""

    host: str
    port: int | None
    security: Security
    username: str | None
    password: str | None


@dataclass(frozen=True, slots=True)
class Server:
    """A server as stored. username, password (sealed): both None where the server asks for no login."""

    host: str
    port: int
    security: Security
    username: str | None
    password: bytes | None = field(repr=False)


def server_of(account: SenderAccount, protocol: Protocol) -> Server | None:
    """The account's server for that protocol."""
    if protocol is Protocol.SMTP:
        host, port, security = account.smtp_host, account.smtp_port, account.smtp_security
        username, password = account.smtp_username, account.smtp_password
    else:
        host, port, security = account.imap_host, account.imap_port, account.imap_security
        username, password = account.imap_username, account.imap_password
    if host is None or port is None or security is None:
        return None
    return Server(host, port, Security(security), username, password)


def with_server(account: SenderAccount, protocol: Protocol, server: Server | None) -> SenderAccount:
    """The account with that server in place of what it had."""
    host, port, security = (server.host, server.port, server.security.value) if server else (None, None, None)
    username, password = (server.username, server.password) if server else (None, None)
    if protocol is Protocol.SMTP:
        return replace(
            account,
            smtp_host=host,
            smtp_port=port,
            smtp_security=security,
            smtp_username=username,
            smtp_password=password,
        )
    return replace(
        account,
        imap_host=host,
        imap_port=port,
        imap_security=security,
        imap_username=username,
        imap_password=password,
    )


def change_servers(
    workspace_id: UUID,
    account: SenderAccount,
    changes: Mapping[Protocol, ServerChange | None],
    key_ring: KeyRing,
    *,
    by_token: bool = False,
) -> SenderAccount:
    """The account with those servers changed; None takes one away. by_token: it logs in without passwords,
    and those servers keep none. Raises `Unacceptable`, listing every fault."""
    faults: list[Fault] = []
    for protocol, change in changes.items():
        server = None
        if change is not None:
            faults += _faults(change, server_of(account, protocol), protocol, by_token=by_token)
        if change is not None and not faults:
            context = SealContext(workspace_id, account.id, protocol)
            server = _changed(server_of(account, protocol), change, protocol, key_ring, context)
            server = replace(server, password=None) if by_token else server
        account = with_server(account, protocol, server)
    if faults:
        raise Unacceptable(faults)
    return account


def _faults(change: ServerChange, old: Server | None, protocol: Protocol, *, by_token: bool) -> list[Fault]:
    faults = []
    try:
        parse_host(change.get("host", old.host if old else ""))
    except InvalidHost as error:
        faults.append(
            Fault(f"/{protocol}/host", "invalid_host" if "host" in change else "required", str(error))
        )
    if by_token:
        if change.get("password") is not None:
            message = "An account that logs in by OAuth 2.0 has no passwords."
            faults.append(Fault(f"/{protocol}/password", "not_allowed", message))
        return faults
    username = change.get("username", old.username if old else None)
    has_password = change["password"] is not None if "password" in change else bool(old and old.password)
    if username is not None and not has_password:
        faults.append(Fault(f"/{protocol}/password", "required", "A username needs a password."))
    if username is None and has_password and change.get("password") is not None:
        faults.append(Fault(f"/{protocol}/username", "required", "A password needs a username."))
    return faults


def _changed(
    old: Server | None, change: ServerChange, protocol: Protocol, key_ring: KeyRing, context: SealContext
) -> Server:
    """The server after a change without faults."""
    security = change.get("security") or (old.security if old else Security.STARTTLS)
    port = change.get("port")
    if port is None:
        keeps = old is not None and "port" not in change and "security" not in change
        port = old.port if old and keeps else default_port(protocol, security)
    host = parse_host(change["host"]) if "host" in change else old.host if old else ""
    username = change.get("username", old.username if old else None)
    plain = change.get("password")
    sealed = (
        key_ring.seal(plain, context)
        if plain is not None
        else old.password
        if old and username is not None
        else None
    )
    return Server(host, port, security, username, sealed)
