"""Real data small enough to carry: the 8 x 8 handwritten digits of scikit-learn.

1797 images of 64 brightnesses in {0, ..., 16}, here divided by 16.  Source: E. Alpaydin and
C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, 1998,
https://doi.org/10.24432/C50P49; the copy inside scikit-learn's package is its test part.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gradmath.errors import BackendError, ShapeError, UnknownNameError, ValueRangeError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Task:
    """A two-class question put to the digits: which images take part, and which count as 1."""

    name: str
    titles: Mapping[str, str]
    takes: Callable[[NDArray[np.int64]], NDArray[np.bool_]]
    ones: Callable[[NDArray[np.int64]], NDArray[np.bool_]]


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        task.name: task
        for task in (
            Task(
                "0 against 1",
                {"en": "0 against 1", "zh": "0 与 1"},
                takes=lambda digit: digit <= 1,
                ones=lambda digit: digit == 1,
            ),
            Task(
                "1 against the rest",
                {"en": "1 against the rest", "zh": "1 与其余数字"},
                takes=lambda digit: digit >= 0,
                ones=lambda digit: digit == 1,
            ),
        )
    }
)


@dataclass(frozen=True)
class Binary:
    """A binary task: `x` (n, 64) in [0, 1], `y` (n,) in {0, 1}, `digit` (n,) the digit shown."""

    task: Task
    x: Array
    y: Array
    digit: NDArray[np.int64]

    @property
    def share_of_ones(self) -> float:
        """The share of samples with y = 1: the mean loss of a neuron that always answers 0."""
        return float(self.y.mean())


@functools.cache
def _load() -> tuple[Array, NDArray[np.int64]]:
    try:
        from sklearn.datasets import load_digits
    except ImportError as error:
        raise BackendError(
            "digits",
            got="no scikit-learn",
            allowed="scikit-learn, which carries the images",
            remedy="python -m pip install scikit-learn",
        ) from error
    pixels, digit = load_digits(return_X_y=True)
    return pixels / 16.0, digit.astype(np.int64)


def _frozen(array: NDArray[Any]) -> NDArray[Any]:
    array = np.array(array)
    array.setflags(write=False)
    return array


def binary(task: str = "0 against 1", *, samples: int | None = None, seed: int = 0) -> Binary:
    """The digits as a two-class task.

    `task` is a key of `TASKS`; in both of them y = 1 stands for the digit 1.  All images that take
    part are returned in the data set's order, or `samples` of them drawn without replacement by
    `numpy.random.Generator(PCG64(seed))`.  Raises `UnknownNameError` for another task and
    `ValueRangeError` for more samples than there are, or fewer than one.

    >>> from gradmath.dynamics import binary
    >>> data = binary("0 against 1")
    >>> data.x.shape, float(data.x.min()), float(data.x.max())
    ((360, 64), 0.0, 1.0)
    """
    if task not in TASKS:
        raise UnknownNameError("task", task, TASKS)
    question = TASKS[task]
    x, digit = _load()
    index = np.flatnonzero(question.takes(digit))
    if samples is not None:
        if not 1 <= samples <= len(index):
            raise ValueRangeError("samples", got=samples, allowed=f"1 to {len(index)}")
        rng = np.random.Generator(np.random.PCG64(seed))
        index = np.sort(rng.choice(index, size=samples, replace=False))
    y = question.ones(digit[index]).astype(np.float64)
    return Binary(question, _frozen(x[index]), _frozen(y), _frozen(digit[index]))


@dataclass(frozen=True)
class TenDigits:
    """All ten digits, split: `x` (n, 64) in [0, 1] and `digit` (n,) to learn from, and to test on.

    No image is in both parts.
    """

    x: Array
    digit: NDArray[np.int64]
    test_x: Array
    test_digit: NDArray[np.int64]


def ten_digits(test: int = 497, seed: int = 0) -> TenDigits:
    """The ten digits in two parts: `test` images drawn without replacement, and the others.

    The images are put in an order by `numpy.random.Generator(PCG64(seed))`, and the first `test`
    of them are the test part.  Raises `ValueRangeError` unless each part has an image.

    >>> from gradmath.dynamics import ten_digits
    >>> data = ten_digits()
    >>> data.x.shape, data.test_x.shape
    ((1300, 64), (497, 64))
    """
    x, digit = _load()
    if not 1 <= test < len(x):
        raise ValueRangeError("test", got=test, allowed=f"1 to {len(x) - 1}")
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(x))
    first, rest = order[:test], order[test:]
    return TenDigits(*map(_frozen, (x[rest], digit[rest], x[first], digit[first])))


def centre_ink(x: Array) -> Array:
    """One feature from an image: the mean brightness of the four pixels in its centre.

    `x` (n, 64) -> (n, 1), in [0, 1].  A one has ink there, a zero has its hole, so one number
    tells the two apart well enough to draw the loss of a neuron over its two parameters.
    """
    if x.ndim != 2 or x.shape[1] != 64:
        raise ShapeError("x", got=f"shape {x.shape}", allowed="(n, 64)")
    centre = x.reshape(-1, 8, 8)[:, 3:5, 3:5]
    return np.asarray(centre.mean(axis=(1, 2))[:, None], dtype=np.float64)


def one_of_each(seed: int = 0) -> tuple[Array, Array]:
    """Ten images, one of each digit in order, drawn by `Generator(PCG64(seed))`.

    Returns `x` (10, 64) in [0, 1] and the one-hot targets `y` (10, 10), which are the identity.
    """
    x, digit = _load()
    rng = np.random.Generator(np.random.PCG64(seed))
    index = [int(rng.choice(np.flatnonzero(digit == value))) for value in range(10)]
    return _frozen(x[index]), _frozen(np.eye(10))
