"""Greedy layer-wise pre-training on real digits."""

from __future__ import annotations

import functools
from collections.abc import Callable

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.remedies import plain, plain_pretraining
from gradmath.claims.remedies.experiment import AGAIN, SETTING
from gradmath.claims.remedies.trained import GUESSING, LEARNED
from gradmath.claims.values import Value

PAGE = "remedies"
RUNS = 3
SOME = 0.25  # an accuracy that no guessing among ten gives


@functools.cache
def accuracies() -> tuple[float, ...]:
    """The accuracy on the test images at the end, for every seed."""
    from gradmath.dynamics.remedies import outcome

    return tuple(map(float, outcome("vanishing", "pretraining", RUNS).final_accuracy))


@functools.cache
def accuracies_again() -> tuple[float, ...]:
    """The same by plain NumPy, kept in the cache as well."""
    from gradmath.dynamics import cached

    return tuple(cached(plain_pretraining.accuracies)(RUNS))


def _runs(kind: Callable[[float], bool], number: int) -> Quantity:
    """How many of the runs are of a kind: a count that no rounding of a run moves."""
    return Quantity(
        lambda: float(sum(map(kind, accuracies()))),
        lambda: float(sum(map(kind, accuracies_again()))),
        float(number), float(number),
    )  # fmt: skip


@claim(
    "layerwise-pretraining",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Layer-wise pretraining goes half of the way", "zh": "逐层预训练只走了一半的路"},
    statement_text={
        "en": f"Trained layer by layer first, the vanishing network ends with more than {SOME:g} "
        f"and less than {LEARNED:g} right in each of {RUNS} runs. That is more than guessing, so "
        "it helps against vanishing; and less than learning, so by itself it is no cure.",
        "zh": f"先逐层训练，消失网络在 {RUNS} 次运行中的正确率都高于 {SOME:g}、低于 {LEARNED:g}。"
        "胜过瞎猜，可见它对梯度消失有帮助；又算不上学会，可见单靠它治不好。",
    },
    assumptions={
        "en": SETTING["en"].replace("seeds 0 to 4", f"seeds 0 to {RUNS - 1}")
        + " Pretraining: from the first on, each hidden layer learns the digits for 600 updates "
        "below a last layer of its own; then the whole network for 600. A is the accuracy on the "
        f"test images; at most {GUESSING:g} is guessing, {LEARNED:g} is learned." + AGAIN["en"],
        "zh": SETTING["zh"].replace("种子 0 到 4", f"种子 0 到 {RUNS - 1}")
        + "预训练：自首层起，每个隐藏层都接上一个自己的末层，学习 600 次更新；之后整个网络再更新 "
        f"600 次。A 为测试图像上的准确率；不高于 {GUESSING:g} 算瞎猜，{LEARNED:g} 起算学会。"
        + AGAIN["zh"],
    },
    references=("hinton2006", "bengio2007"),
)
def layerwise_pretraining() -> Case:
    statement = Computed(
        {"some": _runs(SOME.__lt__, RUNS), "learned": _runs(LEARNED.__le__, 0)},
        formula=rf"{SOME:g} < A < {LEARNED:g}",
        words=f"all of {RUNS} runs end above {SOME:g} and below {LEARNED:g}",
    )
    mistakes = [
        Mistake("pretraining alone is enough", "以为单靠预训练就够",
                statement.but({"learned": RUNS})),
        Mistake("pretraining changes nothing", "以为预训练毫无作用",
                statement.but({"some": 0})),
        Mistake("it helps some of the starts only", "以为它只对一部分初始值有帮助",
                statement.but({"some": (1, RUNS - 1)})),
    ]  # fmt: skip
    # updates of a network that is pre-trained for each update of one that is not
    times = Value(len(plain.SIZES) - 1, again=_layers)
    return Case(statement, [Runs()], mistakes, {"times": times})


def _layers() -> float:
    from gradmath.dynamics.remedies import LAYERS

    return float(LAYERS)
