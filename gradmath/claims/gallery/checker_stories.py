"""The gallery's first room: wrong gradients that checkers accept, and right ones they refuse."""

from __future__ import annotations

from gradmath.claims.gallery.story import Story

CHECKERS: tuple[Story, ...] = (
    Story(
        "nine-sigmoids",
        {
            "en": "Nine sigmoids on top of each other, every weight one, at $x = 1/2$. The claimed "
            "gradient is zero.",
            "zh": "九个 sigmoid 首尾相接，权重都是 1，取 $x = 1/2$。所称的梯度为零。",
        },
        {
            "en": "Two numbers agree if they differ by less than an absolute tolerance plus a "
            "share of the numerical one. The absolute tolerance is {=atol}, and the whole "
            "gradient, {=slope}, is smaller than that. Any small number would do.",
            "zh": "两数之差小于“绝对容差加上数值导数的一定比例”就算一致。绝对容差是 {=atol}，"
            "而整个梯度只有 {=slope}，比容差还小，于是任何小数都能通过。",
        },
        {
            "en": "The absolute tolerance set to zero: the relative one is {=rtol}, and it is "
            "enough to tell zero from the truth without refusing the right gradient.",
            "zh": "把绝对容差设为零：相对容差 {=rtol} 足以分辨零与真值，也不会拒绝正确的梯度。",
        },
        {
            "en": "A vanishing gradient vanishes below the tolerance as well. Check deep networks "
            "by relative error, or scale the output up before you check.",
            "zh": "会消失的梯度，也会消失在容差之下。检查深层网络要看相对误差，"
            "或先把输出放大再检查。",
        },
    ),
    Story(
        "relu-at-zero",
        {
            "en": "ReLU at 0, where there is no derivative. Asked about are PyTorch's own slope "
            "there, {=own}, and, as the wrong gradient, the slope 1/2 whatever the input.",
            "zh": "ReLU 在 0 处没有导数。所问的一是 PyTorch 自己在此给出的斜率 {=own}，"
            "二是不论输入一律取 1/2 的（错误）斜率。",
        },
        {
            "en": "The numerical slope is taken from both sides of the kink and comes out as the "
            "mean of the two, which is exactly 1/2. So the wrong rule passes and the good one "
            "fails. The documentation warns of exactly this.",
            "zh": "数值斜率取自不可导点的两侧，得到两侧斜率的平均，恰好是 1/2。于是错误的规则通过，"
            "正当的约定反而不过。其文档对此有明确的提醒。",
        },
        {
            "en": "A point beside the kink: there both are judged rightly.",
            "zh": "换一个离开该点的位置：两者都判断正确。",
        },
        {
            "en": "At a kink a difference quotient measures neither side. A checker has to know "
            "where the kinks are, and hold the answer there to what lies between the two sides.",
            "zh": "在不可导点，差商量到的不是任何一侧的斜率。检查器应当知道这些点在哪里，"
            "并看所给的值是否介于两侧之间。",
        },
    ),
    Story(
        "one-entry-in-many",
        {
            "en": "The sum of {=n} sigmoids, one of them nearly saturated, at {=x}. The claimed "
            "gradient is right but for the sign of that one entry.",
            "zh": "{=n} 个 sigmoid 之和，其中一个接近饱和，取在 {=x}。所称的梯度只有这一个分量符号"
            "写反，其余都对。",
        },
        {
            "en": "Fast mode does not look at entries. It compares one number, a sum of all of "
            "them with fixed positive weights, to a relative tolerance of {=rtol}. In a plain sum "
            "the flipped sign changes it by a share of {=share}.",
            "zh": "快速模式不看各个分量，只比较一个数：以固定的正权重把所有分量相加，"
            "相对容差为 {=rtol}。按简单求和算，写反的符号只让它变化 {=share}。",
        },
        {
            "en": "The default mode, which compares every entry. Fast mode has to be asked for, "
            "and its documentation says that it no longer computes the entire Jacobian.",
            "zh": "默认模式逐个比较分量，便会发现。快速模式要特意开启，文档也说明它不再计算完整的"
            "雅可比矩阵。",
        },
        {
            "en": "One direction tells you about one direction. Random directions help when there "
            "are several, with signs, and when each is held to its own size.",
            "zh": "一个方向只能说明一个方向。随机方向要有好几个、有正有负，"
            "并各按自身的大小来衡量，才有用。",
        },
    ),
    Story(
        "lost-factor-at-many-points",
        {
            "en": "The sigmoid at {=n} points at once, in single precision. The wrong gradient has "
            "lost its factor $1 - s$; zero was tried as well.",
            "zh": "单精度下，sigmoid 同时取 {=n} 个点。错误的梯度漏掉了因子 $1 - s$；"
            "另外还试了零。",
        },
        {
            "en": "The tolerances are multiplied by the number of entries before the entries are "
            "compared one by one. In forward mode the lost factor was refused at {=lost_not_at} "
            "points and accepted at {=lost_at}, zero refused at {=zero_not_at} and accepted at "
            "{=zero_at}. The scaling is "
            "[a known question](https://github.com/jax-ml/jax/issues/3130) there.",
            "zh": "逐个比较分量之前，容差先乘以分量的个数。前向模式下，漏掉因子的导数在 "
            "{=lost_not_at} 个点时被拒绝，{=lost_at} 个点时被接受；零在 {=zero_not_at} 个点时被拒"
            "绝，{=zero_at} 个点时被接受。"
            "此事[早有人提出](https://github.com/jax-ml/jax/issues/3130)。",
        },
        {
            "en": "The default, both modes: reverse mode compares a single number, so nothing is "
            "multiplied. Fewer points help too.",
            "zh": "默认的两种模式一起用：反向模式只比较一个数，没有可乘的个数。减少点数也可以。",
        },
        {
            "en": "More points ought to make a check stricter. See how a tolerance scales before "
            "you feel safe behind many of them.",
            "zh": "点越多，检查本应越严。在为点数之多而放心之前，先看看容差如何随之变化。",
        },
    ),
    Story(
        "half-precision-step",
        {
            "en": "The sigmoid at 1 in half precision. The claimed slope is zero.",
            "zh": "半精度下 sigmoid 取在 1 处。所称的斜率为零。",
        },
        {
            "en": "The step of the difference quotient is the same for every type. Near 1 the "
            "numbers of half precision are {=spacing} apart, so the step moves nothing, the "
            "numerical slope is exactly zero, and zero is what passes. The right slope, {=slope}, "
            "fails.",
            "zh": "差商的步长对各种类型都一样。半精度数在 1 附近的间隔是 {=spacing}，"
            "这个步长根本移动不了自变量，数值斜率恰好是零，于是零通过，"
            "正确的斜率 {=slope} 反而不过。",
        },
        {
            "en": "A larger step, given by hand: then both are judged rightly.",
            "zh": "手动给一个较大的步长：两者都判断正确。",
        },
        {
            "en": "Choose a step for the type and for the size of the input; or do without one, "
            "and compare with a derivative that needs no step.",
            "zh": "步长要随类型和自变量的大小而定；或者干脆不用步长，与不需要步长的导数相比较。",
        },
    ),
    Story(
        "eleven-sigmoids",
        {
            "en": "Eleven sigmoids on top of each other, every weight one, at $x = 1/2$. The "
            "claimed gradient is zero. The checker draws random directions; all its seeded runs "
            "agreed.",
            "zh": "十一个 sigmoid 首尾相接，权重都是 1，取 $x = 1/2$。所称的梯度为零。"
            "检查器随机抽取方向；各个固定种子的运行结果一致。",
        },
        {
            "en": "Two numbers agree if they differ by less than {=tol}, *or* by a small share. "
            "The true slope is {=slope}: the first condition is met by zero.",
            "zh": "两数之差小于 {=tol}，*或者*相对差足够小，就算一致。真正的斜率是 {=slope}，"
            "零满足前一个条件。",
        },
        {
            "en": "Nothing that can be set. Without the absolute tolerance the right gradient is "
            "refused too: a difference quotient in double precision does not know so small a slope "
            "to the digits that are then asked for.",
            "zh": "没有可调的设置。去掉绝对容差后，正确的梯度也被拒绝：双精度的差商算不出这么小的"
            "斜率所需的那些位数。",
        },
        {
            "en": "The tolerances of a difference quotient are no carelessness: it cannot do "
            "better. For small gradients another kind of evidence is needed.",
            "zh": "差商的容差并非疏忽：它做不到更好。对很小的梯度，需要另一种证据。",
        },
    ),
    Story(
        "seven-sigmoids",
        {
            "en": "Seven sigmoids on top of each other, every weight one, at $x = 1/2$. The "
            "claimed gradient is zero.",
            "zh": "七个 sigmoid 首尾相接，权重都是 1，取 $x = 1/2$。所称的梯度为零。",
        },
        {
            "en": "The check fails only if the absolute *and* the relative tolerance are exceeded. "
            "The slope is {=slope}, below the absolute one. The differences are one-sided, which "
            "is why the tolerances are generous.",
            "zh": "只有绝对容差*与*相对容差都超出才算失败。斜率是 {=slope}，小于绝对容差。"
            "它用单侧差商，所以容差定得较宽。",
        },
        {
            "en": "A smaller absolute tolerance, with a relative one that one-sided differences "
            "can keep.",
            "zh": "减小绝对容差，同时把相对容差放到单侧差商能达到的程度。",
        },
        {
            "en": "Between “and” and “or” lies a class of gradients that no one looks at. Ask "
            "which of the two your checker means.",
            "zh": "“与”和“或”之间，有一类梯度无人过问。弄清你的检查器指的是哪一个。",
        },
    ),
    Story(
        "penalised-loss",
        {
            "en": "$\\lVert W x - y \\rVert^2 + \\lVert W \\rVert^2$, written with SymPy's traces, "
            "differentiated by the matrix $W$.",
            "zh": "$\\lVert W x - y \\rVert^2 + \\lVert W \\rVert^2$，用 SymPy 的迹写出，"
            "对矩阵 $W$ 求导。",
        },
        {
            "en": "No checker this time: SymPy is where the formula would come from. For the sum "
            "of two traces, of which each alone is treated rightly, it gives 0 without a word. It "
            "[has been reported](https://github.com/sympy/sympy/issues/27406).",
            "zh": "这次不是检查器：SymPy 正是公式的来源。两个迹分开求导都对，"
            "相加后却一声不响地给出 0。[已有人报告](https://github.com/sympy/sympy/issues/27406)。",
        },
        {
            "en": "Differentiating by an entry of the matrix instead of by the matrix.",
            "zh": "对矩阵的元素求导，而不是对整个矩阵求导。",
        },
        {
            "en": "We build on SymPy and are glad of it. Its matrix derivatives we leave alone: "
            "our rules for layers are proved entry by entry.",
            "zh": "我们以 SymPy 为基础，也心怀感激；但不用它的矩阵求导："
            "我们关于层的规则是逐个元素证明的。",
        },
    ),
    Story(
        "matrix-entry",
        {
            "en": "The entry $M_{22}$ of a matrix, differentiated by the matrix $M$.",
            "zh": "矩阵的元素 $M_{22}$ 对矩阵 $M$ 求导。",
        },
        {
            "en": "The entry does not count as depending on the matrix that it belongs to.",
            "zh": "它没有把这个元素看作依赖于其所在的矩阵。",
        },
        {
            "en": "Differentiating by the entry.",
            "zh": "对这个元素本身求导。",
        },
        {
            "en": "A symbolic zero looks like an answer. Put numbers in and look again.",
            "zh": "符号运算给出的零看上去也像个答案。代入数值再看一看。",
        },
    ),
)
"""Checkers and a source of formulas, in the order of the page."""
