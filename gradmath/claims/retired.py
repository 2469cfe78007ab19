"""Claims that are no longer stated: each keeps its id and its address, and names its successor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True)
class Retired:
    """titles: of the claim that was.  successor: the id of the claim that says it now."""

    titles: Mapping[str, str]
    successor: str
    why: Mapping[str, str]


RETIRED: Mapping[str, Retired] = MappingProxyType({
    "outputs-hide-gradients": Retired(
        {"en": "Steady outputs, any gradient", "zh": "输出平稳，梯度未必"},
        "one-dial",
        {
            "en": "It stated of a chain of sigmoid neurons that every output is 1/2 while each "
            "layer multiplies the gradient by w/4. That is a part of its successor, which proves "
            "more.",
            "zh": "它说的是：在一串 sigmoid 神经元中，每个输出都是 1/2，而每层把梯度乘以 w/4。"
            "这是后继论断的一部分，后者证明得更多。",
        },
    ),
})  # fmt: skip
