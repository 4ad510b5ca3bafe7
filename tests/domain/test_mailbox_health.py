"""What the reading of an account's mail says about the account (R9)."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.mailbox_health import MailboxHealth, Trouble, mailbox_after

LOGIN: Trouble = "login"
SERVER: Trouble = "server"
NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def after(*troubles: Trouble | None, gap: timedelta = 2 * HOUR) -> MailboxHealth:
    """Its condition when these came one after the other, each when the rest before it was over."""
    found = MailboxHealth()
    for number, trouble in enumerate(troubles):
        found = mailbox_after(found, trouble, "no", NOW + number * gap)
    return found


def test_each_failure_makes_the_rest_longer() -> None:
    """1, 5, 15 and 60 minutes, and an hour again."""
    rests = []
    for count in range(1, 6):
        found = after(*[SERVER] * count)
        assert found.rest_until is not None
        rests.append((found.rest_until - NOW - (count - 1) * 2 * HOUR) / timedelta(minutes=1))
    assert rests == [1, 5, 15, 60, 60]


def test_three_refused_logins_in_a_row_need_a_person() -> None:
    """Two do not."""
    assert [after(*[LOGIN] * count).needs_person for count in range(5)] == [False, False, False, True, True]


def test_a_server_that_is_away_needs_nobody() -> None:
    """However often it is."""
    assert not after(*[SERVER] * 50).needs_person


def test_refused_logins_after_an_outage_are_counted_by_themselves() -> None:
    """What was before was another trouble."""
    assert not after("server", "server", "login", "login").needs_person


def test_a_mailbox_that_works_is_as_if_nothing_had_been() -> None:
    """A success forgets all failures."""
    assert after("login", "login", None) == MailboxHealth()


def test_failures_of_one_outage_count_once() -> None:
    """Several readers note the same at one moment."""
    assert after("login", "login", "login", gap=timedelta(0)).failures == 1


def test_the_words_of_a_server_are_one_bounded_line() -> None:
    """Whatever it says."""
    found = mailbox_after(MailboxHealth(), "server", "a\r\nb " * 10_000, NOW)
    assert found.reason is not None
    assert len(found.reason) == 300
    assert "\n" not in found.reason


@given(st.lists(st.tuples(st.sampled_from(["login", "server", "folder", None]), st.integers(0, 5000))))
def test_it_needs_a_person_only_when_the_last_three_were_refused_logins(
    notes: list[tuple[Trouble | None, int]],
) -> None:
    """Of those that counted, which are the ones outside of a rest."""
    found, now, counted = MailboxHealth(), NOW, []
    for trouble, seconds in notes:
        now += timedelta(seconds=seconds)
        if trouble is None or found.rest_until is None or found.rest_until <= now:
            counted.append(trouble)
        found = mailbox_after(found, trouble, "", now)
    assert found.needs_person == (len(counted) >= 3 and set(counted[-3:]) == {"login"})
