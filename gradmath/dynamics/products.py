"""Products of matrices: powers of one, and products of fresh random ones.

A *fresh normal* matrix has independent entries drawn from N(0, scale^2).  For a product of n of
them, G_n ... G_1, of size N, theory is exact for every n (C. Newman, Commun. Math. Phys. 103 (1986)
121): the i-th diagonal entry of the triangular factor of a step-by-step QR decomposition is scale
times the root of a chi-squared number with N - i + 1 degrees of freedom; its logarithm has the mean

    lambda_i = (ln(2 scale^2) + psi((N - i + 1)/2)) / 2,    psi the digamma function,

the i-th *Lyapunov exponent*, in natural logarithms a factor.  lambda_1 is the mean growth of the
length of any fixed vector.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from numpy.typing import NDArray

from gradmath.errors import ShapeError, ValueRangeError

Array = NDArray[np.float64]


def exponents(size: int, scale: Any = 1) -> tuple[sympy.Expr, ...]:
    """The Lyapunov exponents lambda_1 >= ... >= lambda_N of fresh normal matrices, exactly.

    size: N.  scale: the standard deviation of an entry, as a SymPy number.

    >>> exponents(2)
    (-EulerGamma/2 + log(2)/2, -log(2)/2 - EulerGamma/2)
    """
    _positive("size", size)
    scale = sympy.sympify(scale)
    half = sympy.Rational(1, 2)
    found = (
        half * (sympy.log(2 * scale**2) + sympy.digamma(sympy.Rational(size - i, 2)))
        for i in range(size)
    )
    return tuple(sympy.expand(sympy.expand_log(each)) for each in found)


def critical_scale(size: int) -> float:
    """The standard deviation at which a vector's length keeps its size in the mean of logarithms.

    It lies above 1/sqrt(size), at which the *square* of the length keeps its mean.

    >>> critical_scale(4) > 4**-0.5
    True
    """
    return float(sympy.exp(-exponents(size)[0]))


def fresh(size: int, factors: int, draws: int, *, scale: float = 1.0, seed: int) -> Array:
    """Fresh normal matrices, shape (factors, draws, size, size), from PCG64(seed).

    Raises `ValueRangeError` for a size, a number or a scale that is not positive.
    """
    for name, value in (("size", size), ("factors", factors), ("draws", draws)):
        _positive(name, value)
    if not (np.isfinite(scale) and scale > 0):
        raise ValueRangeError("scale", got=scale, allowed="a positive, finite number")
    rng = np.random.Generator(np.random.PCG64(seed))
    return scale * rng.standard_normal((factors, draws, size, size))


def product_of(matrices: Array) -> Array:
    """G_n ... G_1, the latest on the left, for matrices of shape (n, draws, N, N).

    >>> import numpy as np
    >>> a, b = np.array([[[[1.0, 1.0], [0.0, 1.0]]], [[[1.0, 0.0], [1.0, 1.0]]]])
    >>> product_of(np.stack([a, b]))[0].tolist()
    [[1.0, 1.0], [1.0, 2.0]]
    """
    matrices = _stack(matrices)
    product = matrices[0]
    for factor in matrices[1:]:
        product = factor @ product
    return product


def log_diagonals(matrices: Array) -> Array:
    """ln |R_ii| of the QR decomposition of G_n ... G_1, built up factor by factor.

    (n, draws, N, N) -> (draws, N).  The product itself is never formed, so nothing overflows and no
    direction is lost in the rounding of a larger one.  The first column is ln |G_n ... G_1 e_1|.
    """
    matrices = _stack(matrices)
    _, draws, size, _ = matrices.shape
    frame = np.broadcast_to(np.eye(size), (draws, size, size))
    total = np.zeros((draws, size))
    for factor in matrices:
        frame, r = np.linalg.qr(factor @ frame)
        total += np.log(np.abs(np.diagonal(r, axis1=1, axis2=2)))
    return total


def log_norms(matrices: Array) -> Array:
    """ln of the spectral norm of G_1, G_2 G_1, ..., G_n ... G_1: shape (n, draws).

    (n, draws, N, N) -> (n, draws).  The product is scaled to norm 1 at every step.  A product that
    is exactly zero has the norm 0 and -inf here.
    """
    matrices = _stack(matrices)
    count, draws, size, _ = matrices.shape
    product = np.broadcast_to(np.eye(size), (draws, size, size))
    grown, found = np.zeros(draws), np.empty((count, draws))
    with np.errstate(divide="ignore"):
        for k, factor in enumerate(matrices):
            product = factor @ product
            norm = np.linalg.norm(product, 2, axis=(1, 2))
            grown = grown + np.log(norm)
            product = product / np.where(norm > 0, norm, 1.0)[:, None, None]
            found[k] = grown
    return found


def log_singular_values(matrices: Array, *, bits: int = 512) -> Array:
    """ln of the singular values of G_1, G_2 G_1, ..., G_n ... G_1, largest first: (n, draws, N).

    They drift apart exponentially, and in doubles the small ones drown in the rounding of the
    large ones; so the products are formed in balls of `bits` bits.  Raises `ValueRangeError` if
    these do not tell a singular value from 0.
    """
    from flint import arb_mat

    from gradmath.verify import balls
    from gradmath.verify.enclose import spectrum

    matrices = _stack(matrices)
    count, draws, size, _ = matrices.shape
    found = np.empty((count, draws, size))
    with balls.precision(bits):
        for draw in range(draws):
            product = None
            for k in range(count):
                factor = arb_mat(matrices[k, draw].tolist())
                product = factor if product is None else factor * product
                values = spectrum.singular_values(product)
                if not all(value > 0 for value in values):
                    raise ValueRangeError("bits", got=bits, remedy="a singular value may be 0")
                found[k, draw] = [float(value.log()) for value in values]
    return found


def power_norms(matrix: Array, count: int) -> Array:
    """ln of the spectral norm of A, A^2, ..., A^count for a square A: shape (count,).

    >>> import numpy as np
    >>> np.exp(power_norms(np.array([[0.0, 4.0], [1.0, 0.0]]), 4)).round(9).tolist()
    [4.0, 4.0, 16.0, 16.0]
    """
    matrix = np.asarray(matrix, dtype=np.float64)
    if matrix.ndim != 2:
        raise ShapeError("matrix", got=f"shape {matrix.shape}", allowed="a square matrix")
    _positive("count", count)
    return log_norms(np.broadcast_to(matrix, (count, 1, *matrix.shape)))[:, 0]


def _stack(matrices: Any) -> Array:
    matrices = np.asarray(matrices, dtype=np.float64)
    if matrices.ndim != 4 or matrices.shape[2] != matrices.shape[3] or 0 in matrices.shape:
        raise ShapeError(
            "matrices", got=f"shape {matrices.shape}", allowed="(factors, draws, size, size)"
        )
    if not np.isfinite(matrices).all():
        raise ValueRangeError("matrices", got="NaN or infinity", allowed="finite numbers")
    return matrices


def _positive(name: str, value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < 1:
        raise ValueRangeError(name, got=repr(value), allowed="an integer >= 1")
