"""A Postfix of its own in a folder: as a queue before a sink, or as a submission server with TLS and AUTH.

Needs root, as Postfix's master does; `Missing` otherwise and where Postfix is not installed.
"""

import os
import pwd
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.peers.certificates import write_certificate
from bench.programs import Missing, answers, environment, free_port, own_python, program, run, running

_DIRECTORIES = (
    *("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "maildrop"),
    *("pid", "private", "public", "saved", "trace"),
)
_SERVICES = """
127.0.0.1:{port} inet n - n - {smtpd} smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
"""
_SECONDS = 60.0
_SETTINGS = {
    "compatibility_level": "3.6",
    "myhostname": "bench.test",
    "mydestination": "",
    "mynetworks": "127.0.0.0/8",
    "inet_interfaces": "127.0.0.1",
    "inet_protocols": "ipv4",
    "local_recipient_maps": "",
    "local_transport": "error:nobody is here",
    "alias_maps": "",
    "alias_database": "",
    "disable_dns_lookups": "yes",
    "smtp_host_lookup": "native",
    "smtpd_peername_lookup": "no",
    "smtpd_client_connection_count_limit": "0",
    "biff": "no",
    "max_use": "100000",
    "default_process_limit": "200",
    "in_flow_delay": "0s",
}


@contextmanager
def postfix_queue(folder: Path, sink_port: int, connections: int) -> Iterator[tuple[int, int]]:
    """A queue that holds what it gets until `release`, and then hands everything to the sink over kept
    connections; its port and its master's pid.
    """
    settings = {
        "relayhost": f"[127.0.0.1]:{sink_port}",
        "default_destination_concurrency_limit": str(connections),
        "initial_destination_concurrency": str(connections),
        "smtp_connection_cache_destinations": "127.0.0.1",
        "smtpd_recipient_restrictions": "check_client_access static:HOLD, permit_mynetworks, reject",
    }
    port = free_port()
    with _postfix(folder, port, settings) as pid:
        yield port, pid


def release(folder: Path, log: Path) -> None:
    """Have the queue in that folder deliver all that it holds, from now on."""
    etc = str(folder / "etc")
    run([program("postsuper"), "-c", etc, "-H", "ALL"], log.with_suffix(".super"), seconds=_SECONDS)
    run([program("postqueue"), "-c", etc, "-f"], log.with_suffix(".flush"), seconds=_SECONDS)


@contextmanager
def submission_server(folder: Path, password: str) -> Iterator[tuple[int, Path]]:
    """A server that wants STARTTLS and AUTH with this password and drops every letter; its port and the
    certificate to trust.

    No TLS session is ever resumed: each letter pays for a full handshake.
    """
    certificate, socket = write_certificate(folder), folder / "queue" / "private" / "auth"
    settings = {
        "smtpd_tls_security_level": "may",
        "smtpd_tls_auth_only": "yes",
        "smtpd_tls_chain_files": str(certificate.chain),
        "tls_ssl_options": "NO_TICKET",
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_sasl_type": "dovecot",
        "smtpd_sasl_path": "private/auth",
        "smtpd_relay_restrictions": "permit_sasl_authenticated, reject",
        # Thrown away as soon as it is whole: what a queue costs would hide what the clients do.
        "smtpd_recipient_restrictions": "check_client_access static:DISCARD",
        "default_transport": "discard:",
    }
    port = free_port()
    with ExitStack() as stack:
        stack.enter_context(_postfix(folder, port, settings))
        command = [*own_python(), "-m", "bench.peers.dovecot_auth", str(socket), password]
        stack.enter_context(running(command, socket.exists, folder / "auth.log"))
        yield port, certificate.authority


@contextmanager
def _postfix(folder: Path, port: int, settings: Mapping[str, str]) -> Iterator[int]:
    """A running instance; its master's pid."""
    if os.geteuid() != 0:
        raise Missing("Postfix runs only as root; become root to measure it")
    queue, etc = folder / "queue", folder / "etc"
    _make_queue(queue, folder / "data")
    etc.mkdir()
    own = {
        "queue_directory": str(queue),
        "data_directory": str(folder / "data"),
        "daemon_directory": str(Path(program("master")).parent),
        "command_directory": str(Path(program("postdrop")).parent),
        **_installed_settings(),
    }
    lines = [f"{name} = {value}\n" for name, value in {**_SETTINGS, **own, **settings}.items()]
    (etc / "main.cf").write_text("".join(lines))
    (etc / "master.cf").write_text(_SERVICES.format(port=port, smtpd="200"))
    with running([program("master"), "-c", str(etc)], answers(port), folder / "master.log") as process:
        yield process.pid


def _installed_settings() -> dict[str, str]:
    """Where this system keeps Postfix's libraries and lists."""
    names = ("shlib_directory", "meta_directory", "mail_owner", "setgid_group")
    found = subprocess.run(
        [program("postconf"), "-d", *names],
        check=True,
        capture_output=True,
        text=True,
        env=environment(),
    )
    pairs = (line.partition(" = ") for line in found.stdout.splitlines())
    return {name: value for name, _, value in pairs}


def _make_queue(queue: Path, state: Path) -> None:
    """The directories that Postfix expects, as its own user's."""
    owner = pwd.getpwnam("postfix")
    queue.mkdir()
    for name in _DIRECTORIES:
        (queue / name).mkdir(mode=0o755 if name == "pid" else 0o700)
        if name != "pid":
            os.chown(queue / name, owner.pw_uid, owner.pw_gid)
    (queue / "public").chmod(0o710)
    (queue / "maildrop").chmod(0o730)
    state.mkdir(mode=0o700)
    os.chown(state, owner.pw_uid, owner.pw_gid)
