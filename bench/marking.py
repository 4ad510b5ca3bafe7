"""Marks for what readers of letters find in samples: pure functions, the same for every reader.

A mark is True or False; None where the sample says nothing, and then the sample does not count.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.corpora import Answered, Fate, Returned


@dataclass(frozen=True, slots=True)
class Found:
    """What a reader makes of a bounce or complaint. addresses: in lower case; None if it takes the letter for
    neither. permanent, dead: those of them that it says so of.
    """

    addresses: frozenset[str] | None = None
    permanent: frozenset[str] = frozenset()
    dead: frozenset[str] = frozenset()


Mark = Callable[[Returned, Found], bool | None]


def recognised(sample: Returned, found: Found) -> bool | None:
    """It is taken for what it is."""
    return found.addresses is not None


def of_the_right_people(sample: Returned, found: Found) -> bool | None:
    """Of all that the sample names, and of nobody else."""
    return found.addresses == frozenset(sample.wanted)


def permanent_as_told(sample: Returned, found: Found) -> bool | None:
    """5xx or 4xx, of every recipient of whom the sample says it."""
    return _agree(sample, found, found.permanent, lambda fate: fate.is_permanent)


def dead_as_told(sample: Returned, found: Found) -> bool | None:
    """Whether the address is at fault, of every recipient of whom the sample says it."""
    return _agree(sample, found, found.dead, lambda fate: fate.is_dead)


def new_text_as_told(sample: Answered, new: str, seconds: float) -> bool | None:
    """The new text is what the sample says, white space at both ends apart."""
    if not sample.is_stated:
        return None
    new = new.strip()
    return (
        (not sample.exact or new in sample.exact)
        and all(each in new for each in sample.contains)
        and not any(each in new for each in sample.excludes)
        and (sample.seconds is None or seconds <= sample.seconds)
    )


def count(marks: Iterable[bool | None]) -> tuple[int, int]:
    """How many are right, and of how many."""
    counted = [mark for mark in marks if mark is not None]
    return sum(counted), len(counted)


def stated(mark: Mark, samples: Iterable[Returned]) -> int:
    """How many samples count."""
    return count(mark(sample, Found()) for sample in samples)[1]


def marked(mark: Mark, samples: Sequence[Returned], found: Sequence[Sequence[Found]], *, kindly: bool) -> int:
    """How many are right. found: by sample and form. kindly: right in one form is right; else it is to be in
    all of them.
    """
    judge = any if kindly else all
    return sum(
        judge(mark(sample, each) for each in forms)
        for sample, forms in zip(samples, found, strict=True)
        if mark(sample, Found()) is not None
    )


def _agree(
    sample: Returned, found: Found, said: frozenset[str], told: Callable[[Fate], bool | None]
) -> bool | None:
    stated = {
        address: wanted for address, fate in sample.wanted.items() if (wanted := told(fate)) is not None
    }
    if not stated:
        return None
    addresses = found.addresses or frozenset()
    return all(address in addresses and (address in said) is wanted for address, wanted in stated.items())
