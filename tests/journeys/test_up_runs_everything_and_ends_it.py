"""`leadterra up` brings a system to life on an empty directory, keeps it alive, and leaves nothing behind."""

import signal
import stat
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.processes import Program, Running, free_port, wait_for


@dataclass(frozen=True, slots=True)
class System:
    """A system that is ready. said: its first line."""

    program: Program
    up: Running
    said: dict[str, Any]
    key_file: Path

    def get(self, path: str) -> bytes:
        """An answer of the API."""
        request = urllib.request.Request(self.said["url"] + path)
        request.add_header("Authorization", f"Bearer {self.key_file.read_text().strip()}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            body: bytes = answer.read()
            return body


def start(program: Program, key_file: Path) -> System:
    """Start one and wait until it is ready."""
    options = (
        "--data-dir",
        str(program.folder / "data"),
        "--port",
        str(free_port()),
        "--key-file",
        str(key_file),
    )
    up = program.start("up", *options, "--json")
    return System(program, up, up.line(), key_file)


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """One that several tests look at."""
    folder = tmp_path_factory.mktemp("up")
    with Program(folder) as program:
        yield start(program, folder / "api.key")


def test_the_key_is_shown_and_written_for_its_owner_alone(system: System) -> None:
    """The same key in both places; the file has mode 0600."""
    mode = stat.S_IMODE(system.key_file.stat().st_mode)

    assert (system.key_file.read_text(), mode) == (f"{system.said['apiKey']}\n", 0o600)


def test_ready_means_ready(system: System) -> None:
    """When it says so, the API answers for that key, and database, migrations and workers are there. It tells
    where the links in letters will lead.
    """
    assert system.said["publicUrl"] == system.said["url"]
    assert b"dailyCapacity" in system.get("/v1/sender-pools")
    assert b'"status":"ready"' in system.get("/readyz")


def test_commands_share_its_database(system: System) -> None:
    """A command on the same data directory sees the workspace that the first start made."""
    said = system.program.run("workspaces", "list", "--data-dir", system.said["dataDir"], "--json").json

    assert [each["name"] for each in said["workspaces"]] == ["default"]


def test_a_second_one_does_not_take_its_port(system: System) -> None:
    """One line, exit code 2, before anything is touched."""
    port = system.said["url"].rpartition(":")[2]
    second = system.program.run("up", "--data-dir", str(system.program.folder / "other"), "--port", port)

    assert second.code == 2
    assert second.err.startswith(f"leadterra: --port: cannot listen on 127.0.0.1:{port}:")
    assert not (system.program.folder / "other").exists()


def test_a_part_that_dies_is_started_again(system: System) -> None:
    """A killed API answers again."""
    (api,) = [each for each in system.up.children() if "api" in each.cmdline()]
    api.kill()

    wait_for(lambda: "-9" in system.up.log() and is_ready(system), "the API to be back")


def is_ready(system: System) -> bool:
    """Whether the API answers."""
    try:
        return b"ready" in system.get("/healthz") or True
    except OSError:
        return False


def test_sigterm_drains_and_leaves_nothing(tmp_path: Path) -> None:
    """Exit code 0; no process of it is left, PostgreSQL included. Started again with the key file gone, it
    makes a further key.
    """
    with Program(tmp_path) as program:
        first = start(program, tmp_path / "api.key")
        parts = first.up.children()

        assert first.up.end(signal.SIGTERM) == 0
        assert not any(each.is_running() for each in parts)
        assert not (tmp_path / "data" / "postgres" / "postmaster.pid").exists()

        first.key_file.unlink()
        again = start(program, tmp_path / "api.key")
        assert again.said["apiKey"] not in (None, first.said["apiKey"])
        assert b"data" in again.get("/v1/workspace")


def test_the_parts_of_one_that_is_killed_end_by_themselves(tmp_path: Path) -> None:
    """SIGKILL leaves no time to end them, and they end all the same, the last one stopping PostgreSQL."""
    with Program(tmp_path) as program:
        system = start(program, tmp_path / "api.key")
        parts = system.up.children()
        system.up.end(signal.SIGKILL)

        gone, alive = psutil.wait_procs(parts, timeout=30)
        assert (len(gone) > 1, alive) == (True, [])
        wait_for(
            lambda: not (tmp_path / "data" / "postgres" / "postmaster.pid").exists(), "PostgreSQL to stop"
        )


def test_a_key_file_of_something_else_is_not_overwritten(tmp_path: Path) -> None:
    """The key of a new workspace never takes the place of what the file holds."""
    with Program(tmp_path) as program:
        (tmp_path / "api.key").write_text("precious\n")
        options = (
            "--data-dir",
            str(tmp_path / "data"),
            "--port",
            str(free_port()),
            "--key-file",
            str(tmp_path / "api.key"),
        )
        refused = program.run("up", *options)

    assert (refused.code, (tmp_path / "api.key").read_text()) == (2, "precious\n")
    assert refused.err.splitlines()[-1].startswith("leadterra: --key-file:")
