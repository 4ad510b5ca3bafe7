"""An account that leads are bound to is lost: what each policy does with their next messages."""

from collections import Counter
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest

from leadterra.domain.outcomes import Answer, Command, Deferred, Ending, Reason, Scope, Withheld
from leadterra.mail.letter import Letter
from leadterra.store.database import Database
from tests.support.windowed import Sent, WindowedPool, at

DAY = timedelta(days=1)
MONDAY = date(2026, 3, 2)
NINE = at(MONDAY, 9)
LATER = Deferred(Scope.RECIPIENT, Answer(Command.RCPT, 450, "4.2.0", "greylisted"))


class Company(WindowedPool):
    """Ada writes a first letter; Bob, who joins then, is there for what follows."""

    ada: UUID
    bob: UUID
    spring: UUID

    async def begin(self, policy: str, *, wait_days: float = 7, steps: int = 3, leads: int = 1) -> None:
        """The first letter of each lead, a day before the next."""
        self.ada = await self.account("ada", 100)
        self.spring = await self.launch(leads, steps=steps, delay_days=1)
        await self.patch(self.spring, sender_loss=policy, sender_loss_wait_days=wait_days)
        await self.drive(NINE)
        assert len(self.sent) == leads
        self.bob = await self.account("bob", 100)

    async def finish(self) -> list[Sent]:
        """Everything that follows."""
        return await self.drive(NINE + 60 * DAY)


@pytest.fixture
def company(database: Database, workspace: UUID) -> Company:
    """Before its first letter, on a Monday at nine."""
    return Company(database, workspace, NINE)


def follows(letter: Letter, *earlier: Sent) -> bool:
    """Whether a letter continues the thread of exactly these."""
    return letter.references == tuple(each.letter.message_id for each in earlier)


def days_after(sent: list[Sent]) -> list[float]:
    """When they left, in days from the first letter."""
    return [(each.at - NINE) / DAY for each in sent]


async def test_who_is_not_lost_goes_on(company: Company) -> None:
    """The three letters of a lead are one thread of one account."""
    await company.begin("handover")

    second, third = await company.finish()

    assert {each.account_id for each in company.sent} == {company.ada}
    assert follows(second.letter, company.sent[0])
    assert follows(third.letter, company.sent[0], second)
    assert [each.letter.subject for each in company.sent] == ["Hello Ada", "Re: Hello Ada", "Re: Hello Ada"]


@pytest.mark.parametrize("loss", ["lose", "remove"])
async def test_handover_goes_on_in_the_thread_at_once(company: Company, loss: str) -> None:
    """Paused or removed: another account, the same references and subject, at the time that was due."""
    await company.begin("handover")
    await getattr(company, loss)(company.ada)

    second, third = await company.finish()

    assert [second.account_id, third.account_id] == [company.bob, company.bob]
    assert days_after([second, third]) == [1, 2]
    assert follows(second.letter, company.sent[0])
    assert follows(third.letter, company.sent[0], second)
    assert second.letter.subject == "Re: Hello Ada"
    assert await company.states() == {"finished": 1}
    await company.check_books(now=company.now)


async def test_who_was_handed_over_is_not_handed_back(company: Company) -> None:
    """The account that comes back later finds its lead with another."""
    await company.begin("handover")
    await company.lose(company.ada)
    await company.drive(NINE + 1.5 * DAY)
    await company.regain(company.ada)

    await company.finish()

    assert [each.account_id for each in company.sent] == [company.ada, company.bob, company.bob]


async def test_wait_hands_over_when_it_has_waited(company: Company) -> None:
    """Three days from the instant at which the message was due; the pool sleeps until then."""
    await company.begin("wait", wait_days=3)
    await company.lose(company.ada)
    await company.drive(NINE + 2 * DAY)

    assert len(company.sent) == 1
    assert await company.wake_at() == NINE + 4 * DAY
    assert await company.states() == {"waiting": 1}

    second, third = await company.finish()

    assert [second.account_id, third.account_id] == [company.bob, company.bob]
    assert days_after([second, third]) == [4, 5]
    assert follows(second.letter, company.sent[0])
    await company.check_books(now=company.now)


async def test_wait_counts_from_the_loss_where_that_came_later(company: Company) -> None:
    """Here the message was due, and waited for the next day's window, when its account was paused."""
    await company.begin("wait", wait_days=2)
    await company.patch(company.spring, schedule={"hours": {"from": "12:00", "to": "18:00"}})
    await company.drive(NINE + 1.1 * DAY)
    await company.lose(company.ada)

    second, *_ = await company.finish()

    assert second.account_id == company.bob
    assert second.at == max(NINE + 3.1 * DAY, at(MONDAY + 3 * DAY, 12))


async def test_wait_ends_in_a_window_only(company: Company) -> None:
    """Patience that is over at night is over in the morning."""
    await company.begin("wait", wait_days=0.5)
    await company.patch(company.spring, schedule={"hours": {"from": "08:00", "to": "12:00"}})
    await company.lose(company.ada)

    second, *_ = await company.finish()

    assert second.at == at(MONDAY + 2 * DAY, 8)


async def test_an_account_that_comes_back_in_time_sends_itself(company: Company) -> None:
    """At that instant."""
    await company.begin("wait", wait_days=5)
    await company.lose(company.ada)
    await company.drive(NINE + 2.5 * DAY)
    await company.regain(company.ada)

    second, third = await company.finish()

    assert [second.account_id, third.account_id] == [company.ada, company.ada]
    assert days_after([second, third]) == [2.5, 3.5]
    await company.check_books(now=company.now)


async def test_who_waits_keeps_nobody_else_waiting(company: Company) -> None:
    """First letters, and follow-ups of other accounts, go on beside a dozen that wait."""
    await company.begin("wait", wait_days=5, leads=12)
    await company.lose(company.ada)
    others = await company.leads(company.spring, 12, prefix="new", now=NINE)

    sent = await company.drive(NINE + 4 * DAY)

    assert {each.enrollment_id for each in sent} == set(others)
    assert Counter(each.position for each in sent) == {0: 12, 1: 12, 2: 12}
    assert await company.states() == {"waiting": 12, "finished": 12}
    assert await company.wake_at() == NINE + 6 * DAY


async def test_a_policy_may_change_while_leads_wait(company: Company) -> None:
    """Whoever does not want to wait any longer gets the handover at once."""
    await company.begin("wait", wait_days=30)
    await company.lose(company.ada)
    await company.drive(NINE + 3 * DAY)

    await company.patch(company.spring, sender_loss="handover")
    second, *_ = await company.finish()

    assert (second.account_id, second.at) == (company.bob, NINE + 3 * DAY)


async def test_a_new_thread_answers_nothing(company: Company) -> None:
    """The next letter has no references and the old thread's subject without `Re:`; what follows answers it
    alone.
    """
    await company.begin("newThread", steps=4)
    await company.drive(NINE + 1.5 * DAY)
    await company.lose(company.ada)

    third, fourth = await company.finish()

    assert [third.account_id, fourth.account_id] == [company.bob, company.bob]
    assert third.letter.references == ()
    assert third.letter.subject == "Hello Ada"
    assert follows(fourth.letter, third)
    assert fourth.letter.subject == "Re: Hello Ada"
    assert await company.states() == {"finished": 1}
    await company.check_books(now=company.now)


async def test_a_new_thread_has_the_step_s_own_subject(company: Company) -> None:
    """And its follow-up has that one, with `Re:`."""
    await company.begin("newThread")
    await company.execute(
        "update sequence_steps set subject = 'News for {{ firstName }}'"
        " where workspace_id = :w and position = 1"
    )
    await company.lose(company.ada)

    second, third = await company.finish()

    assert [second.letter.subject, third.letter.subject] == ["News for Ada", "Re: News for Ada"]
    assert follows(third.letter, second)


async def test_a_new_thread_of_an_answer_is_about_the_same(company: Company) -> None:
    """A first subject that looks like an answer does not make the new thread look like one."""
    await company.begin("newThread")
    await company.execute("update messages set subject = 'AW: Re: Offer' where workspace_id = :w")
    await company.lose(company.ada)

    second, third = await company.finish()

    assert [second.letter.subject, third.letter.subject] == ["Offer", "Re: Offer"]


@pytest.mark.parametrize("policy", ["handover", "newThread"])
async def test_a_step_that_begins_a_thread_anyway_does_so_once(company: Company, policy: str) -> None:
    """Whoever sends it; what follows answers it alone."""
    await company.begin(policy)
    await company.execute(
        "update sequence_steps set subject = 'Something else', thread_reply = false"
        " where workspace_id = :w and position = 1"
    )
    await company.lose(company.ada)

    second, third = await company.finish()

    assert (second.letter.subject, second.letter.references) == ("Something else", ())
    assert third.letter.subject == "Re: Something else"
    assert follows(third.letter, second)


async def test_a_second_loss_begins_a_third_thread(company: Company) -> None:
    """Each account has its own."""
    await company.begin("newThread")
    await company.lose(company.ada)
    await company.drive(NINE + 1.5 * DAY)
    await company.lose(company.bob)
    await company.regain(company.ada)

    [third] = await company.finish()

    assert third.account_id == company.ada
    assert third.letter.references == ()
    assert third.letter.subject == "Hello Ada"


@pytest.mark.parametrize("ending", [LATER, Withheld(Reason.DRAINED)])
async def test_a_new_thread_is_one_at_the_second_attempt_too(company: Company, ending: Ending) -> None:
    """Its first letter was put off: the lead is the new account's by then, and the thread still a new one."""
    await company.begin("newThread")
    await company.lose(company.ada)
    company.now = NINE + DAY
    claim = await company.must_claim(company.now)
    assert company.write(claim, claim.rows[0]).references == ()
    await company.settle(claim, ending, now=company.now)

    second, third = await company.finish()

    assert [second.account_id, third.account_id] == [company.bob, company.bob]
    assert second.letter.references == ()
    assert follows(third.letter, second)
    await company.check_books(now=company.now)


async def test_stop_ends_the_lead(company: Company) -> None:
    """When its next message is due; with a reason, right totals, and the campaign complete."""
    await company.begin("stop", leads=3)
    await company.lose(company.ada)

    assert await company.finish() == []
    states = await company.ask("select distinct state, state_reason from enrollments where workspace_id = :w")
    assert states == [("failed", "the sender account is lost")]
    totals = await company.totals(company.spring)
    assert totals == {"enrolled": 3, "open": 0, "sent": 3, "bounced": 0, "failed": 0, "uncertain": 0}
    assert (await company.events())[-1][0] == "campaign.completed"
    assert await company.wake_at() is None
    await company.check_books(now=company.now)


async def test_many_leads_end_in_a_few_looks(company: Company) -> None:
    """However few messages the pool has room for, and even while it has none."""
    await company.begin("stop", leads=40)
    await company.change("sender_accounts", company.bob, next_send_at=NINE + 3 * DAY, min_gap_seconds=60)
    await company.lose(company.ada)
    looks = company.looks

    await company.drive(NINE + 2 * DAY)

    assert await company.states() == {"failed": 40}
    assert company.looks - looks <= 4
    await company.check_books(now=company.now)


async def test_stop_spares_whoever_has_had_nothing(company: Company) -> None:
    """A first letter that was put off has no thread that could be lost: another account writes it."""
    company.ada = await company.account("ada", 100)
    campaign = await company.launch(1, steps=2)
    await company.patch(campaign, sender_loss="stop")
    claim = await company.must_claim(NINE)
    await company.settle(claim, LATER, now=NINE)
    await company.lose(company.ada)
    company.bob = await company.account("bob", 100)

    sent = await company.finish()

    assert [each.account_id for each in sent] == [company.bob, company.bob]
    await company.check_books(now=company.now)


async def test_stop_cancels_what_was_put_off(company: Company) -> None:
    """A follow-up that its server had deferred is not left behind as if it were still to come."""
    await company.begin("stop")
    claim = await company.must_claim(NINE + DAY)
    await company.settle(claim, LATER, now=NINE + DAY)
    company.now = NINE + DAY
    await company.lose(company.ada)

    await company.finish()

    assert await company.states("messages") == {"sent": 1, "cancelled": 1}
    assert await company.states() == {"failed": 1}
    await company.check_books(now=company.now)


async def test_stop_leaves_others_alone(company: Company) -> None:
    """Leads of the account that is left go on."""
    await company.begin("stop", leads=2)
    [other] = await company.leads(company.spring, 1, prefix="new", now=NINE)
    await company.lose(company.ada)

    await company.finish()

    assert await company.states() == {"failed": 2, "finished": 1}
    assert await company.enrollment(other) == "finished"
    await company.check_books(now=company.now)


@pytest.mark.parametrize("policy", ["handover", "wait", "newThread"])
async def test_without_anybody_to_take_over_leads_wait_for_somebody(company: Company, policy: str) -> None:
    """The pool sleeps; an account that is added takes them over."""
    await company.begin(policy, wait_days=1)
    await company.lose(company.ada)
    await company.lose(company.bob)
    await company.drive(NINE + 10 * DAY)

    assert len(company.sent) == 1
    assert await company.wake_at() is None
    await company.regain(company.bob)
    sent = await company.finish()

    assert [each.account_id for each in sent] == [company.bob, company.bob]
    assert sent[0].at == NINE + 10 * DAY


async def test_an_account_that_rests_is_not_lost(company: Company) -> None:
    """Nobody takes over from an account whose server is away for an hour."""
    await company.begin("handover")
    rest_until: datetime = NINE + DAY + timedelta(hours=1)
    await company.change("sender_accounts", company.ada, rest_until=rest_until, rest_reason="away")

    second, *_ = await company.finish()

    assert (second.account_id, second.at) == (company.ada, rest_until)
