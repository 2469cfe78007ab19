"""A neuron's JavaScript kernel, and its answers beside NumPy's."""

from __future__ import annotations

import numpy as np

import gradmath as gm

NEURON = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
KERNEL = gm.compile(NEURON, "javascript")
X = np.linspace(-3.0, 3.0, 7)


def both(derivation: gm.Derivation, *arguments: object, **named: object) -> list:
    return [
        gm.compile(derivation, backend)(*arguments, **named) for backend in ("javascript", "numpy")
    ]


def same(got: tuple, want: tuple, rtol: float = 1e-14) -> None:
    """Values, and before them the types and shapes."""
    (loss, grads), (right, slopes) = got, want
    assert list(grads) == list(slopes)
    for one, other in ((loss, right), *((grads[n], slopes[n]) for n in slopes)):
        assert type(one) is type(other)
        assert np.shape(one) == np.shape(other)
        assert np.asarray(one).dtype == np.asarray(other).dtype
        np.testing.assert_allclose(one, other, rtol=rtol, atol=1e-300)
