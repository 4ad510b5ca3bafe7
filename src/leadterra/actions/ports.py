"""What the actions and workers need from outside, as small Protocols. `bootstrap` wires the real ones."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from leadterra.domain.outcomes import Accepted, Deferred, Refused, Uncertain, Unsendable, Withheld
from leadterra.mail.finding import Classification
from leadterra.mail.letter import Letter


class Security(StrEnum):
    """How the SMTP connection is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


class TokenTrouble(StrEnum):
    """What kind of trouble there is with access tokens."""

    LOGIN = "login"
    """The token server refused, for good: access was revoked, or the client is not known. A person must
    act.
    """
    SERVER = "server"
    """It could not be reached, or makes no sense: try again later."""


class TokenError(Exception):
    """There is no access token now. trouble: see `TokenTrouble`. The text is for people, without secrets."""

    def __init__(self, trouble: TokenTrouble, text: str) -> None:
        super().__init__(text)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Grant:
    """What access tokens are issued for (RFC 6749 §6), opened.

    scope: what to ask for, None for nothing in particular. client_secret: None for a public client.
    is_test: the token server may be on this machine.
    """

    token_url: str
    client_id: str
    client_secret: str | None = field(repr=False)
    refresh_token: str = field(repr=False)
    scope: str | None
    is_test: bool


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """lifetime: seconds that it holds. refresh_token: a new one that takes the place of the one before; None
    where that one stays.
    """

    access_token: str = field(repr=False)
    lifetime: float
    refresh_token: str | None = field(repr=False)


class Tokens(Protocol):
    """Asks token servers."""

    async def access_token(self, grant: Grant) -> IssuedToken:
        """A new access token. Raises `TokenError`."""
        ...

    async def close(self) -> None:
        """Drop all connections."""
        ...


class TokenSource(Protocol):
    """The access tokens of one account."""

    async def access_token(self) -> str:
        """One that should hold. Raises `TokenError`, and what the database raises when it is away."""
        ...

    def renew(self, token: str) -> bool:
        """That token was refused: it is forgotten. Whether it had been in use for a while, so that a new one
        is worth another try.
        """
        ...


@dataclass(frozen=True, slots=True)
class Submission:
    """Where and as whom one sender account submits.

    account_id: connections are kept by account. username, password: both None where the server asks for no
    login. tokens: what stands for the password where there is one (XOAUTH2). Two equal values may share a
    connection; a changed value (new password, new host) never reuses an old one.
    """

    account_id: UUID
    host: str
    port: int
    security: Security
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tokens: TokenSource | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one letter, and when.

    ending: see `domain.outcomes`. server: "host:port" as connected to. started_at: when the conversation
    about this letter began. data_at: when DATA was written, None if it never was. ended_at: when the ending
    was known.
    """

    ending: Accepted | Deferred | Refused | Uncertain | Withheld | Unsendable
    server: str
    started_at: datetime
    data_at: datetime | None
    ended_at: datetime


class Clock(Protocol):
    """The time. Virtual in demos, tests and simulations (R12)."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""
        ...


Clear = Callable[[], Awaitable[bool]]
"""Asked right before DATA; False means that the letter must not go (R7)."""


class Resolver(Protocol):
    """Asks the domain name system."""

    async def list_mx(self, domain: str) -> list[str] | None:
        """The hosts that take a domain's mail, most preferred first; none if there is no such domain or it
        has none; `["."]` if it says that it takes no mail (RFC 7505). None if there was no answer: ask again
        later. Never raises for what a name, a server or a network does.
        """
        ...

    async def list_txt(self, name: str) -> list[str] | None:
        """The TXT records of a name, the strings of each joined; none if there are none. None if there was no
        answer. Never raises for what a name, a server or a network does.
        """
        ...


class Greeter(Protocol):
    """Knocks at mail servers, and sends nothing."""

    async def log_in(self, submission: Submission) -> Deferred | Refused | None:
        """Connect, protect the connection, log in, and say QUIT. None if all of it went well, else what went
        wrong. Never raises for what a server or a network does.
        """
        ...


class ModelError(Exception):
    """A language model said nothing that could be used. The text is for people, without secrets."""


class LanguageModel(Protocol):
    """Says what a person's reply means, where the rules make nothing of it."""

    async def classify(self, text: str) -> Classification:
        """What this means; never `bounce`. The text is a stranger's: whatever it says, the worst that can
        come of it is a wrong word. Raises `ModelError`, and nothing else for what a server or a network does.
        """
        ...

    async def close(self) -> None:
        """Drop all connections."""
        ...


class Courier(Protocol):
    """Hands letters to mail servers."""

    async def deliver(self, submission: Submission, letter: Letter, clear: Clear) -> Attempt:
        """One conversation about one letter. Never raises for what a server or a network does. What `clear`
        raises passes through, and nothing was sent. Cancelled once DATA was answered, it still ends in a
        value.
        """
        ...

    async def close(self) -> None:
        """Say QUIT on idle connections and drop them all."""
        ...


class FolderRole(StrEnum):
    """What a folder of a mailbox is for (RFC 6154, or its usual names)."""

    INBOX = "inbox"
    JUNK = "junk"
    SENT = "sent"


@dataclass(frozen=True, slots=True)
class MailAccess:
    """Where and as whom one sender account reads its mail. Two equal values may share a connection.

    password: None if an access token is used. token: asked for at every login; raises `MailboxError`.
    """

    account_id: UUID
    host: str
    port: int
    security: Security
    username: str
    password: str | None = field(default=None, repr=False)
    token: Callable[[], Awaitable[str]] | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder, by its name on the server (as IMAP writes it), and what it is for."""

    name: str
    role: FolderRole


@dataclass(frozen=True, slots=True)
class FolderState:
    """uid_validity: another one makes all known UIDs void (RFC 9051 §2.3.1.1). uid_next: the UID that the
    next letter will get at the earliest.
    """

    uid_validity: int
    uid_next: int


@dataclass(frozen=True, slots=True)
class FetchedLetter:
    """uid: in its folder. size: octets of the whole letter. received_at: when the server got it; when we did,
    if it does not say. content: its first octets, at most as many as were asked for.
    """

    uid: int
    size: int
    received_at: datetime
    content: bytes


class MailboxTrouble(StrEnum):
    """What kind of trouble a mailbox has."""

    LOGIN = "login"
    """The server refused the login: a person must act."""
    SERVER = "server"
    """It could not be reached, broke off, or does not speak IMAP: try again later."""
    FOLDER = "folder"
    """The folder is not there, or cannot be opened."""


class MailboxError(Exception):
    """The mailbox could not be read. trouble: see `MailboxTrouble`. The text is the server's, for people."""

    def __init__(self, trouble: MailboxTrouble, text: str) -> None:
        super().__init__(text)
        self.trouble = trouble


class MailboxSession(Protocol):
    """One open, logged-in mailbox, used by one task at a time. Every method raises `MailboxError`; after one
    of trouble SERVER, or when a method other than `wait` was cancelled, the session is closed. Folders are
    named as the server names them; one that it keeps below a prefix of its own may be named without it.
    """

    async def list_folders(self) -> list[Folder]:
        """Those with a role; the inbox is always among them."""
        ...

    async def select(self, folder: str) -> FolderState:
        """Make it the folder that the other methods are about."""
        ...

    async def glance(self, folder: str) -> FolderState | None:
        """How a folder is that is not the selected one, which stays selected; None where the server does not
        tell, and it has to be selected to know.
        """
        ...

    async def fetch(self, first_uid: int, *, limit: int, max_octets: int) -> list[FetchedLetter]:
        """Letters with that UID or a higher one, lowest first, at most so many, and fewer where they are
        large: none only if there are no more now. Marks nothing as read. A letter that the server has and
        cannot give has no content.
        """
        ...

    async def find(self, message_id: str) -> int | None:
        """UID of the letter with that Message-ID in the selected folder; of several, the newest."""
        ...

    async def wait(self, seconds: float) -> bool:
        """IDLE (RFC 2177) at most so long; True once the folder has grown since it was selected or fetched
        from. Where the server offers none: NOOP at once, and whether it has.
        """
        ...

    @property
    def idles(self) -> bool:
        """Whether the server offers IDLE."""
        ...

    async def move(self, uids: Sequence[int], folder: str) -> None:
        """Move letters to a folder, made if it is not there."""
        ...

    async def append(self, folder: str, content: bytes) -> None:
        """Put a letter there, as read."""
        ...

    async def close(self) -> None:
        """Say LOGOUT, and drop the connection. Never raises."""
        ...


class Mailroom(Protocol):
    """Opens mailboxes."""

    async def open(self, access: MailAccess) -> MailboxSession:
        """Connect and log in. Raises `MailboxError`."""
        ...
