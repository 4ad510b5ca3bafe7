"""Which certificates we believe, and which hosts are this machine.

Verification is on, against the system's trust store and the operator's own certificate authority if there is
one. Making a `Trust` raises OSError (ssl.SSLError among them) when that file cannot be read; afterwards
nothing here fails.
"""

import ssl
from ipaddress import ip_address
from pathlib import Path


class Trust:
    """The TLS contexts of the program, built once: reading a trust store takes milliseconds.

    ca_file: PEM certificates believed in addition to the system's. untrusted_loopback: do not verify the
    certificate of a server on this machine (a tunnel or a test server); never applies to another host.
    """

    def __init__(self, ca_file: Path | None = None, *, untrusted_loopback: bool = False) -> None:
        self._verified = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
        if ca_file is not None:
            self._verified.load_verify_locations(cafile=ca_file)
        self._unverified: ssl.SSLContext | None = None
        if untrusted_loopback:
            self._unverified = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
            self._unverified.check_hostname = False
            self._unverified.verify_mode = ssl.CERT_NONE

    def context(self, host: str) -> ssl.SSLContext:
        """The context to greet this host with."""
        if self._unverified is not None and is_loopback(host):
            return self._unverified
        return self._verified


def is_loopback(host: str) -> bool:
    """Whether this host name or address can only be this machine (RFC 6761 §6.3)."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
