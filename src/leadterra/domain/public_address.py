"""Which IP addresses belong to the public internet.

What a user names is called by our machine, from inside the operator's network: a name that leads to a
loopback, private, link-local or metadata address would make us knock at doors that the user cannot reach.
Every address gets an answer; nothing raises.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052 §2.1: the last 32 bits are an IPv4 address that a gateway calls for us."""
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
"""RFC 8215: the same within one network."""
_COMPATIBLE = IPv6Network("::/96")
"""RFC 4291 §2.5.5.1: deprecated, and still understood by some."""


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could call it. An IPv6 address that carries an IPv4 address is public
    if that one is; one of Teredo (RFC 4380), which carries two, never.
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address in _NAT64_LOCAL or address in _COMPATIBLE or address.teredo is not None:
            return False
        if (inner := _carried(address)) is not None:
            # Releases of Python differ in what they say of addresses that carry others.
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one end up at, by 6to4 (RFC 3056) or NAT64; None if there is
    none.
    """
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.sixtofour
