"""`leadterra api`, told to stop, answers the request that it is reading and takes no further one."""

import signal
import socket
from collections.abc import Callable
from pathlib import Path

from tests.support.processes import Program, free_port

BODY = b'{"name": "Spring"}'


def test_a_request_that_has_begun_is_answered(
    tmp_path: Path, make_database: Callable[[str], tuple[str, str]], worker_id: str
) -> None:
    """Its body arrives after SIGTERM; the campaign is made all the same, and the exit code is 0."""
    admin_url, program_url = make_database(f"leadterra_draining_{worker_id}")
    port = free_port()
    settings = {"admin_database_url": admin_url, "database_url": program_url, "data_dir": tmp_path / "data"}
    with Program(tmp_path, **settings) as program:
        program.run("workspaces", "create", "acme")
        key = program.run("keys", "create", "--json").json["key"]
        api = program.start("api", "--port", str(port))
        api.says("api.listening")
        head = (
            f"POST /v1/campaigns HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {key}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n"
            "Expect: 100-continue\r\n\r\n"
        )
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(head.encode())
            assert connection.recv(4096) == b"HTTP/1.1 100 Continue\r\n\r\n"  # it reads the body now
            api.process.send_signal(signal.SIGTERM)
            api.says("program.draining")
            connection.sendall(BODY)

            assert connection.recv(4096).startswith(b"HTTP/1.1 201 ")
        assert api.wait() == 0
