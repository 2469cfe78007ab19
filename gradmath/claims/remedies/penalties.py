"""Penalties on the weights: their gradients, what they do, and what they cannot do."""

from __future__ import annotations

import sympy as sp

from gradmath.catalogue import penalties
from gradmath.catalogue.applied import applied
from gradmath.claims.again import factors, repeated
from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.evidence import certificate, identity, points
from gradmath.claims.grades import PROVED
from gradmath.claims.relation import at_least, at_most, equal, greater, less, partial
from gradmath.claims.statement import ForAll
from gradmath.claims.symbols import Reals, eta, w
from gradmath.claims.values import Value

PAGE = "remedies"
l1, l2 = (applied(penalties[name]) for name in ("l1", "l2"))
lam, beta = sp.Symbol("lam", positive=True), sp.Symbol("beta", positive=True)
u, t = sp.symbols("u t", positive=True)
Positive, Nonnegative = sp.Interval.open(0, sp.oo), sp.Interval(0, sp.oo)
STEP, STRENGTH, STEPS = sp.Rational(1, 10), sp.Rational(1, 100), 1000  # numbers to quote


@claim(
    "penalty-gradients",
    page=PAGE,
    grade=PROVED,
    titles={"en": "What a penalty adds to the gradient", "zh": "正则项给梯度加上什么"},
    statement_text={
        "en": "The L2 penalty λ/2 w² adds λ w to the derivative for a weight: in proportion to the "
        "weight. The L1 penalty λ|w| adds λ for a positive weight and −λ for a negative one, "
        "however small the weight is.",
        "zh": "L2 正则项 (λ/2)w² 给权重的导数加上 λw，与权重成正比；L1 正则项 λ|w| "
        "对正的权重加上 λ，对负的加上 −λ，与权重大小无关。",
    },
    assumptions={
        "en": "λ > 0. Positive weights are written u, negative ones −u. At 0 the L1 penalty has a "
        "kink; the package returns 0 there.",
        "zh": "λ > 0。正的权重记作 u，负的记作 −u。L1 正则项在 0 处不可导，本库在该处返回 0。",
    },
    references=("hoerl1970", "tibshirani1996"),
)
def penalty_gradients() -> Case:
    slope = l1(w, lam).diff(w)
    statement = ForAll(
        {
            "L2": equal(partial(l2(w, lam), w), lam * w),
            "L1 right": equal(slope.xreplace({w: u}), lam),
            "L1 left": equal(slope.xreplace({w: -u}), -lam),
        },
        {w: Reals, u: Positive, lam: Positive},
        scope=r"w \in \mathbb{R},\; \lambda > 0",
        display=(
            r"\frac{\partial}{\partial w}\,\frac{\lambda}{2}\,w^2 = \lambda\,w,",
            r"\frac{\partial}{\partial w}\,\lambda\,|w| = \lambda\,\operatorname{sign}(w)"
            r" \quad (w \ne 0)",
        ),
        words="d/dw lam/2 w^2 = lam w; d/dw lam |w| = lam sign(w) for w != 0",
    )
    mistakes = [
        Mistake("the weight lost from the L2 gradient", "L2 的梯度漏掉权重",
                statement.but(L2=equal(partial(l2(w, lam), w), lam))),
        Mistake("a factor 2, as if the penalty had no 1/2", "误以为正则项没有 1/2，多出因子 2",
                statement.but(L2=equal(partial(l2(w, lam), w), 2 * lam * w))),
        Mistake("L1 in proportion to the weight", "以为 L1 的梯度与权重成正比",
                statement.but(**{"L1 right": equal(slope.xreplace({w: u}), lam * u)})),
        Mistake("the sign of the weight lost", "丢掉权重的符号",
                statement.but(**{"L1 left": equal(slope.xreplace({w: -u}), lam)})),
    ]  # fmt: skip
    return Case(statement, [identity(), points(count=12)], mistakes)


@claim(
    "l2-shrinks",
    page=PAGE,
    grade=PROVED,
    titles={"en": "L2 shrinks, if the step allows", "zh": "步长允许时，L2 使权重收缩"},
    statement_text={
        "en": "A step with the L2 penalty first multiplies the weight by 1 − η λ and then "
        "subtracts η g. The factor is smaller than 1 in size while η λ < 2; beyond that the "
        "penalty itself makes the weight explode.",
        "zh": "带 L2 正则项的一步，先把权重乘以 1 − ηλ，再减去 ηg。当 ηλ < 2 时该因子的绝对值小"
        "于 1；超过 2，正则项本身就会使权重爆炸。",
    },
    assumptions={
        "en": "g is the derivative of the loss without the penalty, any real number; η, λ > 0. "
        "Small enough is written λ = 2/(η (1 + t)), too large λ = (2 + t)/η, with t > 0; sizes are "
        "told by squares. The smallest penalised value of β/2 (w − v)² lies at β v/(β + λ).",
        "zh": "g 为不含正则项的损失的导数，取任意实数；η、λ > 0。足够小写作 λ = 2/(η(1 + t))，"
        "过大写作 λ = (2 + t)/η，t > 0；大小以平方比较。加上正则项后，(β/2)(w − v)² 的最小值点为 "
        "βv/(β + λ)。",
    },
    references=("hoerl1970",),
)
def l2_shrinks() -> Case:
    g, v = sp.symbols("g v", real=True)
    step = w - eta * (g + l2(w, lam).diff(w))
    calm, wild = 1 - eta * (2 / (eta * (1 + t))), 1 - eta * ((2 + t) / eta)
    bowl = beta / 2 * (w - v) ** 2 + l2(w, lam)
    centre = beta * v / (beta + lam)
    statement = ForAll(
        {
            "step": equal(step, (1 - eta * lam) * w - eta * g),
            "shrinks": less(calm**2, 1),
            "explodes": greater(wild**2, 1),
            "stationary": equal(bowl.diff(w).subs(w, centre), 0),
            "smallest": at_least(bowl, bowl.subs(w, centre)),
        },
        {w: Reals, g: Reals, v: Reals, **dict.fromkeys((eta, lam, t, beta), Positive)},
        display=(
            r"\hat w = (1 - \eta\,\lambda)\,w - \eta\,g,",
            r"|1 - \eta\,\lambda| < 1 \iff \eta\,\lambda < 2,",
            r"\arg\min_w \left(\tfrac{\beta}{2}\,(w - v)^2 + \tfrac{\lambda}{2}\,w^2\right)",
            r"= \frac{\beta}{\beta + \lambda}\,v",
        ),
        words="w - eta (g + lam w) = (1 - eta lam) w - eta g; |1 - eta lam| < 1 for eta lam < 2, "
        "> 1 for eta lam > 2; the penalised bowl is lowest at beta v/(beta + lam)",
    )
    evidence = [
        identity("step", "stationary"),
        certificate(
            shrinks=4 * t / (1 + t) ** 2,
            explodes=t * (2 + t),
            smallest=(beta + lam) / 2 * (w - centre) ** 2,
        ),
        points(count=8),
    ]
    mistakes = [
        Mistake("the penalty taken from the gradient in place of added", "正则项的符号弄反",
                statement.but(step=equal(step, (1 + eta * lam) * w - eta * g))),
        Mistake("η lost in the shrinking factor", "收缩因子漏掉 η",
                statement.but(step=equal(step, (1 - lam) * w - eta * g))),
        Mistake("shrinking whatever the step", "以为无论步长多大都收缩",
                statement.but(explodes=less(wild**2, 1))),
        Mistake("exploding already below 2", "以为小于 2 时就会爆炸",
                statement.but(shrinks=greater(calm**2, 1))),
        Mistake("the optimum not moved", "以为最优点不动",
                statement.but(stationary=equal(bowl.diff(w).subs(w, v), 0),
                              smallest=at_least(bowl, bowl.subs(w, v)))),
        Mistake("pulled all the way to 0", "以为被一直拉到 0",
                statement.but(smallest=at_least(bowl, bowl.subs(w, 0)))),
    ]  # fmt: skip
    kept = (1 - STEP * STRENGTH) ** STEPS
    values = {
        "eta": Value(STEP, digits=1, again=lambda: (1 - float(kept) ** (1 / STEPS)) / STRENGTH),
        "lam": Value(STRENGTH, digits=1, again=lambda: (1 - float(kept) ** (1 / STEPS)) / STEP),
        "kept": Value(kept, digits=2, again=repeated(1 - STEP * STRENGTH, STEPS)),
        "steps": Value(STEPS, again=lambda: factors(1 - STEP * STRENGTH, kept)),
    }
    return Case(statement, evidence, mistakes, values)


@claim(
    "l1-soft-threshold",
    page=PAGE,
    grade=PROVED,
    titles={"en": "L1 sets small weights to 0", "zh": "L1 把小权重变成 0"},
    statement_text={
        "en": "The penalised distance (w − v)²/2 + λ|w| is smallest at the soft threshold of v: at "
        "v − λ for v > λ, at v + λ for v < −λ, and at exactly 0 between.",
        "zh": "带罚项的距离 (w − v)²/2 + λ|w| 在 v 的软阈值处最小：v > λ 时在 v − λ，v < −λ 时在 "
        "v + λ，介于两者之间时恰在 0。",
    },
    assumptions={
        "en": "λ > 0. Outside, v = λ + t and v = −(λ + t) with t > 0; between, λ = |v| + s with "
        "v = p or v = −p, p, s ≥ 0. That each place is the only one follows from the square "
        "(w − S)²/2 that the penalised distance gains away from it.",
        "zh": "λ > 0。在外侧 v = λ + t 或 v = −(λ + t)，t > 0；在中间 λ = |v| + s，v = p 或 v = "
        "−p，p、s ≥ 0。离开该点时带罚距离至少增加 (w − S)²/2，因此最小值点唯一。",
    },
    references=("tibshirani1996",),
)
def l1_soft_threshold() -> Case:
    p, rest = sp.symbols("p s", nonnegative=True)
    size = sp.Abs(w)

    def gain(v: sp.Expr, at: sp.Expr, weight: sp.Expr = lam) -> sp.Expr:
        """What the penalised distance is above its value at `at`, less the square."""
        penalised = (w - v) ** 2 / 2 + l1(w, weight)
        return penalised - penalised.subs(w, at) - (w - at) ** 2 / 2

    wide = p + rest  # a threshold that |v| = p does not exceed
    statement = ForAll(
        {
            "right": at_least(gain(lam + t, t), 0),
            "left": at_least(gain(-lam - t, -t), 0),
            "middle, v > 0": at_least(gain(p, sp.S.Zero, wide), 0),
            "middle, v < 0": at_least(gain(-p, sp.S.Zero, wide), 0),
        },
        {w: Reals, lam: Positive, t: Positive, p: Nonnegative, rest: Nonnegative},
        scope=r"v \in \mathbb{R},\; \lambda > 0",
        display=(
            r"\arg\min_w \left(\tfrac12\,(w - v)^2 + \lambda\,|w|\right) = S(v),",
            r"S(v) = \begin{cases} v - \lambda & v > \lambda \\ 0 & |v| \le \lambda \\"
            r" v + \lambda & v < -\lambda \end{cases}",
        ),
        words="(w - v)^2/2 + lam |w| is least at v - lam for v > lam, 0 for |v| <= lam, v + lam "
        "for v < -lam",
    )
    middle = rest * size + p * (size - w), rest * size + p * (size + w)
    evidence = [
        certificate(
            **{
                "right": lam * (size - w),
                "left": lam * (size + w),
                "middle, v > 0": middle[0],
                "middle, v < 0": middle[1],
            }
        ),
        points(count=12),
    ]
    mistakes = [
        Mistake("not shrunk: kept at v outside", "外侧不收缩，停在 v",
                statement.but(right=at_least(gain(lam + t, lam + t), 0),
                              left=at_least(gain(-lam - t, -lam - t), 0))),
        Mistake("pushed outward in place of inward", "朝外推而不是朝内收",
                statement.but(left=at_least(gain(-lam - t, -2 * lam - t), 0))),
        Mistake("small weights halved in place of set to 0", "小权重减半而不是变成 0",
                statement.but(**{"middle, v > 0": at_least(gain(p, p / 2, wide), 0),
                                 "middle, v < 0": at_least(gain(-p, -p / 2, wide), 0)})),
        Mistake("0 everywhere", "以为处处为 0",
                statement.but(right=at_least(gain(lam + t, sp.S.Zero), 0))),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)


@claim(
    "penalty-no-rescue",
    page=PAGE,
    grade=PROVED,
    titles={"en": "What a penalty cannot do", "zh": "正则项做不到的事"},
    statement_text={
        "en": "A penalty pulls a weight by at most η λ|w| a step. Where the loss pushes outward "
        "harder than that, the weight grows all the same; and where the loss has no gradient left, "
        "the penalty shrinks the weight, and with it the factor w/4 that a sigmoid layer hands "
        "back.",
        "zh": "正则项每步对权重的拉力至多为 ηλ|w|。若损失向外推的力更大，权重照样增大；"
        "若损失已没有梯度，正则项便使权重变小，sigmoid 层反传的因子 w/4 也随之变小。",
    },
    assumptions={
        "en": "L2 penalty, w > 0; the loss pushes outward with g = −(λ w + t), t > 0. Without "
        "gradient: g = 0 and η λ = 1/(1 + t) < 1. The factor w/4 is that of a layer whose "
        "pre-activation is 0.",
        "zh": "L2 正则项，w > 0；损失以 g = −(λw + t) 向外推，t > 0。没有梯度指 g = 0，且 ηλ = "
        "1/(1 + t) < 1。因子 w/4 对应预激活值为 0 的层。",
    },
)
def penalty_no_rescue() -> Case:
    size = sp.Symbol("w", positive=True)
    push = -(lam * size + t)

    def step(g: sp.Expr, strength: sp.Expr = lam) -> sp.Expr:
        return size - eta * (g + l2(w, strength).diff(w).xreplace({w: size}))

    quiet = step(sp.S.Zero, 1 / (eta * (1 + t)))
    statement = ForAll(
        {
            "grows": greater(step(push), size),
            "by": equal(step(push) - size, eta * t),
            "shrinks": less(quiet, size),
            "stays positive": greater(quiet, 0),
            "factor shrinks": less(quiet / 4, size / 4),
        },
        dict.fromkeys((size, eta, lam, t), Positive),
        scope=r"w, \eta, \lambda > 0",
        display=(
            r"\hat w = w - \eta\,(g + \lambda\,w):",
            r"g < -\lambda\,w \;\Rightarrow\; \hat w > w,",
            r"g = 0,\; \eta\,\lambda < 1 \;\Rightarrow\;",
            r"0 < \hat w < w, \quad \tfrac14\,\hat w < \tfrac14\,w",
        ),
        words="w - eta (g + lam w) > w for g < -lam w; for g = 0 and eta lam < 1 it lies between 0 "
        "and w",
    )
    evidence = [
        certificate(
            **{
                "grows": eta * t,
                "shrinks": size / (1 + t),
                "stays positive": size * t / (1 + t),
                "factor shrinks": size / (4 * (1 + t)),
            }
        ),
        identity("by"),
        points(count=8),
    ]
    mistakes = [
        Mistake("the penalty always wins", "以为正则项总能压住",
                statement.but(grows=at_most(step(push), size))),
        Mistake("the push counted without the pull", "只算推力，不算拉力",
                statement.but(by=equal(step(push) - size, -eta * push))),
        Mistake("the penalty revives a weight without gradient", "以为正则项能使没有梯度的权重复苏",
                statement.but(shrinks=greater(quiet, size),
                              **{"factor shrinks": greater(quiet / 4, size / 4)})),
        Mistake("it overshoots 0", "以为会越过 0",
                statement.but(**{"stays positive": less(quiet, 0)})),
    ]  # fmt: skip
    return Case(statement, evidence, mistakes)
