"""What the source says on the chain of derivatives, and how gradients vanish."""

from __future__ import annotations

from gradmath.claims.errata.erratum import CONFIRMED, CORRECTED, REFUTED, SHARPENED, Erratum

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
    Erratum(
        CORRECTED,
        {
            "en": "A small output makes a small loss only if the target is 0, and then it is the "
            "right answer; with target 1 it makes the largest loss there is. And a small loss "
            "always has a small gradient, in a healthy neuron too: that is arrival, not vanishing. "
            "There is a grain of truth in it: an input of 0, which is what a small output is to "
            "the next layer, stops the weight (but not the bias).",
            "zh": "只有目标为 0 时，输出小才意味着损失小，而那时它正是正确答案；目标为 1 时，"
            "输出小恰使损失最大。再者，损失小，梯度就必然小，神经元健康时也是如此：那是到达目标，"
            "不是消失。其中有一点道理：小的输出对下一层而言就是接近 0 的输入，它会让权重停住"
            "（偏置则不会）。",
        },
        {
            "en": "First cause: the output of the sigmoid is too small, hence $l$ is too small, "
            "hence the gradient.",
            "zh": "第一个原因：sigmoid 的输出过小，使 $l$ 过小，从而梯度过小。",
        },
        ("small-output-not-small-loss", "small-loss-is-not-vanishing", "three-factors"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "$K$ has units, those of the loss over those of the weight, and can be made any "
            "size by measuring otherwise. What counts is the change of the weight compared with "
            "the weight, $\\eta |K| / |w|$. The step has units too, and 1 is no bound for it: what "
            "bounds it is the curvature, $\\eta < 2/\\beta$.",
            "zh": "$K$ 带有单位，即损失的单位除以权重的单位；换个单位度量，它可以是任意大小。"
            "要紧的是权重的变化与权重本身之比 $\\eta |K| / |w|$。步长同样带有单位，"
            "1 并不是它的界限：限制步长的是曲率，$\\eta < 2/\\beta$。",
        },
        {
            "en": "$K \\ll 1$ makes the updates too slow, since $\\lambda$ is usually below 1 and "
            "so $\\lambda K \\ll 1$ as well.",
            "zh": "学习率 $\\lambda$ 通常小于 1，$K \\ll 1$ 便使 "
            "$\\lambda K \\ll 1$，更新过于缓慢。",
        },
        ("relative-update", "descent-small-step"),
    ),
    Erratum(
        SHARPENED,
        {
            "en": "For a pre-activation that is large in size the slope is small, between "
            "$e^{-|z|}/4$ and $e^{-|z|}$, but never 0. What makes it exactly 0 is rounding, if it "
            "is computed as $s(1 - s)$, and then on the positive side alone.",
            "zh": "预激活值的绝对值很大时，导数很小，介于 $e^{-|z|}/4$ 与 $e^{-|z|}$ 之间，但绝不"
            "为 0。使它恰好等于 0 的是舍入：当它按 $s(1 - s)$ 计算时，而且只在正的一侧。",
        },
        {
            "en": "Second cause: for values that are too large or too small the slope of the "
            "sigmoid turns to 0 at once.",
            "zh": "第二个原因：数值过大或过小，使 sigmoid 的导数直接“归 0”。",
        },
        ("saturation-decay", "three-factors", "zero-by-rounding"),
    ),
    Erratum(
        SHARPENED,
        {
            "en": "With plain descent, and for this step, a weight whose gradient is 0 stays where "
            "it is. Weight decay and momentum move it all the same.",
            "zh": "在普通梯度下降中，就这一步而言，梯度为 0 的权重原地不动。权重衰减与动量仍会移动"
            "它。",
        },
        {
            "en": "With a gradient of 0 the weight cannot be updated: $\\hat w = w$.",
            "zh": "梯度为 0 时权重无法更新：$\\hat w = w$。",
        },
        ("frozen-weight",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "What is described is the saturation of one neuron. A vanishing gradient, in the "
            "sense in which the field uses the word, is one that decays from layer to layer or "
            "back through time. It happens with no neuron saturated; and a saturated neuron needs "
            "no depth.",
            "zh": "所描述的是单个神经元的饱和。通常所说的梯度消失，是梯度逐层（或沿时间反向）衰减。"
            "它发生时可以没有一个神经元饱和；而神经元饱和也不需要深度。",
        },
        {
            "en": "A vanishing gradient is one whose entries quickly go from a proper value to 0 "
            "while the matrix of losses is made.",
            "zh": "生成损失矩阵时，元素的导数迅速由有效值变为 0，这一过程称为梯度消失。",
        },
        ("saturation-is-not-depth", "one-dial", "depth-bound", "depth-measured"),
    ),
)
