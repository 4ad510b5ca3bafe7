"""What must be true of the engine when a storm is over: its books, its queues and its explanations."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import timedelta

from chaos.mail_servers import ROOT
from chaos.verdict import Verdict
from chaos.world import Place, World
from leadterra.actions.explaining import CampaignExplanation, explain_campaign, explain_lead
from leadterra.domain.enrollment import OPEN, State

_TOLERANCE = timedelta(seconds=1)
_VERIFY_SECONDS = 120.0
_HELD = {
    "messages in flight": "count(*) from messages where state = 'sending' and",
    "leads in flight": "count(*) from enrollments where state = 'sending' and",
    "claims": "count(*) from claims where",
    "units reserved": "coalesce(sum(reserved), 0) from ledger where",
}
_GAPS = "select count(*), coalesce(max(number), 0) from events where workspace_id = %(workspace_id)s"
_WAKE_AT = "select nullif(wake_at, 'infinity') from sender_pools where workspace_id = %(workspace_id)s"
_LEADS_OPEN = (
    "select lead_id, state from enrollments where workspace_id = %(workspace_id)s"
    " and campaign_id = %(campaign_id)s and state = any(%(states)s)"
)
_UNEXPLAINED = (
    "select state, count(*) from enrollments where workspace_id = %(workspace_id)s"
    " and state in ('bounced', 'suppressed', 'failed', 'removed', 'paused', 'held', 'uncertain')"
    " and coalesce(state_reason, '') = '' group by state"
)


async def check_books(world: World, environment: Mapping[str, str]) -> Verdict:
    """By the command that an operator has. environment: of the workers."""
    verdict = Verdict("`leadterra ledger verify` finds nothing, and the log has no gap")
    for place in world.places.values():
        command = [sys.executable, "-m", "leadterra", "--json", "--workspace", place.name, "ledger", "verify"]
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=ROOT,
            env=dict(environment),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said = await _said(process)
        lines = [line for line in said.splitlines() if '"difference"' in line] or said.splitlines()[-3:]
        verdict.expect(process.returncode == 0, f"{place.name}: {' '.join(lines)[:2000]}")
        [(count, last)] = await world.ask(place, _GAPS)
        verdict.expect(count == last, f"{place.name}: {count} events are numbered up to {last}")
    return verdict


async def check_nothing_stuck(world: World) -> Verdict:
    """Nothing is held by nobody, and who waits is waited for: the pool wakes when explain says that its next
    message goes, or before.
    """
    verdict = Verdict("nothing is stuck: all that waits is due at an instant at which its pool wakes")
    for place in world.places.values():
        for what, question in _HELD.items():
            [(count,)] = await world.ask(place, f"select {question} workspace_id = %(workspace_id)s")
            verdict.expect(count == 0, f"{place.name}: {count} {what}, and no worker is left")
        [(wake_at,)] = await world.ask(place, _WAKE_AT)
        for tag, explained in (await _explain_campaigns(world, place)).items():
            next_at = explained.next_send_at
            verdict.expect(
                next_at is None or (wake_at is not None and wake_at <= next_at + _TOLERANCE),
                f"{tag}: its next message is said to go at {next_at}, and its pool wakes at {wake_at}",
            )
            waits = explained.by_state.get(State.WAITING, 0)
            verdict.expect(
                not waits or explained.status != "running" or next_at is not None or bool(explained.by_gate),
                f"{tag}: {waits} leads wait, for nothing that has a name",
            )
    return verdict


async def check_explained(world: World) -> Verdict:
    """R10: of whatever is open, its gate or its instant; of whatever has ended, the reason."""
    verdict = Verdict("every lead is explained: when it goes on, which gate holds it, or why it has ended")
    for place in world.places.values():
        for state, count in await world.ask(place, _UNEXPLAINED):
            verdict.expect(False, f"{place.name}: {count} leads are {state}, without a reason")
        for tag, campaign_id in place.campaigns.items():
            async with world.database.snapshot(place.id) as uow:
                for lead_id, state in await uow.rows(
                    _LEADS_OPEN, campaign_id=campaign_id, states=[*map(str, OPEN)]
                ):
                    told = await explain_lead(uow, campaign_id, lead_id, now=world.timeline.now())
                    verdict.expect(
                        told.next_send_at is not None or told.blocked_by is not None,
                        f"{tag}: lead {lead_id} is {state}, goes never, and nothing holds it",
                    )
    return verdict


async def _said(process: asyncio.subprocess.Process) -> str:
    """All that it says until it ends, which it is made to in time."""
    try:
        async with asyncio.timeout(_VERIFY_SECONDS):
            return (await process.communicate())[0].decode()
    except TimeoutError:
        return f"did not end within {_VERIFY_SECONDS:.0f} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _explain_campaigns(world: World, place: Place) -> dict[str, CampaignExplanation]:
    found = {}
    for tag, campaign_id in place.campaigns.items():
        async with world.database.snapshot(place.id) as uow:
            found[tag] = await explain_campaign(uow, campaign_id, now=world.timeline.now())
    return found
