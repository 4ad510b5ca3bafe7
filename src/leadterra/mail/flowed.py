"""Text that was wrapped only for its journey (`format=flowed`, RFC 3676), as it was written. Never raises;
linear.
"""

_SIGNATURE = "-- "


def unflow(text: str, *, deletes_space: bool = False) -> str:
    """Join the lines of paragraphs (§4.1). A quote keeps its depth, as "> " marks.

    deletes_space: `DelSp=yes`, the blank at a line's end is not part of the text.
    """
    lines: list[str] = []
    paragraph: list[str] = []
    depth = 0

    def finish() -> None:
        if paragraph:
            lines.append("> " * depth + "".join(paragraph) if paragraph != [""] else (">" * depth))
            paragraph.clear()

    for line in text.split("\n"):
        bare = line.lstrip(">")
        quoted = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if quoted != depth or bare == _SIGNATURE:
            finish()
        depth = quoted
        flows = bare.endswith(" ") and bare != _SIGNATURE
        paragraph.append(bare[:-1] if flows and deletes_space else bare)
        if not flows:
            finish()
    finish()
    return "\n".join(lines)
