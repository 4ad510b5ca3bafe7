"""Eight worker processes, two hundred accounts, three times the demand, and midnight in the middle."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from leadterra.store.database import Database
from tests.support.fleet import Fleet, repeated, wait_until
from tests.support.pools import Mail, TestPool

TUESDAY = datetime(2026, 3, 10, 10, tzinfo=UTC)
BEFORE_MIDNIGHT = timedelta(hours=13, minutes=59, seconds=57.5)
LIMITS = [3 + number % 14 for number in range(200)]


async def test_every_account_reaches_its_limit_on_both_sides_of_midnight(
    own_database: Database, own_urls: tuple[str, str], own_workspace: UUID, tmp_path: Path
) -> None:
    """Per account and UTC day, the mail server counts exactly the limit while there is demand, and never
    more.
    """
    capacity = sum(LIMITS)
    with Fleet(tmp_path, own_urls[1], claim_batch=100) as fleet:
        fleet.set_now(TUESDAY)
        pool = TestPool(own_database, own_workspace, Mail(port=fleet.mail_server()))
        names = [f"account{number:03}" for number in range(len(LIMITS))]
        for name, limit in zip(names, LIMITS, strict=True):
            await pool.account(name, limit, now=TUESDAY)
        campaign = await pool.campaign(now=TUESDAY)
        await pool.leads(campaign, 3 * capacity, now=TUESDAY)
        for _ in range(8):
            fleet.start_worker()
        wait_for = _waiter(fleet)
        wait_for(capacity)
        fleet.set_now(TUESDAY + BEFORE_MIDNIGHT)
        wait_for(2 * capacity)
        fleet.set_now(TUESDAY + timedelta(days=1) + BEFORE_MIDNIGHT - timedelta(seconds=1))
        wait_for(2 * capacity + 1)
        wait_for(3 * capacity)
        fleet.drain()
        arrivals = fleet.arrivals()

    by_day = Counter((arrival.at.date(), arrival.sender) for arrival in arrivals)
    tuesday, wednesday = TUESDAY.date(), TUESDAY.date() + timedelta(days=1)
    limits = {f"{name}@acme.test": limit for name, limit in zip(names, LIMITS, strict=True)}
    assert not repeated(arrivals), "a lead was written to twice"
    assert len(arrivals) == 3 * capacity
    assert {sender: by_day[tuesday, sender] for sender in limits} == limits
    assert {sender: by_day[wednesday, sender] for sender in limits} == limits
    assert all(count <= limits[sender] for (_, sender), count in by_day.items())
    ledger = {
        (day, f"{name}@acme.test"): sent
        for day, name, sent in await pool.ask(
            "select l.day, lower(a.name), l.sent from ledger l"
            " join sender_accounts a on a.id = l.sender_account_id"
            " where l.workspace_id = :w and l.sent > 0"
        )
    }
    assert ledger == dict(by_day), "the ledger says what the mail server counted"


def _waiter(fleet: Fleet) -> Callable[[int], None]:
    def wait_for(count: int) -> None:
        wait_until(
            lambda: fleet.count() >= count, seconds=120, what=f"{count} letters; {fleet.log()[-2000:]}"
        )

    return wait_for
