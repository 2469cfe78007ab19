"""What a random layer does to mean squares, forward and backward; the rules drawn from it."""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue import activations, initialisers
from gradmath.catalogue.applied import applied
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import AllOf
from gradmath.claims.edge.laws import TwoPoint, domain, mean, two_point
from gradmath.claims.enclosed import enclosures
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.located import Located, Mean
from gradmath.claims.relation import Relation, at_most, equal
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Positive, Reals, z
from gradmath.claims.values import Value

PAGE = "edge"
UNITS = 3  # the recursion is proved for 1 to this many inputs
n_in, n_out = sp.symbols("n_in n_out", positive=True, integer=True)
Naturals = sp.S.Naturals
HALF = sp.Rational(1, 2)


def declared(name: str) -> sp.Expr:
    """The variance that the catalogue declares for an initialiser, with gain 1."""
    entry = initialisers[name]
    return entry.variance.xreplace({entry.fan_in: n_in, entry.fan_out: n_out, entry.gain: sp.S.One})


@claim(
    "variance-recursion",
    page=PAGE,
    grade=PROVED,
    titles={"en": "What a random layer does to mean squares", "zh": "随机层怎样改变均方"},
    statement_text={
        "en": "If the weights of a layer are independent and have mean 0, the mean square of a "
        "pre-activation is the sum of the squared activations, each times the variance of its "
        "weight, plus the variance of the bias. With one variance for all weights that is fan-in "
        "times variance times mean square. On the way back the same holds with fan-out; and two "
        "units of a layer are uncorrelated.",
        "zh": "若一层的权重相互独立、均值为 0，则预激活值的均方等于各激活值的平方乘以相应权重的方差"
        "之和，再加偏置的方差。若所有权重方差相同，就是“扇入 × 方差 × 均方”。反向传播时同样成立，"
        "只是扇入换成扇出；而且同一层的两个单元不相关。",
    },
    assumptions={
        "en": "The activations and the signal that comes back are held fixed while the weights are "
        "drawn. Proved for one to three inputs, over all independent weights that take two values "
        "with mean 0, each with values of its own; every law with mean 0 and a finite variance is "
        "a mixture of such laws.",
        "zh": "抽取权重时，激活值与反向传来的信号视为固定。对一到三个输入给出证明，权重为相互独立、"
        "均值为 0 的两点分布，各有各的取值；任何均值为 0、方差有限的分布都是这类分布的混合。",
    },
)
def variance_recursion() -> Case:
    b = two_point("b")
    laws = [two_point(str(j)) for j in range(1, UNITS + 1)]
    others = [two_point(f"{j}'") for j in range(1, UNITS)]
    a = list(sp.symbols(f"a1:{UNITS + 1}", real=True))
    d = list(sp.symbols(f"delta1:{UNITS}", real=True))

    def total(
        signals: list[sp.Symbol], *, shared: bool = False, power: sp.Expr = sp.S.One
    ) -> sp.Expr:
        if shared:
            return laws[0].variance ** power * sp.Add(*signals) ** 2
        pairs = zip(laws, signals, strict=False)
        return sp.Add(*(law.variance**power * signal**2 for law, signal in pairs))

    parts = {}
    for n in range(1, UNITS + 1):
        parts[f"forward {n}"] = equal(_square(laws[:n], a[:n], b), total(a[:n]) + b.variance)
    parts["backward"] = equal(_square(laws[:2], d), total(d))
    parts["two units"] = equal(_product(laws[:2], others, a[:2]), 0)
    known = dict.fromkeys([*a, *d], Reals)
    statement = ForAll(
        parts,
        {**domain(b, *laws, *others), **known},
        display=(
            r"\mathbb{E}\, z_i^2 = \sum_j \operatorname{Var}(W_{ij})\, a_j^2"
            r" + \operatorname{Var}(b_i)",
            r"= n_{\mathrm{in}} \operatorname{Var}(W) \cdot \overline{a^2} + "
            r"\operatorname{Var}(b),",
            r"\mathbb{E}\, z_i z_k = 0 \;\; (i \ne k),",
            r"\mathbb{E}\,\Bigl(\sum_i W_{ij}\, \delta_i\Bigr)^{2}"
            r" = n_{\mathrm{out}} \operatorname{Var}(W) \cdot \overline{\delta^2}",
        ),
        scope="",
        words="E z_i^2 = sum_j Var(W_ij) a_j^2 + Var(b_i); E z_i z_k = 0; "
        "E (sum_i W_ij delta_i)^2 = sum_i Var(W_ij) delta_i^2",
    )
    last = f"forward {UNITS}"
    root = HALF  # the power that turns a variance into a standard deviation

    def wrong(name: str, right: sp.Expr) -> ForAll:
        return statement.but(**{name: equal(parts[name].left, right)})

    mistakes = [
        Mistake("the sum taken for a mean: the number of inputs lost", "漏掉输入个数",
                wrong(last, total(a) / UNITS + b.variance)),
        Mistake("standard deviations in place of variances", "用标准差代替方差",
                statement.but(**{f"forward {n}": equal(parts[f"forward {n}"].left,
                    total(a[:n], power=root) + b.variance) for n in range(1, UNITS + 1)})),
        Mistake("the bias forgotten", "漏掉偏置",
                statement.but(**{f"forward {n}": equal(
                    parts[f"forward {n}"].left, total(a[:n])) for n in range(1, UNITS + 1)})),
        Mistake("the square of the sum, as if all inputs had one weight in common",
                "当成各输入共用一个权重，写成和的平方",
                wrong(last, total(a, shared=True) + b.variance)),
        Mistake("the same on the way back", "反向传播时犯同样的错误",
                wrong("backward", total(d, shared=True))),
        Mistake("the units of a layer taken for copies of one another",
                "误以为同一层的单元彼此相同",
                wrong("two units", total(a[:2]))),
    ]  # fmt: skip
    return Case(statement, [identity(), points(count=16)], mistakes)


def _square(
    laws: list[TwoPoint], signals: list[sp.Symbol], bias: TwoPoint | None = None
) -> sp.Expr:
    """The mean of (w . signal + b)^2."""

    def of(*weights: sp.Expr) -> sp.Expr:
        summed = sp.Add(*(w * s for w, s in zip(weights, signals, strict=False)))
        return (summed + (weights[-1] if bias is not None else 0)) ** 2

    return mean(of, [*laws, *([bias] if bias is not None else [])])


def _product(one: list[TwoPoint], other: list[TwoPoint], signals: list[sp.Symbol]) -> sp.Expr:
    """The mean of the product of two units with weights of their own and the same inputs."""
    count = len(one)

    def of(*weights: sp.Expr) -> sp.Expr:
        sums = (
            sp.Add(*(w * s for w, s in zip(row, signals, strict=True)))
            for row in (weights[:count], weights[count:])
        )
        return sp.Mul(*sums)

    return mean(of, [*one, *other])


@claim(
    "xavier-rule",
    page=PAGE,
    grade=PROVED,
    titles={"en": "Xavier's compromise", "zh": "Xavier 的折中"},
    statement_text={
        "en": "Xavier's variance is 2 over the sum of fan-in and fan-out. A linear layer then "
        "multiplies the mean square of the signal by twice fan-in over that sum on the way "
        "forward, and by twice fan-out over it on the way back. The two factors add up to 2; both "
        "are 1 if the layer is as wide as the one before, and otherwise no variance at all makes "
        "both 1. Drawn evenly from −r to r, the half-width r is the root of 6 over the sum.",
        "zh": "Xavier 方差为 2 除以扇入与扇出之和。"
        "此时线性层把信号的均方在前向乘以扇入的两倍除以该和，"
        "在反向乘以扇出的两倍除以该和。两个倍数之和为 2；若该层与前一层同宽，两者都为 1，"
        "否则任何方差都不能使两者同时为 1。若在 −r 与 r 之间均匀抽取，半宽 r 为 6 "
        "除以该和的平方根。",
    },
    assumptions={
        "en": "A layer with n_in inputs and n_out outputs; weights as in the claim on mean "
        "squares, gain 1, no bias. The activation is the identity, or is used where its slope is "
        "1. The variance is the one that the package's own initialiser declares.",
        "zh": "一层有 n_in 个输入、n_out 个输出，权重满足均方论断中的条件，增益为 1，偏置为 0；"
        "激活函数为恒等函数，或只在斜率为 1 之处使用。所用方差就是本软件包的初始化器所声明的方差。",
    },
    references=("glorot2010",),
)
def xavier_rule() -> Case:
    variance = declared("xavier_uniform")
    forward, backward = n_in * variance, n_out * variance
    v, u = sp.Symbol("v", positive=True), sp.Symbol("u", real=True)
    entry = initialisers["xavier_uniform"]
    names = {entry.fan_in: n_in, entry.fan_out: n_out, entry.gain: sp.S.One}
    half = entry.limit.xreplace(names)
    uniform = sp.integrate(u**2, (u, -half, half)) / (2 * half)
    statement = ForAll(
        {
            "forward": equal(forward, 2 * n_in / (n_in + n_out)),
            "backward": equal(backward, 2 * n_out / (n_in + n_out)),
            "together": equal(forward + backward, 2),
            "equal widths": equal(forward.subs(n_out, n_in), 1),
            "product": at_most(forward * backward, 1),
            "no other": equal((n_in * v - 1) - (n_out * v - 1), (n_in - n_out) * v),
            "half-width": equal(half, sp.sqrt(6 / (n_in + n_out))),
            "uniform": equal(uniform, variance),
            "normal": equal(declared("xavier_normal"), variance),
        },
        {n_in: Naturals, n_out: Naturals, v: sp.Interval.open(0, sp.oo)},
        display=(
            r"\operatorname{Var}(W) = \tfrac{2}{n_{\mathrm{in}} + n_{\mathrm{out}}}:",
            r"n_{\mathrm{in}} \operatorname{Var}(W)"
            r" = \tfrac{2 n_{\mathrm{in}}}{n_{\mathrm{in}} + n_{\mathrm{out}}},",
            r"n_{\mathrm{out}} \operatorname{Var}(W)"
            r" = \tfrac{2 n_{\mathrm{out}}}{n_{\mathrm{in}} + n_{\mathrm{out}}}"
            r" \quad (\text{sum } 2),",
            r"W_{ij} \sim U(-r, r) \;\text{ with }\;"
            r" r = \sqrt{\tfrac{6}{n_{\mathrm{in}} + n_{\mathrm{out}}}}",
        ),
        scope="",
        words="with Var = 2/(n_in + n_out): n_in Var = 2 n_in/(n_in + n_out), n_out Var = 2 n_out/"
        "(n_in + n_out), sum 2, product at most 1; n_in v - n_out v = (n_in - n_out) v; uniform on "
        "-+sqrt(6/(n_in + n_out))",
    )
    lecun = n_in * declared("lecun_normal")
    mistakes = [
        Mistake("LeCun's factor: forward exactly 1", "误作 LeCun 规则：前向恰为 1",
                statement.but(forward=equal(forward, lecun))),
        Mistake("fan-in and fan-out exchanged on the way back", "反向时扇入与扇出弄反",
                statement.but(backward=equal(backward, forward))),
        Mistake("the factors taken to add up to 1", "误以为两个倍数之和为 1",
                statement.but(together=equal(forward + backward, 1))),
        Mistake("1/2 between equal widths", "误以为同宽时为 1/2",
                statement.but(**{"equal widths": equal(forward.subs(n_out, n_in), HALF)})),
        Mistake("what is lost forward is won back: a product of at least 1",
                "误以为前向所失由反向补回，乘积至少为 1",
                statement.but(product=at_most(1, forward * backward))),
        Mistake("some variance serves both ways at any widths", "误以为总有方差能两头兼顾",
                statement.but(**{"no other": equal((n_in * v - 1) - (n_out * v - 1), 0)})),
        Mistake("the half-width taken for a deviation", "把半宽当成标准差",
                statement.but(**{"half-width": equal(half, sp.sqrt(2 / (n_in + n_out)))})),
        Mistake("a uniform law of the deviation's half-width", "均匀分布的半宽取为标准差",
                statement.but(uniform=equal(uniform / 3, variance))),
        Mistake("He's variance for the normal draw", "正态抽取时误用 He 的方差",
                statement.but(normal=equal(declared("he_normal"), variance))),
    ]  # fmt: skip
    equations = [name for name in statement.parts if name != "product"]
    evidence = [
        identity(*equations),
        certificate(product=((n_in - n_out) / (n_in + n_out)) ** 2),
        points(*equations, "product", count=16),
    ]
    return Case(statement, evidence, mistakes)


@claim(
    "he-rule",
    page=PAGE,
    grade=PROVED,
    titles={"en": "He's rule for ReLU", "zh": "用于 ReLU 的 He 规则"},
    statement_text={
        "en": "Whatever the law of the pre-activations, if it is symmetric about 0, ReLU keeps "
        "exactly half of their mean square, and half of the gradient's. So 2 over fan-in, twice "
        "LeCun's variance, carries the mean square through ReLU layers unchanged. A leaky ReLU "
        "with "
        "slope α on the left keeps the share (1 + α²)/2, and asks for the gain √(2/(1 + α²)).",
        "zh": "只要预激活值的分布关于 0 对称，无论是什么分布，ReLU 都恰好保留其均方的一半，"
        "梯度的均方也保留一半。因此方差取 2 除以扇入（LeCun 规则的两倍）时，均方经过 ReLU "
        "层保持不变。"
        "左侧斜率为 α 的 leaky ReLU 保留的比例是 (1 + α²)/2，所需的增益为 √(2/(1 + α²))。",
    },
    assumptions={
        "en": "Biases are 0: a bias adds its variance in every layer, and nothing takes it away. "
        "Weights that are symmetric about 0 make the pre-activations so. At z = 0 the slopes are "
        "those we return; a law without a lump at 0 never meets them.",
        "zh": "偏置为 0：偏置在每一层都加上自己的方差，且不会再被减去。权重关于 0 对称时，预激活值"
        "也关于 0 对称。在 z = 0 处取我们返回的斜率；分布在 0 处没有集中概率时不会遇到这一点。",
    },
    references=("he2015",),
)
def he_rule() -> Case:
    alpha, u = sp.symbols("alpha u", positive=True)
    relu = applied(activations["relu"])
    leaky = applied(activations["leaky_relu"])
    variance = declared("he_normal")
    gain = sp.sqrt(2 / (1 + alpha**2))

    def slopes(of: sp.Expr) -> sp.Expr:
        """The squares of the slopes on both sides of 0, added."""
        slope = of.diff(z)
        return slope.xreplace({z: u}) ** 2 + slope.xreplace({z: -u}) ** 2

    leak, left = leaky(z, alpha), leaky(-z, alpha)
    both = ForAll(
        {
            "halves": equal(relu(z) ** 2 + relu(-z) ** 2, z**2),
            "slopes": equal(slopes(relu(z)), 1),
            "leaky": equal(leak**2 + left**2, (1 + alpha**2) * z**2),
            "leaky slopes": equal(slopes(leak), 1 + alpha**2),
            "kept": equal(n_in * variance * HALF, 1),
            "leaky kept": equal(gain**2 * (1 + alpha**2) / 2, 1),
        },
        {z: Reals, u: Positive, alpha: Positive, n_in: Naturals},
        display=(
            r"\operatorname{ReLU}(z)^2 + \operatorname{ReLU}(-z)^2 = z^2,",
            r"\operatorname{ReLU}'(z)^2 + \operatorname{ReLU}'(-z)^2 = 1 \;\; (z \ne 0),",
            r"\varphi_\alpha(z)^2 + \varphi_\alpha(-z)^2 = (1 + \alpha^2)\, z^2,",
            r"\varphi_\alpha'(z)^2 + \varphi_\alpha'(-z)^2 = 1 + \alpha^2 \;\; (z \ne 0),",
            r"n_{\mathrm{in}} \cdot \tfrac{2}{n_{\mathrm{in}}} \cdot \tfrac12 = 1",
        ),
        scope="",
        words="relu(z)^2 + relu(-z)^2 = z^2; leaky(z)^2 + leaky(-z)^2 = (1 + alpha^2) z^2; for "
        "z != 0 the same with slopes: 1 and 1 + alpha^2; n_in 2/n_in 1/2 = 1; "
        "gain^2 (1 + alpha^2)/2 = 1",
    )
    normal = Located(
        {
            "relu squared": Mean(relu(z) ** 2, HALF),
            "relu slope squared": Mean(relu(z).diff(z) ** 2, HALF),
        }
    )
    statement = AllOf((both, normal))

    def but(**changed: Relation) -> AllOf:
        return AllOf((both.but(**changed), normal))

    mistakes = [
        Mistake("ReLU taken to keep all of the mean square", "误以为 ReLU 保留全部均方",
                but(halves=equal(relu(z) ** 2 + relu(-z) ** 2, 2 * z**2))),
        Mistake("LeCun's variance: half is lost in every layer", "误用 LeCun 的方差：每层损失一半",
                but(kept=equal(n_in * declared("lecun_normal") * HALF, 1))),
        Mistake("the leak added, not its square", "相加的是斜率 α 而不是 α²",
                but(leaky=equal(leak**2 + left**2, (1 + alpha) * z**2))),
        Mistake("the gain of the leaky ReLU without the root", "leaky ReLU 的增益漏掉根号",
                but(**{"leaky kept": equal(gain**4 * (1 + alpha**2) / 2, 1)})),
        Mistake("ReLU's slopes taken to add up to 2", "误以为 ReLU 两侧斜率之和为 2",
                but(slopes=equal(slopes(relu(z)), 2))),
        Mistake("the leak lost from the slope", "斜率中漏掉 α",
                but(**{"leaky slopes": equal(slopes(leak), 1)})),
        Mistake("the mean in place of the mean square", "把均方写成均值",
                AllOf((both, normal.but(
                    {"relu squared": {"value": 1 / sp.sqrt(2 * sp.pi)}})))),
        Mistake("no gradient lost", "误以为梯度毫无损失",
                AllOf((both, normal.but({"relu slope squared": {"value": sp.S.One}})))),
    ]  # fmt: skip
    evidence = [
        identity(*both.parts),
        enclosures(),
        points(*both.parts, count=16),
    ]
    values = {"half": Value(HALF)}
    return Case(statement, evidence, mistakes, values)
