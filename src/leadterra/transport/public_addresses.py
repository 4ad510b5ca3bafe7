"""Where a name that a user gave may lead: to public addresses, and to what the operator allows besides.

A name is looked up once for each connection, and the connection goes to an address that was looked at: what
the name means a moment later does not count. Raises `NotAllowed` for an address that is neither, OSError for
a name that cannot be looked up.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address

import httpx

from leadterra.domain.public_address import Address, is_public
from leadterra.transport.session import ascii_host

Network = IPv4Network | IPv6Network
_MOST_ADDRESSES = 4
"""How many addresses of a host are tried."""


class NotAllowed(Exception):
    """The name leads to an address that is not public."""


@dataclass(frozen=True, slots=True)
class AllowedAddresses:
    """Which addresses may be called. networks: of the operator's choice, besides the public ones."""

    networks: Sequence[Network] = ()

    def allows(self, address: Address, *, loopback: bool = False) -> bool:
        """Whether it may be called. loopback: this machine may be, too."""
        mapped = getattr(address, "ipv4_mapped", None)
        if mapped is not None:
            return self.allows(mapped, loopback=loopback)
        if is_public(address) or (loopback and address.is_loopback):
            return True
        return any(address.version == network.version and address in network for network in self.networks)

    async def look_up(self, host: str, port: int, *, loopback: bool = False) -> list[str]:
        """The host's addresses, all of which may be called. One that may not spoils the rest: who plants it
        among good ones hopes for a second try. Raises `NotAllowed`, and OSError for a name without any.
        """
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        texts = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not texts:
            raise OSError(f"{host} has no address")
        # The zone of a link-local address (RFC 4007 §11) stands behind a percent sign.
        addresses = [ip_address(text.partition("%")[0]) for text in texts]
        if not all(self.allows(address, loopback=loopback) for address in addresses):
            raise NotAllowed(f"{host} leads to an address that is not public.")
        return texts


async def send_to_allowed(
    client: httpx.AsyncClient, request: httpx.Request, allowed: AllowedAddresses, *, loopback: bool = False
) -> httpx.Response:
    """Send the request to the first address of its host that takes connections; the answer's content is yet
    to be read. Certificate and Host header remain the name's.

    The client must keep no connections: it would know them by address, and two names may share one. Raises
    `NotAllowed`, OSError, httpx.HTTPError, and ValueError for a host that can be none.
    """
    host = ascii_host(request.url.host)
    port = request.url.port or (443 if request.url.scheme == "https" else 80)
    *others, last = (await allowed.look_up(host, port, loopback=loopback))[:_MOST_ADDRESSES]
    for address in others:
        try:
            return await client.send(_pinned(client, request, host, address), stream=True)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            continue
    return await client.send(_pinned(client, request, host, last), stream=True)


def _pinned(client: httpx.AsyncClient, request: httpx.Request, host: str, address: str) -> httpx.Request:
    headers = {**request.headers, "host": request.url.netloc.decode("ascii")}
    return client.build_request(
        request.method,
        request.url.copy_with(host=address),
        content=request.content,
        headers=headers,
        extensions={"sni_hostname": host},
    )
