"""The kinds of entries beside activations: losses, penalties, clips and initialisers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from sympy import Expr, IndexedBase, Symbol, sqrt

from gradmath.catalogue.declaration import Entry, ScalarEntry
from gradmath.errors import ShapeError


@dataclass(frozen=True, eq=False, repr=False)
class Loss(ScalarEntry):
    """A loss entry: one number for each prediction and its target.

    `takes_logits`: the prediction is a pre-activation, not a probability.
    """

    kind: ClassVar[str] = "loss"
    variable: Symbol = field(default=Symbol("prediction", real=True), kw_only=True)
    others: tuple[Symbol, ...] = field(default=(Symbol("target", real=True),), kw_only=True)
    takes_logits: bool = field(default=False, kw_only=True)

    @property
    def prediction(self) -> Symbol:
        """The symbol of the prediction."""
        return self.variable

    @property
    def target(self) -> Symbol:
        """The symbol of the target."""
        return self.others[0]


@dataclass(frozen=True, eq=False, repr=False)
class VectorLoss(Entry):
    """A loss of a whole sample: its K outputs enter together, by an indexed definition.

    `expression` holds `predictions[k]` and `targets[k]` for k = 1..`count`.
    """

    kind: ClassVar[str] = "loss"
    predictions: IndexedBase = field(kw_only=True)
    targets: IndexedBase = field(kw_only=True)
    count: Symbol = field(kw_only=True)
    takes_logits: bool = field(default=False, kw_only=True)

    def symbols(self, count: int) -> tuple[tuple[Symbol, ...], tuple[Symbol, ...]]:
        """The symbols prediction_1..K and target_1..K."""
        return tuple(
            tuple(Symbol(f"{name}_{k}", real=True) for k in range(1, count + 1))
            for name in ("prediction", "target")
        )  # type: ignore[return-value]  # two tuples, one for each name

    def instance(self, predictions: Sequence[Expr], targets: Sequence[Expr]) -> Expr:
        """The definition written out for given outputs and targets, as an explicit expression.

        >>> from gradmath.catalogue import losses
        >>> entry = losses["softmax_cross_entropy"]
        >>> entry.instance(*entry.symbols(2)).free_symbols == {*sum(entry.symbols(2), ())}
        True
        """
        if len(predictions) != len(targets) or not predictions:
            raise ShapeError(
                "targets", got=len(targets), allowed=f"as many as predictions, {len(predictions)}"
            )
        written = self.expression.subs(self.count, len(predictions)).doit()
        return written.xreplace({
            base[k]: values[k - 1]
            for base, values in ((self.predictions, predictions), (self.targets, targets))
            for k in range(1, len(predictions) + 1)
        })  # fmt: skip


@dataclass(frozen=True, eq=False, repr=False)
class Penalty(ScalarEntry):
    """A penalty on weights: `expression` is one weight's share, the penalty is their sum."""

    kind: ClassVar[str] = "penalty"
    variable: Symbol = field(default=Symbol("weight", real=True), kw_only=True)


@dataclass(frozen=True, eq=False, repr=False)
class Clip(ScalarEntry):
    """A clipping of gradients: `expression` is one entry g after clipping.

    `norm` is the symbol of the Euclidean norm of all entries together, where the clip needs it.
    """

    kind: ClassVar[str] = "clip"
    variable: Symbol = field(default=Symbol("g", real=True), kw_only=True)
    norm: Symbol | None = field(default=None, kw_only=True)

    @property
    def variables(self) -> tuple[Symbol, ...]:
        """g, then the norm where there is one."""
        return tuple(sorted((self.variable, *self.others), key=lambda s: s == self.norm))


@dataclass(frozen=True, eq=False, repr=False)
class Initialiser(Entry):
    """A random start for a weight matrix of shape (fan_out, fan_in).

    `expression` is the variance of an entry in `fan_in`, `fan_out` and `gain`; `distribution`
    is "normal" (mean 0), "uniform" (symmetric about 0), "orthogonal" (gain times a uniformly
    distributed matrix with orthonormal rows or columns) or "zeros".
    """

    kind: ClassVar[str] = "initialiser"
    distribution: str = field(kw_only=True)
    fan_in: Symbol = field(default=Symbol("fan_in", positive=True, integer=True), kw_only=True)
    fan_out: Symbol = field(default=Symbol("fan_out", positive=True, integer=True), kw_only=True)
    gain: Symbol = field(default=Symbol("gain", positive=True), kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        allowed = ("normal", "uniform", "orthogonal", "zeros")
        if self.distribution not in allowed:
            self._refuse("distribution", self.distribution, ", ".join(allowed))
        strange = self.expression.free_symbols - {self.fan_in, self.fan_out, self.gain}
        if strange:
            self._refuse("expression", strange, "fan_in, fan_out, gain")

    @property
    def variance(self) -> Expr:
        """The variance of one entry."""
        return self.expression

    @property
    def standard_deviation(self) -> Expr:
        """The standard deviation of one entry."""
        return sqrt(self.expression)

    @property
    def limit(self) -> Expr:
        """a, where the uniform distribution on (-a, a) has the declared variance a^2 / 3."""
        return sqrt(3 * self.expression)
