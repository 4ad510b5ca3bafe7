"""AUTH XOAUTH2: a real mail server that takes access tokens, and scripted ones that do not."""

import logging
from base64 import b64encode
from collections.abc import Iterator

import pytest

from leadterra.actions.ports import Security, Submission, TokenError, TokenTrouble
from leadterra.domain.outcomes import Accepted, Command, Deferred, Refused, Scope
from leadterra.transport.courier import SmtpCourier
from tests.support.smtp_letters import ACCOUNT, Asked, MakeCourier, allow, impatient, letter, submission
from tests.support.smtp_servers import Move, Raw, scripted
from tests.support.smtp_xoauth2 import TokenMail, token_mail
from tests.support.token_server import TokenServer

USER = "james@acme.example"
TOKEN = "ya29.a0AfB_byC-bold-dragons-access-token"
LINE = b64encode(f"user={USER}\x01auth=Bearer {TOKEN}\x01\x01".encode()).decode()


class Source:
    """Gives those tokens one by one, the last one again and again; a `TokenError` is raised. renewed: what
    was given back. old: whether they had been in use for a while.
    """

    def __init__(self, *tokens: str | TokenError, old: bool = True) -> None:
        self._tokens = list(tokens)
        self.renewed: list[str] = []
        self._old = old

    async def access_token(self) -> str:
        """The one that is next."""
        token = self._tokens[0]
        if isinstance(token, TokenError):
            raise token
        return token

    def renew(self, token: str) -> bool:
        """Note it, and go on to the next."""
        self.renewed.append(token)
        if len(self._tokens) > 1:
            self._tokens.pop(0)
        return self._old


def at(mail: TokenMail, source: Source) -> Submission:
    """The account at that server."""
    return Submission(ACCOUNT, "127.0.0.1", mail.port, Security.STARTTLS, USER, None, source)


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    """Gives out access tokens."""
    with TokenServer() as server:
        yield server


@pytest.mark.parametrize("challenges", [True, False])
async def test_a_token_logs_in(challenges: bool, tokens: TokenServer, courier: SmtpCourier) -> None:
    """The letter is taken, and the token was presented as Google and Microsoft say."""
    async with token_mail(tokens, challenges=challenges) as mail:
        token = tokens.issue(USER)
        attempt = await courier.deliver(at(mail, Source(token)), letter(), allow)
        await courier.close()

    assert isinstance(attempt.ending, Accepted)
    assert mail.presented == [f"user={USER}\x01auth=Bearer {token}\x01\x01".encode()]
    assert (mail.logins, len(mail.letters)) == ([USER], 1)


@pytest.mark.parametrize("challenges", [True, False])
async def test_a_refused_token_is_the_account_s_login(
    challenges: bool, tokens: TokenServer, courier: SmtpCourier
) -> None:
    """The challenge is answered by an empty line, and the 535 behind it is what counts."""
    async with token_mail(tokens, challenges=challenges) as mail:
        source = Source("expired", old=False)
        attempt = await courier.deliver(at(mail, source), letter(), allow)

    ending = attempt.ending
    assert isinstance(ending, Refused)
    assert (ending.scope, ending.authentication) == (Scope.ACCOUNT, True)
    assert (ending.answer.command, ending.answer.code) == (Command.AUTH, 535)
    assert (mail.answers, mail.refused, source.renewed) == ([b""] if challenges else [], 1, ["expired"])


@pytest.mark.parametrize("challenges", [True, False])
async def test_an_old_token_that_is_refused_is_renewed_once(
    challenges: bool, tokens: TokenServer, courier: SmtpCourier
) -> None:
    """Revoked before its time: the letter goes out with the next one, and nobody hears of it."""
    async with token_mail(tokens, challenges=challenges) as mail:
        source = Source("revoked", tokens.issue(USER))
        attempt = await courier.deliver(at(mail, source), letter(), allow)
        await courier.close()

    assert isinstance(attempt.ending, Accepted)
    assert (mail.refused, mail.logins, source.renewed) == (1, [USER], ["revoked"])


async def test_two_refusals_are_enough(tokens: TokenServer, courier: SmtpCourier) -> None:
    """However often the source has another token."""
    async with token_mail(tokens) as mail:
        source = Source("one", "two", "three")
        attempt = await courier.deliver(at(mail, source), letter(), allow)

    assert isinstance(attempt.ending, Refused)
    assert (mail.refused, source.renewed) == (2, ["one", "two"])


@pytest.mark.parametrize(
    ("trouble", "kind", "authentication"),
    [(TokenTrouble.LOGIN, Refused, True), (TokenTrouble.SERVER, Deferred, False)],
)
async def test_without_a_token_there_is_no_login(
    trouble: TokenTrouble, kind: type, authentication: bool, courier: SmtpCourier
) -> None:
    """Revoked: the account is refused. Not to be had now: try again. Both concern the account."""
    async with scripted(extensions=["AUTH XOAUTH2"]) as server:
        source = Source(TokenError(trouble, "The token server refused: invalid_grant"))
        attempt = await courier.deliver(submission(server, username=USER, tokens=source), letter(), Asked())

    ending = attempt.ending
    assert isinstance(ending, Refused | Deferred)
    assert (type(ending), ending.scope) == (kind, Scope.ACCOUNT)
    assert getattr(ending, "authentication", False) == authentication
    assert ending.answer.text == "The token server refused: invalid_grant"
    assert not any(command.startswith(b"AUTH") for command in server.commands)


@pytest.mark.parametrize("extensions", [[], ["AUTH PLAIN LOGIN"], ["AUTH OAUTHBEARER"]], ids=str)
async def test_a_server_without_the_mechanism_refuses_the_account(
    extensions: list[str], courier: SmtpCourier
) -> None:
    """A token is never sent as a password."""
    async with scripted(extensions=extensions) as server:
        attempt = await courier.deliver(
            submission(server, username=USER, tokens=Source(TOKEN)), letter(), Asked()
        )

    assert isinstance(attempt.ending, Refused)
    assert "does not offer AUTH XOAUTH2" in attempt.ending.answer.text
    assert not any(command.startswith(b"AUTH") for command in server.commands)


async def test_a_token_is_not_sent_unprotected_beyond_this_machine(courier: SmtpCourier) -> None:
    """Without TLS and not on loopback: refused before a token is asked for."""
    async with scripted(extensions=["AUTH XOAUTH2"]) as server:
        beyond = submission(server, host="0.0.0.0", username=USER, tokens=Source(TOKEN))
        attempt = await courier.deliver(beyond, letter(), Asked())

    assert isinstance(attempt.ending, Refused)
    assert "unprotected connection" in attempt.ending.answer.text
    assert not any(command.startswith(b"AUTH") for command in server.commands)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (["334 e30=", "454 4.7.0 Temporary authentication failure"], (Deferred, Scope.ACCOUNT, False)),
        ("454 4.7.0 Temporary authentication failure", (Deferred, Scope.ACCOUNT, False)),
        ("421 4.7.0 closing", (Deferred, Scope.SERVER, False)),
        (["334 e30=", "334 e30="], (Deferred, Scope.SERVER, False)),
        (["334 e30=", Move.CLOSE], (Deferred, Scope.SERVER, False)),
        (Move.CLOSE, (Deferred, Scope.SERVER, False)),
        (Move.HANG, (Deferred, Scope.SERVER, False)),
        (["334 e30=", Move.HANG], (Deferred, Scope.SERVER, False)),
    ],
    ids=str,
)
async def test_trouble_that_passes_keeps_the_token(
    answer: str | Move | list[str | Move], expected: tuple[type, Scope, bool], make_courier: MakeCourier
) -> None:
    """Only a refused login speaks against it."""
    source = Source(TOKEN)
    async with scripted({"AUTH": answer}, extensions=["AUTH XOAUTH2"]) as server:
        attempt = await make_courier(impatient("AUTH")).deliver(
            submission(server, username=USER, tokens=source), letter(), Asked()
        )

    ending = attempt.ending
    assert isinstance(ending, Deferred | Refused)
    assert (type(ending), ending.scope, getattr(ending, "authentication", False)) == expected
    assert source.renewed == []


@pytest.mark.parametrize(
    "echo",
    [
        f"500 5.5.1 unknown: AUTH XOAUTH2 {LINE}",
        f"500 5.5.1 unknown: AUTH XOAUTH2 {LINE[:-9]}...",
        f"535 5.7.8 {TOKEN} is no token of {USER}",
        f"what is {LINE}",
    ],
)
async def test_a_server_that_repeats_the_token_does_not_make_us_keep_it(
    echo: str, courier: SmtpCourier, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the answer nor any log record holds it, plain, encoded, or cut short."""
    caplog.set_level(logging.DEBUG)
    script = {"AUTH": Raw(echo.encode() + b"\r\n", Move.CLOSE)}
    async with scripted(script, extensions=["AUTH XOAUTH2"]) as server:
        source = Source(TOKEN, old=False)
        sender = submission(server, username=USER, tokens=source)
        attempt = await courier.deliver(sender, letter(), Asked())

    kept = repr(attempt) + repr(sender) + caplog.text
    for secret in (TOKEN, LINE, LINE[:-9]):
        assert secret not in kept
