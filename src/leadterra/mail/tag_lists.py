"""Lists of tags as DKIM and DMARC write them (RFC 6376 §3.2): `v=DKIM1; p=…`. Nothing here fails."""

import re

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")


def read_tags(text: str) -> dict[str, str] | None:
    """Values by tag, in their order; None for what is no such list, or names a tag twice."""
    tags: dict[str, str] = {}
    parts = text.split(";")
    if not parts[-1].strip():
        parts.pop()
    for part in parts:
        name, equals, value = part.partition("=")
        name = name.strip()
        if not equals or not _NAME.fullmatch(name) or name in tags:
            return None
        tags[name] = value.strip()
    return tags
