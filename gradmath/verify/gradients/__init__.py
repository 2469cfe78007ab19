"""`check_gradient`: is this the gradient of that?  For anyone's formulas and anyone's code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gradmath.errors import ValueRangeError
from gradmath.verify.gradients import check, opaque
from gradmath.verify.gradients.functions import Code
from gradmath.verify.gradients.reading import read
from gradmath.verify.report import Report
from gradmath.verify.ulps import format_of

__all__ = ["check_gradient"]


def check_gradient(
    function: Any,
    gradient: Any,
    wrt: Any = None,
    domain: Any = None,
    *,
    order: int = 1,
    at: Any = None,
    shapes: Mapping[str, Any] | None = None,
    reduction: str | None = None,
    dtypes: Sequence[Any] | None = None,
    rtol: float | None = None,
    count: int | None = None,
) -> Report:
    """Check."""
    if rtol is not None and not 0 < rtol < 1:
        raise ValueRangeError("rtol", got=rtol, allowed="a number between 0 and 1")
    question = read(function, gradient, wrt, domain, order, at, shapes, reduction, count)
    formats = [format_of(dtype) for dtype in dtypes or ("float64", "float32")]
    try:
        rows = check.rows(question, formats, rtol)
    # the code is anyone's and may refuse traced numbers in any way; its values still tell something
    except Exception as error:  # noqa: BLE001
        if not isinstance(question.formula, Code):
            raise
        rows = opaque.rows(question, f"{type(error).__name__}: {error}")
    return Report(rows, f"gradient of {question.output}")
