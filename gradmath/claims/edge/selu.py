"""SELU: its forward fixed point, and what its gradients do there."""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue import activations
from gradmath.catalogue.applied import applied
from gradmath.catalogue.gaussian import GaussianMean, Z
from gradmath.claims import estimates
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.edge.gains import root_mean_square
from gradmath.claims.enclosed import enclosures
from gradmath.claims.evidence import enclosure
from gradmath.claims.grades import PROVED
from gradmath.claims.located import Located, Mean
from gradmath.claims.relation import Relation, greater, less
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import z
from gradmath.claims.values import Value

PAGE = "edge"
LAYERS = 100
selu = applied(activations["selu"])
elu = applied(activations["elu"])


@claim(
    "selu-fixed-point",
    page=PAGE,
    grade=PROVED,
    titles={"en": "SELU's forward fixed point", "zh": "SELU 的前向不动点"},
    statement_text={
        "en": "SELU turns a standard normal number into one with mean 0 and mean square 1 again, "
        "and a variance that is a little off comes nearer to 1 in every layer: of a small "
        "deviation about 78 % is left.",
        "zh": "SELU 把标准正态变量变为均值仍为 0、均方仍为 1 的变量；方差若稍有偏差，"
        "则逐层向 1 靠拢：微小的偏差每层约剩 78%。",
    },
    assumptions={
        "en": "Wide layers, weights with mean 0 and variance 1/n_in, no bias. What is left of a "
        "deviation is the derivative of E selu(√q Z)² by q at 1, which is E Z selu(Z) selu′(Z). "
        "Means are proved to 18 decimals.",
        "zh": "层足够宽，权重均值为 0、方差为 1/n_in，无偏置。偏差剩余的比例是 E selu(√q Z)² 对 q "
        "在 1 处的导数，即 E Z selu(Z) selu′(Z)。均值证明到小数点后 18 位。",
    },
    references=("klambauer2017",),
)
def selu_fixed_point() -> Case:
    left = z * selu(z) * selu(z).diff(z)
    share = estimates.mean(left)
    means = Located(
        {
            "mean": Mean(selu(z), sp.S.Zero),
            "mean square": Mean(selu(z) ** 2, sp.S.One),
            "left of a deviation": Mean(left, share),
        },
        display=(
            r"\mathbb{E}\left[\operatorname{SELU}(Z)\right] = 0, \quad"
            r" \mathbb{E}\left[\operatorname{SELU}(Z)^2\right] = 1,",
        ),
    )
    one = GaussianMean(left.xreplace({z: Z}))
    bounds = ForAll(
        {"some is left": greater(one, sp.Rational(78, 100)),
         "not all is left": less(one, sp.Rational(79, 100))},
        display=(r"0.78 < \mathbb{E}\left[Z \operatorname{SELU}(Z) \operatorname{SELU}'(Z)\right]"
                 r" < 0.79",),
        words="0.78 < E Z selu(Z) selu'(Z) < 0.79",
    )  # fmt: skip
    statement = AllOf((means, bounds))
    hair = sp.Rational(1, 10**12)
    rounded = sp.Rational("1.0507"), sp.Rational("1.6733")
    coarse = rounded[0] ** 2 * GaussianMean(elu(Z, rounded[1]) ** 2)

    def but(changed: dict[str, dict[str, sp.Expr]], words: str = "") -> AllOf:
        return AllOf((means.but(changed, words), bounds))

    mistakes = [
        Mistake("the mean of ELU with α = 1, scaled", "误用 α = 1 的 ELU 的均值",
                but({"mean": {"value": sp.N(GaussianMean(elu(Z)), 25)}})),
        Mistake("constants rounded to four decimals keep the mean square exactly",
                "误以为四位小数的常数就精确保持均方",
                but({"mean square": {"value": sp.N(coarse, 25)}})),
        Mistake("the mean square halved, as by ReLU", "像 ReLU 那样减半",
                but({"mean square": {"value": sp.Rational(1, 2)}})),
        Mistake("off by 10⁻¹²", "差 10⁻¹²",
                but({"left of a deviation":
                     {"value": share + hair}})),
        Mistake("deviations grow", "误以为偏差会增大",
                AllOf((means, bounds.but(**{"not all is left": greater(one, 1)})))),
        Mistake("deviations are wiped out at once", "误以为偏差立即消失",
                AllOf((means, bounds.but(**{"some is left": less(one, sp.Rational(1, 2))})))),
    ]  # fmt: skip
    values = {"left": Value(share, digits=3)}
    return Case(statement, [enclosures(), enclosure(*bounds.parts)], mistakes, values)


@claim(
    "selu-gradient-growth",
    page=PAGE,
    grade=PROVED,
    titles={"en": "SELU's gradients grow all the same", "zh": "SELU 的梯度依然增长"},
    statement_text={
        "en": "At SELU's fixed point χ is larger than 1: between 1.0715 and 1.0716. Over a hundred "
        "layers the size of a gradient grows about 32-fold, while the activations stay put.",
        "zh": "在 SELU 的不动点处 χ 大于 1，介于 1.0715 与 1.0716 之间。经过一百层，"
        "梯度的大小增长到约 32 倍，而激活值保持不变。",
    },
    assumptions={
        "en": "Wide layers of equal width, at the fixed point: weights with mean 0 and variance "
        "1/n, no bias. χ is the factor of the mean square; a gradient's size is its root.",
        "zh": "各层等宽且足够宽，处于不动点：权重均值为 0、方差为 1/n，无偏置。χ 是均方的倍数，"
        "梯度的大小是其平方根。",
    },
    references=("klambauer2017",),
)
def selu_gradient_growth() -> Case:
    chi = GaussianMean(selu(Z).diff(Z) ** 2)
    grown = chi ** (LAYERS // 2)
    low, high = sp.Rational("1.0715"), sp.Rational("1.0716")
    statement = ForAll(
        {
            "chi at least": greater(chi, low),
            "chi at most": less(chi, high),
            "hundred layers at least": greater(grown, 31),
            "hundred layers at most": less(grown, 32),
        },
        display=(
            r"1.0715 < \chi = \mathbb{E}\left[\operatorname{SELU}'(Z)^2\right] < 1.0716,",
            r"31 < \sqrt{\chi}^{\,100} < 32",
        ),
        words="1.0715 < E selu'(Z)^2 < 1.0716; 31 < sqrt(chi)^100 < 32",
    )

    def but(**changed: Relation) -> ForAll:
        return statement.but(**changed)

    mean_slope = GaussianMean(selu(Z).diff(Z))
    mistakes = [
        Mistake("what keeps the values keeps the gradients", "误以为保持函数值就保持梯度",
                but(**{"chi at least": less(chi, sp.Rational("1.0001"))})),
        Mistake("the mean slope, not squared", "斜率的均值漏掉平方",
                but(**{"chi at least": greater(mean_slope, low)})),
        Mistake("χ above 1.0716", "误以为 χ 大于 1.0716",
                but(**{"chi at most": greater(chi, high)})),
        Mistake("χ itself to the hundredth power", "误取 χ 的一百次方",
                but(**{"hundred layers at most": less(chi**LAYERS, 32)})),
        Mistake("ten per cent in all", "误以为总共只增长一成",
                but(**{"hundred layers at least": less(grown, sp.Rational("1.1"))})),
    ]  # fmt: skip
    found = estimates.mean(selu(z).diff(z) ** 2)
    values = {
        "chi": Value(found, digits=6),
        "per_layer": Value(sp.sqrt(found), digits=4, again=root_mean_square("selu", 1)),
        "hundred": Value(found ** (LAYERS // 2), digits=2),
    }
    return Case(statement, [enclosure()], mistakes, values)
