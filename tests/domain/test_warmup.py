"""Warm-up: the ramp, the days that freeze it, reputation, and graduation to the day."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.day import next_reset
from leadterra.domain.exchange import LEAST_GAP, first_letter_at, next_letter_at, recipient_of
from leadterra.domain.warmup import (
    FREEZES_BELOW,
    Fault,
    Reputation,
    SendingDay,
    Warmth,
    WarmupRule,
    fault_of,
    graduates_on,
    is_warm,
    reputation_of,
    warm_on,
    window_of,
)

BEGINNING = date(2026, 3, 2)
A_DAY = timedelta(days=1)
RULE = WarmupRule()
GOOD = Reputation(1.0, 1.0, 1.0, measured=50, letters=50)


def day_number(number: int) -> date:
    """The day of that number, from 1."""
    return BEGINNING + (number - 1) * A_DAY


def good(day: date, limit: int) -> SendingDay:
    """All was sent, and all arrived."""
    return SendingDay(day, limit, sent=limit, letters=limit, inbox=limit)


def silent(day: date, limit: int) -> SendingDay:
    """Nothing was sent."""
    return SendingDay(day, limit)


def spammed(day: date, limit: int) -> SendingDay:
    """All was sent, and most of it went to spam."""
    return SendingDay(day, limit, sent=limit, letters=limit, inbox=1, spam=limit - 1)


def bounced(day: date, limit: int) -> SendingDay:
    """One of what was sent came back."""
    return SendingDay(day, limit, sent=limit, bounced=1, letters=limit, inbox=limit)


def troubled(day: date, limit: int) -> SendingDay:
    """A server turned the account away once in ten times."""
    return SendingDay(day, limit, sent=limit, troubled=1 + limit // 10, letters=limit, inbox=limit)


def course(kinds: str, *, target: int = 50, rule: WarmupRule = RULE) -> list[tuple[int, Fault | None, bool]]:
    """Limit, what froze it and whether it is warm, on each of the days, which are of these kinds: g(ood),
    s(pam), b(ounce), t(rouble), - for nothing sent, space for a day on which nobody looked. The last is the
    day after.
    """
    makers = {"g": good, "s": spammed, "b": bounced, "t": troubled, "-": silent}
    warmth = Warmth(min(rule.start, target), 0, BEGINNING)
    days: list[SendingDay] = []
    found = []
    for number, kind in enumerate([*kinds, "-"], start=1):
        today = day_number(number)
        if kind == " ":
            continue
        warmth = warm_on(warmth, rule, days, target=target, today=today)
        found.append((warmth.limit, warmth.frozen_by, is_warm(warmth, rule, days)))
        days.append(makers[kind](today, warmth.limit))
    return found


def limits(kinds: str) -> list[int]:
    """The limits alone."""
    return [limit for limit, _, _ in course(kinds)]


def test_the_ramp_is_five_and_two_more_each_clean_day() -> None:
    """Thirty days of it, up to the daily limit."""
    assert limits("g" * 30) == [min(50, 5 + 2 * day) for day in range(31)]


def test_it_is_warm_after_fourteen_clean_days_and_not_before() -> None:
    """On the fifteenth day, exactly."""
    assert [is_warm for _, _, is_warm in course("g" * 16)].index(True) == 14


@pytest.mark.parametrize(
    ("kind", "fault"),
    [("s", Fault.PLACEMENT), ("b", Fault.BOUNCES), ("t", Fault.ERRORS), ("-", Fault.IDLE)],
)
def test_a_bad_week_freezes_the_ramp_where_it_was(kind: str, fault: Fault) -> None:
    """Limit and clean days stay for as long as it is bad."""
    found = course("ggggg" + 7 * kind)
    assert [limit for limit, _, _ in found[5:]] == [15] * 8
    assert {frozen_by for _, frozen_by, _ in found[6:]} == {fault}


def test_a_bad_week_postpones_graduation_by_as_long_as_it_lasts_and_is_remembered() -> None:
    """Errors are over when they are over: seven days later it is warm. Spam is in the reputation for a week
    more, for seven days without a clean one must be outweighed.
    """

    def warm_after(kinds: str) -> int:
        return [is_warm for _, _, is_warm in course(kinds)].index(True)

    assert warm_after("ggggg" + "-" * 7 + "g" * 20) == 14 + 7
    assert warm_after("ggggg" + "s" * 7 + "g" * 25) > 14 + 7


def test_reputation_recovers_by_itself() -> None:
    """A week after the last bad letter nothing of it is left."""
    found = course("s" * 7 + "g" * 10)
    assert found[-1][1] is None
    assert found[-1][0] > found[7][0]


def test_thirty_days_as_a_table() -> None:
    """Ten good days, a week of errors, and good days again, day by day."""
    kinds = "g" * 10 + "t" * 7 + "g" * 13
    assert limits(kinds) == [
        *(5, 7, 9, 11, 13, 15, 17, 19, 21, 23),  # ten clean days
        *(25, 25, 25, 25, 25, 25, 25, 25),  # what they came to, and a week of errors
        *(25, 25, 25),  # its errors weigh on the reputation for a while
        *(27, 29, 31, 33, 35, 37, 39, 41, 43, 45),  # on from there
    ]
    assert [is_warm for _, _, is_warm in course(kinds)].index(True) == 24  # four clean days more


def test_looking_twice_a_day_is_looking_once() -> None:
    """However many workers do."""
    days = [good(BEGINNING, 5)]
    once = warm_on(Warmth(5, 0, BEGINNING), RULE, days, target=50, today=day_number(2))
    assert warm_on(once, RULE, days, target=50, today=day_number(2)) == once


def test_days_on_which_nobody_looked_make_no_jump() -> None:
    """Campaigns went on for three days without a worker of warm-ups: three clean days, and one step."""
    days = [good(day_number(number), 5) for number in (1, 2, 3)]
    found = warm_on(Warmth(5, 0, BEGINNING), RULE, days, target=50, today=day_number(4))
    assert (found.limit, found.clean_days) == (7, 3)


def test_days_on_which_nothing_ran_are_not_clean() -> None:
    """After three days of standstill the ramp has gone on for the day before them, and for no other."""
    assert limits("gg   g") == [5, 7, 9, 11]
    assert limits("gg---g") == [5, 7, 9, 9, 9, 9, 11]


def test_half_of_the_limit_is_a_day_of_sending_and_less_is_none() -> None:
    """A ramp that nobody climbs stands still."""
    enough = SendingDay(BEGINNING, 10, sent=5, letters=5, inbox=5)
    little = SendingDay(BEGINNING, 10, sent=4, letters=4, inbox=4)
    assert (fault_of(enough, GOOD), fault_of(little, GOOD)) == (None, Fault.IDLE)


@pytest.mark.parametrize(
    ("day", "fault"),
    [
        (SendingDay(BEGINNING, 100, sent=100, bounced=2), None),
        (SendingDay(BEGINNING, 100, sent=100, bounced=3), Fault.BOUNCES),
        (SendingDay(BEGINNING, 100, sent=95, troubled=5), None),
        (SendingDay(BEGINNING, 100, sent=95, troubled=6), Fault.ERRORS),
        (SendingDay(BEGINNING, 5, bounced=5), Fault.BOUNCES),
        (SendingDay(BEGINNING, 100, sent=100, complained=1), Fault.COMPLAINTS),
        (SendingDay(BEGINNING, 5, is_checked=True), None),
        (SendingDay(BEGINNING, 5, is_checked=False), Fault.CHECK_FAILED),
        (SendingDay(BEGINNING, 5, sent=5, is_checked=False), None),
    ],
)
def test_what_keeps_a_day_from_being_clean(day: SendingDay, fault: Fault | None) -> None:
    """One bounce in fifty and one error in twenty are let pass; a complaint is not."""
    assert fault_of(day, GOOD) is fault


def test_a_day_of_low_reputation_is_not_clean() -> None:
    """Below the mark, not at it."""
    day = good(BEGINNING, 10)
    at, below = Reputation(FREEZES_BELOW, 1, 1, 10, 10), Reputation(FREEZES_BELOW - 0.01, 1, 1, 10, 10)
    assert (fault_of(day, at), fault_of(day, below)) == (None, Fault.REPUTATION)


@pytest.mark.parametrize(
    ("days", "value"),
    [
        ([SendingDay(BEGINNING, 5, sent=5, letters=5, inbox=4, spam=1)], 0.8),
        ([SendingDay(BEGINNING, 5, sent=5, letters=5, inbox=3, spam=1, missing=1)], 0.6),
        ([SendingDay(BEGINNING, 5, sent=5, letters=5)], None),
        ([SendingDay(BEGINNING, 5, sent=5)], 1.0),
        ([SendingDay(BEGINNING, 5, sent=5, bounced=1)], 1 - 1 / 100 / 0.05),
        ([SendingDay(BEGINNING, 5, sent=4, troubled=1)], 1 - 1 / 100 / 0.2),
        ([SendingDay(BEGINNING, 200, sent=200, bounced=10)], 0.0),
        ([SendingDay(BEGINNING, 200, sent=200, bounced=100)], 0.0),
        ([SendingDay(BEGINNING, 200, sent=190, troubled=10)], 1 - 0.05 / 0.2),
    ],
)
def test_reputation_is_the_documented_product(days: list[SendingDay], value: float | None) -> None:
    """Of placement, bounces and errors; unknown while letters went and none was measured."""
    assert reputation_of(days).value == (pytest.approx(value) if value is not None else None)


def test_few_measured_letters_are_no_evidence() -> None:
    """Nine in the inbox are not enough, ten are."""
    few = reputation_of([SendingDay(BEGINNING, 9, sent=9, letters=9, inbox=9)])
    enough = reputation_of([SendingDay(BEGINNING, 10, sent=10, letters=10, inbox=10)])
    assert (few.is_sufficient, enough.is_sufficient) == (False, True)


def test_an_account_without_partners_graduates_by_its_checks_alone() -> None:
    """Fourteen days on which login and DNS passed; one on which they did not costs one day."""
    warmth, days, graduated = Warmth(5, 0, BEGINNING), list[SendingDay](), []
    for number in range(1, 20):
        warmth = warm_on(warmth, RULE, days, target=50, today=day_number(number))
        graduated += [number] if is_warm(warmth, RULE, days) else []
        days.append(SendingDay(day_number(number), warmth.limit, is_checked=number != 3))
    assert graduated[0] == 16


def test_a_lower_daily_limit_ends_the_ramp_earlier_and_a_higher_one_goes_on_from_there() -> None:
    """Without a jump."""
    at = Warmth(25, 10, BEGINNING)
    lower = warm_on(at, RULE, [good(BEGINNING, 25)], target=10, today=day_number(2))
    higher = warm_on(lower, RULE, [good(day_number(2), 10)], target=100, today=day_number(3))
    assert (lower.limit, higher.limit) == (10, 12)


def test_the_day_of_graduation_to_expect_comes_true() -> None:
    """Asked on any day of a course that goes well, or that went badly before."""
    for kinds in ("g" * 20, "gg-g-gggg" + "g" * 15, "ggbggg" + "g" * 20, "ssss" + "g" * 25):
        warm = [is_warm for _, _, is_warm in course(kinds)].index(True)
        for asked in range(warm - 8, warm):
            warmth, days = Warmth(5, 0, BEGINNING), list[SendingDay]()
            makers = {"g": good, "s": spammed, "b": bounced, "-": silent}
            for number in range(1, asked + 2):
                warmth = warm_on(warmth, RULE, days, target=50, today=day_number(number))
                days.append(makers[kinds[number - 1]](day_number(number), warmth.limit))
            if kinds[asked:warm].strip("g") == "g" or set(kinds[asked:warm]) == {"g"}:
                today = day_number(asked + 1)
                found = graduates_on(warmth, RULE, days, target=50, today=today)
                assert found == day_number(warm + 1), (kinds, asked)


def test_a_day_that_is_spoiled_already_counts_against_the_expectation() -> None:
    """One bounce this morning: a day later."""
    fine = graduates_on(Warmth(5, 0, BEGINNING), RULE, [], target=50, today=BEGINNING)
    spoiled = [SendingDay(BEGINNING, 5, sent=1, bounced=1, letters=1)]
    late = graduates_on(Warmth(5, 0, BEGINNING), RULE, spoiled, target=50, today=BEGINNING)
    assert (fine, late) == (day_number(15), day_number(16))


any_day = st.builds(
    lambda sent, bounced, troubled, inbox, spam: (sent, bounced, troubled, inbox, spam),
    st.integers(0, 120),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 60),
    st.integers(0, 60),
)


@given(
    days=st.lists(st.tuples(any_day, st.booleans()), max_size=40),
    rule=st.builds(WarmupRule, st.integers(1, 30), st.integers(1, 10), st.integers(1, 20)),
    target=st.integers(1, 100),
)
def test_the_ramp_never_falls_never_jumps_and_never_passes_its_target(
    days: list[tuple[tuple[int, int, int, int, int], bool]], rule: WarmupRule, target: int
) -> None:
    """Whatever the days are like, and however many of them nobody looked on."""
    warmth, known = Warmth(min(rule.start, target), 0, BEGINNING), list[SendingDay]()
    for number, ((sent, bounces, errors, inbox, spam), is_looked_on) in enumerate(days, start=1):
        today = day_number(number)
        if is_looked_on:
            before = warmth
            warmth = warm_on(warmth, rule, known, target=target, today=today)
            assert before.limit <= warmth.limit <= min(target, before.limit + rule.step)
            assert (
                before.clean_days <= warmth.clean_days <= before.clean_days + (today - before.looked_on).days
            )
        known.append(SendingDay(today, warmth.limit, sent, bounces, errors, sent, inbox, spam))
        assert 0 <= (reputation_of(window_of(known, today)).value or 0) <= 1


MAILBOXES = [UUID(int=number) for number in range(1, 6)]


def test_letters_of_a_day_go_to_every_other_mailbox_in_turn() -> None:
    """Eight letters, four others: two each, and never to itself."""
    chosen = [recipient_of(MAILBOXES[0], BEGINNING, number, MAILBOXES) for number in range(1, 9)]
    assert sorted(map(str, chosen)) == sorted(map(str, MAILBOXES[1:] * 2))


def test_who_is_alone_has_nobody_to_write_to() -> None:
    """Not even itself."""
    assert recipient_of(MAILBOXES[0], BEGINNING, 1, MAILBOXES[:1]) is None


@given(
    minute=st.integers(0, 1439),
    limit=st.integers(1, 200),
    sender=st.uuids(),
    gap=st.sampled_from([0.0, 20.0, 600.0]),
)
def test_letters_are_spaced_over_what_is_left_of_the_day(
    minute: int, limit: int, sender: UUID, gap: float
) -> None:
    """Never closer than the least gap; all of them fit where there is time for them."""
    now = datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=minute)
    end = next_reset(now)
    fits = (end - now).total_seconds() > (limit + 2) * max(gap, LEAST_GAP) * 1.3
    at = first_letter_at(now, sender, limit, gap=gap)
    sent = 0
    while at < end and sent < limit:
        sent += 1
        before, at = at, next_letter_at(at, sender, limit - sent, sent, gap=gap)
        assert at == end or at - before >= timedelta(seconds=max(gap, LEAST_GAP))
    assert sent == limit or not fits
