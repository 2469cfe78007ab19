"""What the documents show is what happens: every example runs and its printed output is compared.

Examples are the `>>>` lines in fenced `pycon` blocks of README.md and of the pages, the shell
command in README.md whose output is shown below it, and those in the package's docstrings.
"""

from __future__ import annotations

import ast
import doctest
import importlib
import importlib.util
import pkgutil
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

import gradmath
from gradmath.cli import app

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```pycon\n(?P<code>.*?)^```$", re.DOTALL | re.MULTILINE)
SHOWN = re.compile(
    r"```console\n[^`]*?(?P<command>gradmath [^\n]+)\n```\n\n```text\n(?P<output>.*?)```",
    re.DOTALL,
)
HEADING = re.compile(r"^#+ .*\$", re.MULTILINE)
DECIMAL = re.compile(r"(?<![\w.])\d+\.\d{2,}")
CODE = re.compile(r"```.*?```|`[^`\n]*`|<!--.*?-->|^---\n.*?^---$", re.DOTALL | re.MULTILINE)


def documents() -> list[str]:
    """README.md and the pages."""
    pages = [page for language in ("en", "zh") for page in (ROOT / "docs" / language).rglob("*.md")]
    found = [ROOT / "README.md", *sorted(pages)]
    return [path.relative_to(ROOT).as_posix() for path in found]


def with_examples() -> list[str]:
    """Those documents that hold an example."""
    return [name for name in documents() if FENCE.search((ROOT / name).read_text())]


def modules() -> list[str]:
    """Every module of the package that has an example in a docstring."""
    found = []
    for module in pkgutil.walk_packages(gradmath.__path__, "gradmath."):
        spec = importlib.util.find_spec(module.name)
        if spec and spec.origin and any(map(has_example, docstrings(Path(spec.origin)))):
            found.append(module.name)
    return found


def docstrings(source: Path) -> Iterator[str]:
    """All docstrings of a module, without importing it."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, kinds):
            yield ast.get_docstring(node) or ""


def has_example(text: str) -> bool:
    """Whether a docstring holds an example."""
    return ">>> " in text


def run(test: doctest.DocTest) -> None:
    """Run one set of examples; fails with what was printed in place of what is shown."""
    report: list[str] = []
    runner = doctest.DocTestRunner(verbose=False)
    results = runner.run(test, out=report.append, clear_globs=False)
    assert results.attempted > 0
    assert results.failed == 0, "".join(report)


@pytest.mark.parametrize("name", with_examples())
def test_examples_of_a_document(name: str) -> None:
    text = (ROOT / name).read_text()
    names: dict[str, object] = {}  # a page's later examples may use what its earlier ones made
    for fence in FENCE.finditer(text):
        line = text.count("\n", 0, fence.start()) + 1
        code = doctest.DocTestParser().get_doctest(fence["code"], names, name, name, line)
        run(code)
        names = code.globs


@pytest.mark.parametrize("name", modules())
def test_examples_of_a_module(name: str) -> None:
    module = importlib.import_module(name)
    found = doctest.DocTestFinder(exclude_empty=True).find(module, name)
    tests = [test for test in found if test.examples]
    assert tests, f"{name} has an example that no object owns"
    for test in tests:
        run(test)


def test_readme_shows_what_the_shell_answers() -> None:
    shown = SHOWN.search((ROOT / "README.md").read_text())
    assert shown is not None
    result = CliRunner().invoke(app, shlex.split(shown["command"])[1:])
    assert result.exit_code == 0
    assert result.output.strip() == shown["output"].strip()


@pytest.mark.parametrize("name", [name for name in documents() if name.startswith("docs/")])
def test_a_page_types_no_computed_number_and_no_maths_in_headings(name: str) -> None:
    text = CODE.sub("", (ROOT / name).read_text())
    assert not HEADING.findall(text)
    assert not DECIMAL.findall(text), "let a claim or a figure compute it"


def test_the_activation_shown_is_the_one_declared() -> None:
    page = (ROOT / "docs/en/reference/extending.md").read_text()
    shown = re.search(r"```python\n(elu = .*?\n\))\n```", page, re.DOTALL)
    assert shown is not None
    assert shown[1] in (Path(gradmath.__path__[0]) / "catalogue/activations.py").read_text()
