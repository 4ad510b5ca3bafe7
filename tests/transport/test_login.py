"""AUTH: which mechanism, when not at all, and that the password is nowhere but on the wire."""

import logging
from base64 import b64encode
from uuid import uuid4

import pytest

from leadterra.actions.ports import Security, Submission
from leadterra.domain.outcomes import Accepted, Command, Deferred, Refused, Scope
from leadterra.transport.courier import SmtpCourier
from tests.support.smtp_letters import Asked, MakeCourier, impatient, letter, submission
from tests.support.smtp_servers import Move, Raw, Script, scripted

PASSWORD = "kühner Drache 7"
USER = "james@acme.example"
PLAIN = b64encode(f"\0{USER}\0{PASSWORD}".encode()).decode()
ENCODED = b64encode(PASSWORD.encode()).decode()


@pytest.mark.parametrize(
    ("offer", "mechanism"),
    [
        ("AUTH PLAIN LOGIN", b"AUTH PLAIN"),
        ("AUTH LOGIN PLAIN XOAUTH2", b"AUTH PLAIN"),
        ("AUTH LOGIN", b"AUTH LOGIN"),
        ("AUTH=LOGIN", b"AUTH LOGIN"),
        ("auth plain", b"AUTH PLAIN"),
    ],
)
async def test_the_mechanism_is_one_that_the_server_offers(
    offer: str, mechanism: bytes, courier: SmtpCourier
) -> None:
    """PLAIN if there is PLAIN, LOGIN otherwise; both say who we are."""
    async with scripted(extensions=[offer]) as server:
        attempt = await courier.deliver(
            submission(server, username=USER, password=PASSWORD), letter(), Asked()
        )

    assert isinstance(attempt.ending, Accepted)
    assert server.letters[0].user == USER
    assert any(command.startswith(mechanism) for command in server.commands)


async def test_without_a_login_there_is_no_auth(courier: SmtpCourier) -> None:
    """An account without user name and password does not log in."""
    async with scripted() as server:
        await courier.deliver(submission(server), letter(), Asked())

    assert not any(command.startswith(b"AUTH") for command in server.commands)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("535 5.7.8 Username and Password not accepted BadCredentials", (Refused, Scope.ACCOUNT, True)),
        ("534 5.7.9 Application-specific password required", (Refused, Scope.ACCOUNT, True)),
        ("504 5.7.4 Unrecognized authentication type", (Refused, Scope.ACCOUNT, True)),
        ("454 4.7.0 Too many login attempts, please try again later.", (Deferred, Scope.ACCOUNT, False)),
        ("421 4.7.0 closing", (Deferred, Scope.SERVER, False)),
        ("334 more?", (Deferred, Scope.SERVER, False)),
        (Move.CLOSE, (Deferred, Scope.SERVER, False)),
        (Move.HANG, (Deferred, Scope.SERVER, False)),
    ],
    ids=str,
)
@pytest.mark.parametrize("offer", ["AUTH PLAIN", "AUTH LOGIN"])
async def test_a_login_that_fails_concerns_the_account(
    offer: str, answer: str | Move, expected: tuple[type, Scope, bool], make_courier: MakeCourier
) -> None:
    """Wrong credentials are `authentication`; too many attempts and silence pass."""
    async with scripted({"AUTH": answer}, extensions=[offer]) as server:
        attempt = await make_courier(impatient("AUTH") if answer is Move.HANG else None).deliver(
            submission(server, username=USER, password=PASSWORD), letter(), Asked()
        )

    ending = attempt.ending
    assert isinstance(ending, Deferred | Refused)
    assert (type(ending), ending.scope, getattr(ending, "authentication", False)) == expected
    assert ending.answer.command is Command.AUTH
    assert not any(command.startswith(b"MAIL") for command in server.commands)


@pytest.mark.parametrize("extensions", [[], ["AUTH"], ["AUTH CRAM-MD5 XOAUTH2"]], ids=str)
async def test_a_server_without_a_known_mechanism_refuses_the_account(
    extensions: list[str], courier: SmtpCourier
) -> None:
    """Neither PLAIN nor LOGIN on offer: a setting is wrong, and asking again will not help."""
    async with scripted(extensions=extensions) as server:
        attempt = await courier.deliver(
            submission(server, username=USER, password=PASSWORD), letter(), Asked()
        )

    assert isinstance(attempt.ending, Refused)
    assert attempt.ending.scope is Scope.ACCOUNT
    assert "neither AUTH PLAIN nor LOGIN" in attempt.ending.answer.text


async def test_a_password_is_not_sent_unprotected_beyond_this_machine(courier: SmtpCourier) -> None:
    """Without TLS and not on loopback: refused in clear words, before AUTH."""
    async with scripted() as server:
        # 0.0.0.0 leads to our server and is no loopback address.
        beyond = submission(server, host="0.0.0.0", username=USER, password=PASSWORD)
        attempt = await courier.deliver(beyond, letter(), Asked())

    assert isinstance(attempt.ending, Refused)
    assert (attempt.ending.scope, attempt.ending.answer.command) == (Scope.ACCOUNT, Command.AUTH)
    assert "unprotected connection" in attempt.ending.answer.text
    assert not any(command.startswith(b"AUTH") for command in server.commands)


@pytest.mark.parametrize(
    "echo",
    [
        f"500 5.5.1 unknown: AUTH PLAIN {PLAIN}",
        f"500 5.5.1 unknown: AUTH PLAIN {PLAIN[:-9]}...",
        f"535 5.7.8 {PASSWORD} is not the password of {USER}",
        f"535 5.7.8 no: {ENCODED} {PLAIN}",
        f"535-5.7.8 {PASSWORD}\r\n535 5.7.8 {PASSWORD}",
        "535 " + "x" * 480 + f" {PASSWORD}",
        f"what is {PASSWORD}",
        f"what is {PLAIN}",
        "what " + "x" * 70 + PASSWORD,
    ],
)
async def test_a_server_that_repeats_the_password_does_not_make_us_keep_it(
    echo: str, courier: SmtpCourier, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the answer nor any log record holds the password, plain, encoded, or cut short."""
    caplog.set_level(logging.DEBUG)
    async with scripted({"AUTH": Raw(echo.encode() + b"\r\n", Move.CLOSE)}) as server:
        attempt = await courier.deliver(
            submission(server, username=USER, password=PASSWORD), letter(), Asked()
        )

    kept = repr(attempt) + caplog.text
    for secret in (PASSWORD, ENCODED, PLAIN, PLAIN[:12], PASSWORD[:6]):
        assert secret not in kept


def test_a_submission_does_not_show_its_password() -> None:
    """Its repr names everything else."""
    shown = repr(Submission(uuid4(), "smtp.example.com", 587, Security.STARTTLS, USER, PASSWORD))

    assert PASSWORD not in shown
    assert USER in shown


async def test_a_word_of_the_server_that_happens_to_be_the_password_is_still_understood(
    courier: SmtpCourier,
) -> None:
    """A password as short as "250" does not black out what the server says about letters."""
    script: Script = {"RCPT": "550 5.1.1 no such user"}
    async with scripted(script) as server:
        attempt = await courier.deliver(submission(server, username=USER, password="no"), letter(), Asked())

    assert isinstance(attempt.ending, Refused)
    assert attempt.ending.answer.text == "5.1.1 no such user"
