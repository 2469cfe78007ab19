"""Quick drawings: what they show, and what they refuse."""

from __future__ import annotations

import numpy as np
import pytest

from gradmath.errors import ShapeError, ValueRangeError
from gradmath.figures import curves, images

WORDS = {"title": "A drawing", "describe": "What there is to see."}


def test_curves_name_every_series_and_follow_the_palette() -> None:
    sketch = curves({"one": [1.0, 0.5], "two": [2.0, 1.0, 0.5]}, ylabel="loss", **WORDS)
    for words in ("one", "two", "loss", "step", WORDS["title"], WORDS["describe"]):
        assert words in sketch.svg
    assert "var(--gm-1," in sketch.svg
    assert "var(--gm-2," in sketch.svg
    assert sketch._repr_html_() == f'<div class="gm-sketch">{sketch.svg}</div>'


def test_two_drawings_of_the_same_are_the_same_bytes() -> None:
    first, second = (curves({"one": [1.0, 0.1]}, log=True, **WORDS) for _ in range(2))
    assert first.svg == second.svg


def test_images_draw_one_tile_an_entry() -> None:
    table = np.arange(6.0).reshape(2, 3)
    sketch = images({"plain": table, "signed": table - 3}, diverging=("signed",), **WORDS)
    assert "--gm-ramp-0" in sketch.svg
    assert "--gm-diverging-0" in sketch.svg
    assert "plain" in sketch.svg
    assert "signed" in sketch.svg
    assert "<image" not in sketch.svg


def test_a_constant_picture_is_drawn() -> None:
    assert "--gm-ramp-0" in images({"flat": np.ones((2, 2))}, **WORDS).svg


@pytest.mark.parametrize(
    ("series", "log", "error"),
    [
        ({}, False, ValueRangeError),
        ({str(n): [1.0] for n in range(5)}, False, ValueRangeError),
        ({"a": [[1.0]]}, False, ShapeError),
        ({"a": []}, False, ShapeError),
        ({"a": [float("nan")]}, False, ValueRangeError),
        ({"a": [1.0, 0.0]}, True, ValueRangeError),
    ],
)
def test_curves_refuse(series: dict[str, list[float]], log: bool, error: type[Exception]) -> None:
    with pytest.raises(error):
        curves(series, log=log, **WORDS)


def test_images_refuse() -> None:
    with pytest.raises(ValueRangeError):
        images({}, **WORDS)
    with pytest.raises(ShapeError):
        images({"a": [1.0, 2.0]}, **WORDS)
