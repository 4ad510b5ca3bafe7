"""A projection: what it sends, when, and what it says at the end of a day."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from leadterra.domain.caps import Cap, CapKey
from leadterra.domain.day import next_reset
from leadterra.domain.delay import Delay
from leadterra.domain.gate import Gate
from leadterra.domain.pool import Contender, Pool, Sender
from leadterra.domain.projection import Course, DayEnd, Due, Projection, Send
from leadterra.domain.schedule import Schedule
from leadterra.domain.sender_loss import LossAction, SenderLossPolicy

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
"""A Tuesday."""

ONE, TWO = UUID(int=1 << 100), UUID(int=2 << 100)
STEPS = (Delay(0), Delay(1))


def sender(number: int, limit: int = 10, **fields: object) -> Sender:
    """An account."""
    values: dict[str, object] = {"is_active": True, "used": 0, **fields}
    return Sender(id=UUID(int=number << 64), daily_limit=limit, **values)  # type: ignore[arg-type]


def leads(count: int, first: int = 1, **fields: object) -> Due:
    """Leads that wait for their first step, and are alike."""
    values: dict[str, object] = {"due_at": NOW, "campaign_id": ONE, "count": count, **fields}
    return Due(UUID(int=first << 32), False, **values)  # type: ignore[arg-type]


def run(
    senders: list[Sender],
    work: list[Due],
    *,
    caps: dict[CapKey, Cap] | None = None,
    days: float = 5,
    schedule: Schedule | None = None,
    contenders: list[Contender] | None = None,
) -> tuple[list[Send], list[DayEnd]]:
    """What happens: messages, and ends of days."""
    campaigns = contenders or [Contender(ONE), Contender(TWO)]
    pool = Pool(senders, caps=caps or {}, campaigns=campaigns)
    courses = {each.id: Course(NOW, STEPS, schedule or Schedule()) for each in campaigns}
    events = list(Projection(pool, courses, work, now=NOW).run(NOW + timedelta(days=days)))
    return [each for each in events if isinstance(each, Send)], [
        each for each in events if isinstance(each, DayEnd)
    ]


def by_day(sends: list[Send]) -> dict[date, int]:
    """How many go on each day."""
    return dict(Counter(send.at.date() for send in sends))


def test_who_is_counted_goes_on_as_somebody() -> None:
    """Leads that are alike have steps behind their first that are not."""
    sends, _ = run([sender(1)], [leads(3)])
    followers = [send.due.enrollment_id for send in sends if send.due.is_follow_up]
    assert len(set(followers)) == 3


def test_who_is_counted_first_stays_who_it_is() -> None:
    """Also behind its second step, when others of its class have gone meanwhile."""
    steps = (Delay(0), Delay(1), Delay(1))
    pool = Pool([sender(1, 3)], campaigns=[Contender(ONE)])
    events = Projection(pool, {ONE: Course(NOW, steps)}, [leads(4)], now=NOW).run(NOW + timedelta(days=9))
    counts = Counter(
        each.due.enrollment_id for each in events if isinstance(each, Send) and each.due.is_follow_up
    )
    assert list(counts.values()) == [2, 2, 2, 2]


def test_a_message_tells_when_the_one_behind_it_is_due() -> None:
    """None behind the last."""
    sends, _ = run([sender(1)], [leads(1)])
    assert [send.next_due_at for send in sends] == [NOW + timedelta(days=1), None]


def test_who_is_first_stays_first() -> None:
    """Of leads of two classes that alternate, follow-ups go in the order of the leads; a quota shows it."""
    work = [leads(1, first, zone=zone) for first, zone in ((1, "a"), (2, "b"), (3, "a"), (4, "b"))]
    caps: dict[CapKey, Cap] = {(Gate.WORKSPACE_QUOTA, None): Cap(4, 0, next_reset(NOW))}
    schedule = Schedule()
    sends, _ = run([sender(1), sender(2)], work, caps=caps, schedule=schedule)
    order = [send.due.enrollment_id.int >> 32 for send in sends]
    assert order == [1, 2, 3, 4, 1, 2, 3, 4]


def test_a_day_s_end_tells_overflow_and_who_waits() -> None:
    """Overflow is what is due; those whose delay runs wait as well."""
    _, ends = run([sender(1, 4)], [leads(6)])
    assert [(end.overflow.get(ONE, 0), end.waiting[ONE]) for end in ends] == [(2, 6), (2, 4), (0, 0)]


@pytest.mark.parametrize(
    ("key", "limit", "gate"),
    [
        ((Gate.WORKSPACE_QUOTA, None), 3, Gate.WORKSPACE_QUOTA),
        ((Gate.CAMPAIGN_QUOTA, ONE), 3, Gate.CAMPAIGN_QUOTA),
        ((Gate.NEW_LEADS_QUOTA, ONE), 3, Gate.NEW_LEADS_QUOTA),
        ((Gate.SENDING_DOMAIN_QUOTA, UUID(int=9)), 3, Gate.SENDING_DOMAIN_QUOTA),
        ((Gate.WORKSPACE_QUOTA, None), 100, Gate.ACCOUNT_QUOTA),
    ],
)
def test_a_day_s_end_tells_the_gate(key: CapKey, limit: int, gate: Gate) -> None:
    """Of the oldest message that is due."""
    caps = {key: Cap(limit, 0, next_reset(NOW))}
    sends, ends = run([sender(1, 5, domain=UUID(int=9))], [leads(20)], caps=caps)
    assert ends[0].gates[ONE] is gate
    assert by_day(sends)[NOW.date()] == min(limit, 5)


OFFICE = Schedule(opens=time(8), closes=time(16))


def test_a_quota_that_is_used_up_binds_out_of_the_window_too() -> None:
    """A longer window would not help."""
    _, ends = run([sender(1, 5)], [leads(20)], schedule=OFFICE)
    assert ends[0].gates[ONE] is Gate.ACCOUNT_QUOTA


def test_a_window_binds_where_no_quota_is_used_up() -> None:
    """Here the account keeps an hour between two messages."""
    _, ends = run([sender(1, 50, gap=3600)], [leads(20)], schedule=OFFICE)
    assert ends[0].gates[ONE] is Gate.OUTSIDE_SCHEDULE
    assert ends[0].overflow[ONE] == 13


def test_recipients_that_are_set_aside_are_overflow() -> None:
    """Those of a class that are left, and no more; the rest of the campaign goes on."""
    gmail = UUID(int=7)
    caps: dict[CapKey, Cap] = {(Gate.RECIPIENT_DOMAIN_QUOTA, gmail): Cap(2, 0, next_reset(NOW))}
    work = [leads(5, recipient_domain=gmail), leads(3, 2)]
    sends, ends = run([sender(1, 20)], work, caps=caps, days=20)
    assert (ends[0].overflow[ONE], ends[0].gates[ONE]) == (3, Gate.RECIPIENT_DOMAIN_QUOTA)
    assert by_day(sends)[NOW.date()] == 5
    assert len(sends) == 16


def test_an_account_that_is_lost_stops_its_leads_where_the_campaign_says_so() -> None:
    """They wait for nothing any more."""
    stops = Contender(ONE, sender_loss=SenderLossPolicy(LossAction.STOP))
    lost = sender(1, is_active=False)
    item = Due(UUID(int=5 << 32), True, NOW, lost.id, ONE, position=1)
    sends, ends = run([lost, sender(2)], [item, leads(1, 9)], contenders=[stops])
    assert len(sends) == 2
    assert ends[-1].waiting[ONE] == 0


def test_what_falls_due_while_nobody_can_send_is_sent_when_somebody_can() -> None:
    """At the next reset, and it was overflow until then."""
    later = leads(1, 8, due_at=NOW + timedelta(hours=5))
    sends, ends = run([sender(1, 2)], [leads(2), later])
    assert ends[0].overflow[ONE] == 1
    assert sends[2].at == next_reset(NOW)


def test_accounts_that_spread_send_all_day_and_all_they_may() -> None:
    """With the days' limits used up, and gaps between messages."""
    sends, _ = run([sender(1, 12, spreads=True, gap=20)], [leads(100)], days=3)
    days = by_day(sends)
    assert days[date(2026, 3, 11)] == days[date(2026, 3, 12)] == 12
    second = [send.at for send in sends if send.at.date() == date(2026, 3, 11)]
    assert second[-1] - second[0] > timedelta(hours=2)


def test_who_waits_for_a_lost_account_goes_on_when_patience_ends() -> None:
    """By another one, when that has room; until then it is overflow, and the loss is why."""
    waits = Contender(ONE, sender_loss=SenderLossPolicy(LossAction.WAIT, 1))
    lost = sender(1, is_active=False, lost_at=NOW)
    item = Due(UUID(int=5 << 32), True, NOW, lost.id, ONE, position=1)
    sends, ends = run([lost, sender(2, 1)], [item], contenders=[waits])
    assert (ends[0].overflow[ONE], ends[0].gates[ONE]) == (1, Gate.SENDER_LOST)
    assert [send.at for send in sends] == [NOW + timedelta(days=1)]


def test_patience_may_end_while_no_account_has_room() -> None:
    """It is handed over at the next reset, before all that is younger."""
    waits = Contender(ONE, sender_loss=SenderLossPolicy(LossAction.WAIT, 1))
    lost = sender(1, is_active=False, lost_at=NOW)
    item = Due(UUID(int=5 << 32), True, NOW, lost.id, ONE, position=1)
    sends, _ = run([lost, sender(2, 1)], [item, leads(5, 9)], contenders=[waits])
    assert next(send.at for send in sends if send.due.position == 1) == datetime(2026, 3, 12, tzinfo=UTC)


def test_recipients_hourly_limits_open_with_the_hour() -> None:
    """And the rest of the class goes then."""
    gmail = UUID(int=7)
    key: CapKey = (Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA, gmail)
    caps = {key: Cap(2, 0, NOW + timedelta(hours=1))}
    sends, _ = run([sender(1, 50)], [leads(5, recipient_domain=gmail)], caps=caps)
    first_steps = [send.at for send in sends if send.due.position == 0]
    assert Counter(first_steps) == {NOW: 2, NOW + timedelta(hours=1): 2, NOW + timedelta(hours=2): 1}
