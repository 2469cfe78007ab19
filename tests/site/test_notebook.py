"""An executed lab becomes ordinary Markdown."""

from __future__ import annotations

import json

import notebook
import pytest
from mkdocs.exceptions import PluginError


def lab(*cells: dict[str, object]) -> tuple[str, list[str]]:
    """The Markdown of a notebook with these cells, and what was kept out of it."""
    kept: list[str] = []

    def keep(html: str) -> str:
        kept.append(html)
        return f"[{len(kept) - 1}]"

    text = json.dumps({"cells": cells}).replace("<", "\\u003c")
    page = f'<script type="application/x-ipynb+json">{text}</script>'
    return notebook.markdown(page, keep, where="labs/a.py"), kept


def code(source: str, *outputs: dict[str, object]) -> dict[str, object]:
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def shows(**data: str) -> dict[str, object]:
    forms = {name.replace("__", "/").replace("_xml", "+xml"): text for name, text in data.items()}
    return {"output_type": "execute_result", "data": forms}


def test_markdown_cells_stay_markdown():
    text, kept = lab({"cell_type": "markdown", "source": "# A lab\n\n$a < b$"})
    assert text == "# A lab\n\n$a < b$\n"
    assert not kept


def test_code_is_a_fenced_block_even_if_it_holds_fences():
    text, _ = lab(code('print("```")'))
    assert text.startswith("````python\n")
    assert text.rstrip().endswith("\n````")


def test_empty_cells_vanish():
    text, kept = lab(code(""))
    assert text == "\n"
    assert not kept


def test_printed_text_is_escaped():
    _, kept = lab(code("x", {"output_type": "stream", "name": "stdout", "text": "a < b\n"}))
    assert "a &lt; b" in kept[0]


def test_text_printed_in_one_go_is_one_block():
    pieces = [{"output_type": "stream", "name": "stdout", "text": text} for text in ("a", "b\n")]
    _, kept = lab(code("x", *pieces, shows(text__plain="1"), pieces[0]))
    assert kept[0].count("<pre") == 3
    assert ">ab\n</pre>" in kept[0]


def test_an_address_in_memory_fails_the_build():
    with pytest.raises(PluginError, match="address in memory"):
        lab(code("x", shows(text__plain="<function f at 0x7f046710b4c0>")))


def test_warnings_fail_the_build():
    with pytest.raises(PluginError, match=r"labs/a\.py.*stderr.*careful"):
        lab(code("x", {"output_type": "stream", "name": "stderr", "text": "careful"}))


def test_errors_fail_the_build():
    with pytest.raises(PluginError, match="ValueError"):
        lab(code("x", {"output_type": "error", "ename": "ValueError", "evalue": "no"}))


def test_an_output_in_no_known_form_fails_the_build():
    with pytest.raises(PluginError, match="none of the forms"):
        lab(code("x", shows(image__png="...")))


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"text__latex": r"$\displaystyle x^2$", "text__plain": "x**2"}, r"\[x^2\]"),
        ({"text__html": "<b>bold</b>", "text__plain": "bold"}, "<b>bold</b>"),
        ({"image__svg_xml": '<?xml?><svg viewBox="0 0 1 1"/>', "text__plain": "f"}, "<svg"),
        ({"text__plain": "(1, 2)"}, ">(1, 2)</pre>"),
    ],
)
def test_the_richest_form_of_an_output_is_shown(data, expected):
    _, kept = lab(code("x", shows(**data)))
    assert expected in kept[0]
    assert "<?xml" not in kept[0]


def test_formulas_in_html_outputs_are_found_and_code_is_left_alone():
    html = r"<td>$x^2$ and \(y\)</td><pre>$not$ \(this\)</pre>$$z$$"
    _, kept = lab(code("x", shows(text__html=html)))
    assert kept[0].count("arithmatex") == 3
    assert r"<pre>$not$ \(this\)</pre>" in kept[0]


def test_a_page_without_a_notebook_is_refused():
    with pytest.raises(PluginError, match="no executed notebook"):
        notebook.markdown("<p>nothing</p>", str, where="labs/a.py")
