"""Finding whose letter one is costs the same in a workspace of any size: counted on the plans that PostgreSQL
makes, in rows and not in time.
"""

from typing import Any
from uuid import UUID

import psycopg
import pytest

from leadterra.store.database import Database
from leadterra.store.statements import load
from tests.support.clock import NOW
from tests.support.plans import MODES, rows_read
from tests.support.pools import TestPool

DOMAINS, OF_EACH, ACCOUNTS = 100, 30, 10
FEW = 2 * OF_EACH
"""Rows of one lead, one domain, one account: whatever a look may touch."""


@pytest.fixture
async def pool(own_database: Database, own_workspace: UUID, own_urls: tuple[str, str]) -> TestPool:
    """Thousands of leads, each with a message and a letter that came back."""
    pool = TestPool(own_database, own_workspace)
    accounts = [await pool.account(f"a{number}", 1000) for number in range(ACCOUNTS)]
    campaign = await pool.campaign()
    for number in range(DOMAINS):
        await pool.leads(campaign, OF_EACH, prefix=f"d{number}-", domain=f"d{number}.test")
    await pool.execute(
        "insert into messages (workspace_id, enrollment_id, step_id, id, campaign_id, lead_id, step_position,"
        " sender_account_id, state, fence, day, created_at, claimed_at, settled_at, data_at, subject)"
        " select :w, e.id, :step, e.id, e.campaign_id, e.lead_id, 0, :account, 'sent', 0, :day, :now, :now,"
        " :now, :now, 'Hello' from enrollments e where e.workspace_id = :w",
        account=accounts[0],
        step=campaign,
        day=NOW.date(),
        now=NOW,
    )
    await pool.execute(
        "insert into replies (workspace_id, id, digest, sender_account_id, enrollment_id, campaign_id,"
        " lead_id, kind, classification, email, message_id, matched_by, received_at, created_at)"
        " select :w, e.id, uuid_send(e.id), :account, e.id, e.campaign_id, e.lead_id, 'reply', 'other', 'x',"
        " '<' || e.id || '@x.test>', 'test', :now, :now from enrollments e where e.workspace_id = :w",
        account=accounts[0],
        now=NOW,
    )
    async with await psycopg.AsyncConnection.connect(own_urls[0], autocommit=True) as admin:
        await admin.execute("analyze")
    return pool


async def some(pool: TestPool) -> dict[str, Any]:
    """One lead's ids, as parameters of any statement."""
    found = await pool.records(
        "select e.id as enrollment_id, e.lead_id, e.campaign_id, m.sender_account_id, m.step_id, l.email_key"
        " from enrollments e join messages m on m.enrollment_id = e.id join leads l on l.id = e.lead_id"
        " where e.workspace_id = :w limit 1"
    )
    row = found[0]
    return row | {
        "enrollment_ids": [row["enrollment_id"]],
        "email_keys": [row["email_key"]],
        "domain": row["email_key"].partition("@")[2],
        "message_ids": [f"<{row['enrollment_id']}@x.test>"],
        "digests": [row["enrollment_id"].bytes],
        "account_ids": [row["sender_account_id"]],
        "leads": 500,
        "limit": 200,
        "now": NOW,
        "until": NOW,
        "since": NOW,
        "reason": "x",
        "state": "replied",
        "bounce_type": "soft",
    }


@MODES
@pytest.mark.parametrize(
    "statement",
    [
        "find_known_digests",
        "list_sent_messages",
        "list_messages_to_address",
        "list_messages_to_domain",
        "list_answered_enrollments",
        "lock_enrollment",
        "end_enrollment",
        "mark_unsubscribed",
        "put_off_lead",
        "pause_lead",
        "bounce_message",
        "count_soft_bounce_days",
        "count_replies_of_enrollment",
        "list_replies_of_enrollment",
        "forget_replies_of_lead",
    ],
)
async def test_a_letter_costs_its_own_lead(pool: TestPool, mode: str, statement: str) -> None:
    """Of three thousand, whichever way it is matched and whatever follows."""
    read = await rows_read(pool, load("replies")[statement], mode, **await some(pool))
    assert read <= FEW


@MODES
async def test_an_account_without_uncertain_messages_costs_nothing(pool: TestPool, mode: str) -> None:
    """However many it has sent."""
    read = await rows_read(pool, load("uncertain_messages")["list_due"], mode, **await some(pool))
    assert read <= 1


@MODES
async def test_a_page_of_letters_costs_a_page(pool: TestPool, mode: str) -> None:
    """The first, of a campaign or of all."""
    asked = await some(pool) | {"classification": None, "before_at": None, "before_id": None, "limit": 50}
    assert await rows_read(pool, load("replies")["list_replies"], mode, **asked) <= 60
    asked["campaign_id"] = None
    assert await rows_read(pool, load("replies")["list_replies"], mode, **asked) <= 60
