"""Says yes to every AUTH PLAIN with the one password: Dovecot's authentication protocol, version 1, as
Postfix speaks it.

Usage: python -m bench.peers.dovecot_auth SOCKET PASSWORD. Runs until it is killed.
"""

import asyncio
import base64
import binascii
import os
import sys
from pathlib import Path

_GREETING = "VERSION\t1\t1\nMECH\tPLAIN\tplaintext\nSPID\t{pid}\nCUID\t{connection}\nCOOKIE\t{cookie}\nDONE\n"


class Responder:
    """One password for all users."""

    def __init__(self, password: str) -> None:
        self._password = password.encode()
        self._connections = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """With one smtpd, as long as it lives."""
        self._connections += 1
        cookie = os.urandom(16).hex()
        greeting = _GREETING.format(pid=os.getpid(), connection=self._connections, cookie=cookie)
        writer.write(greeting.encode())
        while line := await reader.readline():
            verb, *fields = line.decode().rstrip("\n").split("\t")
            if verb == "AUTH":
                writer.write(self._answer(fields).encode())
        writer.close()

    def _answer(self, fields: list[str]) -> str:
        """fields: number, mechanism, then options; `resp=` comes last."""
        number, response = fields[0], fields[-1].removeprefix("resp=")
        try:
            _, user, password = base64.b64decode(response, validate=True).split(b"\0")
        except (binascii.Error, ValueError):
            return f"FAIL\t{number}\treason=not a response of PLAIN\n"
        if password != self._password:
            return f"FAIL\t{number}\tuser={user.decode()}\n"
        return f"OK\t{number}\tuser={user.decode()}\n"


async def serve(path: Path, password: str) -> None:
    """Listen where every process of Postfix may connect."""
    server = await asyncio.start_unix_server(Responder(password).talk, path)
    os.chmod(path, 0o666)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2]))
