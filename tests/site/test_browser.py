"""The built site as a reader meets it: in Chromium, below a sub-path, light and dark, on a phone.

Chromium is the system's own; CHROMIUM names it.
"""

from __future__ import annotations

import http.server
import math
import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

AXE = Path(__file__).parent / "axe" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PREFIX = "/some/where/"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
SCHEMES = {"light": "default", "dark": "slate"}
#: Every kind of page; all passports are written by one piece of code, so a few stand for them.
PASSPORTS = ("sigmoid-slope-bound", "matrix-rule-W", "published-update-climbs-iff")
PAGES = (
    "",
    "chapter/before-you-start/",
    "chapter/one-neuron/",
    "chapter/chain-rule/",
    "chapter/vanishing/",
    "chapter/exploding/",
    "chapter/edge/",
    "chapter/remedies/",
    "chapter/practice/",
    "labs/one_neuron/",
    "labs/thirty_layers/",
    "labs/matrix_products/",
    "labs/edge_of_chaos/",
    "labs/remedies/",
    "labs/derive_your_own/",
    "labs/kernels_compared/",
    "ledger/",
    *(f"ledger/{claim}/" for claim in PASSPORTS),
    "errata/",
    "museum/",
    "gallery/",
    "performance/",
    "glossary/",
    "further-reading/",
    "reference/api/",
    "reference/catalogue/",
    "reference/checking/",
    "reference/shell/",
    "reference/extending/",
    "reference/design/",
)


#: Pages that are read from top to bottom, beside those of the chapter.
READ = ("", "errata/", "museum/", "gallery/", "glossary/", "further-reading/")


class Handler(http.server.SimpleHTTPRequestHandler):
    """The site below a prefix, and nothing at the root."""

    def translate_path(self, path: str) -> str:
        if not path.startswith(PREFIX):
            return str(Path(self.directory) / "nothing here")
        return super().translate_path("/" + path.removeprefix(PREFIX))

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def address(site) -> Iterator[str]:
    handler = partial(Handler, directory=str(site.folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("Chromium is missing: install it, or name it in CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def visit(chromium: Browser, address: str):
    """Open a page with a colour scheme and a size; what goes wrong on it is gathered."""
    contexts = []

    def open_page(path: str, scheme: str = "light", size: dict[str, int] = DESK) -> Page:
        context = chromium.new_context(viewport=size, color_scheme=scheme, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.troubles = troubles = []
        page.on("console", lambda message: message.type in ("error", "warning")
                and troubles.append(f"console: {message.text}"))  # fmt: skip
        page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
        page.on("requestfailed", lambda request: troubles.append(f"failed: {request.url}"))
        page.on("response", lambda response: response.status >= 400
                and troubles.append(f"{response.status}: {response.url}"))  # fmt: skip
        page.on("request", lambda request: request.url.startswith((address, "data:", "blob:"))
                or troubles.append(f"elsewhere: {request.url}"))  # fmt: skip
        page.goto(address + path, wait_until="networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()


# Loading a page takes longer than asking it: each is loaded once in each colour scheme and once on
# a phone, and asked there everything.


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_page_loads_cleanly_in_the_system_s_colours_and_has_no_barriers(visit, path, scheme):
    page = visit(path, scheme)
    assert page.locator("body").get_attribute("data-md-color-scheme") == SCHEMES[scheme]
    assert not page.troubles, page.troubles
    page.add_script_tag(path=AXE)
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    assert not found, "\n".join(
        f"{each['id']} ({each['impact']}): {each['help']}\n   "
        + "\n   ".join(node["html"][:200] + " | " + node["failureSummary"].replace("\n", " ")[:300]
                       for node in each["nodes"][:4])
        for each in found
    )  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_page_fits_a_phone(visit, path):
    """On pages that are read from top to bottom nothing but code is scrolled sideways."""
    page = visit(path, size=PHONE)
    wide = page.evaluate("document.documentElement.scrollWidth")
    may_scroll = ".gm-display, .gm-table, .md-typeset__scrollwrap, pre, .gm-output, .katex-mathml"
    may_scroll += ", .hide-tail"  # KaTeX draws the bar of a root hundreds of em long and clips it
    sticking_out = page.evaluate(
        """may => [...document.querySelectorAll('article *')]
            .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && !e.closest(may))
            .map(e => e.outerHTML.slice(0, 120)).slice(0, 5)""",
        may_scroll,
    )
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.gm-display, .gm-table, .md-typeset__scrollwrap')]
            .filter(e => e.scrollWidth > e.clientWidth + 1)
            .map(e => `${e.scrollWidth} > ${e.clientWidth}: ${e.textContent.slice(0, 80)}`)"""
    )
    assert wide <= PHONE["width"], (wide, sticking_out)
    assert not sticking_out, sticking_out
    assert not (cut and (path in READ or "chapter" in path)), cut


def test_the_reader_can_choose_the_colours(visit):
    page = visit("", "light")
    seen = []
    for _ in range(3):
        page.locator("form[data-md-component=palette] label:not([hidden])").click()
        seen.append(page.locator("body").get_attribute("data-md-color-scheme"))
    assert set(seen) == set(SCHEMES.values())


def test_figures_take_the_colours_of_the_page(visit):
    colours = {}
    for scheme in SCHEMES:
        page = visit("chapter/one-neuron/", scheme)
        colours[scheme] = page.evaluate(
            """() => [...document.querySelectorAll('.gm-figure svg *')]
                .map(e => getComputedStyle(e).stroke)"""
        )
    assert colours["light"] != colours["dark"]


def test_search_finds_a_claim(visit):
    page = visit("")
    box = page.get_by_role("textbox", name="Search")
    box.click()
    box.fill("sigmoid slope")
    box.press("e")
    page.locator(".md-search-result__link").first.wait_for(timeout=10_000)
    assert not page.troubles, page.troubles


def test_formulas_need_no_script(chromium, address):
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "chapter/one-neuron/")
    assert page.locator(".katex").count() > 10
    assert page.locator(".katex").first.bounding_box()["width"] > 5
    context.close()


def test_a_badge_opens_the_passport(visit):
    page = visit("chapter/one-neuron/")
    page.locator("#claim-sigmoid-slope-bound .gm-badge").click()
    page.wait_for_url("**/ledger/sigmoid-slope-bound/")
    assert "sigmoid-slope-bound" in page.locator("article").inner_text()


def test_the_ledger_is_filtered_by_what_is_typed(visit):
    page = visit("ledger/")
    rows = page.locator("article tbody tr:has(code):visible")
    every = rows.count()
    page.get_by_label("Filter the claims").fill("matrix-rule proved")
    assert 0 < rows.count() < every
    assert all("matrix-rule" in text for text in rows.all_inner_texts())
    page.get_by_label("Filter the claims").fill("")
    assert rows.count() == every


def test_a_page_computes_with_a_generated_kernel(visit):
    """The module is imported as a page would; numbers of ordinary size are reckoned here."""
    page = visit("labs/kernels_compared/")
    x, y, w, b = [-2.0, -0.5, 0.0, 1.5, 3.0], 1.0, 0.75, 0.125
    value, by_w, by_b = page.evaluate(
        """async ([x, y, w, b]) => {
            const { run } = await import(new URL("neuron.mjs", location.href));
            const given = { x: Float64Array.from(x), y, w, b };
            const { value, gradients } = run(given, { reduce: "sum" });
            return [value, gradients.w, gradients.b];
        }""",
        [x, y, w, b],
    )
    a = [1 / (1 + math.exp(-(w * each + b))) for each in x]
    slopes = [2 * (each - y) * each * (1 - each) for each in a]
    assert math.isclose(value, sum((each - y) ** 2 for each in a), rel_tol=1e-13)
    assert math.isclose(
        by_w, sum(s * each for s, each in zip(slopes, x, strict=True)), rel_tol=1e-13
    )
    assert math.isclose(by_b, sum(slopes), rel_tol=1e-13)
    assert not page.troubles, page.troubles
