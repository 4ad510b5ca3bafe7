"""What a mail server says, cut into replies (RFC 5321 §4.2).

`Reader.read` never raises. What is no reply, has no end, or contradicts itself sets `fault`; replies that
came before it are still given, nothing after it is.
"""

import re
from typing import NamedTuple

# RFC 5321 §4.5.3.1.5 allows 512 octets a reply line; real EHLO answers take a few thousand in all.
LONGEST_REPLY = 32 * 1024

# Nearly every reply is one line that arrives whole, and then nothing needs to be kept.
_WHOLE = re.compile(rb"([2-5][0-9]{2}) ([^\r\n]{0,1000})\r\n")
_LINE = re.compile(rb"([2-5][0-9]{2})(?:([ -])(.*))?")


class Reply(NamedTuple):
    """code: the three digits. octets: the text of each line, joined by LF."""

    code: int
    octets: bytes

    @property
    def message(self) -> str:
        """The text. Octets that are not UTF-8 become lone surrogates."""
        return self.octets.decode("utf-8", "surrogateescape")

    def __str__(self) -> str:
        return f"{self.code} {self.message}"


class Reader:
    """Octets in, replies out. fault: why no more is read, in words for people; None while all is well."""

    __slots__ = ("_lines", "_rest", "_size", "fault")

    def __init__(self) -> None:
        self._rest = b""
        self._lines: list[tuple[int, bytes]] = []
        self._size = 0
        self.fault: str | None = None

    @property
    def is_between_replies(self) -> bool:
        """Whether nothing of a next reply has come."""
        return not self._rest and not self._lines

    def read(self, octets: bytes) -> list[Reply]:
        """The replies that end in these octets."""
        replies: list[Reply] = []
        start = 0
        if not self._rest and not self._lines:
            while (whole := _WHOLE.match(octets, start)) is not None:
                replies.append(Reply(int(whole[1]), whole[2]))
                start = whole.end()
        if start < len(octets):
            self._cut(self._rest + octets[start:], replies)
        return replies

    def _cut(self, octets: bytes, replies: list[Reply]) -> None:
        start = 0
        while self.fault is None and (end := octets.find(b"\n", start)) != -1:
            self._take_line(octets[start:end].rstrip(b"\r"), replies)
            start = end + 1
        self._rest = octets[start:] if self.fault is None else b""
        if self._size + len(self._rest) > LONGEST_REPLY:
            self._give_up("The server's reply has no end.")

    def _take_line(self, line: bytes, replies: list[Reply]) -> None:
        parts = _LINE.fullmatch(line)
        if parts is None:
            shown = line.decode("utf-8", "surrogateescape")
            self._give_up(f"The server said something that is no SMTP reply: {shown}")
            return
        self._lines.append((int(parts[1]), parts[3] or b""))
        self._size += len(line)
        if self._size > LONGEST_REPLY:
            self._give_up("The server's reply has no end.")
        elif parts[2] != b"-":
            self._take_reply(replies)

    def _take_reply(self, replies: list[Reply]) -> None:
        lines, self._lines, self._size = self._lines, [], 0
        reply = Reply(lines[-1][0], b"\n".join(text for _, text in lines))
        if len({code for code, _ in lines}) > 1:
            # RFC 5321 §4.2.1: the code is the same on every line. Which of two would we believe?
            self._give_up(f"The lines of one reply disagree, ending in: {reply}")
        else:
            replies.append(reply)

    def _give_up(self, fault: str) -> None:
        """The first fault is the one that is told; what had come of a reply is forgotten."""
        self.fault = self.fault or fault
        self._rest, self._lines, self._size = b"", [], 0
