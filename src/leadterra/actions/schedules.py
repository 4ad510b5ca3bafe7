"""A campaign's schedule, from the JSON that it is stored as; that was checked when it was written."""

from functools import lru_cache
from json import loads

from leadterra.domain.schedule import ALWAYS, Schedule, read_schedule


@lru_cache(1000)
def schedule_of(written: str | None) -> Schedule:
    """The schedule of a campaign's row."""
    return ALWAYS if written is None else read_schedule(loads(written))
