"""Reading a plan. What the API would refuse is refused in the same words where one rule decides: schedules,
tags, addresses and templates are read by their own modules.

Raises `PlanError`, one line that names the table and the field of all that is wrong.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from leadterra.cli.errors import CommandError
from leadterra.cli.simulation.plan import EventTable, Plan, is_address
from leadterra.domain.errors import Fault, Unacceptable
from leadterra.domain.schedule import read_schedule

_MOST_FAULTS = 10


class PlanError(CommandError):
    """The plan cannot be played. Its text says where it is wrong."""


_NEEDS: dict[str, tuple[str, ...]] = {
    "pauseAccount": ("account",),
    "activateAccount": ("account",),
    "removeAccount": ("account",),
    "setLimit": ("account", "daily_limit"),
    "pauseCampaign": ("campaign",),
    "startCampaign": ("campaign",),
    "addLeads": ("campaign", "leads"),
}


def read_plan(file: Path) -> Plan:
    """The plan in a file. Raises `PlanError`, and `OSError` if it cannot be read."""
    try:
        value = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise PlanError(f"{file}: this is not TOML: {error}") from None
    try:
        return parse_plan(value)
    except PlanError as error:
        raise PlanError(f"{file}: {error}") from None


def parse_plan(value: Mapping[str, object]) -> Plan:
    """A plan of tables. Raises `PlanError`."""
    try:
        plan = Plan.model_validate(value)
    except ValidationError as error:
        raise refusal(
            Fault(_pointer(each["loc"]), each["type"], _said(each["type"], each["msg"]))
            for each in error.errors(include_url=False, include_input=False)
        ) from None
    faults = list(_faults(plan))
    if faults:
        raise refusal(faults)
    return plan


def refusal(faults: Iterable[Fault]) -> PlanError:
    """The error that names these; pointers are into the plan."""
    said = [f"{_place(fault.pointer)}: {fault.message.rstrip('.')}" for fault in faults]
    more = f"; and {len(said) - _MOST_FAULTS} more" if len(said) > _MOST_FAULTS else ""
    return PlanError("; ".join(said[:_MOST_FAULTS]) + more)


def _pointer(place: tuple[int | str, ...]) -> str:
    return "".join(f"/{part}" for part in place)


def _place(pointer: str) -> str:
    """`/accounts/1/dailyLimit` is `accounts #2, dailyLimit` to people, who count tables from one."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in pointer.split("/")[1:]]
    if len(parts) > 1 and parts[1].isdecimal():
        parts[:2] = [f"{parts[0]} #{int(parts[1]) + 1}"]
    return ", ".join(parts[:1]) + (", " + ".".join(parts[1:]) if parts[1:] else "")


def _said(kind: str, message: str) -> str:
    """Pydantic's words, as the API says them."""
    known = {"missing": "is required", "extra_forbidden": "there is no such field here"}
    said = known.get(kind) or message.removeprefix("Value error, ").replace("Input should be", "must be")
    return re.sub(r"^String should", "must", said).replace("should have", "must have")


def _faults(plan: Plan) -> Iterator[Fault]:
    """What no table can see by itself."""
    yield from _repeated("servers", [server.name for server in plan.servers], "name")
    yield from _repeated("campaigns", [campaign.name for campaign in plan.campaigns], "name")
    yield from _account_faults(plan)
    for number, campaign in enumerate(plan.campaigns):
        yield from _schedule_faults(f"/campaigns/{number}/schedule", campaign.schedule)
    for number, event in enumerate(plan.events):
        yield from _event_faults(plan, f"/events/{number}", event)


def _repeated(table: str, names: list[str], field: str) -> Iterator[Fault]:
    for number, name in enumerate(names):
        if name in names[:number]:
            yield Fault(f"/{table}/{number}/{field}", "repeated", f"{name!r} is there already")


def _account_faults(plan: Plan) -> Iterator[Fault]:
    servers = [server.name for server in plan.servers]
    seen: set[str] = set()
    for number, account in enumerate(plan.accounts):
        addresses = account.addresses()
        if seen & {each.lower() for each in addresses}:
            field = "prefix" if account.email is None else "email"
            yield Fault(
                f"/accounts/{number}/{field}", "repeated", "another account has such an address already"
            )
        seen |= {each.lower() for each in addresses}
        if account.server is not None and account.server not in servers:
            message = f"there is no server {account.server!r}; there is {', '.join(servers)}"
            yield Fault(f"/accounts/{number}/server", "unknown", message)
        if account.email is not None and not is_address(account.email):
            yield Fault(f"/accounts/{number}/email", "invalid_email", "must be an e-mail address")
        if account.email is not None and account.count > 1:
            yield Fault(
                f"/accounts/{number}/email", "invalid", "several accounts need a prefix, not an email"
            )


def _schedule_faults(pointer: str, schedule: Mapping[str, object] | None) -> Iterator[Fault]:
    try:
        read_schedule(schedule or {})
    except Unacceptable as error:
        for fault in error.faults:
            yield replace(fault, pointer=pointer + fault.pointer)


def _event_faults(plan: Plan, pointer: str, event: EventTable) -> Iterator[Fault]:
    for field in _NEEDS[event.action]:
        if getattr(event, field) is None:
            yield Fault(f"{pointer}/{to_camel(field)}", "required", f"{event.action} needs it")
    for field in {"account", "campaign", "daily_limit", "leads"} - {*_NEEDS[event.action]}:
        if getattr(event, field) is not None:
            yield Fault(f"{pointer}/{to_camel(field)}", "unknown", f"{event.action} takes no such field")
    if event.account is not None and not plan.addresses_of(event.account):
        yield Fault(f"{pointer}/account", "unknown", f"there is no account {event.account!r}")
    if event.campaign is not None and event.campaign not in {each.name for each in plan.campaigns}:
        yield Fault(f"{pointer}/campaign", "unknown", f"there is no campaign {event.campaign!r}")
    if not plan.simulation.start <= event.at < plan.simulation.end:
        yield Fault(f"{pointer}/at", "out_of_range", "must be within the simulation")
