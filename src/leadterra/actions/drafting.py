"""From drafts of steps to steps: checked, compiled once, and with the ids and dates of those that they
replace.

Whatever is wrong refuses all drafts with `Unacceptable`, which names each fault: of a template step, variant,
line and token.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from leadterra.domain.errors import Fault, Unacceptable
from leadterra.domain.sequence import SequenceStep, StepDraft, usual_delay
from leadterra.domain.variant import Variant, VariantDraft
from leadterra.mail.templates import TemplateError, compile_template
from leadterra.store.ids import new_ids

_MOST_CHARACTERS = 1_000_000
"""Of all templates of a campaign; they are compiled while the caller waits."""

_POINTER = "/sequenceSteps"


async def check_drafts(drafts: Sequence[StepDraft]) -> None:
    """Raise `Unacceptable` with every fault of every step. Compiling takes a while; others are served."""
    size = sum(len(source or "") for draft in drafts for words in _words_of(draft) for source in words)
    if size > _MOST_CHARACTERS:
        message = f"All templates together may have at most {_MOST_CHARACTERS} characters; these have {size}."
        raise Unacceptable([Fault(_POINTER, "too_long", message)], message)
    refuse(await asyncio.to_thread(_list_faults, drafts))


def check_ids(drafts: Sequence[StepDraft], known: Mapping[UUID, SequenceStep]) -> None:
    """Raise `Unacceptable` for an id that is no step of the campaign or no variant of its step, or that comes
    twice.
    """
    faults = _id_faults([draft.id for draft in drafts], set(known), _POINTER, "This campaign has no step")
    for position, draft in enumerate(drafts):
        step = known.get(draft.id) if draft.id else None
        variants = {variant.id for variant in step.variants} if step else set()
        pointer = f"{_POINTER}/{position}/variants"
        faults += _id_faults(
            [each.id for each in draft.variants], variants, pointer, "This step has no variant"
        )
    refuse(faults)


def refuse(faults: list[Fault]) -> None:
    """Raise `Unacceptable` if there is any."""
    if faults:
        raise Unacceptable(faults, faults[0].message)


def make_steps(
    drafts: Sequence[StepDraft], known: Mapping[UUID, SequenceStep], *, now: datetime
) -> list[SequenceStep]:
    """The steps of checked drafts, in their order. known: those that they may replace, by id."""
    fresh = new_ids(now, len(drafts) + sum(len(draft.variants) for draft in drafts))
    return [
        _make_step(draft, position, fresh, known.get(draft.id) if draft.id else None, now)
        for position, draft in enumerate(drafts)
    ]


def _words_of(draft: StepDraft) -> Iterator[tuple[str | None, str, str | None]]:
    """The templates of the step itself and of its variants, in this order."""
    yield draft.subject, draft.body_html, draft.body_text
    for variant in draft.variants:
        yield variant.subject, variant.body_html, variant.body_text


def _list_faults(drafts: Sequence[StepDraft]) -> list[Fault]:
    return [fault for position, draft in enumerate(drafts) for fault in _faults_of(position, draft)]


def _faults_of(position: int, draft: StepDraft) -> Iterator[Fault]:
    pointer, name = f"{_POINTER}/{position}", f"Step {position + 1}"
    if draft.needs_subject(position):
        message = f"{name} needs a subject: only a follow-up in the thread may leave it out."
        yield Fault(f"{pointer}/subject", "required", message)
    if not draft.has_words:
        message = f"{name} needs a weight above 0, of its own words or of a variant."
        yield Fault(f"{pointer}/weight", "all_weights_zero", message)
    own, *variants = _words_of(draft)
    yield from _template_faults(own, pointer, name)
    for place, words in enumerate(variants):
        yield from _template_faults(words, f"{pointer}/variants/{place}", f"{name}, variant {place + 1}")


def _template_faults(words: tuple[str | None, str, str | None], pointer: str, name: str) -> Iterator[Fault]:
    for part, source in zip(("subject", "bodyHtml", "bodyText"), words, strict=True):
        try:
            compile_template(source or "", html=part == "bodyHtml")
        except TemplateError as error:
            at = f" at {error.token!r}" if error.token else ""
            message = f"{name}, {part}, line {error.line}{at}: {error.message}"
            yield Fault(f"{pointer}/{part}", "template_error", message)


def _id_faults(ids: Iterable[UUID | None], known: set[UUID], pointer: str, none: str) -> list[Fault]:
    """A fault for each id that is not known, or was there before."""
    faults: list[Fault] = []
    seen: set[UUID] = set()
    for place, each in enumerate(ids):
        if each is None:
            continue
        if each not in known or each in seen:
            message = "This id comes twice." if each in seen else f"{none} with this id."
            faults.append(Fault(f"{pointer}/{place}/id", "invalid_id", message))
        seen.add(each)
    return faults


def _make_step(
    draft: StepDraft, position: int, fresh: Iterator[UUID], known: SequenceStep | None, now: datetime
) -> SequenceStep:
    words = ((draft.subject or "").strip(), draft.body_html, draft.body_text)
    variants = {variant.id: variant for variant in known.variants} if known else {}
    step = SequenceStep(
        id=known.id if known else next(fresh),
        position=position,
        subject=words[0],
        body_html=draft.body_html,
        body_text=draft.body_text,
        delay_days=usual_delay(position) if draft.delay_days is None else draft.delay_days,
        delay_unit=draft.delay_unit,
        thread_reply=draft.thread_reply,
        weight=draft.weight,
        updated_at=known.updated_at if known and known.words == words else now,
        variants=tuple(
            _make_variant(each, fresh, variants.get(each.id) if each.id else None, now)
            for each in draft.variants
        ),
    )
    return step.following(known) if known else step


def _make_variant(
    draft: VariantDraft, fresh: Iterator[UUID], known: Variant | None, now: datetime
) -> Variant:
    """The variant of a draft; one that says the same as before keeps its date."""
    made = Variant(
        id=known.id if known else next(fresh),
        subject=(draft.subject or "").strip(),
        body_html=draft.body_html,
        body_text=draft.body_text,
        weight=draft.weight,
        updated_at=known.updated_at if known else now,
    )
    return made if known in (None, made) else replace(made, updated_at=now)
