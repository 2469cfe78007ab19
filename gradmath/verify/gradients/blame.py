"""Whose error it is: that of the code, which asks what a traced number cannot do, or our own.

Code that is being traced may fail in any way: it may index a number, or hand it to a library that
knows machine numbers only.  Then it is judged by its values instead.  A mistake in our own
arithmetic must not pass for that: it is an error to be seen.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from gradmath.errors import GradmathError

#: our own frames, and libraries that only work on what they are given by their caller
_OURS: Final = "gradmath.verify"
_SILENT: Final = frozenset({*sys.stdlib_module_names, "sympy", "mpmath", "flint"})


def delegated[Result](call: Callable[..., Result], /, *args: Any, **options: Any) -> Result:
    """Call something in the name of the code: it chose the arguments, and what comes is its doing.

    What our own functions do wrong inside the call is still our own.
    """
    return call(*args, **options)


def is_ours(error: BaseException) -> bool:
    """Whether an error arose in our own code, at a place where the code had no say."""
    if isinstance(error, RecursionError | MemoryError):
        return False  # raised wherever the last straw fell
    if isinstance(error, GradmathError):
        return False  # said on purpose, of what somebody gave
    decisive = None
    for module, code in _frames(error):
        if module.partition(".")[0] not in _SILENT:
            decisive = module, code
    if decisive is None:
        return False
    module, code = decisive
    return f"{module}.".startswith(f"{_OURS}.") and code is not delegated.__code__


def _frames(error: BaseException) -> Iterator[tuple[str, Any]]:
    """The modules and code that an error went through, the innermost last."""
    trace = error.__traceback__
    while trace is not None:
        yield str(trace.tb_frame.f_globals.get("__name__", "")), trace.tb_frame.f_code
        trace = trace.tb_next
