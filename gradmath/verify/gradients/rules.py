"""All rules by name, elementary and special."""

from __future__ import annotations

from typing import Final

from flint import arb, fmpq

from gradmath.verify import balls
from gradmath.verify.balls import Number, multiply, power
from gradmath.verify.gradients.elementary_rules import ELEMENTARY
from gradmath.verify.gradients.rule import OnDemand, Rule, Values
from gradmath.verify.gradients.special_rules import SPECIAL

RULES: Final = {rule.name: rule for rule in (*ELEMENTARY, *SPECIAL)}


def integer_power(n: int) -> Rule:
    """x^n for an integer n; n = 0 and 1 included."""

    def slopes(x: Values, _: Number) -> list[Number | OnDemand]:
        return [multiply(fmpq(n), power(x[0], n - 1)) if n else fmpq(0)]

    return Rule(f"power {n}", lambda x: power(x[0], n), slopes, 2 * max(1, abs(n).bit_length()))


def _without_sign(x: Values, result: Number) -> list[Number | OnDemand]:
    raise balls.Undecided("sign", got=str(x[0]))


#: the absolute value where the sign is not known: a value, and no slope
UNSIGNED: Final = Rule("absolute", lambda x: abs(arb(x[0])), _without_sign, 0)
