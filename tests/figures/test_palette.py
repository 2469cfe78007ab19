"""Colours that can be told from the page in both schemes."""

from __future__ import annotations

import re

import pytest

from gradmath.figures import palette, stylesheet


def luminance(colour: str) -> float:
    """WCAG 2.2's relative luminance."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    low, high = sorted([luminance(first), luminance(second)])
    return (high + 0.05) / (low + 0.05)


def test_contrast_knows_its_ends():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") < 4.5


@pytest.mark.parametrize(("scheme", "background"), list(enumerate(palette.BACKGROUND.values())))
@pytest.mark.parametrize("name", ["--gm-muted", *(f"--gm-{n}" for n in range(1, 7))])
def test_lines_and_words_stand_out(name, scheme, background):
    assert contrast(palette.variables()[name][scheme], background) >= 4.5


@pytest.mark.parametrize(("scheme", "direction"), [(0, -1), (1, 1)])
def test_the_sequential_scale_moves_away_from_the_page(scheme, direction):
    scale = [palette.variables()[f"--gm-ramp-{n}"][scheme] for n in range(palette.LEVELS)]
    brightness = [direction * luminance(colour) for colour in scale]
    assert brightness == sorted(brightness)
    assert len(set(scale)) == palette.LEVELS


@pytest.mark.parametrize(("scheme", "direction"), [(0, 1), (1, -1)])
def test_the_diverging_scale_has_the_page_in_its_middle(scheme, direction):
    scale = [palette.variables()[f"--gm-diverging-{n}"][scheme] for n in range(palette.LEVELS)]
    brightness = [direction * luminance(colour) for colour in scale]
    middle = palette.LEVELS // 2
    assert brightness[: middle + 1] == sorted(brightness[: middle + 1])
    assert brightness[middle:] == sorted(brightness[middle:], reverse=True)


def test_signs_on_the_diverging_scale_are_legible():
    for scheme, page in enumerate(palette.BACKGROUND.values()):
        words = ("#000000", "#e2e4e9")[scheme]
        for n in range(palette.LEVELS):
            ink = page if n in (0, palette.LEVELS - 1) else words
            assert contrast(ink, palette.variables()[f"--gm-diverging-{n}"][scheme]) >= 3


def test_sentinels_are_distinct_and_all_replaced():
    sentinels = [
        palette.FOREGROUND, palette.MUTED, palette.GRID, palette.PAPER,
        *palette.SERIES, *palette.RAMP, *palette.DIVERGING,
    ]  # fmt: skip
    assert len(set(sentinels)) == len(sentinels)
    assert set(palette.replacements()) == set(sentinels)


def test_the_stylesheet_defines_everything_for_both_schemes():
    light, dark = stylesheet().split("}\n")[:2]
    assert light.startswith(":root {")
    assert dark.startswith('[data-md-color-scheme="slate"] {')
    names = [re.findall(r"(--[\w-]+): #[0-9a-f]{6};", block) for block in (light, dark)]
    assert names[0] == names[1] == list(palette.variables())
