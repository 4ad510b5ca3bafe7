"""How long we wait for a mail server at each point of the dialogue. Values; nothing here can fail."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait, each for one whole step. The defaults are the least that RFC 5321 §4.5.3.2 asks for,
    where it speaks.

    connect: name look-up, TCP and, with implicit TLS, the handshake. greeting: the 220 that opens the
    session. command: EHLO, STARTTLS with its handshake, each line of AUTH. mail, rcpt: the answers to MAIL
    and RCPT. reset: the answer to RSET; a slow server loses the connection, not our time. data: the 354.
    block: until one block of the content is taken. body: the answer to the lone dot. farewell: for all QUITs
    together when the program stops.
    """

    connect: float = 30.0
    greeting: float = 300.0
    command: float = 300.0
    mail: float = 300.0
    rcpt: float = 300.0
    reset: float = 30.0
    data: float = 120.0
    block: float = 180.0
    body: float = 600.0
    farewell: float = 2.0


@dataclass(frozen=True, slots=True)
class MailboxTimeouts:
    """Seconds to wait for an IMAP server, each for one whole step.

    connect: name look-up, TCP and, with implicit TLS, the handshake. greeting: the OK that opens the session.
    command: a command, STARTTLS with its handshake, a step of the login. transfer: a command that moves
    letters or searches for one. idle: after so long IDLE is said anew; servers close what was silent for 30
    minutes (RFC 2177), address translators on the way sooner. farewell: the answer to LOGOUT.
    """

    connect: float = 30.0
    greeting: float = 60.0
    command: float = 60.0
    transfer: float = 300.0
    idle: float = 540.0
    farewell: float = 2.0
