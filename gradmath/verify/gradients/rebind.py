"""A person's function, made to work on traced numbers: its machine-only names are replaced.

`math.exp(x)`, `np.asarray(x, dtype=float)` and `float(loss)` insist on machine numbers.  A copy of
the function is made in which `math`, NumPy and its relatives, `float` and the helper functions
beside it are replaced by ones that also take traced numbers.  The code itself is not touched.
"""

from __future__ import annotations

import builtins
import functools
import math
import operator
import sysconfig
import types
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from gradmath.verify.gradients import arrays, entries, scalar_functions, special
from gradmath.verify.gradients.blame import delegated
from gradmath.verify.gradients.number import NotTraceable, Number
from gradmath.verify.gradients.ruled import unary

#: modules whose functions are NumPy's, name for name
_LIKE_NUMPY = ("numpy", "array_api_strict", "jax.numpy", "array_api_compat.numpy")
_MADE = ("zeros", "ones", "empty", "full", "zeros_like", "ones_like", "empty_like", "full_like")
#: modules in which some names are replaced
_SEEN_THROUGH = ("gradmath", "jax", "scipy", "scipy.special")
#: the names of the math module that differ from NumPy's
_MATH_NAMES = {
    "fabs": "absolute", "pow": "power", "asin": "arcsin", "acos": "arccos", "atan": "arctan",
    "asinh": "arcsinh", "acosh": "arccosh", "atanh": "arctanh", "lgamma": "gammaln",
    "atan2": "arctan2",
}  # fmt: skip


def is_traced(x: Any) -> bool:
    """Whether a traced number hides in x."""
    if isinstance(x, Number | arrays.Traced):
        return True
    if isinstance(x, np.ndarray):
        return bool(x.dtype == object)
    return isinstance(x, list | tuple) and any(is_traced(each) for each in x)


def _identity_on_traced(original: Callable[..., Any]) -> Callable[..., Any]:
    """`float`, `np.float32` and such: a traced number stays what it is."""

    def call(*args: Any, **options: Any) -> Any:
        if args and is_traced(args[0]):
            x = args[0]
            return arrays.wrapped(arrays.plain(x)) if not isinstance(x, list) else arrays.traced(x)
        return delegated(original, *args, **options)

    if isinstance(original, type) and issubclass(original, np.generic):
        vars(call)["dtype"] = np.dtype(original)  # NumPy takes it for the type, where one is wanted
    return call


class _Float(type):
    """`float` in code that is being traced: a traced number is one, and stays what it is."""

    def __instancecheck__(cls, x: Any) -> bool:
        return isinstance(x, float | Number)

    def __call__(cls, *args: Any) -> Any:
        return _identity_on_traced(float)(*args)


class _Number(metaclass=_Float):
    """Stands for `float`."""


class _Module:
    """A module seen through a wrapper; what is not replaced is the module's own."""

    def __init__(self, module: types.ModuleType, replaced: dict[str, Any]) -> None:
        self._module, self._replaced = module, replaced

    def __getattr__(self, name: str) -> Any:
        if name in self._replaced:
            return self._replaced[name]
        return replacement(getattr(self._module, name))


def _numpy(module: types.ModuleType) -> _Module:
    """NumPy itself, or NumPy in the place of a library of the same names."""
    replaced: dict[str, Any] = {}
    for name in ("asarray", "array", "asanyarray", "ascontiguousarray"):
        replaced[name] = functools.partial(_array, getattr(np, name))
    for name in _MADE:
        replaced[name] = functools.partial(_made, getattr(np, name))
    for name in ("float16", "float32", "float64", "astype"):
        replaced[name] = _identity_on_traced(getattr(np, name))
    return _Module(np, replaced)


def _array(original: Callable[..., Any], x: Any, *args: Any, **options: Any) -> Any:
    if is_traced(x):
        dtype = options.get("dtype", args[0] if args else None)
        return arrays.cast(arrays.traced(arrays.plain(x)), dtype)
    return delegated(original, x, *args, **options)


def _made(original: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Zeros, ones and such are arrays of objects here: traced numbers may be put in them."""
    dtype = options.get("dtype")
    made = delegated(original, *(arrays.plain(a) for a in args), **options)
    if dtype is None or np.issubdtype(np.asarray(made).dtype, np.floating):
        return arrays.traced(made)
    return made


def _math_function(name: str) -> Callable[..., Any]:
    original = getattr(math, name)
    numpy_name = _MATH_NAMES.get(name, name)

    def call(*args: Any, **options: Any) -> Any:
        if args and isinstance(args[0], Iterator):  # fsum(v * v for v in x)
            args = (list(args[0]), *args[1:])
        if not any(is_traced(a) for a in args):
            return delegated(original, *args, **options)
        if name == "log" and len(args) == 2:
            return unary("log", args[0]) / unary("log", args[1])
        if name == "fsum":
            return delegated(functools.reduce, operator.add, args[0])
        if name == "isclose":
            return delegated(_is_close, *args, **options)
        if name == "prod":
            return delegated(functools.reduce, operator.mul, args[0])
        if name in scalar_functions.BOOLEAN:
            return scalar_functions.UNARY[name](args[0])
        if name == "pow":
            return delegated(operator.pow, *args)
        if numpy_name in scalar_functions.BINARY:
            return delegated(scalar_functions.BINARY[numpy_name], *args)
        if numpy_name not in scalar_functions.UNARY:
            raise NotTraceable("function", got=f"math.{name} of a traced number")
        return scalar_functions.UNARY[numpy_name](args[0])

    return call


def _is_close(a: Any, b: Any, *, rel_tol: float = 1e-9, abs_tol: float = 0.0) -> Any:
    """`math.isclose`, as comparisons."""
    size = scalar_functions.larger(abs(a), abs(b))
    return abs(a - b) <= scalar_functions.larger(rel_tol * size, abs_tol)


def _math() -> _Module:
    wanted = [n for n in vars(math) if not n.startswith("_") and callable(getattr(math, n))]
    return _Module(math, {name: _math_function(name) for name in wanted})


def replacement(value: Any) -> Any:
    """What stands for a module or function in code that is being traced; most stay themselves."""
    if isinstance(value, types.ModuleType):
        if value.__name__ in _LIKE_NUMPY:
            return _numpy(value)
        if value is math:
            return _math()
        if value.__name__ in _SEEN_THROUGH:
            return _Module(value, {})
        return value
    if getattr(value, "__module__", None) and value.__module__.startswith("scipy.special"):
        return special.FUNCTIONS.get(getattr(value, "__name__", ""), value)
    entry = entries.traceable(value)
    if entry is not None:
        return entry
    if isinstance(value, types.BuiltinFunctionType) and getattr(value, "__module__", "") == "math":
        return _math_function(value.__name__)
    if value in (np.float16, np.float32, np.float64) if isinstance(value, type) else False:
        return _identity_on_traced(value)
    if value in (np.asarray, np.array) if isinstance(value, types.BuiltinFunctionType) else False:
        return functools.partial(_array, value)
    return value


def _import(*args: Any, **options: Any) -> Any:
    """`import math` inside a function: what is imported is seen through as well."""
    return replacement(builtins.__import__(*args, **options))


_BUILTINS = {**vars(builtins), "__import__": _import}


def rebound(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with its machine-only names replaced; itself, if it is no Python function."""
    return _Rebinder().function(function)


#: what calls code of a person's own
_CALLED = types.FunctionType | types.MethodType | functools.partial | np.vectorize


def _is_own(function: types.FunctionType) -> bool:
    """Whether a function stands in a person's own file, and not in an installed library."""
    return not function.__code__.co_filename.startswith(_INSTALLED)


_INSTALLED = tuple({sysconfig.get_path(name) for name in ("stdlib", "purelib", "platlib")})


class _Rebinder:
    """Copies functions that call each other, each once."""

    def __init__(self) -> None:
        self.made: dict[int, Any] = {}
        self.globals: dict[int, dict[str, Any]] = {}

    def function(self, function: Any) -> Any:
        if isinstance(function, functools.partial):
            return functools.partial(
                self.function(function.func), *function.args, **function.keywords
            )
        if isinstance(function, types.MethodType):
            entry = entries.traceable(function)
            if entry is not None:
                return entry
            return types.MethodType(self.function(function.__func__), function.__self__)
        if isinstance(function, np.vectorize):
            return functools.partial(arrays.elementwise, self.function(function.pyfunc))
        if not isinstance(function, types.FunctionType):
            return replacement(function)
        if id(function) in self.made:
            return self.made[id(function)]
        if replacement(function) is not function:
            return replacement(function)
        if function.__module__ and function.__module__.partition(".")[0] in _OWN_WORLD:
            return function
        made = types.FunctionType(
            function.__code__, self._globals(function.__globals__), function.__name__,
            function.__defaults__, None if function.__closure__ is None else
            tuple(types.CellType() for _ in function.__closure__),
        )  # fmt: skip
        made.__kwdefaults__ = function.__kwdefaults__
        self.made[id(function)] = made
        for old, new in zip(function.__closure__ or (), made.__closure__ or (), strict=True):
            try:
                new.cell_contents = self._any(old.cell_contents)
            except ValueError:  # an empty cell stays empty
                continue
        return made

    def _any(self, value: Any) -> Any:
        if isinstance(value, _CALLED):
            return self.function(value)
        return replacement(value)

    def _globals(self, original: dict[str, Any]) -> dict[str, Any]:
        if id(original) in self.globals:
            return self.globals[id(original)]
        copied = self.globals[id(original)] = dict(original)
        copied["float"] = original.get("float", _Number)
        copied["__builtins__"] = _BUILTINS  # before any function is made, which takes them along
        for name, value in original.items():
            if name == "__builtins__":
                continue
            if isinstance(value, types.FunctionType):
                if value.__globals__ is original or _is_own(value):
                    copied[name] = self.function(value)
                else:
                    copied[name] = replacement(value)
            else:
                copied[name] = self._any(value)
        return copied


#: packages whose functions work on objects as they are, or are dispatched by NumPy's protocols
_OWN_WORLD = frozenset(["numpy", "scipy", "gradmath"])
