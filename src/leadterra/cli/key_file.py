"""The file that `leadterra up --key-file` writes an API key to, for its owner alone.

The key is in it whole or not at all, with mode 0600 from its first byte. A file that cannot be written is
found out before a key is made: `CommandError`.
"""

import os
import tempfile
from pathlib import Path

from leadterra.cli.errors import CommandError


def refuse_unwritable(file: Path) -> None:
    """Raise `CommandError` unless the file could be made now."""
    folder = file.parent
    if file.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise CommandError(
            f"--key-file: {file} cannot be written: {folder} must be a directory that you may write to"
        )


def write_key(file: Path, key: str) -> None:
    """Put the key there, in place of what was there."""
    handle, draft = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as stream:
            stream.write(f"{key}\n")
            stream.flush()
            os.fsync(stream.fileno())
        Path(draft).replace(file)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
