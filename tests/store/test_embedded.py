"""The embedded PostgreSQL is shared by any number of processes; a killed one leaves nothing stale behind."""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from leadterra.store.cluster import Cluster
from leadterra.store.embedded import EmbeddedPostgres, EmbeddedPostgresError

HOLDER = """
import sys
from pathlib import Path
from leadterra.store.embedded import EmbeddedPostgres
postgres = EmbeddedPostgres(Path(sys.argv[1])).start()
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module")
def initialised() -> Iterator[Path]:
    """A data directory whose database is made and stopped."""
    with tempfile.TemporaryDirectory(prefix="leadterra-") as folder:
        data_dir = Path(folder) / "data"
        with EmbeddedPostgres(data_dir):
            pass
        yield data_dir


@pytest.fixture
def data_dir(initialised: Path) -> Iterator[Path]:
    """The same for every test; whatever server a failed test left on it is stopped."""
    yield initialised
    Cluster(initialised / "postgres").stop("immediate")


def ask(url: str, question: str) -> object:
    """The first column of the first row."""
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(question.encode()).fetchone()
        return row and row[0]


def server_pid(data_dir: Path) -> int:
    """As the server wrote it down itself."""
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def is_running(data_dir: Path) -> bool:
    """Whether a server of this directory lives."""
    return Cluster(data_dir / "postgres").is_running()


def test_an_empty_directory_becomes_a_database() -> None:
    """Nothing is prepared by hand, and its files are for nobody else."""
    with tempfile.TemporaryDirectory(prefix="leadterra-") as folder:
        data_dir = Path(folder) / "deep" / "data"
        with EmbeddedPostgres(data_dir) as postgres:
            database = ask(postgres.program_url(), "select current_database()")
            modes = [path.stat().st_mode & 0o066 for path in (data_dir, *data_dir.iterdir())]

    assert (database, modes) == ("leadterra", [0, 0, 0, 0])


def test_many_who_start_at_once_share_one_server() -> None:
    """The first makes it, the others wait for it."""
    with tempfile.TemporaryDirectory(prefix="leadterra-") as folder:
        holders = [EmbeddedPostgres(Path(folder)) for _ in range(4)]
        with ThreadPoolExecutor(4) as threads:
            pids = set(threads.map(lambda holder: holder.start() and server_pid(Path(folder)), holders))
        for holder in holders:
            holder.stop()

        assert (len(pids), is_running(Path(folder))) == (1, False)


def test_the_programs_login_owns_nothing_and_bypasses_nothing(data_dir: Path) -> None:
    """Row-level security holds for it (R1)."""
    with EmbeddedPostgres(data_dir) as postgres:
        powers = "select array[rolsuper, rolbypassrls, rolcreatedb, rolcreaterole] from pg_roles"
        found = ask(postgres.program_url(), f"{powers} where rolname = current_user")

    assert found == [False] * 4


def test_the_administrators_login_may_migrate(data_dir: Path) -> None:
    """It creates tables and roles."""
    with EmbeddedPostgres(data_dir) as postgres:
        assert ask(postgres.admin_url(), "select rolsuper from pg_roles where rolname = current_user") is True


def test_what_is_committed_is_on_the_disk(data_dir: Path) -> None:
    """No speed is bought with durability, and there is room for many processes."""
    settings = "select array[current_setting('fsync'), current_setting('synchronous_commit'), "
    with EmbeddedPostgres(data_dir) as postgres:
        found = ask(postgres.program_url(), settings + "current_setting('max_connections')]")

    assert found == ["on", "on", "200"]


def test_the_last_to_leave_stops_the_server(data_dir: Path) -> None:
    """And nobody before."""
    first, second = EmbeddedPostgres(data_dir).start(), EmbeddedPostgres(data_dir).start()
    first.stop()
    between = is_running(data_dir)
    second.stop()

    assert (between, is_running(data_dir)) == (True, False)


def test_leaving_twice_is_leaving_once(data_dir: Path) -> None:
    """A second stop does not take the server from under somebody else."""
    first = EmbeddedPostgres(data_dir).start()
    with EmbeddedPostgres(data_dir) as second:
        first.stop()
        first.stop()

        assert ask(second.program_url(), "select 1") == 1


def test_a_killed_holder_leaves_nothing_stale(data_dir: Path) -> None:
    """Its server is found running, shared, and stopped by the next one who leaves."""
    command, pipe = [sys.executable, "-c", HOLDER, str(data_dir)], subprocess.PIPE
    with subprocess.Popen(command, env=environment(), stdin=pipe, stdout=pipe) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        pid = server_pid(data_dir)
        holder.kill()
    with EmbeddedPostgres(data_dir):
        shared = server_pid(data_dir)

    assert (shared, is_running(data_dir)) == (pid, False)


def environment() -> dict[str, str]:
    """The child finds the package where this process found it."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}


def test_a_pid_file_that_names_another_program_is_no_server(data_dir: Path) -> None:
    """After a power cut the number in it belongs to anybody: here, to this test."""
    folder = data_dir / "postgres"
    for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
        (folder / name).write_text(f"{os.getpid()}\n{folder}\n0\n5432\n{folder}\n\n0 0\nready\n")
        os.chown(folder / name, folder.stat().st_uid, folder.stat().st_gid)

    with EmbeddedPostgres(data_dir) as postgres:
        assert ask(postgres.program_url(), "select 1") == 1


def test_a_server_that_was_killed_is_revived_with_all_that_was_committed(data_dir: Path) -> None:
    """Starting again on the same object is enough."""
    with EmbeddedPostgres(data_dir) as postgres:
        keep(postgres)
        os.kill(server_pid(data_dir), signal.SIGKILL)
        postgres.start()

        assert ask(postgres.admin_url(), "select kept from kept") == 42


@pytest.mark.parametrize("immediate", [False, True])
def test_a_restart_keeps_all_that_was_committed(data_dir: Path, immediate: bool) -> None:
    """Orderly or as after a crash."""
    with EmbeddedPostgres(data_dir) as postgres:
        keep(postgres)
        before = server_pid(data_dir)
        postgres.restart(immediate=immediate)

        assert (ask(postgres.admin_url(), "select kept from kept"), server_pid(data_dir) != before) == (
            42,
            True,
        )


def keep(postgres: EmbeddedPostgres) -> None:
    """Commit one row."""
    with psycopg.connect(postgres.admin_url(), autocommit=True) as connection:
        connection.execute("drop table if exists kept")
        connection.execute("create table kept as select 42 as kept")


@pytest.mark.parametrize("name", ['it\'s $HOME `x` "q" ü %20', "a,b", "long" * 30])
def test_any_name_of_a_directory_will_do(data_dir: Path, name: str) -> None:
    """Names a shell, a URL or a socket would stumble over."""
    odd = data_dir.with_name(name)
    data_dir.rename(odd)
    try:
        with EmbeddedPostgres(odd) as postgres:
            assert ask(postgres.program_url(), "select current_user") == "leadterra_app"
            sockets = Path(str(conninfo_to_dict(postgres.program_url())["host"]))
            private = sockets.stat().st_mode & 0o077
    finally:
        odd.rename(data_dir)
    if sockets.parent == Path("/tmp"):
        sockets.rmdir()

    assert private == 0


def test_files_of_another_version_are_left_alone(data_dir: Path) -> None:
    """One line says what to do, and nothing is changed."""
    version = data_dir / "postgres" / "PG_VERSION"
    version.write_text("16\n")
    try:
        with pytest.raises(
            EmbeddedPostgresError, match="was made by PostgreSQL 16 and this program brings 18"
        ):
            EmbeddedPostgres(data_dir).start()
    finally:
        version.write_text("18\n")


def test_a_directory_that_cannot_be_used_is_one_clear_line(data_dir: Path) -> None:
    """No traceback reaches the operator."""
    (data_dir / "file").touch()

    with pytest.raises(EmbeddedPostgresError, match=r"cannot be used: .*Not a directory"):
        EmbeddedPostgres(data_dir / "file" / "data").start()
