"""The C text: fused, vectorised, short for deep chains, and readable."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

import gradmath as gm
from gradmath.kernels.native.compiler import compiler
from gradmath.kernels.native.plan import Part, Plan, make_plan
from gradmath.kernels.native.rewrite import rewritten
from gradmath.kernels.native.runner import NativeRunner
from gradmath.kernels.native.source import block_size, unit
from gradmath.program import Program, entry_program, program_of


def chain(depth: int) -> gm.Derivation:
    equations, before = [], "x"
    for k in range(1, depth + 1):
        equations += [(f"z{k}", f"w{k}*{before} + b{k}"), (f"a{k}", f"sigmoid(z{k})")]
        before = f"a{k}"
    equations.append(("L", f"({before} - y)**2"))
    return gm.derive(equations, wrt=[f"{n}{k}" for k in range(1, depth + 1) for n in "wb"])


def scalars(depth: int) -> dict[str, float]:
    rng = np.random.Generator(np.random.PCG64(depth))
    return {f"{n}{k}": float(rng.normal()) for k in range(1, depth + 1) for n in "wb"}


def planned(program: Program, *sums: str):
    return make_plan(rewritten(program), sums)


def test_the_source_reads_like_the_program() -> None:
    d = gm.derive("z = w*x + b; a = sigmoid(z); L = (a - y)**2", wrt=["w", "b"])
    source = gm.compile(d, "native").source
    assert source.startswith("// slots: reads w, x, b, y; writes L, d/db, d/dw")
    assert source.count("exp_down(") == 1
    assert source.count(" / ") == 1  # the activation and its slope share one division
    assert "for (long i = 0; i < count; i++)" in source


@pytest.mark.parametrize("depth", [4, 60, 300])
def test_a_deep_chain_takes_few_functions(depth: int) -> None:
    d, numbers = chain(depth), scalars(depth)
    plan = planned(program_of(d, frozenset(numbers)))
    assert len(plan.functions) <= 12
    x, y = np.linspace(-1, 1, 40), np.linspace(0, 1, 40)
    for arguments in ({"x": x, "y": y}, {"x": 0.3, "y": 0.6}):
        got, want = (gm.compile(d, b)({**numbers, **arguments}) for b in ("native", "numpy"))
        for name, slope in want[1].items():
            np.testing.assert_allclose(got[1][name], slope, rtol=1e-11, atol=1e-300)
    got, want = (
        gm.compile(d, b)({**numbers, "x": x, "y": y}, reduce="mean") for b in ("native", "numpy")
    )
    for name, slope in want[1].items():
        np.testing.assert_allclose(got[1][name], slope, rtol=1e-11, atol=1e-300)


def test_the_text_grows_no_faster_than_the_depth() -> None:
    for depth in (100, 200, 400):
        program = program_of(chain(depth), frozenset(scalars(depth)))
        plan = planned(program)
        assert len(unit(plan, 64, 1)) < 32_000 + 80 * depth
        assert sum(len(s.loops) for s in plan.steps if isinstance(s, Part)) < 2 * depth


@pytest.mark.parametrize("depth", [1, 2, 4, 60])
def test_a_loop_waits_for_one_exponential_at_a_time(depth: int) -> None:
    plan = planned(program_of(chain(depth), frozenset(scalars(depth))))
    (part,) = plan.steps
    assert isinstance(part, Part)
    assert (len(part.loops) == 1) == (depth == 1)
    assert all(text.count("exp_down(") <= 1 for text in plan.functions)


def test_many_buffers_take_smaller_blocks() -> None:
    deep, short = (planned(program_of(chain(n))) for n in (300, 2))
    assert block_size(short, 64) == 512
    assert 32 <= block_size(deep, 64) < 512
    # whatever the size, a block is cut where its memory ends: see the seams in test_results


def vectorised(text: str, folder: Path) -> list[int]:
    """The lines of the loops that the compiler says it has vectorised."""
    (folder / "kernel.c").write_text(text, encoding="utf-8")
    options = (*compiler().options(threads=False), "-fopt-info-vec-optimized")
    command = [*compiler().command, *options, "kernel.c", "-o", "kernel.so", "-lm"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    said = [line for line in done.stderr.splitlines() if "loop vectorized" in line]
    return [int(line.split(":")[1]) for line in said]


@pytest.mark.parametrize("bits", [64, 32])
@pytest.mark.parametrize("order", [0, 1, 2])
def test_every_activation_becomes_vector_code(order: int, bits: int, tmp_path: Path) -> None:
    if not compiler().is_gcc:
        pytest.fail("this test reads what GCC says about its loops: set CC to GCC")
    plans = {name: planned(entry_program(e.entry, (order,))) for name, e in gm.activations.items()}
    # none where it is the same for every sample, or the sample itself; equal ones become one
    names = {text: name for name, plan in plans.items() for text in plan.functions}
    assert len(names) > len(plans) / 2
    # each loop is a function by itself: compiled in one file, they are what they are in many
    text = unit(Plan([], {}, list(names), set()), bits, 1)
    body = text.splitlines()
    starts = [text[: text.index(f"LOOP(loop_{n})")].count("\n") + 1 for n in range(len(names))]
    ends = [*starts[1:], text[: text.index("static Loop *const loops")].count("\n") + 1]
    # the loop itself, not only the few lines that put the lanes of `bad` together
    found = {n for n in vectorised(text, tmp_path) if "#pragma" not in body[n - 1]}
    plain = [
        name
        for name, first, last in zip(names.values(), starts, ends, strict=True)
        if not found & set(range(first, last))
    ]
    assert plain == []


def test_one_way_to_run_scalars_and_arrays() -> None:
    d = gm.derive("L = exp(-v)*w*x + sin(v)*x**2", wrt=["v", "w", "x"])
    x = np.linspace(-1, 1, 9)
    for arguments in ({"v": 0.5, "w": 2.0, "x": x}, {"v": 0.5, "w": 2.0, "x": 0.25}):
        got, want = (gm.compile(d, b)(arguments) for b in ("native", "numpy"))
        np.testing.assert_allclose(got[0], want[0], rtol=1e-15)
        for name in want[1]:
            np.testing.assert_allclose(got[1][name], want[1][name], rtol=4e-15)
    program = program_of(d, {"v", "w"})
    plan = make_plan(NativeRunner(program).program)
    first = plan.steps[0]
    assert isinstance(first, Part)
    assert first.scalar  # exp and sin of v are computed once, not for each sample
