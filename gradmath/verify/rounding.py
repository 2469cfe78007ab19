"""How far a kernel's gradients may be off: the first-order effect of all its roundings.

Each operation of a forward and a reverse sweep may be off by `relative` times the sizes that enter
it (|W| |A| + |b| for a pre-activation, |f| + |x f'| for a function f(x), since 4 (1 + k) ulp are
what a function is allowed, and so on), and by a few times `tiny`, the smallest subnormal number.
What such an error does to a gradient is, to first order, a derivative: of the pre-activations by
earlier ones (J), of the adjoints by later ones (J^T), and of the adjoints by pre-activations
(X, the Hessian of the loss).  The bound is the sum over all sources of |derivative| times size.

An error of an activation is taken for one of the pre-activation that reads it, and an error of an
adjoint dL/da for one of the delta that it goes into.  Where a residual layer reads it there is a
second path, the identity, and the error is a source of its own.

The derivatives are products of matrices in which terms cancel; absolute values are taken of the
products, not of the factors.  Absolute values of the factors would allow errors 10^25 times larger
at depth 50 and width 16, and a check that allows this cannot fail.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flint import arb, arb_mat

from gradmath.verify import balls
from gradmath.verify.rounding_sources import Sample, diagonal, plus, size, times
from gradmath.verify.sweep import Setting, Sweep

#: of a bound two figures matter; of a product with cancelling terms, some bits more
_BITS = 64


@dataclass(frozen=True)
class Allowed:
    """The absolute errors allowed of the loss, each gradient, each layer's pre-activations."""

    loss: arb
    grads: dict[str, arb_mat]
    pres: list[arb_mat]


def allowed(given: Setting, found: Sweep, relative: float, tiny: float) -> Allowed:
    """Bound the errors that roundings of relative size `relative` and absolute `tiny` cause."""
    with balls.precision(_BITS):
        samples = [
            _Errors(Sample(given, found, n, arb(relative), arb(tiny))) for n in range(len(given.x))
        ]
        return _together(given, found, samples, arb(relative), arb(tiny))


class _Errors:
    """The errors of one sample's pre-activations, activations and deltas, from all sources.

    Index 0 of `delta` belongs to the input x.  Of the activations those of residual layers are
    here; that of a plain layer is the slope times that of its pre-activation, and its own.
    """

    def __init__(self, at: Sample) -> None:
        self.at, self.sources = at, at.sources
        self.pre = list(at.sources.pre)
        self.post = dict(enumerate(at.sources.post, start=1))
        self.delta = [arb_mat(at.post[0].nrows(), 1), *at.sources.delta]
        self.curved = [diagonal(times(b, a)) for b, a in zip(at.bend, at.adjoint, strict=True)]
        self.carry = [
            (w * diagonal(s)).mid() for w, s in zip(at.weights[1:], at.slope, strict=False)
        ]  # dZ_(k+1)/dZ_k through the activation
        for j in range(at.depth):
            self._from_pre(j)
        for j in range(at.depth):
            if at.residual[j]:
                self._from_input_of(j)
        if not at.residual[0]:
            self._to_input()

    def _from_pre(self, j: int) -> None:
        """Errors of the pre-activation of layer j on all later, those of all later on its delta."""
        at, sources = self.at, self.sources
        pres, posts = self._paths(j, _identity(at.pre[j].nrows()), None)
        for k in range(j + 1, at.depth):
            modulus = size(pres[k])
            self.pre[k] = (self.pre[k] + modulus * sources.pre[j]).mid()
            self._add(j + 1, modulus.transpose() * sources.delta[k])
        for k in range(j, at.depth):
            if at.residual[k]:
                modulus = size(posts[k + 1])
                self.post[k + 1] = (self.post[k + 1] + modulus * sources.pre[j]).mid()
                self._add(j + 1, modulus.transpose() * sources.incoming[k])
        for m, by_pre, by_post in self._bent(j, pres, posts):
            modulus = size(by_pre)
            self._add(m + 1, modulus * sources.pre[j])
            if m != j:
                self._add(j + 1, modulus.transpose() * sources.pre[m])
            if by_post is not None:
                self._add(j + 1, size(by_post).transpose() * sources.post[m])

    def _from_input_of(self, j: int) -> None:
        """Errors of what residual layer j reads, on all later; for x, which is exact, on dL/dx."""
        at, sources = self.at, self.sources
        pres, posts = self._paths(j, at.weights[j], _identity(at.post[j].nrows()))
        if j == 0:
            self._add(0, at.at_input())
        for k in range(j, at.depth):
            modulus = size(pres[k])
            if j == 0:
                self._add(0, modulus.transpose() * sources.delta[k])
            else:
                self.pre[k] = (self.pre[k] + modulus * sources.post[j - 1]).mid()
            if not at.residual[k]:
                continue
            modulus = size(posts[k + 1])
            if j == 0:
                self._add(0, modulus.transpose() * sources.incoming[k])
            else:
                self.post[k + 1] = (self.post[k + 1] + modulus * sources.post[j - 1]).mid()
        for m, by_pre, by_post in self._bent(j, pres, posts):
            if j > 0:
                self._add(m + 1, size(by_pre) * sources.post[j - 1])
                continue
            self._add(0, size(by_pre).transpose() * sources.pre[m])
            if by_post is not None:
                self._add(0, size(by_post).transpose() * sources.post[m])

    def _paths(
        self, j: int, pre: arb_mat, before: arb_mat | None
    ) -> tuple[dict[int, arb_mat], dict[int, arb_mat]]:
        """J: derivatives of later pre-activations, and of what residual layers read or return.

        `pre` and `before` are those of layer j's pre-activation and (None: 0) of its input.
        """
        at = self.at
        pres, posts = {j: pre}, {} if before is None else {j: before}
        for k in range(j, at.depth):
            if k > j:
                step = (
                    at.weights[k] * posts[k]
                    if at.residual[k - 1]
                    else self.carry[k - 1] * pres[k - 1]
                )
                pres[k] = step.mid()
            if at.residual[k] or at.read_by_residual(k + 1):
                after = diagonal(at.slope[k]) * pres[k]
                if at.residual[k] and k in posts:
                    after = after + posts[k]
                posts[k + 1] = after.mid()
        return pres, posts

    def _bent(
        self, j: int, pres: dict[int, arb_mat], posts: dict[int, arb_mat]
    ) -> Iterator[tuple[int, arb_mat, arb_mat | None]]:
        """X: derivatives of the deltas, and of dL/da where a residual layer reads a, downwards.

        X is symmetric: the block of layers m and j, read the other way, is that of j and m.
        """
        at, top = self.at, self.at.depth - 1
        last, by_post = diagonal(at.slope[-1]), None
        if at.residual[top]:
            by_post = at.hessian * posts[at.depth]
            x = last * by_post
        else:
            x = last * at.hessian * last * pres[top]
        for m in range(top, j - 1, -1):
            if m < top and (at.residual[m] or at.residual[m + 1]):
                through = at.weights[m + 1].transpose() * x
                by_post = (through + by_post if at.residual[m + 1] else through).mid()
                x = diagonal(at.slope[m]) * by_post
            elif m < top:
                x = self.carry[m].transpose() * x
            x = (x + self.curved[m] * pres[m]).mid()
            yield m, x, by_post if at.read_by_residual(m + 1) else None

    def _add(self, place: int, error: arb_mat) -> None:
        self.delta[place] = (self.delta[place] + error).mid()

    def _to_input(self) -> None:
        """The adjoint of x: the first delta's error through |W_1^T|, and its own rounding."""
        at = self.at
        modulus = size(at.weights[0].transpose())
        own = modulus * size(at.delta[0]) * at.relative
        self.delta[0] = plus(own + modulus * self.delta[1], modulus.ncols() * at.tiny)

    def of_input(self, k: int) -> arb_mat:
        """The error of what layer k reads."""
        if k == 0:
            return arb_mat(self.at.post[0].nrows(), 1)
        if self.at.residual[k - 1]:
            return self.post[k]
        return times(size(self.at.slope[k - 1]), self.pre[k - 1]) + self.sources.post[k - 1]

    def loss_total(self) -> arb:
        """The error of the loss of this sample (not yet divided by the batch size)."""
        at = self.at
        total = at.loss_error
        for delta, source in zip(at.delta, self.sources.pre, strict=True):
            total += (size(delta.transpose()) * source)[0, 0] * at.batch
        for k in range(at.depth):
            if k + 1 == at.depth or at.residual[k + 1]:
                slope = size(at.adjoint[k].transpose())
                total += (slope * self.sources.post[k])[0, 0] * at.batch
        return total.mid()


def _identity(n: int) -> arb_mat:
    return arb_mat(n, n, [int(i % (n + 1) == 0) for i in range(n * n)])


def _together(
    given: Setting, found: Sweep, samples: list[_Errors], relative: arb, tiny: arb
) -> Allowed:
    """Sum the samples' errors as the gradients sum the samples."""
    grads: dict[str, Any] = {}
    batch = len(samples)
    for k in range(len(given.layers)):
        shape = found.grads[f"W{k + 1}"]
        weights = arb_mat(shape.nrows(), shape.ncols())
        bias = arb_mat(1, shape.nrows())
        for s in samples:
            d, a = size(s.at.delta[k]), size(s.at.post[k]).transpose()
            weights += s.delta[k + 1] * a + d * s.of_input(k).transpose() + d * a * relative
            bias += (s.delta[k + 1] + d * relative).transpose()
        grads[f"W{k + 1}"] = plus(weights, batch * tiny).mid()
        grads[f"b{k + 1}"] = plus(bias, batch * tiny).mid()
    grads["x"] = arb_mat([list(s.delta[0].entries()) for s in samples]).mid()
    loss = sum((s.loss_total() for s in samples), arb(0)) / batch + relative * abs(found.loss)
    pres = [
        arb_mat([[s.pre[k][i, 0] for s in samples] for i in range(found.pres[k].nrows())])
        for k in range(len(given.layers))
    ]
    return Allowed(loss + tiny, grads, pres)
