"""What the source says on the chain of derivatives, and how gradients vanish."""

from __future__ import annotations

from gradmath.claims.errata.erratum import CONFIRMED, CORRECTED, REFUTED, Erratum

ROWS: tuple[Erratum, ...] = (
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
)
