"""What a handler returns, and how it becomes bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic_core import to_json

from leadterra.api.fields import View
from leadterra.api.problems import Rendered

Data = TypeVar("Data", bound=View)
JSON = "application/json"


class FaultView(View):
    """One thing wrong with one item of a batch."""

    pointer: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Answer(Generic[Data]):
    """`{"data": …}`. location: path of what was created. status: if it is not the route's usual one."""

    data: Data
    location: str | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Page(Generic[Data]):
    """`{"data": […], "pagination": …}`, or, when not `paged`, the whole list without pagination."""

    items: Sequence[Data]
    next_cursor: str | None = None
    paged: bool = True


@dataclass(frozen=True, slots=True)
class Nothing:
    """204: nothing to say."""


Reply = Answer[Data] | Page[Data] | Nothing


def render_reply(reply: Reply[View], usual_status: int) -> Rendered:
    """The reply as bytes."""
    match reply:
        case Nothing():
            return Rendered(204, b"")
        case Page():
            content: dict[str, object] = {"data": [_shown(item) for item in reply.items]}
            if reply.paged:
                content["pagination"] = {"nextCursor": reply.next_cursor}
            return Rendered(usual_status, to_json(content), {"Content-Type": JSON})
        case Answer():
            headers = {"Content-Type": JSON} | ({"Location": reply.location} if reply.location else {})
            return Rendered(reply.status or usual_status, to_json({"data": _shown(reply.data)}), headers)


def _shown(view: View) -> dict[str, object]:
    return view.model_dump(by_alias=True)
