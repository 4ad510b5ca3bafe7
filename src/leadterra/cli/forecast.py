"""`leadterra forecast`: what will go out on which day, what binds, and what would end it earlier."""

from typing import Annotated

import typer
from rich.console import Group

from leadterra.actions.forecasting import (
    MOST_DAYS,
    MOST_LEADS,
    USUAL_DAYS,
    Outcome,
    ask_about_campaign,
    ask_about_leads,
    look_ahead,
)
from leadterra.cli.campaigns import Wanted, find_campaign
from leadterra.cli.declaring import database_command, group
from leadterra.cli.output import instant, table
from leadterra.cli.session import Access
from leadterra.domain.forecast import Forecast
from leadterra.store.ids import encode

commands = group("Forecasts: what will go out on which day, made by the rules that do the sending.")

Days = Annotated[int, typer.Option(min=1, max=MOST_DAYS, help="How many days, today included.")]


@database_command(commands)
async def campaign(access: Access, campaign: Wanted, *, days: Days = USUAL_DAYS) -> None:
    """Forecast a campaign, day by day and step by step. One that does not run is forecast as if it were
    started now.
    """
    workspace, now = await access.workspace(), access.now()
    async with access.equipment.database.snapshot(workspace.id) as uow:
        wanted = await find_campaign(uow, campaign)
        question = await ask_about_campaign(uow, wanted, days=days, now=now)
    _show(access, look_ahead(question))


@database_command(commands)
async def pool(
    access: Access,
    *,
    leads: Annotated[int, typer.Option(min=1, max=MOST_LEADS, help="How many new leads.")],
    into: Annotated[
        str | None,
        typer.Option("--campaign", metavar="CAMPAIGN", help="Whose steps they get; else a single step."),
    ] = None,
    days: Days = USUAL_DAYS,
) -> None:
    """Forecast when so many new leads would be through, if they were enrolled now. Nothing is enrolled."""
    workspace, now = await access.workspace(), access.now()
    async with access.equipment.database.snapshot(workspace.id) as uow:
        wanted = None if into is None else await find_campaign(uow, into)
        question = await ask_about_leads(uow, leads, wanted, days=days, now=now)
    _show(access, look_ahead(question))


def _show(access: Access, outcome: Outcome) -> None:
    access.output.result(_as_json(outcome), _as_table(outcome))


def _as_table(outcome: Outcome) -> Group:
    forecast = outcome.forecast
    steps = [f"Step {number}" for number in range(1, 1 + max(len(day.by_steps) for day in forecast.days))]
    numbers = ("Capacity", "Sends", *steps, "Overflow")
    shown = table("Day", *numbers, numbers=numbers)
    for day in forecast.days:
        counts = (day.capacity, day.sends, *day.by_steps, day.overflow)
        shown.add_row(f"{day.date:%a} {day.date.isoformat()}", *map(str, counts))
    return Group(shown, "\n".join(_sentences(outcome)))


def _sentences(outcome: Outcome) -> list[str]:
    forecast = outcome.forecast
    found = [_end(forecast)]
    if forecast.first_step_completes_at and len(forecast.days[0].by_steps) > 1:
        found[0] += f" The last first step goes at {instant(forecast.first_step_completes_at)}."
    if forecast.constraint is not None:
        found.append(f"{forecast.constraint.gate}: {forecast.constraint.detail}")
    if outcome.remedy is not None:
        found.append(f"Remedy: {outcome.remedy.detail}.")
    if outcome.excluded:
        found.append(f"{outcome.excluded} leads wait for a person, and are not in it.")
    return found


def _end(forecast: Forecast) -> str:
    if forecast.completes_at is not None:
        return f"Completes at {instant(forecast.completes_at)}."
    if forecast.leads_left:
        return f"{forecast.leads_left} leads are not through by {forecast.horizon.isoformat()}."
    return "Nothing is to be sent."


def _as_json(outcome: Outcome) -> dict[str, object]:
    """As `GET /v1/campaigns/{id}/forecast` shows it."""
    forecast, constraint, remedy = outcome.forecast, outcome.forecast.constraint, outcome.remedy
    return {
        "campaignId": outcome.campaign_id and encode("camp", outcome.campaign_id),
        "days": [
            {
                "date": day.date.isoformat(),
                "capacity": day.capacity,
                "sends": day.sends,
                "overflow": day.overflow,
                "bySteps": list(day.by_steps),
            }
            for day in forecast.days
        ],
        "firstStepCompletesAt": instant(forecast.first_step_completes_at),
        "completesAt": instant(forecast.completes_at),
        "leadsLeft": forecast.leads_left,
        "horizon": forecast.horizon.isoformat(),
        "bindingConstraint": constraint
        and {"gate": constraint.gate, "days": constraint.days, "detail": constraint.detail},
        "remedy": remedy
        and {
            "detail": remedy.detail,
            "change": {"target": remedy.change.target, "fields": remedy.change.fields},
            "completesAt": instant(remedy.completes_at),
        },
        "bySender": [
            {"senderAccountId": encode("sa", account_id), "sends": sends}
            for account_id, sends in forecast.by_sender
        ],
        "excluded": outcome.excluded,
    }
