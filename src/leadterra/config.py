"""Settings: read once from the environment, then frozen.

Each field is the environment variable LEADTERRA_<FIELD IN CAPITALS>; an empty one counts as absent. What a
command line gives overrides it. A value that cannot be used, or a LEADTERRA_ variable that does not exist,
raises `InvalidSetting`, whose text is one line that names the variable and says what would be right.
"""

from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo

PREFIX = "LEADTERRA_"


class InvalidSetting(ValueError):
    """A setting cannot be used. name: the variable or option at fault."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


def variable(field: str) -> str:
    """The environment variable of a field of `Settings`."""
    return PREFIX + field.upper()


def _postgres_url(url: str) -> str:
    if not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("must be a URL such as postgresql://user:password@host:5432/leadterra")
    return url


def _web_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("must be a base URL such as https://mail.example.com, without query or fragment")
    return url.rstrip("/")


def server_address(text: str) -> tuple[str, int]:
    """IP address and port of a name server; the port is 53 unless it is given. Raises ValueError."""
    try:
        parts = urlsplit(f"//{text}")
        address, port = str(ip_address(parts.hostname or "")), parts.port
        if parts.netloc != text or "@" in text or port == 0:
            raise ValueError
    except ValueError:
        raise ValueError(
            "must be an IP address and a port such as 192.0.2.1:53 or [2001:db8::1]:53"
        ) from None
    return address, 53 if port is None else port


def _nameserver(text: str) -> str:
    server_address(text)
    return text


def networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    """IP networks with commas between them. Raises ValueError."""
    try:
        return tuple(ip_network(each.strip()) for each in text.split(",") if each.strip())
    except ValueError:
        raise ValueError("must be IP networks such as 10.0.0.0/8,fd00::/8") from None


def _networks(text: str) -> str:
    networks(text)
    return text


def _model_name(name: str | None, read: ValidationInfo) -> str | None:
    if name is None and read.data.get("model_url") is not None:
        raise ValueError(f"must name the model to ask for, because {variable('model_url')} is set")
    return name


def _existing_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"must name a file, and there is none at {path}")
    return path


def _absolute(path: Path) -> Path:
    return path.expanduser().absolute()


def _own_url(fields: Mapping[str, object]) -> str:
    """Where this machine reaches the API itself; a wildcard address is no address to put into a letter."""
    host = str(fields.get("host", ""))
    if host in {"0.0.0.0", "::", ""}:
        host = "localhost"
    with suppress(ValueError):
        host = f"[{IPv6Address(host)}]"
    return f"http://{host}:{fields.get('port')}"


PostgresUrl = Annotated[str, AfterValidator(_postgres_url)]
WebUrl = Annotated[str, AfterValidator(_web_url)]
Nameserver = Annotated[str, AfterValidator(_nameserver)]
Networks = Annotated[str, AfterValidator(_networks)]
ModelName = Annotated[str | None, Field(max_length=200), AfterValidator(_model_name)]
AbsolutePath = Annotated[Path, AfterValidator(_absolute)]
ExistingFile = Annotated[AbsolutePath, AfterValidator(_existing_file)]


class Settings(BaseModel):
    """Everything an operator can choose, and what holds where nothing was chosen. Made by `from_environ`."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    database_url: PostgresUrl | None = Field(
        default=None,
        repr=False,
        description="The PostgreSQL 15+ to use, as the program's unprivileged login. "
        "Absent: the embedded one in data_dir.",
    )
    admin_database_url: PostgresUrl | None = Field(
        default_factory=lambda fields: fields.get("database_url"),
        repr=False,
        description="The same database as a login that may create tables and roles, for migrations. "
        "Absent: database_url.",
    )
    data_dir: AbsolutePath = Field(
        description="Where the embedded database and the key file live. "
        "Absent: $XDG_DATA_HOME/leadterra, or ~/.local/share/leadterra.",
    )
    host: str = Field(default="127.0.0.1", min_length=1, description="The address that the API listens on.")
    port: int = Field(default=8080, ge=1, le=65535, description="The TCP port that the API listens on.")
    public_url: WebUrl = Field(
        default_factory=_own_url,
        description="Base of the links in letters (unsubscribe), as recipients reach it. Absent: http://<host>:<port>.",
    )
    processes: int = Field(default=1, ge=1, le=256, description="Worker processes to run.")
    seal_keys: str | None = Field(
        default=None,
        repr=False,
        description="Keys that seal mailbox passwords, current first: id:base64,id:base64, 32 bytes each. "
        "Absent: the file seal.keys in data_dir, made at first use.",
    )
    clock_file: AbsolutePath | None = Field(
        default=None,
        description="A file with an offset that every process adds to its clock: 8 bytes, "
        "little-endian double, seconds. For demonstrations and tests.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="The least severe log lines to write."
    )
    log_format: Literal["auto", "json", "console"] = Field(
        default="auto",
        description="One JSON object a line, or lines for people. auto: console if stderr is a terminal.",
    )
    max_in_flight: int = Field(
        default=4000, ge=1, le=10_000, description="Messages that one worker process holds claimed at a time."
    )
    claim_batch: int = Field(
        default=500, ge=1, le=500, description="Messages claimed in one transaction, at most."
    )
    lease_seconds: float = Field(
        default=60,
        ge=1,
        le=3600,
        description="How long a claim holds without renewal. Work of a dead process is found after so long.",
    )
    poll_interval_ms: int = Field(
        default=200, ge=10, le=60_000, description="How often an idle worker looks for work, in milliseconds."
    )
    connections_per_account: int = Field(
        default=4,
        ge=1,
        le=100,
        description="SMTP connections of one process for one sender account.",
    )
    connections_per_process: int = Field(
        default=200, ge=1, le=10_000, description="SMTP connections of one process in all."
    )
    letters_per_connection: int = Field(
        default=100,
        ge=1,
        le=1_000_000,
        description="Letters that one SMTP connection carries before it is closed.",
    )
    mailboxes_per_process: int = Field(
        default=5000, ge=0, le=100_000, description="Mailboxes that one worker process reads at most."
    )
    smtp_ca_file: ExistingFile | None = Field(
        default=None,
        description="Certificates (PEM) of authorities to trust for SMTP and IMAP over TLS, "
        "besides the system's.",
    )
    smtp_timeout_scale: float = Field(
        default=1.0,
        gt=0,
        le=10,
        description="Factor on the timeouts of RFC 5321 §4.5.3.2. "
        "Below 1 gives up sooner: more letters become uncertain.",
    )
    nameserver: Nameserver | None = Field(
        default=None,
        description="IP address and port of the name server to ask for MX records. Absent: the system's.",
    )
    allowed_networks: Networks | None = Field(
        default=None,
        description="IP networks that are called although they are not public, where a user names a URL, "
        "with commas between them: 10.0.0.0/8,fd00::/8.",
    )
    model_url: WebUrl | None = Field(
        default=None,
        description="Base of an OpenAI-compatible API, such as https://models.example.com/v1, to ask what "
        "replies mean that the rules make nothing of. Absent: nobody is asked.",
    )
    model_name: ModelName = Field(
        default=None,
        description="The model to ask for at model_url.",
    )
    model_key: str | None = Field(
        default=None,
        repr=False,
        max_length=2000,
        description="The key for model_url. Absent: none is sent.",
    )
    rate_limit: int = Field(
        default=6000,
        ge=1,
        le=10_000_000,
        description="Requests a minute of one API key, counted by each API process.",
    )

    @classmethod
    def from_environ(cls, environ: Mapping[str, str], **overrides: object) -> Self:
        """Read the variables; `overrides` (fields by name, None: not given) win. Raises `InvalidSetting`."""
        _refuse_unknown(environ, cls.model_fields)
        given = {field: value for field, value in overrides.items() if value is not None}
        values: dict[str, object] = {"data_dir": _default_data_dir(environ)}
        values |= {field: value for field in cls.model_fields if (value := environ.get(variable(field), ""))}
        values |= given
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise _explain(error, values, given) from None


def _default_data_dir(environ: Mapping[str, str]) -> Path:
    shared = environ.get("XDG_DATA_HOME") or Path(environ.get("HOME") or Path.home()) / ".local" / "share"
    return Path(shared) / "leadterra"


def _refuse_unknown(environ: Mapping[str, str], fields: Mapping[str, object]) -> None:
    """A misspelt variable would be ignored in silence otherwise."""
    known = [variable(field) for field in fields]
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            close = get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"the settings are {', '.join(known)}"
            raise InvalidSetting(name, f"there is no such setting; {hint}")


def _explain(
    error: ValidationError, values: Mapping[str, object], given: Mapping[str, object]
) -> InvalidSetting:
    """The first fault as one line; the value is shown unless the field can hold a secret."""
    fault = error.errors(include_url=False)[0]
    field = str(fault["loc"][0])
    name = f"--{field.replace('_', '-')}" if field in given else variable(field)
    known = Settings.model_fields.get(field)
    if known is None:
        return InvalidSetting(name, "there is no such setting")
    message = fault["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
    shown = f" (it is {str(values[field])!r})" if known.repr and field in values else ""
    return InvalidSetting(name, message + shown)
