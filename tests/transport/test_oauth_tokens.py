"""Access tokens, asked of a token server over real HTTP."""

import asyncio
import json

import pytest

from leadterra.actions.ports import Grant, TokenError, TokenTrouble
from leadterra.transport.oauth_tokens import OAuthTokens
from leadterra.transport.trust import Trust
from tests.support.smtp_certificates import authority
from tests.support.token_server import CLIENT, SECRET, TokenServer, Trouble

USER = "james@acme.example"


def grant(server: TokenServer, **changes: object) -> Grant:
    """What James has agreed to."""
    fields: dict[str, object] = {
        "token_url": server.token_url,
        "client_id": CLIENT,
        "client_secret": SECRET,
        "refresh_token": server.grant(USER),
        "scope": None,
        "is_test": True,
    }
    return Grant(**(fields | changes))  # type: ignore[arg-type]


async def trouble_of(given: Grant, tokens: OAuthTokens | None = None) -> TokenError:
    """What comes instead of a token."""
    asked = tokens or OAuthTokens(patience=5)
    try:
        with pytest.raises(TokenError) as caught:
            await asked.access_token(given)
    finally:
        await asked.close()
    return caught.value


async def test_a_refresh_token_is_good_for_an_access_token() -> None:
    """The form is that of RFC 6749 §6, and the answer is read."""
    with TokenServer() as server:
        tokens = OAuthTokens()
        issued = await tokens.access_token(grant(server, scope="mail.send"))
        await tokens.close()

    assert server.owner_of(issued.access_token) == USER
    assert (issued.lifetime, issued.refresh_token) == (3600, None)
    assert server.forms == [
        {
            "grant_type": "refresh_token",
            "refresh_token": "refresh-token-number-1",
            "client_id": CLIENT,
            "client_secret": SECRET,
            "scope": "mail.send",
        }
    ]


async def test_a_new_refresh_token_is_told() -> None:
    """Microsoft gives one each time."""
    with TokenServer() as server:
        server.rotates = True
        tokens = OAuthTokens()
        issued = await tokens.access_token(grant(server))
        await tokens.close()

    assert issued.refresh_token == "refresh-token-number-3"


@pytest.mark.parametrize(
    ("said", "seconds"),
    [(60, 60), ("60", 60), (None, 3600), (-5, 0), (10**30, 86_400), (True, 3600), ("soon", 3600), (1.5, 1.5)],
    ids=str,
)
async def test_a_lifetime_is_read_with_patience(said: object, seconds: float) -> None:
    """As a number or as text; an hour where nothing that makes sense is said."""
    with TokenServer() as server:
        server.lifetime_seconds = said
        tokens = OAuthTokens()
        issued = await tokens.access_token(grant(server))
        await tokens.close()

    assert issued.lifetime == seconds


@pytest.mark.parametrize(
    "error",
    ["invalid_grant", "invalid_client", "unauthorized_client", "invalid_scope", "interaction_required"],
)
async def test_a_refusal_needs_a_person(error: str) -> None:
    """The server has named a reason that stays."""
    with TokenServer() as server:
        server.answers(400, {"error": error, "error_description": "AADSTS70000: no\r\n more"})
        found = await trouble_of(grant(server))

    assert found.trouble is TokenTrouble.LOGIN
    assert str(found) == f"The token server refused: {error}: AADSTS70000: no more"


async def test_a_revoked_grant_needs_a_person() -> None:
    """The refresh token does not hold any more."""
    with TokenServer() as server:
        given = grant(server)
        server.revoke(USER)
        found = await trouble_of(given)

    assert (found.trouble, str(found)) == (
        TokenTrouble.LOGIN,
        "The token server refused: invalid_grant: Token has been revoked.",
    )


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (500, b""),
        (503, b'{"error": "invalid_grant"}'),
        (429, b'{"error": "invalid_request"}'),
        (400, b'{"error": "temporarily_unavailable"}'),
        (400, b"<html>captive portal</html>"),
        (404, b"nothing here"),
        (403, b'{"error": {"code": 7}}'),
        (204, b""),
        (200, b"[]"),
        (200, b"[" * 60_000),
        (200, b'{"access_token": ""}'),
        (200, b'{"access_token": 7}'),
        (200, b'{"access_token": "a b"}'),
        (200, b'{"access_token": "a\\u0001b"}'),
        (200, b'{"access_token": "\xc3\xa4"}'),
        (200, b'{"access_token": "x", "token_type": "mac"}'),
        (200, json.dumps({"access_token": "x" * 9000}).encode()),
    ],
    ids=lambda part: str(part)[:40],
)
async def test_what_makes_no_sense_is_tried_again(status: int, content: bytes) -> None:
    """A server in trouble, one that babbles, and somebody else's in its place."""
    with TokenServer() as server:
        server.answers(status, content)
        found = await trouble_of(grant(server))

    assert found.trouble is TokenTrouble.SERVER


async def test_redirects_are_not_followed() -> None:
    """Secrets go nowhere else."""
    with TokenServer() as server, TokenServer() as elsewhere:
        server.answers(307, b"", f"Location: {elsewhere.token_url}")
        found = await trouble_of(grant(server))

    assert (found.trouble, elsewhere.forms) == (TokenTrouble.SERVER, [])


async def test_an_answer_without_end_is_cut() -> None:
    """Megabytes that never stop take a bounded amount of memory, and the right of it is not read."""
    with TokenServer() as server:
        server.answers(200, b'{"access_token": "x"' + b" " * 5_000_000 + b"}")
        found = await trouble_of(grant(server))

    assert found.trouble is TokenTrouble.SERVER


@pytest.mark.parametrize(
    "octets",
    [b"", b"HTTP/1.1 2", b"SSH-2.0-x\r\n", b"HTTP/1.1 200 OK\r\n" + b"x" * 200_000],
    ids=["nothing", "cut", "ssh", "endless"],
)
async def test_what_is_no_http_is_tried_again(octets: bytes) -> None:
    """Or breaks off."""
    with TokenServer() as server:
        server.trouble = Trouble(octets)
        found = await trouble_of(grant(server))

    assert found.trouble is TokenTrouble.SERVER


async def test_silence_ends() -> None:
    """A server that says nothing is given up in time."""
    with TokenServer() as server:
        server.trouble = Trouble(None)
        found = await trouble_of(grant(server), OAuthTokens(patience=0.2))

    assert (found.trouble, str(found)) == (TokenTrouble.SERVER, "The token server did not answer in time.")


async def test_nobody_there_is_tried_again() -> None:
    """Nobody listens any more."""
    with TokenServer() as server:
        given = grant(server)

    assert (await trouble_of(given)).trouble is TokenTrouble.SERVER


async def test_a_live_workspace_reaches_no_inner_address() -> None:
    """Not even this machine, and nothing is sent."""
    with TokenServer() as server:
        found = await trouble_of(grant(server, is_test=False))

    assert (found.trouble, server.forms) == (TokenTrouble.SERVER, [])
    assert "not public" in str(found)


async def test_an_untrusted_server_is_told_nothing() -> None:
    """A certificate that nobody vouches for; with its authority it is believed."""
    with TokenServer(tls=authority().server_context("localhost"), host="localhost") as server:
        found = await trouble_of(grant(server))
        trusting = OAuthTokens(trust=Trust(authority().file))
        issued = await trusting.access_token(grant(server))
        await trusting.close()

    assert (found.trouble, len(server.forms)) == (TokenTrouble.SERVER, 1)
    assert "certificate" in str(found)
    assert server.owner_of(issued.access_token) == USER


async def test_no_secret_comes_back_in_words() -> None:
    """Not where the server repeats what it was told, nor in a repr."""
    with TokenServer() as server:
        given = grant(server)
        echo = f"{given.refresh_token} and {SECRET}"
        server.answers(400, {"error": "invalid_grant", "error_description": echo})
        found = await trouble_of(given)

    for shown in (str(found), repr(given)):
        assert given.refresh_token not in shown
        assert SECRET not in shown


async def test_many_ask_at_once() -> None:
    """Each gets its own."""
    with TokenServer() as server:
        tokens = OAuthTokens()
        grants = [grant(server) for _ in range(20)]
        issued = await asyncio.gather(*(tokens.access_token(each) for each in grants))
        await tokens.close()

    assert len({each.access_token for each in issued}) == 20
