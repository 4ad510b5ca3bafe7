"""Names of servers, as a user types them."""

import re
from ipaddress import ip_address

import idna

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.ASCII)
_LONGEST = 253


_SCOPE = re.compile(r"[A-Za-z0-9_.-]{0,15}")
"""The zone of a link-local address (RFC 4007 §11): an interface's name."""


class InvalidHost(ValueError):
    """The text names no host. Its message is one sentence that says what would."""


def parse_host(text: str) -> str:
    """A host name in lower-case ASCII (IDNA, RFC 5891), or an IP address without brackets. Raises
    `InvalidHost`."""
    bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
    try:
        address = ip_address(bare)
    except ValueError:
        return _parse_name(text)
    if not _SCOPE.fullmatch(getattr(address, "scope_id", None) or ""):
        raise InvalidHost("Must be an IP address without a zone, or with the name of an interface.")
    return str(address)


def _parse_name(text: str) -> str:
    name = text.lower().removesuffix(".")
    if len(name) <= _LONGEST and not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            name = ""
    labels = name.split(".")
    # A last label of digits would be read as an address by some resolvers (RFC 1123 §2.1).
    if len(name) > _LONGEST or labels[-1].isdigit() or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidHost("Must be a host name such as smtp.example.com, or an IP address, without a port.")
    return name
