"""The distribution's real Dovecot on loopback: IMAP, LMTP, Sieve, quotas and logins for others to ask.

It runs on ports and in a folder of its own and touches nothing of the system. All of it runs as one ordinary
user: whoever runs the tests, or the system user of our PostgreSQL where that is root. Raises
FileNotFoundError where it is not installed, `DovecotError` with the end of its log where it does not start.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Self, cast

from leadterra.store.postgres_wheel import system_user
from tests.support.dovecot_settings import RESPONDER, Ports, Wishes, beside, settings
from tests.support.processes import free_port
from tests.support.smtp_certificates import authority

_PATIENCE_SECONDS = 15
_ATTEMPTS = 5
_ADDRESS = re.compile(r"[a-z0-9._+-]+@[a-z0-9.-]+")
_DELIVERED = re.compile(r"(\d+)\.M(\d+)P")


class DovecotError(Exception):
    """Dovecot did not start."""


@dataclass(frozen=True, slots=True)
class Vacation:
    """What a person's responder says, once a `seconds` to everybody; 0: to every letter. subject: None for
    `Auto: ` and the letter's.
    """

    text: str
    subject: str | None = "Out of office"
    seconds: int = 0


class Dovecot:
    """A running Dovecot. A context manager. folder: where everything of it is; ports: where it listens."""

    def __init__(
        self,
        folder: Path | None = None,
        *,
        submission_port: int | None = None,
        introspection_url: str | None = None,
        processes: int = 4,
        clients: int = 500,
    ) -> None:
        """folder: empty, with a short name, for it alone, where every user may pass; None: it makes one.
        submission_port: the mail server of loopback that takes what Sieve sends. introspection_url: where
        access tokens are looked up (RFC 7662; the token is appended); None: only passwords log in.
        processes, clients: how many processes serve IMAP at most, and how many connections each of them. Each
        process watches its folders through one of the kernel's few inotify instances (128 a user, usually);
        where there are none left, IDLE announces what is new after half a minute.
        """
        self._wishes = Wishes(submission_port, introspection_url, processes, clients)
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = system_user() if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self._makes_folder = folder is None
        self.folder = folder or Path()
        self.ports = Ports(0, 0)
        self._is_2_4 = False

    @property
    def pid(self) -> int:
        """Its first process; the others are children of it."""
        assert self._process is not None
        return self._process.pid

    @property
    def lmtp(self) -> Path:
        """The socket that takes letters."""
        return beside(self.folder).lmtp

    def add_user(
        self,
        address: str,
        *,
        password: str = "secret",
        quota: int | None = None,
        vacation: Vacation | None = None,
    ) -> None:
        """A mailbox, at once. An older one of that address keeps its letters and is changed within a second.

        quota: octets that go in; a letter that does not fit is refused with 552 5.2.2.
        """
        assert _ADDRESS.fullmatch(address), address
        home = self._home(address)
        self._make(home)
        limit = ""
        if quota is not None:
            limit = (
                f"userdb_quota_storage_size={quota}B"
                if self._is_2_4
                else f"userdb_quota_rule=*:bytes={quota}"
            )
        secret = b64encode(password.encode()).decode()
        entry = self.folder / "users" / address
        entry.with_suffix(".new").write_text(f"{address}:{{PLAIN.b64}}{secret}::::{home}::{limit}\n")
        entry.with_suffix(".new").replace(entry)
        if vacation is not None:
            self._respond(home, vacation)

    def remove_user(self, address: str) -> None:
        """Within a second nobody logs in as it any more, and letters to it are refused with 550 5.1.1."""
        (self.folder / "users" / address).unlink()

    def deliver(self, content: bytes, to: str, *, sender: str = "") -> None:
        """Put a letter into a mailbox, over LMTP. Raises smtplib.SMTPResponseException's kin if refused."""
        with smtplib.LMTP(str(self.lmtp)) as client:
            client.sendmail(sender, [to], content)

    def contents(self, address: str, folder: str = "INBOX") -> list[bytes]:
        """The letters of a folder as they lie there, oldest first."""
        maildir = self._home(address) / "Maildir"
        if folder != "INBOX":
            maildir /= f".{folder}"
        files = [path for part in ("new", "cur") for path in (maildir / part).glob("*")]
        return [path.read_bytes() for path in sorted(files, key=_delivered)]

    def letters(self, address: str, folder: str = "INBOX") -> list[EmailMessage]:
        """The letters of a folder, oldest first."""
        found = (message_from_bytes(one, policy=policy.default) for one in self.contents(address, folder))
        return cast("list[EmailMessage]", list(found))

    def log(self) -> str:
        """All that it has written."""
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "log").read_text(errors="replace")
        return ""

    def __enter__(self) -> Self:
        program = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
        if program is None:
            raise FileNotFoundError("dovecot is not installed")
        version = subprocess.run([program, "--version"], check=True, capture_output=True).stdout
        self._is_2_4 = not version.startswith((b"2.2", b"2.3"))
        try:
            if self._makes_folder:
                self.folder = Path(tempfile.mkdtemp(prefix="leadterra-dovecot-"))
            self.folder.chmod(0o755)
            self._own([self.folder])
            for name in ("users", "mail", "run"):
                self._make(self.folder / name)
            self._write("server.pem", authority().server_file().read_text())
            for _ in range(_ATTEMPTS):
                if self._start(program):
                    return self
        except BaseException:
            self.__exit__()
            raise
        self.__exit__()
        raise DovecotError("it found no free ports")

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # nothing of it is wanted any more
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, program: str) -> bool:
        """Whether it runs now; False if somebody else took a port meanwhile. Raises `DovecotError`."""
        self.ports = Ports(free_port(), free_port())
        written = settings(self.folder, self._owner.pw_name, self.ports, self._wishes, is_2_4=self._is_2_4)
        for name, text in written.items():
            self._write(name, text)
        with (self.folder / "stderr").open("wb") as said:
            self._process = subprocess.Popen(
                [program, "-F", "-c", str(self.folder / "dovecot.conf")],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=said,
                start_new_session=True,
                user=self._owner.pw_uid if os.geteuid() == 0 else None,
                group=self._owner.pw_gid if os.geteuid() == 0 else None,
                extra_groups=() if os.geteuid() == 0 else None,
            )
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while not self._greets():
            if self._process.poll() is not None:
                return self._has_ended()
            if time.monotonic() > give_up:
                raise DovecotError(f"it does not answer: {self.log()[-2000:]}")
            time.sleep(0.01)
        return True

    def _has_ended(self) -> bool:
        """False if only a port was in use. Raises `DovecotError`."""
        said = (self.folder / "stderr").read_text() + self.log()
        if "Address already in use" not in said:
            raise DovecotError(said[-2000:])
        (self.folder / "log").unlink(missing_ok=True)
        return False

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.ports.imap), 5) as connection:
                return connection.recv(4) == b"* OK"
        except OSError:
            return False

    def _respond(self, home: Path, vacation: Vacation) -> None:
        script = home / "active.sieve"
        subject = "" if vacation.subject is None else f":subject {_quoted(vacation.subject)}"
        text = RESPONDER.format(seconds=vacation.seconds, subject=subject, text=_quoted(vacation.text))
        script.write_text(text)
        script.with_suffix(".svbin").unlink(missing_ok=True)

    def _home(self, address: str) -> Path:
        name, _, domain = address.partition("@")
        return self.folder / "mail" / domain / name

    def _make(self, folder: Path) -> None:
        missing = [at for at in (folder, *folder.parents) if not at.exists()]
        folder.mkdir(parents=True, exist_ok=True)
        self._own(missing)

    def _write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o600)
        self._own([path])

    def _own(self, paths: Iterable[Path]) -> None:
        if os.geteuid() == 0:
            for path in paths:
                os.chown(path, self._owner.pw_uid, self._owner.pw_gid)


def _delivered(path: Path) -> tuple[int, int]:
    """When Dovecot wrote a file of a Maildir: seconds and microseconds."""
    found = _DELIVERED.match(path.name)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _quoted(text: str) -> str:
    """A string of Sieve (RFC 5228 §2.4.2)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
