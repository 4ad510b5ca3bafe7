"""What came of a simulation: the same numbers for people, for programs and for the picture.

Letters are counted at the mail servers; capacity, queue and states are what the engine says. `check` holds
the two against each other: what arrived, account by account and day by day, must be what the ledger has as
sent or uncertain.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from pydantic.alias_generators import to_camel

from leadterra.actions.ledgers import read_ledger
from leadterra.actions.stats import read_stats
from leadterra.actions.verifying import find_differences
from leadterra.cli.output import instant
from leadterra.cli.simulation.days import DayRow
from leadterra.cli.simulation.run import Simulation
from leadterra.cli.simulation.servers import Conversation, count_arrivals, count_duplicates
from leadterra.domain.day import day_of
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import CampaignLead, list_campaign_leads

_PAGE = 5000


@dataclass(frozen=True, slots=True)
class Letters:
    """Attempts by what became of them. sent: arrived, be it that the engine cannot know it. first_steps,
    follow_ups: parts of it. uncertain: closed without an answer. refused: for other reasons than the
    recipient. withheld: not cleared.
    """

    sent: int = 0
    first_steps: int = 0
    follow_ups: int = 0
    bounced: int = 0
    deferred: int = 0
    uncertain: int = 0
    refused: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class ReportDay:
    """A UTC day. capacity, queue, scheduled: at its end. by_account: letters that arrived."""

    day: date
    letters: Letters
    replied: int
    capacity: int
    queue: int
    scheduled: int
    by_account: dict[str, int]

    @property
    def used(self) -> float:
        """The part of the capacity that was sent; 0 where there was none."""
        return round(self.letters.sent / self.capacity, 4) if self.capacity else 0.0


@dataclass(frozen=True, slots=True)
class ReportAccount:
    """An account. daily_limit: at the end. most: letters of its fullest day."""

    email: str
    daily_limit: int
    letters: Letters
    most: int


@dataclass(frozen=True, slots=True)
class ReportCampaign:
    """A campaign. leads: how many are in which state. completed_at: when the last of them was through; None
    if some are not.
    """

    name: str
    status: str
    letters: Letters
    replied: int
    queued: int
    scheduled: int
    leads: dict[str, int]
    last_sent_at: datetime | None
    completed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Checks:
    """What must be zero. differences: of the books. duplicates: letters that came twice. over_limit: letters
    beyond an account's limit of that moment. unaccounted: letters by which ledger and mail servers differ.
    """

    differences: int
    duplicates: int
    over_limit: int
    unaccounted: int

    @property
    def are_good(self) -> bool:
        """Whether all is as it must be."""
        return not any(asdict(self).values())


@dataclass(frozen=True, slots=True)
class Report:
    """All of it. messages: by their state."""

    name: str
    seed: int
    start: datetime
    end: datetime
    days: list[ReportDay]
    accounts: list[ReportAccount]
    campaigns: list[ReportCampaign]
    messages: dict[str, int]
    letters: Letters
    replied: int
    crashes: list[datetime]
    checks: Checks

    def as_json(self) -> dict[str, object]:
        """For programs. The same plan and seed give the same octets."""
        return {
            "name": self.name,
            "seed": self.seed,
            "start": instant(self.start),
            "end": instant(self.end),
            "total": {**_camel(self.letters), "replied": self.replied},
            "messages": self.messages,
            "days": [_day_as_json(each) for each in self.days],
            "accounts": [_account_as_json(each) for each in self.accounts],
            "campaigns": [_campaign_as_json(each) for each in self.campaigns],
            "crashes": [instant(each) for each in self.crashes],
            "checks": _camel(self.checks),
        }


async def make_report(simulation: Simulation) -> Report:
    """What came of it so far."""
    plan = simulation.plan
    seen = _by_campaign(simulation)
    campaigns = [await _campaign(simulation, name, seen[name]) for name in simulation.stage.campaigns]
    return Report(
        name=plan.simulation.name,
        seed=simulation.seed,
        start=plan.simulation.start,
        end=simulation.now,
        days=list(_days(simulation)),
        accounts=list(_accounts(simulation)),
        campaigns=[campaign for campaign, _ in campaigns],
        messages=_summed(messages for _, messages in campaigns),
        letters=_letters(simulation.servers.conversations),
        replied=len(simulation.replies),
        crashes=simulation.crashes,
        checks=await check(simulation),
    )


async def check(simulation: Simulation) -> Checks:
    """Compare the engine's books with each other, and with what the mail servers saw."""
    conversations = simulation.servers.conversations
    arrived = count_arrivals(conversations)
    booked: Counter[tuple[date, str]] = Counter()
    async with simulation.stage.reading() as uow:
        differences = [each async for each in find_differences(uow, now=simulation.now)]
        for day in {row.day for row in simulation.days} | {day for day, _ in arrived}:
            ledger = await read_ledger(uow, day, now=simulation.now)
            booked.update(
                {(day, each.email): each.line.sent + each.line.uncertain for each in ledger.accounts}
            )
    return Checks(
        differences=len(differences),
        duplicates=count_duplicates(conversations),
        over_limit=simulation.over_limit,
        unaccounted=sum(abs(arrived[key] - booked[key]) for key in {*arrived, *booked}),
    )


def _days(simulation: Simulation) -> Iterable[ReportDay]:
    by_day: defaultdict[date, list[Conversation]] = defaultdict(list)
    for each in simulation.servers.conversations:
        by_day[each.day].append(each)
    replies = Counter(day_of(at) for at, _ in simulation.replies)
    for row in simulation.days:
        yield _day(row, by_day[row.day], replies[row.day], list(simulation.stage.accounts))


def _day(row: DayRow, seen: list[Conversation], replied: int, accounts: list[str]) -> ReportDay:
    sent = Counter(each.sender for each in seen if each.has_arrived)
    return ReportDay(
        day=row.day,
        letters=_letters(seen),
        replied=replied,
        capacity=row.capacity,
        queue=row.queue,
        scheduled=row.scheduled,
        by_account={account: sent[account] for account in accounts},
    )


def _accounts(simulation: Simulation) -> Iterable[ReportAccount]:
    by_account: defaultdict[str, list[Conversation]] = defaultdict(list)
    for each in simulation.servers.conversations:
        by_account[each.sender].append(each)
    for email in simulation.stage.accounts:
        seen = by_account[email]
        fullest = Counter(each.day for each in seen if each.has_arrived).most_common(1)
        most = fullest[0][1] if fullest else 0
        yield ReportAccount(email, simulation.stage.limits[email], _letters(seen), most)


def _by_campaign(simulation: Simulation) -> defaultdict[str, list[Conversation]]:
    found: defaultdict[str, list[Conversation]] = defaultdict(list)
    for each in simulation.servers.conversations:
        found[simulation.stage.campaign_of(each.recipient)].append(each)
    return found


async def _campaign(
    simulation: Simulation, name: str, seen: Sequence[Conversation]
) -> tuple[ReportCampaign, dict[str, int]]:
    """A campaign, and its messages by state."""
    stage = simulation.stage
    campaign_id = stage.campaigns[name]
    async with stage.reading() as uow:
        stats = await read_stats(uow, campaign_id, now=simulation.now - timedelta(microseconds=1))
        leads = Counter([lead.state async for lead in _leads(uow, campaign_id)])
    answered = [at for at, recipient in simulation.replies if stage.campaign_of(recipient) == name]
    sent = [each.at for each in seen if each.has_arrived]
    states = ("sent", "queued", "scheduled", "deferred", "uncertain", "failed")
    messages = {state: int(getattr(stats, state)) for state in states} | {"bounced": stats.bounced}
    campaign = ReportCampaign(
        name=name,
        status=str(stats.status),
        letters=_letters(seen),
        replied=len(answered),
        queued=stats.queued,
        scheduled=stats.scheduled,
        leads=dict(sorted(leads.items())),
        last_sent_at=max(sent, default=None),
        completed_at=max([each.at for each in seen] + answered) if stats.status == "completed" else None,
    )
    return campaign, messages


async def _leads(uow: UnitOfWork, campaign_id: UUID) -> AsyncIterator[CampaignLead]:
    before = None
    while page := await list_campaign_leads(uow, campaign_id, limit=_PAGE, before=before):
        before = page[-1].lead_id
        for lead in page:
            yield lead


def _letters(seen: Iterable[Conversation]) -> Letters:
    known = list(seen)
    outcomes = Counter(each.outcome for each in known)
    sent = [each for each in known if each.has_arrived]
    firsts = sum(each.is_first for each in sent)
    return Letters(
        sent=len(sent),
        first_steps=firsts,
        follow_ups=len(sent) - firsts,
        bounced=outcomes["bounced"],
        deferred=outcomes["deferred"],
        uncertain=outcomes["uncertain"],
        refused=outcomes["refused"],
        withheld=outcomes["withheld"],
    )


def _summed(counts: Iterable[dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for each in counts:
        total.update(each)
    return dict(total)


def _camel(value: Letters | Checks) -> dict[str, int]:
    return {to_camel(name): number for name, number in asdict(value).items()}


def _day_as_json(day: ReportDay) -> dict[str, object]:
    return {
        "date": day.day.isoformat(),
        **_camel(day.letters),
        "replied": day.replied,
        "capacity": day.capacity,
        "used": day.used,
        "queue": day.queue,
        "scheduled": day.scheduled,
        "accounts": day.by_account,
    }


def _account_as_json(account: ReportAccount) -> dict[str, object]:
    return {
        "email": account.email,
        "dailyLimit": account.daily_limit,
        **_camel(account.letters),
        "mostInADay": account.most,
    }


def _campaign_as_json(campaign: ReportCampaign) -> dict[str, object]:
    return {
        "name": campaign.name,
        "status": campaign.status,
        **_camel(campaign.letters),
        "replied": campaign.replied,
        "queued": campaign.queued,
        "scheduled": campaign.scheduled,
        "leads": campaign.leads,
        "lastSentAt": instant(campaign.last_sent_at),
        "completedAt": instant(campaign.completed_at),
    }
