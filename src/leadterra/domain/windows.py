"""The window in which a pool spreads its messages: of several campaigns together, and of one UTC day."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadterra.domain.caps import Caps
from leadterra.domain.gate import Gate
from leadterra.domain.pacing import Window
from leadterra.domain.pool import Contender, Sender
from leadterra.domain.schedule import Interval, Schedule, intervals_between, seconds_left, union

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class OpenCampaign:
    """A campaign of which something is due. zones: of what waits in it. since: it counts from then on, where
    it was resumed in the middle of a window, so that its accounts do not begin together; None for always.
    """

    schedule: Schedule
    zones: Iterable[str]
    since: datetime | None = None


def takes_part(campaign: Contender, caps: Caps, senders: Iterable[Sender]) -> bool:
    """Whether a campaign can use its window today. The others go at their own pace meanwhile, and not at that
    of one that cannot send.
    """
    if caps.left(Gate.CAMPAIGN_QUOTA, campaign.id) == 0:
        return False
    tags = campaign.sender_tags
    return not tags or any(sender.is_active and not tags.isdisjoint(sender.tags) for sender in senders)


def open_on(midnight: datetime, campaigns: Iterable[OpenCampaign]) -> list[Interval]:
    """When any of these may send in the UTC day that ends then, in order, with gaps between them."""
    return union(
        interval if campaign.since is None else Interval(max(interval.start, campaign.since), interval.end)
        for campaign in campaigns
        for zone in campaign.zones
        for interval in intervals_between(campaign.schedule, zone, midnight - _DAY, midnight)
    )


def window_at(open_today: Sequence[Interval], now: datetime) -> Window | None:
    """The window of that instant, or else the next of the day; None if none is left. open_today: see
    `open_on`.
    """
    for interval in open_today:
        if interval.end > now:
            return Window(
                start=interval.start,
                length=seconds_left(open_today, interval.start),
                left=seconds_left(open_today, now),
            )
    return None


class RunningWindow:
    """A pool's window as time goes by. It is looked at again when it is over, or when `is_stale` says that
    another set of campaigns has something due.
    """

    def __init__(self, now: datetime) -> None:
        self.window: Window | None = None
        self.is_stale = True
        self._today: list[Interval] = []
        self._ends = now
        self._later: list[float] = []

    def look(self, now: datetime, midnight: datetime, read: Callable[[], list[Interval]]) -> bool:
        """Look at it; whether it begins at another instant than before, or is of another length. read: see
        `open_on`.
        """
        if not self.is_stale and now < self._ends:
            return False
        if self.is_stale:
            self.is_stale = False
            self._today = read()
        before, self.window = self.window, window_at(self._today, now)
        coming = [each for each in self._today if each.end > now]
        self._ends = coming[0].end if coming else midnight
        self._later = [seconds_left([each], now) for each in coming[1:]]
        return _shape(before) != _shape(self.window)

    def seconds_left(self, now: datetime) -> float | None:
        """What is left of it, added up as `schedule.seconds_left` does; None without a window."""
        if self.window is None:
            return None
        left = (self._ends - max(self.window.start, now)).total_seconds()
        for seconds in self._later:
            left += seconds
        return left


def _shape(window: Window | None) -> tuple[datetime, float] | None:
    """What first slots depend on."""
    return None if window is None else (window.start, window.length)
