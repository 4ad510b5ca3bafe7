"""Names that users give are looked up once, and lead to public addresses or nowhere."""

import socket
from ipaddress import ip_network
from urllib.parse import urlsplit

import httpx
import pytest

from leadterra.transport.public_addresses import AllowedAddresses, NotAllowed, send_to_allowed
from leadterra.transport.trust import Trust
from tests.support.smtp_certificates import authority
from tests.support.token_server import TokenServer

PRIVATE = AllowedAddresses([ip_network("10.0.0.0/8"), ip_network("fd00::/8")])


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "10.0.0.1", "169.254.169.254", "0.0.0.0"])
async def test_an_address_inside_is_not_allowed(host: str) -> None:
    """By name or by number."""
    with pytest.raises(NotAllowed, match="not public"):
        await AllowedAddresses().look_up(host, 443)


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1"])
async def test_numbers_in_disguise_are_seen_through(host: str) -> None:
    """The system reads them as this machine, or as nothing; in either case nobody is called."""
    with pytest.raises((NotAllowed, OSError)):
        await AllowedAddresses().look_up(host, 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
async def test_this_machine_is_allowed_where_it_is_said(host: str) -> None:
    """For workspaces in test mode."""
    assert await AllowedAddresses().look_up(host, 80, loopback=True)


@pytest.mark.parametrize("host", ["10.0.0.1", "fd00::1", "::ffff:10.0.0.1", "8.8.8.8"])
async def test_the_operator_may_allow_networks(host: str) -> None:
    """Besides what is public."""
    assert await PRIVATE.look_up(host, 443) in ([host], ["::ffff:10.0.0.1"])


@pytest.mark.parametrize("host", ["192.168.0.1", "127.0.0.1", "fe80::1"])
async def test_other_networks_stay_closed(host: str) -> None:
    """Allowing one does not allow the next."""
    with pytest.raises(NotAllowed):
        await PRIVATE.look_up(host, 443)


async def test_a_name_that_leads_nowhere_is_an_os_error() -> None:
    """RFC 6761 §6.4 keeps this one unknown."""
    with pytest.raises(socket.gaierror):
        await AllowedAddresses().look_up("nobody.invalid", 443)


async def test_the_certificate_is_the_name_s_although_the_address_is_called() -> None:
    """A server with another name's certificate is not believed; with its own it is, and Host is the name."""
    trust = Trust(authority().file)
    for name, is_believed in (("localhost", True), ("other.test", False)):
        with TokenServer(tls=authority().server_context(name), host="localhost") as server:
            async with httpx.AsyncClient(verify=trust.context("localhost"), trust_env=False) as client:
                request = client.build_request("POST", server.token_url, content="a=b")
                sending = send_to_allowed(client, request, AllowedAddresses(), loopback=True)
                if not is_believed:
                    with pytest.raises(httpx.ConnectError, match="certificate"):
                        await sending
                    continue
                response = await sending
                await response.aclose()
                assert response.status_code == 401
                assert response.request.headers["host"] == urlsplit(server.token_url).netloc
