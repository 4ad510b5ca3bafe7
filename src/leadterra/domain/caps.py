"""Caps: how many messages may go in some scope and time besides the accounts' own days (R2).

Every cap is a number that may still be taken until an instant at which it opens again. Which messages count
against which caps says `domain.planning.cap_keys`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.domain.gate import Gate, Hold

CapKey = tuple[Gate, UUID | None]
"""What is capped: the gate, and whose it is; None for the workspace's, or where nobody knows whose."""

EVERYBODY = UUID(int=0)
"""The key under which a gate's usual cap stands, for domains of which nothing was taken yet."""


@dataclass(frozen=True, slots=True)
class Cap:
    """limit: messages. used: taken of them, in flight included. clears_at: when some of them come back."""

    limit: int
    used: int
    clears_at: datetime

    @property
    def left(self) -> int:
        """What may still be taken; never negative."""
        return max(0, self.limit - self.used)


class Caps:
    """What a plan takes of caps as it goes."""

    def __init__(self, known: Mapping[CapKey, Cap]) -> None:
        self._known = dict(known)
        self._gates = {gate for gate, _ in known}
        """Of which there are any: most are asked about in vain."""
        self._left: dict[CapKey, int] = {}

    def __bool__(self) -> bool:
        return bool(self._known)

    def left(self, gate: Gate, key: UUID | None) -> int | None:
        """How many may still go; None where there is no cap."""
        if gate not in self._gates:
            return None
        taken = self._left.get((gate, key))
        if taken is not None:
            return taken
        cap = self._find(gate, key)
        return None if cap is None else cap.left

    def hold(self, gate: Gate, key: UUID | None) -> Hold | None:
        """The hold of a cap that is used up. One of nothing never clears."""
        if self.left(gate, key) != 0:
            return None
        cap = self._find(gate, key)
        assert cap is not None
        return Hold(gate, cap.clears_at if cap.limit else None)

    def take(self, gate: Gate, key: UUID | None) -> None:
        """One unit, where there is a cap."""
        left = self.left(gate, key)
        if left is not None:
            self._left[gate, key] = left - 1

    def put(self, gate: Gate, key: UUID | None, cap: Cap) -> None:
        """It is another from now on: a day or an hour has begun."""
        self._known[gate, key] = cap
        self._gates.add(gate)
        self._left.pop((gate, key), None)

    def begin(self, gate: Gate, clears_at: datetime) -> None:
        """Nothing is taken of any cap of that gate from now on."""
        for key, cap in self._known.items():
            if key[0] is gate:
                self._known[key] = Cap(cap.limit, 0, clears_at)
                self._left.pop(key, None)
        for key in [key for key in self._left if key[0] is gate]:
            del self._left[key]

    def _find(self, gate: Gate, key: UUID | None) -> Cap | None:
        found = self._known.get((gate, key))
        return found if found or key is None else self._known.get((gate, EVERYBODY))
