"""`make fuzz`: coverage-guided fuzzing of what reads letters, for a bounded time and number of runs.

What must hold is `tests.support.hostile_letters.read_and_judge`. The first input that breaks it ends the run
with a traceback, an exit code other than 0, and the input in .venv/fuzz-corpus.
"""

import argparse
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["leadterra.mail"]):
    from tests.support.hostile_letters import PIECES, read_and_judge

_ROOT = Path(__file__).parents[1]
_LONGEST = 65_536
_SLOW_SECONDS = 10
_MEGABYTES = 1_024


def one_input(octets: bytes) -> None:
    """Any octets are a letter."""
    read_and_judge(octets)


def main() -> None:
    """Fuzz until the time or the runs are over."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--runs", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    folder = _ROOT / ".venv" / "fuzz-corpus"
    (folder / "corpus").mkdir(parents=True, exist_ok=True)
    words = folder / "words"
    words.write_text("".join(f'"{_escaped(piece)}"\n' for piece in PIECES if len(piece) < 64))
    bounds = [f"-max_total_time={given.seconds}", f"-runs={given.runs}", f"-seed={given.seed}"]
    bounds += [f"-timeout={_SLOW_SECONDS}", f"-rss_limit_mb={_MEGABYTES}", f"-max_len={_LONGEST}"]
    places = [f"-dict={words}", f"-artifact_prefix={folder}/", "-print_final_stats=1", str(folder / "corpus")]
    atheris.Setup([sys.argv[0], *bounds, *places, *_samples()], one_input)
    atheris.Fuzz()


def _samples() -> list[str]:
    """Directories of letters to begin with, where they exist."""
    samples = _ROOT.parent / "shared" / "corpora"
    return [str(each) for each in (samples / "bounces", samples / "replies") if each.is_dir()]


def _escaped(piece: bytes) -> str:
    return "".join(f"\\x{octet:02x}" for octet in piece)


if __name__ == "__main__":
    main()
