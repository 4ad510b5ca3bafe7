"""Where a case runs: a temporary folder and a migrated PostgreSQL of its own, ended and removed with it.

Raises `EmbeddedPostgresError` where the database does not start.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from leadterra.store.embedded import EmbeddedPostgres
from leadterra.store.migration import migrate

_QUICK_SCALE = 0.04


@dataclass(frozen=True, slots=True)
class Place:
    """One case's surroundings.

    folder: temporary, everybody may pass through it. postgres: runs, migrated, nobody else's. is_quick:
    small sizes are wanted, the figures matter little. scale: factor on sizes, 1.0 unless is_quick.
    """

    folder: Path
    postgres: EmbeddedPostgres
    is_quick: bool = False
    scale: float = 1.0
    _numbers: Iterator[int] = field(default_factory=count, repr=False, compare=False)

    def size(self, full: int, least: int = 1) -> int:
        """A size in this place, where `full` is that of the whole bench."""
        return max(least, round(full * self.scale))

    def new_folder(self, name: str) -> Path:
        """An empty folder of that name and a number."""
        folder = self.folder / f"{name}{next(self._numbers)}"
        folder.mkdir(mode=0o755)
        return folder

    @property
    def postgres_pid(self) -> int:
        """The server's first process; every backend is a child of it."""
        record = self.postgres.data_dir / "postgres" / "postmaster.pid"
        return int(record.read_text().split("\n", 1)[0])


@contextmanager
def open_place(*, is_quick: bool = False) -> Iterator[Place]:
    """A place, until the block ends."""
    with tempfile.TemporaryDirectory(prefix="leadterra-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # as root, servers run as users of their own
        with EmbeddedPostgres(folder / "pg") as postgres:
            migrate(postgres.admin_url(), postgres.program_url())
            yield Place(folder, postgres, is_quick, _QUICK_SCALE if is_quick else 1.0)
