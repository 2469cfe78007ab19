"""What is claimed, and by which names: one claim for each, of whatever kind it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from gradmath.errors import ArgumentTypeError, EquationError, UnknownNameError
from gradmath.grammar import parse_expression
from gradmath.verify.gradients import arrays
from gradmath.verify.gradients.claims import Claim, Constant, parts
from gradmath.verify.gradients.functions import Code, Equations, Formula, as_symbols
from gradmath.verify.gradients.question import VALUE
from gradmath.verify.gradients.stepwise import Stepwise


def listed(wrt: Any) -> list[str]:
    """The names in `wrt` one by one; pairs of names, for mixed derivatives, are left out."""
    if wrt is None:
        return []
    if isinstance(wrt, str):
        return [name.strip() for name in wrt.split(",")]
    if isinstance(wrt, sympy.Symbol | sympy.MatrixSymbol):
        return [wrt.name]
    try:
        return [str(name) for name in wrt if not isinstance(name, tuple)]
    except TypeError:
        raise ArgumentTypeError("wrt", got=repr(wrt)[:60], allowed="a name or names") from None


def wanted_names(wrt: Any, gradient: Any, formula: Formula, order: int) -> list[str]:
    """The names to differentiate by: those of `wrt`, of the gradient, or the only one there is."""
    known = list(formula.names)
    if isinstance(formula, Equations):
        known += [name for name in formula.equations if name != formula.output]
    if order == 2 and isinstance(wrt, tuple) and len(wrt) == 2 and _is_single(gradient):
        wrt = [wrt]  # one mixed derivative
    pairs = [w for w in wrt if isinstance(w, tuple)] if isinstance(wrt, list | tuple) else []
    wanted = listed(wrt) + [",".join(map(str, pair)) for pair in pairs]
    if not wanted and isinstance(gradient, Mapping):
        wanted = [_key(by) for by in gradient]
    if not wanted:
        if isinstance(gradient, list | tuple):
            wanted = list(formula.names)[: len(gradient)]
        elif len(formula.names) == 1 or (callable(gradient) and isinstance(formula, Code)):
            wanted = [formula.names[0]]
        elif not known:
            raise ArgumentTypeError(
                "wrt", got="nothing, and a function in which no name is left: it is the constant "
                f"{_constant(formula)}", allowed="a name to differentiate by", remedy="wrt='x'",
            )  # fmt: skip
        else:
            raise ArgumentTypeError(
                "wrt", got="nothing", allowed=f"one or more of {', '.join(known)}"
            )
    for name in wanted:
        for each in name.split(",") if order == 2 else [name]:
            if each not in known:
                raise UnknownNameError("wrt", each, known)
    if len(set(wanted)) < len(wanted):
        raise EquationError("wrt", got=", ".join(wanted), allowed="each name once")
    return wanted


def _constant(formula: Formula) -> str:
    return str(formula.equations[formula.output]) if isinstance(formula, Equations) else "of code"


def _is_single(gradient: Any) -> bool:
    single = isinstance(gradient, str | sympy.Expr | sympy.NDimArray | int | float)
    return single or callable(gradient)


def read_claims(
    gradient: Any, wanted: Sequence[str], formula: Formula, order: int
) -> tuple[dict[str, Claim], dict[str, sympy.Expr]]:
    """The claim by each name, and its expression where it is one."""
    if isinstance(gradient, Mapping) and not _is_tree_claim(gradient, wanted):
        given = {_key(by): value for by, value in gradient.items()}
        missing = [name for name in wanted if name not in given]
        if missing:
            raise UnknownNameError("gradient", missing[0], given)
        extra = [name for name in given if name not in wanted]
        if extra:
            raise UnknownNameError("gradient", extra[0], wanted)
    elif isinstance(gradient, list | tuple) and len(wanted) > 1:
        if len(gradient) != len(wanted):
            raise ArgumentTypeError(
                "gradient", got=f"{len(gradient)} entries", allowed=f"{len(wanted)}, one for each "
                f"of {', '.join(wanted)}",
            )  # fmt: skip
        given = dict(zip(wanted, gradient, strict=True))
    elif len(wanted) == 1:
        single = (
            gradient[0] if isinstance(gradient, list | tuple) and len(gradient) == 1 else gradient
        )
        given = {wanted[0]: single}
    elif callable(gradient):
        code = Code(gradient, formula.names)
        return {n: Claim(n, code, pick) for n, pick in parts(wanted, gradient).items()}, {}
    else:
        raise ArgumentTypeError(
            "gradient",
            got=type(gradient).__name__,
            allowed=f"a mapping, a list in the order of {', '.join(wanted)}, or a callable",
        )
    claims, expressions = {}, {}
    for name in wanted:
        claims[name], expression = _claim(name, given[name], formula)
        if expression is not None:
            expressions[name] = expression
    return claims, expressions


def _whole(output: Any) -> Any:
    return output


def _has_more_axes(expression: Any) -> bool:
    return isinstance(expression, sympy.NDimArray) and len(expression.shape) > 2


def _by_the_first_axes(output: Any) -> Any:
    """SymPy's arrays of derivatives by a matrix have its two axes first, and the values' last."""
    return np.moveaxis(arrays.traced(output), (0, 1), (-2, -1))


def _is_tree_claim(gradient: Mapping[Any, Any], wanted: Sequence[str]) -> bool:
    """Whether a mapping is the claim for one argument that is itself a mapping of arrays."""
    return len(wanted) == 1 and wanted[0] not in map(_key, gradient)


def _key(by: Any) -> str:
    """A name, or two of them for a mixed derivative, as it stands in `wanted`."""
    return ",".join(map(str, by)) if isinstance(by, tuple) else str(by)


def _claim(name: str, given: Any, formula: Formula) -> tuple[Claim, sympy.Expr | None]:
    if isinstance(given, str):
        given = parse_expression(given, {}, Stepwise)
    relation = isinstance(given, sympy.Basic) and not isinstance(
        given, sympy.Expr | sympy.NDimArray
    )
    if relation or given is None:
        raise ArgumentTypeError(
            f"gradient by {name}", got=repr(given)[:60], allowed="a formula",
            remedy="write Heaviside(x) or a Piecewise for 1 where x > 0",
        )  # fmt: skip
    if isinstance(given, bool):
        raise ArgumentTypeError(f"gradient by {name}", got="a truth value", allowed="a formula")
    if isinstance(given, int | float) and isinstance(formula, Equations):
        given = sympy.sympify(given)  # a double stays one, and may be off in its last place
    if isinstance(given, sympy.Expr | sympy.NDimArray):
        expression = as_symbols(given)
        known = {*formula.names, *getattr(formula, "equations", {})} - {VALUE}
        for symbol in sorted(expression.free_symbols, key=str):
            if symbol.name not in known:
                raise UnknownNameError(f"name in the gradient by {name}", symbol.name, known)
        part = _by_the_first_axes if _has_more_axes(expression) else _whole
        return Claim(name, Equations({VALUE: expression}), part), expression
    if callable(given):
        return Claim(name, Code(given, formula.names), parts([name], given)[name]), None
    return Claim(name, Constant(given), lambda x: x), None
