"""A mail server (aiosmtpd) that takes access tokens of a token server, as Google's and Microsoft's do."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from tests.support.smtp_certificates import authority
from tests.support.token_server import TokenServer

_CHALLENGE = '{"status":"401","schemes":"bearer","scope":"https://mail.example.com/"}'


@dataclass
class TokenMail:
    """One that runs. challenges: it says why it refuses before it does, as Google's does; else it refuses at
    once, as Microsoft's does. logins: whom it let in. refused: how often it let nobody in. presented: what
    was said, decoded. answers: what was said to its challenges. letters: content of what it took.
    """

    tokens: TokenServer
    challenges: bool = True
    port: int = 0
    logins: list[str] = field(default_factory=list)
    refused: int = 0
    presented: list[bytes] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    letters: list[bytes] = field(default_factory=list)

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        """aiosmtpd's hook for this mechanism."""
        said = b64decode(args[1])
        self.presented.append(said)
        user, _, token = said.decode().removeprefix("user=").partition("\x01auth=Bearer ")
        if self.tokens.owner_of(token.removesuffix("\x01\x01")) == user:
            self.logins.append(user)
            return AuthResult(success=True, auth_data=user)
        self.refused += 1
        if self.challenges:
            answer = await server.challenge_auth(_CHALLENGE)
            assert isinstance(answer, bytes)
            self.answers.append(answer)
        return AuthResult(success=False, handled=False, message="535 5.7.8 Username and token not accepted")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """aiosmtpd's hook for a letter."""
        self.letters.append(envelope.original_content or b"")
        return "250 2.0.0 taken"


@asynccontextmanager
async def token_mail(tokens: TokenServer, *, challenges: bool = True) -> AsyncIterator[TokenMail]:
    """One that runs on this loop, for as long as the block. It wants STARTTLS and a login."""
    loop = asyncio.get_running_loop()
    mail = TokenMail(tokens, challenges)

    def factory() -> SMTP:
        return SMTP(
            mail,
            enable_SMTPUTF8=True,
            tls_context=authority().server_context(),
            require_starttls=True,
            auth_required=True,
            loop=loop,
        )

    server = await loop.create_server(factory, "127.0.0.1", 0)
    mail.port = server.sockets[0].getsockname()[1]
    try:
        yield mail
    finally:
        server.close()
