"""What is being differentiated, and what is claimed of it: formulas that run on traced numbers."""

from __future__ import annotations

import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import sympy

from gradmath.errors import ArgumentTypeError, EquationError
from gradmath.verify import balls
from gradmath.verify.gradients import libraries, trees
from gradmath.verify.gradients.blame import delegated, is_ours
from gradmath.verify.gradients.expressions import program
from gradmath.verify.gradients.number import NotTraceable, Number
from gradmath.verify.gradients.rebind import rebound
from gradmath.verify.gradients.trace import Trace
from gradmath.verify.gradients.unfinished import finished
from gradmath.verify.ulps import Format

Values = dict[str, Any]


class Formula(ABC):
    """Something that gives a value, or a tree of values, for named arguments."""

    names: tuple[str, ...]
    #: heads of SymPy that mpmath evaluates, and not ball arithmetic
    by_mpmath: frozenset[str] = frozenset()

    @abstractmethod
    def run(self, values: Mapping[str, Any], trace: Trace) -> Any:
        """The value on traced numbers."""

    def intermediates(self, values: Mapping[str, Any], trace: Trace) -> Values:
        """Named quantities on the way, for claims that are written in them."""
        return {}


class Equations(Formula):
    """Named equations, the last of which is the value; a single expression is one equation."""

    def __init__(self, equations: Mapping[str, sympy.Expr]) -> None:
        self.equations = dict(equations)
        used = {s.name for right in equations.values() for s in right.free_symbols}
        self.names = tuple(sorted(used - set(self.equations)))
        self.programs = {name: program(right) for name, right in self.equations.items()}
        self.by_mpmath = frozenset(
            head for each in self.programs.values() for head in each.by_mpmath
        )

    @property
    def output(self) -> str:
        """The name of the last equation."""
        return next(reversed(self.equations))

    def run(self, values: Mapping[str, Any], trace: Trace) -> Any:
        """The value of the last equation."""
        return self.intermediates(values, trace)[self.output]

    def intermediates(self, values: Mapping[str, Any], trace: Trace) -> Values:
        """The value of every equation.

        Each gets a place of its own on the tape, so that `b = a` is a number apart from a.
        """
        known: Values = dict(values)
        for name, each in self.programs.items():
            found = each.run(known, trace)
            known[name] = found * 1 if isinstance(found, Number) else found
        return {name: known[name] for name in self.equations}


class Code(Formula):
    """A person's callable, called with the arguments in order."""

    def __init__(self, function: Callable[..., Any], names: Sequence[str]) -> None:
        self.function, self.names = function, tuple(names)
        self._rebound: Callable[..., Any] | None = None
        self._convert: Callable[[Any], Any] | None = None
        self.takes = taken(function, self.names)
        self.by_keyword = {p.name for p in parameters(function) if p.kind is p.KEYWORD_ONLY}

    @functools.cached_property
    def coarsest(self) -> Format:
        """The coarsest floating-point format among the constants that the code refers to."""
        return libraries.coarsest(self.function)

    @functools.cached_property
    def remembers(self) -> bool:
        """Whether the code may keep something from one call to the next, as a layer's cache."""
        return libraries.has_state(self.function)

    def run(self, values: Mapping[str, Any], trace: Trace) -> Any:
        """The value on traced numbers, by a copy of the code in which they may stand.

        Raises `NotTraceable` for whatever the code itself raises.
        """
        if self._rebound is None:
            self._rebound = rebound(self.function)
        arguments = {name: values[name] for name in self.takes}
        try:
            return self._called(self._rebound, arguments)
        except (NotTraceable, balls.Undecided, balls.UndefinedHere):
            raise
        # the code is anyone's and may refuse traced numbers in any way
        except Exception as error:
            if is_ours(error):
                raise
            raise NotTraceable("code", got=f"{type(error).__name__}: {error}") from error

    def bound(self, name: str, value: float) -> Code:
        """The same code with a keyword argument bound to a value."""
        made = Code(functools.partial(self.function, **{name: value}), self.names)
        made.takes = self.takes
        return made

    def call(self, values: Mapping[str, Any]) -> Any:
        """The value on machine numbers, by the code itself, in arrays of the library it uses."""
        if self._convert is None:
            self._convert = libraries.converter(self.function)
        given = {n: trees.mapped(_own, values[n]) for n in self.takes}  # code may write into it
        made = {name: trees.mapped(self._convert, each) for name, each in given.items()}
        return self._called(self.function, made)

    def _called(self, function: Callable[..., Any], arguments: Mapping[str, Any]) -> Any:
        by_position = [value for n, value in arguments.items() if n not in self.by_keyword]
        by_keyword = {n: value for n, value in arguments.items() if n in self.by_keyword}
        return delegated(function, *by_position, **by_keyword)


def _own(leaf: Any) -> Any:
    return leaf.copy() if isinstance(leaf, np.ndarray) else leaf


def parameters(function: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters that values can be given for; a NumPy function has x1, x2, ..."""
    if isinstance(function, np.ufunc):
        names = ["x"] if function.nin == 1 else [f"x{n}" for n in range(1, function.nin + 1)]
        return [inspect.Parameter(n, inspect.Parameter.POSITIONAL_OR_KEYWORD) for n in names]
    try:
        found = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        raise ArgumentTypeError(
            "function",
            got=f"{function!r}, whose arguments cannot be read",
            allowed="a callable with named arguments",
            remedy="wrap it: lambda x: f(x)",
        ) from None
    bound = function.keywords if isinstance(function, functools.partial) else ()
    return [p for p in found if p.kind is not p.VAR_KEYWORD and p.name not in bound]


def taken(function: Callable[..., Any], names: Sequence[str]) -> tuple[str, ...]:
    """Which of the arguments a callable takes, in its order.

    Its own parameters decide where their names are among `names`; otherwise it is called with all
    of them by position.
    """
    own = parameters(function)
    if any(p.kind is p.VAR_POSITIONAL for p in own):
        return tuple(names)
    called = [p.name for p in own]
    needed = [p.name for p in own if p.default is p.empty]
    if needed and set(needed) <= set(names):
        return tuple(name for name in called if name in names)
    called = [p.name for p in own if p.kind is not p.KEYWORD_ONLY]
    if len(needed) <= len(names) <= len(called) or not called:
        return tuple(names[: len(called)])
    if len(names) == 1 or len(needed) > len(names):
        raise ArgumentTypeError(
            "gradient",
            got=f"a callable of ({', '.join(called)})",
            allowed=f"the function's arguments: {', '.join(names)}",
        )
    return tuple(names[: len(called)])


def positional_names(function: Callable[..., Any], named: Sequence[str]) -> list[str]:
    """The arguments to call a function with: all without a default, and those that are named."""
    found = parameters(function)
    if not found:
        raise ArgumentTypeError(
            "function", got="a callable without arguments", allowed="one argument or more",
            remedy="what it depends on must be passed to it by position",
        )  # fmt: skip
    if any(p.kind is p.VAR_POSITIONAL for p in found):
        if not named:
            raise ArgumentTypeError(
                "function", got="a callable of *args", allowed="named arguments",
                remedy="give wrt=, shapes= or at=, or wrap it in a function of named arguments",
            )  # fmt: skip
        return list(named)
    wanted = [p.name for p in found if p.default is p.empty or p.name in named]
    by_position = [p for p in found if p.kind is not p.KEYWORD_ONLY]
    last = max((n for n, p in enumerate(by_position) if p.name in wanted), default=-1)
    by_keyword = [p.name for p in found if p.kind is p.KEYWORD_ONLY and p.name in wanted]
    return [p.name for p in by_position[: last + 1]] + by_keyword


def as_symbols(expression: sympy.Expr) -> sympy.Expr:
    """The expression in real symbols of the same names, so that names alone decide what is what."""
    if not isinstance(expression, sympy.Expr | sympy.NDimArray):
        raise ArgumentTypeError(
            "expression", got=type(expression).__name__, allowed="a SymPy expression"
        )
    free = expression.free_symbols
    strange = [s for s in free if not isinstance(s, sympy.Symbol | sympy.MatrixSymbol)]
    if strange:
        raise EquationError("expression", got=str(strange[0]), allowed="symbols and matrices")
    real = {s: sympy.Symbol(s.name, real=True) for s in free if isinstance(s, sympy.Symbol)}
    return finished(expression.xreplace(real))
