"""What the chapter's source says, statement by statement, and what is right.

Each row first says what is right, then what the source says, in our own words, and names the
claims that decide it.  Slips of the pen stand apart from matters of substance.  A row without a
claim is about a word or a sign, where there is nothing to prove.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gradmath.claims.claim import LANGUAGES
from gradmath.claims.registry import Claims
from gradmath.errors import DeclarationError


class Verdict(StrEnum):
    """How a statement of the source fares.

    confirmed  holds as it stands.
    sharpened  holds, with a condition or a constant that was left out.
    corrected  a near neighbour of it holds.
    refuted    there is a counterexample.
    """

    CONFIRMED = "confirmed"
    SHARPENED = "sharpened"
    CORRECTED = "corrected"
    REFUTED = "refuted"


CONFIRMED, SHARPENED, CORRECTED, REFUTED = Verdict

VERDICT_TITLES: Mapping[Verdict, Mapping[str, str]] = {
    CONFIRMED: {"en": "confirmed", "zh": "成立"},
    SHARPENED: {"en": "sharpened", "zh": "补足条件后成立"},
    CORRECTED: {"en": "corrected", "zh": "更正"},
    REFUTED: {"en": "refuted", "zh": "不成立"},
}


@dataclass(frozen=True)
class Erratum:
    """One row: what is right, what the source says, the verdict and the claims that decide it.

    Text is Markdown with formulas between dollar signs.  `slip` marks a slip of the pen.
    """

    verdict: Verdict
    right: Mapping[str, str]
    source: Mapping[str, str]
    claims: tuple[str, ...] = ()
    slip: bool = False

    def __post_init__(self) -> None:
        for name in ("right", "source"):
            missing = [key for key in LANGUAGES if not getattr(self, name).get(key, "").strip()]
            if missing:
                raise DeclarationError(f"{name} of an erratum", got=f"no text for {missing}")
        unknown = [claim for claim in self.claims if claim not in Claims()]
        if unknown:
            raise DeclarationError("claims of an erratum", got=unknown, allowed="ids of claims")
        if not (self.claims or self.slip):
            raise DeclarationError(
                f"erratum {self.right['en']!r}",
                got="no claim",
                allowed="a matter of substance has one",
            )


ERRATA: tuple[Erratum, ...] = (
    Erratum(
        CORRECTED,
        {
            "en": "Activation functions make depth worthwhile: without a bend between them, any "
            "number of linear layers is one linear layer. They are no remedy for over-fitting; "
            "more data, regularisation of the weights and early stopping are. Deleting data "
            "usually makes over-fitting worse.",
            "zh": "激活函数让深度有意义：层与层之间若没有非线性，线性层叠得再多也只相当于一层。"
            "它不是用来防止过拟合的；对付过拟合靠的是更多的数据、对权重的正则化和提前停止训练。"
            "删减数据通常反而会加重过拟合。",
        },
        {
            "en": "Deleting data and regularising against over-fitting is usually done by "
            "activation functions.",
            "zh": "为避免过拟合而删减数据、正则化，通常由激活函数完成。",
        },
        ("affine-compose-affine",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "A saturating activation function does make gradients small. But the sigmoid's "
            "slope is at most 1/4, so it never enlarges one. What can make a gradient explode "
            "are the weights.",
            "zh": "会饱和的激活函数确实会使梯度变小。但 sigmoid 的导数至多为 1/4，"
            "它本身不会放大梯度。能使梯度爆炸的是权重。",
        },
        {
            "en": "The nature of activation functions brings both vanishing and exploding "
            "gradients. (It is right about the first; its own example of the second has no "
            "activation function in it.)",
            "zh": "梯度消失与梯度爆炸都由激活函数的特点带来。（就消失而言是对的；"
            "而它自己的爆炸例子里并没有激活函数。）",
        },
        ("sigmoid-slope-bound",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "A network is a composition: the output of one function is the input of the "
            "next, and slopes multiply. In an integral values are added up.",
            "zh": "网络是函数的复合：前一个函数的输出是后一个的输入，导数相乘。"
            "积分则是把值累加起来。",
        },
        {
            "en": "A complex network is put together from simple linear formulas in a way similar "
            "to integration.",
            "zh": "复杂网络由简单线性公式组合而成，类似于积分的原理。",
        },
        ("composition-rule", "composition-not-product"),
    ),
    Erratum(
        CONFIRMED,
        {
            "en": "The mean squared error is the mean of the squared residuals. A step of descent "
            "subtracts $\\eta\\,\\partial L / \\partial w$ from the weight, and "
            "$\\partial L / \\partial w$ may also be written $\\nabla_w L$.",
            "zh": "均方误差是残差平方的平均。梯度下降的一步，是从权重中减去 "
            "$\\eta\\,\\partial L / \\partial w$；$\\partial L / \\partial w$ 也可写作 "
            "$\\nabla_w L$。",
        },
        {
            "en": "The same loss, the same step (with $\\lambda$ for $\\eta$), the same nabla.",
            "zh": "同样的损失、同样的一步（$\\eta$ 写作 $\\lambda$）、同样的记号。",
        },
        ("mse-gradient", "update-rule"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The chain rule gives the gradient. To subtract a multiple of it from the weight "
            "is the decision of gradient descent; other methods decide otherwise with the same "
            "gradient.",
            "zh": "链式法则给出的是梯度。从权重中减去它的若干倍，是梯度下降的规定；"
            "别的方法用同样的梯度，更新方式各不相同。",
        },
        {
            "en": "The loss and the chain rule yield the formula for updating the weight.",
            "zh": "由损失函数与链式法则得到权重的更新公式。",
        },
        ("update-rule",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The height of the landscape over $(w, b)$ is the loss $L(w, b)$ itself. There "
            "is no observed weight to compare with: what is observed is the target.",
            "zh": "$(w, b)$ 上方的高度就是损失 $L(w, b)$ 本身。并没有什么“被观测的权重”可比："
            "被观测的是目标值。",
        },
        {
            "en": "The height is the difference between the weights of the prediction and those of "
            "the observation.",
            "zh": "高度是预测值的权重与观测值的权重之差。",
        },
        ("mse-gradient",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "Where descent settles, it settles at a stationary point. The loss of even one "
            "sigmoid neuron is not convex, so that need not be the optimum. And descent does not "
            "compare gradients at neighbouring places: it uses the gradient where it stands.",
            "zh": "梯度下降若停下来，便停在驻点。即使单个 sigmoid 神经元的损失也不是凸函数，"
            "驻点未必最优。它也不比较邻近各处的梯度，只用当前位置的梯度。",
        },
        {
            "en": "By comparing the size of neighbouring gradients, descent finds the optimal "
            "solution.",
            "zh": "通过比较邻近梯度的大小，最终找到最优解。",
        },
        ("loss-not-convex", "descent-small-step"),
    ),
    Erratum(
        SHARPENED,
        {
            "en": "A rising line stays in quadrants I and III only if $b = 0$, when it passes "
            "through the origin. With any other intercept it runs through II or IV as well.",
            "zh": "上升的直线只有在 $b = 0$、即穿过原点时才仅位于第一、三象限；"
            "截距不为零时还会经过第二或第四象限。",
        },
        {
            "en": "For $w > 0$ the graph lies in quadrants I and III; for $b = 0$ it passes "
            "through the origin. (The second is right, and with it the first.)",
            "zh": "当 $w > 0$ 时，图像位于第一、三象限；当 $b = 0$ 时，图像穿过原点。"
            "（后一句正确；在 $b = 0$ 的前提下，前一句也正确。）",
        },
        ("linear-quadrants",),
    ),
    Erratum(
        SHARPENED,
        {
            "en": "On $[-10, 10]$ the line $w x + b$ takes the values from $b - 10|w|$ to "
            "$b + 10|w|$.",
            "zh": "$x$ 取遍 $[-10, 10]$ 时，$w x + b$ 取遍 $b - 10|w|$ 到 $b + 10|w|$。",
        },
        {
            "en": "The values lie in $[-10 w, 10 w]$. (The source has just assumed $w > 0$ and "
            "$b = 0$; under these it is right.)",
            "zh": "取值限定在 $[-10 w, 10 w]$。（原文刚刚假定 $w > 0$ 且 $b = 0$，在此前提下正确。"
            "）",
        },
        ("linear-range",),
    ),
    Erratum(
        CONFIRMED,
        {
            "en": "The sigmoid takes every value between 0 and 1 and neither of the two. A neuron "
            "whose inputs are bounded uses only a part of that interval.",
            "zh": "sigmoid 取遍 0 与 1 之间的一切值，但取不到两端。输入有界的神经元只用到其中"
            "一段。",
        },
        {
            "en": "The output of the sigmoid is confined to $(0, 1)$.",
            "zh": "sigmoid 的输出限定在 $(0, 1)$ 之间。",
        },
        ("sigmoid-range",),
    ),
    Erratum(
        CONFIRMED,
        {
            "en": "The derivative of one entry is the product of three local derivatives: of the "
            "entry with respect to the activation, of the activation with respect to the "
            "pre-activation, of the pre-activation with respect to the weight. The last of them "
            "is $x$.",
            "zh": "单个损失元素的导数等于三个局部导数之积：损失元素对激活值、激活值对预激活值、"
            "预激活值对权重。最后一个等于 $x$。",
        },
        {
            "en": "The same three factors, and $x$ for the last one.",
            "zh": "同样三个因子之积，最后一个等于 $x$。",
        },
        ("local-derivatives", "chain-product"),
    ),
    Erratum(
        REFUTED,
        {
            "en": "The derivative of $(a - y)^2$ with respect to $a$ is $2(a - y)$, twice the "
            "residual. Twice the loss has lost the sign that says which way to go.",
            "zh": "$(a - y)^2$ 对 $a$ 的导数是 $2(a - y)$，即残差的两倍。"
            "损失的两倍丢掉了指明方向的正负号。",
        },
        {
            "en": "It is $2\\,l_{ij}$, twice the entry of the loss.",
            "zh": "它等于 $2\\,l_{ij}$，即损失元素的两倍。",
        },
        ("residual-not-loss",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The sigmoid's slope is taken at the pre-activation $z = w x + b$, where the "
            "chain has arrived.",
            "zh": "sigmoid 的导数应取在预激活值 $z = w x + b$ 处，即链条到达的地方。",
        },
        {
            "en": "$e^{-x}$ stands in the slope at first, then $e^{-w x}$. (The first is only an "
            "unlucky letter if $x$ is read as the name of the function's argument; with $b = 0$, "
            "which the source announced once, the second is right.)",
            "zh": "先写成 $e^{-x}$，后写成 $e^{-w x}$。（若把前一个 $x$ 看作函数自变量的名字，"
            "那只是字母选得不巧；原文曾说明取 $b = 0$，此时第二种写法正确。）",
        },
        ("preactivation-not-input",),
    ),
    Erratum(
        REFUTED,
        {
            "en": "With a small enough step the update with $2(a - y)$ descends. The one with "
            "$2\\,l$ in its place makes the loss of a sample climb, to first order, exactly where "
            "the activation is below its target. On real digits, 0 against 1, it ends worse than "
            "it began; on 1 against the rest it happens to descend.",
            "zh": "步长足够小时，用 $2(a - y)$ 的更新使损失下降。换成 $2\\,l$ 后，"
            "在一阶近似下，该样本的损失恰在激活值低于目标时上升。在真实手写数字“0 与 1”上，"
            "训练结束时比开始时更差；在“1 与其余数字”上则碰巧下降。",
        },
        {
            "en": "The weight is updated with $2\\,l_{ij}$.",
            "zh": "以 $2\\,l_{ij}$ 更新权重。",
        },
        ("published-update-climbs-iff", "published-update-on-digits"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "One weight serves all samples. The contributions of the entries are added up "
            "(and divided by $n$ for the mean), and the weight is updated once.",
            "zh": "一个权重由所有样本共用。各元素的贡献相加（求平均时再除以 $n$），"
            "权重只更新一次。",
        },
        {
            "en": "Each entry $i j$ has a weight $w_{ij}$ of its own, which it updates alone.",
            "zh": "每个元素 $ij$ 有自己的权重 $w_{ij}$，各自更新。",
        },
        ("shared-weight-sums",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "What comes out of the linear unit is a pre-activation, and what comes out of "
            "the neuron an activation; parameters are its weight and bias.",
            "zh": "线性单元输出的是预激活值，神经元输出的是激活值；参数指的是权重与偏置。",
        },
        {
            "en": "The values that come out are called output parameters, and output weights.",
            "zh": "把输出的值称作“输出参数”“输出的权重”。",
        },
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The neuron is the composition $\\sigma(f(x))$.",
            "zh": "神经元是复合函数 $\\sigma(f(x))$。",
        },
        {
            "en": "$\\sigma f(x)$, which reads as a product, and $\\sigma(w, x, b)$, although "
            "$\\sigma$ takes one argument.",
            "zh": "写成 $\\sigma f(x)$，看上去像乘积；又写成 $\\sigma(w, x, b)$，"
            "而 $\\sigma$ 只有一个自变量。",
        },
        ("composition-not-product",),
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "$b$ is the intercept: it moves the line up or down. A phase belongs to a wave.",
            "zh": "$b$ 是截距，使直线上下平移。“相位”是波的概念。",
        },
        {
            "en": "$b$ adjusts the phase of the function.",
            "zh": "$b$ 调节函数的相位。",
        },
        ("linear-quadrants",),
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "$(a - y)^2$ is a squared error. A variance is the mean squared distance from a "
            "mean.",
            "zh": "$(a - y)^2$ 是平方误差。方差则是各值与均值之差的平方的平均。",
        },
        {
            "en": "The squared error is called a variance.",
            "zh": "把平方误差称作“方差”。",
        },
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "A matrix stands in brackets; bars make it a determinant, which is one number.",
            "zh": "矩阵用方括号；用竖线则表示行列式，那是一个数。",
        },
        {
            "en": "The matrices of losses and of derivatives stand between vertical bars.",
            "zh": "损失矩阵与梯度矩阵写在竖线之间。",
        },
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "$y$ is the target and $z$ the pre-activation.",
            "zh": "$y$ 表示目标，$z$ 表示预激活值。",
        },
        {
            "en": "The letter $y$ stands for both, in one and the same chain of derivatives.",
            "zh": "同一条求导链中，字母 $y$ 兼指两者。",
        },
        slip=True,
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The bias belongs to every formula, or its absence is said again where it "
            "counts.",
            "zh": "每个公式都应带上偏置；若略去，应在用到之处再次说明。",
        },
        {
            "en": "$b$ is in the loss at first and missing from its derivative. (It was set to 0 "
            "once, on the way.)",
            "zh": "损失函数中原有 $b$，求导后不见了。（文中曾一度设其为 0。）",
        },
        ("chain-product",),
        slip=True,
    ),
)
"""Every row that the chapter's pages so far answer, in the order of the source."""
