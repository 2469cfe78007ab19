"""A content-addressed cache on disk, shared by claims, figures, labs and both languages.

An entry's address is a hash of everything its value can depend on: the package's own source, the
versions of the libraries that compute, the function, and its arguments.  Nothing has to be
invalidated: after any change the old address is simply never asked for again.  Entries are
written to a temporary file and renamed, so that several processes may use one cache at a time; a
damaged entry is recognised by its checksum and computed again.

Entries are pickles.  Keep the folder as private as the code itself.
"""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import importlib.metadata
import inspect
import os
import pickle
import platform
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import sympy

from gradmath.cache_folder import folder
from gradmath.dynamics.threads import single_thread
from gradmath.errors import ArgumentTypeError

_PACKAGE = Path(__file__).resolve().parent.parent
_LIBRARIES = (
    "gradmath", "numpy", "scipy", "sympy", "mpmath", "python-flint", "scikit-learn", "matplotlib",
    "array-api-compat",
)  # fmt: skip
_MAGIC = b"gradmath cache 1\n"
_DAYS_KEPT = 14


@functools.cache
def source_hash() -> str:
    """Hash of the package's source and of what computes beside it (libraries, Python, processor).

    Read once per process: a process goes on running the source it has loaded.
    """
    return source_hash_now()


def source_hash_now() -> str:
    """The same, of the files as they are at this moment."""
    digest = hashlib.sha256()
    for path in sorted(_PACKAGE.rglob("*")):
        inside = path.relative_to(_PACKAGE)
        # what Python compiles comes and goes under changing names while others run
        if "__pycache__" not in inside.parts and path.is_file():
            digest.update(inside.as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    for library in _LIBRARIES:
        digest.update(f"{library} {_version(library)}\n".encode())
    digest.update(f"{sys.version_info[:3]} {platform.machine()} {sys.flags.optimize}".encode())
    # NumPy's loops, and so the last bits of its results, go by what the processor can do
    digest.update(repr(np.show_config(mode="dicts").get("SIMD Extensions")).encode())
    return digest.hexdigest()


def _version(library: str) -> str:
    try:
        return importlib.metadata.version(library)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def key(function: Callable[..., Any], arguments: Mapping[str, Any]) -> str:
    """The address of one call, as a hexadecimal string.

    Arguments may be None, truth values, numbers, strings, bytes, NumPy arrays, SymPy expressions,
    functions, and tuples, lists, dictionaries or dataclasses of these.  Others raise
    `ArgumentTypeError`: a guessed identity would hand out somebody else's result.
    """
    digest = hashlib.sha256(source_hash().encode())
    _feed(digest, function, "function")
    for name in sorted(arguments):
        digest.update(name.encode() + b"\0")
        _feed(digest, arguments[name], name)
    return digest.hexdigest()


def _feed(digest: Any, value: Any, name: str) -> None:
    """Add a tagged, unambiguous encoding of `value`; every part is preceded by its length."""

    def put(tag: str, *parts: bytes) -> None:
        digest.update(f"{tag} {len(parts)}:".encode())
        for part in parts:
            digest.update(f"{len(part)}:".encode() + part)

    if value is None or isinstance(value, bool | int | str | complex):
        put(type(value).__name__, repr(value).encode())
    elif isinstance(value, float):
        put("float", value.hex().encode())
    elif isinstance(value, bytes):
        put("bytes", value)
    elif isinstance(value, np.ndarray | np.generic) and value.dtype != object:
        array = np.asarray(value)
        put("array", array.dtype.str.encode(), repr(array.shape).encode(), array.tobytes())
    elif isinstance(value, sympy.Basic):
        put("sympy", sympy.srepr(value).encode())
    elif isinstance(value, tuple | list):
        put(type(value).__name__, str(len(value)).encode())
        for item in value:
            _feed(digest, item, name)
    elif isinstance(value, Mapping):
        put("mapping", str(len(value)).encode())
        for item in sorted(value.items(), key=lambda pair: repr(pair[0])):
            _feed(digest, item, name)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        put("dataclass", f"{type(value).__module__}.{type(value).__qualname__}".encode())
        for field in dataclasses.fields(value):
            _feed(digest, (field.name, getattr(value, field.name)), name)
    elif inspect.isfunction(value):
        put("function", f"{value.__module__}.{value.__qualname__}".encode(), _own_source(value))
    else:
        raise ArgumentTypeError(
            name,
            got=type(value).__qualname__,
            allowed="None, numbers, strings, bytes, arrays, SymPy expressions, top-level functions,"
            " and tuples, lists, mappings or dataclasses of these",
            remedy="pass the data the result depends on",
        )


def _own_source(function: Callable[..., Any]) -> bytes:
    """The source of a function outside the package; `source_hash` covers those inside."""
    if function.__module__.split(".")[0] == "gradmath":
        return b""
    if function.__closure__:
        raise ArgumentTypeError(
            function.__qualname__,
            got="a function that closes over variables",
            allowed="functions whose result depends on their arguments alone",
            remedy="pass what it closes over as an argument",
        )
    try:
        return inspect.getsource(function).encode()
    except OSError as error:
        raise ArgumentTypeError(
            function.__qualname__,
            got="a function without readable source",
            allowed="functions defined in a file or a notebook cell",
        ) from error


def cached[**P, R](function: Callable[P, R]) -> Callable[P, R]:
    """Keep the results of `function` on disk, under `folder()`.

    The function must depend on nothing but its arguments, the package's source and the installed
    libraries, and its result must be picklable.  The undecorated function stays reachable as
    `__wrapped__`.  A folder that cannot be written costs only time, and says so in one warning.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        path = address(function, bound.arguments)
        entry = read(path)
        if entry is None:
            with single_thread():
                entry = function(*args, **kwargs), None
            write(path, entry[0])
        return entry[0]

    return call


def address(function: Callable[..., Any], arguments: Mapping[str, Any]) -> Path:
    """The file in which the result of one call is kept, whether there is one yet or not."""
    return folder() / source_hash()[:24] / key(function, arguments)


def read(path: Path) -> tuple[Any, None] | None:
    """The stored value in a one-element box, or None where there is no sound entry."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    head = len(_MAGIC) + hashlib.sha256().digest_size
    payload = data[head:]
    if data[:head] != _MAGIC + hashlib.sha256(payload).digest():
        return None
    return pickle.loads(payload), None


def write(path: Path, value: Any) -> None:
    """Keep a value in a file of the cache."""
    payload = pickle.dumps(value, protocol=5)
    temporary: Path | None = None
    try:
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True)
            _drop_old(path.parent)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix="~", delete=False) as file:
            temporary = Path(file.name)
            file.write(_MAGIC + hashlib.sha256(payload).digest() + payload)
        os.replace(temporary, path)  # atomic: a reader sees the whole entry or none
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        warnings.warn(f"gradmath cannot write its cache: {error}", RuntimeWarning, stacklevel=3)


def _drop_old(current: Path) -> None:
    """Remove the folders of sources not run for `_DAYS_KEPT` days: the cache stays small."""
    limit = time.time() - _DAYS_KEPT * 24 * 3600
    for other in current.parent.iterdir():
        if other != current and other.is_dir() and other.stat().st_mtime < limit:
            shutil.rmtree(other, ignore_errors=True)
