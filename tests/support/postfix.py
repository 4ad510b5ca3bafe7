"""The distribution's real Postfix on loopback: submission with STARTTLS and logins, mailboxes, bounces.

It runs on ports and in a folder of its own and touches nothing of the system. Postfix's first process must
be started by root: raises PermissionError elsewhere, FileNotFoundError where it is not installed, and
`PostfixError` with the end of its log where it does not start.
"""

import contextlib
import grp
import os
import pwd
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Self

from tests.support.dovecot_settings import Beside
from tests.support.postfix_settings import Domains, Doors, Rights, settings
from tests.support.processes import free_port
from tests.support.smtp_certificates import authority

_PATIENCE_SECONDS = 15
_ATTEMPTS = 5
_LIFETIME_SECONDS = 3600
_PRIVATE = (
    "active",
    "bounce",
    "corrupt",
    "defer",
    "deferred",
    "flush",
    "hold",
    "incoming",
    "private",
    "saved",
    "trace",
)


class PostfixError(Exception):
    """Postfix did not start."""


class Postfix:
    """A running Postfix. A context manager. doors: where it listens. domains: those that are special. Every
    other address of the world is accepted, and what the mailbox server refuses comes back to the sender as a
    report (RFC 3464). No letter ever leaves this machine.
    """

    def __init__(self, sockets: Beside, domains: Domains | None = None) -> None:
        """sockets: of Dovecot, which may start later."""
        self.doors = Doors(0, 0, 0)
        self.domains = domains or Domains()
        self._sockets = sockets
        self._folder = Path()
        self._rights = Rights("postfix", "postdrop")
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """Its first process; the others are children of it."""
        assert self._process is not None
        return self._process.pid

    def send(self, content: bytes, to: str, *, sender: str = "") -> None:
        """Hand a letter in as another server of the world would. Raises what smtplib does if refused."""
        with smtplib.SMTP("127.0.0.1", self.doors.world) as client:
            client.sendmail(sender, [to], content)

    def log(self) -> str:
        """All that it has written."""
        with contextlib.suppress(FileNotFoundError):
            return (self._folder / "log").read_text(errors="replace")
        return ""

    def __enter__(self) -> Self:
        if os.geteuid() != 0:
            raise PermissionError(
                "Postfix can be started by root only: run the tests as root, or in a container"
            )
        master, self._rights = _installation()
        self._folder = Path(tempfile.mkdtemp(prefix="leadterra-postfix-"))
        try:
            self._lay_out()
            for _ in range(_ATTEMPTS):
                if self._start(master):
                    return self
        except BaseException:
            self.__exit__()
            raise
        self.__exit__()
        raise PostfixError("it found no free ports")

    def __exit__(self, *_: object) -> None:
        self._end()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _lay_out(self) -> None:
        """The folders, with the owners that Postfix insists on."""
        owner, group = pwd.getpwnam(self._rights.owner).pw_uid, grp.getgrnam(self._rights.group).gr_gid
        self._folder.chmod(0o755)
        queue = self._folder / "queue"
        for folder in (queue, queue / "pid", self._folder / "conf"):
            folder.mkdir(mode=0o755)
        for folder in (self._folder / "state", *(queue / name for name in _PRIVATE)):
            folder.mkdir(mode=0o700)
            os.chown(folder, owner, 0)
        for name, mode in (("public", 0o710), ("maildrop", 0o730)):
            (queue / name).mkdir()
            os.chown(queue / name, owner, group)
            (queue / name).chmod(mode)
        shutil.copyfile(authority().server_file(), self._folder / "conf" / "server.pem")

    def _start(self, master: str) -> bool:
        """Whether it runs now; False if somebody else took a port meanwhile. Raises `PostfixError`."""
        self.doors = Doors(free_port(), free_port(), free_port())
        written = settings(self._folder, self._rights, self.domains, self.doors, self._sockets)
        for name, text in written.items():
            path = self._folder / "conf" / name
            path.write_text(text)
            os.utime(path, (0, 0))  # it waits for seconds where a file may still be being written
        self._process = subprocess.Popen(
            [master, "-c", str(self._folder / "conf"), "-e", str(_LIFETIME_SECONDS)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        give_up = time.monotonic() + _PATIENCE_SECONDS
        while not self._greets():
            if self._process.poll() is not None:
                return self._has_ended()
            if time.monotonic() > give_up:
                raise PostfixError(f"it does not answer: {self.log()[-2000:]}")
            time.sleep(0.01)
        return True

    def _has_ended(self) -> bool:
        """False if only a port was in use. Raises `PostfixError`."""
        self._end()
        if "Address already in use" not in self.log():
            raise PostfixError(self.log()[-2000:])
        (self._folder / "log").unlink(missing_ok=True)
        return False

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.doors.submission), 5) as connection:
                greeted = connection.recv(4) == b"220 "
                connection.sendall(b"QUIT\r\n")
                return greeted
        except OSError:
            return False

    def _end(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # nothing of it is wanted any more
            self._process.wait()


def _installation() -> tuple[str, Rights]:
    """Its first program, and whose its mail is."""
    found = shutil.which("postconf", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")
    if found is None:
        raise FileNotFoundError("postfix is not installed")
    asked = [found, "-dh", "daemon_directory", "mail_owner", "setgid_group"]
    folder, owner, group = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.split()
    return f"{folder}/master", Rights(owner, group)
