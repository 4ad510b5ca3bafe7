"""Checks of a sender account: its servers, its mailbox, and what its domain says.

Everything is looked at, at the same time, and nothing is changed; no transaction is open meanwhile. Whatever
servers and networks do, there is one entry a check, in bounded time. Raises `NotFound` for an account that is
not there, `InvalidState` where nothing can be checked, and what the database raises when it is away.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from leadterra.actions.access_tokens import open_mailbox
from leadterra.actions.equipment import Equipment, Probes
from leadterra.actions.mail_servers import Server, server_of
from leadterra.actions.ports import (
    FolderRole,
    MailAccess,
    MailboxError,
    Security,
    Submission,
    TokenSource,
)
from leadterra.actions.running import run
from leadterra.domain.day import day_of
from leadterra.domain.errors import InvalidState
from leadterra.domain.health import AUTHENTICATION_REASON
from leadterra.domain.provider import Provider, provider_of
from leadterra.domain.sender_account import Protocol, Status
from leadterra.mail.checks import Check, failed, judge_mx, passed, warned
from leadterra.mail.dkim_keys import SELECTORS, judge_dkim, selector_name
from leadterra.mail.dmarc import judge_dmarc, policy_names
from leadterra.mail.spf import judge_spf, wanted_names
from leadterra.store.database import UnitOfWork
from leadterra.store.oauth_grants import OAuthGrant, find_grant
from leadterra.store.sealing import KeyRing, SealContext, SealError
from leadterra.store.sender_accounts import SenderAccount, get_sender_account

PATIENCE = timedelta(seconds=20)
"""For all checks of an account together, once it is its turn."""

_HOSTS = {"gmail.com": Provider.GOOGLE, "google.com": Provider.GOOGLE} | dict.fromkeys(
    ("office365.com", "outlook.com", "office.com"), Provider.MICROSOFT
)


@dataclass(frozen=True, slots=True)
class _Subject:
    """An account that is checked. tokens: of one that logs in without passwords."""

    workspace_id: UUID
    account: SenderAccount
    grant: OAuthGrant | None
    key_ring: KeyRing
    probes: Probes

    @property
    def tokens(self) -> TokenSource | None:
        if self.grant is None:
            return None
        return self.probes.tokens.source(self.workspace_id, self.account.id)

    def password(self, server: Server, protocol: Protocol) -> str | None:
        """Raises `SealError`."""
        if server.password is None:
            return None
        return self.key_ring.unseal(
            server.password, SealContext(self.workspace_id, self.account.id, protocol)
        )


async def check_account(
    equipment: Equipment,
    workspace_id: UUID,
    account_id: UUID,
    *,
    selector: str | None = None,
    patience: timedelta = PATIENCE,
) -> tuple[SenderAccount, list[Check]]:
    """The account, and one entry a check: smtp, imap, spf, dkim, dmarc, mx. selector: which DKIM key to look
    for; None for the usual ones.
    """
    if equipment.probes is None:
        raise InvalidState("Accounts cannot be checked from here.")
    probes, day = equipment.probes(), day_of(equipment.clock.now())

    async def look(uow: UnitOfWork) -> tuple[SenderAccount, OAuthGrant | None]:
        account, _ = await get_sender_account(uow, account_id, day=day)
        return account, await find_grant(uow, account_id)

    account, grant = await run(equipment.database, workspace_id, look)
    subject = _Subject(workspace_id, account, grant, equipment.key_ring, probes)
    seconds = patience.total_seconds()
    async with probes.turns:
        smtp, imap, *domain = await asyncio.gather(
            _in_time("smtp", seconds, lambda: _check_smtp(subject)),
            _in_time("imap", seconds, lambda: _check_imap(subject)),
            *_domain_checks(subject, selector, seconds),
        )
    return account, [smtp, imap, *domain]


async def find_failure(equipment: Equipment, workspace_id: UUID, account_id: UUID) -> str | None:
    """What of an account's checks fails, for people; None if nothing does. Raises as `check_account`."""
    _, checks = await check_account(equipment, workspace_id, account_id)
    failures = [f"{each.check}: {each.detail}" for each in checks if each.status == "fail"]
    return "; ".join(failures)[:500] or None


async def _in_time(check: str, seconds: float, look: Callable[[], Awaitable[Check]]) -> Check:
    try:
        async with asyncio.timeout(seconds):
            return await look()
    except TimeoutError:
        return failed(check, f"No answer within {seconds:g} seconds.")
    except SealError as error:
        return failed(check, f"The account cannot be used: {error}")


async def _check_smtp(subject: _Subject) -> Check:
    server, account = server_of(subject.account, Protocol.SMTP), subject.account
    if server is None:
        return failed("smtp", "The account has no SMTP server: nothing goes out.")
    tokens = subject.tokens
    submission = Submission(
        account.id,
        server.host,
        server.port,
        Security(server.security),
        server.username or (account.email if tokens else None),
        subject.password(server, Protocol.SMTP),
        tokens,
    )
    trouble = await subject.probes.greeter.log_in(submission)
    if trouble is not None:
        answer = trouble.answer
        said = f"{answer.code} {answer.text}" if answer.code else answer.text
        return failed("smtp", f"{_place(server)}, {answer.command}: {said}")
    detail = (
        f"{_place(server)} takes the login" if submission.username else f"{_place(server)} asks for no login"
    )
    if account.status == Status.PAUSED and account.status_reason == AUTHENTICATION_REASON:
        return warned(
            "smtp", f"{detail}. The account is still paused ({AUTHENTICATION_REASON}): activate it."
        )
    return passed("smtp", f"{detail}, over {_protection(server)}.")


async def _check_imap(subject: _Subject) -> Check:
    server, account = server_of(subject.account, Protocol.IMAP), subject.account
    if server is None:
        return warned("imap", "The account has no IMAP server: nobody reads its replies and bounces.")
    access = MailAccess(
        account.id,
        server.host,
        server.port,
        Security(server.security),
        server.username or account.email,
        subject.password(server, Protocol.IMAP),
    )
    try:
        session = await open_mailbox(subject.probes.mailroom, access, subject.tokens)
        try:
            roles = {folder.role for folder in await session.list_folders()}
        finally:
            await session.close()
    except MailboxError as error:
        return failed("imap", f"{_place(server)}: {error}")
    missing = [role.value for role in FolderRole if role not in roles]
    if missing:
        detail = f"{_place(server)} takes the login, but has no folder for {' and '.join(missing)}."
        return warned("imap", detail)
    return passed("imap", f"{_place(server)} takes the login; inbox, junk and sent were found.")


def _place(server: Server) -> str:
    return f"{server.host}:{server.port}"


def _protection(server: Server) -> str:
    return {"starttls": "STARTTLS", "tls": "TLS"}.get(server.security, "an unprotected connection")


def _domain_checks(subject: _Subject, selector: str | None, seconds: float) -> list[Awaitable[Check]]:
    """Of the account's domain. The MX records are asked for once, also to know the provider by."""
    domain, resolver = subject.account.email_domain, subject.probes.resolver
    asked = asyncio.ensure_future(resolver.list_mx(domain))

    async def provider() -> Provider:
        return _provider(subject, await asyncio.shield(asked))

    async def texts(names: list[str]) -> dict[str, list[str] | None]:
        found = await asyncio.gather(*(resolver.list_txt(name) for name in names))
        return dict(zip(names, found, strict=True))

    async def spf() -> Check:
        known: dict[str, list[str] | None] = {}
        while wanted := wanted_names(domain, known):
            known |= await texts(sorted(wanted))
        return judge_spf(domain, known, await provider())

    async def dkim() -> Check:
        selectors = [selector] if selector else list(SELECTORS)
        found = await texts([selector_name(each, domain) for each in selectors])
        by_selector = dict(zip(selectors, found.values(), strict=True))
        return judge_dkim(domain, by_selector, await provider(), is_named=selector is not None)

    async def dmarc() -> Check:
        return judge_dmarc(domain, await texts(policy_names(domain)))

    async def mx() -> Check:
        return judge_mx(domain, await asyncio.shield(asked), await provider())

    looks = {"spf": spf, "dkim": dkim, "dmarc": dmarc, "mx": mx}
    return [_in_time(check, seconds, look) for check, look in looks.items()]


def _provider(subject: _Subject, mx_hosts: list[str] | None) -> Provider:
    """Whose servers send for the account: by its SMTP host, its grant, what it says, or its MX records."""
    account = subject.account
    zone = ".".join((account.smtp_host or "").split(".")[-2:])
    if zone in _HOSTS:
        return _HOSTS[zone]
    said = {subject.grant.provider if subject.grant else None, account.provider}
    for known in (Provider.GOOGLE, Provider.MICROSOFT):
        if known in said:
            return known
    return provider_of(mx_hosts or ()) if account.smtp_host is None else Provider.OTHER
