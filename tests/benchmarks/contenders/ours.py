"""Our backends, each found by its name through gm.compile.

The check that no argument is NaN or infinite is off, since no peer makes one.
"""

from __future__ import annotations

import operator

import gradmath as gm
from gradmath.claims.performance.record import FRESH, OURS, REUSED, SCALARS
from gradmath.kernels.backends import BACKENDS
from tests.benchmarks.cases import EQUATIONS, B, Call, Case, W

POLICIES = (REUSED, FRESH)
#: "auto" chooses among the others; the plain array interface and CuPy take other arrays
LEFT_OUT = ("auto", "array_api", "cupy")
#: works in a process of its own, which the clock of this one does not see
ELSEWHERE = ("javascript",)


def backends() -> list[str]:
    """Those that take NumPy arrays: in the order of the record, then what it does not ask for."""
    there = [name for name in BACKENDS if name not in LEFT_OUT]
    return sorted(there, key=lambda name: OURS.index(name) if name in OURS else len(OURS))


def calls(backend: str, case: Case) -> dict[str, Call]:
    """Outputs given by `out=`, or made by the kernel."""
    x, y = case.arrays
    wrt = ["w", "b", "x"] if case.full else ["w", "b"]
    kernel = gm.compile(gm.derive(EQUATIONS, wrt=wrt), backend=backend)
    wanted = operator.itemgetter(*wrt)
    out = dict(zip(["L", *wrt], case.kept(), strict=False)) if case.full else None

    def asked_for(**how):
        def call():
            loss, grads = kernel(x=x, y=y, w=W, b=B, check_finite=False, **how)
            return [loss, *wanted(grads)]

        return call

    if case.full:
        return {REUSED: asked_for(out=out), FRESH: asked_for()}
    return {SCALARS: asked_for(reduce="mean")}
