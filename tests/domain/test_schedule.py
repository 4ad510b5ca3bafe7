"""The windows of a schedule, by what local clocks show: tables by hand, and an oracle that looks at them."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import groupby, pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.domain.errors import Unacceptable
from leadterra.domain.schedule import (
    ALWAYS,
    MOST_HOLIDAYS,
    Interval,
    Schedule,
    intervals_between,
    is_known_zone,
    next_interval,
    read_schedule,
    seconds_left,
    union,
    write_schedule,
    zone_named,
)

FACTS = settings(max_examples=40, deadline=None, derandomize=True)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
MON, TUE, THU, FRI, SAT, SUN = 0, 1, 3, 4, 5, 6

CHANGES = {
    "Europe/Berlin": ["2026-03-29T01:00", "2026-10-25T01:00"],
    "America/New_York": ["2026-03-08T07:00", "2026-11-01T06:00"],
    "Australia/Lord_Howe": ["2026-04-04T15:00", "2026-10-03T15:30"],
    "Pacific/Chatham": ["2026-04-04T14:00", "2026-09-26T14:00"],
    "Asia/Beirut": ["2026-03-28T22:00", "2026-10-24T21:00"],
    "America/St_Johns": ["2010-11-07T02:31", "2011-03-13T03:31"],
    "Antarctica/Troll": ["2026-03-29T01:00", "2026-10-25T01:00"],
    "Africa/Casablanca": ["2026-02-15T02:00"],
    "Asia/Kathmandu": ["2028-02-28T18:15"],
    "Pacific/Apia": ["2011-12-30T10:00"],
}
"""Zones, and instants at which their clocks are changed, or a leap day begins."""
NIGHTS = [(zone, change) for zone, changes in CHANGES.items() for change in changes]


def utc(text: str) -> datetime:
    """An instant, as in 2026-03-29T01:00."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def hours(zone: str, text: str, *days: int) -> Schedule:
    """That zone's hours, as in 09:00-17:00, on these weekdays, or on all."""
    opens, closes = (time.fromisoformat(part) for part in text.split("-"))
    return Schedule(zone, days=frozenset(days or range(7)), opens=opens, closes=closes)


def told(schedule: Schedule, start: str, end: str) -> list[str]:
    """Its intervals for a table: day and time of the beginning, day and time of the end."""
    found = intervals_between(schedule, None, utc(start), utc(end))
    return [f"{each.start:%d %H:%M}/{each.end:%d %H:%M}" for each in found]


def opening(schedule: Schedule, zone: str | None, at: str) -> str | None:
    """When the next interval begins."""
    found = next_interval(schedule, zone, utc(at))
    return None if found is None else f"{found.start:%Y-%m-%dT%H:%M}"


def is_open(schedule: Schedule, zone: str, at: datetime) -> bool:
    """The oracle: the definition, one instant at a time, from what a clock on the wall shows."""
    wall = at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    for begins in (wall.date(), wall.date() - DAY):
        if begins.weekday() not in schedule.days or begins in schedule.holidays:
            continue
        if not (schedule.starts_on or date.min) <= begins <= (schedule.ends_on or date.max):
            continue
        opens, closes = datetime.combine(begins, schedule.opens), datetime.combine(begins, schedule.closes)
        if opens <= wall < (closes if opens < closes else closes + DAY):
            return True
    return False


MONDAYS = [date(2026, 5, 4) + 7 * n * DAY for n in range(MOST_HOLIDAYS)]
CLOCK = st.builds(time, st.integers(0, 23) | st.integers(0, 3), st.sampled_from([0, 0, 15, 30, 45, 1, 59]))


@st.composite
def moments(draw: st.DrawFn) -> tuple[Schedule, datetime]:
    """A schedule, and an instant within a day and a half of a change of its zone's clocks, or anywhere."""
    zone, change = draw(st.sampled_from(NIGHTS))
    anywhere = st.datetimes(datetime(2005, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC))
    at = draw(st.just(utc(change)) | anywhere.map(lambda found: found.replace(second=0, microsecond=0)))
    nearby = st.integers(-3, 3).map(lambda days: at.date() + days * DAY)
    opens, closes = draw(CLOCK), draw(CLOCK)
    schedule = Schedule(
        zone,
        days=draw(st.just(frozenset(range(7))) | st.frozensets(st.integers(0, 6), min_size=1)),
        opens=opens,
        closes=draw(st.sampled_from([closes, closes, opens])),
        starts_on=draw(st.none() | st.none() | nearby),
        ends_on=draw(st.none() | st.none() | nearby),
        holidays=draw(st.just(frozenset[date]()) | st.frozensets(nearby, max_size=2)),
    )
    return schedule, at + draw(st.integers(-36 * 60, 6 * 60)) * MINUTE


@pytest.mark.parametrize(
    ("zone", "begins", "window", "expected"),
    [
        # 02:00 becomes 03:00 at 01:00Z.
        ("Europe/Berlin", "2026-03-29", "01:00-05:00", ["29 00:00/29 03:00"]),
        ("Europe/Berlin", "2026-03-29", "02:30-03:30", ["29 01:00/29 01:30"]),
        ("Europe/Berlin", "2026-03-29", "01:00-02:00", ["29 00:00/29 01:00"]),
        ("Europe/Berlin", "2026-03-29", "03:00-04:00", ["29 01:00/29 02:00"]),
        ("Europe/Berlin", "2026-03-29", "02:00-03:00", []),
        ("Europe/Berlin", "2026-03-28", "22:00-06:00", ["28 21:00/29 04:00"]),
        ("Europe/Berlin", "2026-03-29", "00:00-00:00", ["28 23:00/29 22:00"]),
        # 03:00 becomes 02:00 at 01:00Z.
        ("Europe/Berlin", "2026-10-25", "01:00-02:30", ["24 23:00/25 00:30", "25 01:00/25 01:30"]),
        ("Europe/Berlin", "2026-10-25", "02:30-04:00", ["25 00:30/25 01:00", "25 01:30/25 03:00"]),
        ("Europe/Berlin", "2026-10-25", "02:00-03:00", ["25 00:00/25 02:00"]),
        ("Europe/Berlin", "2026-10-25", "01:00-02:00", ["24 23:00/25 00:00"]),
        ("Europe/Berlin", "2026-10-25", "03:00-04:00", ["25 02:00/25 03:00"]),
        ("Europe/Berlin", "2026-10-24", "22:00-06:00", ["24 20:00/25 05:00"]),
        ("Europe/Berlin", "2026-10-24", "22:00-02:30", ["24 20:00/25 00:30", "25 01:00/25 01:30"]),
        # 02:00 becomes 03:00 at 07:00Z; 02:00 becomes 01:00 at 06:00Z.
        ("America/New_York", "2026-03-08", "01:30-03:30", ["08 06:30/08 07:30"]),
        ("America/New_York", "2026-03-08", "02:00-03:00", []),
        ("America/New_York", "2026-11-01", "01:00-02:00", ["01 05:00/01 07:00"]),
        ("America/New_York", "2026-11-01", "00:30-01:30", ["01 04:30/01 05:30", "01 06:00/01 06:30"]),
        ("America/New_York", "2026-10-31", "20:00-01:30", ["01 00:00/01 05:30", "01 06:00/01 06:30"]),
        # Half an hour: 02:00 becomes 01:30 at 15:00Z; 02:00 becomes 02:30 at 15:30Z.
        ("Australia/Lord_Howe", "2026-04-05", "01:00-02:00", ["04 14:00/04 15:30"]),
        ("Australia/Lord_Howe", "2026-04-05", "01:00-01:45", ["04 14:00/04 14:45", "04 15:00/04 15:15"]),
        ("Australia/Lord_Howe", "2026-10-04", "01:00-03:00", ["03 14:30/03 16:00"]),
        ("Australia/Lord_Howe", "2026-10-04", "02:00-02:30", []),
        ("Australia/Lord_Howe", "2026-10-04", "02:15-03:00", ["03 15:30/03 16:00"]),
        # Offsets of quarters of an hour; in the first, 03:45 becomes 02:45 at 14:00Z.
        ("Pacific/Chatham", "2026-04-05", "02:00-04:00", ["04 12:15/04 15:15"]),
        ("Asia/Kathmandu", "2026-05-04", "09:00-17:00", ["04 03:15/04 11:15"]),
        ("Australia/Eucla", "2026-05-04", "09:00-17:00", ["04 00:15/04 08:15"]),
        # Midnight becomes 01:00; the day has 23 hours.
        ("Asia/Beirut", "2026-03-29", "00:00-01:00", []),
        ("Asia/Beirut", "2026-03-29", "00:00-00:00", ["28 22:00/29 21:00"]),
        # 00:01 becomes 23:01 of the day before: that day goes on after the next has begun.
        ("America/St_Johns", "2010-11-06", "00:00-00:00", ["06 02:30/07 02:30", "07 02:31/07 03:30"]),
    ],
)
def test_windows_in_nights_in_which_clocks_are_changed(
    zone: str, begins: str, window: str, expected: list[str]
) -> None:
    """They are what local clocks say: shorter, longer, in two parts, or not there at all."""
    day = date.fromisoformat(begins)
    schedule = replace(hours(zone, window), starts_on=day, ends_on=day)

    assert told(schedule, f"{day - 3 * DAY}T00:00", f"{day + 3 * DAY}T00:00") == expected


@pytest.mark.parametrize(
    ("schedule", "at", "opens"),
    [
        (hours("Europe/Berlin", "02:00-03:00", SUN), "2026-03-23T00:00", "2026-04-05T00:00"),
        (hours("Pacific/Apia", "09:00-17:00", FRI), "2011-12-26T00:00", "2012-01-05T19:00"),
    ],
)
def test_a_window_that_is_left_out_comes_a_week_later(schedule: Schedule, at: str, opens: str) -> None:
    """Berlin has no 02:00 on 29 March, and Samoa had no Friday 30 December 2011."""
    assert opening(schedule, None, at) == opens


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (
            hours("Pacific/Apia", "09:00-11:00"),
            ["28 19:00/28 21:00", "29 19:00/29 21:00", "30 19:00/30 21:00"],
        ),
        (hours("Pacific/Apia", "09:00-17:00", FRI), []),
        (hours("Pacific/Apia", "22:00-02:00", THU), ["30 08:00/30 10:00"]),
        (hours("Pacific/Apia", "22:00-02:00", THU, FRI), ["30 08:00/30 12:00"]),
        (hours("Pacific/Apia", "00:00-00:00", THU, SAT), ["29 10:00/31 10:00"]),
    ],
)
def test_a_date_that_a_place_left_out(schedule: Schedule, expected: list[str]) -> None:
    """Samoa had no 30 December 2011, but the first hours of the 31st, which belong to its window."""
    assert told(schedule, "2011-12-28T12:00", "2011-12-31T12:00") == expected


@pytest.mark.parametrize(
    ("year", "expected"), [(2028, ["28 21:00/29 05:00", "29 21:00/01 05:00"]), (2027, ["28 21:00/01 05:00"])]
)
def test_a_leap_day_is_a_day(year: int, expected: list[str]) -> None:
    """A window of 28 February goes on into the 29th where there is one, which has its own."""
    schedule = replace(
        hours("Europe/Berlin", "22:00-06:00"), starts_on=date(year, 2, 28), ends_on=date(year, 3, 1) - DAY
    )

    assert told(schedule, f"{year}-02-20T00:00", f"{year}-03-09T00:00") == expected


FRIDAY_NIGHT = hours("UTC", "22:00-06:00", FRI)


@pytest.mark.parametrize(
    ("schedule", "expected"),
    [
        (FRIDAY_NIGHT, ["15 22:00/16 06:00"]),
        (replace(FRIDAY_NIGHT, holidays=frozenset({date(2026, 5, 16)})), ["15 22:00/16 06:00"]),
        (replace(FRIDAY_NIGHT, ends_on=date(2026, 5, 15)), ["15 22:00/16 06:00"]),
        (replace(FRIDAY_NIGHT, holidays=frozenset({date(2026, 5, 15)})), []),
        (replace(FRIDAY_NIGHT, starts_on=date(2026, 5, 16)), []),
        (replace(FRIDAY_NIGHT, ends_on=date(2026, 5, 14)), []),
    ],
)
def test_a_window_over_midnight_belongs_to_the_day_on_which_it_begins(
    schedule: Schedule, expected: list[str]
) -> None:
    """Days, holidays and bounds look at that day only."""
    assert told(schedule, "2026-05-13T00:00", "2026-05-18T00:00") == expected


@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        ("America/New_York", "13:00"),
        ("Asia/Kathmandu", "03:15"),
        ("", "07:00"),
        (None, "07:00"),
        ("Nowhere/Atall", "07:00"),
        ("../../etc/passwd", "07:00"),
    ],
)
def test_the_leads_own_zone_goes_first_where_it_is_known(zone: str | None, opens: str) -> None:
    """Otherwise the campaign's zone counts; and always, for a campaign that does not ask for the lead's."""
    schedule = hours("Europe/Berlin", "09:00-17:00")

    assert opening(replace(schedule, uses_lead_zone=True), zone, "2026-05-04T00:00") == f"2026-05-04T{opens}"
    assert opening(schedule, zone, "2026-05-04T00:00") == "2026-05-04T07:00"


@pytest.mark.parametrize(
    "schedule",
    [
        Schedule(days=frozenset()),
        Schedule(ends_on=date(2026, 5, 3)),
        Schedule(ends_on=date.min),
        Schedule(starts_on=date.max),
        Schedule(days=frozenset({SUN}), ends_on=date(2026, 5, 9)),
        Schedule(days=frozenset({MON}), holidays=frozenset(MONDAYS), ends_on=MONDAYS[-1]),
    ],
)
def test_what_never_opens_again_says_so(schedule: Schedule) -> None:
    """After the last day, or without any day, there is no next window."""
    assert opening(schedule, None, "2026-05-04T00:00") is None


@pytest.mark.parametrize(
    ("schedule", "opens"),
    [
        (Schedule(starts_on=date(2031, 7, 4)), "2031-07-04"),
        (Schedule(starts_on=date(2026, 5, 3), days=frozenset({TUE})), "2026-05-05"),
        (Schedule(holidays=frozenset(date(2026, 5, 4) + n * DAY for n in range(366))), "2027-05-05"),
        (Schedule(days=frozenset({MON}), holidays=frozenset(MONDAYS)), "2033-05-09"),
    ],
)
def test_the_next_window_is_found_however_far_it_is(schedule: Schedule, opens: str) -> None:
    """Years away, behind a late start or as many holidays as there may be."""
    assert opening(schedule, None, "2026-05-04T00:00") == f"{opens}T00:00"


def test_without_a_schedule_it_is_always_open() -> None:
    """The one interval goes on for at least two days more."""
    at = utc("2026-05-04T23:59")
    found = next_interval(ALWAYS, "Europe/Berlin", at)

    assert found is not None
    assert found.start <= at <= found.end - 2 * DAY


@pytest.mark.parametrize("at", ["2026-05-08T12:00", "2026-05-09T00:00", "2026-05-10T21:59"])
def test_days_that_follow_each_other_are_one_window(at: str) -> None:
    """Of a whole weekend, whenever one asks: from Saturday's midnight to Monday's."""
    weekend = Interval(utc("2026-05-08T22:00"), utc("2026-05-10T22:00"))

    assert next_interval(hours("Europe/Berlin", "00:00-00:00", SAT, SUN), None, utc(at)) == weekend


@FACTS
@given(moments())
def test_an_instant_is_in_a_window_as_the_clock_on_the_wall_says(moment: tuple[Schedule, datetime]) -> None:
    """Minute by minute; what is told has not ended, and begins with the first open minute."""
    schedule, start = moment
    minutes = [start + n * MINUTE for n in range(36 * 60)]
    states = [is_open(schedule, schedule.time_zone, at) for at in minutes]
    begins: datetime | None = None
    for at, state in zip(reversed(minutes), reversed(states), strict=True):
        begins = at if state else begins
        found = next_interval(schedule, None, at)
        assert (found is not None and at in found) is state
        assert found is None or found.end > at
        assert begins is None or (found is not None and (at if state else found.start) == begins)


@FACTS
@given(moments(), st.integers(0, 48 * 60), st.integers(-60, 50 * 60))
def test_intervals_are_the_open_minutes(moment: tuple[Schedule, datetime], length: int, passed: int) -> None:
    """All of them and no others, in order, with gaps between them; seconds left are those still to come."""
    schedule, start = moment
    minutes = [start + n * MINUTE for n in range(length)]
    runs = groupby(minutes, lambda at: is_open(schedule, schedule.time_zone, at))
    opened = [list(run) for state, run in runs if state]
    found = intervals_between(schedule, None, start, start + length * MINUTE)
    now = start + passed * MINUTE

    assert found == [Interval(run[0], run[-1] + MINUTE) for run in opened]
    assert all(one.end < other.start for one, other in pairwise(found))
    assert seconds_left(found, now) == sum(60 for run in opened for at in run if at >= now)


@settings(FACTS, max_examples=100)
@given(moments(), st.floats(0, 0.99))
def test_a_window_is_told_the_same_from_all_of_its_instants(
    moment: tuple[Schedule, datetime], part: float
) -> None:
    """One of up to 48 hours, that is; a longer one may be cut."""
    schedule, start = moment
    found = next_interval(schedule, None, start)
    if found is not None and found.end - found.start < 2 * DAY:
        assert next_interval(schedule, None, found.start) == found
        assert next_interval(schedule, None, found.start + part * (found.end - found.start)) == found


MAY = utc("2026-05-04T00:00")
SPANS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 20)).map(
        lambda span: Interval(MAY + span[0] * MINUTE, MAY + sum(span) * MINUTE)
    ),
    max_size=8,
)


@settings(FACTS, max_examples=100)
@given(SPANS)
def test_a_union_has_the_instants_of_all(spans: list[Interval]) -> None:
    """And no others; in order, with gaps."""
    merged = union(spans)

    for minute in range(90):
        at = MAY + minute * MINUTE
        assert any(at in each for each in merged) is any(at in each for each in spans)
    assert all(one.end < other.start for one, other in pairwise(merged))
    assert union(merged) == merged


def test_an_instant_may_be_told_in_any_zone() -> None:
    """It is the same instant, and the answer is in UTC."""
    at = datetime(2026, 5, 4, 23, 30, tzinfo=ZoneInfo("America/New_York"))
    found = next_interval(hours("Europe/Berlin", "09:00-17:00"), None, at)

    assert found == Interval(utc("2026-05-05T07:00"), utc("2026-05-05T15:00"))
    assert found.start.tzinfo is UTC


WRITTEN = {
    "timeZone": "Europe/Berlin",
    "useLeadTimeZone": True,
    "days": ["mon", "wed", "sun"],
    "hours": {"from": "09:00", "to": "17:30"},
    "startOn": "2026-01-05",
    "endOn": "2026-01-05",
    "holidays": ["2026-12-25", "2028-02-29"],
}


def test_a_schedule_as_it_is_written() -> None:
    """Every key of the JSON form means what its name says."""
    assert read_schedule(WRITTEN) == replace(
        hours("Europe/Berlin", "09:00-17:30", 0, 2, 6),
        uses_lead_zone=True,
        starts_on=date(2026, 1, 5),
        ends_on=date(2026, 1, 5),
        holidays=frozenset({date(2026, 12, 25), date(2028, 2, 29)}),
    )
    assert write_schedule(read_schedule(WRITTEN)) == WRITTEN


@pytest.mark.parametrize(
    ("value", "schedule"),
    [
        ({}, ALWAYS),
        ({"startOn": None, "endOn": None}, ALWAYS),
        ({"hours": {"from": "00:00", "to": "24:00"}}, ALWAYS),
        ({"hours": {"from": "09:00", "to": "24:00"}}, Schedule(opens=time(9))),
    ],
)
def test_what_is_left_out_is_not_limited(value: dict[str, object], schedule: Schedule) -> None:
    """An empty schedule is always open, in UTC; 24:00 is the midnight with which the next day begins."""
    assert read_schedule(value) == schedule


@settings(FACTS, max_examples=100)
@given(moments())
def test_what_was_written_is_read_as_the_same(moment: tuple[Schedule, datetime]) -> None:
    """Whatever it says, unless it ends before it starts."""
    schedule = replace(moment[0], ends_on=None)

    assert read_schedule(write_schedule(schedule)) == schedule


@pytest.mark.parametrize(
    ("change", "faults"),
    [
        ({"timeZone": "../../etc/passwd"}, ["/timeZone unknown_time_zone"]),
        ({"timeZone": "x" * 100_000}, ["/timeZone unknown_time_zone"]),
        ({"timeZone": None}, ["/timeZone wrong_type"]),
        ({"timeZone": ["UTC"]}, ["/timeZone wrong_type"]),
        ({"useLeadTimeZone": 1}, ["/useLeadTimeZone wrong_type"]),
        ({"useLeadTimeZone": None}, ["/useLeadTimeZone wrong_type"]),
        ({"days": []}, ["/days too_short"]),
        ({"days": "mon"}, ["/days wrong_type"]),
        ({"days": ["mon"] * 8}, ["/days too_long"]),
        ({"days": ["mon", "Tue", 3, None, {}]}, [f"/days/{n} not_allowed" for n in (1, 2, 3, 4)]),
        ({"days": ["mon", "tue", "mon"]}, ["/days/2 repeated"]),
        ({"hours": None}, ["/hours wrong_type"]),
        ({"hours": "09:00-17:00"}, ["/hours wrong_type"]),
        ({"hours": {}}, ["/hours/from required", "/hours/to required"]),
        ({"hours": {"from": "24:00", "to": "24:00"}}, ["/hours/from invalid_time"]),
        ({"hours": {"from": 9, "to": None}}, ["/hours/from wrong_type", "/hours/to wrong_type"]),
        ({"hours": {"from": "09:00", "to": "17:00", "lunch": 1}}, ["/hours/lunch unknown_field"]),
        ({"startOn": "2026-02-29"}, ["/startOn invalid_date"]),
        ({"startOn": "05.01.2026"}, ["/startOn invalid_date"]),
        ({"startOn": 20260105, "endOn": True}, ["/startOn wrong_type", "/endOn wrong_type"]),
        ({"startOn": "2026-01-06", "endOn": "2026-01-05"}, ["/endOn out_of_range"]),
        ({"holidays": None}, ["/holidays wrong_type"]),
        ({"holidays": ["2026-12-25", "Easter", 5]}, ["/holidays/1 invalid_date", "/holidays/2 wrong_type"]),
        ({"holidays": ["2026-12-25"] * (MOST_HOLIDAYS + 1)}, ["/holidays too_long"]),
        ({"timezone": "UTC", "a/b~c": 1}, ["/timezone unknown_field", "/a~1b~0c unknown_field"]),
        ({"x" * 5000: 1}, ["/" + "x" * 200 + " unknown_field"]),
    ],
)
def test_what_is_wrong_with_a_schedule_is_named(change: dict[str, object], faults: list[str]) -> None:
    """By a pointer into it and a code."""
    with pytest.raises(Unacceptable) as refused:
        read_schedule(change)
    assert [f"{fault.pointer} {fault.code}" for fault in refused.value.faults] == faults


@pytest.mark.parametrize(
    "text", ["", "9:00", "25:00", "17:60", "24:01", "09:00:00", "09:00\n", "+9:00", "٠٩:٠٠"]
)
def test_a_time_of_day_is_written_in_one_way(text: str) -> None:
    """Two digits, a colon, two digits."""
    with pytest.raises(Unacceptable) as refused:
        read_schedule({"hours": {"from": text, "to": text}})
    assert [fault.code for fault in refused.value.faults] == ["invalid_time", "invalid_time"]


def test_all_that_is_wrong_is_named_at_once() -> None:
    """Nobody has to correct one thing after the other."""
    wrong = dict.fromkeys([*WRITTEN, "other"], 5)

    with pytest.raises(Unacceptable) as refused:
        read_schedule(wrong)
    assert {fault.pointer for fault in refused.value.faults} == {f"/{key}" for key in wrong}
    assert all(fault.message.endswith(".") for fault in refused.value.faults)


@pytest.mark.parametrize(
    "name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", "US/Pacific", "Etc/GMT+5"]
)
def test_names_of_zones(name: str) -> None:
    """As the IANA database has them, old ones too."""
    assert is_known_zone(name)


@pytest.mark.parametrize(
    "name", ["", "UTC\0", "Berlin", "Europe", "europe/berlin", "localtime", "Factory", "../UTC", "/etc/UTC"]
)
def test_what_names_no_zone(name: str) -> None:
    """No paths, no other spelling, and not what one machine calls its own."""
    assert not is_known_zone(name)


def test_utc_needs_no_database_and_other_names_one_that_knows_them() -> None:
    """A zone that is not known raises when its clocks are asked for."""
    assert zone_named("UTC") is UTC
    with pytest.raises(ZoneInfoNotFoundError):
        next_interval(Schedule("Nowhere/Atall"), None, MAY)
