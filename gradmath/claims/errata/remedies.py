"""What the source says on the remedies."""

from __future__ import annotations

from gradmath.claims.errata.erratum import CONFIRMED, CORRECTED, REFUTED, SHARPENED, Erratum

ROWS: tuple[Erratum, ...] = (
    Erratum(
        CORRECTED,
        {
            "en": "Training one layer after another, each on what the one before hands it, is "
            "greedy pre-training; bringing the outputs of each to variance 1 before training is "
            "LSUV. Watching the outputs alone does not show what the gradients do: they can shrink "
            "or grow by any factor while every output stands still.",
            "zh": "逐层训练、每层以前一层的输出为输入，叫作贪心逐层预训练；在训练前逐层把输出的方"
            "差调成 1，则是 LSUV。只看输出看不出梯度如何：各层输出纹丝不动时，梯度仍可逐层以任意"
            "倍数缩小或放大。",
        },
        {
            "en": "Tune layer by layer, and watch whether a layer's output grows or shrinks fast.",
            "zh": "逐层微调，观察本层的输出是在快速增大还是减小。",
        },
        ("one-dial", "lsuv-unit-variance", "layerwise-pretraining"),
    ),
    Erratum(
        REFUTED,
        {
            "en": "Gradient clipping acts on the gradient, between the backward pass and the step. "
            "Where an output is clipped in its stead, the derivative is exactly 0: that makes "
            "gradients vanish.",
            "zh": "梯度裁剪作用于梯度，在反向传播之后、更新之前。若改为裁剪输出，"
            "则被裁剪处的导数恰为 0，反倒造成梯度消失。",
        },
        {
            "en": "Only output values in a given range are let through.",
            "zh": "只允许输出值落在给定范围内。",
        },
        ("clip-is-for-gradients", "clip-output-kills-gradient"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "A window for gradients has to hold both signs, such as $[-10, 10]$. With "
            "$[0, 10]$ every negative entry is deleted, and no weight can ever rise.",
            "zh": "用于梯度的区间要兼顾正负，例如 $[-10, 10]$。若取 $[0, 10]$，负的分量全被删去，"
            "任何权重都再也不会增大。",
        },
        {
            "en": "The window of the example is $[0, 10]$.",
            "zh": "例子中的范围是 $[0, 10]$。",
        },
        ("clip-needs-both-signs",),
    ),
    Erratum(
        SHARPENED,
        {
            "en": "Clipping by norm bounds every step by $\\eta c$ and keeps its direction; "
            "clipping by value bounds every entry and turns the direction. Neither helps "
            "against vanishing, and a norm has to be computed so that squares do not overflow.",
            "zh": "按范数裁剪使每步长度不超过 $\\eta c$，且方向不变；按值裁剪限制每个分量，"
            "但会转动方向。两者都治不了梯度消失；求范数时还要避免平方上溢。",
        },
        {
            "en": "Clipping is a simple and very effective way to prevent exploding gradients. (So "
            "it is.)",
            "zh": "梯度裁剪是防止梯度爆炸的简单而有效的方法。（确实如此。）",
        },
        (
            "clip-norm-bound",
            "clip-norm-keeps-direction",
            "clip-value-turns",
            "clip-no-cure-for-vanishing",
            "clip-overflow-safe",
        ),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The second line of the map reads: $b$ where $x > b$.",
            "zh": "映射的第二行应为：当 $x > b$ 时取 $b$。",
        },
        {
            "en": "$b$ where $b > b$, which is never the case.",
            "zh": "写作“当 $b > b$ 时取 $b$”，而这个条件永不成立。",
        },
        ("clip-value-formula",),
        slip=True,
    ),
    Erratum(
        SHARPENED,
        {
            "en": "L1 and L2 are penalties on the weights, and they do hold weights back. But the "
            "pull is at most $\\eta\\lambda|w|$ a step for L2: a stronger gradient wins. Where "
            "gradients vanish they make it worse, and with $\\eta\\lambda > 2$ the L2 penalty "
            "explodes by itself. What acts on inputs and outputs goes by the name of "
            "normalisation, and is another remedy.",
            "zh": "L1、L2 是对权重的罚项，确能约束权重。但 L2 每步的拉力只有 $\\eta\\lambda|w|$，"
            "梯度更强时便压不住。梯度消失时它们使情况更糟；若 $\\eta\\lambda > 2$，L2 "
            "项自身就会爆炸。作用于输入或输出的是归一化，那是另一种措施。",
        },
        {
            "en": "Regularisation acts on the weights, not on inputs or outputs, and so limits an "
            "explosion to some degree; L1 and L2 are the usual kinds.",
            "zh": "正则化作用于权重，而不是输入或输出，能在一定程度上限制梯度爆炸；"
            "常用的是 L1 与 L2。",
        },
        (
            "penalty-gradients",
            "l2-shrinks",
            "l1-soft-threshold",
            "penalty-no-rescue",
            "layernorm-scale-invariant",
        ),
    ),
    Erratum(
        SHARPENED,
        {
            "en": "A one-way valve is a fair picture of ReLU. An ideal diode leaks a little "
            "backwards, exactly like the left branch of ELU, and forward it grows exponentially. "
            "Breakdown has no counterpart in ReLU.",
            "zh": "把 ReLU 比作单向阀是恰当的。理想二极管反向略有漏电，与 ELU 的左支完全一致；"
            "正向则按指数增长。“击穿”在 ReLU 中没有对应。",
        },
        {
            "en": "ReLU and its kin resemble a one-way valve or a diode, which breaks down under a "
            "very large reverse voltage. (To some degree, the source says, and rightly.)",
            "zh": "ReLU 一类函数有点类似单向阀或二极管；反向电压极大时二极管会被击穿。"
            "（原文说“某种程度”，是对的。）",
        },
        ("diode-is-elu-left",),
    ),
    Erratum(
        SHARPENED,
        {
            "en": "ReLU is $z$ on the right and $0$ on the left, with slope 1 and 0, and a kink at "
            "0 where there is no derivative. The leaky one is $a z$ on the left with $0 < a < 1$: "
            "$a = -1$ would give $|z|$.",
            "zh": "ReLU 右侧为 $z$、左侧为 $0$，导数为 1 与 0，在 0 处不可导。带泄漏的左侧为 $a "
            "z$，其中 $0 < a < 1$；若 $a = -1$ 便成了 $|z|$。",
        },
        {
            "en": "The same two branches, with slope 1 for $x > 0$ and $a < 1$ for the leak.",
            "zh": "同样的两支；$x > 0$ 时导数恒为 1；泄漏系数 $a < 1$。",
        },
        ("relu-slope", "relu-kink", "leaky-slope"),
    ),
    Erratum(
        REFUTED,
        {
            "en": "The slope 1 takes one cause of vanishing away, the saturation on the right. The "
            "weights are left: ten ReLU layers with weight 2 multiply a gradient by 1024, with "
            "weight 1/2 by 1/1024, and one inactive layer by 0.",
            "zh": "导数为 1 只消除了消失的一个原因，即右侧的饱和。权重依然在起作用：十个 ReLU 层，"
            "权重为 2 时把梯度乘以 1024，为 1/2 时乘以 1/1024，有一层未激活时乘以 0。",
        },
        {
            "en": "As its derivative is 1 for $x > 0$, ReLU solves both vanishing and exploding.",
            "zh": "由于 $x > 0$ 时导数恒为 1，ReLU 可以解决梯度消失和爆炸。",
        },
        ("relu-can-vanish", "relu-can-explode"),
    ),
    Erratum(
        REFUTED,
        {
            "en": "In a network of ReLU units the derivative by a weight is twice the residual, "
            "times the sum over the active paths behind it of the products of their weights, times "
            "the unit's input.",
            "zh": "在 ReLU 网络中，损失对某个权重的导数等于残差的两倍，乘以其后各条激活路径上权重"
            "之积的总和，再乘以该单元的输入。",
        },
        {
            "en": "It is usually $2\\,l_{ij}\\,x$: twice the loss, and no other weight.",
            "zh": "通常可表示为 $2\\,l_{ij}\\,x$：用了损失的两倍，也没有其他权重。",
        },
        ("relu-path-gradient", "residual-not-loss"),
    ),
    Erratum(
        CONFIRMED,
        {
            "en": "A ReLU unit that is inactive for every sample has no gradient and does not come "
            "back. A leaky unit keeps a slope there, and so does ELU, although ELU saturates.",
            "zh": "对所有样本都未激活的 ReLU 单元没有梯度，不会自行恢复。带泄漏的单元在那里仍有斜"
            "率，ELU 也有，虽然它会饱和。",
        },
        {
            "en": "Since the negative part is cut away, ReLU may fail in special cases, where "
            "leaky ReLU or ELU can be used.",
            "zh": "由于剪掉了负数部分，ReLU 在一些特殊情况下会有问题，可改用 LeakyReLU 或 ELU。",
        },
        ("dying-relu", "leaky-slope", "elu-saturates-left"),
    ),
)
