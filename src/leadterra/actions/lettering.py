"""From a claimed message to the letter that is sent. Pure, but for a cache of compiled templates.

What cannot be a letter is an ending: `Withheld` where a field is missing and the campaign holds such leads,
`Unsendable` where the template fails for this lead.
"""

from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from leadterra.actions.claiming import Claim
from leadterra.actions.rendering import RenderedStep, StepTemplates, compile_step, variables_of
from leadterra.domain.outcomes import Reason, Unsendable, Withheld
from leadterra.domain.variant import Words
from leadterra.mail.footer import add_postal_address
from leadterra.mail.letter import Letter, Mailbox
from leadterra.mail.templates import RenderError, TemplateError
from leadterra.mail.threads import message_id, reply_subject
from leadterra.mail.unsubscribe import sign_token
from leadterra.store.claims import ClaimedRow, ThreadMessage

_KEPT = 1000


class LetterWriter:
    """Writes letters; keeps the compiled templates of the words used last."""

    def __init__(self, public_url: str) -> None:
        """public_url: the base of unsubscribe links, as recipients reach it."""
        self._public_url = public_url.rstrip("/")
        self._templates: OrderedDict[tuple[str, str, str | None], StepTemplates] = OrderedDict()

    def write(self, claim: Claim, row: ClaimedRow, *, now: datetime) -> Letter | Withheld | Unsendable:
        """The letter of one claimed message. now: its Date."""
        if row.step_id is None:
            return Unsendable(Reason.UNRENDERABLE, "the step is gone")
        account = claim.accounts[row.sender_account_id]
        sender = _mailbox(account.name, account.email)
        url = f"{self._public_url}/u/{sign_token(claim.link_secret, claim.workspace_id, row.enrollment_id)}"
        try:
            rendered = self._templates_of(claim.words_of(row)).render(variables_of(row, sender, url))
        except (TemplateError, RenderError) as error:
            return Unsendable(Reason.UNRENDERABLE, str(error)[:300])
        if rendered.missing and row.on_missing_variable == "hold":
            return Withheld(Reason.MISSING_VARIABLE, ", ".join(rendered.missing)[:300])
        return _assemble(claim, row, rendered, sender=sender, url=url, now=now)

    def _templates_of(self, words: Words) -> StepTemplates:
        """Kept by what they say, which no edit can make stale, whichever clock dated it."""
        key = (words.subject, words.body_html, words.body_text)
        templates = self._templates.get(key)
        if templates is None:
            templates = self._templates[key] = compile_step(*key)
            if len(self._templates) > _KEPT:
                self._templates.popitem(last=False)
        self._templates.move_to_end(key)
        return templates


@lru_cache(maxsize=4096)
def _mailbox(name: str, address: str) -> Mailbox:
    """An account signs thousands of letters."""
    return Mailbox(name, address)


def thread_of(thread: Sequence[ThreadMessage]) -> Sequence[ThreadMessage]:
    """The last thread among the messages of an enrollment: from the last one that began a thread."""
    if not thread:
        return ()
    start = max((place for place, message in enumerate(thread) if not message.thread_reply), default=0)
    return thread[start:]


def _assemble(
    claim: Claim, row: ClaimedRow, rendered: RenderedStep, *, sender: Mailbox, url: str, now: datetime
) -> Letter:
    before = thread_of(claim.threads.get(row.enrollment_id, ())) if row.thread_reply else ()
    thread = () if row.starts_thread else before
    subject = rendered.subject or (_bare(before[0].subject or "") if before else "")
    if thread:
        subject = reply_subject(subject)
    html, text = add_postal_address(rendered.html, rendered.text, claim.postal_address)

    def identify(step_id: UUID) -> str:
        return message_id(claim.workspace_id, row.enrollment_id, step_id, claim.message_domain)

    assert row.step_id is not None
    return Letter(
        sender=sender,
        recipient=Mailbox(" ".join(filter(None, (row.first_name, row.last_name))), row.email),
        subject=subject,
        html=html,
        text=text,
        message_id=identify(row.step_id),
        date=now,
        references=tuple([identify(message.step_id) for message in thread]),
        unsubscribe_url=url,
    )


def _bare(subject: str) -> str:
    """What a thread is about: a subject without its reply marks."""
    return reply_subject(subject).removeprefix("Re:").strip()
