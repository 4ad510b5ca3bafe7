"""The pool as `domain.planning` sees it, read from the database: for the claim that sends, and for those that
only ask what it would do.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.actions.caps import list_full_domains, read_caps, read_recipient_caps
from leadterra.actions.schedules import schedule_of
from leadterra.domain.caps import Cap, CapKey, Caps
from leadterra.domain.day import day_of, next_reset
from leadterra.domain.gate import Gate
from leadterra.domain.pacing import PacingChoice, Window, pacing_of
from leadterra.domain.pool import Contender, Pool, Sender, Work, hold_of_pool, room_of
from leadterra.domain.schedule import Schedule, next_interval
from leadterra.domain.sender_loss import LossAction, SenderLossPolicy
from leadterra.domain.windows import OpenCampaign, open_on, takes_part, window_at
from leadterra.mail.addresses import domain_digest
from leadterra.store import due_work
from leadterra.store.database import UnitOfWork
from leadterra.store.due_work import BoundLane, CampaignRow, Lane, PoolRow, SenderRow

_MOST_READ = 2000
"""Messages read in one plan, over all campaigns: with very many campaigns each plan is smaller."""

_LEAST_READ = 10


@dataclass(frozen=True, slots=True)
class Running:
    """A running campaign at an instant. zones: those that its waiting leads are in. open_zones: of these, the
    ones whose window is open, and until when. opens_at: when the next of the others opens, None if none
    ever does.
    """

    row: CampaignRow
    schedule: Schedule
    zones: tuple[str, ...]
    open_zones: Mapping[str, datetime]
    opens_at: datetime | None


@dataclass(frozen=True, slots=True)
class PoolState:
    """All that a plan needs but the work. full_until: when the first of the recipients' domains that have had
    enough takes more, None if there are none. cut: campaigns of which more is due than was read.
    """

    row: PoolRow
    senders: tuple[SenderRow, ...]
    campaigns: tuple[Running, ...]
    pool: Pool
    full_until: datetime | None = None
    cut: frozenset[UUID] = frozenset()


async def read_pool_state(
    uow: UnitOfWork,
    row: PoolRow,
    *,
    now: datetime,
    room: Callable[[UUID], int | None] = lambda account_id: None,
) -> PoolState:
    """Read accounts, campaigns and caps. room: how many messages of an account the asking worker can take."""
    senders = await due_work.list_senders(uow, day=day_of(now))
    rows = await due_work.list_campaigns(uow)
    campaigns = await _look_at_windows(uow, rows, now)
    pool = pool_of(row, senders, rows, await read_caps(uow, row, senders, rows, now=now), room)
    pool = replace(pool, window=_window(pool, campaigns, now))
    return PoolState(row, tuple(senders), tuple(campaigns), pool)


async def read_due_work(
    uow: UnitOfWork, state: PoolState, *, limit: int, now: datetime
) -> tuple[PoolState, list[Work]]:
    """Read the due work that could go now, and with it the caps of its recipients. With nothing to go
    through, one item is read to say why it waits.
    """
    is_held = hold_of_pool(state.pool, now) is not None
    room = {sender.id: 1 for sender in state.pool.senders} if is_held else _rooms(state.pool, now)
    most = 1 if is_held else min(limit, sum(room.values()), _share_of(len(state.campaigns)))
    lanes = _lanes(state)
    full_domains, full_until = await list_full_domains(uow, state.row, now=now)
    work = await due_work.list_work(
        uow,
        lanes,
        _bound_lanes(state, lanes, room, most, now),
        full_domains=full_domains,
        limit=most,
        now=now,
    )
    cut = frozenset() if is_held else _cut(work, most)
    work += await due_work.list_work(uow, [], _ending_lanes(state, lanes, limit, now), limit=limit, now=now)
    return await _meet_recipients(uow, replace(state, full_until=full_until, cut=cut), work, now)


def _cut(work: Sequence[Work], most: int) -> frozenset[UUID]:
    """Campaigns of which as much was read as could be, bound or free."""
    counts = Counter((item.campaign_id, item.sender_id is None) for item in work)
    return frozenset(campaign_id for (campaign_id, _), count in counts.items() if count >= most)


async def _look_at_windows(uow: UnitOfWork, rows: Sequence[CampaignRow], now: datetime) -> list[Running]:
    by_lead = [row.id for row in rows if schedule_of(row.schedule).uses_lead_zone]
    zones: defaultdict[UUID, list[str]] = defaultdict(list)
    for campaign_id, zone in await due_work.list_zones(uow, by_lead):
        zones[campaign_id].append(zone)
    return [_running(row, zones.get(row.id) or [""], now) for row in rows]


def _running(row: CampaignRow, zones: Sequence[str], now: datetime) -> Running:
    schedule = schedule_of(row.schedule)
    opened: dict[str, datetime] = {}
    later: list[datetime] = []
    for zone in zones:
        interval = next_interval(schedule, zone, now)
        if interval is not None and interval.start <= now:
            opened[zone] = interval.end
        elif interval is not None:
            later.append(interval.start)
    return Running(row, schedule, tuple(zones), opened, min(later, default=None))


def _window(pool: Pool, campaigns: Sequence[Running], now: datetime) -> Window | None:
    """When the pool may send today, as far as its due work goes."""
    caps = Caps(pool.caps)
    contenders = {campaign.id: campaign for campaign in pool.campaigns}
    due = (
        OpenCampaign(campaign.schedule, campaign.zones, campaign.row.resumed_at)
        for campaign in campaigns
        if campaign.row.first_due_at <= now and takes_part(contenders[campaign.row.id], caps, pool.senders)
    )
    return window_at(open_on(next_reset(now), due), now)


def pool_of(
    row: PoolRow,
    senders: Sequence[SenderRow],
    campaigns: Sequence[CampaignRow],
    caps: Mapping[CapKey, Cap],
    room: Callable[[UUID], int | None] = lambda account_id: None,
) -> Pool:
    """The pool as claims and looks ahead see it, but for its window."""
    return Pool(
        senders=[sender_of(sender, row, room(sender.id)) for sender in senders],
        caps=caps,
        campaigns=[contender_of(campaign) for campaign in campaigns],
        clock=row.share_clock,
        first_step_share=round(row.first_step_share * 100),
        matches_providers=row.provider_matching,
    )


def minds_recipients(row: PoolRow) -> bool:
    """Whether anything depends on where messages go."""
    limits = (row.recipient_domain_daily_limit, row.recipient_domain_hourly_limit)
    return row.provider_matching or limits != (None, None)


def sender_of(row: SenderRow, pool: PoolRow, most: int | None) -> Sender:
    """An account, as a plan sees it. most: how many messages of it the asking worker can take."""
    pacing = pacing_of(
        PacingChoice(row.pacing_mode, row.min_gap_seconds, row.jitter),
        PacingChoice(pool.pacing_mode, pool.min_gap_seconds, pool.jitter),
        is_live=pool.mode == "live",
    )
    return Sender(
        id=row.id,
        is_active=row.is_active,
        daily_limit=row.daily_limit,
        used=row.used + row.waiting,
        in_flight=row.in_flight,
        failures=row.failures,
        gap=pacing.gap,
        most=most,
        next_send_at=row.next_send_at,
        rest_until=row.rest_until,
        spreads=pacing.spreads,
        jitter=pacing.jitter,
        lost_at=row.lost_at,
        weight=row.weight,
        tags=frozenset(row.tags),
        provider=row.provider,
        domain=domain_digest(row.email_domain),
        place=row.rotation_place,
        rest_reason=row.rest_reason,
        pause_reason=row.pause_reason,
    )


def contender_of(row: CampaignRow) -> Contender:
    """A campaign, as a plan sees it."""
    return Contender(
        id=row.id,
        weight=row.weight,
        finish=row.share_finish,
        turn=row.turn,
        sender_tags=frozenset(row.sender_tags),
        sender_loss=SenderLossPolicy(LossAction(row.sender_loss), row.sender_loss_wait_days),
    )


def _share_of(campaigns: int) -> int:
    """How much is read of each campaign at most. A plan ends where what was read of one does: see `cut`."""
    return max(_LEAST_READ, _MOST_READ // max(1, campaigns))


def _rooms(pool: Pool, now: datetime) -> dict[UUID, int]:
    """What each account can take, for those that can take anything."""
    caps = Caps(pool.caps)
    rooms = {sender.id: room_of(sender, now, caps=caps, window=pool.window) for sender in pool.senders}
    return {sender_id: room for sender_id, room in rooms.items() if room}


def _lanes(state: PoolState) -> list[Lane]:
    caps = Caps(state.pool.caps)
    return [
        Lane(
            campaign.row.id,
            zone,
            campaign.row.started_at,
            takes_new=caps.left(Gate.NEW_LEADS_QUOTA, campaign.row.id) != 0,
        )
        for campaign in state.campaigns
        for zone in campaign.open_zones
    ]


def _bound_lanes(
    state: PoolState, lanes: Sequence[Lane], room: dict[UUID, int], most: int, now: datetime
) -> list[BoundLane]:
    """What is bound to accounts with room, or to lost ones, of which each campaign decides what becomes."""
    policies = {campaign.id: campaign.sender_loss for campaign in state.pool.campaigns}
    found = []
    for sender in state.pool.senders:
        if sender.is_active and not room.get(sender.id):
            continue
        for lane in lanes:
            left = min(room[sender.id], most) if sender.is_active else most
            bound = BoundLane(
                lane.campaign_id, lane.zone, lane.started_at, sender.id, left, now, not sender.is_active
            )
            parts = [bound]
            if bound.is_lost:
                parts = _lost_lanes(bound, policies[lane.campaign_id], sender.lost_at, now)
            found += parts if lane.takes_new else _follow_ups_of(parts)
    return found


def _follow_ups_of(parts: Sequence[BoundLane]) -> list[BoundLane]:
    """Of lanes whose campaign has had its new leads: no first steps, which would hide follow-ups that can go;
    and the first of all, to know until when it waits.
    """
    found = [part if part.is_kept else replace(part, takes_new=False) for part in parts]
    return [*found, replace(parts[0], room=1, is_kept=True)]


def _lost_lanes(
    bound: BoundLane, policy: SenderLossPolicy, lost_at: datetime | None, now: datetime
) -> list[BoundLane]:
    """Of a lane that waits for its account: what has waited long enough, the first of what has not, and first
    steps, which do not wait.
    """
    if policy.action is not LossAction.WAIT:
        return [bound]
    patience = timedelta(days=policy.wait_days)
    parts = [replace(bound, takes_follow_ups=False), replace(bound, takes_new=False, room=1, is_kept=True)]
    if lost_at is None or lost_at + patience <= now:
        parts.append(replace(bound, takes_new=False, due_before=now - patience))
    return parts


def _ending_lanes(state: PoolState, lanes: Sequence[Lane], limit: int, now: datetime) -> list[BoundLane]:
    """Follow-ups of lost accounts in campaigns that stop for it. To end them takes room of nobody."""
    stopping = {
        campaign.id for campaign in state.pool.campaigns if campaign.sender_loss.action is LossAction.STOP
    }
    bound = [
        BoundLane(lane.campaign_id, lane.zone, lane.started_at, sender.id, limit, now)
        for lane in lanes
        if lane.campaign_id in stopping
        for sender in state.pool.senders
        if not sender.is_active
    ]
    return [replace(lane, is_lost=True, takes_new=False) for lane in bound]


async def _meet_recipients(
    uow: UnitOfWork, state: PoolState, work: list[Work], now: datetime
) -> tuple[PoolState, list[Work]]:
    """Where the work goes, if anything depends on it."""
    if not work or not minds_recipients(state.row):
        return state, _once(work)
    recipients = await due_work.list_recipients(uow, [item.enrollment_id for item in work])
    known = []
    for item in _once(work):
        recipient = recipients[item.enrollment_id]
        digest = domain_digest(recipient.domain)
        known.append(replace(item, recipient_domain=digest, provider=recipient.provider))
    caps = await read_recipient_caps(uow, state.row, known, now=now)
    return replace(state, pool=replace(state.pool, caps={**state.pool.caps, **caps})), known


def _once(work: Sequence[Work]) -> list[Work]:
    """What was read in two ways, once."""
    return list({item.enrollment_id: item for item in work}.values())
