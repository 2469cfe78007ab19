"""Exhibits: functions and derivatives that were printed wrong."""

from __future__ import annotations

from gradmath.claims.museum.exhibit import Exhibit, Thread

GRADIENTS: tuple[Exhibit, ...] = (
    Exhibit(
        "museum-sigmoid-without-fraction",
        (Thread("dsgiitr/d2l-pytorch", 11, "pull"),),
        {
            "en": "In a chapter on numerical stability, adapted for another library, the sigmoid "
            "was written $1 + \\exp(-x)$.",
            "zh": "一章讲数值稳定性的教程改写成另一框架的版本时，把 sigmoid 写成了 "
            "$1 + \\exp(-x)$。",
        },
        {
            "en": "$\\sigma(x) = \\dfrac{1}{1 + \\exp(-x)}$. What was printed is its reciprocal: "
            "it never comes below one, falls where the sigmoid rises, and has no upper bound.",
            "zh": "$\\sigma(x) = \\dfrac{1}{1 + \\exp(-x)}$。原式是它的倒数：恒大于 1，"
            "sigmoid 上升时它下降，而且没有上界。",
        },
        {
            "en": "A reviewer saw it while reading the change and proposed the right line; the "
            "change was then merged. The slip had come with the text: the same line stands in a "
            "translation of that chapter into another language.",
            "zh": "审阅者读改动时看出来，并给出了正确的写法，随后合并。这一笔误是从原文带来的："
            "同一章的另一种译文里也有这一行。",
        },
        {
            "en": "A fraction set in one line loses its bar easily. Put in a number: at zero a "
            "sigmoid gives one half.",
            "zh": "分式写在一行里，分数线很容易丢。代一个数进去就知道："
            "sigmoid 在 0 处等于二分之一。",
        },
    ),
    Exhibit(
        "museum-sigmoid-slope",
        (Thread("schneider128k/machine_learning_course", 1),),
        {
            "en": "A course's handout on logistic regression recalled that the derivative of the "
            "activation is $a' = 1 - a$.",
            "zh": "一份逻辑回归讲义里写道：激活函数的导数是 $a' = 1 - a$。",
        },
        {
            "en": "$a' = a\\,(1 - a)$. The expression $1 - a$ has a place of its own, as the "
            "derivative of $\\log a$, which is exactly what the logarithmic loss of that chapter "
            "calls for.",
            "zh": "$a' = a\\,(1 - a)$。$1 - a$ 自有它的位置：它是 $\\log a$ 的导数，"
            "而那一章的对数损失要用的正是这个。",
        },
        {
            "en": "A reader reported it and took it for a typo. The copy of the thread that we "
            "could read is open and has no answer.",
            "zh": "一位读者报告了它，并认为是笔误。我们能读到的副本里，该帖仍未关闭，也没有答复。",
        },
        {
            "en": "Far to the left $1 - a$ is nearly one where the true slope is nearly nothing: "
            "with this formula no sigmoid would ever vanish on that side.",
            "zh": "在左侧远处，$1 - a$ 接近 1，而真正的导数接近 0："
            "照这个公式，sigmoid 在那一侧永远不会饱和。",
        },
    ),
    Exhibit(
        "museum-lost-slope",
        (Thread("SciML/SciMLBook", 164),),
        {
            "en": "In lecture notes on reverse-mode differentiation the general rule for a deep "
            "network handed back $W^{\\mathsf T}$ times the adjoint of the *activation*.",
            "zh": "一份讲反向模式微分的讲义里，深层网络的一般公式回传的是 $W^{\\mathsf T}$ "
            "乘以**激活值**的伴随量。",
        },
        {
            "en": "It is $W^{\\mathsf T}$ times the adjoint of the *pre-activation*, which holds "
            "the slope: $\\bar u = W^{\\mathsf T}(\\bar v \\odot \\varphi'(W u + b))$.",
            "zh": "应当是 $W^{\\mathsf T}$ 乘以**预激活值**的伴随量，其中含有激活函数的导数："
            "$\\bar u = W^{\\mathsf T}(\\bar v \\odot \\varphi'(W u + b))$。",
        },
        {
            "en": "A reader noticed that the slope drops out of the recurrence, and named the one "
            "symbol to change. The thread is labelled as a bug and closed. The same notes have the "
            "slope right a little earlier, where they go through one hidden layer entry by entry.",
            "zh": "一位读者发现递推里丢了导数，并指出只需改一个符号。该帖标为缺陷，现已关闭。"
            "同一份讲义前文逐元素推导单隐层网络时，导数是写对了的。",
        },
        {
            "en": "The slip appears in the step from one layer to $n$ layers, where the names "
            "change. It matters more than any other here: without the slopes there is no vanishing "
            "gradient to explain.",
            "zh": "错误出在从一层推广到 $n$ 层、记号更换的那一步。它比这里其他错误都要紧："
            "没有这些导数，也就谈不上梯度消失。",
        },
    ),
    Exhibit(
        "museum-x-for-w",
        (Thread("cs231n/cs231n.github.io", 229),),
        {
            "en": "A course's handout on derivatives gave, for $y = x\\,w$ with matrices, the "
            "derivative of the loss by $x$ as $\\delta\\, x^{\\mathsf T}$, with "
            "$\\delta = \\partial L/\\partial y$.",
            "zh": "一门课程讲导数的讲义里，对矩阵乘积 $y = x\\,w$，把损失对 $x$ 的导数写成 "
            "$\\delta\\, x^{\\mathsf T}$，其中 $\\delta = \\partial L/\\partial y$。",
        },
        {
            "en": "$\\partial L/\\partial x = \\delta\\, w^{\\mathsf T}$: the *other* factor, "
            "transposed.",
            "zh": "$\\partial L/\\partial x = \\delta\\, w^{\\mathsf T}$：是**另一个**因子的转置。",
        },
        {
            "en": "A reader reported it with thanks for the notes, and years later another one "
            "agreed. The thread is open in the copy that we could read.",
            "zh": "一位读者在感谢讲义之余报告了它；数年后又有人表示同意。"
            "我们能读到的副本里，该帖仍未关闭。",
        },
        {
            "en": "Shapes catch this slip at once, unless all matrices are square; so try "
            "formulas on sizes that are all different.",
            "zh": "只要形状各不相同，这个错误马上就会暴露；全是方阵时则看不出来。"
            "因此试公式时，各个尺寸要取得互不相同。",
        },
    ),
    Exhibit(
        "museum-l2-without-weight",
        (Thread("rasbt/python-machine-learning-book-2nd-edition", 94),),
        {
            "en": "In a book's chapter on multilayer networks the regularised gradient of a layer "
            "had $\\lambda$ added to it.",
            "zh": "一本书讲多层网络的章节里，正则化后的梯度只加上了 $\\lambda$。",
        },
        {
            "en": "What is added is $\\lambda W$: a penalty pulls a large weight harder than a "
            "small one, and a weight of zero not at all.",
            "zh": "应当加上 $\\lambda W$：权重越大，拉回来的力越大；权重为零则完全不拉。",
        },
        {
            "en": "A careful reader sent a list of slips in that chapter, this one among them, "
            "with page and line. The author took part in the thread; the copy that we could read "
            "breaks off there, with the thread open.",
            "zh": "一位细心的读者按页码和行号列出该章的笔误，其中就有这一处。作者参与了讨论；"
            "我们能读到的副本到此中断，当时该帖尚未关闭。",
        },
        {
            "en": "$\\lambda$ alone would push every weight down by the same step for ever, "
            "through zero and on.",
            "zh": "若只加 $\\lambda$，每个权重都会以同样的步长一直往下走，越过零也不停。",
        },
    ),
)  # fmt: skip
