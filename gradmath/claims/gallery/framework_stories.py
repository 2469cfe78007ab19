"""The gallery's second room: what frameworks give themselves, where digits are easily lost."""

from __future__ import annotations

from gradmath.claims.gallery.story import Story

FRAMEWORKS: tuple[Story, ...] = (
    Story(
        "sigmoid-far-out",
        {
            "en": "The slope of the sigmoid at 40, by each framework's own function.",
            "zh": "各框架自带函数给出的 sigmoid 在 40 处的斜率。",
        },
        {
            "en": "The slope is computed as $s\\,(1 - s)$ from the rounded value $s$. At 40 that "
            "is exactly 1, and what is left is exactly 0. For PyTorch this "
            "[has been reported](https://github.com/pytorch/pytorch/issues/195681). HIPS autograd "
            "was given the definition and keeps the exponential.",
            "zh": "斜率由舍入后的 $s$ 按 $s\\,(1 - s)$ 计算。在 40 处 $s$ 舍入为 1，"
            "剩下的恰好是 0。PyTorch 的这一情形"
            "[已有人报告](https://github.com/pytorch/pytorch/issues/195681)。"
            "HIPS autograd 直接对定义求导，保留了指数。",
        },
        {
            "en": "The same slope written as $\\sigma(z)\\,\\sigma(-z)$.",
            "zh": "把同一斜率写成 $\\sigma(z)\\,\\sigma(-z)$。",
        },
        {
            "en": "A gradient can vanish in floating point long before it vanishes in mathematics.",
            "zh": "梯度在浮点数里消失，可以远早于它在数学上消失。",
        },
        "sigmoid at 40",
    ),
    Story(
        "saturated-layer",
        {
            "en": "Two inputs, three saturated tanh units, one linear unit, squared error: the "
            "gradient by the first layer's weights.",
            "zh": "两个输入、三个饱和的 tanh 单元、一个线性单元、平方误差：对第一层权重的梯度。",
        },
        {
            "en": "The slope is computed as $1 - a^2$ from the rounded $a$, in which only the last "
            "bits still speak of the slope. PyTorch's worst entry is off by a share of "
            "{=torch_worst}, JAX's by {=jax_worst}; the worst of HIPS autograd, whose rule is "
            "$1/\\cosh^2 z$, by {=autograd_worst}.",
            "zh": "斜率由舍入后的 $a$ 按 $1 - a^2$ 计算，而 $a$ 里只剩最后几位还带有斜率的信息。"
            "最差的一个元素，PyTorch 的相对误差为 {=torch_worst}，JAX 为 {=jax_worst}；"
            "HIPS autograd 的规则是 $1/\\cosh^2 z$，误差为 {=autograd_worst}。",
        },
        {
            "en": "The slope from the pre-activation, as $\\operatorname{sech}^2 z$.",
            "zh": "由预激活值直接计算 $\\operatorname{sech}^2 z$。",
        },
        {
            "en": "For training this hardly matters: entries that small move no weight. It matters "
            "for every statement about *how* small a gradient is, and in half precision, where "
            "it begins much earlier.",
            "zh": "对训练几乎无妨：这么小的分量移动不了权重。但凡要说明梯度*有多小*，"
            "就有关系；在半精度下，问题还会早得多。",
        },
        "saturated weight",
    ),
    Story(
        "gelu-tail",
        {
            "en": "The slope of GELU at −10.",
            "zh": "GELU 在 −10 处的斜率。",
        },
        {
            "en": "The slope is a sum of two terms, and one of them has been lost to cancellation "
            "in $1 + \\operatorname{erf}$. PyTorch gives {=torch} for {=slope}, {=percent} too "
            "large; the cancellation [has been reported]"
            "(https://github.com/pytorch/pytorch/issues/187806). JAX takes the complementary "
            "function and is right.",
            "zh": "斜率是两项之和，其中一项在 $1 + \\operatorname{erf}$ 的相消中丢失了。"
            "真值为 {=slope}，PyTorch 给出 {=torch}，偏大 {=percent}；"
            "这一相消[已有人报告](https://github.com/pytorch/pytorch/issues/187806)。"
            "JAX 用互补误差函数，结果正确。",
        },
        {
            "en": "The complementary error function in the left tail.",
            "zh": "在左尾使用互补误差函数。",
        },
        {
            "en": "An error of one part in a hundred passes under every absolute tolerance when "
            "the number itself is tiny.",
            "zh": "数本身极小时，百分之一的误差能通过任何绝对容差。",
        },
        "gelu at -10",
    ),
    Story(
        "gelu-tanh-tail",
        {
            "en": "The slope at −8 of the form of GELU that is built with tanh.",
            "zh": "用 tanh 近似的 GELU 在 −8 处的斜率。",
        },
        {
            "en": "Here tanh has rounded to −1, and all that was left of the function was in the "
            "digits that went.",
            "zh": "此处 tanh 已舍入为 −1，函数所剩的全部信息都在丢掉的那些位数里。",
        },
        {
            "en": "The same function written as $z\\,\\sigma(2u)$, which needs no difference.",
            "zh": "把同一函数写成 $z\\,\\sigma(2u)$，不需要相减。",
        },
        {
            "en": "Two functions may be equal and their codes may not be.",
            "zh": "函数相等，写成代码未必相等。",
        },
        "gelu_tanh at -8",
    ),
    Story(
        "mish-tail",
        {
            "en": "The slope of Mish at −20.",
            "zh": "Mish 在 −20 处的斜率。",
        },
        {
            "en": "Nothing is lost. We looked here because Mish is built from three functions, "
            "any of which could have rounded away; in both frameworks none does.",
            "zh": "没有丢失什么。Mish 由三个函数复合而成，每一个都可能被舍入掉，所以我们查了这里；"
            "两个框架都没有问题。",
        },
        {
            "en": "There is nothing to catch.",
            "zh": "没有什么要识破的。",
        },
        {
            "en": "A gallery that showed only failures would be a wrong picture, too.",
            "zh": "只陈列失误的陈列室，本身也是一幅错误的图景。",
        },
        "mish at -20",
    ),
    Story(
        "hard-sigmoid-slope",
        {
            "en": "The slope of the hard sigmoid at 1, where the function is a straight line.",
            "zh": "硬 sigmoid 在 1 处的斜率；函数在那里是一条直线。",
        },
        {
            "en": "Nothing is flat here and nothing cancels: the constant 1/6 is held in single "
            "precision whatever the type, and PyTorch gives {=torch} in double precision, off by a "
            "share of {=off}.",
            "zh": "这里既不平坦，也没有相消：常数 1/6 不论类型都按单精度存放，"
            "于是 PyTorch 在双精度下给出 {=torch}，相对误差 {=off}。",
        },
        {
            "en": "The constant in the type of the computation. `gradcheck` cannot tell: a "
            "difference quotient seldom knows more than eight digits itself, and its default "
            "relative tolerance is {=allowed}.",
            "zh": "让常数与计算用同一类型。`gradcheck` 查不出来：差商自己也很少有八位以上的"
            "准确数字，它默认的相对容差是 {=allowed}。",
        },
        {
            "en": "Precision is a chain as well: one constant in single precision, and every "
            "gradient through the layer has single precision's digits.",
            "zh": "精度也是一条链：只要一个常数是单精度，经过这一层的每个梯度就只剩单精度的位数。",
        },
        "hard_sigmoid at 1",
        digits=11,
    ),
    Story(
        "huge-norm",
        {
            "en": "Three gradients of {=size} each, to be clipped to norm 1.",
            "zh": "三个大小为 {=size} 的梯度，要裁剪到范数 1。",
        },
        {
            "en": "The squares overflow, the norm comes out as infinite, and dividing by it leaves "
            "zeros. The true norm, {=norm}, is an ordinary number; each entry ought to be "
            "{=entry}.",
            "zh": "平方上溢，范数成了无穷，除以它便只剩零。真正的范数 {=norm} 是个普通的数，"
            "裁剪后每个分量应为 {=entry}。",
        },
        {
            "en": "Dividing by the largest entry before squaring. PyTorch's function can be asked "
            "to raise an error when the norm is not finite, "
            "[an outcome of a report](https://github.com/pytorch/pytorch/issues/46849).",
            "zh": "先除以最大的分量再平方。PyTorch 的这个函数也可以设为在范数非有限时报错，"
            "这是[一次报告](https://github.com/pytorch/pytorch/issues/46849)的结果。",
        },
        {
            "en": "A remedy for explosions has to survive one.",
            "zh": "对付爆炸的办法，自己先要经得起爆炸。",
        },
        "clipped entry",
    ),
)
"""Frameworks' own gradients, in the order of the page."""
