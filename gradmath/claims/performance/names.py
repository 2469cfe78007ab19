"""Who is who in the record, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from gradmath.errors import UnknownNameError

NAMES: Mapping[str, Mapping[str, str]] = {
    "gradmath": {"en": "gradmath", "zh": "gradmath"},
    "numpy": {"en": "gradmath, NumPy", "zh": "gradmath，NumPy"},
    "native": {"en": "gradmath, native", "zh": "gradmath，本机"},
    "javascript": {"en": "gradmath, JavaScript", "zh": "gradmath，JavaScript"},
    "numpy-plain": {"en": "NumPy, as written", "zh": "NumPy，照写"},
    "numpy-stable": {"en": "NumPy, by hand", "zh": "NumPy，手写"},
    "numpy-clipped": {"en": "NumPy, clipped", "zh": "NumPy，截断"},
    "lambdify": {"en": "SymPy, lambdify", "zh": "SymPy，lambdify"},
    "numexpr": {"en": "numexpr", "zh": "numexpr"},
    "numba": {"en": "numba, fastmath", "zh": "numba，fastmath"},
    "jax": {"en": "jax, jit", "zh": "jax，jit"},
    "torch-eager": {"en": "PyTorch, eager", "zh": "PyTorch，即时"},
    "torch-compile": {"en": "PyTorch, compiled", "zh": "PyTorch，编译"},
    "pytensor": {"en": "PyTensor", "zh": "PyTensor"},
    "limit": {"en": "memory limit", "zh": "内存极限"},
    "sympy": {"en": "SymPy, diff", "zh": "SymPy，diff"},
    "symengine": {"en": "SymEngine, diff", "zh": "SymEngine，diff"},
    "torch": {"en": "PyTorch", "zh": "PyTorch"},
    "scipy": {"en": "SciPy", "zh": "SciPy"},
    "naive": {"en": "as it stands", "zh": "照定义"},
}


def name(id: str, language: str) -> str:
    """The name of a contender on pages and in figures."""
    if id not in NAMES:
        raise UnknownNameError("contender", id, NAMES)
    return NAMES[id][language]
