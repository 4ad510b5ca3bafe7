"""A new connection, STARTTLS and AUTH for every letter: how most mailboxes are sent from, at five hundred
accounts.

The server is a Postfix that drops what it takes, checks each login and resumes no TLS session. Everybody
verifies its certificate, and has as many connections at a time.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.engine import Crew, Work, letter_size, send
from bench.measuring import Aim, Case, Contestant, Run, per_thousand
from bench.peers.postfix import submission_server
from bench.places import Place
from bench.programs import node_environment, peers_python, program, report, script

ACCOUNTS = 500
CONNECTIONS = 50
"""At a time, of every contestant."""
LETTERS = 2_000

_PROCESSES = 2
_SECONDS = 600.0
_PASSWORD = "correct horse"


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The surroundings. certificate: what clients trust. size: octets of a letter. letters: of a run."""

    place: Place
    port: int
    certificate: Path
    size: int
    letters: int


@contextmanager
def cases(place: Place) -> Iterator[Sequence[Case]]:
    """The one case, with its server running."""
    size, letters = letter_size(place), place.size(LETTERS, least=ACCOUNTS)
    with submission_server(place.new_folder("mailbox"), _PASSWORD) as (port, certificate):
        mailbox = Mailbox(place, port, certificate, size, letters)
        yield [
            Case(
                "mailbox",
                "messages/s",
                [
                    Contestant("ours", partial(_ours, mailbox)),
                    Contestant("nodemailer", partial(_nodemailer, mailbox)),
                    Contestant("bare aiosmtplib", partial(_bare, mailbox)),
                ],
                [Aim("at least 1.5 times nodemailer", "ours", "nodemailer", at_least=1.5)],
                note=f"a new connection, TLS handshake and login for each letter of {size} octets;"
                f" {ACCOUNTS} accounts, {CONNECTIONS} connections; ours: {_PROCESSES} processes",
            )
        ]


def _ours(mailbox: Mailbox) -> Run:
    settings = {
        "letters_per_connection": 1,
        "connections_per_account": 1,
        "connections_per_process": CONNECTIONS // _PROCESSES,
        "smtp_ca_file": mailbox.certificate,
    }
    work = Work(mailbox.port, mailbox.letters, ACCOUNTS, _PASSWORD, _SECONDS)
    return send(mailbox.place, work, Crew(_PROCESSES, settings))


def _nodemailer(mailbox: Mailbox) -> Run:
    options = json.dumps({**_options(mailbox), "pool": False})
    log = mailbox.place.new_folder("nodemailer") / "log"
    command = [program("node"), script("nodemailer.js"), options]
    told = report(command, log, seconds=_SECONDS, environ=node_environment())
    return _run_of(mailbox, told.seconds, told.cpu, told.memory)


def _bare(mailbox: Mailbox) -> Run:
    log = mailbox.place.new_folder("aiosmtplib") / "log"
    command = [peers_python(), "-m", "bench.peers.bare_aiosmtplib", json.dumps(_options(mailbox))]
    told = report(command, log, seconds=_SECONDS)
    return _run_of(mailbox, told.seconds, told.cpu, told.memory)


def _options(mailbox: Mailbox) -> dict[str, object]:
    """As both peers take them."""
    return {
        "port": mailbox.port,
        "messages": mailbox.letters,
        "connections": CONNECTIONS,
        "size": mailbox.size,
        "accounts": ACCOUNTS,
        "password": _PASSWORD,
        "ca": str(mailbox.certificate),
    }


def _run_of(mailbox: Mailbox, seconds: float, cpu: float, memory: int) -> Run:
    count = mailbox.letters
    return Run(count / seconds, cpu=per_thousand(cpu, count), memory=memory, count=count)
