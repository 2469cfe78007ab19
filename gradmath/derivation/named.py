"""Named equations -> the chain rule as steps."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import cached_property
from types import MappingProxyType
from typing import Any

import sympy as sp

from gradmath.catalogue.applied import explicit
from gradmath.derivation.derivation import Derivation, LazyMapping
from gradmath.derivation.insertion import DEEPEST, inserted
from gradmath.derivation.rules import LocalRules, local_rules, strange
from gradmath.derivation.step import Kind, Step
from gradmath.equations import Equations, form_of, quick_forms, read_equations
from gradmath.errors import ArgumentTypeError, EquationError, UnknownNameError
from gradmath.notation import partial_latex


class NamedDerivation(Derivation):
    """The derivation of named equations: forward values, local derivatives, their products.

    Nothing is expanded: the adjoint of a name is the sum over its readers of (adjoint of the
    reader) times (local derivative), taken from the output backwards.  `gradient` and `explicit`
    put the products together only when they are asked for.
    """

    equations: Mapping[str, sp.Expr]

    def __init__(self, equations: Equations, wrt: Sequence[str] | str | None) -> None:
        self._given = dict(equations) if isinstance(equations, Mapping) else equations
        quick = quick_forms(equations)
        if quick is not None:
            self._forms, names = quick
            self._symbols: Mapping[str, sp.Symbol] = LazyMapping(names, _real, "symbols")
            self.equations = LazyMapping(tuple(self._forms), self._equation, "equations")
        else:
            expressions, symbols = read_equations(equations)
            self.equations, self._symbols = expressions, symbols
            self._forms = {name: form_of(right) for name, right in expressions.items()}
        self.output: str = next(reversed(self._forms))
        used = {name for form in self._forms.values() for name in form.names}
        self.inputs: tuple[str, ...] = tuple(
            name for name in self._symbols if name in used and name not in self._forms
        )
        self.wrt: tuple[str, ...] = self._checked_wrt(wrt)
        self._check_rules()

    def _equation(self, name: str) -> sp.Expr:
        return self._forms[name].named(self._symbols)

    def _checked_wrt(self, wrt: Sequence[str] | str | None) -> tuple[str, ...]:
        if wrt is None:
            if not self.inputs:
                raise EquationError("wrt", got="equations without inputs", allowed="at least one")
            return self.inputs
        if not isinstance(wrt, str | sp.Symbol | Sequence | Set):
            raise ArgumentTypeError("wrt", got=repr(wrt)[:80], allowed="a name or a list of names")
        names = [wrt] if isinstance(wrt, str | sp.Symbol) else list(wrt)
        if isinstance(wrt, str) and "," in wrt:
            names = [name.strip() for name in wrt.split(",")]
        names = [str(name) if isinstance(name, sp.Symbol) else name for name in names]
        names = [unicodedata.normalize("NFKC", n) if isinstance(n, str) else n for n in names]
        known = [*self.inputs, *(n for n in self.equations if n != self.output)]
        if not names:
            raise EquationError("wrt", got="nothing", allowed=f"one or more of {', '.join(known)}")
        allowed = frozenset(known)
        for name in names:
            if not isinstance(name, str):
                raise ArgumentTypeError("wrt", got=repr(name)[:80], allowed="names")
            if name not in allowed:
                if name in self._symbols and name != self.output:
                    raise EquationError("wrt", f"{name!r}, which cancels in its equations", known)
                raise UnknownNameError("wrt", name, known)
        if len(set(names)) < len(names):
            raise EquationError("wrt", got=", ".join(names), allowed="each name once")
        return tuple(names)

    def _check_rules(self) -> None:
        """Refuse an equation whose derivative is not a real function that a kernel can compute."""
        for name, rules in self.rules.items():
            for k in strange(rules.own):
                if k in self.active[name]:
                    raise EquationError(
                        f"equation for {name!r}",
                        got=f"a derivative with respect to {rules.names[k]} that is "
                        f"{str(rules.named(k, self._symbols))[:60]}",
                        allowed="functions that are real and differentiable but for kinks",
                    )

    @property
    def symbols(self) -> Mapping[str, sp.Symbol]:
        """Name -> the SymPy symbol used for it; symbols that came with an expression are kept."""
        return MappingProxyType(self._symbols)

    @property
    def shapes(self) -> Mapping[str, tuple[object, ...]]:
        """Every name is a number for each sample: shape ()."""
        return dict.fromkeys(self._symbols, ())

    @cached_property
    def rules(self) -> dict[str, LocalRules]:
        """The partial derivatives of every equation, in stand-ins for its names."""
        return {name: local_rules(form) for name, form in self._forms.items()}

    @cached_property
    def active(self) -> Mapping[str, tuple[int, ...]]:
        """For each equation which of its rules lie on a path from `wrt` to the output."""
        moving = set(self.wrt)
        table: dict[str, tuple[int, ...]] = {}
        for name, rules in self.rules.items():
            table[name] = found = tuple([k for k, s in enumerate(rules.names) if s in moving])
            if found:
                moving.add(name)
        reached = {self.output}
        for name in reversed(self._forms):
            if name not in reached:
                table[name] = ()
                continue
            names = self.rules[name].names
            reached.update([names[k] for k in table[name]])
        return table

    @cached_property
    def local(self) -> Mapping[str, dict[str, sp.Expr]]:
        """`local["a"]["z"]` is the derivative of the equation for a by z, on paths to `wrt`."""
        return {
            name: {rules.names[k]: rules.named(k, self._symbols) for k in self.active[name]}
            for name, rules in self.rules.items()
        }

    @cached_property
    def readers(self) -> Mapping[str, tuple[str, ...]]:
        """Who reads a name, among the equations that lead from `wrt` to the output."""
        table: dict[str, list[str]] = {}
        for name, rules in self.rules.items():
            for k in self.active[name]:
                table.setdefault(rules.names[k], []).append(name)
        return {name: tuple(readers) for name, readers in table.items()}

    def _adjoint_symbol(self, name: str) -> sp.Expr:
        return sp.S.One if name == self.output else Adjoint(self.output, name)

    def _adjoint_sum(self, name: str, adjoint_of: Mapping[str, sp.Expr]) -> sp.Expr:
        """Sum over the readers of `name`: adjoint of the reader times the local derivative."""
        return sp.Add(*(adjoint_of[r] * self.local[r][name] for r in self.readers.get(name, ())))

    @cached_property
    def _factors(self) -> dict[str, Factors]:
        """The derivative of the output by every name, as its factors.

        Along a chain each name adds one factor to those of its reader, and the lists share their
        tails; a product is only multiplied out when it is asked for.
        """
        factors: dict[str, Factors] = {self.output: None}
        for name in self._backward():
            readers = self.readers.get(name, ())
            if len(readers) == 1:
                factors[name] = (self.local[readers[0]][name], factors[readers[0]])
            else:
                terms = [self.local[r][name] * _product(factors[r]) for r in readers]
                factors[name] = (sp.Add(*terms), None)
        return factors

    def _backward(self) -> Iterator[str]:
        """Every name but the output, each after all of its readers."""
        for name in reversed(self._forms):
            if name != self.output:
                yield name
        yield from self.inputs

    @cached_property
    def gradient(self) -> Mapping[str, sp.Expr]:
        """`gradient["w"]`: the derivative of the output by w, in the named intermediates."""
        return LazyMapping(self.wrt, lambda name: _product(self._factors[name]))

    def _is_chain(self, name: str) -> bool:
        while len(readers := self.readers.get(name, ())) == 1:
            name = readers[0]
        return name == self.output or not readers

    @cached_property
    def _explicit_values(self) -> dict[sp.Symbol, sp.Expr]:
        values: dict[sp.Symbol, sp.Expr] = {}
        for name, right in self.equations.items():
            values[self._symbols[name]] = self._inserted(explicit(right), values)
        return values

    def _inserted(self, expression: sp.Expr, values: Mapping[sp.Symbol, sp.Expr]) -> sp.Expr:
        return inserted(expression, values) if self._deep else expression.xreplace(values)

    @cached_property
    def _deep(self) -> bool:
        """Whether equations rest on more others, one below the other, than SymPy goes down."""
        depth: dict[str, int] = {}
        for name, form in self._forms.items():
            depth[name] = 1 + max((depth.get(used, 0) for used in form.names), default=0)
        return max(depth.values()) > DEEPEST

    def explicit(self, name: str) -> sp.Expr:
        """The value of `name`, or the derivative by `name` if it is in `wrt`, in the inputs alone.

        Catalogue functions are written out; nothing is expanded or simplified.
        """
        if name in self.wrt:
            return self._inserted(explicit(self.gradient[name]), self._explicit_values)
        if name in self.equations:
            return self._explicit_values[self._symbols[name]]
        raise UnknownNameError("explicit", name, [*self.wrt, *self.equations])

    def _outline(self) -> Iterator[tuple[Kind, str, str | None]]:
        """Every line in order, by its kind and the names on its left."""
        for name in self._forms:
            yield "forward", name, None
        for name in reversed(self._forms):
            if name == self.output or name in self.readers:
                for k in self.active[name]:
                    yield "local", name, self.rules[name].names[k]
        for name in self._backward():
            readers = self.readers.get(name, ())
            # Read by the output alone, the adjoint is the local derivative already written.
            if readers and readers != (self.output,) and name not in self._asked:
                yield "adjoint", self.output, name
        for name in self.wrt:
            yield "gradient", self.output, name

    @cached_property
    def _asked(self) -> frozenset[str]:
        return frozenset(self.wrt)

    @property
    def length(self) -> int:
        """The number of steps, without writing them."""
        return sum(1 for _ in self._outline())

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """Forward, local, adjoint and gradient steps, each in the order a person would write."""
        symbols: dict[str, sp.Expr] = {name: self._adjoint_symbol(name) for name in self._forms}
        steps = []
        for kind, of, by in self._outline():
            if by is None:
                right = self.equations[of]
            elif kind == "local":
                right = self.local[of][by]
            elif kind == "gradient" and self._is_chain(by):
                # Along a chain the whole product; where paths branch, the adjoints just found,
                # since the written-out sum over all paths may be exponentially long.
                right = self.gradient[by]
            else:
                right = self._adjoint_sum(by, symbols)
            steps.append(Step(kind, of, by, right, (), _REASONS[kind]))
        return tuple(steps)

    def __reduce__(self) -> tuple[Any, ...]:
        return _again, (self._given, self.wrt)


_REASONS: Mapping[Kind, str] = {
    "forward": "definition",
    "local": "local derivative",
    "adjoint": "chain rule",
    "gradient": "product",
}


def _again(equations: Equations, wrt: tuple[str, ...]) -> NamedDerivation:
    """The derivation that a pickle holds: its equations, to be derived anew."""
    return NamedDerivation(equations, wrt)


def _real(name: str) -> sp.Symbol:
    return sp.Symbol(name, real=True)


#: A linked list of factors, the latest first.
Factors = tuple[sp.Expr, "Factors"] | None


def _product(factors: Factors) -> sp.Expr:
    parts: list[sp.Expr] = []
    while factors is not None:
        part, factors = factors
        parts.append(part)
    return sp.Mul(*parts)


class Adjoint(sp.Symbol):
    """The derivative of the output by an intermediate, as a symbol that prints as one."""

    def __new__(cls, output: str, name: str) -> Adjoint:
        """The adjoint of `name`."""
        return super().__new__(cls, f"d{output}/d{name}", real=True)

    def _latex(self, printer: object) -> str:
        output, _, name = self.name[1:].partition("/d")
        return partial_latex(output, name)
