"""How NumPy writes each operation, and what generated source is to be called with."""

from __future__ import annotations

from dataclasses import dataclass

from gradmath.kernels.slots import Place
from gradmath.program.ir import BINARY, MATRIX, PREDICATES, UNARY

#: Entry by entry; an operation that is not listed has its own name there.
UFUNC = {
    "neg": "np.negative",
    "abs": "np.absolute",
    "atan": "np.arctan",
    "add": "np.add",
    "sub": "np.subtract",
    "mul": "np.multiply",
    "div": "np.divide",
    "pow": "np.power",
    "min": "np.minimum",
    "max": "np.maximum",
    "lt": "np.less",
    "le": "np.less_equal",
    "eq": "np.equal",
    "ne": "np.not_equal",
    "and": "np.logical_and",
    "or": "np.logical_or",
    "scaled_erfc": "special.erfcx",
}
#: On whole matrices; `out` stands for the keyword argument.
MATRIX_CALLS = {
    "matmul": "np.matmul({0}, {1}{out})",
    "matmul_nt": "np.matmul({0}, {1}.T{out})",
    "matmul_tn": "np.matmul({0}.T, {1}{out})",
    "sum_rows": "np.sum({0}, axis=0{out})",
    "row_sum": "np.sum({0}, axis=1, keepdims=True{out})",
    "row_max": "np.max({0}, axis=1, keepdims=True{out})",
    "first_max": "np.equal(np.arange({0}.shape[1]), np.argmax({0}, axis=1)[:, None]{out})",
    "sum_all": "np.sum({0})",
}
#: Operations whose results are truth values.
TRUTHS = PREDICATES | {"first_max"}
#: Operations whose result, an array, is written into a buffer.
COMPUTED = UNARY | BINARY | TRUTHS | MATRIX | {"where", "neg_abs", "number", "or_nan"}


@dataclass(frozen=True)
class Want:
    """A name of the work space: a buffer or a vector of one constant, or the bits of either.

    The bits of a constant are one integer.
    """

    place: Place | None = None
    bits: bool = False
    constant: float = 0.0


@dataclass(frozen=True)
class NumpySource:
    """The text, and what to call its functions with; results are numbers of instructions.

    arrays, scalars: the inputs of `block` and of `once`, by name.  wants: what `work` holds, in
    order.  kept: what `numbers` begins with.  written: the results in `out`.  sums, guards and
    late: what `block` returns; guards by their number.  whole: only whole arrays will do.
    """

    text: str
    arrays: tuple[str, ...]
    scalars: tuple[str, ...]
    wants: tuple[Want, ...]
    kept: tuple[int, ...]
    written: tuple[int, ...]
    sums: tuple[int, ...]
    guards: tuple[int, ...]
    late: tuple[int, ...]
    whole: bool
