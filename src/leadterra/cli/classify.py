"""`leadterra classify`: what the engine makes of letters that lie in files. No database is asked.

A file that cannot be read is told of on standard error, and the others are classified; the exit code is then
2. Of each letter the first megabyte is read, as in a mailbox; an mbox holds many.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from leadterra.cli.declaring import command
from leadterra.cli.errors import CommandError, explain
from leadterra.cli.output import table
from leadterra.cli.session import Session
from leadterra.domain.day import read_day
from leadterra.mail.charsets import decode
from leadterra.mail.classification import classify as find_out
from leadterra.mail.finding import Failure, Finding
from leadterra.mail.incoming import Incoming
from leadterra.mail.letter_files import is_letter, letters_in
from leadterra.mail.reading import MOST_OCTETS, read_letter, read_text

_LETTERS = frozenset({".eml", ".mbox", ".msg", ".mht"})
_TEXTS = frozenset({".txt", ".text"})
_NO_MAIL = frozenset(
    {"license", "licence", "readme", "copying", "copyright", "notice", "changelog", "changes"}
)
_OUTLOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LONGEST_CELL = 120
_FAULT = 2


def declare(commands: typer.Typer) -> None:
    """Add the command."""
    command(commands, lacks=("data_dir", "workspace"))(classify)


def classify(
    session: Session,
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|DIR...", help="Letters, texts, or directories of them; - is standard input."
        ),
    ],
    *,
    on: Annotated[
        str | None,
        typer.Option(
            "--on",
            metavar="DAY",
            help="The day it came, such as 2025-01-15.",
            show_default="the letter's Date, or today",
        ),
    ] = None,
) -> None:
    """Say what letters are: bounces, complaints, absences, replies, and what they mean, with the signs.

    A file is a letter if its name ends in .eml or it begins with a header; any other text counts as the body
    of a reply. In a directory, files named .eml or .txt are taken, and others if they are letters.
    """
    today = datetime.now(UTC).date()
    day = _day_of(on, today)
    shown = table("File", "Kind", "Means", "Recipients", "Signs")
    is_faulty, count = False, 0
    for path in _listed(files):
        try:
            for letter in _read(path):
                received_on = day or (letter.date.date() if letter.date else today)
                finding, count = find_out(letter, received_on=received_on), count + 1
                if session.output.is_json:
                    session.output.result(_as_json(path, finding), "")
                else:
                    shown.add_row(*_as_row(path, finding))
        except (OSError, CommandError) as error:
            session.output.note(f"leadterra: {_printable(path)}: {explain(error).removeprefix(f'{path}: ')}")
            is_faulty = True
    if not count and not is_faulty:
        raise CommandError(f"{files[0]}: there are no letters and no texts in it")
    if count and not session.output.is_json:
        session.output.result({}, shown)
    if is_faulty:
        raise typer.Exit(_FAULT)


def _day_of(text: str | None, today: date) -> date | None:
    try:
        return None if text is None else read_day(text)
    except ValueError:
        raise CommandError(f"{text!r} is no day; write it as {today}") from None


def _listed(paths: list[Path]) -> Iterator[Path]:
    """The files that are meant, those of a directory by name."""
    for path in paths:
        if path.is_dir():
            yield from (each for each in sorted(path.rglob("*")) if _is_meant(each, path))
        else:
            yield path


def _is_meant(path: Path, root: Path) -> bool:
    """Whether a file of a directory is to be classified."""
    if any(part.startswith(".") for part in path.relative_to(root).parts) or not path.is_file():
        return False
    if path.name.partition(".")[0].lower() in _NO_MAIL:
        return False
    suffix = path.suffix.lower()
    if suffix in _LETTERS | _TEXTS:
        return True
    try:
        with path.open("rb") as file:
            return is_letter(file.read(MOST_OCTETS))
    except OSError:
        return False


def _read(path: Path) -> Iterator[Incoming]:
    """The letters of a file. Raises OSError, and `CommandError` for what is no letter and no text."""
    if str(path) == "-":
        yield from (_letter(path, each) for each in letters_in(sys.stdin.buffer, MOST_OCTETS + 1))
        return
    with path.open("rb") as file:
        yield from (_letter(path, each) for each in letters_in(file, MOST_OCTETS + 1))


def _letter(path: Path, content: bytes) -> Incoming:
    if content.startswith(_OUTLOOK):
        raise CommandError("this is Outlook's own format; save the letter as .eml")
    if path.suffix.lower() in _LETTERS or is_letter(content):
        return read_letter(content)
    return read_text(decode(content)[0])


def _as_json(path: Path, finding: Finding) -> dict[str, object]:
    return {
        "file": _printable(path),
        "kind": finding.kind.value,
        "recipients": [_failure_as_json(each) for each in finding.recipients],
        "returnOn": finding.return_on.isoformat() if finding.return_on else None,
        "newText": finding.new_text,
        "classification": finding.classification.value,
        "referral": finding.referral,
        "isGone": finding.is_gone,
        "originalIds": list(finding.original_ids),
        "evidence": list(finding.evidence),
    }


def _failure_as_json(failure: Failure) -> dict[str, object]:
    return {
        "address": failure.address,
        "status": failure.status,
        "code": failure.code,
        "hard": failure.hard,
        "reason": "delayed" if failure.delayed else failure.reason,
    }


def _as_row(path: Path, finding: Finding) -> tuple[str, ...]:
    recipients = "\n".join(f"{each.address}: {_told(each)}" for each in finding.recipients[:5])
    means = [finding.classification.value]
    means += [f"back on {finding.return_on}"] if finding.return_on else []
    means += [f"see {finding.referral}"] if finding.referral else []
    signs = "\n".join(each[:_LONGEST_CELL] for each in finding.evidence[:3])
    return _printable(path), finding.kind.value, "\n".join(means), recipients, signs


def _told(failure: Failure) -> str:
    """What became of a recipient, for people."""
    if failure.code is None and failure.status is None and failure.reason == "complaint":
        return "complained"
    how = "delayed" if failure.delayed else "hard" if failure.hard else "soft"
    return f"{how}, {failure.reason}"


def _printable(path: Path) -> str:
    """A name that can be written even if it is no UTF-8."""
    return str(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
