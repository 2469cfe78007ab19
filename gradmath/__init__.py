"""gradmath: derive gradients by the chain rule, compile them, and check them.

    import gradmath as gm

    d = gm.derive([("z", "w*x + b"), ("a", "sigmoid(z)"), ("L", "(a - y)**2")], wrt=["w", "b"])
    d.gradient["w"]                                   # 2*x*(a - y)*sigmoid'(z)
    loss, grads = gm.compile(d)(x=1.0, y=1.0, w=0.5, b=0.1)
    gm.verify(d).require()

Importing gradmath loads SymPy and mpmath alone; NumPy and the rest load when they are first used.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gradmath.derivation import Derivation, derive
from gradmath.errors import GradmathError, UnknownNameError
from gradmath.functions import activations, clips, initialisers, losses, penalties
from gradmath.kernels import compile, cuda_source
from gradmath.network import Dense, Network

if TYPE_CHECKING:
    from gradmath.claims import claims
    from gradmath.dynamics import Diagnosis, diagnose
    from gradmath.verify import Report, verify
    from gradmath.verify.gradients import check_gradient

__version__ = "0.1.0"

#: Names that load NumPy, python-flint or the chapter's claims: the module of each.
_LAZY = {
    "check_gradient": "gradmath.verify.gradients",
    "diagnose": "gradmath.dynamics",
    "Diagnosis": "gradmath.dynamics",
    "verify": "gradmath.checking",
    "Report": "gradmath.verify",
    "claims": "gradmath.claims",
}

#: Every catalogue entry is also a name of the package: `gm.sigmoid`, `gm.huber`, `gm.l2`.
_TABLES = (activations, losses, penalties, clips)
for _table in _TABLES:
    globals().update(_table)

__all__ = [
    "Dense", "Derivation", "Diagnosis", "GradmathError", "Network", "Report", "activations",
    "check_gradient", "claims", "clips", "compile", "cuda_source", "derive", "diagnose",
    "initialisers", "losses", "penalties", "verify",
    *(name for table in _TABLES for name in table),
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        value = getattr(import_module(_LAZY[name]), name)
        globals()[name] = value
        return value
    if name.startswith("_"):
        raise AttributeError(f"module 'gradmath' has no attribute {name!r}")
    raise UnknownNameError("gradmath", name, __all__)


def __dir__() -> list[str]:
    return sorted(__all__)


class _Front(ModuleType):
    """Keeps `gm.verify` and `gm.claims` the public objects of that name.

    Python binds a subpackage to its parent whenever it is first loaded, from wherever; the
    function and the mapping share their names with the subpackages that hold them.
    """

    def __setattr__(self, name: str, value: object) -> None:
        if not (name in _LAZY and isinstance(value, ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Front
