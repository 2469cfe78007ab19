"""The native backend where it cannot be had, and backend="auto", which then goes without it."""

from __future__ import annotations

import ast
import builtins
import sys
from pathlib import Path

import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import BackendError, ValueRangeError
from gradmath.kernels import auto_runner
from gradmath.kernels.native import library as native_library
from gradmath.kernels.native.plan import make_plan
from gradmath.kernels.native.rewrite import rewritten
from gradmath.kernels.native.source import program_text, unit
from gradmath.program import program_of

D = gm.derive("z = w*x + b; a = sigmoid(z); L = (a - y)**2", wrt=["w", "b"])
BIG = np.linspace(-4.0, 4.0, auto_runner.LARGE)


def without_cffi(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = builtins.__import__

    def importing(name, *arguments):
        if name == "cffi":
            raise ImportError(name)
        return plain(name, *arguments)

    monkeypatch.delitem(sys.modules, "cffi", raising=False)
    monkeypatch.setattr(builtins, "__import__", importing)


def with_cffi(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cffi", object())


def test_without_cffi_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    without_cffi(monkeypatch)
    with pytest.raises(BackendError, match=r"cffi is not installed.*gradmath\[native\]"):
        gm.compile(D, "native")


@pytest.mark.parametrize("chosen", ["", "/nowhere/cc", "  "])
def test_without_a_compiler_the_error_says_what_to_install(
    chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_cffi(monkeypatch)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("CC", chosen)
    with pytest.raises(BackendError, match=r"a C compiler; .*apt-get install gcc.*CC"):
        gm.compile(D, "native")


@pytest.mark.parametrize("lacking", [without_cffi, with_cffi])
def test_auto_goes_without_it(lacking, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking(monkeypatch)
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("CC", raising=False)
    got, want = (gm.compile(D, b)(x=BIG, y=0.5, w=0.5, b=0.1) for b in ("auto", "numpy"))
    np.testing.assert_array_equal(got[0], want[0])
    for name, slope in want[1].items():
        np.testing.assert_array_equal(got[1][name], slope)


def test_auto_asks_for_it_by_size_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    assert f" {auto_runner.LARGE} entries" in gm.compile.__doc__
    asked = []

    def require() -> None:
        asked.append(1)
        raise BackendError("backend 'native'", got="nothing", allowed="all")

    monkeypatch.setattr(auto_runner, "require_native", require)
    kernel = gm.compile(D, "auto")
    for x in (0.5, BIG[:-1], BIG[1:], np.array([0.5])):
        kernel(x=x, y=0.5, w=0.5, b=0.1)
        kernel(x=x, y=0.5, w=0.5, b=0.1, reduce="mean")
    assert asked == []
    kernel(x=BIG, y=0.5, w=0.5, b=0.1)
    assert asked


def test_the_functions_of_the_package_never_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def require() -> None:
        raise AssertionError("the last bits of gm.sigmoid must not depend on a compiler")

    monkeypatch.setattr(auto_runner, "require_native", require)
    monkeypatch.setattr(native_library, "compiler", require)
    gm.sigmoid(BIG)
    gm.gelu.derivative(BIG)
    gm.squared_error(BIG, BIG)


def test_threads_are_checked() -> None:
    for threads in (0, -1):
        with pytest.raises(ValueRangeError, match="threads"):
            gm.compile(D, "auto", threads=threads)


def test_a_plan_and_its_text_need_no_compiler() -> None:
    program = rewritten(program_of(D, {"w", "b"}))
    plan = make_plan(program, ["L"])
    text = program_text(plan)
    assert text.count("LOOP(loop_0) {") == 1
    assert "reduction(+ : sum0)" in text
    assert text in unit(plan, 64, 1)


ROOMS = ("dynamics", "claims", "figures", "mutation", "verify", "checking", "render")


def compilations(tree: ast.Module) -> list[ast.Call]:
    """The calls of `compile`, under the names that the package gives it."""
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func) in ("compile", "compiled", "kernels.compile", "gm.compile")
    ]


def test_the_chapters_numbers_come_from_numpy_on_every_machine() -> None:
    package = Path(gm.__file__).parent
    seen = 0
    for path in (path for room in ROOMS for path in (package / room).rglob("*.py")):
        for call in compilations(ast.parse(path.read_text(encoding="utf-8"))):
            given = [*call.args[1:], *(k.value for k in call.keywords if k.arg == "backend")]
            backends = [node.value for node in given if isinstance(node, ast.Constant)]
            assert backends in (["numpy"], ["array_api"]), f"{path}: {ast.unparse(call)}"
            seen += 1
    assert seen > 8
