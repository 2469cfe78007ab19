"""Eigenvalues and singular values of a matrix of balls, enclosed for every matrix in it.

A matrix that was printed to a few decimals is a matrix of balls: each entry is known to half a
unit of its last place.  What is found here holds for *every* real matrix whose entries lie in them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flint import acb, acb_mat, arb, arb_mat

from gradmath.verify.enclose.extremes import NotEnclosed


@dataclass(frozen=True)
class Eigenvalue:
    """One eigenvalue in a ball of the complex plane.

    `simple`: no other eigenvalue of the matrix lies in its ball.  `real`: it lies on the real axis;
    that is certain for a simple one whose ball, mirrored, meets no other ball, since the mirror
    image of an eigenvalue of a real matrix is one too.
    """

    ball: acb
    simple: bool
    real: bool


def eigenvalues(matrix: arb_mat) -> tuple[Eigenvalue, ...]:
    """Every eigenvalue of a real square matrix, as often as its multiplicity says.

    The balls are those of FLINT's `acb_mat`, which certifies them for all matrices in the balls.
    Raises `NotEnclosed` where it cannot.

    >>> [e.ball.real.str(10) for e in eigenvalues(arb_mat([[2, 1], [1, 2]])) if e.real and e.simple]
    ['[3.000000000 +/- 3e-14]', '[1.000000000 +/- 1e-14]']
    """
    if matrix.nrows() != matrix.ncols():
        raise NotEnclosed("matrix", got=f"{matrix.nrows()} x {matrix.ncols()}", allowed="a square")
    if not all(entry.is_finite() for entry in matrix.entries()):
        raise NotEnclosed("matrix", got="an entry that is not finite")
    try:
        found = acb_mat(matrix).eig(multiple=True)
    except ValueError as failure:
        raise NotEnclosed("eigenvalues", got=str(failure), remedy="use more bits") from None
    found.sort(key=lambda ball: -float(abs(ball).mid()))
    return tuple(_judged(place, found) for place in range(len(found)))


def _judged(place: int, found: Sequence[acb]) -> Eigenvalue:
    ball = found[place]
    mirrored = acb(ball.real, -ball.imag)
    others = [other for at, other in enumerate(found) if at != place]
    simple = not any(ball.overlaps(other) for other in others)
    real = simple and mirrored.overlaps(ball) and not any(mirrored.overlaps(o) for o in others)
    return Eigenvalue(ball, simple, real)


def spectral_radius(matrix: arb_mat) -> arb:
    """The largest modulus of an eigenvalue.

    >>> spectral_radius(arb_mat([[0, 4], [1, 0]])).str(10)
    '[2.000000000 +/- 2e-14]'
    """
    return ranked([abs(each.ball) for each in eigenvalues(matrix)])[0]


def singular_values(matrix: arb_mat) -> tuple[arb, ...]:
    """The singular values, largest first; the first is the spectral norm.

    They are the roots of the eigenvalues of A^T A or A A^T, whichever is smaller, for the matrix A
    of the midpoints.  By Weyl's inequality no singular value moves by more than the norm of what
    is added to the matrix, and that is at most the Frobenius norm of the balls' radii.

    >>> [value.str(5) for value in singular_values(arb_mat([[0, 4], [1, 0]]))]
    ['4.0000', '1.0000']
    """
    rows, columns = matrix.nrows(), matrix.ncols()
    if not all(entry.is_finite() for entry in matrix.entries()):
        raise NotEnclosed("matrix", got="an entry that is not finite")
    middle = arb_mat(rows, columns, [entry.mid() for entry in matrix.entries()])
    turned = middle.transpose()
    square = turned * middle if rows >= columns else middle * turned
    # a symmetric matrix has real eigenvalues, and this one has none below 0
    squares = ranked([each.ball.real for each in eigenvalues(square)])
    moved = arb(sum((entry.rad() ** 2 for entry in matrix.entries()), arb(0)).sqrt().upper())
    widened = arb(0, moved)
    return tuple(_root(value) + widened for value in squares)


def _root(square: arb) -> arb:
    low, high = square.lower(), square.upper()
    return (low.sqrt() if low > 0 else arb(0)).union(high.sqrt())


def ranked(found: Sequence[arb]) -> list[arb]:
    """Balls of the largest, the second largest, ... of numbers each of which lies in its ball."""
    lows = sorted((ball.lower() for ball in found), reverse=True)  # ends are exact: a total order
    highs = sorted((ball.upper() for ball in found), reverse=True)
    return [low.union(high) for low, high in zip(lows, highs, strict=True)]
