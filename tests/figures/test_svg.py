"""What every published drawing must be: inline SVG in the page's colours and font."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET

import pytest

from gradmath import figures
from gradmath.catalogue import activations
from gradmath.claims.performance.names import NAMES as CONTENDERS
from gradmath.errors import DeclarationError
from gradmath.figures import palette, registry
from gradmath.figures.style import WIDTH, canvas, panel, style
from gradmath.figures.vector import inline

SVG = "{http://www.w3.org/2000/svg}"
LARGEST = 150_000  # bytes


def parsed(case) -> ET.Element:
    return ET.fromstring(figures.svg(*case))


def test_it_is_one_scalable_element(case):
    root = parsed(case)
    assert root.tag == SVG + "svg"
    assert not {"width", "height", "version", "x", "y"} & set(root.attrib)
    left, top, width, height = map(float, root.get("viewBox").split())
    assert (left, top, width) == (0, 0, WIDTH)
    assert 200 <= height <= 900
    assert len(figures.svg(*case).encode()) < LARGEST


def test_an_index_stands_below_the_line(case):
    words = ["".join(each.itertext()) for each in parsed(case).iter(SVG + "text")]
    assert not [text for text in words if "_" in text and text not in activations]
    if case[0] == "phase-diagram":
        assert sum(text.startswith(("σw²", "σb²")) for text in words) == 3


def test_it_has_a_name_and_a_description(case):
    root = parsed(case)
    assert root.get("role") == "img"
    words = {child.get("id"): child.text for child in root[:2]}
    assert [child.tag for child in root[:2]] == [SVG + "title", SVG + "desc"]
    assert root.get("aria-labelledby").split() == list(words)
    assert list(words.values()) == [figures.title(*case), figures.alt(*case)]
    assert root.get("lang") == {"en": "en", "zh": "zh-Hans"}[case[1]]


def test_nothing_of_the_drawing_machine_is_left_in_it(case):
    text = figures.svg(*case)
    for word in ("<style", "metadata", "DejaVu", "font-family", "Matplotlib", "<!--", "<?xml"):
        assert word not in text
    addresses = set(re.findall(r"https?://[^\"]*", text))
    assert addresses == {"http://www.w3.org/2000/svg"}


def test_colours_come_from_the_page(case):
    text = figures.svg(*case)
    bare = re.sub(r"var\(--[\w-]+, #[0-9a-f]{6}\)", "", text)
    assert (
        re.findall(r"(?:fill|stroke)[^;\"]*(?:#|rgb|black|white)", bare.replace("url(#", "")) == []
    )
    for element in parsed(case).iter():
        assert not {"fill", "stroke"} & set(element.attrib)  # var() works in style alone
    used = set(re.findall(r"var\((--gm-[\w-]+)", text))
    defined = set(re.findall(r"(--gm-[\w-]+):", figures.stylesheet()))
    assert used <= defined


def test_ids_are_its_own_and_lead_somewhere(case):
    root = parsed(case)
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    assert all(id.startswith(f"gm-{case[0]}-") for id in ids)
    referred = set(re.findall(r"(?:url\(|href=\")#([^)\"]+)", figures.svg(*case)))
    assert referred <= set(ids)


def width_of(text: str, size: float) -> float:
    """At least the width of a text in any common sans-serif font."""
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in text)
    return size * (wide + 0.62 * (len(text) - wide))


def texts(case):
    """(element, inherited declarations) of every piece of text."""

    def walk(element, style):
        style = style | dict(re.findall(r"([\w-]+): ([^;]+)", element.get("style", "")))
        if element.tag == SVG + "text":
            yield element, style
        for child in element:
            yield from walk(child, style)

    return list(walk(parsed(case), {}))


def test_text_is_readable_on_a_phone_and_inside_the_drawing(case):
    narrowest = 358 / WIDTH  # a page of 390 px less its margins
    for element, declared in texts(case):
        size = float(declared["font-size"].removesuffix("px"))
        assert size * narrowest >= 11
        transform = element.get("transform", "")
        if "rotate" in transform and "rotate(-0)" not in transform and "rotate(0)" not in transform:
            continue
        place = re.search(r"translate\(([-\d.]+)", transform)
        x = float(place[1]) if place else float(element.get("x"))
        width = width_of("".join(element.itertext()), size)
        shift = {"middle": width / 2, "end": width}.get(declared.get("text-anchor", "start"), 0)
        assert x - shift >= 0, "".join(element.itertext())
        assert x - shift + width <= WIDTH, "".join(element.itertext())


#: what is called by the same name in Chinese: entries of the catalogue, and some by their surname
PROGRAMS = set(re.findall(r"[A-Za-z]{2}\w*", " ".join(each["zh"] for each in CONTENDERS.values())))
NAMES = {*activations, *PROGRAMS, "Leaky", "ReLU", "ELU", "He", "Xavier", "PyTorch"}


def test_chinese_drawings_speak_chinese(case):
    _, language = case
    labels = ["".join(element.itertext()) for element, _ in texts(case)]
    if language == "zh" and labels:
        assert set(re.findall(r"[A-Za-z]{2}\w*", " ".join(labels))) <= NAMES
        assert re.search(r"[\u4e00-\u9fff]", "".join(labels))
    for written in (figures.title(*case), figures.alt(*case), figures.caption(*case)):
        assert bool(re.search(r"[\u4e00-\u9fff]", written)) == (language == "zh")


def test_figures_can_share_a_page():
    ids = [
        element.get("id")
        for id in figures.figures
        for element in parsed((id, "en")).iter()
        if element.get("id")
    ]
    assert len(ids) == len(set(ids))


DIGEST = """
import hashlib
from gradmath import figures
for id in figures.figures:
    for language in ("en", "zh"):
        text = figures.svg(id, language) + figures.caption(id, language)
        print(id, language, hashlib.sha256(text.encode()).hexdigest())
"""


def test_two_runs_give_the_same_bytes(tmp_path):
    environment = {"PYTHONHASHSEED": "12345", "GRADMATH_CACHE": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", DIGEST],
        capture_output=True, text=True, check=True, env=environment, timeout=900,
    )  # fmt: skip
    here = [
        f"{id} {language} "
        + hashlib.sha256(
            (figures.svg(id, language) + figures.caption(id, language)).encode()
        ).hexdigest()
        for id in figures.figures
        for language in ("en", "zh")
    ]
    assert run.stdout.splitlines() == here


def drawn(colour: str, words: str = "x", outlined: bool = False) -> str:
    with style():
        made = canvas(200)
        axes = panel(made, 40, 20, 300, 120)
        axes.plot([0, 1], [0, 1], color=colour)
        axes.set_title(words)
        return inline(made, "trial", "en", "title", "description", outlined=outlined)


def test_a_colour_outside_the_palette_is_refused():
    assert "var(--gm-1" in drawn(palette.SERIES[0])
    with pytest.raises(DeclarationError, match="#ff0000"):
        drawn("#ff0000")


def test_an_outlined_figure_must_have_all_its_glyphs():
    assert "<text" not in drawn(palette.FOREGROUND, outlined=True)
    with pytest.raises(UserWarning, match="missing from font"):
        drawn(palette.FOREGROUND, "损失", outlined=True)
    assert ">损失</text>" in drawn(palette.FOREGROUND, "损失")


def test_the_readers_own_settings_are_left_alone():
    import matplotlib

    before = dict(matplotlib.rcParams)
    registry._finished.__wrapped__("composition", "en")
    assert dict(matplotlib.rcParams) == before
