"""What a person passed to `check_gradient`, read into formulas, claims and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import sympy

from gradmath.catalogue.applied import applied
from gradmath.catalogue.declaration import ScalarEntry
from gradmath.equations import read_equations
from gradmath.errors import ArgumentTypeError, EquationError, UnknownNameError, ValueRangeError
from gradmath.grammar import parse_expression
from gradmath.verify.gradients import trees
from gradmath.verify.gradients.claims import Claim, Constant, parts
from gradmath.verify.gradients.functions import (
    Code,
    Equations,
    Formula,
    as_symbols,
    positional_names,
)
from gradmath.verify.gradients.places import REALS, Interval, Places, Point, interval

#: the name of the value of an expression that has none
VALUE = "value"


@dataclass
class Question:
    """Everything that is asked: what of, what is claimed, where, and how strictly."""

    formula: Formula
    claims: dict[str, Claim]
    places: Places
    order: int
    reduction: str | None
    expressions: dict[str, sympy.Expr] = field(default_factory=dict)
    stated_domain: bool = False

    @property
    def wrt(self) -> tuple[str, ...]:
        """The names that the gradient is claimed by."""
        return tuple(self.claims)

    @property
    def has_floats(self) -> bool:
        """Whether some expression holds doubles, which may be off in their last place."""
        rights = getattr(self.formula, "equations", {}).values()
        return any(e.has(sympy.Float) for e in (*rights, *self.expressions.values()))

    @property
    def output(self) -> str:
        """The name of what is differentiated."""
        if isinstance(self.formula, Equations) and self.formula.output != VALUE:
            return self.formula.output
        return "f"

    def label(self, name: str) -> str:
        """How the derivative by a name is written in a report."""
        if self.order == 1:
            return f"d{self.output}/d{name}"
        by, _, along = name.partition(",")
        return f"d2{self.output}/d{by}" + (f"d{along}" if along and along != by else "2")


def read(
    function: Any,
    gradient: Any,
    wrt: Any,
    domain: Any,
    order: int,
    at: Any,
    shapes: Mapping[str, Any] | None,
    reduction: str | None,
    count: int | None,
) -> Question:
    """Read the arguments of `check_gradient`; each error names the argument and the remedy."""
    if order not in (1, 2):
        raise ValueRangeError("order", got=repr(order), allowed="1 or 2")
    if reduction not in (None, "sum", "mean"):
        raise UnknownNameError("reduction", reduction, ["sum", "mean"])
    named = _names_in(wrt, gradient, shapes, at)
    formula, assumed = _formula(function, named)
    if not formula.names and isinstance(formula, Equations):
        formula.names = tuple(named)  # a constant, by whatever name is asked for
    names = list(formula.names)
    wanted = _wrt(wrt, gradient, formula, order)
    points = _given(at, names)
    claims, expressions = _claims(gradient, wanted, formula, order)
    templates, held = _templates(names, wanted, points, shapes or {}, domain)
    domains = _domains(domain, list(templates), assumed)
    # points that name some arguments only give shapes and values to hold, but are no points
    whole = tuple(point for point in points if set(point) == set(names))
    return Question(
        formula, claims, Places(templates, domains, held, whole, count), order, reduction,
        expressions, domain is not None or bool(points),
    )  # fmt: skip


def _names_in(wrt: Any, gradient: Any, shapes: Any, at: Any) -> list[str]:
    """Names that the caller used anywhere: they tell which optional arguments take part."""
    found: list[str] = []
    for source in (at, shapes):
        for each in source if isinstance(source, list | tuple) else [source]:
            if isinstance(each, Mapping):
                found += [str(key) for key in each]
    found += _listed(wrt)
    if isinstance(gradient, Mapping):
        found += [str(key) for key in gradient]
    return list(dict.fromkeys(found))


def _listed(wrt: Any) -> list[str]:
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


# -- the function -----------------------------------------------------------------------------


def _formula(function: Any, named: Sequence[str]) -> tuple[Formula, dict[str, Interval]]:
    """The formula, and the domains that the symbols' own assumptions state."""
    if isinstance(function, str):
        if "=" in function:
            return Equations(_plain(read_equations(function)[0])), {}
        return Equations({VALUE: parse_expression(function, {})}), {}
    if isinstance(function, sympy.Expr):
        return Equations({VALUE: as_symbols(function)}), _assumed(function)
    if hasattr(function, "equations") and hasattr(function, "steps"):
        if hasattr(function, "network"):
            raise ArgumentTypeError(
                "function", got="a network's derivation", allowed="equations or a callable",
                remedy="gm.verify(derivation) checks it",
            )  # fmt: skip
        return Equations(_plain(function.equations)), {}
    if isinstance(function, Mapping | list | tuple):
        equations = read_equations(function)[0]
        assumed: dict[str, Interval] = {}
        for right in equations.values():
            assumed |= _assumed(right)
        return Equations(_plain(equations)), assumed
    entry = getattr(function, "entry", None)
    if isinstance(entry, ScalarEntry):
        symbols = [sympy.Symbol(v.name, real=True) for v in entry.variables]
        if len(symbols) == 1:
            symbols = [sympy.Symbol("x", real=True)]
        return Equations({VALUE: applied(entry)(*symbols)}), {}
    if callable(function):
        return Code(function, positional_names(function, named)), {}
    raise ArgumentTypeError(
        "function",
        got=type(function).__name__,
        allowed="a SymPy expression, text, named equations, or a callable",
    )


def _plain(equations: Mapping[str, sympy.Expr]) -> dict[str, sympy.Expr]:
    return {name: as_symbols(right) for name, right in equations.items()}


def _assumed(expression: sympy.Expr) -> dict[str, Interval]:
    """Domains by the assumptions that SymPy symbols carry."""
    found = {}
    for symbol in expression.free_symbols:
        if symbol.is_positive:
            found[symbol.name] = Interval(0.0, closed=(False, True))
        elif symbol.is_negative:
            found[symbol.name] = Interval(high=0.0, closed=(True, False))
        elif symbol.is_nonnegative:
            found[symbol.name] = Interval(0.0)
        elif symbol.is_nonpositive:
            found[symbol.name] = Interval(high=0.0)
    return found


# -- by what ----------------------------------------------------------------------------------


def _wrt(wrt: Any, gradient: Any, formula: Formula, order: int) -> list[str]:
    known = list(formula.names)
    if isinstance(formula, Equations):
        known += [name for name in formula.equations if name != formula.output]
    if order == 2 and isinstance(wrt, tuple) and len(wrt) == 2 and _is_single(gradient):
        wrt = [wrt]  # one mixed derivative
    pairs = [w for w in wrt if isinstance(w, tuple)] if isinstance(wrt, list | tuple) else []
    wanted = _listed(wrt) + [",".join(map(str, pair)) for pair in pairs]
    if not wanted and isinstance(gradient, Mapping):
        wanted = [",".join(map(str, k)) if isinstance(k, tuple) else str(k) for k in gradient]
    if not wanted:
        if isinstance(gradient, list | tuple):
            wanted = list(formula.names)[: len(gradient)]
        elif len(formula.names) == 1 or (callable(gradient) and isinstance(formula, Code)):
            wanted = [formula.names[0]]
        else:
            raise ArgumentTypeError(
                "wrt", got="nothing",
                allowed=f"one or more of {', '.join(known)}" if known else "a name",
            )  # fmt: skip
    for name in wanted:
        for each in name.split(",") if order == 2 else [name]:
            if each not in known:
                raise UnknownNameError("wrt", each, known)
    if len(set(wanted)) < len(wanted):
        raise EquationError("wrt", got=", ".join(wanted), allowed="each name once")
    return wanted


def _is_single(gradient: Any) -> bool:
    return isinstance(gradient, str | sympy.Expr | int | float) or callable(gradient)


# -- the claims -------------------------------------------------------------------------------


def _claims(
    gradient: Any, wanted: Sequence[str], formula: Formula, order: int
) -> tuple[dict[str, Claim], dict[str, sympy.Expr]]:
    if isinstance(gradient, Mapping) and not _is_tree_claim(gradient, wanted):
        given = {",".join(map(str, k)) if isinstance(k, tuple) else str(k): v
                 for k, v in gradient.items()}  # fmt: skip
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


def _is_tree_claim(gradient: Mapping[Any, Any], wanted: Sequence[str]) -> bool:
    """Whether a mapping is the claim for one argument that is itself a mapping of arrays."""
    return len(wanted) == 1 and wanted[0] not in map(str, gradient)


def _claim(name: str, given: Any, formula: Formula) -> tuple[Claim, sympy.Expr | None]:
    if isinstance(given, str):
        given = parse_expression(given, {})
    relation = isinstance(given, sympy.Basic) and not isinstance(given, sympy.Expr)
    if relation or given is None:
        raise ArgumentTypeError(
            f"gradient by {name}", got=repr(given)[:60], allowed="a formula",
            remedy="write Heaviside(x) or a Piecewise for 1 where x > 0",
        )  # fmt: skip
    if isinstance(given, bool):
        raise ArgumentTypeError(f"gradient by {name}", got="a truth value", allowed="a formula")
    if isinstance(given, int | float) and isinstance(formula, Equations):
        given = sympy.sympify(given)  # a double stays one, and may be off in its last place
    if isinstance(given, sympy.Expr):
        expression = as_symbols(given)
        known = {*formula.names, *getattr(formula, "equations", {})} - {VALUE}
        for symbol in sorted(expression.free_symbols, key=str):
            if symbol.name not in known:
                raise UnknownNameError(f"name in the gradient by {name}", symbol.name, known)
        return Claim(name, Equations({VALUE: expression}), lambda x: x), expression
    if callable(given):
        return Claim(name, Code(given, formula.names), parts([name], given)[name]), None
    return Claim(name, Constant(given), lambda x: x), None


# -- where ------------------------------------------------------------------------------------


def _given(at: Any, names: Sequence[str]) -> tuple[Point, ...]:
    if at is None:
        return ()
    if isinstance(at, list | tuple) and not at:
        raise ValueRangeError("at", got="an empty list", allowed="one point or more")
    listed = at if isinstance(at, list | tuple) and isinstance(at[0], Mapping) else [at]
    points = []
    for each in listed:
        if not isinstance(each, Mapping):
            if len(names) != 1 and not (isinstance(each, tuple) and len(each) == len(names)):
                raise ArgumentTypeError(
                    "at", got=type(each).__name__, allowed="a mapping from argument to value"
                )
            values = each if isinstance(each, tuple) and len(names) > 1 else (each,)
            each = dict(zip(names, values, strict=True))
        for name in each:
            if str(name) not in names:
                raise UnknownNameError("at", name, names)
        points.append(
            {str(name): trees.mapped(_leaf, trees.numeric(v)) for name, v in each.items()}
        )
    return tuple(points)


def _leaf(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        array = value
    elif hasattr(value, "__array_namespace__") or hasattr(value, "detach"):
        from gradmath.verify.gradients.claims import _machine

        array = np.asarray(_machine(value))
    else:
        array = np.asarray(value)
    if array.dtype == object or array.dtype.kind not in "fiub":
        raise ArgumentTypeError("at", got=repr(value)[:60], allowed="numbers or arrays of numbers")
    if array.size == 0:
        raise ValueRangeError(
            "at", got=f"an empty array {array.shape}", allowed="one entry or more"
        )
    if array.dtype.kind == "f":
        array = array.astype(np.float64)
        if not np.isfinite(array).all():
            raise ValueRangeError("at", got="NaN or infinity", allowed="finite numbers")
    return array if array.ndim else array.item()


def _templates(
    names: Sequence[str],
    wanted: Sequence[str],
    points: tuple[Point, ...],
    shapes: Mapping[str, Any],
    domain: Any,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Shapes of what varies, and the values of what is held."""
    for name in shapes:
        if name not in names:
            raise UnknownNameError("shapes", name, names)
    asked = {each for name in wanted for each in name.split(",")}
    stated = {str(key) for key in domain} if isinstance(domain, Mapping) else set()
    templates: dict[str, Any] = {}
    held: dict[str, Any] = {}
    first = points[0] if points else {}
    for point in points[1:]:
        if set(point) != set(first):
            raise ArgumentTypeError("at", got="points of different names", allowed="the same names")
    for name in names:
        if name in first:
            value = first[name]
            if name in asked:
                value = trees.mapped(_as_float, value)
                for point in points:
                    point[name] = trees.mapped(_as_float, point[name])
            if name in asked or name in stated:
                templates[name] = value
            else:
                held[name] = value
        elif name in shapes:
            templates[name] = trees.mapped_shapes(name, shapes[name])
        else:
            templates[name] = 0.0
    return templates, held


def _as_float(leaf: Any) -> Any:
    return np.asarray(leaf, dtype=np.float64) if np.shape(leaf) else float(leaf)


def _domains(
    domain: Any, names: Sequence[str], assumed: Mapping[str, Interval]
) -> dict[str, Interval]:
    if isinstance(domain, Mapping):
        given = {str(key): value for key, value in domain.items()}
        for name in given:
            if name not in names:
                raise UnknownNameError("domain", name, names)
        return {n: interval(n, given[n]) if n in given else assumed.get(n, REALS) for n in names}
    if domain is not None:
        return {name: interval(name, domain) for name in names}
    return {name: assumed.get(name, REALS) for name in names}
