"""What came of a storm, for people and as JSON."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chaos.verdict import Verdict

_WIDTH = 66


@dataclass(frozen=True, slots=True)
class Report:
    """minutes, seed, workers: as asked for. seconds: it really stormed for so long. days: of virtual time,
    the calm included. faults: by kind, how many took effect while it stormed. survived, longest: after how
    many of these a letter was taken, and the longest wait for one in seconds. acts: of people. letters: at
    the mail servers; unanswered: of these, those that a server took without saying so; a second: while it
    stormed. messages, leads: by state. verdicts: of the checks.
    """

    minutes: float
    seed: int
    workers: int
    seconds: float
    days: float
    faults: Mapping[str, int]
    survived: Mapping[str, int]
    longest: Mapping[str, float]
    acts: Mapping[str, int]
    letters: int
    unanswered: int
    letters_a_second: float
    messages: Mapping[str, int]
    leads: Mapping[str, int]
    notes: Sequence[str]
    verdicts: Sequence[Verdict]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not any(verdict.findings for verdict in self.verdicts)

    def as_json(self) -> str:
        """All of it."""
        said: dict[str, object] = {name: getattr(self, name) for name in self.__slots__ if name != "verdicts"}
        said["checks"] = [
            {"promise": each.promise, "seen": each.seen, "findings": each.shown} for each in self.verdicts
        ]
        return json.dumps({"clean": self.is_clean, **said}, indent=2) + "\n"

    def as_text(self) -> str:
        """For a terminal."""
        lines = [
            f"A storm of {self.seconds:.0f} s, seed {self.seed}, {self.workers} workers:"
            f" {self.days:.1f} days of virtual time.",
            "",
            f"{'fault':{_WIDTH}} {'injected':>8} {'survived':>8} {'longest':>8}",
            *(self._fault(kind, count) for kind, count in sorted(self.faults.items())),
            "",
            *(f"{act:{_WIDTH}} {count:8}" for act, count in sorted(self.acts.items())),
            "",
            f"letters: {self.letters}, {self.letters_a_second:.0f} a second while it stormed;"
            f" {self.unanswered} taken without an answer",
            f"messages: {_counts(self.messages)}",
            f"leads: {_counts(self.leads)}",
            *self.notes,
            "",
        ]
        for verdict in self.verdicts:
            lines.append(f"{'NO' if verdict.findings else 'ok':3} {verdict.promise} ({verdict.seen})")
            lines += [f"      {finding}" for finding in verdict.shown]
        return "\n".join(lines) + "\n"

    def _fault(self, kind: str, count: int) -> str:
        if kind not in self.survived:
            return f"{kind:{_WIDTH}} {count:8}"
        return f"{kind:{_WIDTH}} {count:8} {self.survived[kind]:8} {self.longest[kind]:6.1f} s"


def _counts(numbers: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(numbers.items())) or "none"
