"""How deep one can train: networks on digits, sorted by how many depth scales deep they are."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import sympy as sp

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.edge import plain
from gradmath.claims.edge.growth import BIAS
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.values import Value

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PAGE = "edge"
DEPTHS = (5, 10, 20, 40, 60)
WEIGHTS = (0.6, 0.9, 1.2, 1.76, 2.1, 2.5, 3.6)  # sigma_w^2
WIDTH, STEPS, BATCH, RATE = 64, 150, 64, 0.02
SEEDS = 2
NEAR, FAR = 3, 12  # depth scales: up to so many a network is near the edge, from so many on far
# Near ten depth scales the rounding of a training decides whether anything is learned; twelve leave
# room, and so do the two shares: a step longer by a millionth changes neither group.
LEARNED, GUESSING = 0.7, 0.2  # shares of unseen digits told right
*_, DEEP, DEEPEST = DEPTHS  # what holds up to DEEP layers does not hold for DEEPEST any more

Place = tuple[int, int]  # of a network in the grid: index of its depth, index of its weights


@functools.cache
def accuracies(seed: int) -> NDArray[np.float64]:
    """Shares of unseen digits told right, by depth and weights."""
    from gradmath.dynamics import cached
    from gradmath.dynamics.trainable import trainable

    found = cached(trainable)(
        WEIGHTS, float(BIAS), DEPTHS, width=WIDTH, steps=STEPS, batch=BATCH, rate=RATE, seed=seed
    )
    return found.accuracy


@functools.cache
def accuracies_again(seed: int) -> NDArray[np.float64]:
    """The same by plain NumPy, in double precision."""
    from gradmath.dynamics import cached

    return cached(plain.accuracies)(
        WEIGHTS, float(BIAS), DEPTHS, width=WIDTH, steps=STEPS, batch=BATCH, rate=RATE, seed=seed
    )


@functools.cache
def scales() -> tuple[float, ...]:
    """The depth scale that belongs to each variance of the weights."""
    from gradmath.dynamics.meanfield import MeanField

    return tuple(MeanField("tanh", weight, float(BIAS)).depth_scale() for weight in WEIGHTS)


@functools.cache
def scales_again() -> tuple[float, ...]:
    """The same, by other quadrature and another way to the resting point."""
    return tuple(plain.depth_scale(weight, float(BIAS)) for weight in WEIGHTS)


def places(group: str, scale: tuple[float, ...]) -> Iterator[Place]:
    """The networks of a group: near, between, far (up to DEEP layers, or any), or the deepest."""
    for i, depth in enumerate(DEPTHS):
        for j, each in enumerate(scale):
            deep = depth / each
            named = {
                "near": deep <= NEAR and depth <= DEEP,
                "between": NEAR < deep < FAR and depth <= DEEP,
                "far": deep >= FAR,
                "deepest": depth == DEEPEST,
            }
            if named[group]:
                yield i, j


def counted(group: str, kind: str, *, again: bool = False) -> float:
    """How many networks of a group there are in all runs (`all`), have learned, or guess; and
    whether one has learned, and one has not (1 or 0).

    A network between the groups may end on either side of the threshold by the rounding of its
    training alone, so there is no number of them that a second run would have to meet.
    """
    chosen = list(places(group, scales_again() if again else scales()))
    runs = [(accuracies_again if again else accuracies)(seed) for seed in range(SEEDS)]
    share = [float(run[place]) for run in runs for place in chosen]
    if kind == "one learned":
        return float(max(share) >= LEARNED)
    if kind == "one not":
        return float(min(share) < LEARNED)
    met = {"all": lambda _: True, "learned": LEARNED.__le__, "guessing": GUESSING.__ge__}[kind]
    return float(sum(map(met, share)))


#: (group, kind) -> the least and the greatest number stated
STATED = {
    ("near", "all"): (32, 32),
    ("near", "learned"): (32, 32),
    ("far", "all"): (12, 12),
    ("far", "guessing"): (12, 12),
    ("between", "one learned"): (1, 1),
    ("between", "one not"): (1, 1),
    ("between", "all"): (18, 18),
    ("deepest", "learned"): (0, 0),
}


def _quantity(group: str, kind: str, low: int, high: int) -> Quantity:
    def count(again: bool) -> Callable[[], float]:
        return lambda: counted(group, kind, again=again)

    return Quantity(count(again=False), count(again=True), float(low), float(high))


@claim(
    "trained-depth",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "How deep one can train", "zh": "能训练多深"},
    statement_text={
        "en": f"Of tanh networks with up to {DEEP} layers, all that are at most {NEAR} depth "
        f"scales deep learn the digits. All that are {FAR} or more depth scales deep only guess. "
        f"In between, some learn and some do not. With {DEEPEST} layers none learns, not even at "
        "the edge.",
        "zh": f"不超过 {DEEP} 层的 tanh 网络中，深度不超过 {NEAR} 倍深度尺度的全部学会认数字；"
        f"深度达到 {FAR} 倍及以上的全部只是瞎猜；介于其间的有的学会、有的没有。{DEEPEST} 层的"
        "没有一个学会，处在边缘上的也不例外。",
    },
    assumptions={
        "en": f"The experiment of the figure, with {SEEDS} seeds (0 to {SEEDS - 1}): σ_b² = "
        f"{float(BIAS):g}, {len(WEIGHTS)} variances σ_w² and {len(DEPTHS)} depths, width {WIDTH}, "
        f"{STEPS} steps of size {RATE:g} on batches of {BATCH}. Learned: a share A of at least "
        f"{LEARNED:g} of the unseen digits told right; guessing: at most {GUESSING:g}. ξ is the "
        "depth scale of the start, by mean-field theory. Every count is made again from runs and "
        "scales that use nothing of the package.",
        "zh": f"即图中的实验，取 {SEEDS} 个种子（0 到 {SEEDS - 1}）：σ_b² = {float(BIAS):g}，"
        f"{len(WEIGHTS)} 种 σ_w²、{len(DEPTHS)} 种深度，宽度 {WIDTH}，步长 {RATE:g}、"
        f"批量 {BATCH}，训练 {STEPS} 步。学会指未见过的数字认对的比例 A 不低于 {LEARNED:g}，"
        f"瞎猜指不高于 {GUESSING:g}。ξ 是初始化时由平均场理论给出的深度尺度。"
        "每个计数都由不使用本库的运行与尺度重做一遍。",
    },
    references=("schoenholz2017",),
)
def trained_depth() -> Case:
    parts = {f"{group}, {kind}": _quantity(group, kind, *STATED[group, kind])
             for group, kind in STATED}  # fmt: skip
    statement = Computed(
        parts,
        formula=r"\begin{gathered} \xi = \frac{1}{|\log \chi|}: \\[0.6ex]"
        r" \begin{array}{lcc} \text{depth } L & A \ge "
        rf"{LEARNED:g} & A \le {GUESSING:g} \\[0.4ex]"
        rf" L \le {NEAR}\,\xi,\; L \le {DEEP} & \text{{all}} & \\"
        rf" {NEAR}\,\xi < L < {FAR}\,\xi,\; L \le {DEEP} & \text{{some}} & \\"
        rf" L \ge {FAR}\,\xi & & \text{{all}} \\"
        rf" L = {DEEPEST} & \text{{none}} & \end{{array}} \end{{gathered}}",
        words=f"{SEEDS} runs; learned: at least {LEARNED:g}, guessing: at most {GUESSING:g}; "
        + "; ".join(
            f"{group}, {kind}: {low} to {high}" for (group, kind), (low, high) in STATED.items()
        ),
    )
    twice = tuple(2 * scale for scale in scales())
    all_near, all_far = STATED["near", "all"][0], STATED["far", "all"][0]
    mistakes = [
        Mistake("the start does not matter: networks far from the edge learn as well",
                "以为起点无关紧要：远离边缘的网络也能学会",
                statement.but({"far, guessing": 0.0})),
        Mistake("networks near the edge fail as well", "以为边缘附近的网络也学不会",
                statement.but({"near, learned": (0.0, all_near - 1.0)})),
        Mistake("at the edge any depth can be trained", "以为在边缘上多深都能训练",
                statement.but({"deepest, learned": (1.0, 14.0)})),
        Mistake("beyond three depth scales nothing is learned", "以为超过三倍深度尺度就学不到东西",
                statement.but({"between, one learned": 0.0})),
        Mistake("up to twelve depth scales everything is learned", "以为十二倍深度尺度以内都能学会",
                statement.but({"between, one not": 0.0})),
        Mistake("the depth scale of the gradient's size, which is twice as long",
                "误用梯度大小的深度尺度（是两倍长）",
                statement.but({f"{group}, all": float(SEEDS * len(list(places(group, twice))))
                               for group in ("near", "between", "far")})),
        Mistake("only a part of the far networks guesses", "以为远离边缘的只有一部分在瞎猜",
                statement.but({"far, guessing": (0.0, all_far - 1.0)})),
    ]  # fmt: skip
    values = {
        "seeds": Value(SEEDS, again=lambda: all_near / len(list(places("near", scales_again())))),
        "near": Value(all_near),
        "far": Value(all_far),
        "between": Value(STATED["between", "all"][0]),
        "deepest": Value(DEEPEST),
        "width": Value(WIDTH),
        "learned": Value(sp.Rational(str(LEARNED)), digits=2),
    }
    return Case(statement, [Runs()], mistakes, values)
