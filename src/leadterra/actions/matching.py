"""Whose message a letter is about: by Message-ID, else by the thread, else by address and subject.

Reads only. A Message-ID of ours names its enrollment (`mail.threads`), so that an answer is matched from
whichever address it comes, also where it was forwarded. Servers that write Message-IDs of their own are why
there are other ways.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.mail.addresses import Address, InvalidAddress, parse_address
from leadterra.mail.finding import Finding
from leadterra.mail.freemail import FREEMAIL_DOMAINS
from leadterra.mail.incoming import Incoming
from leadterra.mail.response import read_response_message_ids
from leadterra.mail.threads import enrollment_in, message_id, reply_subject
from leadterra.store import replies, responses
from leadterra.store.database import UnitOfWork
from leadterra.store.replies import SentMessage

_MOST_IDS = 50
"""Message-IDs of one letter that are looked at."""

_CLOCKS_DIFFER = timedelta(minutes=10)
_REACHED = ("sending", "sent", "uncertain", "bounced")


@dataclass(frozen=True, slots=True)
class Match:
    """message: of the lead. is_certain: its own Message-ID was named. by: how it was found, for people."""

    message: SentMessage
    is_certain: bool
    by: str


async def match_letter(
    uow: UnitOfWork, letter: Incoming, finding: Finding, *, account_id: UUID, received_at: datetime
) -> Match | None:
    """The message that a letter is about; None if it is about none of this workspace's."""
    desk = _Desk(uow, letter, finding, account_id, received_at)
    return (
        await desk.by_message_id()
        or await desk.by_thread()
        or await desk.by_address()
        or await desk.by_alias()
    )


@dataclass(frozen=True, slots=True)
class _Desk:
    uow: UnitOfWork
    letter: Incoming
    finding: Finding
    account_id: UUID
    received_at: datetime

    async def by_message_id(self) -> Match | None:
        """What it names in so many words."""
        workspace_id = self.uow.workspace_id
        named = {each: found for each in self._ids() if (found := enrollment_in(each, workspace_id))}
        domain = await replies.find_message_domain(self.uow) if named else None
        if domain is None:
            return None
        sent = await replies.list_sent_messages(self.uow, list(named.values()))
        ours = {
            message_id(workspace_id, each.enrollment_id, each.step_id, domain).partition("@")[0]: each
            for each in sent
        }
        for each in named:
            if message := ours.get(each.lower().partition("@")[0]):
                return Match(message, True, f"Message-ID {each}")
        return None

    async def by_thread(self) -> Match | None:
        """It names a letter that came earlier and was matched, or what a person answered to one."""
        ids = self._ids()
        answered = await replies.list_answered_enrollments(self.uow, ids) if ids else []
        if not answered and (answers := read_response_message_ids(ids)):
            answered = await responses.list_answered_enrollments(self.uow, answers)
        sent = await replies.list_sent_messages(self.uow, answered[:1]) if answered else []
        return self._best(sent, "thread")

    async def by_address(self) -> Match | None:
        """A lead wrote it, or it says that it is about one."""
        keys = [address.key for address in self._addresses()]
        sent = await replies.list_messages_to_address(self.uow, keys) if keys else []
        return self._best(sent, "address")

    async def by_alias(self) -> Match | None:
        """Somebody of a lead's domain answers what was said to that lead: the subject is the same, and it
        went to nobody else there, or the lead is named in what is quoted.
        """
        address = next(iter(self._addresses()), None)
        subject = _bare(self.letter.subject)
        if address is None or not subject or self.finding.recipients or address.domain in FREEMAIL_DOMAINS:
            return None
        sent = await replies.list_messages_to_domain(self.uow, self.account_id, address.domain)
        alike = [each for each in sent if _bare(each.subject or "") == subject]
        leads = {each.lead_id for each in alike}
        if len(leads) > 1:
            text = f"{self.finding.quoted_text}\n{' '.join(self.letter.recipients)}".lower()
            leads = {each.lead_id for each in alike if (each.email_key or "\0") in text}
        return (
            self._best([each for each in alike if each.lead_id in leads], "alias")
            if len(leads) == 1
            else None
        )

    def _ids(self) -> list[str]:
        """What it is about comes first, then what it answers, latest first."""
        letter = self.letter
        ids = (*self.finding.original_ids, *letter.in_reply_to, *reversed(letter.references))
        return list(dict.fromkeys(ids))[:_MOST_IDS]

    def _addresses(self) -> list[Address]:
        """Whom it may be of, or about: of a report only those that it names."""
        failed = [each.address for each in self.finding.recipients]
        return list(_read(failed or (self.letter.sender.address, *self.letter.reply_to)))

    def _best(self, sent: Sequence[SentMessage], by: str) -> Match | None:
        """Of several the one with the same subject, of the same account, sent last before the letter came."""
        before = self.received_at + _CLOCKS_DIFFER
        reached = [each for each in sent if each.state in _REACHED and each.claimed_at <= before]
        if not reached:
            return None
        subject = _bare(self.finding.original_subject or self.letter.subject)
        best = max(
            reached,
            key=lambda each: (
                _bare(each.subject or "") == subject,
                each.sender_account_id == self.account_id,
                each.claimed_at,
            ),
        )
        return Match(best, False, by)


def _read(texts: Iterable[str]) -> Iterable[Address]:
    for text in texts:
        try:
            yield parse_address(text)
        except InvalidAddress:
            continue


def _bare(subject: str) -> str:
    """What a thread is about: without reply marks, in lower case, blanks as one."""
    return " ".join(reply_subject(subject).removeprefix("Re:").casefold().split())
