"""Matrix operations between native parts: NumPy's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gradmath.program.ir import Instruction


def matrix(item: Instruction, args: Sequence[Any], out: Any = None) -> Any:
    """The result of a matrix instruction; truth values come as 0 and 1 in the type of `args`."""
    import numpy as np

    match item.op:
        case "matmul":
            return np.matmul(args[0], args[1], out=out)
        case "matmul_nt":
            return np.matmul(args[0], args[1].T, out=out)
        case "matmul_tn":
            return np.matmul(args[0].T, args[1], out=out)
        case "sum_rows":
            return np.sum(args[0], axis=0, out=out)
        case "row_sum":
            return np.sum(args[0], axis=1, keepdims=True, out=out)
        case "row_max":
            return np.max(args[0], axis=1, keepdims=True, out=out)
        case "first_max":
            columns = np.arange(args[0].shape[1])
            return np.equal(columns, np.argmax(args[0], axis=1)[:, None], out=out, casting="unsafe")
        case _:
            return np.sum(args[0])
