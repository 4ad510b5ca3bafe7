"""`/v1/campaigns/{id}/leads`: who is in a campaign, and how they get in, by JSON or by the file."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from leadterra.actions import leads as actions
from leadterra.actions.enrolling import BulkResult, enroll_bulk
from leadterra.actions.lead_files import Format, LeadFile
from leadterra.actions.lead_imports import KEPT_REJECTIONS, import_leads
from leadterra.actions.lead_rows import RejectedRow
from leadterra.api.answers import Answer, FaultView, Nothing, Page
from leadterra.api.fields import Body, ImportId, Instant, LeadId, Query, SenderAccountId, View
from leadterra.api.leads import LEAD_FIELDS
from leadterra.api.pagination import Cursor, PageQuery, cut_page
from leadterra.api.routing import Call, Errand, Routes
from leadterra.api.uploads import Upload
from leadterra.domain.api_key import Scope
from leadterra.domain.enrollment import OPEN, State
from leadterra.store.campaigns import get_campaign
from leadterra.store.database import UnitOfWork
from leadterra.store.enrollments import CampaignLead, list_campaign_leads

routes = Routes("Campaign leads", "Who is in a campaign, where they stand, and how they get in.")

_PATH = "/v1/campaigns/{camp}/leads"
_MOST_LEADS = 10_000
_FORMATS: dict[str, Format] = {"text/csv": "csv", "application/x-ndjson": "ndjson"}
_LEAD_SCHEMA = {
    "type": "array",
    "minItems": 1,
    "maxItems": _MOST_LEADS,
    "items": {
        "type": "object",
        "required": ["email"],
        "properties": LEAD_FIELDS,
        "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
    },
}


class LeadBatch(Body):
    """Leads to enrol. timeZone is an IANA name. Any key of a lead besides those named is a custom field."""

    leads: Annotated[list[Any], Field(min_length=1, max_length=_MOST_LEADS), WithJsonSchema(_LEAD_SCHEMA)]


class BulkQuery(Query):
    """What to do about leads that cannot be taken."""

    on_invalid: Literal["refuse", "skip"] = Field(
        default="refuse",
        description="Invalid leads refuse a whole JSON request, or are left out. Files leave them out.",
    )


class RejectedView(View):
    """A lead that was left out.

    row: its place in the request, from 1; the header of a file does not count. Pointers are within the lead.
    """

    row: int
    email: str | None
    errors: list[FaultView]


class BulkView(View):
    """What became of the leads.

    enrolled: new to the workspace. updated: known before. skipped: suppressed. total: enrolled and
    updated.
    """

    enrolled: int
    updated: int
    skipped: int
    total: int


class ReportView(BulkView):
    """What became of the leads, with what was left out: how many, and the first hundred.

    importId: where `GET /v1/imports/{id}` shows it; null for JSON.
    """

    import_id: ImportId | None
    invalid: int
    errors: list[RejectedView]


class CampaignLeadView(View):
    """A lead in a campaign.

    nextStep: from 0; null if nothing more will be sent. dueAt: of that step. senderAccountId: whom it is
    bound to.
    """

    lead_id: LeadId
    email: str
    first_name: str | None
    last_name: str | None
    company: str | None
    job_title: str | None
    time_zone: str | None
    state: State
    state_reason: str | None
    next_step: int | None
    due_at: Instant | None
    last_sent_at: Instant | None
    sender_account_id: SenderAccountId | None
    enrolled_at: Instant


class CampaignLeadQuery(PageQuery):
    """Which leads of a campaign."""

    state: State | None = None


@routes.post(_PATH + "/bulk", scope=Scope.WRITE, uploads=tuple(_FORMATS))
async def enroll(errand: Errand, body: LeadBatch | None, query: BulkQuery) -> Answer[BulkView | ReportView]:
    """Enrol up to 10 000 leads by JSON, or up to 1 000 000 by a file: `text/csv` with a header, or
    `application/x-ndjson`. Leads that are known are updated in the fields that are given; into a running
    campaign, new ones are due at once. A file that was interrupted goes on when it is sent again.

    A file, or `onInvalid=skip`, is answered with a report of what was left out.
    """
    if body is None:
        return Answer(await _import(errand))
    leads, skips = body.leads, query.on_invalid == "skip"

    async def action(uow: UnitOfWork) -> BulkResult:
        return await enroll_bulk(uow, errand.id("camp"), leads, skips_invalid=skips, now=errand.now)

    done = await errand.run(action)
    counts = _Counts(done.enrolled, done.updated, done.skipped)
    return Answer(
        _report(counts, None, len(done.rejected), done.rejected) if skips else BulkView.model_validate(counts)
    )


@routes.get(_PATH)
async def list_all(call: Call, query: CampaignLeadQuery) -> Page[CampaignLeadView]:
    """List who is in a campaign, latest lead first. Who was taken out is listed with `state=removed` only."""
    campaign = await get_campaign(call.uow, call.id("camp"))
    before = query.cursor.id if query.cursor else None
    rows = await list_campaign_leads(
        call.uow, campaign.id, state=query.state, before=before, limit=query.limit + 1
    )
    shown, next_cursor = cut_page(rows, query.limit, lambda row: Cursor(row.created_at, row.lead_id))
    return Page([_view(row) for row in shown], next_cursor)


@routes.delete(_PATH + "/{lead}", scope=Scope.WRITE)
async def remove(call: Call) -> Nothing:
    """Take a lead out of a campaign before the next SMTP command.

    Enrolled again, it goes on from where it was.
    """
    await actions.remove_lead_from_campaign(call.uow, call.id("camp"), call.id("lead"), now=call.now)
    return Nothing()


@routes.post(_PATH + "/{lead}/pause", scope=Scope.WRITE)
async def pause(call: Call) -> Answer[CampaignLeadView]:
    """Hold a lead back in this campaign, before the next SMTP command."""
    return Answer(_view(await actions.pause_lead(call.uow, call.id("camp"), call.id("lead"), now=call.now)))


@routes.post(_PATH + "/{lead}/resume", scope=Scope.SEND)
async def resume(call: Call) -> Answer[CampaignLeadView]:
    """Let a paused lead go on from where it was."""
    return Answer(_view(await actions.resume_lead(call.uow, call.id("camp"), call.id("lead"), now=call.now)))


@dataclass(frozen=True, slots=True)
class _Counts:
    """As `BulkView` shows them."""

    enrolled: int
    updated: int
    skipped: int

    @property
    def total(self) -> int:
        return self.enrolled + self.updated


async def _import(errand: Errand) -> ReportView:
    upload = errand.upload
    assert isinstance(upload, Upload)
    source = LeadFile(upload.file, _FORMATS[upload.media_type], upload.media_type)
    done = await import_leads(
        errand.equipment.database,
        errand.caller.workspace_id,
        errand.id("camp"),
        source,
        clock=errand.equipment.clock,
        dry_run=errand.dry_run,
    )
    progress = done.progress
    counts = _Counts(progress.enrolled, progress.updated, progress.skipped)
    import_id = None if errand.dry_run else progress.id
    return _report(counts, import_id, progress.invalid, done.rejected)


def _report(counts: _Counts, import_id: Any, invalid: int, rejected: Any) -> ReportView:
    return ReportView(
        enrolled=counts.enrolled,
        updated=counts.updated,
        skipped=counts.skipped,
        total=counts.total,
        import_id=import_id,
        invalid=invalid,
        errors=[_rejected_view(row) for row in rejected[:KEPT_REJECTIONS]],
    )


def _rejected_view(row: RejectedRow) -> RejectedView:
    return RejectedView(
        row=row.number, email=row.email, errors=[FaultView.model_validate(fault) for fault in row.faults]
    )


def _view(lead: CampaignLead) -> CampaignLeadView:
    is_open = lead.state in OPEN
    return CampaignLeadView(
        lead_id=lead.lead_id,
        email=lead.email,
        first_name=lead.first_name,
        last_name=lead.last_name,
        company=lead.company,
        job_title=lead.job_title,
        time_zone=lead.time_zone,
        state=State(lead.state),
        state_reason=lead.state_reason,
        next_step=lead.position if is_open else None,
        due_at=lead.due_at if is_open else None,
        last_sent_at=lead.last_sent_at,
        sender_account_id=lead.sender_account_id,
        enrolled_at=lead.created_at,
    )
