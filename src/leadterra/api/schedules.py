"""A campaign's schedule as the API takes it and shows it. What it means is in domain/schedule.py."""

import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from leadterra.api.fields import Body, Day, Line, View
from leadterra.domain.schedule import MOST_HOLIDAYS

_TIME = "([01][0-9]|2[0-3]):[0-5][0-9]"
_END_OF_DAY = "24:00"


def _time(pattern: str) -> tuple[AfterValidator, WithJsonSchema]:
    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise PydanticCustomError("invalid", "Must be a time of day such as 09:00.")
        return text

    return AfterValidator(check), WithJsonSchema({"type": "string", "pattern": f"^({pattern})$"})


DayName = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
TimeZone = Annotated[Line, Field(min_length=1, max_length=100, description="Its IANA name.")]
Opening = Annotated[str, *_time(_TIME)]
Closing = Annotated[str, *_time(f"{_TIME}|{_END_OF_DAY}")]


class HoursBody(Body):
    """When windows open and close. The same time twice is the whole day; to before from goes on over
    midnight, and the window is of the day on which it opens.
    """

    from_: Annotated[Opening, Field(alias="from")]
    to: Closing


class ScheduleBody(Body):
    """When a campaign may send. It replaces a schedule that was there: what is left out is the default."""

    time_zone: TimeZone = "UTC"
    use_lead_time_zone: bool = Field(
        default=False, description="Each lead's own time zone goes before it, where that is known."
    )
    days: list[DayName] = Field(
        default=["mon", "tue", "wed", "thu", "fri", "sat", "sun"], min_length=1, max_length=7
    )
    hours: HoursBody | None = Field(default=None, description="The whole day if it is null or absent.")
    start_on: Day | None = Field(default=None, description="The first date on which it sends.")
    end_on: Day | None = Field(default=None, description="The last date on which it sends.")
    holidays: list[Day] = Field(
        default_factory=list, max_length=MOST_HOLIDAYS, description="Dates on which it does not send."
    )

    def as_json(self) -> dict[str, object]:
        """As the domain reads it."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude_none=True)


class HoursView(View):
    """When windows open and close."""

    from_: Annotated[str, Field(alias="from")]
    to: str


class ScheduleView(View):
    """When a campaign may send."""

    time_zone: str
    use_lead_time_zone: bool
    days: list[DayName]
    hours: HoursView
    start_on: Day | None
    end_on: Day | None
    holidays: list[Day]


def schedule_view(schedule: Mapping[str, object] | None) -> ScheduleView | None:
    """A schedule as it is stored; None, which is always, is null."""
    return None if schedule is None else ScheduleView.model_validate(schedule, by_alias=True)
