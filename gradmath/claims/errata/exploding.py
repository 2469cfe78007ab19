"""What the source says on products of matrices, and how gradients explode."""

from __future__ import annotations

from gradmath.claims.errata.erratum import CONFIRMED, CORRECTED, REFUTED, SHARPENED, Erratum

ROWS: tuple[Erratum, ...] = (
    Erratum(
        SHARPENED,
        {
            "en": "Linear layers without an activation between them are one linear layer (with "
            "biases, an affine one), whose matrix is the product of theirs. Order matters: for "
            "states written as columns the latest matrix stands on the left.",
            "zh": "没有激活函数的若干线性层等于一个线性层（带偏置时为仿射），其矩阵是各层矩阵之积。"
            "次序不能随意：状态写成列向量时，最后一层的矩阵在最左边。",
        },
        {
            "en": "Without activations the output stays linear in the input, and it is "
            "$M_1 \\times M_2 \\cdots \\times M_n$.",
            "zh": "没有激活函数时，输出与输入保持线性关系，输出为 "
            "$M_1 \\times M_2 \\cdots \\times M_n$。",
        },
        ("linear-stack-is-linear", "matrix-product-not-cross"),
    ),
    Erratum(
        REFUTED,
        {
            "en": "A product of matrices may grow, keep its size or vanish. For powers of one "
            "matrix the spectral radius decides, for fresh random ones the top Lyapunov exponent.",
            "zh": "矩阵之积可能增长，可能大小不变，也可能趋于零。同一矩阵的幂由谱半径决定，"
            "独立随机矩阵之积由最大李雅普诺夫指数决定。",
        },
        {
            "en": "By the rule for products the elements become extremely large in the end.",
            "zh": "按照乘法法则，其元素最终会变成极大的数。",
        },
        ("growth-by-spectral-radius", "linear-can-vanish-too", "lyapunov-top"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The weights make a gradient explode, with or without activations. A sigmoid "
            "never amplifies by itself, and yet a stack of sigmoids with weights of 8 explodes.",
            "zh": "使梯度爆炸的是权重，与有无激活函数无关。sigmoid 本身从不放大梯度，"
            "但权重为 8 的 sigmoid 层叠起来照样爆炸。",
        },
        {
            "en": "Gradients explode when the output of the linear unit goes on without an "
            "activation. (Elsewhere it is the activations that bring explosion about.)",
            "zh": "线性单元的输出不经过激活函数，梯度就会爆炸。（别处又说爆炸由激活函数带来。）",
        },
        ("slope-never-amplifies", "sigmoid-can-explode"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "An entry of a product of matrices is a sum over all paths through the units in "
            "between. It belongs to the forward pass and is no entry of the loss.",
            "zh": "矩阵之积的元素是对途经各中间单元的所有路径求和。"
            "它属于前向计算，不是损失的元素。",
        },
        {
            "en": "The entry $l_{ij}$ of the loss becomes $w_i \\times w_j^{\\mathsf T} \\cdot x$.",
            "zh": "损失矩阵的元素 $l_{ij}$ 变为 $w_i \\times w_j^{\\mathsf T} \\cdot x$。",
        },
        ("product-entry",),
    ),
    Erratum(
        REFUTED,
        {
            "en": "The tenth power of the printed matrix has no entry above about 2. The printed "
            "result is no power of it, and the tenth power of no real matrix.",
            "zh": "所印矩阵的十次幂，元素都不超过 2 左右。所印结果不是它的任何次幂，"
            "也不是任何实矩阵的十次幂。",
        },
        {
            "en": "Executed ten times, the matrix becomes one with entries beyond 100.",
            "zh": "这样的矩阵执行 10 次后，元素会超过 100。",
        },
        ("source-matrix", "printed-matrix-no-power", "printed-matrix-no-even-root"),
    ),
    Erratum(
        CONFIRMED,
        {
            "en": "What the printed result shows is real: ten *different* matrices with standard "
            "normal entries reach such a size about nine times in ten, and their product is "
            "nearly of rank one, as the printed one is.",
            "zh": "印出的结果所显示的现象是真的：十个*不同*的标准正态矩阵相乘，"
            "约九成能达到这样的大小，而且乘积接近秩一，与所印结果一致。",
        },
        {
            "en": "Ten multiplications can turn a small matrix into a very large one.",
            "zh": "十次相乘就能把一个小矩阵变得非常大。",
        },
        ("fresh-normals-explode", "rank-collapse"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "A recurrent net multiplies one matrix again and again, a deep net different "
            "ones. The first gives powers, the second products, and they grow by different laws.",
            "zh": "循环网络反复乘同一个矩阵，深层网络乘的是各不相同的矩阵。"
            "前者是幂，后者是乘积，增长规律不同。",
        },
        {
            "en": "The formula multiplies different matrices, the example repeats a single one.",
            "zh": "公式里相乘的是不同的矩阵，例子里却是同一个矩阵重复执行。",
        },
        ("bptt-product", "growth-by-spectral-radius", "lyapunov-top"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The spectral radius of the printed matrix lies just above 1, and its norm above "
            "2. It looks like a draw from the standard normal distribution, and it is not "
            "normalised in any usual sense.",
            "zh": "所印矩阵的谱半径略大于 1，范数大于 2。它看上去是从标准正态分布抽取的，"
            "按任何通常的含义都没有归一化。",
        },
        {
            "en": "It is called a normalised matrix of weights.",
            "zh": "称之为“归一化权重矩阵”。",
        },
        ("source-matrix",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "A large gradient comes from the weights of the *later* layers: going back, the "
            "signal passes through the transposed factors of the forward product, whose singular "
            "values are the same. The loss may be small meanwhile.",
            "zh": "梯度变大来自*后面*各层的权重：信号反向经过前向乘积各因子的转置，奇异值相同。"
            "此时损失本身可以很小。",
        },
        {
            "en": "The factor $K$ grows because the entry $l_{ij}$ of the loss is amplified.",
            "zh": "系数 $K$ 变大，是因为损失元素 $l_{ij}$ 被放大。",
        },
        ("same-singular-values", "overflow-then-saturate"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "A step is too long when step times curvature exceeds 2. How long the new weight "
            "is beside the old one does not decide: near 0 a harmless step may multiply it.",
            "zh": "步长是否过大，要看步长与曲率之积是否超过 2。新权重与旧权重孰大并不说明问题："
            "在 0 附近，无害的一步也可能使权重变为许多倍。",
        },
        {
            "en": "Each update makes the new weight far larger than the old, $|\\hat w| \\gg |w|$.",
            "zh": "每次更新都使新权重远大于旧权重，$|\\hat w| \\gg |w|$。",
        },
        ("step-diverges",),
    ),
    Erratum(
        CONFIRMED,
        {
            "en": "With steps that are too long the loss goes up and down. It need not be the end "
            "of training: a jagged run may still end low.",
            "zh": "步长过大时损失上下跳动。但这未必是训练的终点：锯齿状的训练最终仍可能降得很低。",
        },
        {
            "en": "The curve of convergence jitters violently, and descent falls to pieces.",
            "zh": "收敛曲线剧烈抖动，梯度下降摔得粉碎。",
        },
        ("oscillating-loss", "jagged-loss-on-digits"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "What multiplies two matrices is the matrix product. The cross product is "
            "something else: it belongs to vectors in space.",
            "zh": "两个矩阵相乘用的是矩阵乘法。叉乘是另一回事，它是空间向量的运算。",
        },
        {
            "en": "The product of matrices is called their cross product.",
            "zh": "把矩阵相乘称作“矩阵叉乘”。",
        },
        ("matrix-product-not-cross",),
        slip=True,
    ),
)
