"""A check and what it found; and what each check is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chaos.ledgers import Entry
from chaos.mail_servers import Letter
from chaos.register import Register
from chaos.world import Place

_SHOWN = 20


@dataclass(slots=True)
class Verdict:
    """promise: what was checked, as a sentence that is true. seen: how many things were looked at. findings:
    the evidence to the contrary.
    """

    promise: str
    seen: int = 0
    findings: list[str] = field(default_factory=list)

    def expect(self, is_so: bool, finding: str) -> None:
        """One thing more; what it is if it is not so."""
        self.seen += 1
        if not is_so:
            self.findings.append(finding)

    @property
    def shown(self) -> list[str]:
        """The first findings, and how many more there are."""
        more = len(self.findings) - _SHOWN
        return self.findings[:_SHOWN] + ([f"… and {more} more"] if more > 0 else [])


@dataclass(frozen=True, slots=True)
class Evidence:
    """letters: at the servers, in the order in which they were taken. messages: of the engine, by Message-ID.
    register: what people decided. places: the workspaces.
    """

    letters: Sequence[Letter]
    messages: Mapping[str, Entry]
    register: Register
    places: Mapping[str, Place]

    def sent(self) -> list[tuple[Letter, Entry]]:
        """Letters of which the engine knows, by the instant of their clearance."""
        known = [
            (letter, entry) for letter in self.letters if (entry := self.messages.get(letter.message_id))
        ]
        return sorted(known, key=lambda each: each[1].cleared_at or each[0].at)
