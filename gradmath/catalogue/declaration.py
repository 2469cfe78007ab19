"""What a catalogue entry is: a definition and what must be said about it, and nothing derived.

No derivative is typed in a declaration.  `partial` differentiates the smooth pieces of the
definition and puts them together again with the values declared at the kinks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache
from math import isfinite
from types import MappingProxyType
from typing import ClassVar, NamedTuple

from sympy import Expr, Interval, Rational, S, Set, Symbol, oo, sympify

from gradmath.catalogue import pieces
from gradmath.catalogue.bibliography import BIBLIOGRAPHY
from gradmath.catalogue.pieces import agree
from gradmath.errors import ArgumentTypeError, DeclarationError, ValueRangeError

LANGUAGES = ("en", "zh")


def exact(value: object) -> Expr:
    """A number or expression in SymPy; a double as the decimal it is written as (0.1 is 1/10).

    >>> exact(0.1), exact(1.7976931348623157e308) < 10**309
    (1/10, True)
    """
    if isinstance(value, float) and isfinite(value):
        return Rational(repr(float(value)))
    return sympify(value)


_collectors: list[list[Entry]] = []


@contextmanager
def collecting() -> Iterator[list[Entry]]:
    """Collect the entries declared inside the block, those that share a name included."""
    found: list[Entry] = []
    _collectors.append(found)
    try:
        yield found
    finally:
        _collectors.pop()


@dataclass(frozen=True)
class Parameter:
    """A parameter of an entry: its default and the interval it may lie in.

    `interval` is a SymPy set; without it the whole real line, or (0, oo) when `positive`.
    """

    default: Expr
    positive: bool = False
    interval: Set | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "default", sympify(self.default, rational=True))
        if self.interval is None:
            interval = Interval.open(0, oo) if self.positive else S.Reals
            object.__setattr__(self, "interval", interval)
        if not self.contains(self.default):
            raise DeclarationError(
                "default", got=self.default, allowed=f"a number in {self.interval}"
            )

    def contains(self, value: object) -> bool:
        """Whether the number `value` lies in the interval; NaN never does."""
        if self.interval is None:
            return False
        return (
            _double_inside(self.interval, value)
            if type(value) is float
            else _inside(self.interval, value)
        )

    @property
    def range(self) -> str:
        """The interval in the usual notation, `(0, oo)`."""
        if not isinstance(self.interval, Interval):
            return "(-oo, oo)"
        left = "(" if self.interval.left_open else "["
        right = ")" if self.interval.right_open else "]"
        return f"{left}{self.interval.start}, {self.interval.end}{right}"

    def check(self, value: object, argument: str) -> None:
        """Raise an error that names `argument` unless `value` is a number in the interval."""
        if (
            isinstance(value, bool)
            or not hasattr(value, "__float__")
            or getattr(value, "shape", None)
        ):
            raise ArgumentTypeError(argument, got=repr(value)[:80], allowed="a number")
        try:
            number = value if isinstance(value, Expr) else float(value)
        except OverflowError:
            raise ValueRangeError(argument, got="an integer beyond a double's range") from None
        if not self.contains(number):
            raise ValueRangeError(argument, got=value, allowed=f"a number in {self.range}")


def _inside(interval: Set, value: object) -> bool:
    number = sympify(value)
    return number is not S.NaN and bool(interval.contains(number) == S.true)


@lru_cache(maxsize=256)
def _double_inside(interval: Set, value: float) -> bool:
    """The same, kept: a training asks at every step about the same bound."""
    return _inside(interval, value)


class Jump(NamedTuple):
    """The one-sided limits of a derivative at a point, and what we return there."""

    left: Expr
    right: Expr
    returned: Expr


@dataclass(frozen=True)
class Kink:
    """A point at which the derivative of order `order` jumps, and no lower one does.

    `left` and `right` are its one-sided limits, `returned` the value that we return there; all
    three may hold parameters.  Every derivative takes the same side as `returned`; if it is
    neither limit, every derivative takes the same mixture of its two limits.
    """

    left: Expr
    right: Expr
    returned: Expr
    order: int = 1

    def __post_init__(self) -> None:
        for name in ("left", "right", "returned"):
            object.__setattr__(self, name, sympify(getattr(self, name)))
        if self.order < 1:
            raise DeclarationError("order", got=self.order, allowed="1 or more: no jumps in value")

    @property
    def weight(self) -> Expr:
        """w in returned = (1 - w) left + w right: 1 is the right side, 0 the left."""
        if self.returned == self.right:
            return S.One
        return (self.returned - self.left) / (self.right - self.left)


@dataclass(frozen=True, eq=False)
class Entry:
    """What all entries have: a name, titles and a summary in both languages, references."""

    kind: ClassVar[str] = "entry"
    name: str
    expression: Expr
    titles: Mapping[str, str] = field(kw_only=True)
    summary: Mapping[str, str] = field(kw_only=True)
    references: Sequence[str] = field(kw_only=True)
    latex: str = field(default="", kw_only=True)
    aliases: tuple[str, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        self._set("references", tuple(self.references))
        self._set("titles", MappingProxyType(dict(self.titles)))
        self._set("summary", MappingProxyType(dict(self.summary)))
        self._set("expression", sympify(self.expression))
        if not self.latex:
            self._set("latex", r"\operatorname{%s}" % self.name.replace("_", r"\,"))
        if not self.name.isidentifier():
            self._refuse("name", self.name, "a Python identifier")
        for texts in ("titles", "summary"):
            missing = [key for key in LANGUAGES if not getattr(self, texts).get(key)]
            if missing:
                self._refuse(texts, f"no text for {', '.join(missing)}", ", ".join(LANGUAGES))
        unknown = [key for key in self.references if key not in BIBLIOGRAPHY]
        if unknown or not self.references:
            self._refuse("references", unknown or "none", "one or more keys of the bibliography")
        for collector in _collectors:
            collector.append(self)

    def _set(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)

    def _refuse(self, argument: str, got: object, allowed: object) -> None:
        raise DeclarationError(f"{self.kind} {self.name!r}: {argument}", got=got, allowed=allowed)

    @property
    def definition(self) -> Expr:
        """The declared expression."""
        return self.expression

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"


@dataclass(frozen=True, eq=False, repr=False)
class ScalarEntry(Entry):
    """A real function of one or two variables and some parameters, smooth but for its kinks.

    `variables` are the arguments in order; the kinks are points of `variable`, one of them, and
    may depend on the other symbols.
    """

    variable: Symbol = field(default=Symbol("z", real=True), kw_only=True)
    others: tuple[Symbol, ...] = field(default=(), kw_only=True)
    parameters: Mapping[Symbol, Parameter] = field(default_factory=dict, kw_only=True)
    kinks: Mapping[Expr, Kink] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set("parameters", MappingProxyType(dict(self.parameters)))
        kinks = {sympify(point): kink for point, kink in self.kinks.items()}
        ordered = sorted(kinks, key=lambda point: point.subs(self._sample))
        self._set("kinks", MappingProxyType({point: kinks[point] for point in ordered}))
        strange = self.expression.free_symbols - set(self.arguments)
        if strange:
            self._refuse("expression", f"unknown symbols {strange}", self.arguments)
        self._check_kinks()

    @property
    def variables(self) -> tuple[Symbol, ...]:
        """The arguments that are not parameters, in the order in which they are called."""
        return (self.variable, *self.others)

    @property
    def arguments(self) -> tuple[Symbol, ...]:
        """All arguments in order: the variables, then the parameters as declared."""
        return (*self.variables, *self.parameters)

    @property
    def defaults(self) -> dict[Symbol, Expr]:
        """Each parameter with its default."""
        return {symbol: parameter.default for symbol, parameter in self.parameters.items()}

    @property
    def _sample(self) -> dict[Symbol, Expr]:
        """Exact values for all symbols but the variable: where the order of kinks is read off."""
        return {**dict.fromkeys(self.others, S.One / 3), **self.defaults}

    @cached_property
    def pieces(self) -> tuple[Expr, ...]:
        """The smooth pieces of the definition, from left to right, one more than kinks."""
        return pieces.split(self.expression, self.variable, tuple(self.kinks), self._sample)

    def derivative(self, order: int = 1) -> Expr:
        """The derivative of any order >= 0 in the variable, with the declared values at kinks."""
        return self.partial(*(order if s == self.variable else 0 for s in self.arguments))

    @cache  # noqa: B019 - entries live as long as the process
    def partial(self, *orders: int) -> Expr:
        """The partial derivative of the given orders, one for each of `arguments` (zeros last)."""
        if len(orders) > len(self.arguments) or any(order < 0 for order in orders):
            raise ValueRangeError(
                f"orders of a derivative of {self.name}",
                got=orders,
                allowed=f"integers >= 0, one for each of {self.arguments}",
            )
        if not any(orders):
            return self.expression
        steps = [s for s, n in zip(self.arguments, orders, strict=False) for _ in range(n)]
        if not self.kinks and len(self.pieces) == 1 and not pieces.branches(self.expression):
            return self.expression.diff(*steps)
        weights = [kink.weight for kink in self.kinks.values()]
        derived = [piece.diff(*steps) for piece in self.pieces]
        return pieces.join(derived, self.variable, tuple(self.kinks), weights)

    def jump(self, point: Expr, order: int) -> Jump | None:
        """The one-sided limits of the derivative of `order` at the kink `point`; None if equal.

        >>> from gradmath.catalogue import activations
        >>> activations["softsign"].jump(0, 2).left
        2
        """
        location = sympify(point)
        index = list(self.kinks).index(location)
        left, right = (
            piece.diff(self.variable, order).subs(self.variable, location)
            for piece in self.pieces[index : index + 2]
        )
        if agree(left, right):
            return None
        weight = self.kinks[location].weight
        returned = {S.Zero: left, S.One: right}.get(weight, (1 - weight) * left + weight * right)
        return Jump(left, right, returned)

    def _check_kinks(self) -> None:
        """Refuse a kink whose limits are not those of the definition, and an undeclared one."""
        for point, kink in self.kinks.items():
            for order in range(kink.order + 1):
                found = self.jump(point, order)
                if order < kink.order and found is not None:
                    self._refuse(f"kink at {point}", f"a jump of order {order}", "lowest order")
            if found is None or not (
                agree(found.left, kink.left) and agree(found.right, kink.right)
            ):
                self._refuse(f"kink at {point}", kink, found or "no jump there")
        jumps = pieces.undeclared_jumps(
            self.expression, self.variable, tuple(self.kinks), self._sample, orders=range(3)
        )
        if jumps is None:
            self._refuse("expression", "a condition that is not linear", "linear conditions")
        for point, what in jumps or ():
            self._refuse(f"kink at {point}", "not declared", what)


@dataclass(frozen=True, eq=False, repr=False)
class Activation(ScalarEntry):
    """An activation function of the pre-activation z.

    `limits` are its limits at -oo and +oo, `domain` the set on which it is defined.
    """

    kind: ClassVar[str] = "activation"
    limits: tuple[Expr, ...] = field(kw_only=True)
    domain: Set = field(default=S.Reals, kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self._set("limits", tuple(sympify(limit) for limit in self.limits))
        if len(self.limits) != 2:
            self._refuse("limits", self.limits, "two: at -oo and at +oo")
        if self.domain != S.Reals:
            self._refuse("domain", self.domain, "the real line")
