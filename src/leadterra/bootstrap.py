"""The composition root: settings in, wired parts out. The only file that knows every concrete class.

Nothing here decides anything. What a part raises when it cannot be made (no database, no key file) passes
through.
"""

import asyncio
import gc
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import fields, replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from uuid import UUID

from leadterra.actions.access_tokens import AccessTokens, open_mailbox
from leadterra.actions.equipment import Equipment, Probes
from leadterra.actions.ports import (
    Clock,
    Courier,
    LanguageModel,
    MailAccess,
    MailboxSession,
    Mailroom,
    Resolver,
    Security,
)
from leadterra.config import Settings, networks, server_address
from leadterra.store.claims import AccountRow
from leadterra.store.database import Database
from leadterra.store.mailboxes import MailboxAccount
from leadterra.store.sealing import KeyRing, SealContext
from leadterra.transport.clock import FileClock, SystemClock, set_offset
from leadterra.transport.connections import Limits
from leadterra.transport.courier import SmtpCourier
from leadterra.transport.greeting import SmtpGreeter
from leadterra.transport.imap import ImapMailroom
from leadterra.transport.language_model import ChatModel
from leadterra.transport.oauth_tokens import OAuthTokens
from leadterra.transport.public_addresses import AllowedAddresses
from leadterra.transport.resolver import DnsResolver
from leadterra.transport.scripted import Script, ScriptedCourier
from leadterra.transport.timeouts import Timeouts
from leadterra.transport.trust import Trust


def build_clock(settings: Settings) -> Clock:
    """The system's time, or the shared file's."""
    return FileClock(settings.clock_file) if settings.clock_file else SystemClock()


def move_clock(file: Path, offset: timedelta) -> None:
    """Move the time of every process whose settings name that clock file; makes the file."""
    set_offset(file, offset.total_seconds())


@asynccontextmanager
async def open_equipment(
    settings: Settings, *, connections: int = 8, check: bool = False
) -> AsyncIterator[Equipment]:
    """What faces and workers share. The settings name a database; an embedded one runs by then."""
    if settings.database_url is None:
        raise ValueError("the settings name no database")
    database = Database(settings.database_url, connections=connections, check=check)
    await database.open()
    bare = Equipment(database, build_clock(settings), KeyRing.load(settings), settings)
    tokens = build_tokens(bare)
    # Made when somebody asks for them: reading a trust store takes a while.
    probes = cache(lambda: build_probes(bare, tokens))
    try:
        yield replace(bare, probes=probes)
    finally:
        await tokens.close()
        await database.close()


def listen_for_stop() -> asyncio.Event:
    """Set by the first SIGTERM or SIGINT; on the second the process ends at once: what it had in flight is
    found again by its lease. A signal while the process starts counts too, if this is asked for first.
    """
    loop, told_to_stop = asyncio.get_running_loop(), asyncio.Event()

    def stop(number: int) -> None:
        loop.add_signal_handler(number, os._exit, 1)
        told_to_stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    return told_to_stop


def spare_the_collector() -> None:
    """For processes that run for long: what was loaded so far is no garbage, and what letters, requests and
    rows leave behind is in no cycles, so it is looked for less often.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


def build_courier(settings: Settings, clock: Clock) -> Courier:
    """The SMTP client of a worker process. Belongs to the running event loop."""
    scale = settings.smtp_timeout_scale
    defaults = Timeouts()
    return SmtpCourier(
        clock,
        timeouts=Timeouts(
            **{field.name: getattr(defaults, field.name) * scale for field in fields(Timeouts)}
        ),
        limits=Limits(
            per_account=settings.connections_per_account,
            total=settings.connections_per_process,
            letters=settings.letters_per_connection,
        ),
        trust=Trust(settings.smtp_ca_file),
    )


def build_scripted_courier(clock: Clock, script: Script) -> Courier:
    """What stands for the SMTP client in a simulation."""
    return ScriptedCourier(clock, script)


def build_resolver(settings: Settings) -> Resolver:
    """How a worker process asks for MX records."""
    return DnsResolver(server_address(settings.nameserver) if settings.nameserver else None)


def build_mailroom(settings: Settings, clock: Clock) -> Mailroom:
    """The IMAP client of a worker process. Belongs to the running event loop."""
    return ImapMailroom(clock, trust=Trust(settings.smtp_ca_file))


def build_mailbox_opener(
    key_ring: KeyRing, mailroom: Mailroom, tokens: AccessTokens
) -> Callable[[UUID, MailboxAccount], Awaitable[MailboxSession]]:
    """How a worker gets into an account's mailbox."""

    async def open_account(workspace_id: UUID, account: MailboxAccount) -> MailboxSession:
        sealed = account.imap_password
        context = SealContext(workspace_id, account.id, "imap")
        access = MailAccess(
            account_id=account.id,
            host=account.imap_host,
            port=account.imap_port,
            security=Security(account.imap_security),
            username=account.imap_username or account.email,
            password=key_ring.unseal(sealed, context) if sealed is not None else "",
        )
        source = tokens.source(workspace_id, account.id) if account.has_grant else None
        return await open_mailbox(mailroom, access, source)

    return open_account


def build_tokens(equipment: Equipment) -> AccessTokens:
    """The access tokens of one process. Belongs to the running event loop; whoever builds it closes it."""
    allowed = AllowedAddresses(networks(equipment.settings.allowed_networks or ""))
    return AccessTokens(equipment.database, equipment.clock, equipment.key_ring, OAuthTokens(allowed))


def build_probes(equipment: Equipment, tokens: AccessTokens) -> Probes:
    """What accounts are checked with."""
    settings = equipment.settings
    mailroom = build_mailroom(settings, equipment.clock)
    return Probes(SmtpGreeter(trust=Trust(settings.smtp_ca_file)), mailroom, build_resolver(settings), tokens)


def build_language_model(settings: Settings) -> LanguageModel | None:
    """What is asked what replies mean; None unless the operator has chosen one. Belongs to the running event
    loop; whoever builds it closes it.
    """
    if settings.model_url is None or settings.model_name is None:
        return None
    return ChatModel(settings.model_url, settings.model_name, settings.model_key)


def build_unsealer(key_ring: KeyRing) -> Callable[[UUID, AccountRow], str | None]:
    """How a worker gets at an account's SMTP password."""

    def unseal(workspace_id: UUID, account: AccountRow) -> str | None:
        if account.smtp_password is None:
            return None
        return key_ring.unseal(account.smtp_password, SealContext(workspace_id, account.id, "smtp"))

    return unseal
