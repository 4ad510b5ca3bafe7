"""STARTTLS and TLS: a connection that was to be protected is, or nothing is sent over it."""

from pathlib import Path

import pytest

from leadterra.actions.ports import Security
from leadterra.domain.outcomes import Accepted, Command, Deferred, Refused, Scope
from leadterra.transport.courier import SmtpCourier
from leadterra.transport.trust import Trust, is_loopback
from tests.support.smtp_certificates import Authority, authority
from tests.support.smtp_letters import Asked, MakeCourier, impatient, letter, submission
from tests.support.smtp_servers import EXTENSIONS, Move, Raw, ScriptedServer, scripted


async def _deliver(
    courier: SmtpCourier, server: ScriptedServer, security: Security
) -> Deferred | Refused | object:
    attempt = await courier.deliver(
        submission(server, security=security, username="james", password="correct horse"), letter(), Asked()
    )
    return attempt.ending


async def test_starttls_protects_the_login_and_the_letter(courier: SmtpCourier) -> None:
    """After STARTTLS there is a second EHLO, then the login, then the letter, all protected."""
    async with scripted(starttls=authority().server_context()) as server:
        ending = await _deliver(courier, server, Security.STARTTLS)

    assert isinstance(ending, Accepted)
    assert server.letters[0].protected
    verbs = [command.split()[0] for command in server.commands]
    assert verbs == [b"EHLO", b"STARTTLS", b"EHLO", b"AUTH", b"MAIL", b"RCPT", b"DATA"]


async def test_implicit_tls_protects_everything(courier: SmtpCourier) -> None:
    """The greeting comes over TLS already."""
    async with scripted(tls=authority().server_context()) as server:
        ending = await _deliver(courier, server, Security.TLS)

    assert isinstance(ending, Accepted)
    assert server.letters[0].protected
    assert server.commands[1].startswith(b"AUTH")


async def test_without_protection_tls_is_not_asked_for(courier: SmtpCourier) -> None:
    """Security `none` means none, even where STARTTLS is offered."""
    async with scripted(starttls=authority().server_context()) as server:
        ending = await _deliver(courier, server, Security.NONE)

    assert isinstance(ending, Accepted)
    assert b"STARTTLS" not in server.commands


async def test_a_server_without_starttls_gets_neither_password_nor_letter(courier: SmtpCourier) -> None:
    """There is no downgrade when STARTTLS is not offered."""
    async with scripted() as server:
        ending = await _deliver(courier, server, Security.STARTTLS)

    assert isinstance(ending, Deferred)
    assert (ending.scope, ending.answer.command, ending.answer.code) == (Scope.SERVER, Command.STARTTLS, None)
    assert "does not offer STARTTLS" in ending.answer.text
    assert [command.split()[0] for command in server.commands] in ([b"EHLO"], [b"EHLO", b"QUIT"])


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        ("454 4.7.0 TLS not available", Deferred, 454),
        ("501 5.5.4 no parameters", Refused, 501),
        ("250 what", Deferred, 250),
        (Move.CLOSE, Deferred, None),
        (Move.HANG, Deferred, None),
        (Raw(b"220 go\r\n", Move.CLOSE), Deferred, None),
        (Raw(b"220 go\r\n", Move.HANG), Deferred, None),
        (Raw(b"220 go\r\n250 injected\r\n", Move.HANG), Deferred, None),
        (Raw(b"220 go\r\nnot TLS at all, sorry\r\n", Move.HANG), Deferred, None),
    ],
    ids=str,
)
async def test_a_failed_starttls_ends_the_conversation(
    answer: str | Move | Raw, kind: type, code: int | None, make_courier: MakeCourier
) -> None:
    """Refused, broken off, silent or interfered with: server scope, and not a word more."""
    async with scripted({"STARTTLS": answer}, starttls=authority().server_context()) as server:
        ending = await _deliver(
            make_courier(None if isinstance(answer, str) else impatient("STARTTLS")),
            server,
            Security.STARTTLS,
        )

    assert type(ending) is kind
    assert isinstance(ending, Deferred | Refused)
    assert (ending.scope, ending.answer.command, ending.answer.code) == (Scope.SERVER, Command.STARTTLS, code)
    assert not any(command.startswith((b"AUTH", b"MAIL")) for command in server.commands)


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize("flaw", ["another name", "expired", "another authority"])
async def test_a_certificate_that_does_not_verify_ends_the_conversation(
    flaw: str, security: Security, courier: SmtpCourier
) -> None:
    """Wrong name, expired, or signed by a stranger: server scope, no password, and the reason in words."""
    context = {
        "another name": lambda: authority().server_context("other.example"),
        "expired": lambda: authority().server_context(expired=True),
        "another authority": lambda: Authority().server_context(),
    }[flaw]()
    tls = context if security is Security.TLS else None
    async with scripted(starttls=context, tls=tls) as server:
        ending = await _deliver(courier, server, security)

    assert isinstance(ending, Deferred)
    command = Command.CONNECT if security is Security.TLS else Command.STARTTLS
    assert (ending.scope, ending.answer.command) == (Scope.SERVER, command)
    assert "certificate verify failed" in ending.answer.text
    assert not any(command.startswith(b"AUTH") for command in server.commands)


async def test_an_untrusted_certificate_on_this_machine_can_be_allowed(make_courier: MakeCourier) -> None:
    """With `untrusted_loopback` a server on loopback need not prove who it is."""
    courier = make_courier(trusting=Trust(untrusted_loopback=True))
    async with scripted(starttls=Authority().server_context("other.example")) as server:
        ending = await _deliver(courier, server, Security.STARTTLS)

    assert isinstance(ending, Accepted)


def test_other_hosts_are_always_verified() -> None:
    """`untrusted_loopback` changes nothing for the rest of the world."""
    trust = Trust(untrusted_loopback=True)

    assert trust.context("127.0.0.1") is not trust.context("smtp.example.com")
    assert trust.context("smtp.example.com").check_hostname


def test_an_authority_file_that_cannot_be_read_is_an_error_at_once(tmp_path: Path) -> None:
    """A courier with a wrong CA file does not come about."""
    with pytest.raises(OSError, match="No such file"):
        Trust(tmp_path / "missing.pem")


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("localhost", True),
        ("mail.localhost.", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost.example.com", False),
        ("10.0.0.1", False),
        ("127.0.0.1.example.com", False),
        ("", False),
    ],
)
def test_only_this_machine_is_loopback(host: str, here: bool) -> None:
    """Names below `localhost` and loopback addresses are this machine, nothing else is."""
    assert is_loopback(host) is here


async def test_extensions_offered_in_the_clear_do_not_count_after_starttls(courier: SmtpCourier) -> None:
    """RFC 3207 §4.2: what the server offers over TLS is what it offers."""
    clear = "250-hi\r\n250-STARTTLS\r\n250 PIPELINING"
    protected = "250-hi\r\n250 AUTH LOGIN"
    async with scripted(
        {"EHLO": [clear, protected]}, starttls=authority().server_context(), extensions=EXTENSIONS
    ) as server:
        ending = await _deliver(courier, server, Security.STARTTLS)

    assert isinstance(ending, Accepted)
    assert b"AUTH LOGIN" in server.commands
