"""`/v1/sender-accounts/{id}/verify`: what is in order about an account, and what is not."""

from typing import Annotated, Literal

from pydantic import Field

from leadterra.actions.checking import check_account
from leadterra.api.answers import Answer
from leadterra.api.fields import UNSET, NoFields, SenderAccountId, View
from leadterra.api.routing import Errand, Routes
from leadterra.domain.api_key import Scope
from leadterra.mail.checks import CheckStatus, worst

routes = Routes("Checks of accounts", "Whether an account can send and be read, and what its domain says.")

Selector = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$",
        description="Which DKIM key to look for. Absent: the usual selectors are tried.",
    ),
]


class Verification(NoFields):
    """What to look for. May be left out."""

    dkim_selector: Selector = UNSET


class PublishView(View):
    """A record of the domain name system that would make it right."""

    name: str
    type: Literal["TXT", "MX"]
    value: str


class AccountCheckView(View):
    """One check. publish: what to publish; null where nothing would help, or only the provider knows it."""

    check: Literal["smtp", "imap", "spf", "dkim", "dmarc", "mx"]
    status: CheckStatus
    detail: str
    publish: PublishView | None


class AccountReportView(View):
    """All checks of an account. status: the worst of them."""

    sender_account_id: SenderAccountId
    email: str
    status: CheckStatus
    checks: list[AccountCheckView]


@routes.post("/v1/sender-accounts/{sa}/verify", scope=Scope.ADMIN)
async def verify(errand: Errand, body: Verification) -> Answer[AccountReportView]:
    """Check a sender account: connect and log in at its servers, and look up its domain's SPF, DKIM, DMARC
    and MX records.

    No letter is sent and nothing is changed: a paused account stays paused. Takes up to 20 seconds.
    """
    selector = body.dkim_selector if body.given("dkim_selector") else None
    account, checks = await check_account(
        errand.equipment, errand.caller.workspace_id, errand.id("sa"), selector=selector
    )
    return Answer(
        AccountReportView(
            sender_account_id=account.id,
            email=account.email,
            status=worst(checks),
            checks=[AccountCheckView.model_validate(check) for check in checks],
        )
    )
