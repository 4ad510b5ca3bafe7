"""What an ending means: the whole table, every ending of every enrollment."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadterra.domain.enrollment import ENDED, State
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
from leadterra.domain.settlement import MessageState, Standing, Unit, line_of, settle

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
DUE = NOW - timedelta(hours=1)
STANDING = Standing(
    State.SENDING,
    attempt=0,
    attempts=0,
    deferrals=0,
    next_due_at=NOW + timedelta(days=3),
    is_bound=False,
    due_at=DUE,
)


def after(standing: Standing, ending: Ending) -> Standing:
    """The same message, taken again after that ending."""
    verdict = settle(ending, standing, at=NOW)
    tried = not isinstance(ending, Withheld | Unsendable)
    return replace(
        standing,
        attempt=verdict.attempt,
        attempts=standing.attempts + tried,
        deferrals=verdict.deferrals,
        due_at=verdict.due_at,
    )


def answer(command: Command, code: int | None) -> Answer:
    """What a server said there."""
    return Answer(command, code, None, "said so")


TAKEN = Accepted(answer(Command.BODY, 250))
UNKNOWN = Uncertain(answer(Command.BODY, None))
GREYLISTED = Deferred(Scope.RECIPIENT, answer(Command.RCPT, 450))
TOO_FAST = Deferred(Scope.ACCOUNT, answer(Command.MAIL, 451))
NO_SERVER = Deferred(Scope.SERVER, answer(Command.CONNECT, None))
DAILY = Deferred(Scope.ACCOUNT, answer(Command.MAIL, 550), daily=True)
NO_MAILBOX = Refused(Scope.RECIPIENT, answer(Command.RCPT, 550))
WRONG_LOGIN = Refused(Scope.ACCOUNT, answer(Command.AUTH, 535), authentication=True)
NOT_WANTED = Refused(Scope.SERVER, answer(Command.EHLO, 554))
NO_UNDERSTANDING = Refused(Scope.SERVER, answer(Command.DATA, 502))
BROKEN = Unsendable(Reason.UNRENDERABLE, "no such filter")
WITHHELD = Withheld(Reason.NOT_CLEARED)
HELD = Withheld(Reason.MISSING_VARIABLE, "company")

ENDINGS: tuple[Ending, ...] = (
    *(
        TAKEN,
        UNKNOWN,
        GREYLISTED,
        TOO_FAST,
        NO_SERVER,
        DAILY,
        NO_MAILBOX,
        WRONG_LOGIN,
        NOT_WANTED,
        NO_UNDERSTANDING,
        BROKEN,
    ),
    *(Withheld(reason, "a detail") for reason in Reason),
)
IN_FLIGHT = (State.SENDING, State.PAUSED, State.UNCERTAIN)


@pytest.mark.parametrize(
    ("ending", "message", "unit", "state"),
    [
        (TAKEN, MessageState.SENT, Unit.SENT, State.WAITING),
        (UNKNOWN, MessageState.UNCERTAIN, Unit.UNCERTAIN, State.UNCERTAIN),
        (GREYLISTED, MessageState.DEFERRED, Unit.RETURNED, State.WAITING),
        (TOO_FAST, MessageState.QUEUED, Unit.RETURNED, State.WAITING),
        (NO_SERVER, MessageState.QUEUED, Unit.RETURNED, State.WAITING),
        (DAILY, MessageState.QUEUED, Unit.RETURNED, State.WAITING),
        (WRONG_LOGIN, MessageState.QUEUED, Unit.RETURNED, State.WAITING),
        (NOT_WANTED, MessageState.QUEUED, Unit.RETURNED, State.WAITING),
        (NO_MAILBOX, MessageState.REFUSED, Unit.RETURNED, State.BOUNCED),
        (NO_UNDERSTANDING, MessageState.REFUSED, Unit.RETURNED, State.FAILED),
        (BROKEN, MessageState.REFUSED, Unit.RETURNED, State.FAILED),
        (WITHHELD, MessageState.QUEUED, Unit.RETURNED, State.WAITING),
        (HELD, MessageState.QUEUED, Unit.RETURNED, State.HELD),
    ],
)
def test_an_ending_of_a_message_in_flight(
    ending: Ending, message: MessageState, unit: Unit, state: State
) -> None:
    """What message, unit of quota and enrollment become."""
    verdict = settle(ending, STANDING, at=NOW)
    assert (verdict.message, verdict.unit, verdict.state) == (message, unit, state)


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        (TAKEN, State.PAUSED),
        (UNKNOWN, State.PAUSED),
        (GREYLISTED, State.PAUSED),
        (NO_SERVER, State.PAUSED),
        (WITHHELD, State.PAUSED),
        (HELD, State.PAUSED),
        (NO_MAILBOX, State.BOUNCED),
        (NO_UNDERSTANDING, State.FAILED),
        (BROKEN, State.FAILED),
    ],
)
def test_a_lead_paused_in_flight_stays_paused_unless_it_is_over(ending: Ending, state: State) -> None:
    """Nobody but a person lets it go on (R7)."""
    assert settle(ending, replace(STANDING, state=State.PAUSED), at=NOW).state is state


@pytest.mark.parametrize(
    ("ending", "message", "unit", "state"),
    [
        (TAKEN, MessageState.SENT, Unit.SENT, State.WAITING),
        (UNKNOWN, MessageState.UNCERTAIN, Unit.UNCERTAIN, State.UNCERTAIN),
        (Withheld(Reason.NOT_SENT), MessageState.QUEUED, Unit.RETURNED, State.WAITING),
        (NO_MAILBOX, MessageState.REFUSED, Unit.RETURNED, State.BOUNCED),
        (NO_SERVER, MessageState.QUEUED, Unit.RETURNED, State.WAITING),
    ],
)
def test_an_uncertain_message_is_settled_by_what_is_learnt_later(
    ending: Ending, message: MessageState, unit: Unit, state: State
) -> None:
    """By a person, or by a worker that was thought dead (R6)."""
    verdict = settle(ending, replace(STANDING, state=State.UNCERTAIN), at=NOW)
    assert (verdict.message, verdict.unit, verdict.state) == (message, unit, state)


@pytest.mark.parametrize("state", ENDED)
@pytest.mark.parametrize("ending", ENDINGS)
def test_an_ended_enrollment_never_opens_again(state: State, ending: Ending) -> None:
    """Whatever becomes of what was in flight when it ended."""
    assert settle(ending, replace(STANDING, state=state), at=NOW).state is state


@pytest.mark.parametrize("state", ENDED)
@pytest.mark.parametrize("ending", [GREYLISTED, NO_SERVER, WITHHELD, HELD])
def test_what_will_not_be_tried_again_is_cancelled(state: State, ending: Ending) -> None:
    """Nothing stays queued or deferred for an enrollment that has ended."""
    assert settle(ending, replace(STANDING, state=state), at=NOW).message is MessageState.CANCELLED


@pytest.mark.parametrize("state", [State.SENDING, State.PAUSED])
def test_the_last_step_finishes_the_enrollment(state: State) -> None:
    """Paused or not, nothing is left to pause."""
    assert settle(TAKEN, replace(STANDING, state=state, next_due_at=None), at=NOW).state is State.FINISHED


def test_the_next_step_is_due_when_its_delay_says() -> None:
    """Whoever asks counts the delay from the acceptance, in days of whatever kind."""
    assert settle(TAKEN, STANDING, at=NOW).due_at == NOW + timedelta(days=3)


def test_only_an_accepted_message_puts_its_step_behind() -> None:
    """Everything else leaves the position."""
    advancing = [ending for ending in ENDINGS if settle(ending, STANDING, at=NOW).advances]
    assert advancing == [TAKEN]


def test_what_may_have_been_sent_keeps_its_unit() -> None:
    """Accepted and uncertain; every other ending gives it back (R2)."""
    keeping = [ending for ending in ENDINGS if settle(ending, STANDING, at=NOW).unit is not Unit.RETURNED]
    assert keeping == [TAKEN, UNKNOWN]


def test_a_recipient_s_deferral_waits_longer_each_time() -> None:
    """And is counted."""
    standing, waits = STANDING, []
    for number in range(6):
        standing = after(standing, GREYLISTED)
        waits.append((standing.due_at - NOW) / timedelta(minutes=1))
        assert (standing.attempt, standing.deferrals) == (number + 1, number + 1)
    assert waits == [5, 15, 60, 240, 480, 960]


def test_a_recipient_s_seventh_deferral_is_a_bounce() -> None:
    """Its server had more than a day."""
    verdict = settle(GREYLISTED, replace(STANDING, attempt=6, attempts=6, deferrals=6), at=NOW)
    assert (verdict.message, verdict.state, verdict.refusal_scope) == (
        MessageState.REFUSED,
        State.BOUNCED,
        Scope.RECIPIENT,
    )


@pytest.mark.parametrize("ending", [TOO_FAST, NO_SERVER, DAILY, WRONG_LOGIN, NOT_WANTED])
def test_a_failure_of_the_account_keeps_the_lead_s_place(ending: Ending) -> None:
    """The first three times the message is due as it was, before everybody that came after it (R9)."""
    found = [settle(ending, replace(STANDING, attempts=n), at=NOW) for n in range(4)]
    assert [verdict.due_at for verdict in found] == [DUE, DUE, DUE, NOW + timedelta(minutes=5)]
    assert [verdict.message for verdict in found] == [MessageState.QUEUED] * 3 + [MessageState.DEFERRED]


@pytest.mark.parametrize("ending", [TOO_FAST, NO_SERVER, DAILY, WRONG_LOGIN, NOT_WANTED])
def test_a_message_that_failed_for_the_account_s_sake_forty_times_has_failed(ending: Ending) -> None:
    """Not bounced: the recipient was never to blame."""
    verdict = settle(ending, replace(STANDING, attempts=39), at=NOW)
    assert (verdict.message, verdict.state) == (MessageState.REFUSED, State.FAILED)


@pytest.mark.parametrize(
    ("ending", "is_bound", "keeps"),
    [
        (NO_SERVER, False, False),
        (NO_SERVER, True, True),
        (WRONG_LOGIN, False, False),
        (WITHHELD, False, False),
        (WITHHELD, True, True),
        (GREYLISTED, False, True),
        (GREYLISTED, True, True),
        (TAKEN, False, True),
        (UNKNOWN, False, True),
    ],
)
def test_a_lead_is_bound_by_what_reached_its_server(ending: Ending, is_bound: bool, keeps: bool) -> None:
    """A first message that failed for the account's sake may go through another; a greylisted one must come
    from the same.
    """
    assert settle(ending, replace(STANDING, is_bound=is_bound), at=NOW).keeps_account is keeps


def test_a_withheld_message_keeps_its_place_and_its_count() -> None:
    """A deferred one is deferred still."""
    verdict = settle(WITHHELD, replace(STANDING, attempt=2), at=NOW)
    assert (verdict.message, verdict.due_at, verdict.attempt) == (MessageState.DEFERRED, DUE, 2)


@pytest.mark.parametrize("detours", [6, 7, 20])
def test_a_first_greylisting_after_an_outage_is_not_a_bounce(detours: int) -> None:
    """Failures of the account or its server do not use up the recipient's own deferrals (R9)."""
    standing = STANDING
    for _ in range(detours):
        standing = after(standing, NO_SERVER)
    assert settle(GREYLISTED, standing, at=NOW).message is MessageState.DEFERRED


@pytest.mark.parametrize(
    ("said", "line"),
    [
        (Answer(Command.RCPT, 550, "5.1.1", "no such user"), "RCPT: 550 5.1.1 no such user"),
        (Answer(Command.CONNECT, None, None, "timed out"), "CONNECT: timed out"),
        (Answer(Command.BODY, 250, None, ""), "BODY: 250"),
    ],
)
def test_an_answer_is_one_line_for_people(said: Answer, line: str) -> None:
    """Command, code, status, text; what is not there is left out."""
    assert line_of(said) == line


def test_an_outage_after_greylistings_costs_the_message_no_place() -> None:
    """Deferrals of the recipient do not use up the detours either."""
    standing = STANDING
    for _ in range(5):
        standing = after(standing, GREYLISTED)
    assert settle(NO_SERVER, standing, at=NOW).due_at == standing.due_at


def test_a_long_answer_is_cut() -> None:
    """At 500 characters."""
    assert len(line_of(Answer(Command.BODY, 550, "5.7.1", "x" * 5000))) == 500


STANDINGS = st.builds(
    Standing,
    state=st.sampled_from(State),
    attempt=st.integers(0, 9),
    attempts=st.integers(9, 60),
    deferrals=st.integers(0, 9),
    next_due_at=st.none() | st.timedeltas(timedelta(0), timedelta(days=365)).map(lambda delay: NOW + delay),
    is_bound=st.booleans(),
    due_at=st.just(DUE),
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(st.sampled_from(ENDINGS), STANDINGS)
def test_the_table_is_total_and_consistent(ending: Ending, standing: Standing) -> None:
    """Every ending of every enrollment has a verdict in which message, unit and enrollment agree."""
    verdict = settle(ending, standing, at=NOW)
    assert verdict.state is not State.SENDING
    assert (verdict.message is MessageState.SENT) == (verdict.unit is Unit.SENT) == verdict.advances
    assert (verdict.message is MessageState.UNCERTAIN) == (verdict.unit is Unit.UNCERTAIN)
    assert verdict.due_at >= standing.due_at
    if verdict.message in (MessageState.QUEUED, MessageState.DEFERRED):
        assert verdict.state in (State.WAITING, State.HELD, State.PAUSED)
    if verdict.state is State.WAITING:
        assert verdict.message in (MessageState.QUEUED, MessageState.DEFERRED, MessageState.SENT)
    if verdict.message is MessageState.UNCERTAIN:
        assert verdict.state in (*ENDED, State.UNCERTAIN, State.PAUSED)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([GREYLISTED, NO_SERVER, TOO_FAST, WRONG_LOGIN]), min_size=50, max_size=50))
def test_no_message_is_tried_for_ever(endings: list[Ending]) -> None:
    """Fifty failures of any kinds end it."""
    standing, verdicts = STANDING, []
    for ending in endings:
        verdicts.append(settle(ending, standing, at=NOW))
        standing = after(standing, ending)
        if verdicts[-1].state in ENDED:
            break
    assert verdicts[-1].message is MessageState.REFUSED
