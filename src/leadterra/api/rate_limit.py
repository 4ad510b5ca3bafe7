"""How often one key may ask: a token bucket a key in each API process, refilled evenly over a minute.

The headers follow draft-ietf-httpapi-ratelimit-headers. The oldest buckets are forgotten when there are very
many; a forgotten bucket is a full one.
"""

import math
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

_WINDOW_SECONDS = 60
_MOST_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a key's limit. quota: requests a window. remaining: whole requests. retry_after:
    seconds, 0 if allowed."""

    quota: int
    remaining: int
    reset_after: int
    retry_after: int

    def headers(self) -> dict[str, str]:
        """For every answer; `Retry-After` when this request was one too many."""
        fields = {
            "RateLimit-Policy": f'"key";q={self.quota};w={_WINDOW_SECONDS}',
            "RateLimit": f'"key";r={self.remaining};t={self.reset_after}',
        }
        return fields | ({"Retry-After": str(self.retry_after)} if self.retry_after else {})


class RateLimit:
    """The buckets of all keys that this process has seen lately."""

    def __init__(self, quota: int) -> None:
        """quota: requests a minute."""
        self._quota = quota
        self._buckets: OrderedDict[UUID, tuple[float, datetime]] = OrderedDict()

    def take(self, key_id: UUID, *, now: datetime) -> Allowance:
        """Count one request of that key."""
        tokens, since = self._buckets.pop(key_id, (float(self._quota), now))
        # A clock that was set back refills nothing.
        tokens = min(
            self._quota, tokens + max(0.0, (now - since).total_seconds()) * self._quota / _WINDOW_SECONDS
        )
        allowed = tokens >= 1
        left = tokens - 1 if allowed else tokens
        self._buckets[key_id] = (left, now)
        if len(self._buckets) > _MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return Allowance(
            self._quota,
            math.floor(left),
            self._seconds(self._quota - left),
            0 if allowed else self._seconds(1 - left),
        )

    def _seconds(self, tokens: float) -> int:
        """How long that many take to come back."""
        return math.ceil(tokens * _WINDOW_SECONDS / self._quota)
