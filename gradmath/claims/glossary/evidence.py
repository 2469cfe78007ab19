"""How this site knows what it says."""

from __future__ import annotations

from gradmath.claims.glossary.term import Term

TERMS = (
    Term(
        id="claim",
        en=("claim", "A numbered statement with its assumptions and its evidence, checked whenever "
            "the site is built."),
        zh=("论断", "带有编号、假设和证据的陈述，每次构建网站时都重新检验。"),
        claims=("sigmoid-slope-bound",),
    ),
    Term(
        id="proved",
        en=("proved", "Reduced to zero by computer algebra under stated assumptions, or enclosed "
            "by ball arithmetic on the whole stated domain."),
        zh=("已证明", "在写明的假设下由计算机代数化简为零，或由球算术在整个写明的范围内包围。"),
        claims=("sigmoid-derivative",),
    ),
    Term(
        id="checked",
        en=("checked", "Compared with an independent computation at a stated number of points."),
        zh=("已核验", "在写明数目的点上与独立的计算作过比较。"),
        claims=("published-update-on-digits",),
    ),
    Term(
        id="measured",
        en=("measured", "Found by a seeded simulation where an exact theory has it, within an "
            "interval that was fixed beforehand."),
        zh=("已实测", "固定随机种子的模拟与精确的理论在事先定好的区间内一致。"),
        claims=("lyapunov-top",),
    ),
    Term(
        id="refuted",
        en=("refuted", "Declared false, and shown to be so by a counterexample."),
        zh=("已证伪", "声明为假，并给出反例。"),
        claims=("museum-sigmoid-without-fraction",),
    ),
    Term(
        id="recorded",
        en=("recorded", "Somebody else's result, written down with date and versions, and never "
            "counted as verified."),
        zh=("已记录", "他人的结果，连同日期和版本记下，从不算作已验证。"),
        claims=("gallery-nine-sigmoids",),
    ),
    Term(
        id="ledger",
        en=("ledger", "The [list of all claims](ledger.md), made by the run that checks them."),
        zh=("论断总表", "[全部论断的清单](ledger.md)，由检验它们的同一次运行生成。"),
    ),
    Term(
        id="passport",
        en=("passport", "The page on which a claim shows everything that is known about it."),
        zh=("验证档案", "列出一个论断全部已知情况的页面。"),
        claims=("sigmoid-slope-bound",),
    ),
    Term(
        id="planted-mistake",
        en=("planted mistake", "Something false that a person might write, on which a claim's own "
            "check must fail."),
        zh=("植入错误", "有人可能写错的假命题，论断自己的检验必须能识破它。"),
        claims=("chain-product",),
    ),
    Term(
        id="errata",
        en=("errata", "The [list of what the source says](errata.md), with what is right."),
        zh=("勘误", "[逐条列出原文的说法](errata.md)，并说明正确的是什么。"),
        claims=("published-update-climbs-iff",),
    ),
)  # fmt: skip
