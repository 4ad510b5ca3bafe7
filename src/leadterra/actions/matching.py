"""Whose message a letter is about: by Message-ID, else by the thread, else by address and subject.

Reads only. A Message-ID of ours names its enrollment (`mail.threads`), so that an answer is matched from
whichever address it comes, also where it was forwarded. Servers that write Message-IDs of their own are why
there are other ways.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from leadterra.mail.addresses import Address, InvalidAddress, parse_address
from leadterra.mail.finding import Finding, Kind
from leadterra.mail.freemail import FREEMAIL_DOMAINS
from leadterra.mail.incoming import Incoming
from leadterra.mail.response import read_response_message_ids
from leadterra.mail.threads import enrollment_in, message_id, reply_subject
from leadterra.store import replies, responses
from leadterra.store.database import UnitOfWork
from leadterra.store.replies import SentMessage

_MOST_IDS = 50
"""Message-IDs of one letter that are looked at."""

_FAILED = re.compile(r"\bdmarc\s*=\s*fail\b", re.IGNORECASE)
_CLOCKS_DIFFER = timedelta(minutes=10)
_RETURNED_WITHIN = timedelta(days=7)
"""Servers give up after four or five days (RFC 5321 §4.5.4.1)."""
_COMPLAINED_WITHIN = timedelta(days=30)
_REACHED = ("sending", "sent", "uncertain", "bounced")


@dataclass(frozen=True, slots=True)
class Match:
    """message: of the lead. is_certain: its own Message-ID was named. by: how it was found, for people."""

    message: SentMessage
    is_certain: bool
    by: str


async def match_letter(
    uow: UnitOfWork,
    letter: Incoming,
    finding: Finding,
    *,
    account_id: UUID,
    received_at: datetime,
    is_junk: bool = False,
) -> Match | None:
    """The message that a letter is about; None if it is about none of this workspace's."""
    desk = _Desk(uow, letter, finding, account_id, received_at, is_junk)
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
    is_junk: bool

    async def by_message_id(self) -> Match | None:
        """What it names in so many words."""
        workspace_id = self.uow.workspace_id
        ids = self._ids()
        named = {each: found for each in ids if (found := enrollment_in(each, workspace_id))}
        domain = await replies.find_message_domain(self.uow) if named else None
        if domain is None:
            return None
        sent = await replies.list_sent_messages(self.uow, list(named.values()))
        ours = {
            message_id(workspace_id, each.enrollment_id, each.step_id, domain).partition("@")[0]: each
            for each in sent
        }
        for each in named:
            message = ours.get(each.lower().partition("@")[0])
            if message and (each == ids[0] or self._concerns(message)):
                return Match(message, True, f"Message-ID {each}")
        return None

    async def by_thread(self) -> Match | None:
        """It names a letter that came earlier and was matched, or what a person answered to one."""
        ids = self._ids()
        answered = await replies.list_answered_enrollments(self.uow, ids) if ids else []
        if not answered and (answers := read_response_message_ids(ids)):
            answered = await responses.list_answered_enrollments(self.uow, answers)
        sent = await replies.list_sent_messages(self.uow, answered[:1]) if answered else []
        return self._best([each for each in sent if self._concerns(each)], "thread")

    async def by_address(self) -> Match | None:
        """A lead wrote it, or it says that it is about one."""
        if _is_spoofed(self.letter):
            return None
        keys = [address.key for address in self._addresses()]
        sent = await replies.list_messages_to_address(self.uow, keys) if keys else []
        return self._best([each for each in sent if self._is_believed(each)], "address")

    async def by_alias(self) -> Match | None:
        """Somebody of a lead's domain answers what was said to that lead: the subject is the same, and it
        went to nobody else there, or the lead is named in what is quoted.
        """
        address = next(iter(self._addresses()), None)
        subject = _bare(self.letter.subject)
        if address is None or not subject or self.finding.recipients or address.domain in FREEMAIL_DOMAINS:
            return None
        if _is_spoofed(self.letter):
            return None
        if not (self._ids() or _is_marked(self.letter.subject)):
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

    def _concerns(self, message: SentMessage) -> bool:
        """Whether it is no report, or one about that lead: what bounced may be somebody's own letter in the
        same thread, to somebody else.
        """
        named = [each.address.lower() for each in self.finding.recipients]
        return not named or message.email_key in named

    def _is_believed(self, message: SentMessage) -> bool:
        """Anybody can write a report, and name anybody in it. One that does not know the Message-ID is
        believed only where a report of that message would have come, and while one may come; and not if it
        was taken for spam.
        """
        if not self.finding.recipients:
            return True
        within = _RETURNED_WITHIN if self.finding.kind is Kind.BOUNCE else _COMPLAINED_WITHIN
        is_ours = message.sender_account_id == self.account_id
        return is_ours and not self.is_junk and self.received_at - message.claimed_at <= within

    def _ids(self) -> list[str]:
        """What it is about comes first, then what it answers, latest first."""
        letter = self.letter
        ids = (*self.finding.original_ids, *letter.in_reply_to, *reversed(letter.references))
        return [each for each in dict.fromkeys(ids) if each.isprintable()][:_MOST_IDS]

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


def _is_marked(subject: str) -> bool:
    """Whether it says that it is an answer."""
    return _bare(subject) != " ".join(subject.casefold().split())


def _bare(subject: str) -> str:
    """What a thread is about: without reply marks, in lower case, blanks as one."""
    return " ".join(reply_subject(subject).removeprefix("Re:").casefold().split())


def _is_spoofed(letter: Incoming) -> bool:
    """Whether the server that took it found that its From is not who wrote it (RFC 8601): the topmost field
    is that server's own, and one that somebody else forged can only do worse for its letter.
    """
    return _FAILED.search(letter.header("authentication-results")) is not None
