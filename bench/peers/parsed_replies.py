"""mail-parser-reply, asked of texts in a folder.

Usage: python bench/peers/parsed_replies.py FOLDER ROUNDS. Writes JSON: the seconds of the last round, and for
every file its newest reply without signatures (`body`, which comes nearer to what is asked than `content`),
and the seconds that it took. In English, which all samples are; with all its languages it finds the same.
"""

import json
import sys
import time
from pathlib import Path

from mailparser_reply import EmailReplyParser

_PARSER = EmailReplyParser(languages=["en"])


def parse(text: str) -> tuple[str, float]:
    """The newest reply, and the seconds that it took."""
    start = time.perf_counter()
    replies = _PARSER.read(text).replies
    new = replies[0].body if replies else ""
    return new, time.perf_counter() - start


def main() -> None:
    """Read all, several times over, and say what was found."""
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    texts = {path.name: path.read_bytes().decode() for path in sorted(folder.iterdir())}
    found: dict[str, tuple[str, float]] = {}
    seconds = 0.0
    for _ in range(rounds):
        start = time.perf_counter()
        found = {name: parse(text) for name, text in texts.items()}
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "found": found}))


if __name__ == "__main__":
    main()
