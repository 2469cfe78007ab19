"""How far a kernel's gradients may be off: the first-order effect of all its roundings.

Each operation of a forward and a reverse sweep may be off by `relative` times the sizes that enter
it (|W| |A| + |b| for a pre-activation, |f| + |x f'| for a function f(x), since 4 (1 + k) ulp are
what a function is allowed, and so on), and by a few times `tiny`, the smallest subnormal number.
What such an error does to a gradient is, to first order, a derivative: of the pre-activations by
earlier ones (J), of the adjoints by later ones (J^T), and of the adjoints by pre-activations
(X, the Hessian of the loss).  The bound is the sum over all sources of |derivative| times size.

The derivatives are products of matrices in which terms cancel; absolute values are taken of the
products, not of the factors.  Absolute values of the factors would allow errors 10^25 times larger
at depth 50 and width 16, and a check that allows this cannot fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flint import arb, arb_mat

from gradmath.verify import balls
from gradmath.verify.sweep import Setting, Slopes, Sweep, entrywise

#: of a bound two figures matter; of a product with cancelling terms, some bits more
_BITS = 64


@dataclass(frozen=True)
class Allowed:
    """The absolute errors allowed of the loss, each gradient, each layer's pre-activations."""

    loss: arb
    grads: dict[str, arb_mat]
    pres: list[arb_mat]


@dataclass
class _Sources:
    """What the roundings of one sample amount to, for each layer, as columns."""

    pre: list[arb_mat]
    post: list[arb_mat]
    delta: list[arb_mat]


def allowed(given: Setting, found: Sweep, relative: float, tiny: float) -> Allowed:
    """Bound the errors that roundings of relative size `relative` and absolute `tiny` cause."""
    with balls.precision(_BITS):
        samples = [_Sample(given, found, n, arb(relative), arb(tiny)) for n in range(len(given.x))]
        return _together(given, found, samples, arb(relative), arb(tiny))


#: what is smaller than this has no effect on any floating-point number, and exponents beyond it
#: make arithmetic slow; leaving it out only makes the bound stricter
_NOTHING = arb(2) ** -20_000


def _column(m: arb_mat, n: int) -> arb_mat:
    column = (m[i, n].mid() for i in range(m.nrows()))
    return arb_mat([[v if abs(v) > _NOTHING else arb(0)] for v in column])


def _size(m: arb_mat) -> arb_mat:
    return entrywise(abs, m)


def _times(x: arb_mat, y: arb_mat) -> arb_mat:
    return entrywise(lambda a, b: a * b, x, y)


def _diagonal(column: arb_mat) -> arb_mat:
    m = arb_mat(column.nrows(), column.nrows())
    for i, v in enumerate(column.entries()):
        m[i, i] = v
    return m


def _plus(m: arb_mat, value: arb) -> arb_mat:
    return entrywise(lambda v: v + value, m)


class _Sample:
    """One sample: its sources, and the errors that they cause in its deltas and values."""

    def __init__(self, given: Setting, found: Sweep, n: int, relative: arb, tiny: arb) -> None:
        self.relative, self.tiny = relative, tiny
        self.depth = len(given.layers)
        self.weights = [layer.matrix.mid() for layer in given.layers]
        self.bias = [arb_mat([[b] for b in layer.bias]) for layer in given.layers]
        self.pre, self.post, self.slope, self.bend, self.delta, self.adjoint = (
            [_column(m, n) for m in table]
            for table in (
                found.pres, found.posts, found.slopes, found.bends, found.deltas,
                found.post_adjoints,
            )
        )  # fmt: skip
        self.batch = len(given.x)
        self.hessian, self.seed_error, self.loss_error = self._at_loss(
            [part for part in found.losses if part.sample == n]
        )
        self.sources = self._sources()
        self._propagate()

    def _at_loss(self, parts: list[Slopes]) -> tuple[arb_mat, arb_mat, arb]:
        """Hessian of the mean loss, error of its slopes, error of the loss of this sample."""
        size = self.post[-1].nrows()
        hessian, error = arb_mat(size, size), arb_mat(size, 1)
        total = arb(0)
        for part in parts:
            inputs = [abs(balls.real(part.at[i])).mid() for i in part.active]
            total += self.relative * abs(part.value) + 4 * self.tiny
            for slope, x in zip(part.slopes, inputs, strict=True):
                total += self.relative * abs(slope) * x
            for m, i in enumerate(part.outputs):
                local = abs(part.slopes[m])
                for curve, x in zip(part.curves[m], inputs, strict=True):
                    local += abs(curve) * x
                error[i, 0] = (self.relative * local + 4 * self.tiny) / self.batch
                for other, j in enumerate(part.outputs):
                    hessian[i, j] = part.curves[m][other].mid() / self.batch
        return hessian.mid(), error.mid(), total

    def _sources(self) -> _Sources:
        """Local errors: of each pre-activation, activation and delta, given exact operands."""
        pre, post, delta = [], [], []
        carried = arb_mat(self.post[0].nrows(), 1)  # x is exact
        for k in range(self.depth):
            modulus = _size(self.weights[k])
            sums = modulus * _size(self.post[k]) + _size(self.bias[k])
            local = self._noise(sums, modulus.ncols() + 1)
            pre.append((local + modulus * carried).mid())
            steep = _size(_times(self.pre[k], self.slope[k]))
            carried = self._noise(_size(self.post[k + 1]) + steep, 4)
            post.append(carried)
        for k in range(self.depth):
            if k + 1 < self.depth:
                modulus = _size(self.weights[k + 1].transpose())
                incoming = self._noise(modulus * _size(self.delta[k + 1]), modulus.ncols())
            else:
                incoming = self.seed_error + _size(self.hessian) * post[-1]
            own = _size(self.slope[k]) + _size(_times(self.pre[k], self.bend[k]))
            own = self._noise(own, 4)
            local = _times(incoming, _size(self.slope[k])) + _times(_size(self.adjoint[k]), own)
            delta.append((local + self._noise(_size(self.delta[k]), 1)).mid())
        return _Sources(pre, post, delta)

    def _noise(self, sizes: arb_mat, count: int) -> arb_mat:
        """Roundings of quantities of these sizes; what is exactly 0 is computed exactly."""
        tiny = count * self.tiny
        return entrywise(lambda v: v if v.is_zero() else (self.relative * v + tiny).mid(), sizes)

    def _propagate(self) -> None:
        """Errors of all pre-activations and deltas from all sources.

        Index 0 of `delta_error` belongs to the input x, whose adjoint is W_1^T delta_1.
        """
        self.pre_error = list(self.sources.pre)
        self.delta_error = [arb_mat(self.post[0].nrows(), 1), *self.sources.delta]
        self.curved = [
            _diagonal(_times(b, a)) for b, a in zip(self.bend, self.adjoint, strict=True)
        ]
        self.carry = [
            (w * _diagonal(s)).mid() for w, s in zip(self.weights[1:], self.slope, strict=False)
        ]  # dZ_(k+1)/dZ_k
        for j in range(self.depth):
            forward = self._forward(j)  # J: derivative of each later pre-activation by this one
            for k in range(j + 1, self.depth):
                size = _size(forward[k - j])
                self.pre_error[k] = (self.pre_error[k] + size * self.sources.pre[j]).mid()
                self._add(j + 1, size.transpose() * self.sources.delta[k])
            self._through_slopes(j, forward)
        self._to_input()

    def _forward(self, j: int) -> list[arb_mat]:
        size = self.pre[j].nrows()
        steps = [arb_mat(size, size, [int(i % (size + 1) == 0) for i in range(size * size)])]
        for k in range(j + 1, self.depth):
            steps.append((self.carry[k - 1] * steps[-1]).mid())
        return steps

    def _through_slopes(self, j: int, forward: list[arb_mat]) -> None:
        """Add the effect of this layer's errors on deltas of all layers, by the Hessian X.

        X is symmetric: the block of layers m and j, read the other way, is that of j and m.
        """
        last = _diagonal(self.slope[-1])
        x = last * self.hessian * last * forward[-1]
        for m in range(self.depth - 1, j - 1, -1):
            if m < self.depth - 1:
                x = self.carry[m].transpose() * x
            x = (x + self.curved[m] * forward[m - j]).mid()
            size = _size(x)
            self._add(m + 1, size * self.sources.pre[j])
            if m != j:
                self._add(j + 1, size.transpose() * self.sources.pre[m])

    def _add(self, place: int, error: arb_mat) -> None:
        self.delta_error[place] = (self.delta_error[place] + error).mid()

    def _to_input(self) -> None:
        """The adjoint of x: the first delta's error through |W_1^T|, and its own rounding."""
        modulus = _size(self.weights[0].transpose())
        own = modulus * _size(self.delta[0]) * self.relative
        self.delta_error[0] = _plus(
            own + modulus * self.delta_error[1], modulus.ncols() * self.tiny
        )

    def loss_total(self) -> arb:
        """The error of the loss of this sample (not yet divided by the batch size)."""
        total = self.loss_error
        for delta, source in zip(self.delta, self.sources.pre, strict=True):
            total += (_size(delta.transpose()) * source)[0, 0] * self.batch
        slope = self.adjoint[-1].transpose()
        total += (_size(slope) * self.sources.post[-1])[0, 0] * self.batch
        return total.mid()


def _together(
    given: Setting, found: Sweep, samples: list[_Sample], relative: arb, tiny: arb
) -> Allowed:
    """Sum the samples' errors as the gradients sum the samples."""
    grads: dict[str, Any] = {}
    batch = len(samples)
    for k in range(len(given.layers)):
        shape = found.grads[f"W{k + 1}"]
        weights = arb_mat(shape.nrows(), shape.ncols())
        bias = arb_mat(1, shape.nrows())
        for s in samples:
            post_error = (
                _times(_size(s.slope[k - 1]), s.pre_error[k - 1]) + s.sources.post[k - 1]
                if k
                else arb_mat(s.post[0].nrows(), 1)
            )
            d, a = _size(s.delta[k]), _size(s.post[k]).transpose()
            weights += s.delta_error[k + 1] * a + d * post_error.transpose() + d * a * relative
            bias += (s.delta_error[k + 1] + d * relative).transpose()
        grads[f"W{k + 1}"] = _plus(weights, batch * tiny).mid()
        grads[f"b{k + 1}"] = _plus(bias, batch * tiny).mid()
    grads["x"] = arb_mat([list(s.delta_error[0].entries()) for s in samples]).mid()
    loss = sum((s.loss_total() for s in samples), arb(0)) / batch + relative * abs(found.loss)
    pres = [
        arb_mat([[s.pre_error[k][i, 0] for s in samples] for i in range(found.pres[k].nrows())])
        for k in range(len(given.layers))
    ]
    return Allowed(loss + tiny, grads, pres)
