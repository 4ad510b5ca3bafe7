"""Every check of a storm that is over, and its report."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from chaos.checks import CHECKS
from chaos.crew import Crew
from chaos.inquest import check_books, check_explained, check_nothing_stuck
from chaos.ledgers import read_messages
from chaos.parts import START, Parts
from chaos.report import Report
from chaos.verdict import Evidence, Verdict

_STATES = "select '{0} ' || state, count(*) from {0}s where workspace_id = %(workspace_id)s group by 1".format


@dataclass(frozen=True, slots=True)
class Course:
    """Of the storm without its calm. began: by the machine's own time. seconds: it stormed for so long.
    letters: that were taken then. moves, midnights: of the clock.
    """

    began: float
    seconds: float
    letters: int
    moves: int
    midnights: int


async def examine(
    parts: Parts, course: Course, found: Sequence[Verdict], notes: Sequence[str] = ()
) -> Report:
    """When nothing runs any more. found: verdicts that there are already."""
    bag, world = parts.mail.read(), parts.world
    messages = await read_messages(world.database, list(world.places.values()))
    letters = sorted(bag.letters, key=lambda each: each.real)
    evidence = Evidence(letters, messages, parts.register, world.places)
    verdicts = [await check_books(world, parts.environment), *(check(evidence) for check in CHECKS)]
    verdicts += [await check_nothing_stuck(world), await check_explained(world), _check_workers(parts.crew)]
    verdicts += found
    survived, longest = _recoveries(parts)
    own = {
        "clock moved past every lease": course.moves,
        "midnight crossed": course.midnights,
    }
    return Report(
        minutes=parts.plan.minutes,
        seed=parts.plan.seed,
        workers=parts.plan.workers,
        seconds=course.seconds,
        days=(parts.timeline.now() - START) / timedelta(days=1),
        faults=dict(parts.faults.counts + bag.faults) | own,
        survived=survived,
        longest=longest,
        acts=dict(parts.people.acts),
        letters=len(letters),
        unanswered=sum(not letter.is_answered for letter in letters),
        letters_a_second=course.letters / course.seconds,
        messages=await _states(parts, "message"),
        leads=await _states(parts, "enrollment"),
        notes=[*_notes(parts.crew), *notes],
        verdicts=verdicts,
    )


def _check_workers(crew: Crew) -> Verdict:
    verdict = Verdict("no worker ended by itself, failed to end when asked, or met an error of its own")
    verdict.seen = len(crew.drained)
    for trouble in crew.troubles:
        verdict.expect(False, trouble)
    for said, count in crew.complaints().items():
        verdict.expect(False, f"{count} times in the log: {said}")
    return verdict


def _notes(crew: Crew) -> list[str]:
    return [
        f"drains: {len(crew.drained)}, the longest {max(crew.drained, default=0):.1f} s",
        f"workers that found no database when they began, and were started again: {crew.turned_away}",
    ]


async def _states(parts: Parts, noun: str) -> dict[str, int]:
    """How many messages, or leads in campaigns, are in each state."""
    counts: Counter[str] = Counter()
    for place in parts.world.places.values():
        counts.update(dict(await parts.world.ask(place, _STATES(noun))))
    return {name.removeprefix(f"{noun} "): count for name, count in counts.items()}


def _recoveries(parts: Parts) -> tuple[Mapping[str, int], Mapping[str, float]]:
    """After how many faults of each kind a letter came, and how long that took at most."""
    taken = sorted(letter.real for letter in parts.mail.bag.letters)
    survived, longest = {}, {}
    for kind, begun in parts.faults.begun.items():
        places = [(at, bisect_right(taken, at)) for at in begun]
        waits = [taken[place] - at for at, place in places if place < len(taken)]
        survived[kind], longest[kind] = len(waits), max(waits, default=0.0)
    return survived, longest
