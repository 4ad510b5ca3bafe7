"""Whether the address that the API is to listen on can be had."""

import socket

from leadterra.config import InvalidSetting


def refuse_unusable_address(host: str, port: int) -> None:
    """Raise `InvalidSetting` if nobody could listen there, or somebody does: the HTTP server itself would
    share the port with them.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise InvalidSetting("--host", f"{host!r} is no address of this machine ({error.strerror})") from None
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            raise InvalidSetting("--port", f"cannot listen on {host}:{port}: {error.strerror}") from None
