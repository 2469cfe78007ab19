"""Kernels made for CuPy, run on the host: the same source, compiled by g++ with a small header.

`Host` stands in the place of the module `cupy` for a runner.  Arrays are NumPy's.
"""

from __future__ import annotations

import ctypes
import hashlib
import math
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import cupy
import numpy as np

from tests.cuda import exact

SHIM = Path(__file__).parent / "shim"
#: Plain IEEE arithmetic, and products joined with sums as the device's compiler may do.
PLAIN, JOINED = ("-ffp-contract=off",), ("-ffp-contract=fast", "-mfma")


@dataclass(frozen=True)
class Kernel:
    """One kernel's exact source and name."""

    code: str
    name: str
    headers: bool

    @property
    def entry(self) -> str:
        """The name of its entry in a library."""
        return "k" + hashlib.sha256(f"{self.name} {self.code}".encode()).hexdigest()[:16]

    def text(self) -> str:
        """What g++ compiles: the source as it is, in a namespace and under a name of its own."""
        source, _ = exact.handed_over(self.code, self.headers)
        renamed = f"{self.name}_{self.entry}"
        return (
            f"#define {self.name} {renamed}\nnamespace {self.entry} {{\n{source}\n}}\n"
            f"#undef {self.name}\nHOST_ENTRY({self.entry}_entry, {self.entry}::{renamed})\n"
        )


@dataclass
class Host:
    """`cupy` for a runner whose kernels shall run on the host.

    folder: where libraries are built.  flags: how g++ treats arithmetic.  flush: subnormal numbers
    count as zero.  descending: the order of the threads.  edit: a change to each kernel's code,
    for mistakes planted on purpose.
    """

    folder: Path
    flags: tuple[str, ...] = PLAIN
    flush: bool = False
    descending: bool = False
    edit: Callable[[str], str] = str
    recorded: dict[str, Kernel] = field(default_factory=dict)
    _entries: dict[str, Any] = field(default_factory=dict)
    _recording: bool = False

    @staticmethod
    def asnumpy(array: Any) -> np.ndarray:
        """As CuPy's: a result as NumPy's array."""
        return np.asarray(array)

    def __getattr__(self, name: str) -> Any:
        return getattr(np, name)

    def ElementwiseKernel(self, *arguments: Any, **named: Any) -> Any:
        return _Elementwise(self, cupy.ElementwiseKernel(*arguments, **named))

    def RawKernel(self, code: str, name: str) -> Any:
        return _Raw(self, Kernel(self.edit(code), name, headers=False))

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Kernels that are called are noted in `recorded` and not run."""
        self._recording = True
        yield
        self._recording = False

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Kernels that are called are noted and not run; afterwards all are built at once."""
        with self.noting():
            yield
        self.build([k for k in self.recorded.values() if k.entry not in self._entries])

    def launch(self, kernel: Kernel, grid: int, block: int, arguments: list[Any]) -> None:
        """Run a kernel; the arguments are ctypes objects that live at least as long."""
        self.recorded[kernel.entry] = kernel
        if self._recording:
            return
        if kernel.entry not in self._entries:
            self.build([kernel])
        addresses = [ctypes.cast(ctypes.byref(a), ctypes.c_void_p) for a in arguments]
        barriers = "__syncthreads" in kernel.code
        self._entries[kernel.entry](
            grid, block, (ctypes.c_void_p * len(addresses))(*addresses), barriers,
            self.descending, self.flush,
        )  # fmt: skip

    def build(self, kernels: list[Kernel]) -> None:
        """Compile kernels, half of them beside the other half."""
        self._header()
        halves = [half for half in (kernels[::2], kernels[1::2]) if half]
        threads = [threading.Thread(target=self._build, args=(half,)) for half in halves]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        missing = [k.name for k in kernels if k.entry not in self._entries]
        assert not missing, f"g++ did not compile {missing}"

    def _options(self) -> list[str]:
        _, options = exact.handed_over("", True)
        includes = [option for option in options if option.startswith("-I")]
        own = ["-std=c++17", "-O1", *self.flags, "-w", "-fPIC", "-D__CUDACC_VER_MAJOR__=12"]
        return [*own, f"-I{SHIM}", *includes]

    def _header(self) -> Path:
        """The folder of the header, compiled once for all libraries of these flags."""
        folder = self.folder / ("header" + "".join(self.flags))
        if not folder.exists():
            part = self.folder / (folder.name + ".part")
            part.mkdir()
            made = ["-x", "c++-header", str(SHIM / "host.h"), "-o", str(part / "host.h.gch")]
            subprocess.run(["g++", *self._options(), *made], check=True)
            part.rename(folder)
        return folder

    def _build(self, kernels: list[Kernel]) -> None:
        text = '#include "host.h"\n' + "".join(kernel.text() for kernel in kernels)
        stem = self.folder / hashlib.sha256((text + repr(self.flags)).encode()).hexdigest()[:16]
        stem.with_suffix(".cpp").write_text(text)
        command = ["g++", f"-I{self._header()}", *self._options(), "-shared"]
        command += [str(stem.with_suffix(".cpp")), "-o", str(stem.with_suffix(".so"))]
        subprocess.run(command, check=True)
        library = ctypes.CDLL(str(stem.with_suffix(".so")))
        for kernel in kernels:
            entry = getattr(library, kernel.entry + "_entry")
            entry.restype = None
            entry.argtypes = [
                ctypes.c_uint, ctypes.c_uint, ctypes.c_void_p,
                ctypes.c_int, ctypes.c_int, ctypes.c_int,
            ]  # fmt: skip
            self._entries[kernel.entry] = entry


class _Elementwise:
    """A call of `cupy.ElementwiseKernel`: broadcast, joined to one axis where all is contiguous."""

    def __init__(self, host: Host, kernel: cupy.ElementwiseKernel) -> None:
        self.host, self.kernel = host, kernel

    def __call__(self, *arguments: Any) -> None:
        assert len(arguments) == self.kernel.nargs
        arrays = [a for a in arguments if isinstance(a, np.ndarray)]
        shape = np.broadcast_shapes(*(a.shape for a in arrays))
        assert all(a.shape == shape for a in arguments[self.kernel.nin :])
        spread = [np.broadcast_to(a, shape) if isinstance(a, np.ndarray) else a for a in arguments]
        if len(shape) > 1 and all(a.flags.c_contiguous for a in _arrays(spread)):
            shape = (math.prod(shape),)
            spread = [a.reshape(shape) if isinstance(a, np.ndarray) else a for a in spread]
        code = self.host.edit(exact.elementwise(self.kernel, spread, shape))
        packed = [_packed(a, self.kernel.params[k]) for k, a in enumerate(spread)]
        packed.append(_struct([math.prod(shape), *shape, *[0] * len(shape)]))
        size = math.prod(shape)
        block = min(128, size)
        self.host.launch(
            Kernel(code, self.kernel.name, headers=True), -(-size // block), block, packed
        )


class _Raw:
    """A call of `cupy.RawKernel`."""

    def __init__(self, host: Host, kernel: Kernel) -> None:
        self.host, self.kernel = host, kernel

    def __call__(self, grid: tuple[int], block: tuple[int], arguments: tuple[Any, ...]) -> None:
        packed = []
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                packed.append(ctypes.c_void_p(argument.ctypes.data))
            elif isinstance(argument, int):
                packed.append(ctypes.c_longlong(argument))
            else:  # a NumPy scalar goes by value
                packed.append(ctypes.create_string_buffer(argument.tobytes()))
        self.host.launch(self.kernel, grid[0], block[0], packed)


def _arrays(arguments: list[Any]) -> list[np.ndarray]:
    return [a for a in arguments if isinstance(a, np.ndarray)]


def _packed(argument: Any, parameter: Any) -> Any:
    """A `CArray` of carray.cuh, or a number by value."""
    if isinstance(argument, np.ndarray):
        return _struct([argument.ctypes.data, argument.size, *argument.shape, *argument.strides])
    return ctypes.create_string_buffer(np.dtype(parameter.dtype).type(argument).tobytes())


def _struct(words: list[int]) -> Any:
    return (ctypes.c_longlong * len(words))(*words)


def kernel_names(code: str) -> list[str]:
    """The kernels that a source defines."""
    return re.findall(r"__global__ void (\w+)\(", code)
