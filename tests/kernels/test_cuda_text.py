"""The CUDA source of a program, as far as it can be asked about without CuPy.

That it compiles and computes what it should is tested in tests/cuda, by `nox -s cuda_source`.
"""

from __future__ import annotations

import re

import pytest

import gradmath as gm
from gradmath.kernels import cuda_source
from gradmath.kernels.cupy.cuda_map import Map, maps
from gradmath.kernels.cupy.cuda_sums import BLOCKS, THREADS, Layout, blocks_for, joined, sums
from gradmath.program import program_of

NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])


def test_the_source_is_had_without_cupy() -> None:
    text = cuda_source(NEURON, numbers=["w", "b", "y"])
    assert text.count("exp(") == 2  # once in the map, once in the loop that adds up
    assert "gradmath_samples" in text


def test_a_network_shows_its_matrix_products() -> None:
    text = cuda_source(gm.derive(gm.Network(2, [gm.Dense(3, "tanh"), gm.Dense(1)])))
    assert text.count("matmul_nt(") == 2
    assert "gradmath_samples" not in text


def test_loads_come_first_and_stores_last() -> None:
    for part in maps(program_of(NEURON)):
        assert isinstance(part, Map)
        lines = part.body.splitlines()
        stores = len(part.outputs)
        assert all(re.fullmatch(r"const T v\d+ = in\d+;", x) for x in lines[: len(part.inputs)])
        assert all(re.fullmatch(r"v(\d+) = t\1;", line) for line in lines[-stores:])
        assert not any(line.startswith("v") for line in lines[:-stores])


def test_what_leaves_a_map_has_its_shape() -> None:
    """A number computed between arrays is not stored for each of their entries."""
    for loss in ("squared_error", "softmax_cross_entropy"):
        program = program_of(
            gm.derive(gm.Network(3, [gm.Dense(4, "mish"), gm.Dense(2)], loss=loss))
        )
        found = [part for part in maps(program) if isinstance(part, Map)]
        assert program.outputs["L"] in {p for part in found for p in part.outputs}
        for part in found:
            assert {program.instructions[p].shape for p in part.outputs} == {part.shape}


def test_numbers_are_computed_before_the_loop() -> None:
    program = program_of(gm.derive("L = exp(w)*x", wrt="w"), frozenset("w"))
    text = sums(program, ["L"], Layout()).source
    assert text.index("exp(") < text.index("for (long long i")


def test_strided_inputs_come_with_their_strides() -> None:
    program = program_of(gm.derive("L = x*y", wrt="x"))
    inputs = sums(program, ["L"], Layout()).inputs
    plain = sums(program, ["L"], Layout(axes=2)).source
    text = sums(program, ["L"], Layout(axes=2, strided=frozenset(inputs[:1]))).source
    assert "stride" not in plain
    assert f"in{inputs[0]}[i0 * stride{inputs[0]}_0 + i1 * stride{inputs[0]}_1]" in text
    assert f"in{inputs[1]}[i]" in text


@pytest.mark.parametrize(
    ("shape", "strides", "sizes", "steps"),
    [
        ((2, 3, 4), [(12, 4, 1)], (24,), [(1,)]),
        ((2, 1, 4), [(0, 7, 1)], (2, 4), [(0, 1)]),
        ((3, 4), [(4, 1), (1, 3)], (3, 4), [(4, 1), (1, 3)]),
        ((3, 4), [(-4, -1)], (12,), [(-1,)]),
        ((1, 1), [(5, 5)], (1,), [(0,)]),
        ((), [()], (1,), [(0,)]),
    ],
)
def test_axes_are_joined_where_all_agree(
    shape: tuple[int, ...],
    strides: list[tuple[int, ...]],
    sizes: tuple[int, ...],
    steps: list[tuple[int, ...]],
) -> None:
    assert joined(shape, strides) == (sizes, steps)


def test_the_number_of_blocks_follows_from_the_size_alone() -> None:
    assert [blocks_for(n) for n in (1, THREADS, THREADS + 1)] == [1, 1, 2]
    assert blocks_for(10**9) == BLOCKS
