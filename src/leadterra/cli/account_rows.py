"""Sender accounts in a CSV file: what its columns mean, and each row checked.

A header, then one account a row; columns are separated by commas, and their order is free. `email` and `name`
are required of a new account, an empty cell is as good as none. A row that cannot be taken carries its
faults, and reading goes on; a file that cannot be read raises `CommandError`.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from leadterra.actions.mail_servers import ServerChange
from leadterra.actions.oauth_grants import AuthChange, GrantChange
from leadterra.actions.sender_accounts import AccountChange, NewAccount, Settings
from leadterra.actions.workspaces import PacingMode
from leadterra.cli.errors import CommandError
from leadterra.domain.oauth import OAuthProvider
from leadterra.domain.provider import Provider
from leadterra.domain.sender_account import Protocol, Security, Status
from leadterra.domain.tag import MOST_TAGS, InvalidTag, read_tags

Choice = TypeVar("Choice", bound=StrEnum)

COLUMNS = (
    "email",
    "name",
    "daily_limit",
    "status",
    "pacing_mode",
    "min_gap_seconds",
    "jitter",
    "rolling_limit",
    "weight",
    "tags",
    "provider",
    *(
        f"{protocol}_{part}"
        for protocol in Protocol
        for part in ("host", "port", "security", "username", "password")
    ),
    *(f"oauth_{part}" for part in ("provider", "client_id", "client_secret", "refresh_token", "token_url")),
)
"""All columns. smtp_security, imap_security: starttls, tls or none. oauth_provider: google, microsoft or
custom; such an account has no passwords. pacing_mode: spread or asap. tags: with
semicolons between them. provider: google, microsoft or other. What they mean is in
docs/reference/sending-rules.md."""

_PUNCTUATION = re.compile(r"[\s._-]+")
_MEANING = {_PUNCTUATION.sub("", column): column for column in COLUMNS}
_LONGEST_NAME = 200
_LONGEST_GAP = 86_400
_LEAST_WEIGHT = 0.001
_MOST_WEIGHT = 1000


class InvalidRow(Exception):
    """A row that cannot be taken. Its text names the columns at fault."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """One row. line: where it begins in the file, from 1. cells: those that are not empty, by column."""

    line: int
    cells: Mapping[str, str]

    @property
    def email(self) -> str:
        """As it stands there."""
        return self.cells.get("email", "")

    def new_account(self) -> NewAccount:
        """The account that it describes. Raises `InvalidRow`."""
        faults = [f"{column}: missing" for column in ("email", "name") if column not in self.cells]
        settings = _settings(self.cells, faults)
        status = _one_of(Status, self.cells, "status", faults)
        servers = _servers(self.cells, faults)
        auth = _auth(self.cells, faults)
        _raise(faults)
        return NewAccount(
            email=self.email,
            name=settings["name"],
            status=status or Status.ACTIVE,
            servers=servers,
            settings=settings,
            auth=auth or AuthChange(),
        )

    def change(self) -> AccountChange:
        """What it says of an account that is there. Raises `InvalidRow`."""
        faults: list[str] = []
        change = AccountChange(
            _settings(self.cells, faults),
            _one_of(Status, self.cells, "status", faults),
            _servers(self.cells, faults),
            _auth(self.cells, faults),
        )
        _raise(faults)
        return change


def read_accounts(file: Path) -> Iterator[AccountRow]:
    """Every row that is not blank. Raises `CommandError`."""
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, strict=True)
        try:
            columns = _columns(file, next(reader, []))
            line = reader.line_num + 1
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield _row(line, columns, cells)
                line = reader.line_num + 1
        except csv.Error as error:
            raise CommandError(f"{file}, line {reader.line_num}: this is not CSV: {error}") from None
        except UnicodeDecodeError:
            raise CommandError(f"{file}: this is not UTF-8 text") from None


def _columns(file: Path, header: list[str]) -> list[str]:
    found = [_MEANING.get(_PUNCTUATION.sub("", heading.lower()), "") for heading in header]
    for heading, column in zip(header, found, strict=True):
        if not column:
            raise CommandError(f"{file}: unknown column {heading!r}; the columns are {', '.join(COLUMNS)}")
        if found.count(column) > 1:
            raise CommandError(f"{file}: the column {column} is there twice")
    if "email" not in found:
        raise CommandError(
            f"{file}: the first line must name the columns, email among them: {', '.join(COLUMNS)}"
        )
    return found


def _row(line: int, columns: list[str], cells: list[str]) -> AccountRow:
    named = dict(zip(columns, cells, strict=False))
    # A password may begin or end with a blank; nothing else may.
    kept = {column: cell if column.endswith("_password") else cell.strip() for column, cell in named.items()}
    if len(cells) > len(columns):
        kept["surplus"] = cells[len(columns)]
    return AccountRow(line, {column: cell for column, cell in kept.items() if cell})


def _settings(cells: Mapping[str, str], faults: list[str]) -> Settings:
    settings = Settings()
    faults += [
        f"{column}: must not contain control characters" for column in cells if _is_unclean(cells[column])
    ]
    if "surplus" in cells:
        faults.append("the row has more cells than the header; quote cells that contain commas")
    if "name" in cells:
        settings["name"] = cells["name"]
        if len(cells["name"]) > _LONGEST_NAME:
            faults.append(f"name: must be at most {_LONGEST_NAME} characters")
    if (limit := _number(cells, "daily_limit", 1, 100_000, faults)) is not None:
        settings["daily_limit"] = int(limit)
    _read_pacing(cells, settings, faults)
    _read_choice(cells, settings, faults)
    return settings


def _read_pacing(cells: Mapping[str, str], settings: Settings, faults: list[str]) -> None:
    """What paces it and caps it."""
    if mode := _one_of(PacingMode, cells, "pacing_mode", faults):
        settings["pacing_mode"] = mode
    if (gap := _number(cells, "min_gap_seconds", 0, _LONGEST_GAP, faults, whole=False)) is not None:
        settings["min_gap_seconds"] = gap
    if (jitter := _number(cells, "jitter", 0, 1, faults, whole=False)) is not None:
        settings["jitter"] = jitter
    if (limit := _number(cells, "rolling_limit", 1, 100_000, faults)) is not None:
        settings["rolling_limit"] = int(limit)


def _read_choice(cells: Mapping[str, str], settings: Settings, faults: list[str]) -> None:
    """What it is chosen by."""
    if (weight := _number(cells, "weight", _LEAST_WEIGHT, _MOST_WEIGHT, faults, whole=False)) is not None:
        settings["weight"] = weight
    if provider := _one_of(Provider, cells, "provider", faults):
        settings["provider"] = provider
    if "tags" not in cells:
        return
    try:
        settings["tags"] = read_tags(tag for tag in cells["tags"].split(";") if tag.strip())
    except InvalidTag as error:
        faults.append(f"tags: {str(error).removesuffix('.').lower()}")
    if len(settings.get("tags", ())) > MOST_TAGS:
        faults.append(f"tags: must be at most {MOST_TAGS}")


def _servers(cells: Mapping[str, str], faults: list[str]) -> dict[Protocol, ServerChange]:
    servers = {protocol: _server(cells, protocol, faults) for protocol in Protocol}
    return {protocol: server for protocol, server in servers.items() if server}


def _server(cells: Mapping[str, str], protocol: Protocol, faults: list[str]) -> ServerChange:
    server = ServerChange()
    if host := cells.get(f"{protocol}_host"):
        server["host"] = host
    if (port := _number(cells, f"{protocol}_port", 1, 65_535, faults)) is not None:
        server["port"] = int(port)
    if security := _one_of(Security, cells, f"{protocol}_security", faults):
        server["security"] = security
    if username := cells.get(f"{protocol}_username"):
        server["username"] = username
    if password := cells.get(f"{protocol}_password"):
        server["password"] = password
    return server


def _auth(cells: Mapping[str, str], faults: list[str]) -> AuthChange | None:
    """How it logs in, where the row says that it is by OAuth 2.0."""
    grant = GrantChange()
    if provider := _one_of(OAuthProvider, cells, "oauth_provider", faults):
        grant["provider"] = provider
    if client_id := cells.get("oauth_client_id"):
        grant["client_id"] = client_id
    if secret := cells.get("oauth_client_secret"):
        grant["client_secret"] = secret
    if refresh_token := cells.get("oauth_refresh_token"):
        grant["refresh_token"] = refresh_token
    if url := cells.get("oauth_token_url"):
        grant["token_url"] = url
    return AuthChange(grant) if grant else None


def _number(
    cells: Mapping[str, str], column: str, least: float, most: float, faults: list[str], *, whole: bool = True
) -> float | None:
    text = cells.get(column)
    if text is None:
        return None
    pattern = r"\d{1,9}" if whole else r"\d{1,9}(\.\d{1,9})?"
    if not re.fullmatch(pattern, text, re.ASCII) or not least <= float(text) <= most:
        faults.append(f"{column}: must be a {'whole ' if whole else ''}number from {least} to {most}")
        return None
    return float(text)


def _one_of(choices: type[Choice], cells: Mapping[str, str], column: str, faults: list[str]) -> Choice | None:
    text = cells.get(column)
    if text is None:
        return None
    for choice in choices:
        if choice == text.lower():
            return choice
    faults.append(f"{column}: must be {' or '.join(choices)}")
    return None


def _is_unclean(text: str) -> bool:
    return any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in text)


def _raise(faults: list[str]) -> None:
    if faults:
        raise InvalidRow("; ".join(faults))
