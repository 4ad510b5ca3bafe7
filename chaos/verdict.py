"""A check and what it found; and what each check is told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chaos.ledgers import Entry
from chaos.mail_servers import Letter
from chaos.register import Register
from chaos.world import Place

_SHOWN = 20
_UNSEEN = timedelta(minutes=1)
"""Behind a clearance: so long its transaction may have taken, where no letter says when it was over."""


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
class Clearance:
    """A message that went, or may have gone: entry, from which account, cleared between at and until."""

    entry: Entry
    account: str
    at: datetime
    until: datetime


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

    def cleared(self) -> list[Clearance]:
        """Of letters at the servers, and of uncertain messages that are at none, in order."""
        arrived = {letter.message_id for letter in self.letters}
        found = [
            Clearance(entry, letter.sender, entry.cleared_at or letter.at, letter.at)
            for letter, entry in self.sent()
        ]
        found += [
            Clearance(entry, entry.account, entry.cleared_at, entry.cleared_at + _UNSEEN)
            for entry in self.messages.values()
            if entry.state == "uncertain" and entry.message_id not in arrived and entry.cleared_at
        ]
        return sorted(found, key=lambda each: each.at)
