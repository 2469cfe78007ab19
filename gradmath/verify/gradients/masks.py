"""What comparisons of arrays give: truth values that turn into traced numbers when reckoned with.

`X.T @ (margin > 0)` multiplies data by truth values.  Done in machine numbers it would be rounded
there and then, and neither the exact run nor a disturbed one would see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from gradmath.verify.gradients.trace import Trace

#: functions of truth values that give truth values
_LOGICAL: Final = frozenset(
    "logical_and logical_or logical_xor logical_not bitwise_and bitwise_or bitwise_xor invert "
    "bitwise_invert".split()
)
#: functions that multiply: there truth values are numbers
_PRODUCTS: Final = frozenset("dot matmul vdot inner outer tensordot einsum kron".split())


class Mask(np.ndarray):
    """An array of truth values that knows the tape on which its comparison stands."""

    tape: Trace | None

    def __array_finalize__(self, source: Any) -> None:
        self.tape = getattr(source, "tape", None)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        from gradmath.verify.gradients.arrays import call_ufunc

        if method != "__call__" or ufunc.__name__ in _LOGICAL:
            found = getattr(ufunc, method)(*map(_plain, inputs), **options)
            return masked(found, self.tape) if ufunc.__name__ in _LOGICAL else found
        return call_ufunc(ufunc, method, [_numbers(x) for x in inputs], options)

    def __array_function__(
        self, function: Any, types: Any, args: Iterable[Any], options: Mapping[str, Any]
    ) -> Any:
        from gradmath.verify.gradients.arrays import call_function, is_object

        if function.__name__ in _PRODUCTS:
            return call_function(function, [_numbers(x) for x in args], options)
        plain = [_plain(x) for x in args]
        if any(map(is_object, [*plain, *options.values()])):
            return call_function(function, plain, options)
        return function(*plain, **{name: _plain(value) for name, value in options.items()})

    def astype(self, dtype: Any, *args: Any, **options: Any) -> Any:
        """Zeros and ones; traced numbers where a floating-point type is asked for."""
        if np.dtype(dtype).kind == "f":
            return _numbers(self)
        return _plain(self).astype(dtype, *args, **options)


def masked(found: Any, trace: Trace | None) -> Any:
    """Truth values of a comparison as a mask; anything else as it is."""
    if trace is None or not isinstance(found, np.ndarray) or found.dtype != bool or not found.ndim:
        return found
    mask = found.view(Mask)
    mask.tape = trace
    return mask


def _plain(x: Any) -> Any:
    if isinstance(x, Mask):
        return x.view(np.ndarray)
    return type(x)(map(_plain, x)) if isinstance(x, list | tuple) else x


def _numbers(x: Any) -> Any:
    """A mask as traced zeros and ones."""
    if not isinstance(x, Mask) or x.tape is None:
        return x
    from gradmath.verify.gradients.arrays import traced

    table = np.empty(x.shape, dtype=object)
    for index, truth in np.ndenumerate(_plain(x)):
        table[index] = x.tape.given(int(truth))
    return traced(table)
