"""Numbers in a machine."""

from __future__ import annotations

from gradmath.claims.glossary.term import Term

TERMS = (
    Term(
        id="rounding",
        en=("rounding", "Taking the nearest number that a floating-point type can hold in place "
            "of the true one."),
        zh=("舍入", "用浮点类型能表示的最近的数代替真实的数。"),
        claims=("zero-by-rounding",),
    ),
    Term(
        id="underflow",
        en=("underflow", "A result too close to zero for its type: it is rounded to a subnormal "
            "number or to zero."),
        zh=("下溢", "结果离零太近，超出了类型的精度：被舍入成次正规数，或者变成零。"),
        claims=("half-precision-underflow",),
    ),
    Term(
        id="overflow",
        en=("overflow", "A result too large for its type: it becomes infinite."),
        zh=("上溢", "结果太大，超出了类型的范围：变成无穷大。"),
        claims=("clip-overflow-safe",),
    ),
    Term(
        id="unit-in-the-last-place",
        en=("unit in the last place (ulp)", "The gap between neighbouring floating-point numbers, "
            "in which errors of a computed value are counted."),
        zh=("末位单位（ulp）", "相邻两个浮点数之间的间隔，用来计量计算结果的误差。"),
    ),
    Term(
        id="enclosure",
        en=("enclosure", "An interval computed with every rounding accounted for, so that the true "
            "number certainly lies in it."),
        zh=("区间包围", "把所有舍入都计入在内算出的区间，真实的数一定落在其中。"),
        claims=("slope-ranges", "gaussian-means"),
    ),
)  # fmt: skip
