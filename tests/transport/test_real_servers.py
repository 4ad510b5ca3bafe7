"""The courier and two mail servers that others wrote: Postfix's smtp-sink, and aiosmtpd. Letters are really
composed.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from leadterra.actions.ports import Security, Submission
from leadterra.domain.outcomes import Accepted, Deferred, Refused, Scope, Uncertain
from leadterra.mail.composition import compose
from leadterra.transport.courier import SmtpCourier
from tests.support.smtp_certificates import authority
from tests.support.smtp_letters import ACCOUNT, MakeCourier, allow, letter
from tests.support.smtp_sink import smtp_sink


@pytest.fixture
def composing(make_courier: MakeCourier) -> SmtpCourier:
    """A courier with the real composer."""
    return make_courier(composer=compose)


async def test_smtp_sink_takes_many_letters(composing: SmtpCourier) -> None:
    """Pipelined, over few connections, all accepted."""
    async with smtp_sink("-c") as sink:
        attempts = await asyncio.gather(
            *(composing.deliver(sink, letter(f"{n}@lead.example"), allow) for n in range(200))
        )

    assert all(isinstance(attempt.ending, Accepted) for attempt in attempts)


async def test_smtp_sink_that_closes_after_the_dot_leaves_it_uncertain(composing: SmtpCourier) -> None:
    """`-q .` takes the content and hangs up."""
    async with smtp_sink("-q", ".") as sink:
        attempt = await composing.deliver(sink, letter(), allow)

    assert isinstance(attempt.ending, Uncertain)


@pytest.mark.parametrize(
    ("options", "kind", "scope"),
    [
        (("-f", "RCPT"), Refused, Scope.RECIPIENT),
        (("-r", "CONNECT"), Deferred, Scope.SERVER),
        (("-f", "MAIL"), Refused, Scope.ACCOUNT),
        (("-r", "DATA"), Deferred, Scope.SERVER),
        (("-r", "."), Deferred, Scope.SERVER),
        (("-q", "DATA"), Deferred, Scope.SERVER),
        (("-q", "MAIL"), Deferred, Scope.SERVER),
    ],
    ids=str,
)
async def test_smtp_sink_that_says_no_is_understood(
    options: tuple[str, ...], kind: type, scope: Scope, composing: SmtpCourier
) -> None:
    """Its hard and soft refusals, and its hanging up, at several commands."""
    async with smtp_sink(*options) as sink:
        attempt = await composing.deliver(sink, letter(), allow)

    assert isinstance(attempt.ending, Deferred | Refused)
    assert (type(attempt.ending), attempt.ending.scope) == (kind, scope)


class _Inbox:
    """Keeps what aiosmtpd was given."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], bytes]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        self.received.append((envelope.rcpt_tos, envelope.original_content or b""))
        return "250 2.0.0 taken"


def _knows(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: LoginPassword
) -> AuthResult:
    return AuthResult(success=auth.password == b"right one", handled=False)


@asynccontextmanager
async def aiosmtpd(inbox: _Inbox) -> AsyncIterator[int]:
    """An aiosmtpd on this loop that wants STARTTLS and a login."""
    loop = asyncio.get_running_loop()

    def factory() -> SMTP:
        return SMTP(
            inbox,
            enable_SMTPUTF8=True,
            tls_context=authority().server_context(),
            require_starttls=True,
            authenticator=_knows,
            auth_required=True,
            loop=loop,
        )

    server = await loop.create_server(factory, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def test_aiosmtpd_gets_the_letter_over_tls_after_a_login(composing: SmtpCourier) -> None:
    """With an address beyond ASCII, and a text that begins with a dot."""
    inbox = _Inbox()
    async with aiosmtpd(inbox) as port:
        account = Submission(ACCOUNT, "127.0.0.1", port, Security.STARTTLS, "james", "right one")
        attempt = await composing.deliver(account, letter("jörg@lead.example", text=".Grüße\n."), allow)
        await composing.close()

    assert isinstance(attempt.ending, Accepted)
    recipients, content = inbox.received[0]
    assert recipients == ["jörg@lead.example"]
    received = message_from_bytes(content, policy=policy.default)
    assert isinstance(received, EmailMessage)
    text = received.get_body(("plain",))
    assert text is not None
    assert text.get_content().splitlines()[0] == ".Grüße"


async def test_aiosmtpd_refuses_a_wrong_password(composing: SmtpCourier) -> None:
    """The account is refused, and it is the login."""
    async with aiosmtpd(_Inbox()) as port:
        account = Submission(ACCOUNT, "127.0.0.1", port, Security.STARTTLS, "james", "wrong one")
        attempt = await composing.deliver(account, letter(), allow)

    assert isinstance(attempt.ending, Refused)
    assert (attempt.ending.scope, attempt.ending.authentication) == (Scope.ACCOUNT, True)
