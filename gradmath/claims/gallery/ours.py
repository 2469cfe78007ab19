"""What gradmath says of the gallery's cases, computed now: its verdicts, and its own numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gradmath.claims.claim import Case, Mistake, claim
from gradmath.claims.computed import Computed, Quantity
from gradmath.claims.gallery.arrays import network_of, record_norm, true_layer
from gradmath.claims.gallery.cases import PAGE
from gradmath.claims.gallery.frameworks import true_slope
from gradmath.claims.gallery.questions import Which, answer, questions
from gradmath.claims.gallery.recording import recording
from gradmath.claims.grades import CHECKED
from gradmath.claims.measured import Runs
from gradmath.claims.values import Value
from gradmath.verify.report import FAILED, PASSED

#: the least relative error of a slope called wrong, and the largest of one called right
WRONG, RIGHT = 1e-3, 1e-12
EXPECTED: dict[Which, str] = {"wrong": FAILED, "right": PASSED}
WORDS: dict[Which, tuple[str, str]] = {
    "wrong": ("the wrong gradient is let pass", "放过了错误的梯度"),
    "right": ("the right gradient is refused", "拒绝了正确的梯度"),
}


def _told(exhibit: str, which: Which) -> Quantity:
    """1 if the checker tells the gradient for what it is; by its report, and by Arb alone."""

    def by_the_checker() -> float:
        return float(answer(exhibit, which).status == EXPECTED[which])

    def by_the_oracle() -> float:
        gap = questions()[exhibit].section.gap(which)
        return float(gap > WRONG if which == "wrong" else gap < RIGHT)

    return Quantity(by_the_checker, by_the_oracle, 1, 1)


@claim(
    "gallery-our-verdicts",
    page=PAGE,
    grade=CHECKED,
    titles={
        "en": "gm.check_gradient on every case of the gallery",
        "zh": "gm.check_gradient 对陈列室每个案例的判断",
    },
    statement_text={
        "en": "gm.check_gradient, by its defaults, rejects every wrong gradient of the gallery and "
        "accepts the right one beside it.",
        "zh": "在默认设置下，gm.check_gradient 拒绝陈列室里的每一个错误梯度，"
        "并接受与之对应的正确梯度。",
    },
    assumptions={
        "en": "The gradients as they stand in this page's source. Beside the checker, each claimed "
        "slope is held against the definition's at one point, by Arb alone.",
        "zh": "所用梯度即本页源代码中所写。除检查器外，每个所称的斜率还仅用 Arb "
        "在一点处与定义的导数相比较。",
    },
)
def our_verdicts() -> Case:
    asked: list[tuple[str, Which]] = [
        (exhibit, which) for exhibit in questions() for which in ("wrong", "right")
    ]
    statement = Computed(
        {f"{exhibit}, {which}": _told(exhibit, which) for exhibit, which in asked},
        formula=r"\text{gm.check\_gradient}(f, g) = \begin{cases} \text{passed} & g = f' \\"
        r" \text{failed} & g \ne f' \end{cases}",
        words="1 where the checker tells a gradient for what it is: 1 for every one",
    )
    planted = [
        Mistake(
            f"{exhibit}: {WORDS[which][0]}",
            f"{exhibit}：{WORDS[which][1]}",
            statement.but({f"{exhibit}, {which}": 0}),
        )
        for exhibit, which in asked
    ]
    values = {
        "cases": Value(
            len(questions()), again=len({name.rpartition(", ")[0] for name in statement.parts})
        ),
        "gradients": Value(len(asked), again=len(statement.parts)),
    }
    return Case(statement, [Runs()], planted, values)


def _slope(name: str, at: float) -> Callable[[], float]:
    def run() -> float:
        from gradmath.functions import activations

        return float(activations[name].derivative(at))

    return run


def _true(name: str, at: float) -> Callable[[], float]:
    return lambda: true_slope(name, at)


def _weight() -> float:
    """Our kernel's derivative by the second row's first weight of the saturated layer."""
    from gradmath.derivation import derive
    from gradmath.kernels import compile

    network, params, x, y = network_of(recording().peers("saturated-layer")[0])
    kernel: Any = compile(derive(network), "numpy")
    _, grads = kernel(params, x, y)
    return float(grads["W1"][1, 0])


def _clipped() -> float:
    """Our clip's first entry of the recorded gradients."""
    import numpy as np

    from gradmath.functions import clips

    record = recording().of("huge-norm")
    gradient = np.array([float(number) for number in record.inputs["gradient"]])
    clip: Any = clips["clip_by_norm"]
    return float(clip(gradient, float(record.inputs["max_norm"]))[0])


@claim(
    "gallery-our-numbers",
    page=PAGE,
    grade=CHECKED,
    titles={
        "en": "gradmath's own numbers on the same ground",
        "zh": "gradmath 在同样情形下给出的数值",
    },
    statement_text={
        "en": "gradmath's kernels give the right numbers where the gallery's frameworks lost them, "
        "to a share of a billionth and better.",
        "zh": "在陈列室所列框架丢失数值之处，gradmath 的计算核给出正确的数值，"
        "相对误差不超过十亿分之一。",
    },
    assumptions={
        "en": "Double precision, NumPy kernels, at the inputs of the record.",
        "zh": "双精度，NumPy 计算核，自变量与记录相同。",
    },
)
def our_numbers() -> Case:
    parts = {
        "sigmoid at 40": Quantity(
            _slope("sigmoid", 40.0), _true("sigmoid", 40.0), 4.248e-18, 4.249e-18
        ),
        "gelu at -10": Quantity(
            _slope("gelu", -10.0), _true("gelu", -10.0), -7.619e-22, -7.618e-22
        ),
        "gelu_tanh at -8": Quantity(
            _slope("gelu_tanh", -8.0), _true("gelu_tanh", -8.0), -4.715e-20, -4.714e-20
        ),
        "mish at -20": Quantity(_slope("mish", -20.0), _true("mish", -20.0), -3.917e-8, -3.916e-8),
        "hard_sigmoid at 1": Quantity(
            _slope("hard_sigmoid", 1.0), _true("hard_sigmoid", 1.0), 0.16666666666, 0.16666666667
        ),
        "saturated weight": Quantity(
            _weight, lambda: float(true_layer()[2]), -2.111e-15, -2.110e-15
        ),
        "clipped entry": Quantity(
            _clipped, lambda: record_norm(recording().of("huge-norm"))[1], 0.5773, 0.5774
        ),
    }
    statement = Computed(
        parts,
        formula=r"\begin{gathered}\sigma'(40) \approx 4.248 \times 10^{-18}, \\"
        r" \mathrm{gelu}'(-10) \approx -7.618 \times 10^{-22}, \\"
        r" \mathrm{gelu}_{\tanh}'(-8) \approx -4.715 \times 10^{-20}, \\"
        r" \mathrm{mish}'(-20) \approx -3.916 \times 10^{-8}, \\"
        r" \operatorname{hard\_sigmoid}'(1) \approx 0.16666666667\end{gathered}",
        words="each number in a narrow interval about the true one",
    )
    record = recording()

    def gave(exhibit: str, peer: str, part: str, number: float) -> Mistake:
        return Mistake(
            f"what {peer} gave in {exhibit}",
            f"{peer} 在 {exhibit} 中给出的数值",
            statement.but({part: number}),
        )

    def given(exhibit: str, peer: str) -> Any:
        return record.of(exhibit, peer).results

    planted = [
        gave(exhibit, peer, part, given(exhibit, peer)["float64"])
        for exhibit, peer, part in (
            ("sigmoid-far-out", "torch", "sigmoid at 40"),
            ("gelu-tail", "torch", "gelu at -10"),
            ("gelu-tanh-tail", "jax", "gelu_tanh at -8"),
            ("hard-sigmoid-slope", "torch", "hard_sigmoid at 1"),
        )
    ]
    planted += [
        gave(
            "saturated-layer",
            peer,
            "saturated weight",
            given("saturated-layer", peer)["float64"][2],
        )
        for peer in ("torch", "jax")
    ]
    planted.append(
        gave("huge-norm", "torch", "clipped entry", given("huge-norm", "torch")["clipped"][0])
    )
    planted.append(
        Mistake("Mish without its tail", "Mish 缺了尾部", statement.but({"mish at -20": 0.0}))
    )
    return Case(statement, [Runs()], planted)
