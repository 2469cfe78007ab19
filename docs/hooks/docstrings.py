"""Docstrings as Markdown for the API page.

Our docstrings are prose with a few habits: `name: meaning` lines for arguments, indented formulas,
and examples that start with `>>>`.  Formulas are Markdown already; this turns the other two into
lists and into highlighted blocks.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

EXAMPLE = re.compile(r"^(?P<indent> *)>>> ")
FIELD = re.compile(r"^(?P<names>[a-z_]\w*(?:, [a-z_]\w*)*):(?= |$)")


def markdown(text: str) -> str:
    """Return a docstring as Markdown."""
    blocks = re.split(r"\n[ ]*\n", text.strip("\n"))
    return "\n\n".join(example(block) or fields(block) for block in blocks)


def example(block: str) -> str | None:
    """An example as a fenced block; None for a block that is none."""
    found = EXAMPLE.match(block)
    if found is None:
        return None
    lines = [line.removeprefix(found["indent"]) for line in block.splitlines()]
    return "\n".join(["```pycon", *lines, "```"])


def fields(block: str) -> str:
    """A block whose first line is `name: meaning` as a list; any other block as it stands."""
    lines = block.splitlines()
    if not FIELD.match(lines[0]):
        return block
    listed = []
    for line in lines:
        field = FIELD.match(line)
        if field is None:
            listed.append("  " + line.strip())
            continue
        names = ", ".join(f"`{name}`" for name in field["names"].split(", "))
        listed.append(f"- {names}:{line[field.end() :]}")
    return "\n".join(listed)


class Docstrings(griffe.Extension):
    """Rewrites every docstring as griffe collects it."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        """Called once for each module, class, function and attribute."""
        if obj.docstring is not None:
            obj.docstring.value = markdown(obj.docstring.value)
