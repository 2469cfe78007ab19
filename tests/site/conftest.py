"""The built site as pages and links."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Somewhere below a domain's root, since project sites are served from there.
BASE = "https://site.invalid/some/where/"
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}
SILENT = {"script", "style", "pre", "code", "annotation", "svg"}


@dataclass
class Element:
    """A start tag that loads or points to something."""

    tag: str
    attributes: dict[str, str]
    url: str


@dataclass
class Html(HTMLParser):
    """A page: its ids, links, loads, headings and running text."""

    ids: list[str] = field(default_factory=list)
    elements: list[Element] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if "id" in attributes:
            self.ids.append(attributes["id"])
        for name in ("href", "src", "data", "poster", "action"):
            if name in attributes:
                self.elements.append(Element(tag, attributes, attributes[name]))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if not SILENT & set(self._open):
            self.text.append(data)


@dataclass(frozen=True)
class Site:
    """The folder of a built site."""

    folder: Path

    def pages(self) -> list[str]:
        """Paths of all pages, as `chapter/one-neuron/index.html`."""
        found = self.folder.rglob("*.html")
        return sorted(path.relative_to(self.folder).as_posix() for path in found)

    @cache  # noqa: B019 - one site for the whole run
    def html(self, page: str) -> Html:
        parsed = Html()
        parsed.feed((self.folder / page).read_text("utf-8"))
        parsed.close()
        return parsed

    def address(self, page: str) -> str:
        """Where a server below a sub-path answers with this page."""
        return urljoin(BASE, page.removesuffix("index.html"))

    def target(self, page: str, url: str) -> tuple[Path | None, str]:
        """The file that a link leads to, None outside the site; and its fragment."""
        parts = urlsplit(urljoin(self.address(page), url))
        if parts.scheme not in ("http", "https") or parts.netloc != urlsplit(BASE).netloc:
            return None, ""
        prefix = urlsplit(BASE).path
        assert parts.path.startswith(prefix), f"{page}: {url} leaves the sub-path"
        path = self.folder / unquote(parts.path.removeprefix(prefix))
        return (path / "index.html" if parts.path.endswith("/") else path), unquote(parts.fragment)

    def links(self, page: str) -> Iterator[Element]:
        yield from self.html(page).elements


@pytest.fixture(scope="session")
def site() -> Site:
    """The site named by GRADMATH_SITE, else site/; without one, the test fails and says so."""
    folder = Path(os.environ.get("GRADMATH_SITE", ROOT / "site"))
    if not (folder / "index.html").is_file():
        pytest.fail(f"no built site in {folder}: run `python -m nox -s site` first")
    return Site(folder)
