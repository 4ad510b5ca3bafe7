"""Settings are parsed once, every field is documented, and a mistake is one clear line."""

from pathlib import Path

import pytest

from leadterra.config import InvalidSetting, Settings, server_address, variable

HOME = {"HOME": "/somewhere"}


def test_an_empty_environment_gives_the_embedded_database_on_loopback() -> None:
    """Nothing needs to be set."""
    settings = Settings.from_environ(HOME)

    assert (settings.database_url, settings.host, settings.port) == (None, "127.0.0.1", 8080)
    assert settings.data_dir == Path("/somewhere/.local/share/leadterra")


def test_every_variable_sets_its_field(tmp_path: Path) -> None:
    """No field is out of reach of the environment."""
    certificates = tmp_path / "ca.pem"
    certificates.touch()
    values = {
        "database_url": "postgresql://app@db/leadterra",
        "admin_database_url": "postgresql://owner@db/leadterra",
        "data_dir": str(tmp_path),
        "host": "0.0.0.0",
        "port": "9000",
        "public_url": "https://mail.example.com",
        "processes": "3",
        "seal_keys": "k1:AAAA",
        "clock_file": str(tmp_path / "clock"),
        "log_level": "debug",
        "log_format": "json",
        "max_in_flight": "10",
        "claim_batch": "20",
        "lease_seconds": "2.5",
        "poll_interval_ms": "50",
        "connections_per_account": "2",
        "connections_per_process": "30",
        "letters_per_connection": "7",
        "mailboxes_per_process": "8",
        "smtp_ca_file": str(certificates),
        "smtp_timeout_scale": "0.5",
        "nameserver": "192.0.2.53:5353",
        "allowed_networks": "10.0.0.0/8, fd00::/8",
        "model_url": "https://models.example.com/v1",
        "model_name": "small",
        "model_key": "a key",
        "rate_limit": "60",
    }
    settings = Settings.from_environ({variable(field): text for field, text in values.items()})

    assert {field: str(value) for field, value in settings} == values


def test_every_field_is_documented() -> None:
    """The reference of settings is made from these."""
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_settings_are_frozen() -> None:
    """Nobody changes a setting behind another's back."""
    with pytest.raises(ValueError, match="frozen"):
        Settings.from_environ(HOME).port = 1


def test_a_command_line_option_wins_over_the_environment() -> None:
    """None means that the option was not given."""
    settings = Settings.from_environ(
        HOME | {"LEADTERRA_PORT": "9000", "LEADTERRA_HOST": "::1"}, port=9001, host=None
    )

    assert (settings.port, settings.host) == (9001, "::1")


def test_an_empty_variable_counts_as_absent() -> None:
    """Compose files and service units pass variables on that nobody set."""
    assert Settings.from_environ(HOME | {"LEADTERRA_DATABASE_URL": ""}).database_url is None


def test_the_data_directory_follows_the_desktop_standard() -> None:
    """XDG Base Directory Specification: $XDG_DATA_HOME before ~/.local/share."""
    assert Settings.from_environ(HOME | {"XDG_DATA_HOME": "/data"}).data_dir == Path("/data/leadterra")


def test_migrations_use_the_programs_login_unless_told_otherwise() -> None:
    """One URL is enough where one login does both."""
    settings = Settings.from_environ(HOME | {"LEADTERRA_DATABASE_URL": "postgresql://one@db/x"})

    assert settings.admin_database_url == "postgresql://one@db/x"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("127.0.0.1", "http://127.0.0.1:8080"),
        ("0.0.0.0", "http://localhost:8080"),
        ("::", "http://localhost:8080"),
        ("::1", "http://[::1]:8080"),
        ("mail.example.com", "http://mail.example.com:8080"),
    ],
)
def test_links_in_letters_lead_to_the_listener_by_default(host: str, url: str) -> None:
    """A wildcard address is no address to put into a letter."""
    assert Settings.from_environ(HOME | {"LEADTERRA_HOST": host}).public_url == url


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("LEADTERRA_PORT", "eighty", "must be a valid integer"),
        ("LEADTERRA_PORT", "70000", "must be less than or equal to 65535 (it is '70000')"),
        ("LEADTERRA_CLAIM_BATCH", "501", "must be less than or equal to 500"),
        ("LEADTERRA_LOG_LEVEL", "loud", "must be 'debug', 'info', 'warning' or 'error'"),
        ("LEADTERRA_PUBLIC_URL", "mail.example.com", "must be a base URL such as https://"),
        ("LEADTERRA_SMTP_CA_FILE", "/nowhere/ca.pem", "there is none at /nowhere/ca.pem"),
        ("LEADTERRA_NAMESERVER", "dns.example.com:53", "must be an IP address and a port"),
        ("LEADTERRA_NAMESERVER", "192.0.2.1:70000", "must be an IP address and a port"),
        ("LEADTERRA_NAMESERVER", "192.0.2.1:53/x", "must be an IP address and a port"),
        ("LEADTERRA_DATABASE_URL", "mysql://x", "must be a URL such as postgresql://"),
        ("LEADTERRA_PROT", "80", "there is no such setting; did you mean LEADTERRA_PORT?"),
    ],
)
def test_a_mistake_is_one_line_that_names_the_variable(name: str, value: str, says: str) -> None:
    """And it says what would be right."""
    with pytest.raises(InvalidSetting) as refused:
        Settings.from_environ(HOME | {name: value})

    text = str(refused.value)
    assert (text.startswith(f"{name}: "), says in text, "\n" in text) == (True, True, False), text


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.1:5353", ("192.0.2.1", 5353)),
        ("192.0.2.1", ("192.0.2.1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
        ("[2001:db8::1]", ("2001:db8::1", 53)),
    ],
)
def test_a_name_server_is_an_address_and_a_port(text: str, address: tuple[str, int]) -> None:
    """The port is 53 unless it is given."""
    assert server_address(text) == address


def test_a_mistake_on_the_command_line_names_the_option() -> None:
    """The person who typed it never saw a variable."""
    with pytest.raises(InvalidSetting, match=r"^--poll-interval-ms: must be greater"):
        Settings.from_environ(HOME, poll_interval_ms=1)


def test_no_secret_is_shown() -> None:
    """Neither by repr, nor by a complaint about a value."""
    settings = Settings.from_environ(
        HOME | {"LEADTERRA_DATABASE_URL": "postgresql://u:hush@db/x", "LEADTERRA_SEAL_KEYS": "k1:hush"}
    )
    with pytest.raises(InvalidSetting) as refused:
        Settings.from_environ(HOME | {"LEADTERRA_DATABASE_URL": "mysql://u:hush@db/x"})

    assert "hush" not in repr(settings) + str(refused.value)
