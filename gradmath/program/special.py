"""The scaled complementary error function in elementary operations, for backends without one.

scaled_erfc(x) = exp(x^2) erfc(x) falls from 1 at x = 0 like 1/(x sqrt(pi)).  With the map
t = (x - k)/(x + k) of [0, oo) to [-1, 1), the function (1 + 2x) scaled_erfc(x) is smooth and lies
between 1 and 1.2, so a Chebyshev series in t loses nothing to cancellation.  The coefficients are
computed here at high precision; none is typed.

Source of the map: M. M. Shepherd and J. G. Laframboise, Mathematics of Computation 36 (1981) 249.
"""

from __future__ import annotations

from functools import lru_cache

import mpmath

from gradmath.program.ir import Builder, Program

#: The point of the map that is sent to 0; near the optimum of the paper.
CENTRE = 3.75
#: Terms of the series; the first one left out is below half an ulp of a double.
TERMS = 28


@lru_cache(maxsize=1)
def chebyshev_coefficients() -> tuple[float, ...]:
    """Coefficients c_0 ... of (1 + 2x) scaled_erfc(x) = sum c_k T_k(t), by interpolation.

    Twice as many nodes as terms, at 40 digits, so that aliasing lies far below a double.
    """
    nodes = 2 * TERMS
    with mpmath.workdps(40):
        angles = [mpmath.pi * (j + mpmath.mpf(1) / 2) / nodes for j in range(nodes)]
        values = []
        for angle in angles:
            t = mpmath.cos(angle)
            x = CENTRE * (1 + t) / (1 - t)
            values.append((1 + 2 * x) * _scaled_erfc(x))
        series = []
        for k in range(TERMS):
            total = mpmath.fsum(v * mpmath.cos(k * a) for v, a in zip(values, angles, strict=True))
            series.append(float(total * (1 if k == 0 else 2) / nodes))
    return tuple(series)


def _scaled_erfc(x: mpmath.mpf) -> mpmath.mpf:
    # exp(x^2) grows as fast as erfc falls: the product needs x^2/log(10) more digits.
    with mpmath.workdps(40 + int(2 * x) + 5 if x < 50 else 60):
        if x < 50:
            return mpmath.exp(x * x) * mpmath.erfc(x)
        # Asymptotic series; at x >= 50 its terms fall by 1/5000 each.
        term, total = mpmath.mpf(1), mpmath.mpf(1)
        for k in range(1, 16):
            term *= -(2 * k - 1) / (2 * x * x)
            total += term
        return total / (x * mpmath.sqrt(mpmath.pi))


def expand_scaled_erfc(program: Program) -> Program:
    """The same program with every scaled_erfc written out by Clenshaw's recurrence."""
    if all(item.op != "scaled_erfc" for item in program.instructions):
        return program
    builder = Builder()
    number: dict[int, int] = {}
    for position, item in enumerate(program.instructions):
        args = tuple(number[a] for a in item.args)
        if item.op == "scaled_erfc":
            number[position] = _clenshaw(builder, args[0])
        else:
            number[position] = builder.emit(item.op, *args, value=item.value, shape=item.shape)
    builder.guards = [type(g)(number[g.predicate], g.step, g.point) for g in program.guards]
    outputs = {name: number[position] for name, position in program.outputs.items()}
    return builder.build(outputs, program.inputs)


def _clenshaw(b: Builder, x: int) -> int:
    coefficients = chebyshev_coefficients()
    centre = b.const(CENTRE)
    t = b.emit("div", b.emit("sub", x, centre), b.emit("add", x, centre))
    twice = b.emit("add", t, t)
    newer, older = b.const(coefficients[-1]), b.const(0.0)
    for c in coefficients[-2:0:-1]:
        product = b.mul(twice, newer)
        newer, older = (
            b.add(b.emit("sub", product, older) if b.constant(older) != 0 else product, b.const(c)),
            newer,
        )
    total = b.add(b.emit("sub", b.mul(t, newer), older), b.const(coefficients[0]))
    return b.emit("div", total, b.add(b.const(1.0), b.emit("add", x, x)))
