"""One sample of a network and the local errors in it: what each operation may add by itself.

Layer k is at index k - 1: it reads `post[k - 1]` and returns `post[k]`; `adjoint[k - 1]` is the
derivative of the loss by what it returns.
"""

from __future__ import annotations

from dataclasses import dataclass

from flint import arb, arb_mat

from gradmath.verify import balls
from gradmath.verify.sweep import Setting, Slopes, Sweep, entrywise

#: what is smaller than this has no effect on any floating-point number, and exponents beyond it
#: make arithmetic slow; leaving it out only makes the bound stricter
_NOTHING = arb(2) ** -20_000


def column(m: arb_mat, n: int) -> arb_mat:
    """The middles of a column of balls."""
    found = (m[i, n].mid() for i in range(m.nrows()))
    return arb_mat([[v if abs(v) > _NOTHING else arb(0)] for v in found])


def size(m: arb_mat) -> arb_mat:
    """Absolute values."""
    return entrywise(abs, m)


def times(x: arb_mat, y: arb_mat) -> arb_mat:
    """Products entry by entry."""
    return entrywise(lambda a, b: a * b, x, y)


def diagonal(entries: arb_mat) -> arb_mat:
    """The diagonal matrix of a column."""
    m = arb_mat(entries.nrows(), entries.nrows())
    for i, v in enumerate(entries.entries()):
        m[i, i] = v
    return m


def plus(m: arb_mat, value: arb) -> arb_mat:
    """One number added to every entry."""
    return entrywise(lambda v: v + value, m)


@dataclass
class Sources:
    """What the roundings of one sample amount to, for each layer, as columns.

    `pre` and `delta` hold the errors of what enters them as well, except beside a residual layer:
    there `post`, of the activations that it reads, and `incoming`, of the adjoints dL/da of what it
    returns, act along the identity too.
    """

    pre: list[arb_mat]
    post: list[arb_mat]
    incoming: list[arb_mat]
    delta: list[arb_mat]


class Sample:
    """The values of one sample, and the local error of each operation on them."""

    def __init__(self, given: Setting, found: Sweep, n: int, relative: arb, tiny: arb) -> None:
        self.relative, self.tiny = relative, tiny
        self.depth = len(given.layers)
        self.weights = [layer.matrix.mid() for layer in given.layers]
        self.bias = [arb_mat([[b] for b in layer.bias]) for layer in given.layers]
        self.residual = [layer.residual for layer in given.layers]
        self.pre, self.post, self.image, self.slope, self.bend, self.delta, self.adjoint = (
            [column(m, n) for m in table]
            for table in (
                found.pres, found.posts, found.images, found.slopes, found.bends, found.deltas,
                found.post_adjoints,
            )
        )  # fmt: skip
        self.by_input = column(found.grads["x"].transpose(), n)
        self.batch = len(given.x)
        self.hessian, self.seed_error, self.loss_error = self._at_loss(
            [part for part in found.losses if part.sample == n]
        )
        self.sources = self._sources()

    def read_by_residual(self, k: int) -> bool:
        """Whether the layer at index k exists and is residual."""
        return k < self.depth and self.residual[k]

    def _at_loss(self, parts: list[Slopes]) -> tuple[arb_mat, arb_mat, arb]:
        """Hessian of the mean loss, error of its slopes, error of the loss of this sample."""
        width = self.post[-1].nrows()
        hessian, error = arb_mat(width, width), arb_mat(width, 1)
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

    def _sources(self) -> Sources:
        """Local errors: of each pre-activation, activation and delta, given exact operands."""
        pre, post, incoming, delta = [], [], [], []
        carried = arb_mat(self.post[0].nrows(), 1)  # x is exact
        for k in range(self.depth):
            modulus = size(self.weights[k])
            sums = modulus * size(self.post[k]) + size(self.bias[k])
            local = self._noise(sums, modulus.ncols() + 1)
            pre.append((local if self.residual[k] else local + modulus * carried).mid())
            steep = size(times(self.pre[k], self.slope[k]))
            carried = self._noise(size(self.image[k]) + steep, 4)
            if self.residual[k]:
                carried = carried + self._noise(size(self.post[k + 1]), 1)
            post.append(carried)
        for k in range(self.depth):
            if k + 1 < self.depth:
                entering = self.through(k + 1)
                if self.residual[k + 1]:
                    entering = entering + self._noise(size(self.adjoint[k]), 1)
            else:
                entering = self.seed_error + size(self.hessian) * post[-1]
            incoming.append(entering)
            own = size(self.slope[k]) + size(times(self.pre[k], self.bend[k]))
            local = times(size(self.adjoint[k]), self._noise(own, 4))
            if not self.residual[k]:
                local = times(entering, size(self.slope[k])) + local
            delta.append((local + self._noise(size(self.delta[k]), 1)).mid())
        return Sources(pre, post, incoming, delta)

    def through(self, k: int) -> arb_mat:
        """The local error of W^T delta at the layer of index k."""
        modulus = size(self.weights[k].transpose())
        return self._noise(modulus * size(self.delta[k]), modulus.ncols())

    def at_input(self) -> arb_mat:
        """The local error of the adjoint of x below a residual layer."""
        return self.through(0) + self._noise(size(self.by_input), 1)

    def _noise(self, sizes: arb_mat, count: int) -> arb_mat:
        """Roundings of quantities of these sizes; what is exactly 0 is computed exactly."""
        tiny = count * self.tiny
        return entrywise(lambda v: v if v.is_zero() else (self.relative * v + tiny).mid(), sizes)
