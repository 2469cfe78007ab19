"""The glossary: both languages, one sentence each, claims that exist and fit their term."""

from __future__ import annotations

import re

import pytest

from gradmath.claims import claims
from gradmath.claims.glossary import GROUPS, TERMS, Term
from gradmath.errors import DeclarationError, GradmathError, UnknownNameError

#: the words that the site has to use, in both languages
PAIRS = {
    "pre-activation": "预激活值", "activation function": "激活函数", "activation": "激活值",
    "bias": "偏置", "residual": "残差", "residual connection": "残差连接",
    "chain rule": "链式法则", "backpropagation": "反向传播",
    "backpropagation through time": "随时间反向传播", "Jacobian": "雅可比矩阵",
    "vanishing gradient": "梯度消失", "exploding gradient": "梯度爆炸", "saturation": "饱和",
    "learning rate": "学习率", "gradient clipping": "梯度裁剪", "clipping by value": "按值裁剪",
    "clipping by norm": "按范数裁剪", "regularisation": "正则化", "normalisation": "归一化",
    "weight decay": "权重衰减", "spectral radius": "谱半径", "singular value": "奇异值",
    "Lyapunov exponent": "李雅普诺夫指数", "edge of chaos": "混沌边缘", "mean field": "平均场",
    "isometry": "等距", "layer-wise pretraining": "逐层预训练", "dying ReLU": "ReLU 死亡",
    "kink": "不可导点", "subgradient": "次梯度", "stationary point": "驻点", "intercept": "截距",
    "matrix product": "矩阵乘法", "underflow": "下溢", "overflow": "上溢",
    "loss scaling": "损失缩放", "rounding": "舍入", "enclosure": "区间包围", "claim": "论断",
    "proved": "已证明", "checked": "已核验", "measured": "已实测", "refuted": "已证伪",
    "recorded": "已记录", "ledger": "论断总表", "passport": "验证档案",
    "planted mistake": "植入错误", "errata": "勘误",
}  # fmt: skip


def made(**changed):
    given = {"id": "a-term", "en": ("a term", "One thing."), "zh": ("术语", "一件事。")}
    return Term(**{**given, **changed})


def test_every_term_of_the_site_is_there_in_both_languages():
    found = {term.names["en"]: term.names["zh"] for term in TERMS.values()}
    assert {name: found.get(name) for name in PAIRS} == PAIRS
    assert len(TERMS) == sum(map(len, GROUPS.values()))


@pytest.mark.parametrize("term", TERMS.values(), ids=TERMS)
def test_one_sentence_in_each_language(term):
    english, chinese = term.sentences["en"], term.sentences["zh"]
    assert len(re.findall(r"[.!?](\s|$)", english)) == 1
    assert len(re.findall("[。！？]", chinese)) == 1
    assert re.search(r"[\u4e00-\u9fff]", term.names["zh"] + chinese)
    assert english[0].isupper()


@pytest.mark.parametrize("grade", ["proved", "checked", "measured", "refuted", "recorded"])
def test_a_grade_is_shown_by_claims_of_that_grade(grade):
    assert all(claims[id].grade == grade for id in TERMS[grade].claims)


def test_most_terms_are_shown_by_a_claim():
    # what the rest is about has no claim yet, or is a list of them
    assert sum(bool(term.claims) for term in TERMS.values()) > 0.8 * len(TERMS)


@pytest.mark.parametrize(
    ("changed", "error", "words"),
    [
        ({"claims": ("sigmoid-slope-bond",)}, UnknownNameError, "'sigmoid-slope-bound'"),
        ({"id": "A term"}, DeclarationError, "words joined by"),
        ({"zh": ("术语", "One thing.")}, DeclarationError, "zh of term a-term"),
        ({"en": (" ", "One thing.")}, DeclarationError, "en of term a-term"),
        ({"en": ("a term", "No stop")}, DeclarationError, "ends with '.'"),
    ],
)
def test_terms_are_checked_when_declared(changed, error, words):
    with pytest.raises(GradmathError, match=words) as caught:
        made(**changed)
    assert isinstance(caught.value, error)
