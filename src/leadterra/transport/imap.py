"""Opens mailboxes: connect, protect, log in. See `actions.ports.Mailroom`.

`open` raises `MailboxError` when that does not come about, and nothing else but cancellation and what asking
for an access token raised. There is no downgrade: a connection that was to be protected is, or there is none
(RFC 8314 §4), and what a server said in the clear before counts for nothing.
"""

import asyncio

from leadterra.actions.ports import Clock, MailAccess, MailboxError, MailboxTrouble, Security
from leadterra.transport.imap_dialogue import ImapDialogue
from leadterra.transport.imap_login import Login, refusal
from leadterra.transport.imap_session import ImapSession
from leadterra.transport.imap_wire import ImapWire, ImapWireError, Price
from leadterra.transport.session import ascii_host
from leadterra.transport.timeouts import MailboxTimeouts
from leadterra.transport.trust import Trust


class ImapMailroom:
    """See the module. One serves any number of mailboxes."""

    def __init__(
        self, clock: Clock, *, timeouts: MailboxTimeouts | None = None, trust: Trust | None = None
    ) -> None:
        self._clock = clock
        self._timeouts = timeouts or MailboxTimeouts()
        self._trust = trust or Trust()

    async def open(self, access: MailAccess) -> ImapSession:
        """Connect and log in. An access token is asked for first, while nobody waits for us."""
        is_token = access.token is not None and access.password is None
        secret = await access.token() if access.token is not None and is_token else access.password or ""
        login = Login(access, secret, is_token=is_token)
        login.check()
        try:
            host = ascii_host(access.host)
        except ValueError as error:
            raise MailboxError(MailboxTrouble.SERVER, f"{error}") from None
        wire = await self._connect(access, host)
        talk = ImapDialogue(wire, self._timeouts, login)
        try:
            await self._begin(access, host, wire, talk)
            await talk.log_in()
        except ImapWireError as error:
            raise talk.broken(str(error)) from None
        except BaseException:
            talk.abort()
            raise
        return ImapSession(talk, self._clock)

    async def _connect(self, access: MailAccess, host: str) -> ImapWire:
        context = self._trust.context(host) if access.security is Security.TLS else None
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._timeouts.connect):
                _, wire = await loop.create_connection(ImapWire, host, access.port, ssl=context)
        except TimeoutError:
            raise MailboxError(MailboxTrouble.SERVER, "No connection within the time limit.") from None
        except (OSError, ValueError, OverflowError) as error:
            # Names and ports that no socket takes come as ValueError and OverflowError.
            raise MailboxError(MailboxTrouble.SERVER, f"{error}" or type(error).__name__) from None
        wire.stay_awake()
        return wire

    async def _begin(self, access: MailAccess, host: str, wire: ImapWire, talk: ImapDialogue) -> None:
        greeting = await wire.greeting(self._timeouts.greeting)
        if greeting.name != "OK":
            # PREAUTH would be a login that we did not do, and one that STARTTLS cannot protect any more.
            raise talk.broken(f"The server greets us with: {refusal(greeting)}")
        if access.security is Security.STARTTLS:
            await talk.learn()
            await self._protect(host, wire, talk)
            await talk.learn()
        else:
            await talk.learn(greeting)

    async def _protect(self, host: str, wire: ImapWire, talk: ImapDialogue) -> None:
        """STARTTLS, or no session."""
        if not talk.offers("STARTTLS"):
            raise talk.broken("The server does not offer STARTTLS.")
        answer = await wire.ask([b"STARTTLS"], Price(self._timeouts.command))
        if answer.name != "OK":
            raise talk.broken(f"The server refuses STARTTLS: {refusal(answer)}")
        talk.capabilities = frozenset()
        try:
            await wire.protect(self._trust.context(host), host, self._timeouts.command)
        except OSError as error:
            raise talk.broken(f"{error}" or type(error).__name__) from None
