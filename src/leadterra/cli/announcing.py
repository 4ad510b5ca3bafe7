"""What `leadterra up` says once everything runs: where it is, and the key that was made."""

from contextlib import suppress
from dataclasses import dataclass
from ipaddress import IPv6Address
from pathlib import Path

from rich.box import HORIZONTALS
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.text import Text

from leadterra.cli.first_run import NewKey
from leadterra.config import Settings, variable

_WIDTH = 96
_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


@dataclass(frozen=True, slots=True)
class Announcement:
    """key: None if none was made. key_file: as asked for."""

    settings: Settings
    key: NewKey | None
    key_file: Path | None

    @property
    def url(self) -> str:
        """Where this machine reaches the API."""
        host = _EVERYWHERE.get(self.settings.host, self.settings.host)
        with suppress(ValueError):
            host = f"[{IPv6Address(host)}]"
        return f"http://{host}:{self.settings.port}"

    def ready(self) -> dict[str, object]:
        """For programs."""
        return {
            "event": "ready",
            "url": self.url,
            "docs": f"{self.url}/docs",
            "publicUrl": self.settings.public_url,
            "dataDir": str(self.settings.data_dir),
            "processes": self.settings.processes,
            "workspace": self.key.workspace if self.key else None,
            "apiKey": self.key.text if self.key else None,
            "keyFile": str(self.key_file) if self.key_file else None,
        }

    def ready_lines(self) -> RenderableType:
        """For people."""
        text = Text("Leadterra is ready.", style="bold green", overflow="fold")
        settings = self.settings
        places = {
            "API": self.url,
            "Docs": f"{self.url}/docs",
            "Data": settings.data_dir,
            "Workers": settings.processes,
            "Links": settings.public_url,
        }
        for name, place in places.items():
            text.append(f"\n{name:<9}", style="bold not green").append(str(place), style="not bold not green")
        if "public_url" not in settings.model_fields_set:
            hint = f"Before you write to anybody, set {variable('public_url')} to where recipients reach it."
            text.append(f"\n{'':<9}{hint}", style="not bold not green")
        return Group(_panel(text, "green"), *([self.key_lines()] if self.key else []))

    def key_lines(self) -> RenderableType:
        """The key, and what to do with it."""
        assert self.key is not None
        where = f"It is also in {self.key_file}." if self.key_file else "It is stored nowhere: keep it."
        text = Text.assemble(
            (f"An API key for the workspace '{self.key.workspace}', shown this once. {where}\n\n", "bold"),
            f"KEY={self.key.text}\n",
            f'curl {self.url}/v1/sender-pools -H "Authorization: Bearer $KEY"',
            overflow="fold",
        )
        return _panel(text, "yellow")


def _panel(text: Text, colour: str) -> Panel:
    """No side borders: what is copied from the terminal must be the command and nothing else."""
    return Panel(text, box=HORIZONTALS, border_style=colour, width=_WIDTH, padding=(0, 0))
