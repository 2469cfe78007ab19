"""Mistakes planted in the kernels' source: each must be seen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

import gradmath as gm
from gradmath.catalogue import activations
from gradmath.verify.report import PASSED
from gradmath.verify.scalars import activation_rows
from gradmath.verify.ulps import FLOAT64
from tests.cuda.entries import Called
from tests.cuda.host import Host

NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
X = np.linspace(-6.0, 6.0, 24)
Use = Callable[[Host], None]
Edit = Callable[[str], str]


class Mistake:
    """A change to the kernels' code; `made` says whether it found what it changes."""

    def __init__(self, change: Edit) -> None:
        self.change, self.made = change, False

    def __call__(self, code: str) -> str:
        wrong = self.change(code)
        self.made = self.made or wrong != code
        return wrong


def changed(pattern: str, replacement: str, count: int = 1) -> Edit:
    """An edit that puts `replacement` for what matches, `count` times (0: everywhere)."""
    return lambda code: re.sub(pattern, replacement, code, count=count)


#: Mistakes that the oracle must see in the value or the slope of the sigmoid.
IN_ACTIVATIONS = {
    "exp of the argument itself: it overflows": changed(r"fabs\((\w+)\)", r"(\1)"),
    "a sign is flipped": changed(r"= -(\w+);", r"= \1;"),
    "one term is lost": changed(r"T\(1\.0\) \+ ", ""),
    "the factor is that of another order": changed(r"T\(2\.0\)", "T(1.0)"),
}


@pytest.mark.parametrize("mistake", IN_ACTIVATIONS)
def test_the_oracle_sees_a_mistake_in_an_activation(
    mistake: str, plain: Host, stand_in: Use
) -> None:
    edit = Mistake(IN_ACTIVATIONS[mistake])
    stand_in(replace(plain, edit=edit))
    rows = activation_rows(Called(activations["sigmoid"]), formats=(FLOAT64,), count=40)
    assert edit.made
    assert any(row.status != PASSED for row in rows)


def swapped_stores(code: str) -> str:
    """The last two results of a map go to each other's memory."""
    stores = re.findall(r"^v(\d+) = t\1;$", code, re.M)
    if len(stores) < 2:
        return code
    one, two = stores[-2:]
    code = code.replace(f"\nv{one} = t{one};", "")
    return code.replace(f"\nv{two} = t{two};", f"\nv{one} = t{two};\nv{two} = t{one};")


def test_the_oracle_sees_swapped_results(plain: Host, stand_in: Use) -> None:
    edit = Mistake(swapped_stores)
    stand_in(replace(plain, edit=edit))
    assert gm.verify(gm.compile(NEURON, "cupy")).status != PASSED
    assert edit.made


def reads_after_stores(code: str) -> str:
    """Results are stored once they are known, and arguments read where they are used."""
    for number in re.findall(r"^v(\d+) = t\1;$", code, re.M):
        code = code.replace(f"\nv{number} = t{number};", "")
        code = re.sub(rf"(const T t{number} = .*;)", rf"\1\nv{number} = t{number};", code)
    for number in re.findall(r"const T v(\d+) = in\1;", code):
        code = code.replace(f"const T v{number} = in{number};", "")
        code = re.sub(rf"\bv{number}\b(?! = t)", f"T(in{number})", code)
    return code


def in_place(name: str) -> bool:
    """Whether the derivatives are the same where one of them takes the memory of x."""
    kernel = gm.compile(NEURON, "cupy")
    _, apart = kernel(x=X, y=0.25, w=0.5, b=0.1)
    x = X.copy()
    _, got = kernel(x=x, y=0.25, w=0.5, b=0.1, out={name: x})
    assert got[name] is x
    return all(np.array_equal(apart[key], got[key]) for key in apart)


def test_a_store_before_a_load_is_seen_in_place(plain: Host, stand_in: Use) -> None:
    stand_in(plain)
    assert in_place("w")
    assert in_place("b")
    edit = Mistake(reads_after_stores)
    stand_in(replace(plain, edit=edit))
    assert not (in_place("w") and in_place("b"))
    assert edit.made


def sums(host: Host, stand_in: Use) -> list[list[float]]:
    """Loss and slopes, summed, with the threads in ascending and in descending order."""
    found = []
    for descending in (False, True):
        stand_in(replace(host, descending=descending))
        loss, grads = gm.compile(NEURON, "cupy")(
            x=np.linspace(-3, 3, 1_000), y=0.25, w=0.5, b=0.1, reduce="sum"
        )
        found.append([float(v) for v in (loss, grads["w"], grads["b"])])
    return found


IN_SUMS = {
    "the barrier before a new sum": changed(r"__syncthreads\(\);  // the sum before.*", ""),
    "the barrier in the tree": changed(r"\{\n    __syncthreads\(\);", "{"),
    "half of the tree": changed(r"half = 128", "half = 64"),
    "a stride of the grid": changed(r"gridDim\.x \* 256LL\) \{", "gridDim.x * 257LL) {"),
    "the first sample": changed(r"threadIdx\.x; i < size", "threadIdx.x + 1; i < size"),
    "sums in single precision": changed(r"double sum", "float sum", count=0),
    "the row of the second result": changed(r"partial\[1LL", "partial[0LL"),
    "one block is left out": changed(r"i < blocks;", "i < blocks - 1;"),
}


@pytest.mark.parametrize("mistake", IN_SUMS)
def test_a_mistake_in_the_sums_is_seen(
    mistake: str, plain: Host, stand_in: Use, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradmath.kernels.cupy.cuda_sums.BLOCKS", 3)
    right = sums(plain, stand_in)
    assert right[0] == right[1]
    edit = Mistake(IN_SUMS[mistake])
    wrong = sums(replace(plain, edit=edit), stand_in)
    assert edit.made
    assert not np.allclose(wrong, right, rtol=1e-14, atol=0)


def as_if_contiguous(code: str) -> str:
    """A map reads every array as if its entries lay side by side."""
    code = code.replace("CArray<double, 2, 0, 1>", "CArray<double, 2, 1, 1>")
    return code.replace("[_ind.get()]", "[i]")


IN_LAYOUTS = {
    "strides of a map": (None, as_if_contiguous),
    "strides of the sums": ("sum", changed(r"i1 \* stride(\d+)_1", r"i1 * stride\1_0", 0)),
    "place along an axis": ("sum", changed(r"= i % size1", "= i / size1", 0)),
}


@pytest.mark.parametrize("mistake", IN_LAYOUTS)
def test_a_mistake_in_the_layout_is_seen(mistake: str, plain: Host, stand_in: Use) -> None:
    reduce, change = IN_LAYOUTS[mistake]
    edit = Mistake(change)
    x, y = X.reshape(4, 6), np.asfortranarray(np.linspace(0, 1, 24).reshape(4, 6))
    found = []
    for host in (plain, replace(plain, edit=edit)):
        stand_in(host)
        found.append(gm.compile(NEURON, "cupy")(x=x, y=y, w=0.5, b=0.1, reduce=reduce)[0])
    assert edit.made
    assert not np.allclose(found[0], found[1], rtol=1e-6, atol=0)
