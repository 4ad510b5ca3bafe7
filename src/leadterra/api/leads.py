"""`/v1/leads`: persons, unique by e-mail address in a workspace.

How they get in is in `api.campaign_leads`.
"""

from typing import Annotated, Any

from pydantic import ConfigDict, Field
from pydantic.config import JsonValue

from leadterra.actions.leads import change_lead, erase_lead
from leadterra.api.answers import Answer, Nothing, Page
from leadterra.api.fields import Body, Instant, LeadId, View
from leadterra.api.pagination import Cursor, PageQuery, cut_page
from leadterra.api.problems import InvalidRequest
from leadterra.api.routing import Call, Routes
from leadterra.domain.api_key import Scope
from leadterra.domain.errors import Fault
from leadterra.domain.lead import FieldValue
from leadterra.mail.addresses import InvalidAddress, parse_address
from leadterra.store.leads import Lead, get_lead, list_leads

routes = Routes("Leads", "Persons, unique by e-mail address in a workspace.")

_PATH = "/v1/leads"
LEAD_FIELDS: dict[str, JsonValue] = {
    "email": {"type": "string"},
    "firstName": {"type": ["string", "null"]},
    "lastName": {"type": ["string", "null"]},
    "company": {"type": ["string", "null"]},
    "jobTitle": {"type": ["string", "null"]},
    "timeZone": {"type": ["string", "null"]},
    "customFields": {"type": "object"},
}
"""JSON schemas of what a lead is described by; any other key is a custom field."""


class LeadView(View):
    """A lead. timeZone: an IANA name, null where it is not known. customFields: by the names that templates
    use.
    """

    id: LeadId
    email: str
    first_name: str | None
    last_name: str | None
    company: str | None
    job_title: str | None
    time_zone: str | None
    custom_fields: dict[str, FieldValue]
    created_at: Instant
    updated_at: Instant


class LeadPatch(Body):
    """What changes of a lead: email, firstName, lastName, company, jobTitle, timeZone (an IANA name),
    customFields; any other key is a custom field. null takes a field away, what is not named stays.
    """

    model_config = ConfigDict(extra="allow", json_schema_extra={"properties": LEAD_FIELDS})


class LeadQuery(PageQuery):
    """Which leads."""

    email: Annotated[str, Field(max_length=400)] | None = Field(
        default=None, description="Only the lead with this address."
    )


@routes.get(_PATH)
async def list_all(call: Call, query: LeadQuery) -> Page[LeadView]:
    """List leads, newest first."""
    before = query.cursor.id if query.cursor else None
    rows = await list_leads(call.uow, email_key=_key(query.email), before=before, limit=query.limit + 1)
    shown, next_cursor = cut_page(rows, query.limit, lambda row: Cursor(row.created_at, row.id))
    return Page([_view(row) for row in shown], next_cursor)


@routes.get(_PATH + "/{lead}")
async def get(call: Call) -> Answer[LeadView]:
    """Get a lead."""
    return Answer(_view(await get_lead(call.uow, call.id("lead"))))


@routes.patch(_PATH + "/{lead}", scope=Scope.WRITE)
async def change(call: Call, body: LeadPatch) -> Answer[LeadView]:
    """Change the fields of a lead that are given. Where it was held for a missing field, it tries again;
    where a campaign goes by the leads' time zones, it goes by the new one.
    """
    fields: dict[str, Any] = body.model_extra or {}
    return Answer(_view(await change_lead(call.uow, call.id("lead"), fields, now=call.now)))


@routes.delete(_PATH + "/{lead}", scope=Scope.WRITE)
async def erase(call: Call) -> Nothing:
    """Erase a person: the lead, and what messages to them said and were answered.

    A suppression of theirs stays, as a hash.
    """
    await erase_lead(call.uow, call.id("lead"), now=call.now)
    return Nothing()


def _key(email: str | None) -> str | None:
    try:
        return None if email is None else parse_address(email).key
    except InvalidAddress as error:
        raise InvalidRequest([Fault("?email", "invalid_email", error.reason)]) from None


def _view(lead: Lead) -> LeadView:
    return LeadView.model_validate(lead)
