"""The demo's mail server: speaks SMTP to whoever connects, and keeps every letter that it takes.

A process of its own: `python -m leadterra.cli.demo.mail_server FOLDER SECONDS` prints its port and serves
until its standard input ends. Each letter becomes a file in FOLDER/new and a line of FOLDER/index.jsonl, both
before the server says that it has taken it. SECONDS is how long it takes over a letter. Its time is the
demo's own.
"""

import asyncio
import email
import email.policy
import json
import os
import sys
from contextlib import suppress
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace

from aiosmtpd.smtp import SMTP, Envelope, Session

from leadterra.actions.ports import Clock
from leadterra.bootstrap import build_clock
from leadterra.cli.parenthood import end_with_parent
from leadterra.config import Settings


class LetterBox:
    """Where letters go."""

    def __init__(self, folder: Path, clock: Clock, seconds: float) -> None:
        """folder: exists. seconds: to spend on each letter."""
        self._folder = folder
        self._clock = clock
        self._seconds = seconds
        self._count = 0

    async def take(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep one letter, and say so."""
        at = self._clock.now()
        await asyncio.sleep(self._seconds)
        self._count += 1
        file = f"new/{self._count:05}.eml"
        content = envelope.original_content or b""
        (self._folder / file).write_bytes(content)
        letter = email.message_from_bytes(content, _class=EmailMessage, policy=email.policy.SMTP)
        line = {
            "file": file,
            "at": at.isoformat(),
            "sender": envelope.mail_from,
            "recipients": envelope.rcpt_tos,
            "messageId": letter["Message-ID"],
            "inReplyTo": letter["In-Reply-To"],
            "subject": letter["Subject"],
        }
        with (self._folder / "index.jsonl").open("a", encoding="utf-8") as index:
            index.write(json.dumps(line, ensure_ascii=False) + "\n")
        return f"250 2.0.0 taken as {file}"


async def serve(box: LetterBox) -> None:
    """Take letters on a port of the system's choice, printed on standard output."""
    loop = asyncio.get_running_loop()
    hooks = SimpleNamespace(handle_DATA=box.take)
    server = await loop.create_server(
        lambda: SMTP(hooks, hostname="mail.demo.example", enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
    )
    async with server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


def main(folder: Path, seconds: float) -> None:
    """Serve until the parent is gone."""
    (folder / "new").mkdir(parents=True, exist_ok=True)
    end_with_parent()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(LetterBox(folder, build_clock(Settings.from_environ(os.environ)), seconds)))


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
