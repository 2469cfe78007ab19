"""What must hold of every page of the built site."""

from __future__ import annotations

import json
import re
from urllib.parse import urlsplit

from gradmath.claims.retired import RETIRED

TEX = re.compile(
    r"\\\(|\\\[|\$\$|\\(?:frac|begin|sigma|partial|mathrm|operatorname)\b|\$[^\s$][^$]*\$"
)
LOADING_LINKS = {"stylesheet", "icon", "preload", "modulepreload", "prefetch", "manifest"}


def test_every_link_under_a_sub_path_leads_somewhere(site):
    broken = []
    for page in site.pages():
        for element in site.links(page):
            file, fragment = site.target(page, element.url)
            if file is None:
                continue
            if not file.is_file():
                broken.append(f"{page}: {element.url}")
            elif fragment and file.suffix == ".html":
                name = file.relative_to(site.folder).as_posix()
                if fragment not in site.html(name).ids:
                    broken.append(f"{page}: no anchor for {element.url}")
    assert not broken, "\n".join(broken)


def test_nothing_is_loaded_from_elsewhere(site):
    loaded = []
    for page in site.pages():
        for element in site.links(page):
            loads = element.tag not in ("a", "link") or (
                element.tag == "link"
                and LOADING_LINKS & set(element.attributes.get("rel", "").split())
            )
            if loads and urlsplit(element.url).netloc:
                loaded.append(f"{page}: <{element.tag}> {element.url}")
    for style in site.folder.rglob("*.css"):
        for url in re.findall(r"url\(\s*['\"]?([^'\")]+)", style.read_text("utf-8")):
            if urlsplit(url).netloc or "@import" in url:
                loaded.append(f"{style.name}: {url}")
            elif not url.startswith("data:"):
                assert (style.parent / urlsplit(url).path).is_file(), f"{style.name}: {url}"
    assert not loaded, "\n".join(loaded)


def test_no_formula_is_left_as_tex(site):
    for page in site.pages():
        html = site.html(page)
        found = TEX.search("\n".join(html.text))
        assert found is None, f"{page}: {found[0]!r}"
        classes = " ".join(attributes.get("class", "") for _, attributes in html.tags)
        assert "arithmatex" not in classes, page
        assert "katex-error" not in classes, page


def test_chapter_pages_hold_typeset_formulas_with_mathml(site):
    chapter = [page for page in site.pages() if page.startswith("chapter/")]
    assert chapter
    for page in chapter:
        tags = [tag for tag, _ in site.html(page).tags]
        assert tags.count("math") > 10, page


def test_every_directive_and_every_mark_is_gone(site):
    for page in site.pages():
        html = site.html(page)
        assert not [comment for comment in html.comments if comment.strip().startswith("gm:")], page
        for tag, attributes in html.tags:
            assert not tag.startswith("gm-"), f"{page}: <{tag}>"
            assert "data-gm-raw" not in attributes, page


OUR_SCRIPTS = re.compile(r"assets/(javascripts/|js/(access|ledger)\.js$)")


def test_no_script_but_the_theme_s_and_ours(site):
    for page in site.pages():
        for tag, attributes in site.html(page).tags:
            if tag == "script" and "src" in attributes:
                known = OUR_SCRIPTS.search(attributes["src"])
                assert known, f"{page}: {attributes['src']}"
            assert "mathjax" not in str(attributes).lower(), page


def test_every_page_has_one_title_a_language_and_named_drawings(site):
    for page in site.pages():
        tags = site.html(page).tags
        assert [tag for tag, _ in tags].count("h1") == 1, page
        languages = [attributes.get("lang") for tag, attributes in tags if tag == "html"]
        assert languages == ["en"], page
        for tag, attributes in tags:
            if tag == "img":
                assert attributes.get("alt"), f"{page}: {attributes}"
            if tag == "svg" and attributes.get("role") == "img":
                named = attributes.get("aria-label") or attributes.get("aria-labelledby")
                assert named, f"{page}: a drawing without a name"


def test_ids_are_used_once(site):
    for page in site.pages():
        ids = site.html(page).ids
        twice = sorted({name for name in ids if ids.count(name) > 1})
        assert not twice, f"{page}: {twice}"


def test_labs_are_small_and_downloadable(site):
    labs = [page for page in site.pages() if page.startswith("labs/")]
    assert labs
    for page in labs:
        assert (site.folder / page).stat().st_size < 400_000, page
        name = page.split("/")[1]
        assert (site.folder / "labs" / name / f"{name}.py").is_file(), page
        assert "jp-Cell" not in (site.folder / page).read_text("utf-8")


def test_the_search_index_holds_words_and_no_markup(site):
    index = json.loads((site.folder / "search" / "search_index.json").read_text("utf-8"))
    places = {document["location"].split("#")[0] for document in index["docs"]}
    assert {"chapter/one-neuron/", "labs/one_neuron/", "ledger/"} <= places
    for document in index["docs"]:
        for sign in ("<svg", "gm-math", "gm-drawing", "katex", "\\frac"):
            assert sign not in document["text"], document["location"]


def test_every_claim_has_its_address_and_has_passed(site):
    ledger = json.loads((site.folder / "ledger.json").read_text("utf-8"))
    assert ledger["claims"]
    for claim in ledger["claims"]:
        assert (site.folder / "ledger" / claim["id"] / "index.html").is_file(), claim["id"]
        assert claim["status"] == "passed", claim["id"]
        assert claim["planted"] == claim["killed"], claim["id"]
        assert claim["seconds"] is None


def test_every_claim_stated_on_a_page_links_to_its_passport(site):
    for page in site.pages():
        html = site.html(page)
        stated = [name.removeprefix("claim-") for name in html.ids if name.startswith("claim-")]
        files = {site.target(page, element.url)[0] for element in html.elements}
        for claim in stated:
            if claim in RETIRED:  # an anchor that is kept for those who linked to it
                continue
            assert site.folder / "ledger" / claim / "index.html" in files, f"{page}: {claim}"
