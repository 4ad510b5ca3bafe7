"""Why a message has not gone: every gate, with its numbers and the instant at which it opens (R10).

Gates are asked in the engine's order, and whether one of an account is open says `domain.pool`, as it does
for the engine: here are only the words and the numbers. `account_busy` and `batch_full` are left out: they
are about a worker's hands, open at once, and hold back nobody's message. Pure; it cannot fail.

Numbers: of a cap, `value` messages of `limit` are used. Of a gate that opens with time, `value` is the
seconds until then. Where there is no number, both are None.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.domain.caps import EVERYBODY, Cap, Caps
from leadterra.domain.day import is_closing, next_reset
from leadterra.domain.enrollment import OPEN, State
from leadterra.domain.gate import Gate, Hold, first_to_clear, last_to_clear
from leadterra.domain.health import DAILY_REASON
from leadterra.domain.pool import Contender, Pool, Sender, Work, holds_of
from leadterra.domain.schedule import Schedule, next_interval
from leadterra.domain.sender_loss import LossAction, NewThread, Stop, Wait, after_loss

SHOWN = tuple(gate for gate in Gate if gate not in (Gate.ACCOUNT_BUSY, Gate.BATCH_FULL))
"""The gates that are shown, in order."""

OF_ACCOUNTS = SHOWN[SHOWN.index(Gate.DAY_CLOSING) :]
"""Those that are an account's own, or hold for all accounts."""

_NO_CAP = "No such cap is set."
_USED = {
    Gate.CAMPAIGN_QUOTA: "messages of this campaign and day",
    Gate.NEW_LEADS_QUOTA: "first steps of this campaign and day",
    Gate.RECIPIENT_DOMAIN_QUOTA: "messages of today to the lead's domain",
    Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA: "messages of this hour to the lead's domain",
    Gate.WORKSPACE_QUOTA: "messages of today of the whole workspace",
    Gate.SENDING_DOMAIN_QUOTA: "messages of today from the account's domain",
    Gate.ACCOUNT_QUOTA: "messages of today",
    Gate.ACCOUNT_ROLLING_QUOTA: "messages of 24 hours",
}


@dataclass(frozen=True, slots=True)
class Check:
    """One gate. detail: a sentence for people. value, limit: see above. clears_at: when it opens, None if it
    is open, or if that depends on somebody.
    """

    gate: Gate
    passes: bool
    detail: str
    value: float | None = None
    limit: float | None = None
    clears_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A lead in its campaign. campaign_status: as stored. state: of its enrollment. reason: why it is in that
    state, for people. remedy: what a person can do about it. suppressed: what of it is on the suppression
    list, None if nothing. work: its next message, None if there is none. away_until: it said to be away until
    then.
    """

    campaign_status: str
    state: State
    reason: str | None
    remedy: str
    suppressed: str | None
    work: Work | None
    away_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class View:
    """The pool at an instant: with its window, and with the caps of the recipients that are asked about."""

    pool: Pool
    now: datetime

    @property
    def caps(self) -> Caps:
        """All caps, of which nothing was taken since."""
        return Caps(self.pool.caps)

    def cap(self, gate: Gate, key: UUID | None) -> Cap | None:
        """What is known of one cap; None where there is none."""
        caps = self.pool.caps
        return caps.get((gate, key)) or (caps.get((gate, EVERYBODY)) if key is not None else None)


def binding(checks: Iterable[Check]) -> Check | None:
    """Of the gates that are closed the most restrictive, which is the one that opens last; None if all are
    open.
    """
    closed = {check.gate: check for check in checks if not check.passes}
    if not closed:
        return None
    lost = closed.get(Gate.SENDER_LOST)
    if lost is not None and lost.clears_at is None:
        # The lead ends, whatever else holds it.
        return lost
    return closed[last_to_clear([Hold(check.gate, check.clears_at) for check in closed.values()]).gate]


def soonest(checks: Iterable[Check]) -> Check:
    """Of what binds several the one that opens first: after it something can go. There is at least one."""
    by_hold = {(check.gate, check.clears_at): check for check in checks}
    first = first_to_clear([Hold(*key) for key in by_hold])
    return by_hold[first.gate, first.clears_at]


def check_lead(
    standing: Standing, contender: Contender, schedule: Schedule, sender: Sender | None, view: View
) -> list[Check]:
    """All gates of one lead. sender: the account whose gates are asked, see `find_sender`."""
    work = standing.work
    own = [
        *check_standing(standing),
        _suppression_check(standing.suppressed),
        _due_check(work, standing, view.now),
        _schedule_check(schedule, work.zone if work else "", view.now),
    ]
    return own + check_work(work, contender, view) + check_sender(sender, view)


def check_standing(standing: Standing) -> list[Check]:
    """Whether the campaign runs, and the lead waits."""
    return [_campaign_check(standing.campaign_status), _state_check(standing)]


def check_work(work: Work | None, contender: Contender, view: View) -> list[Check]:
    """The caps of campaign and recipient, and whether any account can have the message."""
    domain = work.recipient_domain if work else None
    is_first = work is not None and not work.is_follow_up
    return [
        _cap_check(Gate.CAMPAIGN_QUOTA, view.cap(Gate.CAMPAIGN_QUOTA, contender.id)),
        _cap_check(Gate.NEW_LEADS_QUOTA, view.cap(Gate.NEW_LEADS_QUOTA, contender.id))
        if is_first
        else Check(Gate.NEW_LEADS_QUOTA, True, "It counts first steps, and this is none."),
        *(
            _cap_check(gate, view.cap(gate, domain) if domain else None)
            for gate in (Gate.RECIPIENT_DOMAIN_QUOTA, Gate.RECIPIENT_DOMAIN_HOURLY_QUOTA)
        ),
        _accounts_check(work, contender, view),
        _loss_check(work, contender, view),
    ]


def check_account(sender: Sender, view: View, *, warning: str = "") -> list[Check]:
    """All gates of one account. warning: what else is to be said of it, for people."""
    return [_activity_check(sender, warning), *check_sender(sender, view)]


def check_sender(sender: Sender | None, view: View) -> list[Check]:
    """The gates of the pool and of an account that is active; without one, those that need none."""
    now, caps = view.now, view.caps
    holds = (
        {hold.gate: hold for hold in holds_of(sender, now, caps=caps, window=view.pool.window)}
        if sender
        else {}
    )
    checks = {
        Gate.DAY_CLOSING: _closing_check(now),
        Gate.WORKSPACE_QUOTA: _cap_check(Gate.WORKSPACE_QUOTA, view.cap(Gate.WORKSPACE_QUOTA, None)),
    }
    if sender is not None and sender.is_active:
        day = Cap(sender.daily_limit, sender.used, next_reset(now))
        for gate, cap in (
            (Gate.SENDING_DOMAIN_QUOTA, view.cap(Gate.SENDING_DOMAIN_QUOTA, sender.domain)),
            (Gate.ACCOUNT_QUOTA, day),
            (Gate.ACCOUNT_ROLLING_QUOTA, view.cap(Gate.ACCOUNT_ROLLING_QUOTA, sender.id)),
        ):
            checks[gate] = _cap_check(gate, cap)
        checks[Gate.ACCOUNT_RESTING] = _resting_check(sender, holds.get(Gate.ACCOUNT_RESTING), now)
        checks[Gate.ACCOUNT_SPACING] = _spacing_check(sender, holds.get(Gate.ACCOUNT_SPACING), now)
    nobody = "There is no active account of which this could be asked."
    return [checks.get(gate) or Check(gate, True, nobody) for gate in OF_ACCOUNTS]


def find_sender(work: Work, contender: Contender, predicted: UUID | None, view: View) -> Sender | None:
    """The account whose gates matter to a message: the one that it is bound to; else the one that is
    predicted; else, of those that come into question, the one that can send first. None if there is none.
    """
    senders = {sender.id: sender for sender in view.pool.senders}
    bound = senders.get(work.sender_id) if work.sender_id else None
    if bound is not None and bound.is_active:
        return bound
    if predicted is not None and senders[predicted].is_active:
        return senders[predicted]
    return first_sender(candidates(contender, view), view)


def first_sender(senders: Sequence[Sender], view: View) -> Sender | None:
    """The one of several that can send first."""
    found: tuple[bool, datetime | None, int] | None = None
    chosen = None
    for number, sender in enumerate(senders):
        holds = list(holds_of(sender, view.now, caps=view.caps, window=view.pool.window))
        clears_at = last_to_clear(holds).clears_at if holds else view.now
        key = (clears_at is None, clears_at, number)
        if found is None or _is_before(key, found):
            found, chosen = key, sender
    return chosen


def candidates(contender: Contender, view: View) -> list[Sender]:
    """The active accounts that a campaign's new leads may go through."""
    tags = contender.sender_tags
    return [
        sender
        for sender in view.pool.senders
        if sender.is_active and (not tags or not tags.isdisjoint(sender.tags))
    ]


def written(at: datetime) -> str:
    """An instant for people."""
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"


def _is_before(key: tuple[bool, datetime | None, int], other: tuple[bool, datetime | None, int]) -> bool:
    if key[0] != other[0]:
        return other[0]
    return key[1] is not None and other[1] is not None and key[1] < other[1]


def _campaign_check(status: str) -> Check:
    details = {
        "running": "The campaign is running.",
        "draft": "The campaign is a draft: nothing goes out before it is started.",
        "paused": "The campaign is paused: nothing goes out before it is started again.",
    }
    return Check(Gate.CAMPAIGN_NOT_RUNNING, status == "running", details[status])


def _state_check(standing: Standing) -> Check:
    """Whether the lead is one that waits for its turn."""
    if standing.state is State.WAITING and standing.work is not None:
        return Check(Gate.LEAD_NOT_WAITING, True, "The lead waits for its next message.")
    if standing.state is State.WAITING:
        return Check(Gate.LEAD_NOT_WAITING, False, "The campaign has no step left for this lead.")
    if standing.state is State.SENDING:
        return Check(Gate.LEAD_NOT_WAITING, False, "Its message is being sent at this moment.")
    what = "is" if standing.state in OPEN else "has ended in this campaign:"
    reason = f" ({standing.reason})" if standing.reason else ""
    return Check(
        Gate.LEAD_NOT_WAITING, False, f"The lead {what} {standing.state}{reason}. {standing.remedy}".strip()
    )


def _suppression_check(suppressed: str | None) -> Check:
    if suppressed is None:
        return Check(Gate.SUPPRESSED, True, "Neither its address nor its domain is on the suppression list.")
    detail = f"Its {suppressed} is on the suppression list: nothing is sent there any more."
    return Check(Gate.SUPPRESSED, False, detail)


def _due_check(work: Work | None, standing: Standing, now: datetime) -> Check:
    """With why it waits, where something was said that made it."""
    if work is None:
        return Check(Gate.NOT_DUE, True, "There is no message that could be due.")
    if work.due_at <= now:
        return Check(Gate.NOT_DUE, True, f"The message has been due since {written(work.due_at)}.", 0)
    why = f" It waits for this was said: {standing.reason}" if standing.reason else ""
    if standing.away_until is not None and standing.away_until > now:
        why = f" It waits because the lead is away until {written(standing.away_until)}.{why}"
    detail = f"The message is due {_when(work.due_at, now)}.{why}"
    return _until(Gate.NOT_DUE, work.due_at, now, detail)


def _schedule_check(schedule: Schedule, zone: str, now: datetime) -> Check:
    interval = next_interval(schedule, zone, now)
    place = schedule.zone_for(zone)
    if interval is None:
        detail = f"The campaign's schedule ({place}) has no window any more: give it another."
        return Check(Gate.OUTSIDE_SCHEDULE, False, detail)
    if interval.start <= now:
        return Check(Gate.OUTSIDE_SCHEDULE, True, f"The campaign's window ({place}) is open.", 0)
    detail = f"The campaign's next window ({place}) opens {_when(interval.start, now)}."
    return _until(Gate.OUTSIDE_SCHEDULE, interval.start, now, detail)


def _cap_check(gate: Gate, cap: Cap | None) -> Check:
    if cap is None:
        return Check(gate, True, _NO_CAP)
    used = f"{cap.used} of {cap.limit} {_USED[gate]} are used"
    if cap.left > 0:
        return Check(gate, True, f"{used}.", cap.used, cap.limit)
    if not cap.limit:
        return Check(gate, False, "It is 0: nothing is sent until it is raised.", cap.used, cap.limit)
    if gate is Gate.ACCOUNT_ROLLING_QUOTA:
        again = f"the first of them comes back at {written(cap.clears_at)}"
    else:
        again = f"the next are available at {_written_reset(cap.clears_at)}"
    return Check(gate, False, f"{used}; {again}.", cap.used, cap.limit, cap.clears_at)


def _written_reset(at: datetime) -> str:
    return f"{at:%H:%M} UTC" if at.hour or at.minute else "midnight UTC"


def _accounts_check(work: Work | None, contender: Contender, view: View) -> Check:
    """Whether there is any active account for it; where its own is active, that one is enough."""
    active = sum(sender.is_active for sender in view.pool.senders)
    bound = _bound(work, view)
    suited = [bound] if bound is not None and bound.is_active else candidates(contender, view)
    tags = (
        f" with a tag of the campaign ({', '.join(sorted(contender.sender_tags))})"
        if contender.sender_tags
        else ""
    )
    if suited:
        return Check(
            Gate.NO_ACTIVE_ACCOUNT,
            True,
            f"{len(suited)} of {active} active accounts can send it.",
            len(suited),
        )
    if active:
        detail = f"None of the {active} active accounts is one{tags}: tag one, or activate one that has it."
    else:
        detail = "No sender account is active: activate one, or add one."
    return Check(Gate.NO_ACTIVE_ACCOUNT, False, detail, 0)


def _loss_check(work: Work | None, contender: Contender, view: View) -> Check:
    bound = _bound(work, view)
    if work is None or bound is None or bound.is_active or not work.is_follow_up:
        return Check(Gate.SENDER_LOST, True, "No account is lost that this lead is bound to.")
    match after_loss(contender.sender_loss, bound.lost_at, work.due_at, view.now):
        case Wait(until):
            detail = (
                "Its account is not active, and the campaign waits for it"
                f" {contender.sender_loss.wait_days:g} days: from {written(until)} on another may go on."
            )
            return _until(Gate.SENDER_LOST, until, view.now, detail)
        case Stop():
            detail = "Its account is not active, and the campaign ends such leads: this one at its next turn."
            return Check(Gate.SENDER_LOST, False, detail)
        case NewThread():
            words = "in a thread of its own"
        case _:
            words = "in the same thread"
    is_over = contender.sender_loss.action is LossAction.WAIT
    why = "the lead has waited long enough" if is_over else "the campaign hands over"
    return Check(Gate.SENDER_LOST, True, f"Its account is not active; {why}, and another goes on {words}.")


def _bound(work: Work | None, view: View) -> Sender | None:
    if work is None or work.sender_id is None:
        return None
    return next((sender for sender in view.pool.senders if sender.id == work.sender_id), None)


_PAUSED = {
    "auth_failed": "its login was refused: give it a new password, or activate it",
    "bounce_rate": "too many of its messages came back: look at where its leads come from, then activate it",
    "complaint_rate": "too many recipients complained: look at its letters and leads, then activate it",
}
"""What a person is to do about an account that the engine has paused, by its reason."""


def _activity_check(sender: Sender, warning: str) -> Check:
    if sender.is_active:
        return Check(Gate.NO_ACTIVE_ACCOUNT, True, f"The account is active. {warning}".strip())
    why = _PAUSED.get(sender.pause_reason or "", "activate it")
    return Check(Gate.NO_ACTIVE_ACCOUNT, False, f"The account is not active: {why}.")


def _closing_check(now: datetime) -> Check:
    reset = next_reset(now)
    if not is_closing(now):
        return Check(Gate.DAY_CLOSING, True, "The UTC day has more than a second left.", 0)
    return _until(
        Gate.DAY_CLOSING,
        reset,
        now,
        "No message begins in the last second of a UTC day; the next day begins now.",
    )


def _resting_check(sender: Sender, hold: Hold | None, now: datetime) -> Check:
    if hold is None or hold.clears_at is None:
        return Check(Gate.ACCOUNT_RESTING, True, "The account does not rest.", 0)
    times = "once" if sender.failures == 1 else f"{sender.failures} times in a row"
    after = f" after its server refused it {times}" if sender.failures else ""
    if sender.rest_reason == DAILY_REASON:
        after = ": its provider's quota for the day is used up"
    again = "with a single message" if sender.failures else "again"
    detail = f"The account rests{after}; it is tried {again} at {written(hold.clears_at)}."
    return _until(Gate.ACCOUNT_RESTING, hold.clears_at, now, detail)


def _spacing_check(sender: Sender, hold: Hold | None, now: datetime) -> Check:
    """A closed one without an instant waits for the end of the message that is on its way."""
    if hold is None:
        return Check(Gate.ACCOUNT_SPACING, True, "The account may send its next message at once.", 0)
    if hold.clears_at is None:
        detail = "The account sends one message at a time, and one is on its way."
        return Check(Gate.ACCOUNT_SPACING, False, detail)
    way = (
        "spreads its messages over the day"
        if sender.spreads
        else f"leaves {sender.gap:g} s between two messages"
    )
    detail = f"The account {way}; its next may go {_when(hold.clears_at, now)}."
    return _until(Gate.ACCOUNT_SPACING, hold.clears_at, now, detail)


def _until(gate: Gate, at: datetime, now: datetime, detail: str) -> Check:
    return Check(gate, False, detail, (at - now).total_seconds(), None, at)


def _when(at: datetime, now: datetime) -> str:
    return f"in {_span(at, now)}, at {written(at)}"


def _span(at: datetime, now: datetime) -> str:
    """How long it is until then, for people."""
    seconds = int((at - now).total_seconds())
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    parts = [(days, "d"), (hours, "h"), (minutes, "min"), (seconds, "s")]
    shown = [f"{count} {unit}" for count, unit in parts if count][:2]
    return " ".join(shown) or "less than a second"
