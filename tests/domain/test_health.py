"""What attempts say about the account that made them (R9)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.health import (
    AUTHENTICATION_REASON,
    DAILY_REASON,
    Circuit,
    Health,
    Sign,
    health_after,
    sign_of,
)
from leadterra.domain.outcomes import (
    Accepted,
    Answer,
    Command,
    Deferred,
    Ending,
    Reason,
    Refused,
    Scope,
    Uncertain,
    Unsendable,
    Withheld,
)

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 11, tzinfo=UTC)
ANSWER = Answer(Command.MAIL, 451, "4.3.0", "later")
TAKEN = Accepted(Answer(Command.BODY, 250, "2.0.0", "taken"))
NO_SERVER = Deferred(Scope.SERVER, Answer(Command.CONNECT, None, None, "refused"))
WRONG_LOGIN = Refused(
    Scope.ACCOUNT, Answer(Command.AUTH, 535, "5.7.8", "bad credentials"), authentication=True
)
DAILY = Deferred(Scope.ACCOUNT, Answer(Command.MAIL, 550, "5.4.5", "daily quota exceeded"), daily=True)


def after(health: Health, endings: Sequence[Ending], now: datetime = NOW) -> Health:
    """The account's condition when all of them were known at once."""
    return health_after(health, [(ending, now) for ending in endings])


RESTING = Health(2, NOW + timedelta(minutes=2), "MAIL: 451 later")
TIRED = Health(2, NOW - timedelta(minutes=2), "MAIL: 451 later")


@pytest.mark.parametrize(
    "ending",
    [
        NO_SERVER,
        Deferred(Scope.ACCOUNT, ANSWER),
        Refused(Scope.ACCOUNT, ANSWER),
        Refused(Scope.SERVER, ANSWER),
        WRONG_LOGIN,
    ],
)
def test_a_failure_of_account_or_server_makes_the_account_rest(ending: Ending) -> None:
    """Half a minute after the first one."""
    found = after(Health(), [ending])
    assert (found.failures, found.rest_until, found.pause_reason) == (1, NOW + timedelta(seconds=30), None)


@pytest.mark.parametrize(
    "ending", [TAKEN, Deferred(Scope.RECIPIENT, ANSWER), Refused(Scope.RECIPIENT, ANSWER)]
)
def test_a_conversation_about_the_recipient_heals_the_account(ending: Ending) -> None:
    """The server talked to it: whatever it said about the recipient, the account works."""
    assert after(TIRED, [ending]) == Health()


@pytest.mark.parametrize("before", [Health(), RESTING, TIRED])
@pytest.mark.parametrize(
    "ending",
    [Uncertain(ANSWER), *(Withheld(reason) for reason in Reason), Unsendable(Reason.UNRENDERABLE, "no")],
)
def test_what_no_server_refused_says_nothing_about_the_account(before: Health, ending: Ending) -> None:
    """Uncertain, withheld and unsendable leave health as it was."""
    assert after(before, [ending]) == before


def test_failures_of_one_outage_count_once() -> None:
    """Ten letters in flight when the server dies: one failure, one rest."""
    assert after(Health(), [NO_SERVER] * 10).failures == 1


def test_each_failed_probe_makes_the_rest_longer() -> None:
    """30 s, 2 min, 10 min, 30 min, an hour, an hour, when each probe comes as the rest ends."""
    health, now, rests = Health(), NOW, []
    for _ in range(6):
        health = after(health, [NO_SERVER], now)
        assert health.rest_until is not None
        rests.append((health.rest_until - now).total_seconds())
        now = health.rest_until
    assert rests == [30, 120, 600, 1800, 3600, 3600]


def test_a_login_refused_three_times_in_a_row_pauses_the_account() -> None:
    """Not before: a provider's hiccup is not worth a person's visit."""
    health, now, reasons = Health(), NOW, []
    for _ in range(3):
        health = after(health, [WRONG_LOGIN], now)
        reasons.append(health.pause_reason)
        assert health.rest_until is not None
        now = health.rest_until
    assert reasons == [None, None, AUTHENTICATION_REASON]


def test_one_refused_login_after_an_outage_does_not_pause() -> None:
    """Failures of the server before it are not refused logins."""
    health, now = Health(), NOW
    for ending in (NO_SERVER, NO_SERVER, WRONG_LOGIN):
        health = after(health, [ending], now)
        assert health.rest_until is not None
        now = health.rest_until
    assert health.pause_reason is None


def test_refused_logins_are_forgotten_when_one_works() -> None:
    """Two refused, one accepted, two refused: no pause."""
    health, now = Health(), NOW
    for ending in (WRONG_LOGIN, WRONG_LOGIN, TAKEN, WRONG_LOGIN, WRONG_LOGIN):
        health = after(health, [ending], now)
        now = health.rest_until or now
    assert health.pause_reason is None


def test_the_provider_s_daily_quota_rests_the_account_until_midnight() -> None:
    """Not a failure: no probe, no pause, and tomorrow it goes on."""
    assert after(Health(), [DAILY]) == Health(0, MIDNIGHT, DAILY_REASON)


def test_what_was_in_flight_does_not_lift_the_daily_rest() -> None:
    """A letter that was taken while another was told of the quota leaves the rest in place."""
    found = after(Health(), [DAILY, TAKEN, Refused(Scope.RECIPIENT, ANSWER)])
    assert (found.rest_until, found.rest_reason) == (MIDNIGHT, DAILY_REASON)


def test_a_daily_rest_wins_over_a_shorter_one() -> None:
    """Told of the quota while resting for a failure: until midnight."""
    assert after(RESTING, [DAILY]).rest_until == MIDNIGHT


def test_a_failure_during_the_daily_rest_does_not_shorten_it() -> None:
    """The rest of half a minute would end before midnight."""
    assert after(after(Health(), [DAILY]), [NO_SERVER]).rest_until == MIDNIGHT


def test_the_next_day_an_acceptance_ends_the_daily_rest_for_good() -> None:
    """Its reason is gone with it."""
    resting = after(Health(), [DAILY])
    assert after(resting, [TAKEN], MIDNIGHT + timedelta(hours=1)) == Health()


def test_a_daily_quota_counts_for_the_day_on_which_it_was_told() -> None:
    """However late the batch is settled (R2)."""
    endings: list[tuple[Ending, datetime]] = [
        (DAILY, MIDNIGHT - timedelta(seconds=2)),
        (Withheld(Reason.DRAINED), MIDNIGHT + timedelta(hours=1)),
    ]
    assert health_after(Health(), endings).rest_until == MIDNIGHT


CLOSED, OPEN, HALF_OPEN = Circuit.CLOSED, Circuit.OPEN, Circuit.HALF_OPEN
NO_NEWS = Withheld(Reason.DRAINED)


@pytest.mark.parametrize(
    ("before", "ending", "circuit", "failures"),
    [
        (Health(), TAKEN, CLOSED, 0),
        (Health(), NO_SERVER, OPEN, 1),
        (Health(), NO_NEWS, CLOSED, 0),
        (RESTING, TAKEN, CLOSED, 0),
        (RESTING, NO_SERVER, OPEN, 2),
        (RESTING, NO_NEWS, OPEN, 2),
        (TIRED, TAKEN, CLOSED, 0),
        (TIRED, NO_SERVER, OPEN, 3),
        (TIRED, NO_NEWS, HALF_OPEN, 2),
    ],
)
def test_the_breaker_is_the_table_of_its_module(
    before: Health, ending: Ending, circuit: Circuit, failures: int
) -> None:
    """Nine cases, and what the account's circuit is after each."""
    found = after(before, [ending])
    assert (found.circuit(NOW), found.failures) == (circuit, failures)


def test_an_open_account_is_half_open_when_its_rest_is_over() -> None:
    """By time alone."""
    assert RESTING.rest_until is not None
    assert [RESTING.circuit(at) for at in (NOW, RESTING.rest_until)] == [OPEN, HALF_OPEN]


def test_what_was_taken_before_the_failure_does_not_close_the_circuit() -> None:
    """Endings of one outage come in any order, in one batch or in two."""
    earlier, later = NOW - timedelta(seconds=5), NOW
    at_once = health_after(Health(), [(NO_SERVER, later), (TAKEN, earlier)])
    in_turn = health_after(health_after(Health(), [(NO_SERVER, later)]), [(TAKEN, earlier)])
    assert at_once == in_turn == health_after(Health(), [(NO_SERVER, later)])


ENDINGS = st.sampled_from([TAKEN, NO_SERVER, WRONG_LOGIN, DAILY, NO_NEWS, Uncertain(NO_SERVER.answer)])


@given(st.lists(st.tuples(ENDINGS, st.integers(0, 8000)), max_size=40))
def test_whatever_happens_the_breaker_keeps_its_promises(course: list[tuple[Ending, int]]) -> None:
    """A failure opens, and the rest never ends sooner for it; a success closes; only logins ask for a person,
    and only three in a row; no account rests for ever.
    """
    health, now, logins = Health(), NOW, 0
    for ending, seconds in course:
        now += timedelta(seconds=seconds)
        before, rested = health, health.rests(now)
        health = after(health, [ending], now)
        sign = sign_of(ending)
        if sign is Sign.WORKS:
            assert health.circuit(now) is CLOSED
            logins = 0
        elif sign in (Sign.TROUBLE, Sign.LOGIN) and not rested:
            assert health.circuit(now) is OPEN
            logins = logins + 1 if sign is Sign.LOGIN else 0
        elif rested:
            assert health.rest_until is not None
            assert before.rest_until is not None
            assert health.rest_until >= before.rest_until
        assert (health.pause_reason is None) or logins >= 3
        assert health.rest_until is None or health.rest_until <= now + timedelta(days=1)
