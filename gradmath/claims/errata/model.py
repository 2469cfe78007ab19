"""What the source says on the activation function, the neuron and descent."""

from __future__ import annotations

from gradmath.claims.errata.erratum import CONFIRMED, CORRECTED, SHARPENED, Erratum

ROWS: tuple[Erratum, ...] = (
    Erratum(
        CORRECTED,
        {
            "en": "Activation functions make depth worthwhile: without a bend between them, any "
            "number of linear layers is one linear layer. They are no remedy for over-fitting; "
            "more data, regularisation of the weights and early stopping are. Deleting data "
            "usually makes over-fitting worse.",
            "zh": "激活函数让深度有意义：层与层之间若没有非线性，线性层叠得再多也只相当于一层。"
            "它不是用来防止过拟合的；对付过拟合靠的是更多的数据、对权重的正则化和提前停止训练。"
            "删减数据通常反而会加重过拟合。",
        },
        {
            "en": "Deleting data and regularising against over-fitting is usually done by "
            "activation functions.",
            "zh": "为避免过拟合而删减数据、正则化，通常由激活函数完成。",
        },
        ("affine-compose-affine",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "A saturating activation function does make gradients small. But the sigmoid's "
            "slope is at most 1/4, so it never enlarges one. What can make a gradient explode "
            "are the weights.",
            "zh": "会饱和的激活函数确实会使梯度变小。但 sigmoid 的导数至多为 1/4，"
            "它本身不会放大梯度。能使梯度爆炸的是权重。",
        },
        {
            "en": "The nature of activation functions brings both vanishing and exploding "
            "gradients. (It is right about the first; its own example of the second has no "
            "activation function in it.)",
            "zh": "梯度消失与梯度爆炸都由激活函数的特点带来。（就消失而言是对的；"
            "而它自己的爆炸例子里并没有激活函数。）",
        },
        ("sigmoid-slope-bound",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "An output near 0 and an output near 1 are the same to the slope, $s(1 - s)$: "
            "both make it small. Neither makes a gradient explode.",
            "zh": "输出接近 0 与接近 1，对导数 $s(1 - s)$ 而言是一样的：两者都使它变小，"
            "都不会使梯度爆炸。",
        },
        {
            "en": "Outputs that are too small or too large bring vanishing and exploding "
            "gradients.",
            "zh": "输出过小或过大，会带来梯度消失与梯度爆炸。",
        },
        ("sigmoid-derivative", "saturation-decay"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "A network is a composition: the output of one function is the input of the "
            "next, and slopes multiply. In an integral values are added up.",
            "zh": "网络是函数的复合：前一个函数的输出是后一个的输入，导数相乘。"
            "积分则是把值累加起来。",
        },
        {
            "en": "A complex network is put together from simple linear formulas in a way similar "
            "to integration.",
            "zh": "复杂网络由简单线性公式组合而成，类似于积分的原理。",
        },
        ("composition-rule", "composition-not-product"),
    ),
    Erratum(
        CONFIRMED,
        {
            "en": "The mean squared error is the mean of the squared residuals. A step of descent "
            "subtracts $\\eta\\,\\partial L / \\partial w$ from the weight, and "
            "$\\partial L / \\partial w$ may also be written $\\nabla_w L$.",
            "zh": "均方误差是残差平方的平均。梯度下降的一步，是从权重中减去 "
            "$\\eta\\,\\partial L / \\partial w$；$\\partial L / \\partial w$ 也可写作 "
            "$\\nabla_w L$。",
        },
        {
            "en": "The same loss, the same step (with $\\lambda$ for $\\eta$), the same nabla.",
            "zh": "同样的损失、同样的一步（$\\eta$ 写作 $\\lambda$）、同样的记号。",
        },
        ("mse-gradient", "update-rule"),
    ),
    Erratum(
        SHARPENED,
        {
            "en": "The squared error is a usual loss where a number is to be predicted. For a yes "
            "or no from a sigmoid the usual one is the cross-entropy, and it takes away the very "
            "slope that saturates.",
            "zh": "预测数值时常用平方误差。用 sigmoid 回答“是”或“否”时，通常用交叉熵，"
            "它恰好消去会饱和的那个导数。",
        },
        {
            "en": "The mean squared error is the most common loss.",
            "zh": "MSE 是最常见的损失函数。",
        },
        ("cross-entropy-cancels", "matching-losses"),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The chain rule gives the gradient. To subtract a multiple of it from the weight "
            "is the decision of gradient descent; other methods decide otherwise with the same "
            "gradient.",
            "zh": "链式法则给出的是梯度。从权重中减去它的若干倍，是梯度下降的规定；"
            "别的方法用同样的梯度，更新方式各不相同。",
        },
        {
            "en": "The loss and the chain rule yield the formula for updating the weight.",
            "zh": "由损失函数与链式法则得到权重的更新公式。",
        },
        ("update-rule",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "The height of the landscape over $(w, b)$ is the loss $L(w, b)$ itself. There "
            "is no observed weight to compare with: what is observed is the target.",
            "zh": "$(w, b)$ 上方的高度就是损失 $L(w, b)$ 本身。并没有什么“被观测的权重”可比："
            "被观测的是目标值。",
        },
        {
            "en": "The height is the difference between the weights of the prediction and those of "
            "the observation.",
            "zh": "高度是预测值的权重与观测值的权重之差。",
        },
        ("mse-gradient",),
    ),
    Erratum(
        CORRECTED,
        {
            "en": "Where descent settles, it settles at a stationary point. The loss of even one "
            "sigmoid neuron is not convex, so that need not be the optimum. And descent does not "
            "compare gradients at neighbouring places: it uses the gradient where it stands.",
            "zh": "梯度下降若停下来，便停在驻点。即使单个 sigmoid 神经元的损失也不是凸函数，"
            "驻点未必最优。它也不比较邻近各处的梯度，只用当前位置的梯度。",
        },
        {
            "en": "By comparing the size of neighbouring gradients, descent finds the optimal "
            "solution.",
            "zh": "通过比较邻近梯度的大小，最终找到最优解。",
        },
        ("loss-not-convex", "descent-small-step"),
    ),
    Erratum(
        SHARPENED,
        {
            "en": "A rising line stays in quadrants I and III only if $b = 0$, when it passes "
            "through the origin. With any other intercept it runs through II or IV as well.",
            "zh": "上升的直线只有在 $b = 0$、即穿过原点时才仅位于第一、三象限；"
            "截距不为零时还会经过第二或第四象限。",
        },
        {
            "en": "For $w > 0$ the graph lies in quadrants I and III; for $b = 0$ it passes "
            "through the origin. (The second is right, and with it the first.)",
            "zh": "当 $w > 0$ 时，图像位于第一、三象限；当 $b = 0$ 时，图像穿过原点。"
            "（后一句正确；在 $b = 0$ 的前提下，前一句也正确。）",
        },
        ("linear-quadrants",),
    ),
    Erratum(
        SHARPENED,
        {
            "en": "On $[-10, 10]$ the line $w x + b$ takes the values from $b - 10|w|$ to "
            "$b + 10|w|$.",
            "zh": "$x$ 取遍 $[-10, 10]$ 时，$w x + b$ 取遍 $b - 10|w|$ 到 $b + 10|w|$。",
        },
        {
            "en": "The values lie in $[-10 w, 10 w]$. (The source has just assumed $w > 0$ and "
            "$b = 0$; under these it is right.)",
            "zh": "取值限定在 $[-10 w, 10 w]$。（原文刚刚假定 $w > 0$ 且 $b = 0$，在此前提下正确。"
            "）",
        },
        ("linear-range",),
    ),
    Erratum(
        CONFIRMED,
        {
            "en": "The sigmoid takes every value between 0 and 1 and neither of the two. A neuron "
            "whose inputs are bounded uses only a part of that interval.",
            "zh": "sigmoid 取遍 0 与 1 之间的一切值，但取不到两端。输入有界的神经元只用到其中"
            "一段。",
        },
        {
            "en": "The output of the sigmoid is confined to $(0, 1)$.",
            "zh": "sigmoid 的输出限定在 $(0, 1)$ 之间。",
        },
        ("sigmoid-range",),
    ),
)
