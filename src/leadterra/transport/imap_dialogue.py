"""Question and answer with one IMAP server, in the terms of the port: what it says about the selected folder
is kept in two numbers, and everything that goes wrong is a `MailboxError`.

After trouble of kind SERVER, and when the task that asks is cancelled before the answer, the connection is
dropped: nobody knows any more what the next answer would be about. IDLE is the exception: it may stand while
nobody waits, and the next command ends it.
"""

import asyncio
from collections.abc import Sequence
from functools import lru_cache

from leadterra.actions.ports import MailboxError, MailboxTrouble
from leadterra.transport.imap_commands import Literals, Text
from leadterra.transport.imap_login import Login, judge_refusal, refusal
from leadterra.transport.imap_responses import PROMPT, Response, Value
from leadterra.transport.imap_wire import ImapWire, ImapWireError, Price
from leadterra.transport.timeouts import MailboxTimeouts

_OCTETS_A_UID = 11


class ImapDialogue:
    """A logged-in connection, or one on its way there.

    capabilities: in upper case. exists: letters in the selected folder. grown: more than when it was looked
    at. timeouts: its patience.
    """

    __slots__ = ("_idles_since", "_login", "_wire", "capabilities", "exists", "grown", "timeouts")

    def __init__(self, wire: ImapWire, timeouts: MailboxTimeouts, login: Login) -> None:
        self._wire = wire
        self._login: Login = login
        self._idles_since: float | None = None
        self.timeouts = timeouts
        self.capabilities: frozenset[str] = frozenset()
        self.exists = 0
        self.grown = False
        wire.notice = self._notice

    @property
    def found(self) -> list[Response]:
        """What the last command wanted."""
        return self._wire.found

    def offers(self, capability: str) -> bool:
        """Whether the server does (in upper case)."""
        return capability in self.capabilities

    def forget(self, capability: str) -> None:
        """Do as if the server did not offer it."""
        self.capabilities -= {capability}

    async def ask(self, words: Sequence[bytes | Text], price: Price | None = None) -> Response:
        """Say one command; its end, whatever it is. Raises MailboxError (SERVER)."""
        try:
            pieces = Literals(self.capabilities).write(words)
        except ValueError as error:
            raise MailboxError(MailboxTrouble.FOLDER, str(error)) from None
        try:
            await self._end_idle()
            return await self._wire.ask(pieces, price or Price(self.timeouts.command))
        except ImapWireError as error:
            raise self.broken(str(error)) from None
        except BaseException:
            self._wire.abort()
            raise

    async def require(self, words: Sequence[bytes | Text], price: Price | None = None) -> list[Response]:
        """Say one command that has to succeed; what it wanted. Raises MailboxError."""
        answer = await self.ask(words, price)
        if answer.name != "OK":
            raise self.refused(answer)
        return self._wire.found

    async def _must(self, words: Sequence[bytes | Text], price: Price) -> None:
        """Say one command that no working server refuses."""
        answer = await self.ask(words, price)
        if answer.name != "OK":
            raise self.broken(refusal(answer, self._wire.alert))

    def refused(self, answer: Response) -> MailboxError:
        """The error of a command that was not carried out."""
        trouble = judge_refusal(answer)
        if trouble is MailboxTrouble.SERVER:
            return self.broken(refusal(answer, self._wire.alert))
        return MailboxError(trouble, self._login.told(refusal(answer, self._wire.alert)))

    def broken(self, text: str) -> MailboxError:
        """The error of a connection that is not to be used any more. Drops it."""
        self._wire.abort()
        return MailboxError(MailboxTrouble.SERVER, self._login.told(text) or "The connection broke.")

    async def learn(self, ending: Response | None = None) -> None:
        """Find out what the server offers: from the end of a command if it says so, else by asking."""
        told = ending.values if ending is not None and ending.code == "CAPABILITY" else ()
        if not told:
            await self._must([b"CAPABILITY"], self._price("CAPABILITY"))
            told = tuple(value for response in self.found for value in response.values)
        self.capabilities = _shared(" ".join(each for each in told if isinstance(each, str)).upper())

    async def log_in(self) -> None:
        """Prove who we are. Raises MailboxError."""
        try:
            ending = await self._login.run(self._wire, self.capabilities, self.timeouts.command)
        except ImapWireError as error:
            raise self.broken(str(error)) from None
        await self.learn(ending)

    # Waiting for the server to say something

    async def look(self) -> None:
        """Let the server tell what is new."""
        await self._must([b"NOOP"], self._price())

    async def idle(self, seconds: float) -> None:
        """Wait at most so long until the folder has grown (RFC 2177). Raises MailboxError."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        try:
            while not self.grown:
                started = await self._keep_idling(loop)
                if started is None:
                    return
                until = min(deadline, started + self.timeouts.idle)
                await self._wire.until(self._is_told, until)
                if self._wire.has_ended:
                    raise self.broken("The server ended IDLE by itself.")
                if loop.time() >= deadline:
                    return
        except ImapWireError as error:
            raise self.broken(str(error)) from None

    def _is_told(self) -> bool:
        return self.grown or self._wire.has_ended

    async def _keep_idling(self, loop: asyncio.AbstractEventLoop) -> float | None:
        """Since when IDLE stands, said anew if it is too old; None if the server will not have it."""
        since = self._idles_since
        if since is not None and loop.time() < since + self.timeouts.idle:
            return since
        try:
            await self._end_idle()
            if self.grown:
                return loop.time()
            self._wire.begin(b"IDLE", Price(self.timeouts.command), prompts=True)
            answer = await self._wire.answer(self.timeouts.command)
        except BaseException:
            self._wire.abort()
            raise
        if answer.tag != PROMPT:
            self.forget("IDLE")
            return None
        self._idles_since = loop.time()
        return self._idles_since

    async def _end_idle(self) -> None:
        """DONE, if IDLE stands. Raises ImapWireError."""
        if self._idles_since is not None:
            self._idles_since = None
            if not self._wire.has_ended:
                self._wire.go_on(b"DONE")
            ending = await self._wire.answer(self.timeouts.command)
            if ending.name != "OK":
                raise ImapWireError(f"The server ended IDLE badly: {refusal(ending)}")

    async def leave(self) -> None:
        """Say LOGOUT if that makes sense, and drop the connection. Never raises."""
        try:
            async with asyncio.timeout(self.timeouts.farewell):
                await self._end_idle()
                await self._wire.leave(self.timeouts.farewell)
        except (ImapWireError, TimeoutError):
            pass  # Nobody is left to be told.
        finally:
            self._wire.abort()

    def abort(self) -> None:
        """Drop the connection."""
        self._wire.abort()

    # What the server tells unasked

    def _notice(self, response: Response) -> None:
        number = response.number
        if response.name == "EXISTS" and number is not None:
            self.grown = self.grown or number > self.exists
            self.exists = number
        elif response.name == "EXPUNGE" and number is not None:
            self.exists = max(0, self.exists - 1)
        elif response.name == "VANISHED" and len(response.values) == 1:
            # RFC 7162 §3.2.10.2; with (EARLIER) these had gone before we looked.
            self.exists = max(0, self.exists - _count(response.values[0]))

    def _price(self, *wanted: str) -> Price:
        return Price(self.timeouts.command, frozenset(wanted))


@lru_cache(maxsize=256)
def _shared(capabilities: str) -> frozenset[str]:
    """Thousands of mailboxes at one provider share one set."""
    return frozenset(capabilities.split())


def _count(uid_set: Value) -> int:
    """How many UIDs a set holds; what is none counts as nothing."""
    count = 0
    for part in uid_set.split(",") if isinstance(uid_set, str) else []:
        first, _, last = part.partition(":")
        ends = [first, last or first]
        if all(each.isascii() and each.isdigit() and len(each) < _OCTETS_A_UID for each in ends):
            count += abs(int(ends[1]) - int(ends[0])) + 1
    return count
