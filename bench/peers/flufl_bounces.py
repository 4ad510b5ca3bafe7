"""flufl.bounce, asked of letters in a folder.

Usage: python bench/peers/flufl_bounces.py FOLDER ROUNDS. Writes JSON: the seconds of the last round, and for
every file its temporary and its permanent failures. A letter that it raises on has none.
"""

import json
import logging
import sys
import time
from email import message_from_bytes
from pathlib import Path

from flufl.bounce import all_failures

Failures = tuple[list[str], list[str]]


def find(letter: bytes) -> Failures:
    """The addresses that it finds, temporary failures and permanent ones."""
    try:
        temporary, permanent = all_failures(message_from_bytes(letter))
    except Exception:  # one without a From field is too much for it
        return [], []
    return _plain(temporary), _plain(permanent)


def main() -> None:
    """Read all, several times over, and say what was found."""
    logging.disable()
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    letters = {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
    found: dict[str, Failures] = {}
    seconds = 0.0
    for _ in range(rounds):
        start = time.perf_counter()
        found = {name: find(letter) for name, letter in letters.items()}
        seconds = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "found": found}))


def _plain(addresses: frozenset[bytes]) -> list[str]:
    return sorted(address.decode("utf-8", "replace") for address in addresses)


if __name__ == "__main__":
    main()
