"""A derivation -> a straight-line program: shared subexpressions once, linear in depth."""

from __future__ import annotations

from collections.abc import Set

from gradmath.catalogue.applied import applied
from gradmath.catalogue.declaration import ScalarEntry
from gradmath.derivation import Derivation, NamedDerivation, NetworkDerivation
from gradmath.errors import ArgumentTypeError
from gradmath.program.ir import Builder, Instruction, Program
from gradmath.program.layers import network_program, softmax_cross_entropy
from gradmath.program.lowering import Lowering
from gradmath.program.named import named_program
from gradmath.program.special import expand_scaled_erfc

__all__ = [
    "Builder", "Instruction", "Program", "entry_program", "expand_scaled_erfc", "program_of",
    "softmax_cross_entropy",
]  # fmt: skip


def program_of(derivation: Derivation, scalars: Set[str] = frozenset()) -> Program:
    """The program of a derivation; `scalars` are inputs of named equations that are numbers.

    >>> from gradmath.derivation import derive
    >>> print(program_of(derive("L = w**2")).text())
    t0 = w
    t1 = mul(t0, t0)
    t2 = 2.0
    t3 = mul(t0, t2)
    L -> t1
    d/dw -> t3
    """
    if isinstance(derivation, NetworkDerivation):
        return network_program(derivation)
    if isinstance(derivation, NamedDerivation):
        return named_program(derivation, scalars)
    raise ArgumentTypeError("derivation", got=repr(derivation)[:80], allowed="what derive returns")


def entry_program(entry: ScalarEntry, orders: tuple[int, ...]) -> Program:
    """The program of one derivative of a catalogue entry; its parameters are numbers."""
    builder = Builder()
    names = {
        symbol: builder.input(str(symbol), ("*",) if symbol in entry.variables else ())
        for symbol in entry.arguments
    }
    value = Lowering(builder, names).lower(applied(entry, orders)(*entry.arguments))
    return builder.build({"value": value}, [str(symbol) for symbol in entry.arguments])
