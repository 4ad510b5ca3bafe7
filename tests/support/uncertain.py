"""An account with a Sent folder, a message of which nobody knows whether it arrived, and those around it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.domain.outcomes import Answer, Command, Ending, Uncertain
from leadterra.mail.threads import message_id
from leadterra.transport.scripted_mailboxes import ScriptedMailbox
from tests.support.clock import NOW
from tests.support.pools import TAKEN, TestPool

DOMAIN = "acme.test"
BEFORE, AFTER = NOW - timedelta(hours=1), NOW + timedelta(minutes=1)
UNKNOWN = Uncertain(Answer(Command.BODY, None, None, "closed"))


@dataclass
class SentItems:
    """One account's letters, and the folder where copies of them may be."""

    pool: TestPool
    account_id: UUID
    mailbox: ScriptedMailbox

    async def send(self, ending: Ending = TAKEN, at: datetime = NOW) -> UUID:
        """A campaign of one lead and two steps, whose first message ended so; the enrollment."""
        await self.pool.execute(
            "update sender_pools set message_domain = :domain where workspace_id = :w", domain=DOMAIN
        )
        campaign = await self.pool.campaign(steps=2, now=at)
        [enrollment] = await self.pool.leads(campaign, 1, prefix=f"lead{campaign.hex}", now=at)
        claim = await self.pool.must_claim(at)
        await self.pool.clear(claim, at)
        await self.pool.settle(claim, ending, at, data_at=at)
        return enrollment

    async def again(self, at: datetime, ending: Ending = UNKNOWN) -> None:
        """What is due is sent, and ends so."""
        claim = await self.pool.must_claim(at)
        await self.pool.clear(claim, at)
        await self.pool.settle(claim, ending, at, data_at=at)

    async def keep_copy(self, enrollment: UUID) -> int:
        """Its copy is in the folder; the UID."""
        rows = await self.pool.ask(
            "select step_id from messages where workspace_id = :w and enrollment_id = :id", id=enrollment
        )
        identifier = message_id(self.pool.workspace_id, enrollment, rows[0][0], DOMAIN)
        return self.mailbox.append(f"Message-ID: {identifier}\r\n\r\nHello\r\n".encode(), "Sent")

    async def surrounded(self) -> UUID:
        """An uncertain message, with copies of one before and one after it in the folder."""
        before = await self.send(at=BEFORE)
        uncertain = await self.send(UNKNOWN)
        after = await self.send(at=AFTER)
        for each in (before, after):
            await self.keep_copy(each)
        return uncertain

    async def policy(self, name: str) -> None:
        """What becomes of a message that is not there."""
        await self.pool.execute(
            "update workspaces set uncertain_policy = :name where workspace_id = :w", name=name
        )

    async def keeps_copies(self) -> bool | None:
        """What is known of the mailbox."""
        rows = await self.pool.ask("select keeps_copies from mailboxes where workspace_id = :w")
        known: bool | None = rows[0][0]
        return known
