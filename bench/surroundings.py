"""What the bench ran on: processors, memory and versions. No names and no paths."""

import json
import os
import platform
import re
import subprocess
from pathlib import Path

import psutil

from bench.programs import PEERS, Missing, environment, peers_python, program
from leadterra import __version__
from leadterra.store.postgres_wheel import installation

_PYTHON_PEERS = (
    "aiosmtplib",
    "django",
    "django-post-office",
    "celery",
    "redis",
    "flufl.bounce",
    "mail-parser-reply",
)
_ASK = "import importlib.metadata as m, json, sys; print(json.dumps({n: m.version(n) for n in sys.argv[1:]}))"
_VERSION = re.compile(r"\d+(?:\.\d+)+")


def surroundings() -> dict[str, object]:
    """Everything that has to do with the figures; a peer that is not installed is left out."""
    return {
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "leadterra": __version__,
        "postgresql": _said([str(installation() / "bin" / "postgres"), "--version"]),
        **_programs(),
        **_python_peers(),
        **_node_peers(),
    }


def _programs() -> dict[str, str]:
    asked = {
        "postfix": ("postconf", "-d", "mail_version"),
        "dovecot": ("dovecot", "--version"),
        "redis-server": ("redis-server", "--version"),
        "node": ("node", "--version"),
    }
    found = {}
    for name, (command, *arguments) in asked.items():
        try:
            found[name] = _said([program(command), *arguments])
        except Missing:
            continue
    return found


def _python_peers() -> dict[str, str]:
    try:
        told = _output([peers_python(), "-c", _ASK, *_PYTHON_PEERS])
    except (Missing, OSError):
        return {}
    versions: dict[str, str] = json.loads(told)
    return {"redis client" if name == "redis" else name: number for name, number in versions.items()}


def _node_peers() -> dict[str, str]:
    package = Path(PEERS / "node" / "node_modules" / "nodemailer" / "package.json")
    return {"nodemailer": str(json.loads(package.read_text())["version"])} if package.exists() else {}


def _said(command: list[str]) -> str:
    """The first version number in what a program says."""
    found = _VERSION.search(_output(command))
    return found.group() if found else "unknown"


def _output(command: list[str]) -> str:
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment(), timeout=30)
    return done.stdout
