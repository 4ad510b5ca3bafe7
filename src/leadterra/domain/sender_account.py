"""A sender account: one mailbox identity of a workspace's pool."""

from enum import StrEnum


class Status(StrEnum):
    """Whether campaigns use the account. Only active ones do (R3, R4)."""

    ACTIVE = "active"
    WARMING = "warming"
    PAUSED = "paused"


class Protocol(StrEnum):
    """What a server of an account is for; also the purpose that its password is sealed with."""

    SMTP = "smtp"
    IMAP = "imap"


class Security(StrEnum):
    """How the connection to a server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


_PORTS = {
    (Protocol.SMTP, Security.STARTTLS): 587,
    (Protocol.SMTP, Security.TLS): 465,
    (Protocol.SMTP, Security.NONE): 25,
    (Protocol.IMAP, Security.STARTTLS): 143,
    (Protocol.IMAP, Security.TLS): 993,
    (Protocol.IMAP, Security.NONE): 143,
}


def default_port(protocol: Protocol, security: Security) -> int:
    """The port where a server of that kind usually listens (RFC 6409 §3.1, RFC 8314 §3)."""
    return _PORTS[protocol, security]
