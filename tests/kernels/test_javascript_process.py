"""The Node.js process behind the kernels: shared, replaced, missing."""

from __future__ import annotations

import multiprocessing
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import gradmath as gm
from gradmath.errors import BackendError
from gradmath.kernels.javascript import node as javascript_node
from gradmath.kernels.javascript.node import NodeProcess, node_program
from tests.kernels.in_node import KERNEL, NEURON, X


def test_one_kernel_serves_many_threads() -> None:
    rng = np.random.Generator(np.random.PCG64(0))
    inputs = [rng.normal(size=2_000) for _ in range(12)]
    expected = [KERNEL(x=x, y=1.0, w=0.5, b=0.1)[1]["w"] for x in inputs]
    with ThreadPoolExecutor(6) as pool:
        got = list(pool.map(lambda x: KERNEL(x=x, y=1.0, w=0.5, b=0.1)[1]["w"], inputs * 4))
    for result, want in zip(got, expected * 4, strict=True):
        assert np.array_equal(result, want)


def _mean(scale: float) -> float:
    return float(KERNEL(x=scale * X, y=1.0, w=0.5, b=0.1, reduce="mean")[0])


@pytest.mark.skipif(
    "fork" not in multiprocessing.get_all_start_methods(), reason="there is no fork here"
)
def test_forked_processes_ask_a_node_of_their_own() -> None:
    scales = [float(k) for k in range(8)]
    want = [_mean(scale) for scale in scales]
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(_mean, scales, chunksize=1) == want
    assert [_mean(scale) for scale in scales] == want


def test_a_process_that_ended_is_replaced_and_its_last_words_are_told() -> None:
    KERNEL(x=X, y=1.0, w=0.5, b=0.1)
    first = javascript_node._shared
    assert first is not None
    javascript_node.close()
    assert not first.running
    KERNEL(x=X, y=1.0, w=0.5, b=0.1)
    other = NodeProcess()
    other._process.kill()
    other._process.wait()
    with pytest.raises(BackendError, match="ended with"):
        other.evaluate(KERNEL.source, {}, {"samples": 1}, np.float64)
    other.close()


def test_an_error_in_a_module_is_told_and_harms_nothing() -> None:
    with pytest.raises(BackendError, match="SyntaxError"):
        javascript_node.evaluate("export const 5;", {}, {}, np.float64)
    with pytest.raises(BackendError, match="out of range"):
        javascript_node.evaluate(
            "export function evaluate() { throw new RangeError('out of range') }", {}, {}, "float64"
        )
    assert KERNEL(x=0.0, y=0.0, w=1.0, b=0.0)[0] == 0.25


def test_without_node_there_is_the_source_and_a_clear_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    javascript_node.close()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: None)
    kernel = gm.compile(NEURON, "javascript")
    assert "export function run" in kernel.source
    with pytest.raises(BackendError, match=r"pip install 'gradmath\[javascript\]'"):
        kernel(x=X, y=1.0, w=0.5, b=0.1)


def test_node_is_taken_from_the_path_where_there_is_no_wheel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert Path(node_program()).is_file()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    monkeypatch.setattr(shutil, "which", lambda name: f"/somewhere/{name}")
    assert node_program() == "/somewhere/node"
