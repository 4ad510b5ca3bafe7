"""What the demo's mail server received, and what that says about the promises: counted here, by nothing that
the engine said.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter. at: when its content was taken, by the demo's clock. is_reply: it answers in a thread.
    file: below the folder.
    """

    file: str
    at: datetime
    sender: str
    recipient: str
    message_id: str
    subject: str
    is_reply: bool

    @property
    def day(self) -> date:
        """The UTC day that it counts against."""
        return self.at.astimezone(UTC).date()


class LetterIndex:
    """Reads the server's index as it grows."""

    def __init__(self, folder: Path) -> None:
        """folder: of the mail server."""
        self._file = folder / "index.jsonl"
        self._place = 0
        self._letters: list[Letter] = []

    def read(self) -> Sequence[Letter]:
        """All letters so far."""
        if self._file.exists():
            with self._file.open("rb") as index:
                index.seek(self._place)
                for line in index:
                    if not line.endswith(b"\n"):
                        break
                    self._place += len(line)
                    self._letters.append(_read(line))
        return self._letters


def count_duplicates(letters: Sequence[Letter]) -> int:
    """Letters that somebody had before: the same Message-ID, or the same subject to the same recipient, which
    is the same step.
    """
    ids = Counter(letter.message_id for letter in letters)
    steps = Counter((letter.recipient, letter.subject) for letter in letters)
    return max(sum(ids.values()) - len(ids), sum(steps.values()) - len(steps))


def count_over_limit(letters: Sequence[Letter], limits: Mapping[str, int]) -> int:
    """Letters beyond what their account may send on their day."""
    counts = Counter((letter.sender, letter.day) for letter in letters)
    return sum(max(0, count - limits.get(sender, 0)) for (sender, _), count in counts.items())


def count_by_account(letters: Sequence[Letter], day: date | None = None) -> Counter[str]:
    """How many each account sent, on that day or in all."""
    return Counter(letter.sender for letter in letters if day is None or letter.day == day)


def _read(line: bytes) -> Letter:
    entry = json.loads(line)
    return Letter(
        file=entry["file"],
        at=datetime.fromisoformat(entry["at"]),
        sender=entry["sender"],
        recipient=", ".join(entry["recipients"]),
        message_id=entry["messageId"],
        subject=entry["subject"],
        is_reply=entry["inReplyTo"] is not None,
    )
