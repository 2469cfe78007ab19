"""Numbers of matrices that statements speak of, each found twice: enclosed by FLINT, and estimated
by mpmath, which is what shows a planted mistake to be false.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradmath.claims.spectra import Measure
from gradmath.errors import ValueRangeError

if TYPE_CHECKING:
    from flint import arb, arb_mat


def _spectrum() -> Any:
    from gradmath.verify.enclose import spectrum

    return spectrum


def _moduli(matrix: Any) -> list[Any]:
    import mpmath

    return sorted(mpmath.eig(matrix, left=False, right=False), key=abs, reverse=True)


def _singular(matrix: Any) -> list[Any]:
    import mpmath

    return list(mpmath.svd_r(matrix, compute_uv=False))


RADIUS = Measure(
    enclose=lambda matrix: _spectrum().spectral_radius(matrix),
    estimate=lambda matrix: abs(_moduli(matrix)[0]),
    latex=r"\rho({0})",
    words="spectral radius of {0}",
)
"""The spectral radius: the largest modulus of an eigenvalue."""

NORM = Measure(
    enclose=lambda matrix: _spectrum().singular_values(matrix)[0],
    estimate=lambda matrix: _singular(matrix)[0],
    latex=r"\lVert {0} \rVert_2",
    words="spectral norm of {0}",
)
"""The spectral norm: the largest singular value."""


def singular_value(place: int) -> Measure:
    """The singular value at a place, 1 being the largest."""
    return Measure(
        enclose=lambda matrix: _spectrum().singular_values(matrix)[place - 1],
        estimate=lambda matrix: _singular(matrix)[place - 1],
        latex=rf"s_{{{{{place}}}}}({{0}})",
        words=f"singular value {place} of {{0}}",
    )


def _leading(matrix: arb_mat) -> arb:
    from gradmath.verify.enclose import NotEnclosed

    first = _spectrum().eigenvalues(matrix)[0]
    if not (first.simple and first.real):
        raise NotEnclosed("leading eigenvalue", got="not known to be simple and real")
    return first.ball.real


LEADING = Measure(
    enclose=_leading,
    estimate=lambda matrix: _moduli(matrix)[0].real,
    latex=r"\lambda_1({0})",
    words="leading eigenvalue of {0}, real and simple",
)
"""The eigenvalue of largest modulus, where it is certainly real and simple."""


def _largest(entries: Any) -> arb:
    sizes = [abs(entry) for entry in entries]
    return _spectrum().ranked(sizes)[0]


def power_entry(power: int) -> Measure:
    """The largest size of an entry of a power."""
    return Measure(
        enclose=lambda matrix: _largest((matrix**power).entries()),
        estimate=lambda matrix: max(abs(entry) for entry in matrix**power),
        latex=rf"\max_{{{{ij}}}} \bigl|({{0}}^{{{{{power}}}}})_{{{{ij}}}}\bigr|",
        words=f"largest size of an entry of {{0}}^{power}",
    )


COMMUTATOR = Measure(
    enclose=lambda a, b: _spectrum().singular_values(a * b - b * a)[0],
    estimate=lambda a, b: _singular(a * b - b * a)[0],
    latex=r"\lVert {0}{1} - {1}{0} \rVert_2",
    words="spectral norm of {0} {1} - {1} {0}",
)
"""How far two matrices are from commuting."""


def first_power_reaching(size: Any, most: int = 2000) -> Measure:
    """The first power with an entry of at least this size; `ValueRangeError` beyond `most`."""

    def enclose(matrix: arb_mat) -> arb:
        from flint import arb, fmpq

        from gradmath.verify.enclose import NotEnclosed

        level = arb(fmpq(int(size.p), int(size.q)))
        product = matrix
        for power in range(1, most + 1):
            largest = _largest(product.entries())
            if largest >= level:
                return arb(power)
            if not largest < level:
                raise NotEnclosed("power", got=f"power {power}: {largest.str(12)}")
            product = product * matrix
        raise NotEnclosed("power", got=f"none of the first {most}")

    def estimate(matrix: Any) -> Any:
        import mpmath

        product = matrix
        for power in range(1, most + 1):
            if max(abs(entry) for entry in product) >= mpmath.mpf(size.p) / size.q:
                return mpmath.mpf(power)
            product = product * matrix
        raise ValueRangeError("size", got=size, allowed=f"reached by power {most}")

    return Measure(
        enclose,
        estimate,
        latex=r"\min\bigl\{{n : \max_{{ij}} |({0}^n)_{{ij}}| \ge %g\bigr\}}" % float(size),
        words=f"first power of {{0}} with an entry of size {float(size):g}",
    )
