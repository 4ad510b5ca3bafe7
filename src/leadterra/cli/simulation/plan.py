"""A plan: the tables of its file, with the field names of the API.

What one table can see by itself is refused here; `reading` sees to the rest.
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from leadterra.domain.campaign import OnMissingVariable
from leadterra.domain.schedule import is_known_zone
from leadterra.domain.tag import MOST_TAGS, InvalidTag, read_tag
from leadterra.mail.addresses import InvalidAddress, parse_address, parse_domain


def _instant(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("must have an offset, such as 2026-01-05T09:00:00Z")
    return value.astimezone(UTC)


def _line(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must be printable and not blank")
    return text


def is_address(text: str) -> bool:
    """Whether an account can have that address."""
    try:
        parse_address(text)
    except InvalidAddress:
        return False
    return True


def _shown(address: str) -> str:
    """As the account will show it; one that cannot be stays as it is."""
    return parse_address(address).display if is_address(address) else address


Instant = Annotated[datetime, AfterValidator(_instant)]
Line = Annotated[str, Field(max_length=200), AfterValidator(_line)]
Rate = Annotated[float, Field(ge=0, le=1)]
Gap = Annotated[float, Field(ge=0, le=86_400)]
Cap = Annotated[int, Field(ge=1, le=1_000_000_000)]
Weight = Annotated[float, Field(gt=0, le=1000)]


def _tag(text: str) -> str:
    try:
        return read_tag(text)
    except InvalidTag as error:
        raise ValueError(str(error)) from None


def _domain(text: str) -> str:
    try:
        return parse_domain(text)
    except InvalidAddress as error:
        raise ValueError(error.reason) from None


def _zone(name: str) -> str:
    if not is_known_zone(name):
        raise ValueError("must be the name of a time zone in the IANA database, such as Europe/Berlin")
    return name


Domain = Annotated[str, AfterValidator(_domain)]
Zone = Annotated[str, AfterValidator(_zone)]
Tags = Annotated[list[Annotated[str, AfterValidator(_tag)]], Field(max_length=MOST_TAGS)]


class Table(BaseModel):
    """A table of the file: camelCase, nothing unknown, nothing coerced."""

    model_config = ConfigDict(alias_generator=to_camel, extra="forbid", strict=True, frozen=True)

    def given(self, *names: str) -> dict[str, Any]:
        """Those of these fields that the file has, by their Python names."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}


class Span(Table):
    """From an instant until before another."""

    begins: Instant = Field(alias="from")
    ends: Instant = Field(alias="to")

    def covers(self, at: datetime) -> bool:
        """Whether that instant is in it."""
        return self.begins <= at < self.ends


class SimulationTable(Table):
    """What is played. start: the first instant. days: how long. seed: of everything that is drawn.
    resolution: seconds to which wake-ups are rounded up, 0 for none. worker_crashes: how often the worker
    dies. outages: of all servers.
    """

    name: Line = "Simulation"
    start: Instant
    days: int = Field(ge=1, le=400)
    seed: int = Field(default=1, ge=0, lt=1 << 63)
    resolution: float = Field(default=0, ge=0, le=3600)
    worker_crashes: int = Field(default=0, ge=0, le=1000)
    outages: list[Span] = []

    @property
    def end(self) -> datetime:
        """Nothing happens from then on."""
        return self.start + timedelta(days=self.days)


class PacingTable(Table):
    """How accounts space their messages."""

    mode: Literal["spread", "asap"] | None = None
    min_gap_seconds: Gap | None = None
    jitter: Rate | None = None


class WorkspaceTable(Table):
    """The workspace's settings."""

    name: Line = "simulation"
    mode: Literal["live", "test"] = "live"
    pacing: PacingTable = PacingTable()
    daily_quota: int | None = Field(default=None, ge=0, le=1_000_000_000)
    sending_domain_daily_limit: Cap | None = None
    recipient_domain_daily_limit: Cap | None = None
    recipient_domain_hourly_limit: Cap | None = None
    first_step_share: Rate = 0.3
    provider_matching: bool = False
    postal_address: str = ""


class ServerTable(Table):
    """A mail server. bounce: share of the recipients that it does not know. greylist: share of those whom it
    defers the first time. defer, uncertain: shares of the attempts that it defers, or does not answer.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$")]
    bounce: Rate = 0
    defer: Rate = 0
    greylist: Rate = 0
    uncertain: Rate = 0
    outages: list[Span] = []


class AccountTable(Table):
    """Sender accounts that are alike. count: how many; each is called prefix and number. email: of a single
    one. server: the first where none is named.
    """

    count: int = Field(default=1, ge=1, le=1000)
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,40}$")] = "sender"
    domain: Domain = "senders.example"
    email: Annotated[str, Field(max_length=400)] | None = None
    name: Line | None = None
    server: str | None = None
    daily_limit: int = Field(default=50, ge=1, le=100_000)
    status: Literal["active", "warming", "paused"] = "active"
    pacing: PacingTable = PacingTable()
    rolling_limit: int | None = Field(default=None, ge=1, le=100_000)
    weight: Weight = 1
    tags: Tags = []
    provider: Literal["google", "microsoft", "other"] | None = None

    def addresses(self) -> list[str]:
        """Of all of them, in order."""
        if self.email is not None:
            return [_shown(self.email)]
        width = len(str(self.count))
        return [_shown(f"{self.prefix}-{number + 1:0{width}}@{self.domain}") for number in range(self.count)]


class VariantTable(Table):
    """Other words for a step."""

    subject: Annotated[str, Field(max_length=1000)] | None = None
    body_html: Annotated[str, Field(min_length=1)]
    body_text: str | None = None
    weight: float = Field(default=1, ge=0, le=1000)


class StepTable(Table):
    """An e-mail of a campaign; its words may be left out."""

    subject: Annotated[str, Field(max_length=1000)] | None = None
    body_html: Annotated[str, Field(min_length=1)] = "<p>Hello {{ firstName }}.</p>"
    body_text: str | None = None
    delay_days: float | None = Field(default=None, ge=0, le=365)
    delay_unit: Literal["calendar", "business"] = "calendar"
    thread_reply: bool = True
    weight: float = Field(default=1, ge=0, le=1000)
    variants: list[VariantTable] = Field(default=[], max_length=10)


class SenderLossTable(Table):
    """What becomes of leads whose account is lost."""

    action: Literal["handover", "wait", "newThread", "stop"] = "handover"
    wait_days: float = Field(default=7, ge=0, le=365)


class CampaignTable(Table):
    """A campaign and its leads. leads: how many at the start. lead_domains, lead_time_zones: taken in turns.
    start_at: the beginning where it is not said. replies: share of the leads that answer after their first
    letter arrived, reply_after_hours later on average.
    """

    name: Line
    leads: int = Field(default=0, ge=0, le=1_000_000)
    lead_domains: list[Domain] = Field(default=["leads.example"], min_length=1)
    lead_time_zones: list[Zone] = []
    start_at: Instant | None = None
    replies: Rate = 0
    reply_after_hours: float = Field(default=24, ge=0, le=10_000)
    sequence_steps: list[StepTable] = Field(
        default=[StepTable(subject="Hello {{ firstName }}")], max_length=20
    )
    on_missing_variable: OnMissingVariable = Field(default=OnMissingVariable.EMPTY, strict=False)
    schedule: dict[str, Any] | None = None
    weight: Weight = 1
    daily_limit: Cap | None = None
    new_leads_daily_limit: Cap | None = None
    sender_tags: Tags = []
    sender_loss_policy: SenderLossTable = SenderLossTable()
    variant_choice: Literal["weighted", "bandit"] = "weighted"


Action = Literal[
    "pauseAccount",
    "activateAccount",
    "removeAccount",
    "setLimit",
    "pauseCampaign",
    "startCampaign",
    "addLeads",
]
"""What somebody may do while it plays."""


class EventTable(Table):
    """What somebody does at an instant. account: an address, or a prefix for all that are called so."""

    at: Instant
    action: Action
    account: str | None = None
    campaign: str | None = None
    daily_limit: int | None = Field(default=None, ge=1, le=100_000)
    leads: int | None = Field(default=None, ge=1, le=1_000_000)


class Plan(Table):
    """All of it."""

    simulation: SimulationTable
    workspace: WorkspaceTable = WorkspaceTable()
    servers: list[ServerTable] = [ServerTable(name="mail")]
    accounts: list[AccountTable] = Field(min_length=1)
    campaigns: list[CampaignTable] = Field(min_length=1)
    events: list[EventTable] = []

    def addresses_of(self, account: str) -> list[str]:
        """The accounts that an event means: the one of that address, or all with that prefix."""
        found = [each for table in self.accounts for each in table.addresses() if each == _shown(account)]
        alike = [table for table in self.accounts if table.email is None and table.prefix == account]
        return found or [each for table in alike for each in table.addresses()]
