"""`/u/{token}`: where the unsubscribe link of a letter leads. One button, no login, nothing loaded from
elsewhere.

GET only shows the page, because mail scanners follow links. POST unsubscribes, from the button or from the
mail program (RFC 8058), as often as one likes. A link that is not ours is a 404 page.
"""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from string import Template

from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from leadterra.actions.equipment import Equipment
from leadterra.actions.unsubscribing import Source, check_link, unsubscribe
from leadterra.domain.errors import NotFound

_LONGEST_BODY = 4096
_PAGE = Template(files(__package__).joinpath("unsubscribing.html").read_text("utf-8"))
_STYLE = files(__package__).joinpath("unsubscribing.css").read_text("utf-8")
_STYLE_HASH = b64encode(sha256(_STYLE.encode()).digest()).decode()
_POLICY = (
    "default-src 'none'",
    f"style-src 'sha256-{_STYLE_HASH}'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
)
_HEADERS = {
    "Content-Security-Policy": "; ".join(_POLICY),
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}
_BUTTON = '<form method="post"><button name="confirm" value="yes">Unsubscribe</button></form>'


def routes(equipment: Equipment) -> list[Route]:
    """The page, to be served beside the API."""

    async def show(request: Request) -> Response:
        token = request.path_params["token"]
        try:
            if request.method != "POST":
                await check_link(equipment.database, token)
                return _page(
                    200, "Unsubscribe", "One click, and you will get no more of these e-mails.", _BUTTON
                )
            await unsubscribe(
                equipment.database, token, source=await _source(request), now=equipment.clock.now()
            )
        except NotFound:
            return _page(
                404,
                "Link not found",
                "This link is not one of ours, or it is incomplete. Try the one in the letter.",
            )
        return _page(200, "You are unsubscribed", "You will get no more of these e-mails.")

    return [Route("/u/{token:path}", show, methods=["GET", "POST"])]


async def _source(request: Request) -> Source:
    """Who posted: the mail program says `List-Unsubscribe=One-Click` (RFC 8058 §3.2), as a form of either
    kind. Only so much is read."""
    body = b""
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _LONGEST_BODY:
                break
    except ClientDisconnect:
        pass
    return "one_click" if b"List-Unsubscribe" in body and b"One-Click" in body else "page"


def _page(status: int, title: str, text: str, form: str = "") -> Response:
    html = _PAGE.substitute(title=title, text=text, form=form, style=_STYLE)
    return HTMLResponse(html, status, headers=_HEADERS)
