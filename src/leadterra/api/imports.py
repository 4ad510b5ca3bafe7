"""`/v1/imports`: how far the imports of lead files got.

They are started at `POST /v1/campaigns/{id}/leads/bulk`.
"""

from typing import Literal

from leadterra.api.answers import Answer, Page
from leadterra.api.fields import CampaignId, ImportId, Instant, View
from leadterra.api.pagination import Cursor, PageQuery, cut_page
from leadterra.api.routing import Call, Routes
from leadterra.store.imports import get_import, list_imports

routes = Routes(
    "Imports",
    "Files of leads, and how far each got. An interrupted one goes on when its file is sent again.",
)


class ImportView(View):
    """An import.

    rowsRead: rows that are settled for good. enrolled, updated, skipped, invalid: what became of them.
    """

    id: ImportId
    campaign_id: CampaignId
    source: str
    state: Literal["running", "done"]
    rows_read: int
    enrolled: int
    updated: int
    skipped: int
    invalid: int
    created_at: Instant
    updated_at: Instant


@routes.get("/v1/imports")
async def list_all(call: Call, query: PageQuery) -> Page[ImportView]:
    """List imports, latest first."""
    before = query.cursor.id if query.cursor else None
    rows = await list_imports(call.uow, before=before, limit=query.limit + 1)
    shown, next_cursor = cut_page(rows, query.limit, lambda row: Cursor(row.created_at, row.id))
    return Page([ImportView.model_validate(row) for row in shown], next_cursor)


@routes.get("/v1/imports/{imp}")
async def get(call: Call) -> Answer[ImportView]:
    """Get the progress of an import."""
    return Answer(ImportView.model_validate(await get_import(call.uow, call.id("imp"))))
