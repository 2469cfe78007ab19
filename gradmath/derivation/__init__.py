"""Named equations, or a network -> a derivation: the chain rule as ordered, named, shaped steps."""

from __future__ import annotations

from collections.abc import Sequence

from gradmath.derivation.derivation import Derivation
from gradmath.derivation.layers import NetworkDerivation
from gradmath.derivation.named import NamedDerivation
from gradmath.derivation.step import Step
from gradmath.equations import Equations
from gradmath.errors import EquationError
from gradmath.network import Network

__all__ = ["Derivation", "NamedDerivation", "NetworkDerivation", "Step", "derive"]


def derive(subject: Equations | Network, wrt: Sequence[str] | str | None = None) -> Derivation:
    r"""Derive the gradient by the chain rule, step by step.

    For equations v_1 = f_1(...), ..., v_m = f_m(...), the last of which is the output L,

        dL/dv = sum over the readers c of v of  dL/dc * dc/dv

    with dL/dL = 1, from the output backwards (reverse mode).  Products are kept as products; the
    cost of a derivation grows linearly with its length.

    subject: a list of pairs (name, right-hand side as text or SymPy), a mapping, one text with
        `;` between equations, or a `Network`.  Text is read by a whitelist; it is never evaluated.
    wrt: the names to differentiate by (default: every input; a network's parameters and `x`).

    Returns a `Derivation`: `.steps`, `.gradient["w"]` in the named intermediates,
    `.explicit("w")` in the inputs alone, `.symbols`, `.latex()`.

    Raises EquationError (text outside the grammar, an undefined or cyclic equation),
    UnknownNameError (an unknown function or `wrt`, with the nearest name).

    >>> d = derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
    >>> d.gradient["w"]
    2*x*(a - y)*sigmoid'(z)
    """
    if isinstance(subject, Network):
        if wrt is not None:
            raise EquationError(
                "wrt",
                got=repr(wrt)[:80],
                allowed="nothing: a network is derived by all its parameters and x",
                remedy="pick from .gradient",
            )
        return NetworkDerivation(subject)
    return NamedDerivation(subject, wrt)
