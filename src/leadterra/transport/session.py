"""One session with a mail server: greeted, protected, logged in; then letter after letter.

`open_session` raises `Ended` with what the courier has to answer when it does not come about; nothing else
but cancellation, and what the database raises when it is away while an access token is asked for. There is no
downgrade: a session that was to be protected is, or there is none (RFC 8314 §4).
"""

import asyncio
from base64 import b64encode
from ipaddress import IPv6Address, ip_address

import idna

from leadterra.actions.ports import Security, Submission, TokenError, TokenSource, TokenTrouble
from leadterra.domain.judgement import judge
from leadterra.domain.outcomes import Command, Deferred, Refused, Scope
from leadterra.transport.dialogue import Dialogue, Ended
from leadterra.transport.reply import Reply
from leadterra.transport.timeouts import Timeouts
from leadterra.transport.transcript import Secrets, bearer_response, unheard
from leadterra.transport.trust import Trust, is_loopback
from leadterra.transport.wire import Wire, WireError

_READY = 220
_CHALLENGE = 334


class Session:
    """A connection on which one account submits.

    submission: as whom. letters: how many were proposed on it. kept: it has waited between letters.
    idle_since: loop time of its last use, while it is kept. largest: the most octets a letter may have; None
    if the server sets no limit (RFC 1870 §3: 0 is none).
    """

    __slots__ = ("_extensions", "dialogue", "idle_since", "kept", "largest", "letters", "submission")

    def __init__(self, submission: Submission, dialogue: Dialogue) -> None:
        self.submission = submission
        self.dialogue = dialogue
        self.letters = 0
        self.kept = False
        self.idle_since = 0.0
        self._extensions: dict[str, str] = {}
        self.largest: int | None = None

    @property
    def reusable(self) -> bool:
        """Whether another letter may go this way: every question has had its one answer."""
        return self.dialogue.wire.quiet

    def offers(self, extension: str) -> bool:
        """Whether the server's last EHLO named this extension (in lower case)."""
        return extension in self._extensions

    def leave(self) -> None:
        """Say QUIT if that makes sense, and close without waiting."""
        self.dialogue.wire.leave()

    def abort(self) -> None:
        """Drop the connection with everything not yet handed over."""
        self.dialogue.wire.abort()

    async def quit(self, seconds: float) -> None:
        """Say QUIT and wait for the answer (RFC 5321 §4.1.1.10), no longer than this."""
        try:
            if self.reusable:
                await self.dialogue.wire.ask(b"QUIT", seconds)
        except WireError:
            pass  # Nobody is left to be told.
        finally:
            self.abort()

    async def introduce(self, name: bytes) -> None:
        """EHLO. Also after STARTTLS: what was offered in the clear does not count (RFC 3207 §4.2)."""
        self._extensions = {}
        reply = await self.dialogue.ask(Command.EHLO, b"EHLO " + name, self.dialogue.timeouts.command)
        self._extensions = _parse_extensions(reply.message)
        limit = self._extensions.get("size", "").strip()
        self.largest = (int(limit) or None) if limit.isascii() and limit.isdigit() else None

    async def protect(self, trust: Trust) -> None:
        """STARTTLS, or no session."""
        talk, host = self.dialogue, ascii_host(self.submission.host)
        if not self.offers("starttls"):
            raise talk.broken(Command.STARTTLS, "The server does not offer STARTTLS.")
        reply = await talk.ask(Command.STARTTLS, b"STARTTLS", talk.timeouts.command)
        if reply.code != _READY:
            # Whatever it means, the line is not protected.
            raise talk.unfit(Command.STARTTLS, reply)
        try:
            await talk.wire.protect(trust.context(host), host, talk.timeouts.command)
        except (WireError, OSError) as error:
            raise talk.broken(Command.STARTTLS, error) from None

    async def log_in(self) -> None:
        """AUTH XOAUTH2 where there are access tokens; else PLAIN (RFC 4616) or LOGIN, as the server offers;
        nothing if the account has no login.
        """
        user, password, tokens = self.submission.username, self.submission.password, self.submission.tokens
        if user is None or (password is None and tokens is None):
            return
        if self.submission.security is Security.NONE and not is_loopback(self.submission.host):
            raise _refused("A password is never sent over an unprotected connection: choose starttls or tls.")
        if tokens is not None:
            await self._present_token(user, tokens)
            return
        mechanisms = self._extensions.get("auth", "").upper().split()
        secret = password or ""
        if "PLAIN" in mechanisms:
            await self._authenticate(b"AUTH PLAIN " + b64encode(f"\0{user}\0{secret}".encode()))
        elif "LOGIN" in mechanisms:
            await self._authenticate(b"AUTH LOGIN", b64encode(user.encode()), b64encode(secret.encode()))
        else:
            offered = ", ".join(mechanisms) or "none at all"
            raise _refused(f"The server offers neither AUTH PLAIN nor LOGIN, but {offered}.")

    async def _present_token(self, user: str, tokens: TokenSource) -> None:
        """AUTH XOAUTH2, the mechanism of Google and Microsoft. A refused token is given back; `RefusedToken`
        is raised if another one is worth a try.
        """
        talk = self.dialogue
        mechanisms = self._extensions.get("auth", "").upper().split()
        if "XOAUTH2" not in mechanisms:
            raise _refused(f"The server does not offer AUTH XOAUTH2, but {', '.join(mechanisms) or 'none'}.")
        token = await _ask_for(tokens)
        talk.confide(Secrets.of_token(user, token))
        line = b"AUTH XOAUTH2 " + b64encode(bearer_response(user, token))
        try:
            reply = await _say(talk, line)
            if reply.code == _CHALLENGE:
                # The challenge tells why it was refused; an empty line has the server say so in its own
                # words.
                reply = await _say(talk, b"")
            talk.require(Command.AUTH, reply)
        except Ended as ended:
            is_refused = isinstance(ended.ending, Refused) and ended.ending.authentication
            if is_refused and tokens.renew(token):
                raise RefusedToken(ended.ending) from None
            raise

    async def _authenticate(self, *lines: bytes) -> None:
        for line in lines[:-1]:
            await self.dialogue.ask(Command.AUTH, line, self.dialogue.timeouts.command, wanted=3)
        await self.dialogue.ask(Command.AUTH, lines[-1], self.dialogue.timeouts.command)


class RefusedToken(Ended):
    """The server refused an access token that it had taken before, or that another login had used."""


async def open_session(
    submission: Submission, timeouts: Timeouts, trust: Trust, name: bytes | None
) -> Session:
    """Connect and get ready to submit. `name`: what EHLO says we are, None for the address that we have."""
    try:
        return await _open(submission, timeouts, trust, name)
    except RefusedToken:
        # It may have been revoked before its time. On a new connection: some servers drop one that failed.
        return await _open(submission, timeouts, trust, name)


async def _open(submission: Submission, timeouts: Timeouts, trust: Trust, name: bytes | None) -> Session:
    wire = await _connect(submission, timeouts, trust)
    dialogue = Dialogue(wire, timeouts, Secrets(submission.username, submission.password))
    session = Session(submission, dialogue)
    name = name or _address_literal(wire)
    try:
        dialogue.require(Command.CONNECT, await dialogue.hear(Command.CONNECT, timeouts.greeting))
        await session.introduce(name)
        if submission.security is Security.STARTTLS:
            await session.protect(trust)
            await session.introduce(name)
        await session.log_in()
    except Ended:
        session.leave()
        raise
    except BaseException:
        session.abort()
        raise
    return session


def ascii_host(host: str) -> str:
    """A host name as A-labels (RFC 5891), an IP address as it is. Raises ValueError if it can be neither."""
    bare = host.strip("[]").rstrip(".")
    if not bare:
        raise ValueError("The host has no name.")
    return bare if bare.isascii() else idna.encode(bare, uts46=True).decode("ascii")


async def _connect(submission: Submission, timeouts: Timeouts, trust: Trust) -> Wire:
    loop = asyncio.get_running_loop()
    try:
        host = ascii_host(submission.host)
        context = trust.context(host) if submission.security is Security.TLS else None
        async with asyncio.timeout(timeouts.connect):
            _, wire = await loop.create_connection(Wire, host, submission.port, ssl=context)
    except TimeoutError:
        raise Ended(judge(unheard(Command.CONNECT, "No connection within the time limit."))) from None
    except (OSError, ValueError, OverflowError) as error:
        # Names and ports that no socket takes come as ValueError and OverflowError.
        raise Ended(judge(unheard(Command.CONNECT, error))) from None
    wire.hold_back()
    return wire


async def _ask_for(tokens: TokenSource) -> str:
    """An access token. Raises Ended."""
    try:
        return await tokens.access_token()
    except TokenError as error:
        answer = unheard(Command.AUTH, str(error))
        if error.trouble is TokenTrouble.LOGIN:
            raise Ended(Refused(Scope.ACCOUNT, answer, authentication=True)) from None
        raise Ended(Deferred(Scope.ACCOUNT, answer)) from None


async def _say(talk: Dialogue, line: bytes) -> Reply:
    """One line of AUTH, and the reply, whatever it is. Raises Ended."""
    try:
        return await talk.wire.ask(line, talk.timeouts.command)
    except WireError as error:
        raise talk.broken(Command.AUTH, error) from None


def _address_literal(wire: Wire) -> bytes:
    """What a client says that has no name of its own (RFC 5321 §4.1.3)."""
    address = ip_address(str(wire.own_address).partition("%")[0])
    return f"[{'IPv6:' if isinstance(address, IPv6Address) else ''}{address}]".encode()


def _parse_extensions(message: str) -> dict[str, str]:
    """The keywords of an EHLO answer in lower case, with their parameters (RFC 5321 §4.1.1.1)."""
    extensions = {}
    for line in message.split("\n")[1:]:
        # "AUTH=LOGIN" is how servers offered it before RFC 2554.
        words = line.replace("=", " ", 1) if line[:5].upper() == "AUTH=" else line
        keyword, _, parameters = words.strip().partition(" ")
        extensions[keyword.lower()] = parameters
    return extensions


def _refused(text: str) -> Ended:
    return Ended(Refused(Scope.ACCOUNT, unheard(Command.AUTH, text)))
