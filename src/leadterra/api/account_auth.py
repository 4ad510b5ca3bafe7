"""`auth` of a sender account: whether it logs in with passwords or by OAuth 2.0. Secrets are taken and never
given back.
"""

from enum import StrEnum
from typing import Annotated, Any, cast

from pydantic import Field, GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from leadterra.actions.oauth_grants import AuthChange, GrantChange
from leadterra.api.fields import UNSET, Body, Line, View
from leadterra.api.problems import InvalidRequest
from leadterra.domain.errors import Fault
from leadterra.domain.oauth import OAuthProvider
from leadterra.store.oauth_grants import OAuthGrant


class AuthType(StrEnum):
    """What an account shows at its servers."""

    PASSWORD = "password"
    """The passwords of `smtp` and `imap`."""
    OAUTH2 = "oauth2"
    """Access tokens (XOAUTH2), which a refresh token is good for."""


Secret = Annotated[Line, Field(min_length=1, max_length=8192)]


class Auth(Body):
    """How the account logs in at its servers.

    oauth2 needs provider, clientId and refreshToken, a custom provider also tokenUrl; clientSecret where the
    client has one. In a change only what is given changes, but another token address needs the secrets anew.
    """

    type: Annotated[AuthType, Field(strict=False)]
    provider: Annotated[OAuthProvider, Field(strict=False)] = UNSET
    client_id: Annotated[Line, Field(min_length=1, max_length=500)] = UNSET
    client_secret: Secret | None = Field(default_factory=lambda: None, repr=False)
    refresh_token: Secret = Field(default_factory=lambda: cast("Any", None), repr=False)
    token_url: (
        Annotated[
            str,
            Field(max_length=2000, description="https only. Absent or null: the provider's own."),
        ]
        | None
    ) = UNSET
    scope: (
        Annotated[
            Line,
            Field(min_length=1, max_length=2000, description="What to ask for; usually the provider's own."),
        ]
        | None
    ) = UNSET

    @model_validator(mode="before")
    @classmethod
    def _spell_out(cls, value: object) -> object:
        """The word `password` alone says it all."""
        return {"type": "password"} if value == AuthType.PASSWORD else value


class _OrPassword:
    """In the document: the word `password` may stand in place of the object."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        return {"anyOf": [{"const": "password", "type": "string"}, handler(schema)]}


AuthField = Annotated[Auth, _OrPassword()]


class AuthView(View):
    """How an account logs in. All that is told of secrets is whether there are any; the rest is null for
    passwords.
    """

    type: AuthType
    provider: OAuthProvider | None = None
    client_id: str | None = None
    token_url: str | None = None
    scope: str | None = None
    has_client_secret: bool = False
    has_refresh_token: bool = False


def auth_change(auth: Auth) -> AuthChange:
    """What is asked for. Raises `InvalidRequest` for fields that passwords do not have."""
    given = auth.model_dump(exclude_unset=True, exclude={"type"})
    if auth.type is AuthType.OAUTH2:
        return AuthChange(cast("GrantChange", given))
    if given:
        names = (Auth.model_fields[name].alias or name for name in given)
        raise InvalidRequest(
            [Fault(f"/auth/{name}", "not_allowed", "Only oauth2 takes this field.") for name in names]
        )
    return AuthChange()


def auth_view(grant: OAuthGrant | None) -> AuthView:
    """Of an account with that grant, or with none."""
    if grant is None:
        return AuthView(type=AuthType.PASSWORD)
    return AuthView(
        type=AuthType.OAUTH2,
        provider=OAuthProvider(grant.provider),
        client_id=grant.client_id,
        token_url=grant.token_url,
        scope=grant.scope,
        has_client_secret=grant.client_secret is not None,
        has_refresh_token=True,
    )
