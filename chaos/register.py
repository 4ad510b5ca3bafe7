"""What people decided during the storm, and from when to when it certainly held: what the checks judge by.

A change is not an instant: it holds for certain from when its commit was known, and may hold from when it was
begun.
"""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

Kind = Literal["account", "campaign", "lead", "recipient domain"]


@dataclass(frozen=True, slots=True)
class Stop:
    """Nothing of this may be cleared after `since`, and before `until`. kind, key: an account's address, a
    campaign's tag, a lead's address or its domain.
    """

    kind: Kind
    key: str
    since: datetime
    until: datetime | None = None

    def forbids(self, at: datetime) -> bool:
        """Whether a letter may not be cleared at that instant."""
        return self.since < at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Limit:
    """A limit as it may have been in force."""

    value: int | None
    since: datetime
    until: datetime | None = None


@dataclass(slots=True)
class Register:
    """stops: by kind and key, in order. limits: of accounts and campaigns, and the quotas of workspaces."""

    stops: defaultdict[tuple[Kind, str], list[Stop]] = field(default_factory=lambda: defaultdict(list))
    limits: defaultdict[tuple[str, str], list[Limit]] = field(default_factory=lambda: defaultdict(list))

    def stop(self, kind: Kind, key: str, *, since: datetime) -> None:
        """It is stopped; that is certain since then."""
        self.stops[kind, key].append(Stop(kind, key, since))

    def resume(self, kind: Kind, key: str, *, until: datetime) -> None:
        """It is about to go on."""
        found = self.stops[kind, key]
        found[-1] = replace(found[-1], until=until)

    def limit(self, kind: str, key: str, value: int | None, *, begun: datetime, done: datetime) -> None:
        """A limit was changed to that, between these instants."""
        found = self.limits[kind, key]
        if found:
            found[-1] = replace(found[-1], until=done)
        found.append(Limit(value, begun))

    def forbidding(self, kind: Kind, key: str, at: datetime) -> Stop | None:
        """The stop by which a letter may not be cleared at that instant."""
        return next((stop for stop in self.stops.get((kind, key), ()) if stop.forbids(at)), None)

    def most(self, kind: str, key: str, since: datetime, until: datetime) -> int | None:
        """The highest limit that may have been in force between these instants; None for no limit."""
        values = [
            each.value
            for each in self.limits[kind, key]
            if each.since <= until and (each.until is None or since <= each.until)
        ]
        known = [value for value in values if value is not None]
        return max(known) if values and len(known) == len(values) else None
