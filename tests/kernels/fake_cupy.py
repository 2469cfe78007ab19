"""Enough of CuPy to execute generated ElementwiseKernels on NumPy arrays.

The C body is a list of `const T tN = expression;` and `vN = tN;`; the few C forms that differ
from Python are rewritten, so that what runs is the body itself and not a second printer.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from scipy import special

_TERNARY = re.compile(r"^(?P<test>.+?) \? (?P<yes>.+?) : (?P<no>.+)$")


def _python(expression: str) -> str:
    match = _TERNARY.match(expression)
    if match:
        return f"where({_python(match['test'])}, {_python(match['yes'])}, {_python(match['no'])})"
    comparison = re.compile(r"(\w[\w.()-]*) (<=|<|==|!=|>) (\w[\w.()-]*)")
    expression = comparison.sub(r"(\1 \2 \3)", expression)
    return expression.replace("&&", "&").replace("||", "|")


class ElementwiseKernel:
    def __init__(self, inputs: str, outputs: str, body: str, name: str) -> None:
        assert name.isidentifier()
        self.inputs = [part.split()[1] for part in inputs.split(", ") if part]
        self.outputs = [part.split()[1] for part in outputs.split(", ")]
        self.body = body

    def __call__(self, *arguments: Any) -> Any:
        assert len(arguments) == len(self.inputs)
        dtype = next(a.dtype for a in arguments if a.dtype.kind == "f").type
        scope: dict[str, Any] = {
            "T": dtype, "where": np.where, "exp": np.exp, "expm1": np.expm1, "log": np.log,
            "log1p": np.log1p, "sqrt": np.sqrt, "fabs": np.abs, "tanh": np.tanh, "floor": np.floor,
            "erfcx": special.erfcx, "copysign": np.copysign, "pow": np.power, "sin": np.sin,
            "cos": np.cos,
        }  # fmt: skip
        scope.update(zip(self.inputs, arguments, strict=True))
        with np.errstate(under="ignore"):
            for line in self.body.splitlines():
                left, right = line.removesuffix(";").split(" = ", 1)
                name = left.split()[-1]
                assert name not in self.inputs
                scope[name] = eval(_python(right), {"__builtins__": {}}, scope)
        shape = np.broadcast_shapes(*(a.shape for a in arguments))
        results = [np.broadcast_to(scope[name], shape).copy() for name in self.outputs]
        return results[0] if len(results) == 1 else results


asarray, arange, argmax, sum, max = np.asarray, np.arange, np.argmax, np.sum, np.max
