"""A whole mail system on loopback: Postfix takes letters and brings them to mailboxes of Dovecot.

Every address of every domain is at home here, and nowhere else. An address that nobody added does not exist:
letters to it come back, as do those to a full mailbox. One that must be refused at RCPT belongs to the domain
`refused.test`; senders of `keeping.test` find copies of what they sent in their folder Sent, as with the
large providers. Fails as its parts do: see `Dovecot` and `Postfix`.
"""

import shutil
import tempfile
from contextlib import ExitStack
from email.message import EmailMessage
from pathlib import Path
from typing import Self
from uuid import UUID, uuid4

from leadterra.actions.ports import MailAccess, Security, Submission
from tests.support.dovecot import Dovecot, Vacation
from tests.support.dovecot_settings import beside
from tests.support.postfix import Postfix
from tests.support.smtp_certificates import authority
from tests.support.token_server import TokenServer

PASSWORD = "correct horse battery"


class MailSystem:
    """A running mail system. A context manager. certificates: the file of its authority. tokens: the provider
    of access tokens for its mailboxes.
    """

    def __init__(self) -> None:
        self._stack = ExitStack()
        self.certificates = authority().file
        self.tokens = TokenServer()
        self.postfix: Postfix
        self.dovecot: Dovecot

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            folder = Path(tempfile.mkdtemp(prefix="leadterra-mail-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            stack.enter_context(self.tokens)
            folder.chmod(0o755)
            (folder / "dovecot").mkdir()
            self.postfix = stack.enter_context(Postfix(beside(folder / "dovecot")))
            self.dovecot = stack.enter_context(
                Dovecot(
                    folder / "dovecot",
                    submission_port=self.postfix.doors.world,
                    introspection_url=self.tokens.introspection_url,
                )
            )
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add_person(self, address: str, *, quota: int | None = None, vacation: Vacation | None = None) -> None:
        """A mailbox. quota: octets that go in: 1 is full. vacation: what answers its letters."""
        self.dovecot.add_user(address, password=PASSWORD, quota=quota, vacation=vacation)

    def add_sender_account(self, address: str, **fields: object) -> dict[str, object]:
        """A mailbox that sends, and the body of `POST /v1/sender-accounts` for it. fields: more of that."""
        self.add_person(address)
        login = {"host": "127.0.0.1", "security": "starttls", "username": address, "password": PASSWORD}
        return {
            "email": address,
            "name": address.partition("@")[0].title(),
            "smtp": login | {"port": self.postfix.doors.submission},
            "imap": login | {"port": self.dovecot.ports.imap},
            **fields,
        }

    def submission(self, address: str, account: UUID | None = None) -> Submission:
        """How that mailbox submits."""
        port = self.postfix.doors.submission
        return Submission(account or uuid4(), "127.0.0.1", port, Security.STARTTLS, address, PASSWORD)

    def access(self, address: str, account: UUID | None = None) -> MailAccess:
        """How that mailbox is read."""
        port = self.dovecot.ports.imap
        return MailAccess(account or uuid4(), "127.0.0.1", port, Security.STARTTLS, address, PASSWORD)

    def letters(self, address: str, folder: str = "INBOX") -> list[EmailMessage]:
        """What lies in a folder, oldest first."""
        return self.dovecot.letters(address, folder)

    def send(self, letter: EmailMessage) -> None:
        """Hand a person's letter in; where it goes and whose it is, its header says."""
        (to,), (sender,) = letter["To"].addresses, letter["From"].addresses
        self.postfix.send(letter.as_bytes(), to.addr_spec, sender=sender.addr_spec)

    def log(self) -> str:
        """What both servers wrote: to be shown where a test fails."""
        return f"{self.postfix.log()}\n{self.dovecot.log()}"
