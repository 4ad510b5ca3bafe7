"""What follows from a letter that came: endings, suppressions, bounces in the books, and the facts for the
log.

The pool is locked, and the letter has just been written down for the first time.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadterra.actions.dead_domains import Refusal, note_refusals
from leadterra.actions.delivery_records import judge_bounces, note_complaint
from leadterra.actions.schedules import schedule_of
from leadterra.domain.enrollment import OPEN, State
from leadterra.domain.inbound import (
    CONSEQUENCES,
    SOFT_BOUNCE_DAYS,
    Consequence,
    Inbound,
    away_until,
    state_after,
)
from leadterra.mail.finding import Failure, Finding
from leadterra.store import replies, suppressions
from leadterra.store.campaign_totals import Changes
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import cancel_unsent_messages, end_enrollments_of_leads
from leadterra.store.events import Event, EventType, append_events
from leadterra.store.ids import encode
from leadterra.store.replies import AnsweringEnrollment, SentMessage
from leadterra.store.suppressions import Entry
from leadterra.store.variants import Total, add_variant_totals

SOURCE = "mailbox"
"""Of suppressions that letters ask for."""

_REASONS = {
    Inbound.REPLY: "the lead answered",
    Inbound.UNSUBSCRIBE: "unsubscribed",
    Inbound.GONE: "no longer there",
    Inbound.COMPLAINT: "complained of spam",
}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a letter was found to be. kind, classification: as written down. failure: what a report says of
    the lead.
    """

    inbound: Inbound
    reply_id: UUID
    kind: str
    classification: str
    failure: Failure | None
    received_at: datetime


async def apply_consequence(
    uow: UnitOfWork, message: SentMessage, outcome: Outcome, finding: Finding, *, now: datetime
) -> None:
    """Do what follows for the message that the letter is about, its enrollment and its lead."""
    part = await replies.lock_enrollment(uow, message.enrollment_id)
    if part is None:
        return
    desk = _Desk(uow, message, part, outcome, now)
    consequence = CONSEQUENCES[outcome.inbound]
    if consequence.bounce_type:
        consequence = await desk.bounce(consequence)
    if outcome.inbound is Inbound.REPLY:
        await desk.count_reply()
    reason = desk.reason(finding)
    await desk.end(consequence, reason)
    if consequence.waits:
        schedule = schedule_of(part.schedule)
        until = away_until(outcome.received_at, finding.return_on, schedule.time_zone, schedule.holidays)
        await replies.put_off_lead(uow, part.lead_id, until, now=now)
    if consequence.pauses:
        await replies.pause_lead(uow, part.lead_id, reason, now=now)
    await desk.conclude()
    await desk.tell_health()


async def end_part(
    uow: UnitOfWork, part: AnsweringEnrollment, ends: State, reason: str, changes: Changes, *, now: datetime
) -> bool:
    """Bring a lead's part in a campaign to an end, or to a graver one than it had, and count it; whether
    anything changed.
    """
    before = State(part.state)
    after = state_after(before, ends)
    if ends is State.UNSUBSCRIBED and await replies.mark_unsubscribed(uow, part.id, now=now):
        changes.add(part.campaign_id, "unsubscribed")
    if after is before:
        return False
    await replies.end_enrollment(uow, part.id, after, reason, now=now)
    await cancel_unsent_messages(uow, [part.id], reason, now=now)
    changes.add(part.campaign_id, "open", -int(before in OPEN))
    return True


class _Desk:
    """One letter's consequences, gathered until its events and totals are written."""

    def __init__(
        self,
        uow: UnitOfWork,
        message: SentMessage,
        part: AnsweringEnrollment,
        outcome: Outcome,
        now: datetime,
    ) -> None:
        self._uow, self._message, self._part, self._outcome, self._now = uow, message, part, outcome, now
        self._changes = Changes()
        self._events: list[Event] = []
        self._is_bounced = False

    def reason(self, finding: Finding) -> str:
        """Why, for people."""
        failure = self._outcome.failure
        if failure is not None:
            return (failure.text or failure.reason)[:500]
        known = _REASONS.get(self._outcome.inbound, self._outcome.inbound.value)
        return f"{known}; write to {finding.referral}"[:500] if finding.referral else known

    async def bounce(self, consequence: Consequence) -> Consequence:
        """The message came back. A mailbox that sends back softly for the third day counts as dead."""
        failure, bounce_type = self._outcome.failure, consequence.bounce_type or "soft"
        reason = (failure.text or failure.reason)[:500] if failure else "returned"
        bounced = await replies.bounce_message(self._uow, self._message, bounce_type, reason, now=self._now)
        if bounced is not None:
            self._is_bounced = True
            self._changes.add(self._message.campaign_id, "bounced")
            await replies.add_to_ledger(self._uow, self._message, bounced=1)
            await self._count_variant("bounced")
            why = failure.reason if failure else None
            self._say_of_message(EventType.MESSAGE_BOUNCED, bounced.step_position, bounce_type, why)
        if self._outcome.inbound is Inbound.SOFT_BOUNCE:
            days = await replies.count_soft_bounce_days(self._uow, self._part.lead_id)
            return CONSEQUENCES[Inbound.HARD_BOUNCE] if days >= SOFT_BOUNCE_DAYS else consequence
        return consequence

    async def count_reply(self) -> None:
        """Leads that answered are counted, not letters."""
        if await replies.count_replies_of_enrollment(self._uow, self._part.id) == 1:
            self._changes.add(self._part.campaign_id, "replied")
            await replies.add_to_ledger(self._uow, self._message, replied=1)
            await self._count_variant("replied")

    async def end(self, consequence: Consequence, reason: str) -> None:
        """What it comes to, here and in other campaigns, and for good where the address is suppressed."""
        uow, part, now = self._uow, self._part, self._now
        if consequence.suppresses and part.email and part.email_key:
            entry = Entry("email", part.email_key, part.email)
            why = consequence.suppresses
            if await suppressions.insert_suppressions(uow, [entry], reason=why, source=SOURCE, now=now):
                self._say_of_suppression(why)
        if consequence.ends:
            await end_part(uow, part, consequence.ends, reason, self._changes, now=now)
        others = consequence.ends_others
        if self._outcome.inbound is Inbound.REPLY and part.stop_on_reply == "workspace":
            others = State.REPLIED
        if others:
            await end_enrollments_of_leads(uow, [part.lead_id], others, reason, now=now)

    async def conclude(self) -> None:
        """Write totals and events."""
        if self._outcome.inbound not in (Inbound.HARD_BOUNCE, Inbound.SOFT_BOUNCE, Inbound.COMPLAINT):
            self._say_of_reply()
        await append_events(self._uow, self._events, now=self._now)
        await self._changes.save(self._uow, now=self._now)

    async def tell_health(self) -> None:
        """What it says of the account that had sent, and of the lead's domain (R9). A letter that is known
        comes not so far.
        """
        uow, message, failure, now = self._uow, self._message, self._outcome.failure, self._now
        if self._outcome.inbound is Inbound.COMPLAINT:
            await note_complaint(
                uow, message.sender_account_id, message.enrollment_id, message.step_id, now=now
            )
        if self._is_bounced:
            await judge_bounces(uow, [message.sender_account_id], now=now)
        if failure is not None and self._outcome.inbound is Inbound.HARD_BOUNCE:
            refusal = Refusal(self._part.id, self._part.lead_id, failure.code, failure.status, failure.text)
            await note_refusals(uow, [refusal], now=now)

    async def _count_variant(self, total: Total) -> None:
        step_id, variant_id = self._message.step_id, self._message.variant_id
        if variant_id is not None:
            await add_variant_totals(self._uow, {(step_id, variant_id): {total: 1}})

    def _named(self) -> dict[str, object]:
        return {
            "campaignId": encode("camp", self._part.campaign_id),
            "lead": {"id": encode("lead", self._part.lead_id)},
        }

    def _say_of_message(self, kind: EventType, position: int, bounce_type: str, reason: str | None) -> None:
        data: dict[str, object] = {
            "messageId": encode("msg", self._message.id),
            "sequenceStep": position,
            **self._named(),
            "senderAccountId": encode("sa", self._message.sender_account_id),
            "bounceType": bounce_type,
            "bounceReason": reason,
        }
        self._events.append(Event(kind, data))

    def _say_of_suppression(self, reason: str) -> None:
        if reason == "unsubscribed":
            self._events.append(Event(EventType.LEAD_UNSUBSCRIBED, {**self._named(), "source": SOURCE}))
        else:
            data: dict[str, object] = {"lead": self._named()["lead"], "reason": reason}
            self._events.append(Event(EventType.LEAD_SUPPRESSED, data))

    def _say_of_reply(self) -> None:
        data: dict[str, object] = {
            "reply": {"id": encode("rpl", self._outcome.reply_id)},
            **self._named(),
            "senderAccountId": encode("sa", self._message.sender_account_id),
            "kind": self._outcome.kind,
            "classification": self._outcome.classification,
        }
        self._events.append(Event(EventType.REPLY_RECEIVED, data))
