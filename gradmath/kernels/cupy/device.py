"""Whether CuPy is installed and has a device; its namespaces."""

from __future__ import annotations

import importlib.util
from types import ModuleType

from gradmath.errors import BackendError


def is_cupy(xp: ModuleType) -> bool:
    """Whether the namespace is CuPy's."""
    return "cupy" in xp.__name__.split(".")


def require_cupy() -> None:
    """Raise BackendError, saying which, unless CuPy is installed and a device is there."""
    if importlib.util.find_spec("cupy") is None:
        raise BackendError(
            "backend 'cupy'",
            got="CuPy is not installed",
            allowed="CuPy and a CUDA device",
            remedy="pip install 'gradmath[cupy]', or use backend='numpy'",
        )
    cupy = cupy_module()
    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as error:
        raise BackendError(
            "backend 'cupy'",
            got=f"CuPy {cupy.__version__} is installed, but there is no usable device ({error})",
            allowed="a CUDA device and its driver",
            remedy="run on a machine with an NVIDIA GPU, or use backend='numpy'",
        ) from None
    if devices == 0:
        raise BackendError(
            "backend 'cupy'",
            got=f"CuPy {cupy.__version__} is installed, but there is no device",
            allowed="a CUDA device and its driver",
            remedy="run on a machine with an NVIDIA GPU, or use backend='numpy'",
        )


def cupy_module() -> ModuleType:
    """CuPy itself."""
    import cupy

    module: ModuleType = cupy
    return module


def cupy_namespace() -> ModuleType:
    """The array-API namespace of CuPy."""
    import array_api_compat.cupy

    namespace: ModuleType = array_api_compat.cupy
    return namespace
