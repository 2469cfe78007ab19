"""Directives: one-line comments in a page that become statements, figures, numbers and tables.

`<!-- gm: NAME ARGUMENT... [OPTION=WORD...] -->`.  Inline directives may stand in a sentence, the
others stand alone on their line.  Directives in fenced blocks and in code spans are left alone,
so that a page can show how to write one.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gradmath.errors import DeclarationError, GradmathError, UnknownNameError
from gradmath.render.context import Context, Number, Numbers

COMMENT = re.compile(r"<!--\s*gm:(?P<body>.*?)-->", re.DOTALL)
TOKENS = re.compile(
    r"^(?P<indent>[ \t]*)(?P<fence>`{3,}|~{3,})[^\n]*\n.*?^(?P=indent)(?P=fence)[`~]*[ \t]*$"
    r"|(?P<ticks>`+)(?!`)[^\n]*?(?<!`)(?P=ticks)(?!`)"
    r"|(?:^(?P<margin>[ \t]*))?(?P<comment><!--\s*gm:.*?-->)",
    re.DOTALL | re.MULTILINE,
)
HEADING = re.compile(r"^#\s+(?:(?P<number>\d+)\.)?", re.MULTILINE)


@dataclass(frozen=True)
class Directive:
    """A parsed directive."""

    name: str
    arguments: tuple[str, ...]
    options: Mapping[str, str]

    def one(self) -> str:
        """The only argument; anything else is an error."""
        if len(self.arguments) != 1:
            raise DeclarationError(
                f"directive {self.name}", got=f"{len(self.arguments)} arguments", allowed="one"
            )
        return self.arguments[0]

    def pair(self) -> tuple[str, str]:
        """The only argument as OWNER.NAME."""
        owner, dot, name = self.one().partition(".")
        if not (owner and dot and name):
            raise DeclarationError(
                f"directive {self.name}", got=repr(self.one()), allowed="OWNER.NAME"
            )
        return owner, name

    def refuse_options(self, *allowed: str) -> None:
        """Refuse options that the directive does not have."""
        for option in self.options:
            if option not in allowed:
                raise UnknownNameError(f"option of directive {self.name}", option, allowed)


Renderer = Callable[[Directive, Context], str]


def parse(comment: str) -> Directive:
    """Read a directive.

    >>> parse("<!-- gm: steps one-neuron wrt=w -->")
    Directive(name='steps', arguments=('one-neuron',), options={'wrt': 'w'})
    """
    found = COMMENT.fullmatch(comment)
    words = found["body"].split() if found else []
    if not words:
        raise DeclarationError("directive", got=repr(comment), allowed="<!-- gm: NAME ... -->")
    options = dict(word.split("=", 1) for word in words[1:] if "=" in word)
    return Directive(words[0], tuple(word for word in words[1:] if "=" not in word), options)


def expand(
    text: str, context: Context, inline: Mapping[str, Renderer], block: Mapping[str, Renderer]
) -> str:
    """Replace every directive in the Markdown of a page.

    An error names the line and the directive.
    """

    def one(match: re.Match[str]) -> str:
        if match["comment"] is None:
            return match[0]
        try:
            directive = parse(match["comment"])
            if directive.name in inline:
                written = inline[directive.name](directive, context)
                return (match["margin"] or "") + written
            if directive.name not in block:
                raise UnknownNameError("directive", directive.name, {*inline, *block})
            rest = text[match.end() :].split("\n", 1)[0]
            if match["margin"] is None or rest.strip():
                raise DeclarationError(
                    f"directive {directive.name}",
                    got="words beside it",
                    allowed="a line of its own",
                )
            written = "\n" + block[directive.name](directive, context).strip("\n") + "\n"
            return textwrap.indent(written, match["margin"])
        except GradmathError as error:
            line = 1 + text.count("\n", 0, match.start())
            error.add_note(f"line {line}: {match['comment']}")
            raise

    return TOKENS.sub(one, text)


def claims_in(text: str) -> list[str]:
    """Ids of the claims that a page states, in order, each once."""
    found: dict[str, None] = {}
    for match in TOKENS.finditer(text):
        if match["comment"]:
            directive = parse(match["comment"])
            if directive.name == "claim":
                found[directive.one()] = None
    return list(found)


def numbers(pages: Mapping[str, str]) -> Numbers:
    r"""Number the claims of the chapter's pages: page, then place on the page.

    `pages` maps source paths to Markdown; only those in `chapter/` count.  A page whose first
    heading has no number is page 0.

    >>> numbers({"chapter/a.md": "# 2. Two\n\n<!-- gm: claim by-hand -->"})
    {'by-hand': Number(label='2.1', home='chapter/a.md')}
    """
    table: dict[str, Number] = {}
    for page, text in pages.items():
        if not page.startswith("chapter/"):
            continue
        heading = HEADING.search(text)
        first = (heading and heading["number"]) or "0"
        for place, claim in enumerate(claims_in(text), 1):
            table.setdefault(claim, Number(f"{first}.{place}", page))
    return table
