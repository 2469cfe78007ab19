"""The goals themselves, in words of both languages."""

from __future__ import annotations

from functools import partial

from gradmath.claims.performance.goals import (
    AT_LEAST,
    AT_MOST,
    BY_HAND,
    GROWTH,
    LARGE,
    MIDDLE,
    NETWORK_GROWTH,
    SMALL,
    SUBNORMALS,
    Goal,
    at_depth,
    chains,
    compared,
    everybody,
    growth,
    limit,
    shares,
    tiny,
)
from gradmath.claims.performance.record import FRESH, FULL, REDUCED, REUSED, SCALARS

_CALLS = {
    "en": "NumPy is called once for every operation and every block, and each of its exponentials"
    " and divisions reads and writes an array; what a call costs is felt most on small arrays.",
    "zh": "每种运算、每个分块都要调用一次 NumPy，每次指数与除法都要读写一个数组；数组越小，调用本"
    "身的开销越显著。",
}
_PASSES = {
    "en": "A program of NumPy calls makes a pass through the cache for each operation, and its"
    " arithmetic, not the memory, sets the time; a compiler that fuses the operations makes one"
    " pass.",
    "zh": "由 NumPy 调用组成的程序每种运算都要过一遍缓存，决定时间的是运算而不是内存；能融合运算的"
    "编译器只过一遍。",
}
_PYTHON = {
    "en": "Deriving, building the program and printing it are Python code, and take as long as the"
    " interpreter takes.",
    "zh": "求导、建立程序和输出源代码都是 Python 代码，所需时间取决于解释器。",
}
_CALL = {
    "en": "A call through Python takes the same time for few elements as for many: arguments are"
    " read by name, their types and shapes are looked at, and for a short loop that is a large part"
    " of the whole. Forms that give up the tails also compute less.",
    "zh": "经由 Python 的一次调用，无论元素多少，开销都一样：按名称读取参数、查看类型与形状；循环"
    "很短时这占了总时间的大部分。放弃尾部精度的形式计算量也更少。",
}
_MEMORY = {
    "en": "The arithmetic of the exponential and the division takes longer than the memory, or the"
    " cache where the arrays still fit into it, needs to deliver what they work on.",
    "zh": "计算指数与除法所需的时间，多于内存（数组仍在缓存中时则为缓存）送达数据所需的时间。",
}
_ERRORS = {
    "en": "At the point named the form that is used loses more than was promised.",
    "zh": "在所列的点上，所用的形式损失的精度超出了承诺。",
}

GOALS = (
    Goal(
        "numpy-by-hand",
        AT_MOST,
        1.15,
        "×",
        {
            "en": "NumPy backend on small arrays: its time over that of the fastest NumPy form"
            " written by hand that neither overflows nor cancels",
            "zh": "NumPy 后端，小数组：所需时间与手写的、不溢出不相消的最快 NumPy 形式之比",
        },
        _CALLS,
        lambda record: compared(record, "numpy", BY_HAND, [SMALL], slower=True),
    ),
    Goal(
        "numpy-lambdify-middle",
        AT_LEAST,
        1.3,
        "×",
        {
            "en": "NumPy backend on middle arrays: times as fast as `sympy.lambdify(cse=True)`",
            "zh": "NumPy 后端，中等数组：速度是 `sympy.lambdify(cse=True)` 的几倍",
        },
        _PASSES,
        lambda record: compared(record, "numpy", ["lambdify"], [MIDDLE]),
    ),
    Goal(
        "numpy-lambdify-large",
        AT_LEAST,
        3,
        "×",
        {
            "en": "NumPy backend on large arrays: times as fast as `sympy.lambdify(cse=True)`",
            "zh": "NumPy 后端，大数组：速度是 `sympy.lambdify(cse=True)` 的几倍",
        },
        _PASSES,
        lambda record: compared(record, "numpy", ["lambdify"], [LARGE]),
    ),
    Goal(
        "numpy-jax-small",
        AT_LEAST,
        1.5,
        "×",
        {
            "en": "NumPy backend on small arrays: times as fast as `jax.jit`",
            "zh": "NumPy 后端，小数组：速度是 `jax.jit` 的几倍",
        },
        _CALLS,
        lambda record: compared(record, "numpy", ["jax"], [SMALL]),
    ),
    Goal(
        "numpy-jax-large",
        AT_LEAST,
        3,
        "×",
        {
            "en": "NumPy backend on large arrays: times as fast as `jax.jit`",
            "zh": "NumPy 后端，大数组：速度是 `jax.jit` 的几倍",
        },
        _PASSES
        | {
            "en": _PASSES["en"] + " In the full map the memory limit alone takes more than a "
            "quarter of `jax`'s time, which leaves hardly any for arithmetic.",
            "zh": _PASSES["zh"] + "对完整映射来说，仅内存极限就占去 `jax` 所用时间的四分之一以上，"
            "几乎没有留给运算的余地。",
        },
        lambda record: compared(record, "numpy", ["jax"], [LARGE]),
    ),
    Goal(
        "native-everybody",
        AT_LEAST,
        1,
        "×",
        {
            "en": "Native backend, outputs reused: times as fast as the fastest peer of each cell,"
            " whichever way it allocates",
            "zh": "本机后端，复用输出：速度是每一格中最快对手（不论如何分配内存）的几倍",
        },
        _CALL,
        partial(everybody, policies=(REUSED, SCALARS)),
    ),
    Goal(
        "native-everybody-fresh",
        AT_LEAST,
        1,
        "×",
        {
            "en": "Native backend, fresh outputs: times as fast as the fastest peer of each cell"
            " with fresh outputs",
            "zh": "本机后端，新建输出：速度是每一格中同样新建输出的最快对手的几倍",
        },
        _CALL,
        partial(everybody, policies=(FRESH,)),
    ),
    Goal(
        "native-limit-full",
        AT_MOST,
        2,
        "×",
        {
            "en": "Native backend, full map, middle and large arrays: its time over the memory "
            "limit",
            "zh": "本机后端，完整映射，中等与大数组：所需时间与内存极限之比",
        },
        _MEMORY,
        partial(limit, mode=FULL),
    ),
    Goal(
        "native-limit-reduced",
        AT_MOST,
        4,
        "×",
        {
            "en": "Native backend, means, middle and large arrays: its time over the memory limit",
            "zh": "本机后端，求平均，中等与大数组：所需时间与内存极限之比",
        },
        _MEMORY,
        partial(limit, mode=REDUCED),
    ),
    Goal(
        "native-chains",
        AT_LEAST,
        1,
        "×",
        {
            "en": "Native backend on chains of layers: times as fast as `jax.jit`",
            "zh": "本机后端，层链：速度是 `jax.jit` 的几倍",
        },
        _CALL,
        chains,
    ),
    Goal(
        "chain-thousand",
        AT_MOST,
        0.25,
        "s",
        {
            "en": "Deriving and compiling a long chain for NumPy",
            "zh": "为 NumPy 求导并编译一条长链",
        },
        _PYTHON,
        partial(at_depth, depth=1000),
    ),
    Goal(
        "chain-four-thousand",
        AT_MOST,
        1.2,
        "s",
        {
            "en": "Deriving and compiling the longest chain for NumPy",
            "zh": "为 NumPy 求导并编译最长的链",
        },
        _PYTHON,
        partial(at_depth, depth=4000),
    ),
    Goal(
        "chain-growth",
        AT_MOST,
        1.25,
        "",
        {
            "en": "Exponent with which that time grows with the depth",
            "zh": "该时间随深度增长的指数",
        },
        _PYTHON,
        partial(growth, kind="compile", contender="numpy", ends=GROWTH),
    ),
    Goal(
        "network-growth",
        AT_MOST,
        1.25,
        "",
        {
            "en": "The same exponent for fully connected networks",
            "zh": "全连接网络的同一指数",
        },
        _PYTHON,
        partial(growth, kind="network", contender="gradmath", ends=NETWORK_GROWTH),
    ),
    *(
        goal
        for backend, names in {
            "numpy": {"en": "NumPy backend", "zh": "NumPy 后端"},
            "native": {"en": "Native backend", "zh": "本机后端"},
            "javascript": {"en": "JavaScript backend", "zh": "JavaScript 后端"},
        }.items()
        for goal in (
            Goal(
                f"{backend}-errors",
                AT_MOST,
                1,
                "",
                {
                    "en": f"{names['en']}: worst error of all activations and their first and"
                    " second derivatives, as a share of the bound",
                    "zh": f"{names['zh']}：所有激活函数及其一、二阶导数的最大误差与上界之比",
                },
                _ERRORS,
                partial(shares, backend=backend),
            ),
            Goal(
                f"{backend}-subnormals",
                AT_MOST,
                SUBNORMALS,
                "",
                {
                    "en": f"{names['en']}: the same below the smallest normal number, in smallest"
                    " subnormals",
                    "zh": f"{names['zh']}：小于最小正规数处的同一误差，以最小次正规数为单位",
                },
                _ERRORS,
                partial(tiny, backend=backend),
            ),
        )
    ),
)
