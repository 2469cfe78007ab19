"""The range of the first and second derivative of every activation in the catalogue."""

from __future__ import annotations

from collections.abc import Mapping

import sympy as sp

from gradmath import notation
from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.claims import estimates
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.enclosed import enclosures
from gradmath.claims.grades import PROVED
from gradmath.claims.located import Extremal, Located
from gradmath.claims.symbols import z
from gradmath.claims.values import Value

PAGE = "catalogue"
HAIR = sp.Rational(1, 10**12)
ASSUMPTIONS = {
    "en": "z is any real number; parameters have their defaults. The ends of an interval are the "
    "least upper and the greatest lower bound, reached or not; at a kink both one-sided limits "
    "and what we return count. Each end is proved to 18 decimals.",
    "zh": "z 为任意实数；参数取默认值。区间端点为上确界与下确界，不一定取到；"
    "在折点处，两个单侧极限与我们返回的值都计入。每个端点都证明到小数点后 18 位。",
}


def derivative(name: str, order: int) -> sp.Expr:
    """A derivative of an activation with its default parameters."""
    return applied(activations[name])(z).diff(z, order)


def _parts(order: int) -> dict[str, Extremal]:
    parts = {}
    for name in activations:
        of = derivative(name, order)
        for kind in ("least", "greatest"):
            value, _ = estimates.extreme(of, kind)
            parts[f"{name}: {kind}"] = Extremal(of, kind, value)
    return parts


def _statement(parts: Mapping[str, Extremal], order: int) -> Located:
    shown = []
    for name in activations:
        low, high = (
            Value(parts[f"{name}: {kind}"].value, digits=8).latex for kind in ("least", "greatest")
        )
        shown.append(rf"{notation.latex(derivative(name, order))} \in [{low},\; {high}]")
    display = [r",\quad ".join(shown[n : n + 2]) for n in range(0, len(shown), 2)]
    return Located(parts, display=display)


def _shifted(parts: Mapping[str, Extremal], statement: Located) -> list[Mistake]:
    inward = {
        kind: {
            name: {"value": part.value - part.sign * HAIR}
            for name, part in parts.items()
            if part.kind == kind
        }
        for kind in ("least", "greatest")
    }
    return [
        Mistake(
            "every upper end a hair too low",
            "每个上端都低了一丝",
            statement.but(inward["greatest"], "every greatest value less 10^-12"),
        ),
        Mistake(
            "every lower end a hair too high",
            "每个下端都高了一丝",
            statement.but(inward["least"], "every least value plus 10^-12"),
        ),
    ]


def _values(parts: Mapping[str, Extremal]) -> dict[str, Value]:
    found = {}
    for name in activations:
        low, high = (parts[f"{name}: {kind}"].value for kind in ("least", "greatest"))
        found[f"{name}_least"] = Value(low, digits=7)
        found[f"{name}_greatest"] = Value(high, digits=7)
        found[f"{name}_size"] = Value(sp.Max(abs(low), abs(high)), digits=7)
    return found


@claim(
    "slope-ranges",
    page=PAGE,
    grade=PROVED,
    titles={"en": "How steep each activation is", "zh": "每个激活函数有多陡"},
    statement_text={
        "en": "For every activation of the catalogue, the smallest interval that holds all its "
        "slopes.",
        "zh": "对目录中的每个激活函数，给出包含其全部斜率的最小区间。",
    },
    assumptions=ASSUMPTIONS,
)
def slope_ranges() -> Case:
    parts = _parts(1)
    statement = _statement(parts, 1)
    steep = {n: {"value": sp.S.One} for n, p in parts.items() if p.value > 1}
    falling = {n: {"value": sp.S.Zero} for n, p in parts.items() if p.value < 0}
    mistakes = [
        Mistake(
            "no slope is greater than 1",
            "误以为没有斜率超过 1",
            statement.but(steep, "no slope is greater than 1"),
        ),
        Mistake(
            "no slope is negative",
            "误以为没有负斜率",
            statement.but(falling, "no slope is negative"),
        ),
        *_shifted(parts, statement),
    ]
    return Case(statement, [enclosures()], mistakes, _values(parts))


@claim(
    "bend-ranges",
    page=PAGE,
    grade=PROVED,
    titles={"en": "How sharply each activation bends", "zh": "每个激活函数弯得多急"},
    statement_text={
        "en": "For every activation of the catalogue, the smallest interval that holds all values "
        "of its second derivative: how fast the slope itself can change.",
        "zh": "对目录中的每个激活函数，给出包含其二阶导数全部取值的最小区间，"
        "即斜率本身变化的快慢。",
    },
    assumptions=ASSUMPTIONS,
)
def bend_ranges() -> Case:
    parts = _parts(2)
    statement = _statement(parts, 2)
    mistakes = [
        Mistake(
            "SiLU bends no more sharply than the sigmoid",
            "误以为 SiLU 不比 sigmoid 弯得更急",
            statement.but({"silu: greatest": {"value": parts["sigmoid: greatest"].value}}),
        ),
        *_shifted(parts, statement),
    ]
    return Case(statement, [enclosures()], mistakes, _values(parts))
