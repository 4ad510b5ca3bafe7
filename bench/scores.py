"""How much of public samples is read as their collectors say, beside flufl.bounce and mail-parser-reply: the
score on ../shared/corpora, and the time that it took.

No figures for unseen mail: our rules were corrected while these very samples were looked at. What counts as
right, and which doubts go to the peers, is in docs/reference/classification.md. Without the samples there are
no rows, and one line says so.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import cache, partial
from typing import Any

from bench.corpora import CORPORA, Answered, Returned, answers, bodies, complaints, reports
from bench.marking import (
    Found,
    Mark,
    count,
    dead_as_told,
    marked,
    new_text_as_told,
    of_the_right_people,
    permanent_as_told,
    recognised,
    stated,
)
from bench.measuring import Aim, Case, Contestant, Run
from bench.places import Place
from bench.programs import peers_python, run, script
from leadterra.mail.classification import classify
from leadterra.mail.finding import Failure, Kind
from leadterra.mail.letter_files import is_letter
from leadterra.mail.reading import read_letter, read_text
from leadterra.mail.reply_text import split_reply

_OURS, _FLUFL, _PARSER = "ours", "flufl.bounce", "mail-parser-reply"
_DAY = date(2025, 6, 3)
_ROUNDS = 3
_SECONDS = 300.0
_BOUNCES = frozenset({Kind.BOUNCE, Kind.COMPLAINT})
_MARKS: tuple[tuple[str, Mark], ...] = (
    ("recognised", recognised),
    ("the right recipients", of_the_right_people),
    ("5xx or 4xx", permanent_as_told),
    ("the address dead or not", dead_as_told),
)

Forms = Sequence[Sequence[Found]]


def cases(place: Place) -> Iterator[Case]:
    """A row for what is asked of each set of samples."""
    if not CORPORA.is_dir():
        print("scores: no rows, as ../shared/corpora is not there", file=sys.stderr, flush=True)
        return
    words, whole = list(bodies(CORPORA)), list(reports(CORPORA))
    yield from _bounces(place, "words of bounces", words, _MARKS)
    yield from _bounces(place, "delivery reports", whole, _MARKS)
    yield from _bounces(place, "complaints", list(complaints(CORPORA)), _MARKS[1:2])
    people = list(answers(CORPORA))
    yield _no_bounces(place, people)
    yield _new_texts(place, people)
    letters = [sample.forms[-1] for sample in (*words, *whole)] + [each.letter for each in people]
    yield _time_of_letters(place, letters)
    yield _time_of_texts(place, [each.text for each in people if each.seconds is None])


def find(letter: bytes) -> Found:
    """What ours makes of a letter, or of a text without a header."""
    incoming = read_letter(letter) if is_letter(letter) else read_text(letter.decode("utf-8", "replace"))
    finding = classify(incoming, received_on=_DAY)
    if finding.kind not in _BOUNCES:
        return Found()
    return Found(
        frozenset(each.address.lower() for each in finding.recipients),
        frozenset(each.address.lower() for each in finding.recipients if _is_permanent(each)),
        frozenset(each.address.lower() for each in finding.recipients if each.dead),
    )


def _is_permanent(failure: Failure) -> bool:
    return not failure.delayed and (failure.status or f"{failure.code or ''}").startswith("5")


def _bounces(
    place: Place, name: str, samples: Sequence[Returned], marks: Sequence[tuple[str, Mark]]
) -> Iterator[Case]:
    """Ours has to be right in every form of a sample, the peer in one."""
    ours = cache(lambda: [[find(form) for form in sample.forms] for sample in samples])
    theirs = cache(lambda: _flufl(place, samples))

    def right(mark: Mark, found: Callable[[], Forms], *, kindly: bool) -> int:
        return marked(mark, samples, found(), kindly=kindly)

    for told, mark in marks:
        yield _case(
            f"{name}: {told}",
            stated(mark, samples),
            partial(right, mark, ours, kindly=False),
            (_FLUFL, partial(right, mark, theirs, kindly=True)),
        )


def _flufl(place: Place, samples: Sequence[Returned]) -> Forms:
    told = iter(_asked_flufl(place, [form for sample in samples for form in sample.forms])[0])
    return [[next(told) for _ in sample.forms] for sample in samples]


def _no_bounces(place: Place, people: Sequence[Answered]) -> Case:
    letters = [each.letter for each in people]
    return _case(
        "people's letters: not taken for bounces",
        len(letters),
        lambda: sum(find(letter).addresses is None for letter in letters),
        (_FLUFL, lambda: sum(found.addresses is None for found in _asked_flufl(place, letters)[0])),
    )


def _new_texts(place: Place, people: Sequence[Answered]) -> Case:
    def ours() -> int:
        return count(new_text_as_told(each, *_new_text(each.text)) for each in people)[0]

    def theirs() -> int:
        found, _ = _asked_parser(place, [each.text for each in people])
        return count(new_text_as_told(each, *new) for each, new in zip(people, found, strict=True))[0]

    return _case(
        "people's letters: the new text", sum(each.is_stated for each in people), ours, (_PARSER, theirs)
    )


def _case(name: str, total: int, ours: Callable[[], int], peer: tuple[str, Callable[[], int]]) -> Case:
    """One row, measured once: it is the same every time."""
    beside, theirs = peer
    return Case(
        name,
        f"right of {total}",
        [Contestant(_OURS, lambda: Run(ours())), Contestant(beside, lambda: Run(theirs()))],
        [Aim(f"ahead of {beside}", of=_OURS, beside=beside, total=total)],
        runs=1,
    )


def _time_of_letters(place: Place, letters: Sequence[bytes]) -> Case:
    return Case(
        "time to tell what a letter is",
        "µs a letter",
        [
            Contestant(_OURS, lambda: _timed(find, letters)),
            Contestant(_FLUFL, lambda: _taken(_asked_flufl(place, letters)[1], len(letters))),
        ],
        note="whole letters, from octets to a finding; ours tells replies and absences too",
    )


def _time_of_texts(place: Place, texts: Sequence[str]) -> Case:
    return Case(
        "time to find the new text",
        "µs a text",
        [
            Contestant(_OURS, lambda: _timed(split_reply, texts)),
            Contestant(_PARSER, lambda: _taken(_asked_parser(place, texts)[1], len(texts))),
        ],
    )


def _timed(read: Callable[[Any], object], given: Sequence[bytes] | Sequence[str]) -> Run:
    """The last of some rounds, as the peers' scripts do it."""
    seconds = 0.0
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        for each in given:
            read(each)
        seconds = time.perf_counter() - start
    return _taken(seconds, len(given))


def _taken(seconds: float, number: int) -> Run:
    return Run(1e6 * seconds / number, count=number)


def _new_text(text: str) -> tuple[str, float]:
    start = time.perf_counter()
    return split_reply(text).new, time.perf_counter() - start


def _asked_flufl(place: Place, letters: Sequence[bytes]) -> tuple[list[Found], float]:
    """What it finds in each, and the seconds of all. What it calls permanent is the best it says of dead."""
    found, seconds = _asked(place, "flufl_bounces.py", letters)
    return [_of_flufl(temporary, permanent) for temporary, permanent in found], seconds


def _of_flufl(temporary: list[str], permanent: list[str]) -> Found:
    gone = frozenset(each.lower() for each in permanent)
    return Found(gone | {each.lower() for each in temporary} or None, gone, gone)


def _asked_parser(place: Place, texts: Sequence[str]) -> tuple[list[tuple[str, float]], float]:
    """The new text of each with the seconds that it took, and the seconds of all."""
    found, seconds = _asked(place, "parsed_replies.py", [text.encode() for text in texts])
    return [(new, taken) for new, taken in found], seconds


def _asked(place: Place, peer: str, given: Sequence[bytes]) -> tuple[list[Any], float]:
    """Run a peer's script on a folder. Raises `Missing` or `Failed`."""
    folder = place.new_folder("letters")
    for number, content in enumerate(given):
        (folder / f"{number:05}").write_bytes(content)
    log = place.new_folder("peer") / "log"
    run([peers_python(), script(peer), str(folder), str(_ROUNDS)], log, seconds=_SECONDS)
    told = json.loads(log.read_text().strip().split("\n")[-1])
    return list(told["found"].values()), told["seconds"]
