"""The remedies compared on real digits: which networks learn, and which only guess."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.remedies import plain
from gradmath.claims.remedies.experiment import AGAIN, PAGE, SEEDS, SETTING, arm_name
from gradmath.claims.values import Value

#: an accuracy above this counts as learned, one below as no better than guessing among ten
LEARNED, GUESSING = 0.75, 0.15


@functools.cache
def accuracies(setting: str, arm: str) -> tuple[float, ...]:
    """The accuracy on the test images at the end, for every seed."""
    from gradmath.dynamics.remedies import outcome

    return tuple(map(float, outcome(setting, arm, SEEDS).final_accuracy))


@functools.cache
def accuracies_again(setting: str, arm: str) -> tuple[float, ...]:
    """The same by plain NumPy, kept in the cache as well."""
    from gradmath.dynamics import cached

    return tuple(cached(plain.accuracies)(setting, arm, SEEDS))


def _count(found: tuple[float, ...], kind: str) -> float:
    met = [one >= LEARNED if kind == "learned" else one <= GUESSING for one in found]
    return float(sum(met))


def _counts(setting: str, stated: Mapping[str, tuple[int, int]]) -> dict[str, Quantity]:
    """For every arm, how many of the runs learned and how many only guess."""

    def quantity(arm: str, kind: str, number: int) -> Quantity:
        return Quantity(
            lambda: _count(accuracies(setting, arm), kind),
            lambda: _count(accuracies_again(setting, arm), kind),
            float(number), float(number),
        )  # fmt: skip

    return {
        f"{arm}, {kind}": quantity(arm, kind, number)
        for arm, numbers in stated.items()
        for kind, number in zip(("learned", "guessing"), numbers, strict=True)
    }


def _statement(setting: str, stated: Mapping[str, tuple[int, int]]) -> Computed:
    rows = [rf"{arm_name(arm)} & {learned} & {lost}" for arm, (learned, lost) in stated.items()]
    head = rf"& A \ge {LEARNED:g} & A \le {GUESSING:g}"
    table = rf"\begin{{array}}{{lcc}} {head} \\ {r' \\ '.join(rows)} \end{{array}}"
    words = "; ".join(
        f"{arm}: {learned} of {SEEDS} runs reach an accuracy of {LEARNED:g}, {lost} stay below "
        f"{GUESSING:g}"
        for arm, (learned, lost) in stated.items()
    )
    return Computed(_counts(setting, stated), formula=table, words=words)


def _middle(found: tuple[float, ...]) -> float:
    """The number with as many below it as above.

    Of the claim's own runs: those by plain NumPy may tell an image apart otherwise after hundreds
    of rounded steps, and only what the statement counts is the same in both.
    """
    return sorted(found)[len(found) // 2]


def _values(setting: str, arms: Mapping[str, tuple[int, int]]) -> dict[str, Value]:
    from statistics import median

    # a run that neither learns nor guesses may end elsewhere after another rounding: not quoted
    values = {
        arm.replace("-", "_"): Value(
            median(accuracies(setting, arm)), digits=2, again=_middle(accuracies(setting, arm))
        )
        for arm, (learned, lost) in arms.items()
        if learned + lost == SEEDS
    }
    return values | {"seeds": Value(SEEDS), "updates": Value(plain.UPDATES)}


def _swapped(numbers: Callable[[str], tuple[float, float]], *arms: str) -> dict[str, float]:
    return {
        f"{arm}, {kind}": number
        for arm in arms
        for kind, number in zip(("learned", "guessing"), numbers(arm), strict=True)
    }


#: arm -> how many of the five runs learn, and how many only guess
VANISHING = {
    "none": (0, 5),
    "clip-norm": (0, 5),
    "l2": (0, 5),
    "lsuv": (0, 5),
    "relu": (0, 0),
    "tanh-xavier": (5, 0),
}
EXPLODING = {"none": (0, 5), "l2": (0, 5), "clip-norm": (5, 0), "he": (5, 0)}
COUNTED = {
    "en": f" Learned: an accuracy A of at least {LEARNED:g} on the test images; guessing: at most "
    f"{GUESSING:g}; a run that ends in NaN guesses. The list counts runs.",
    "zh": f"学会指测试图像上的准确率 A 不低于 {LEARNED:g}，瞎猜指不高于 {GUESSING:g}；"
    "以 NaN 收场的算瞎猜。表中为运行次数。",
}


@claim(
    "remedies-against-vanishing",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Trained where gradients vanish", "zh": "在梯度消失处训练"},
    statement_text={
        "en": "Without a remedy, with clipping by norm, with an L2 penalty and after LSUV all five "
        "runs of the vanishing network do no better than guessing. With ReLU in place of the "
        "sigmoid all five get somewhere and none learns; with tanh and its Xavier start all five "
        "learn.",
        "zh": "不加措施、按范数裁剪、L2 正则化、LSUV，消失网络的五次运行都与瞎猜无异。"
        "把 sigmoid 换成 ReLU，五次都有起色但都没有学会；换成 tanh 并配 Xavier 初始化，"
        "五次全部学会。",
    },
    assumptions={
        "en": SETTING["en"] + COUNTED["en"] + AGAIN["en"],
        "zh": SETTING["zh"] + COUNTED["zh"] + AGAIN["zh"],
    },
)
def remedies_against_vanishing() -> Case:
    statement = _statement("vanishing", VANISHING)
    mistakes = [
        Mistake("clipping cures vanishing", "以为裁剪能治消失",
                statement.but(_swapped(lambda _: (5, 0), "clip-norm"))),
        Mistake("a penalty cures vanishing", "以为正则化能治消失",
                statement.but(_swapped(lambda _: (5, 0), "l2"))),
        Mistake("steady outputs are enough", "以为输出平稳就够",
                statement.but(_swapped(lambda _: (5, 0), "lsuv"))),
        Mistake("ReLU alone cures it", "以为单用 ReLU 就能治好",
                statement.but({"relu, learned": 5.0})),
        Mistake("ReLU changes nothing", "以为 ReLU 毫无作用",
                statement.but({"relu, guessing": 5.0})),
        Mistake("the network learns without a remedy", "以为不加措施也能学会",
                statement.but(_swapped(lambda _: (5, 0), "none"))),
        Mistake("activation and start together do not help", "以为激活与初始化一起改也没用",
                statement.but(_swapped(lambda _: (0, 5), "tanh-xavier"))),
    ]  # fmt: skip
    return Case(statement, [Runs()], mistakes, _values("vanishing", VANISHING))


@claim(
    "remedies-against-exploding",
    page=PAGE,
    grade=CHECKED,
    titles={"en": "Trained where gradients explode", "zh": "在梯度爆炸处训练"},
    statement_text={
        "en": "Without a remedy and with an L2 penalty all five runs of the exploding network end "
        "guessing. With clipping by norm all five learn, and so they do after a He start.",
        "zh": "不加措施或用 L2 正则化，爆炸网络的五次运行都以瞎猜告终。按范数裁剪则五次全部学会，"
        "改用 He 初始化也是如此。",
    },
    assumptions={
        "en": SETTING["en"] + COUNTED["en"] + AGAIN["en"],
        "zh": SETTING["zh"] + COUNTED["zh"] + AGAIN["zh"],
    },
    references=("pascanu2013", "he2015"),
)
def remedies_against_exploding() -> Case:
    statement = _statement("exploding", EXPLODING)
    mistakes = [
        Mistake("the network learns without a remedy", "以为不加措施也能学会",
                statement.but(_swapped(lambda _: (5, 0), "none"))),
        Mistake("a penalty stops the explosion", "以为正则化能止住爆炸",
                statement.but(_swapped(lambda _: (5, 0), "l2"))),
        Mistake("clipping does not help", "以为裁剪没用",
                statement.but(_swapped(lambda _: (0, 5), "clip-norm"))),
        Mistake("a start of the right size does not help", "以为合适的初始化没用",
                statement.but(_swapped(lambda _: (0, 5), "he"))),
    ]  # fmt: skip
    return Case(statement, [Runs()], mistakes, _values("exploding", EXPLODING))
