"""A forecast: numbers from the events of a look ahead. And what may help against each gate."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import pytest

from leadterra.domain.caps import Cap, CapKey
from leadterra.domain.delay import Delay
from leadterra.domain.forecast import FIRST_NEW, Aim, Forecast, day_capacity, forecast_of
from leadterra.domain.gate import Gate
from leadterra.domain.pool import Contender, Pool, Sender
from leadterra.domain.projection import Course, DayEnd, Due, Send
from leadterra.domain.remedy import Situation, changes_for
from leadterra.domain.schedule import Schedule, write_schedule
from leadterra.domain.sender_loss import LossAction

NOW = datetime(2026, 3, 10, 9, tzinfo=UTC)
TODAY = NOW.date()
ONE, TWO = UUID(int=1 << 100), UUID(int=2 << 100)
ADA, BOB = UUID(int=1 << 64), UUID(int=2 << 64)
DOMAIN = UUID(int=9)
RESET = datetime(2026, 3, 11, tzinfo=UTC)
ALL = Aim(ONE, 2, 2)


def sender(account_id: UUID, limit: int, used: int = 0, **fields: object) -> Sender:
    """An active account."""
    return Sender(account_id, True, limit, used, domain=DOMAIN, **fields)  # type: ignore[arg-type]


POOL = Pool([sender(ADA, 10, 4), sender(BOB, 20)], campaigns=[Contender(ONE), Contender(TWO)])


def sent(hour: float, position: int = 0, campaign: UUID = ONE, account: UUID = ADA, lead: int = 1) -> Send:
    """A message of that hour from `NOW` on."""
    at = NOW + timedelta(hours=hour)
    due = Due(UUID(int=lead), position > 0, at, campaign_id=campaign, position=position)
    return Send(at, due, account)


def ended(day: int, overflow: int = 0, gate: Gate | None = None, waiting: int = 1) -> DayEnd:
    """The end of today, or of that many days later."""
    gates = {} if gate is None else {ONE: gate}
    return DayEnd(TODAY + timedelta(days=day), {ONE: overflow} if overflow else {}, gates, {ONE: waiting})


def forecast(*events: Send | DayEnd, aim: Aim = ALL, most: int = 1000) -> Forecast:
    """Of these events."""
    return forecast_of(events, aim, POOL, today=TODAY, most_sends=most)


def test_days_count_messages_of_the_campaign_by_step() -> None:
    """And nobody else's."""
    found = forecast(sent(0), sent(1, 1), sent(2, campaign=TWO), ended(0, 3), sent(16), ended(1, waiting=0))
    assert [(day.sends, day.by_steps, day.overflow) for day in found.days] == [(2, (1, 1), 3), (1, (1, 0), 0)]


def test_days_without_anything_are_told_where_others_follow() -> None:
    """And left out at the end."""
    found = forecast(sent(0), ended(0), sent(70), ended(3), ended(4), ended(5))
    assert [(day.date.day, day.sends) for day in found.days] == [(10, 1), (11, 0), (12, 0), (13, 1)]


def test_it_completes_with_the_last_message() -> None:
    """First steps with the last of theirs."""
    found = forecast(sent(0), sent(1), sent(2, 1), ended(0), sent(20, 1), ended(1, waiting=0))
    assert found.first_step_completes_at == NOW + timedelta(hours=1)
    assert (found.completes_at, found.leads_left) == (NOW + timedelta(hours=20), 0)


def test_what_is_not_through_has_no_end() -> None:
    """But a number of leads."""
    found = forecast(sent(0), ended(0, 5, Gate.ACCOUNT_QUOTA, waiting=6))
    assert (found.first_step_completes_at, found.completes_at, found.leads_left) == (None, None, 6)


def test_nothing_is_heard_after_the_end() -> None:
    """Whoever goes on is somebody else."""
    found = forecast(sent(0), sent(1), ended(0, waiting=0), sent(30, campaign=TWO), ended(1, waiting=0))
    assert (len(found.days), found.is_cut) == (1, False)


def test_so_many_messages_end_it() -> None:
    """At the end of their day, and it says so."""
    found = forecast(sent(0), sent(1), ended(0), sent(20), ended(1), most=2)
    assert (found.horizon, found.is_cut) == (TODAY, True)


def test_the_gate_of_most_resets_binds() -> None:
    """Days are those on which anything waits."""
    quota, window = Gate.ACCOUNT_QUOTA, Gate.OUTSIDE_SCHEDULE
    ends = [ended(0, 9, window), ended(1, 7, quota), ended(2, 3, quota), ended(3)]
    found = forecast(*[event for end in ends for event in (sent(24 * (end.day.day - 10)), end)])
    assert found.constraint is not None
    assert (found.constraint.gate, found.constraint.days) == (quota, 2)
    reason = "messages wait at the reset because the accounts have sent their daily limits."
    assert found.constraint.detail == f"On 2 of 4 days {reason}"


def test_without_overflow_nothing_binds() -> None:
    """Only delays and windows take their time."""
    assert forecast(sent(0), ended(0), sent(30, 1), ended(1, waiting=0)).constraint is None


def test_senders_are_told_with_most_first() -> None:
    """Only those that send."""
    found = forecast(sent(0), sent(1, account=BOB), sent(2, account=BOB), ended(0, waiting=0))
    assert found.by_sender == ((BOB, 2), (ADA, 1))


def test_of_new_leads_only_theirs_is_counted() -> None:
    """Overflow too: what has fallen due of theirs and has not gone."""
    new = FIRST_NEW.int
    due_at = NOW + timedelta(days=1)
    first = Send(NOW, Due(UUID(int=new), False, NOW, campaign_id=ONE, count=3), ADA, due_at)
    second = Send(due_at, Due(UUID(int=new), True, due_at, campaign_id=ONE, position=1), ADA)
    events = (sent(0), first, ended(0, 50, Gate.ACCOUNT_QUOTA, 60), second, ended(1, 1, Gate.ACCOUNT_QUOTA))
    found = forecast(*events, aim=Aim(ONE, 2, 3, new_leads=3))
    assert [(day.sends, day.overflow) for day in found.days] == [(1, 2), (1, 2)]
    assert found.leads_left == 2


# Capacity.

ROLLING: CapKey = (Gate.ACCOUNT_ROLLING_QUOTA, BOB)
OF_DOMAIN: CapKey = (Gate.SENDING_DOMAIN_QUOTA, DOMAIN)
OF_ALL: CapKey = (Gate.WORKSPACE_QUOTA, None)


@pytest.mark.parametrize(
    ("caps", "today", "later"),
    [
        ({}, 26, 30),
        ({OF_ALL: Cap(25, 4, RESET)}, 21, 25),
        ({OF_DOMAIN: Cap(12, 4, RESET)}, 8, 12),
        ({ROLLING: Cap(5, 3, RESET)}, 8, 15),
    ],
)
def test_capacity_is_what_limits_leave(caps: dict[CapKey, Cap], today: int, later: int) -> None:
    """Of today what is left, of later days all."""
    pool = Pool(POOL.senders, caps=caps)
    assert (day_capacity(pool, is_today=True), day_capacity(pool, is_today=False)) == (today, later)


# Remedies.

COURSE = Course(NOW, (Delay(0),), Schedule(days=frozenset(range(5)), opens=time(9), closes=time(17)))


def situation(caps: dict[CapKey, Cap] | None = None, schedule: Schedule = COURSE.schedule) -> Situation:
    """Two accounts of 10 and 20 a day, of which the first spreads."""
    senders = [sender(ADA, 10, spreads=True, gap=20), sender(BOB, 20)]
    campaigns = [Contender(ONE, sender_tags=frozenset({"sales"}))]
    return Situation(
        Pool(senders, caps=caps or {}, campaigns=campaigns), {ONE: Course(NOW, (Delay(0),), schedule)}, ONE
    )


@pytest.mark.parametrize(
    ("gate", "key", "target", "fields"),
    [
        (Gate.WORKSPACE_QUOTA, OF_ALL, "workspace", {"dailyQuota": 30}),
        (Gate.SENDING_DOMAIN_QUOTA, OF_DOMAIN, "workspace", {"sendingDomainDailyLimit": 30}),
        (Gate.CAMPAIGN_QUOTA, (Gate.CAMPAIGN_QUOTA, ONE), "campaign", {"dailyLimit": 40}),
        (Gate.NEW_LEADS_QUOTA, (Gate.NEW_LEADS_QUOTA, ONE), "campaign", {"newLeadsDailyLimit": 40}),
    ],
)
def test_a_cap_is_raised(gate: Gate, key: CapKey, target: str, fields: dict[str, object]) -> None:
    """By an account's limit, or to twice as much; what was taken of it stays."""
    (change,) = changes_for(gate, situation({key: Cap(20, 5, RESET)}))
    assert (change.target, change.fields) == (target, fields)
    assert change.pool.caps[key] == Cap(next(iter(fields.values())), 5, RESET)  # type: ignore[arg-type]


def test_an_account_is_added_that_the_campaign_may_use() -> None:
    """Paced as the others are, with their median limit and the campaign's tags."""
    (change,) = changes_for(Gate.ACCOUNT_QUOTA, situation())
    fresh = change.pool.senders[-1]
    assert change.words == "one more account of 10 a day"
    assert change.fields == {"newSenderAccounts": 1, "dailyLimit": 10, "tags": ["sales"]}
    assert (fresh.spreads, fresh.gap, fresh.tags, fresh.used) == (True, 20.0, frozenset({"sales"}), 0)


def test_a_schedule_gets_one_more_day() -> None:
    """The first that it lacks; named with all the rest, for a schedule is replaced as one."""
    (change,) = changes_for(Gate.OUTSIDE_SCHEDULE, situation())
    days = ["mon", "tue", "wed", "thu", "fri", "sat"]
    before = situation().courses[ONE].schedule
    assert change.fields == {"schedule": {**write_schedule(before), "days": days}}
    assert change.courses[ONE].schedule.days == frozenset(range(6))


def test_a_schedule_of_all_days_gets_one_more_hour_and_then_no_last_day() -> None:
    """In this order."""
    schedule = Schedule(opens=time(9), closes=time(23), ends_on=date(2026, 3, 20))
    hour, endless = changes_for(Gate.OUTSIDE_SCHEDULE, situation(schedule=schedule))
    whole = write_schedule(schedule)
    assert hour.fields == {"schedule": {**whole, "hours": {"from": "09:00", "to": "00:00"}}}
    assert endless.fields == {"schedule": {**whole, "endOn": None}}
    assert endless.courses[ONE].schedule.ends_on is None


def test_lost_leads_are_handed_over() -> None:
    """Where they wait for their account."""
    (change,) = changes_for(Gate.SENDER_LOST, situation())
    assert change.pool.campaigns[0].sender_loss.action is LossAction.HANDOVER


def test_against_recipients_limits_there_is_no_remedy() -> None:
    """They are there for a reason that no forecast knows."""
    assert changes_for(Gate.RECIPIENT_DOMAIN_QUOTA, situation()) == []
