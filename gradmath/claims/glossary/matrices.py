"""Matrices, their products, and wide random networks."""

from __future__ import annotations

from gradmath.claims.glossary.term import Term

TERMS = (
    Term(
        id="matrix-product", symbol="A B",
        en=("matrix product", "Rows times columns, as maps are applied one after another; the "
            "order matters, and it is not the cross product."),
        zh=("矩阵乘法", "行乘以列，相当于依次施行两个映射；次序不能交换，也不是叉乘。"),
        claims=("matrix-product-not-cross", "product-entry"),
    ),
    Term(
        id="spectral-radius", symbol=r"\rho(W)",
        en=("spectral radius", "The largest absolute value among the eigenvalues of a matrix; in "
            "the long run its powers grow or shrink by this factor a step."),
        zh=("谱半径", "矩阵特征值绝对值的最大者；长远来看，矩阵的幂每步按这个倍数增长或缩小。"),
        claims=("growth-by-spectral-radius",),
    ),
    Term(
        id="singular-value", symbol=r"\sigma_i",
        en=("singular value", r"A factor by which a matrix stretches one of a set of perpendicular "
            r"directions; the largest is the spectral norm $\lVert W \rVert_2$."),
        zh=("奇异值", r"矩阵在一组互相垂直的方向之一上的拉伸倍数；"
            r"最大的就是谱范数 $\lVert W \rVert_2$。"),
        claims=("depth-bound", "rank-collapse", "same-singular-values"),
    ),
    Term(
        id="lyapunov-exponent", symbol=r"\lambda_1",
        en=("Lyapunov exponent", "The logarithm of the factor by which a long product of matrices "
            "stretches a vector, per matrix."),
        zh=("李雅普诺夫指数", "许多矩阵连乘时，平均每个矩阵把向量拉长的倍数的对数。"),
        claims=("lyapunov-top", "lyapunov-spectrum"),
    ),
    Term(
        id="isometry",
        en=("isometry", "A map that keeps every length, such as a rotation: neither signals nor "
            "gradients grow or shrink in it."),
        zh=("等距", "保持所有长度不变的映射，例如旋转：信号和梯度经过它都不会变大或变小。"),
        claims=("linear-can-vanish-too",),
    ),
    Term(
        id="mean-field",
        en=("mean field", "The description of a very wide random network by a few averages over "
            "normally distributed pre-activations."),
        zh=("平均场", "用正态分布的预激活值的少数几个平均量来描述很宽的随机网络。"),
        claims=("gaussian-means",),
    ),
    Term(
        id="edge-of-chaos", symbol=r"\chi = 1",
        en=("edge of chaos", r"The border between starts whose gradients vanish and starts whose "
            r"gradients explode: a layer multiplies the mean squared gradient by $\chi = 1$."),
        zh=("混沌边缘", r"梯度消失的初始化与梯度爆炸的初始化之间的分界："
            r"每一层把梯度的均方乘以 $\chi = 1$。"),
    ),
)  # fmt: skip
