"""What each step of a campaign would say to one lead, as the worker would write it. Nothing is sent and
nothing changes.

Nobody is chosen as sender before a message is claimed: the account that the lead is bound to stands in,
else the first active one, else nobody. Links and ids of the letter are placeholders: following one
unsubscribes nobody.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.parser import BytesHeaderParser
from uuid import UUID

from leadterra.actions.lead_rows import RejectedRow, read_lead
from leadterra.actions.rendering import RenderedStep, compile_step, variables_of
from leadterra.domain.day import day_of
from leadterra.domain.errors import Fault, NotFound, Unacceptable
from leadterra.domain.lead import Person
from leadterra.domain.sequence import SequenceStep
from leadterra.domain.variant import Variant
from leadterra.mail.composition import compose
from leadterra.mail.footer import add_postal_address
from leadterra.mail.letter import Letter, Mailbox
from leadterra.mail.templates import RenderError
from leadterra.mail.threads import message_id, reply_subject
from leadterra.store.campaigns import get_campaign
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import get_enrollment
from leadterra.store.leads import get_lead
from leadterra.store.sender_accounts import get_sender_account, list_sender_accounts
from leadterra.store.sequence_steps import list_steps
from leadterra.store.workspaces import get_workspace

_NOBODY = UUID(int=0)
_PLACEHOLDER_DOMAIN = "preview.invalid"


@dataclass(frozen=True, slots=True)
class WordsPreview:
    """What a step says in its own words or in those of one of its variants.

    variant_id: None for its own words. subject: with its `Re:`. headers: names and values as they would go
    out, empty without a sender. missing: variables that the lead lacks. error: why it cannot be rendered;
    then the words are empty.
    """

    variant_id: UUID | None
    subject: str
    html: str
    text: str
    headers: Sequence[tuple[str, str]]
    missing: Sequence[str]
    error: str | None = None


@dataclass(frozen=True, slots=True)
class StepPreview:
    """A step as its reader would see it.

    position: from 0. sender: None where it is not known. own: in the step's own words, which the steps after
    it answer. variants: the same for its variants, in their order.
    """

    step_id: UUID
    position: int
    sender: Mailbox | None
    recipient: Mailbox
    own: WordsPreview
    variants: Sequence[WordsPreview]


@dataclass(frozen=True, slots=True)
class _Desk:
    """What all steps of a preview have in common. url: where the unsubscribe link would be."""

    workspace_id: UUID
    person: Person
    recipient: Mailbox
    sender: Mailbox | None
    postal_address: str
    url: str
    now: datetime


async def preview_for_lead(
    uow: UnitOfWork, campaign_id: UUID, lead_id: UUID, *, public_url: str, now: datetime
) -> list[StepPreview]:
    """Every step, to a lead of the workspace, be it enrolled or not.

    Raises `NotFound` for the campaign, `Unacceptable` for the lead.
    """
    await get_campaign(uow, campaign_id)
    try:
        lead = await get_lead(uow, lead_id)
    except NotFound as error:
        raise Unacceptable([Fault("/leadId", "invalid_id", error.message)], error.message) from None
    return await _preview(
        uow, campaign_id, lead.person, await _bound_account(uow, campaign_id, lead_id), public_url, now=now
    )


async def preview_for_person(
    uow: UnitOfWork, campaign_id: UUID, value: Mapping[str, object], *, public_url: str, now: datetime
) -> list[StepPreview]:
    """Every step, to a person who need not be a lead, given as in an import.

    Raises `NotFound`, or `Unacceptable` for a field.
    """
    await get_campaign(uow, campaign_id)
    row = read_lead(1, value)
    if isinstance(row, RejectedRow):
        faults = [Fault(f"/lead{fault.pointer}", fault.code, fault.message) for fault in row.faults]
        raise Unacceptable(faults, faults[0].message)
    person = Person(row.email, *row.known, custom_fields=row.custom_fields)
    return await _preview(uow, campaign_id, person, None, public_url, now=now)


async def _preview(
    uow: UnitOfWork,
    campaign_id: UUID,
    person: Person,
    account_id: UUID | None,
    public_url: str,
    *,
    now: datetime,
) -> list[StepPreview]:
    workspace = await get_workspace(uow)
    desk = _Desk(
        workspace_id=uow.workspace_id,
        person=person,
        recipient=Mailbox(
            " ".join(part for part in (person.first_name, person.last_name) if part), person.email
        ),
        sender=await _sender(uow, account_id, now),
        postal_address=workspace.postal_address,
        url=f"{public_url.rstrip('/')}/u/preview",
        now=now,
    )
    previews: list[StepPreview] = []
    thread: list[tuple[UUID, str]] = []
    for step in await list_steps(uow, campaign_id):
        thread = thread if step.thread_reply else []
        preview = await asyncio.to_thread(_preview_step, desk, step, thread)
        thread = [*thread, (step.id, preview.own.subject)]
        previews.append(preview)
    return previews


async def _bound_account(uow: UnitOfWork, campaign_id: UUID, lead_id: UUID) -> UUID | None:
    try:
        return (await get_enrollment(uow, campaign_id, lead_id)).sender_account_id
    except NotFound:
        return None


async def _sender(uow: UnitOfWork, account_id: UUID | None, now: datetime) -> Mailbox | None:
    if account_id:
        try:
            account, _ = await get_sender_account(uow, account_id, day=day_of(now))
            return Mailbox(account.name, account.email)
        except NotFound:
            pass
    first = await list_sender_accounts(uow, status="active", limit=1)
    return Mailbox(first[0].name, first[0].email) if first else None


def _preview_step(desk: _Desk, step: SequenceStep, thread: Sequence[tuple[UUID, str]]) -> StepPreview:
    """thread: the steps before it that it would answer, with their subjects."""
    return StepPreview(
        step_id=step.id,
        position=step.position,
        sender=desk.sender,
        recipient=desk.recipient,
        own=_preview_words(desk, step, None, thread),
        variants=[_preview_words(desk, step, variant, thread) for variant in step.variants],
    )


def _preview_words(
    desk: _Desk, step: SequenceStep, variant: Variant | None, thread: Sequence[tuple[UUID, str]]
) -> WordsPreview:
    """variant: None for the step's own words."""
    variant_id = variant.id if variant else None
    words = step.words if variant is None else variant.words_in(step.subject)
    try:
        rendered = compile_step(*words).render(variables_of(desk.person, desk.sender, desk.url))
    except RenderError as error:
        return WordsPreview(variant_id, "", "", "", (), (), str(error))
    subject = reply_subject(rendered.subject or thread[0][1]) if thread else rendered.subject
    html, text = add_postal_address(rendered.html, rendered.text, desk.postal_address)
    finished = RenderedStep(subject, html, text, rendered.missing)
    headers = _headers(desk, step, finished, [step_id for step_id, _ in thread])
    return WordsPreview(variant_id, subject, html, text, headers, rendered.missing)


def _headers(
    desk: _Desk, step: SequenceStep, words: RenderedStep, thread: Sequence[UUID]
) -> list[tuple[str, str]]:
    """The header of the letter as it would be written, unfolded (RFC 5322 §2.2.3)."""
    if desk.sender is None:
        return []

    def identify(step_id: UUID) -> str:
        return message_id(desk.workspace_id, _NOBODY, step_id, _PLACEHOLDER_DOMAIN)

    letter = Letter(
        sender=desk.sender,
        recipient=desk.recipient,
        subject=words.subject,
        html=words.html,
        text=words.text,
        message_id=identify(step.id),
        date=desk.now,
        references=tuple(identify(step_id) for step_id in thread),
        unsubscribe_url=desk.url,
    )
    parsed = BytesHeaderParser().parsebytes(compose(letter).content)
    return [(name, str(value).replace("\r\n", "").replace("\n", "")) for name, value in parsed.items()]
