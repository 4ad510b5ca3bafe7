"""Remedies: the smallest changes that may have a campaign end earlier, by what holds it back.

Each is the same pool and the same campaign with one thing changed, for a look ahead to try. Whether it helps,
and by how much, only the look ahead can tell. For what waits for a person there is none.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from statistics import median_low
from uuid import UUID

from leadterra.domain.caps import Cap, CapKey
from leadterra.domain.gate import Gate
from leadterra.domain.pool import Contender, Pool, Sender
from leadterra.domain.projection import Course
from leadterra.domain.schedule import DAY_NAMES, Schedule, write_schedule
from leadterra.domain.sender_loss import LossAction, SenderLossPolicy

NEW_ACCOUNT = UUID(int=(1 << 128) - 1)
"""The id of the account that there is not yet."""

_USUAL_LIMIT = 50
_ACCOUNTS = (
    Gate.NO_ACTIVE_ACCOUNT,
    Gate.ACCOUNT_QUOTA,
    Gate.ACCOUNT_ROLLING_QUOTA,
    Gate.ACCOUNT_RESTING,
    Gate.ACCOUNT_SPACING,
    Gate.ACCOUNT_BUSY,
)


@dataclass(frozen=True, slots=True)
class Change:
    """What to change. words: for people. target: `senderPool`, `workspace` or `campaign`. fields: as the API
    names them. pool, courses: as they would be.
    """

    words: str
    target: str
    fields: Mapping[str, object]
    pool: Pool
    courses: Mapping[UUID, Course]


@dataclass(frozen=True, slots=True)
class Situation:
    """What is to be changed, for which campaign."""

    pool: Pool
    courses: Mapping[UUID, Course]
    campaign_id: UUID

    @property
    def contender(self) -> Contender:
        """The campaign in its pool."""
        return next(each for each in self.pool.campaigns if each.id == self.campaign_id)

    @property
    def usual_limit(self) -> int:
        """The median of the accounts' daily limits."""
        senders = [each for each in self.pool.senders if each.is_active] or self.pool.senders
        return median_low([each.daily_limit for each in senders]) if senders else _USUAL_LIMIT


def changes_for(gate: Gate, now: Situation) -> list[Change]:
    """What may help against that gate, the cheapest first."""
    if gate in _ACCOUNTS:
        return [_one_more_account(now)]
    match gate:
        case Gate.WORKSPACE_QUOTA:
            return [_raised(now, (gate, None), "workspace", "dailyQuota", now.usual_limit)]
        case Gate.SENDING_DOMAIN_QUOTA:
            return [_raised_domains(now)]
        case Gate.CAMPAIGN_QUOTA:
            return [_raised(now, (gate, now.campaign_id), "campaign", "dailyLimit", None)]
        case Gate.NEW_LEADS_QUOTA:
            return [_raised(now, (gate, now.campaign_id), "campaign", "newLeadsDailyLimit", None)]
        case Gate.OUTSIDE_SCHEDULE:
            return _wider_schedules(now)
        case Gate.SENDER_LOST:
            return [_handed_over(now)]
        case _:
            return []


def _one_more_account(now: Situation) -> Change:
    """Like the others, and with nothing sent today; one that the campaign may use."""
    limit, tags = now.usual_limit, now.contender.sender_tags
    fresh = Sender(NEW_ACCOUNT, True, limit, 0, tags=tags)
    like = next((each for each in now.pool.senders if each.is_active), None)
    if like is not None:
        fresh = replace(fresh, gap=like.gap, spreads=like.spreads, jitter=like.jitter, domain=like.domain)
    pool = replace(now.pool, senders=[*now.pool.senders, fresh])
    fields: dict[str, object] = {"newSenderAccounts": 1, "dailyLimit": limit}
    if tags:
        fields["tags"] = sorted(tags)
    return Change(f"one more account of {limit} a day", "senderPool", fields, pool, now.courses)


def _raised(now: Situation, key: CapKey, target: str, field: str, by: int | None) -> Change:
    """by: so much more; None for twice as much."""
    cap = now.pool.caps[key]
    limit = cap.limit * 2 if by is None else cap.limit + by
    pool = replace(now.pool, caps={**now.pool.caps, key: replace(cap, limit=limit)})
    words = f"a {field} of {limit} instead of {cap.limit}"
    return Change(words, target, {field: limit}, pool, now.courses)


def _raised_domains(now: Situation) -> Change:
    """The limit is one for all domains."""
    known = {key: cap for key, cap in now.pool.caps.items() if key[0] is Gate.SENDING_DOMAIN_QUOTA}
    before = max(cap.limit for cap in known.values())
    limit = before + now.usual_limit
    raised: dict[CapKey, Cap] = {key: replace(cap, limit=limit) for key, cap in known.items()}
    pool = replace(now.pool, caps={**now.pool.caps, **raised})
    words = f"a sendingDomainDailyLimit of {limit} instead of {before}"
    return Change(words, "workspace", {"sendingDomainDailyLimit": limit}, pool, now.courses)


def _wider_schedules(now: Situation) -> list[Change]:
    """One more weekday; or else one more hour a day; or else no last day."""
    schedule = now.courses[now.campaign_id].schedule
    found = []
    missing = [day for day in range(7) if day not in schedule.days]
    if missing:
        days = schedule.days | {missing[0]}
        wider = replace(schedule, days=days)
        words = f"sending on {DAY_NAMES[missing[0]]} as well"
        found.append(_rescheduled(now, wider, words))
    elif schedule.opens != schedule.closes:
        closes = time((schedule.closes.hour + 1) % 24, schedule.closes.minute)
        wider = replace(schedule, closes=closes)
        found.append(_rescheduled(now, wider, f"sending until {closes:%H:%M}"))
    if schedule.ends_on is not None:
        words = f"no last day instead of {schedule.ends_on.isoformat()}"
        found.append(_rescheduled(now, replace(schedule, ends_on=None), words))
    return found


def _rescheduled(now: Situation, schedule: Schedule, words: str) -> Change:
    """The whole schedule: it is replaced as one."""
    course = replace(now.courses[now.campaign_id], schedule=schedule)
    courses = {**now.courses, now.campaign_id: course}
    return Change(words, "campaign", {"schedule": write_schedule(schedule)}, now.pool, courses)


def _handed_over(now: Situation) -> Change:
    policy = SenderLossPolicy(LossAction.HANDOVER)
    campaigns = [
        replace(each, sender_loss=policy) if each.id == now.campaign_id else each
        for each in now.pool.campaigns
    ]
    pool = replace(now.pool, campaigns=campaigns)
    fields = {"senderLossPolicy": {"action": policy.action.value}}
    return Change("handing lost leads over to other accounts", "campaign", fields, pool, now.courses)
