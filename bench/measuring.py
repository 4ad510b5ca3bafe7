"""Contestants measured beside each other: interleaved runs, medians, ratios, CPU seconds and peak memory.

Machines are shared and noisy, so only ratios of one run of the bench mean something. A contestant that fails
is reported as such, with its reason, and is not run again; the others go on. Nothing here knows what is
measured.
"""

import re
import statistics
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psutil

RUNS = 5
"""Interleaved runs of each contestant, unless somebody asks for another number."""

_SAMPLE_SECONDS = 0.25
_DIRECTORIES = re.compile(r"(?<![\w.])(?:/[\w.+-]+)+/")


@dataclass(frozen=True, slots=True)
class Run:
    """What one run of a contestant showed.

    value: in the unit of its case. cpu: CPU seconds of all processes of the system for a thousand units of
    work, its database or broker included; None where that means nothing. store_cpu: how much of cpu was the
    database's or broker's. memory: bytes of its largest single process (the database's not counted) at its
    peak. count: units of work done.
    """

    value: float
    cpu: float | None = None
    memory: int | None = None
    store_cpu: float | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Contestant:
    """One way to do the work of a case. run: does it once."""

    name: str
    run: Callable[[], Run]


@dataclass(frozen=True, slots=True)
class Aim:
    """What a case is to show.

    text: as people say it. of, beside: names of contestants, whose figures are divided; no `beside`: the
    figure itself is looked at. Exactly one of at_least, at_most and total is given. figure: which figure, as
    in `Run`; bytes if it is memory. total: the values are counts of so many, and `of` is to have more of them
    than `beside`, or all.
    """

    text: str
    of: str
    beside: str | None = None
    at_least: float | None = None
    at_most: float | None = None
    figure: Literal["value", "cpu", "memory"] = "value"
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """What is compared. unit: of every value. contestants: the first is the one others are compared to.
    runs: of each, None for as many as were asked for. note: what a reader of the figures has to know.
    """

    name: str
    unit: str
    contestants: Sequence[Contestant]
    aims: Sequence[Aim] = ()
    runs: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One contestant's runs together. The fields are those of `Run`, medians each; memory is the greatest.

    ratio: the first contestant's median to this one's; None where there is none. failure: why there is no
    figure, in one line.
    """

    name: str
    runs: int
    median: float | None = None
    least: float | None = None
    most: float | None = None
    ratio: float | None = None
    cpu: float | None = None
    store_cpu: float | None = None
    memory: int | None = None
    count: int | None = None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an aim was met; None if a contestant that it names has no figure. ratio: what was compared; of
    counts how many more `of` has.
    """

    aim: Aim
    ratio: float | None
    is_met: bool | None


@dataclass(frozen=True, slots=True)
class Result:
    """All of a case."""

    case: str
    unit: str
    figures: Sequence[Figure]
    verdicts: Sequence[Verdict]
    note: str = ""


def measure(case: Case, runs: int = RUNS) -> Result:
    """Run every contestant in turn, again and again, and put their figures together."""
    times = case.runs or runs
    found: dict[str, list[Run]] = {contestant.name: [] for contestant in case.contestants}
    failures: dict[str, str] = {}
    for turn in range(times):
        for contestant in case.contestants:
            if contestant.name not in failures:
                _run_once(contestant, found, failures, f"{case.name}, run {turn + 1} of {times}")
    figures = _figures(found, failures)
    verdicts = [_judge(aim, {figure.name: figure for figure in figures}) for aim in case.aims]
    return Result(case.name, case.unit, figures, verdicts, case.note)


def told(error: Exception) -> str:
    """An error in one line; the names of this machine's directories are left out."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {_DIRECTORIES.sub('', text)}"[:300]


def per_thousand(cpu: float, count: int) -> float:
    """CPU seconds for a thousand units of work."""
    return 1000 * cpu / count


class Meter:
    """CPU seconds and peak memory of processes and all their descendants, while inside.

    cpu: seconds, user and system, of the time between entering and leaving, ended children included. peak:
    bytes of the largest single process. A process given by its id that ends before the block does counts
    as it was last seen, at most a quarter of a second before.
    """

    def __init__(self, pids: Iterable[int]) -> None:
        self._roots = [psutil.Process(pid) for pid in pids]
        self._before: dict[int, float] = {}
        self._now: dict[int, float] = {}
        self._left = threading.Event()
        self._sampler = threading.Thread(target=self._sample_on, daemon=True)
        self.cpu = 0.0
        self.peak = 0

    def __enter__(self) -> Self:
        self._sample()
        self._before = dict(self._now)
        self._sampler.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        self._sampler.join()
        self._sample()
        self.cpu = sum(self._now.values()) - sum(self._before.values())

    def _sample_on(self) -> None:
        while not self._left.wait(_SAMPLE_SECONDS):
            self._sample()

    def _sample(self) -> None:
        for root in self._roots:
            with suppress(psutil.NoSuchProcess):
                self._now[root.pid] = self._spent(root)

    def _spent(self, root: psutil.Process) -> float:
        """CPU seconds of a living tree. An ended child is in the sums of the parent that waited for it."""
        spent = _seconds(root)
        self.peak = max(self.peak, _peak(root))
        for child in root.children(recursive=True):
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                spent += _seconds(child)
                self.peak = max(self.peak, _peak(child))
        return spent


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system + times.children_user + times.children_system)


def _peak(process: psutil.Process) -> int:
    """The kernel's own high-water mark where there is one, what is resident now elsewhere."""
    with suppress(OSError):
        for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return 1024 * int(line.split()[1])
    return int(process.memory_info().rss)


def _run_once(
    contestant: Contestant, found: dict[str, list[Run]], failures: dict[str, str], where: str
) -> None:
    try:
        run = contestant.run()
    except Exception as error:  # whatever a peer does wrong, the others are measured
        failures[contestant.name] = told(error)
        print(f"{where}: {contestant.name} failed: {failures[contestant.name]}", file=sys.stderr, flush=True)
    else:
        found[contestant.name].append(run)
        print(f"{where}: {contestant.name} {run.value:,.6g}", file=sys.stderr, flush=True)


def _figures(found: dict[str, list[Run]], failures: dict[str, str]) -> list[Figure]:
    medians = {name: _median([run.value for run in runs]) for name, runs in found.items()}
    first = next(iter(medians.values()), None)
    return [
        Figure(name, 0, failure=failures[name])
        if name in failures
        else _figure(name, runs, _ratio(first, medians[name]))
        for name, runs in found.items()
    ]


def _figure(name: str, runs: list[Run], ratio: float | None) -> Figure:
    values = [run.value for run in runs]
    return Figure(
        name,
        len(runs),
        median=_median(values),
        least=min(values),
        most=max(values),
        ratio=ratio,
        cpu=_median([run.cpu for run in runs]),
        store_cpu=_median([run.store_cpu for run in runs]),
        memory=max((run.memory for run in runs if run.memory is not None), default=None),
        count=max((run.count for run in runs if run.count is not None), default=None),
    )


def _judge(aim: Aim, figures: dict[str, Figure]) -> Verdict:
    value = _compared(aim, figures[aim.of])
    if aim.total is not None and aim.beside is not None:
        return _judge_counts(aim, value, _compared(aim, figures[aim.beside]))
    if aim.beside is not None:
        value = _ratio(value, _compared(aim, figures[aim.beside]))
    if value is None:
        return Verdict(aim, None, None)
    enough = aim.at_least is None or value >= aim.at_least
    return Verdict(aim, value, enough and (aim.at_most is None or value <= aim.at_most))


def _judge_counts(aim: Aim, one: float | None, other: float | None) -> Verdict:
    if one is None or other is None:
        return Verdict(aim, None, None)
    return Verdict(aim, one - other, one > other or one == aim.total)


def _compared(aim: Aim, figure: Figure) -> float | None:
    return figure.median if aim.figure == "value" else getattr(figure, aim.figure)


def _ratio(one: float | None, other: float | None) -> float | None:
    return one / other if one is not None and other else None


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None
