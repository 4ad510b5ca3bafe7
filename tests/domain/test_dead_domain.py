"""What is believed of a domain that is said not to exist."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadterra.domain.dead_domain import DomainNews, news_after, tells_of_dead_domain

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ONE, TWO, THREE = UUID(int=1), UUID(int=2), UUID(int=3)


@pytest.mark.parametrize(
    ("code", "status", "text"),
    [
        (556, "5.1.10", "Recipient address has null MX"),
        (556, None, "the domain does not accept mail"),
        (550, "5.1.2", "<ada@gone.test>: Recipient address rejected: Domain not found"),
        (None, "5.1.2", "Bad destination system address"),
        (None, "5.4.4", "Host or domain name not found. Name service error for name=gone.test type=MX"),
        (550, "5.4.4", "SMTPSEND.DNS.NonExistentDomain; nonexistent domain"),
        (550, "5.1.10", "the domain publishes a null MX"),
    ],
)
def test_definite_words_about_a_domain_are_believed(code: int | None, status: str | None, text: str) -> None:
    """Of a server, or of a report."""
    assert tells_of_dead_domain(code, status, text)


@pytest.mark.parametrize(
    ("code", "status", "text"),
    [
        (550, "5.1.1", "no such user: domain not found in our list"),
        (550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup"),
        (550, "5.1.2", "User unknown"),
        (550, "5.1.2", "Sender address rejected: Domain not found"),
        (450, "5.1.2", "Domain not found"),
        (450, "4.1.2", "Domain not found"),
        (550, "5.4.4", "unable to route: loops back to myself"),
        (550, None, "Domain not found"),
        (550, "5.4.4", "Unrouteable address"),
        (550, "5.7.1", "blocked"),
    ],
)
def test_what_may_mean_something_else_is_not(code: int | None, status: str | None, text: str) -> None:
    """A mailbox, a resolver that has trouble now, a loop, words without a status."""
    assert not tells_of_dead_domain(code, status, text)


def test_the_first_word_makes_a_suspicion_for_an_hour() -> None:
    """Nobody ends by it."""
    assert news_after(None, ONE, NOW) == DomainNews(False, NOW + HOUR, ONE)


def test_the_same_news_in_that_hour_is_no_news() -> None:
    """Ten letters that were under way hear the same."""
    assert news_after(DomainNews(False, NOW + HOUR, ONE), TWO, NOW + HOUR / 2) is None


def test_another_letter_after_it_makes_it_dead_for_a_week() -> None:
    """The one that was tried again."""
    assert news_after(DomainNews(False, NOW, ONE), TWO, NOW) == DomainNews(True, NOW + 7 * DAY, TWO)


def test_the_same_letter_cannot_confirm_itself() -> None:
    """Its report may be read any number of times."""
    assert news_after(DomainNews(False, NOW, ONE), ONE, NOW + DAY) is None


def test_a_domain_that_was_dead_and_is_told_so_again_stays_dead() -> None:
    """For another week."""
    assert news_after(DomainNews(True, NOW, TWO), THREE, NOW) == DomainNews(True, NOW + 7 * DAY, THREE)


@pytest.mark.parametrize("was_dead", [True, False])
def test_after_a_week_without_news_all_begins_again(was_dead: bool) -> None:
    """Domains come back."""
    assert news_after(DomainNews(was_dead, NOW, ONE), ONE, NOW + 7 * DAY) == DomainNews(
        False, NOW + 7 * DAY + HOUR, ONE
    )


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 400_000)), max_size=12))
def test_nothing_is_dead_by_the_word_of_one_letter(words: list[tuple[int, int]]) -> None:
    """Whatever comes in whichever order: two letters, an hour or more between them."""
    known, now, told = None, NOW, []
    for letter, seconds in words:
        now += timedelta(seconds=seconds)
        news = news_after(known, UUID(int=letter), now)
        told.append((letter, now))
        if news is not None and news.is_dead:
            assert any(other != letter and now - at >= HOUR for other, at in told)
        known = news or known


def test_long_words_are_read_no_further_than_needed() -> None:
    """A megabyte costs what a line costs."""
    assert not tells_of_dead_domain(550, "5.4.4", "x " * 500_000 + "domain not found")
