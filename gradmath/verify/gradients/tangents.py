"""At a kink the entries of a subgradient hang together; whether those of a claim do.

Where two numbers tie for the largest, each entry of a subgradient lies between 0 and 1, and the two
add up to 1.  A claim of 1 for both counts the same value twice, though each entry for itself lies
where it may.

In a direction that leaves every comparison which meets a 0 at 0 (both numbers grow alike), the
function has a slope: the same whichever side is taken, and every subgradient has it too.  So a
subgradient differs from a one-sided gradient by a combination of the comparisons' own gradients,
the normals of the kink.  That holds for continuous functions whose comparisons have gradients; the
one-sided gradients themselves show whether it does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from flint import arb

from gradmath.verify import balls
from gradmath.verify.gradients.number import Number, Undefined
from gradmath.verify.gradients.running import Traced
from gradmath.verify.oracle import Answer, Ball

#: bits at which normals are found
_BITS: Final = 512
#: what is left beside the normals, relative to the largest entry, is something
_LEFT: Final = 1e-6
#: singular values below this share of the largest are none
_RANK: Final = 1e-10
#: more entries than this in the matrix of normals are not looked at
_LARGEST: Final = 250_000

#: what is to be said of such a claim
NO_SUBGRADIENT: Final = (
    "each entry for itself lies between its one-sided values, but together they are no "
    "subgradient, as where two numbers tie for the largest and both count in full; share it among "
    "them or give it to one"
)

Side = Mapping[str, Sequence[Answer]]


def hang_together(
    traced: Traced, wrt: Sequence[str], sides: Sequence[Side], said: Side
) -> bool | None:
    """Whether a claim differs from the one-sided gradients by the normals of a kink alone.

    `traced` is the run at the kink.  None where that cannot be told: a comparison without a
    gradient, or sides that differ by something else, as those of a jump do.
    """
    normals = _normals(traced, wrt)
    found = [_vector(side, wrt) for side in (*sides, said)]
    vectors = [vector for vector in found if vector is not None]
    if normals is None or len(vectors) < len(found):
        return None
    first, *others, claim = vectors
    if any(vector.shape != first.shape for vector in vectors) or first.size != normals.shape[1]:
        return None
    size = float(np.max(np.abs(vectors)))
    if not size:
        return True
    left = _beside(normals, np.array([*others, claim]) / size - first / size)
    if np.any(np.abs(left[:-1]) > _LEFT):
        return None
    return not np.any(np.abs(left[-1]) > _LEFT)


def _beside(normals: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """What of each vector is no combination of the normals."""
    alone = np.count_nonzero(normals, axis=1) == 1  # as those of max(x, 0): one entry is free
    kept = ~np.any(normals[alone] != 0, axis=0)
    normals, vectors = normals[~alone][:, kept], vectors[:, kept]
    normals = normals[np.any(normals != 0, axis=1)]
    if not normals.size or not vectors.size:
        return vectors
    _, values, directions = np.linalg.svd(normals, full_matrices=False)
    directions = directions[values > _RANK * values[0]]
    return vectors - vectors @ directions.T @ directions


def _normals(traced: Traced, wrt: Sequence[str]) -> np.ndarray | None:
    """The gradient of each difference that met a 0, each row as large as 1; None without one."""
    places = [number.place for name in wrt for number in traced.inputs.get(name, ())]
    zero = list(dict.fromkeys(traced.trace.zero))
    if not places or len(zero) * len(places) > _LARGEST:
        return None
    rows = set()
    with balls.precision(_BITS):
        for place in zero:
            difference = Number(traced.trace, place, traced.trace.entries[place].result)
            if isinstance(difference.value, Undefined):
                return None
            try:
                slopes = traced.trace.sweep(difference)
            except (balls.Undecided, balls.UndefinedHere):
                return None
            row = np.array([_double(slopes[p]) if p < len(slopes) else 0.0 for p in places])
            size = float(np.max(np.abs(row)))
            if not np.isfinite(size):
                return None
            if not size:  # of no first order in what is differentiated by: as a square has at 0
                return None
            rows.add(tuple(row / size))
    return np.array(sorted(rows))


def _double(x: balls.Number) -> float:
    return float(balls.real(balls.coefficients(x, 1)[0]).mid())


def _vector(side: Side, wrt: Sequence[str]) -> np.ndarray | None:
    """The gradient by all the names as doubles; None if some entry is not known, or beyond them."""
    entries = [answer for name in wrt for answer in side.get(name, ())]
    if not entries or not all(isinstance(answer, Ball) for answer in entries):
        return None
    found = np.array([float(arb(answer.arb).mid()) for answer in entries])
    return found if np.all(np.isfinite(found)) else None
