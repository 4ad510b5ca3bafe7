"""Proving to an IMAP server who we are, and what its refusals mean.

`log_in` returns when the server has let us in, else it raises `MailboxError`: of trouble LOGIN only where the
password or token itself was refused, for that pauses the account until a person acts. A server that is busy,
limited or out of order is SERVER. No error shows a password, a token, or either as it was encoded. Raises
ImapWireError where the connection broke.
"""

import json
import re
from base64 import b64decode, b64encode
from binascii import Error

from leadterra.actions.ports import MailAccess, MailboxError, MailboxTrouble, Security
from leadterra.domain.outcomes import Command
from leadterra.transport.imap_commands import Literals, Text
from leadterra.transport.imap_responses import PROMPT, Response
from leadterra.transport.imap_wire import ImapWire, Price
from leadterra.transport.transcript import LONGEST_TEXT, Secrets
from leadterra.transport.trust import is_loopback

_REFUSED = frozenset({"AUTHENTICATIONFAILED", "AUTHORIZATIONFAILED", "EXPIRED", "CONTACTADMIN"})
_TEMPORARY = frozenset({"UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG", "PRIVACYREQUIRED", "THROTTLED"})
# Servers older than RFC 5530 say it in words only. Gmail: "Too many simultaneous connections"; Yahoo: "Rate
# limit hit"; Exchange: "User is authenticated but not connected".
_TEMPORARY_WORDS = re.compile(
    r"temporar|too many|try again|later|unavailable|not available|rate.?limit|limits? (?:exceeded|reached)"
    r"|exceeded|maximum number|overload|\bbusy\b|internal (?:server )?error|server error|time.?out"
    r"|not connected|in use|cannot connect|backend",
    re.IGNORECASE,
)
_UNSAYABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class Login:
    """One account's proof. secret: its password, or an access token if `is_token`."""

    __slots__ = ("_access", "_is_token", "_secret")

    def __init__(self, access: MailAccess, secret: str, *, is_token: bool) -> None:
        self._access = access
        self._secret = secret
        self._is_token = is_token

    def check(self) -> None:
        """Raise MailboxError for what must not, or cannot, be said to this server."""
        if self._access.security is Security.NONE and not is_loopback(self._access.host):
            raise MailboxError(
                MailboxTrouble.LOGIN,
                "A password is never sent over an unprotected connection: choose starttls or tls.",
            )
        if _UNSAYABLE.search(self._access.username + self._secret):
            raise MailboxError(MailboxTrouble.LOGIN, "The user name or password has control characters.")

    def told(self, text: str) -> str:
        """A server's words: short, printable, and without our secrets."""
        text = " ".join(_UNPRINTABLE.sub(" ", text).split())
        for each in self._secrets():
            text = each.hide(Command.AUTH, text)
        return text[:LONGEST_TEXT]

    async def run(self, wire: ImapWire, capabilities: frozenset[str], seconds: float) -> Response:
        """Log in by the best way that is offered; the server's OK. Raises MailboxError, ImapWireError."""
        if self._is_token:
            if "AUTH=XOAUTH2" not in capabilities:
                raise MailboxError(MailboxTrouble.SERVER, "The server does not offer XOAUTH2.")
            answer, status = await self._authenticate(wire, capabilities, seconds)
        elif "AUTH=PLAIN" in capabilities:
            answer, status = await self._authenticate(wire, capabilities, seconds)
        elif "LOGINDISABLED" not in capabilities:
            words: list[bytes | Text] = [
                b"LOGIN",
                Text(self._access.username.encode()),
                Text(self._secret.encode()),
            ]
            answer = await wire.ask(Literals(capabilities).write(words), Price(seconds))
            status = ""
        else:
            raise MailboxError(MailboxTrouble.SERVER, "The server offers no login with a password here.")
        if answer.name == "OK":
            return answer
        trouble = MailboxTrouble.SERVER if status[:1] == "5" else judge_login(answer)
        raise MailboxError(trouble, self.told(refusal(answer, wire.alert)))

    async def _authenticate(
        self, wire: ImapWire, capabilities: frozenset[str], seconds: float
    ) -> tuple[Response, str]:
        """AUTHENTICATE (RFC 9051 §6.2.2); the end, and the status that a refusal of XOAUTH2 gives."""
        mechanism = b"XOAUTH2" if self._is_token else b"PLAIN"
        line, proof = b"AUTHENTICATE " + mechanism, b64encode(self._proof())
        proven = "SASL-IR" in capabilities  # RFC 4959
        wire.begin(line + b" " + proof if proven else line, Price(seconds), prompts=True)
        answer = await wire.answer(seconds)
        if answer.tag == PROMPT and not proven:
            wire.go_on(proof, prompts=True)
            answer = await wire.answer(seconds)
        status = ""
        if answer.tag == PROMPT:
            # XOAUTH2 tells the error as a challenge, and ends only after an empty answer. PLAIN has none: "*"
            # cancels.
            status = _status(answer.text)
            wire.go_on(b"" if self._is_token else b"*")
            answer = await wire.answer(seconds)
        return answer, status

    def _proof(self) -> bytes:
        user, secret = self._access.username, self._secret
        if self._is_token:
            return f"user={user}\x01auth=Bearer {secret}\x01\x01".encode()
        return f"\0{user}\0{secret}".encode()  # RFC 4616

    def _secrets(self) -> list[Secrets]:
        if not self._secret:
            return []
        quoted = self._secret.replace("\\", "\\\\").replace('"', '\\"')
        proof = self._proof().decode()
        forms = [Secrets(None, proof), Secrets(self._access.username, self._secret)]
        return [*forms, Secrets(None, quoted)] if quoted != self._secret else forms


def judge_login(answer: Response) -> MailboxTrouble:
    """What kind of trouble a refused login is (RFC 5530 §3, or its words)."""
    if answer.code in _REFUSED:
        return MailboxTrouble.LOGIN
    if answer.name != "NO" or answer.code in _TEMPORARY or _TEMPORARY_WORDS.search(answer.text):
        return MailboxTrouble.SERVER
    return MailboxTrouble.LOGIN


def judge_refusal(answer: Response) -> MailboxTrouble:
    """What kind of trouble a refused command about a folder is."""
    if answer.name != "NO" or answer.code in _TEMPORARY:
        return MailboxTrouble.SERVER
    return MailboxTrouble.FOLDER


def refusal(answer: Response, alert: str = "") -> str:
    """A refusal in the server's words, with what it wanted a person to read (RFC 9051 §7.1: ALERT)."""
    code = f"[{answer.code}] " if answer.code else ""
    more = f" ({alert})" if alert and alert != answer.text else ""
    return f"{answer.name} {code}{answer.text}{more}"


def _status(challenge: str) -> str:
    """The status in the refusal of XOAUTH2, empty if it cannot be read."""
    try:
        told = json.loads(b64decode(challenge, validate=True))
    except (Error, ValueError, RecursionError):
        return ""
    return str(told.get("status", "")) if isinstance(told, dict) else ""
