"""SymPy's own simplifiers under a time limit that really stops them.

`simplify` may run for minutes, and Python cannot end a computation from within.  So the long
attempts run in a process of their own, kept for the next question, and killed when time is up:
`python -m gradmath.verify.prover` answers pickled expressions on its standard input.
Safe to use from several threads: each question takes a process that no one else is using.
"""

from __future__ import annotations

import atexit
import contextlib
import pickle
import queue
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Final

import sympy

from gradmath.errors import BackendError

_START: Final = 60.0  # seconds granted to a fresh interpreter for importing SymPy
_LENGTH: Final = struct.Struct(">I")

#: the attempts in order of cost; each is a proof only if it returns exactly 0
ATTEMPTS: Final[dict[str, Callable[[sympy.Expr], sympy.Expr]]] = {
    "expand": sympy.expand,
    "together and cancel": lambda e: sympy.cancel(sympy.together(e)),
    "trigsimp": lambda e: sympy.trigsimp(sympy.expand_trig(e)),
    "rewrite in exp and simplify": lambda e: sympy.simplify(e.rewrite(sympy.exp)),
    "simplify": sympy.simplify,
    "doit and simplify": lambda e: sympy.simplify(e.doit()),
}


class TimeIsUp(BackendError):
    """The process was killed because its time was up."""


class _Process:
    """One child and the thread that reads its answers."""

    def __init__(self) -> None:
        self.child = subprocess.Popen(
            [sys.executable, "-m", "gradmath.verify.prover"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.answers: queue.Queue[object] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.receive(_START)  # the greeting

    def _read(self) -> None:
        assert self.child.stdout is not None
        while (message := _receive(self.child.stdout)) is not None:
            self.answers.put(message)
        self.answers.put(None)

    def receive(self, seconds: float) -> object:
        try:
            answer = self.answers.get(timeout=max(seconds, 0.0))
        except queue.Empty:
            self.kill()
            raise TimeIsUp("time", got=f"no proof within {seconds:.3g} s") from None
        if answer is None:
            self.kill()
            raise BackendError("prover", got="the process ended without an answer")
        return answer

    def send(self, message: object) -> None:
        assert self.child.stdin is not None
        try:
            _send(self.child.stdin, message)
        except OSError:
            self.kill()
            raise BackendError("prover", got="the process has ended") from None

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()
        for pipe in (self.child.stdin, self.child.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):  # closing flushes, and the reader is gone
                    pipe.close()


_idle: list[_Process] = []
_guard = threading.Lock()


def attempt(expression: sympy.Expr, seconds: float) -> str | None:
    """Return the name of the first attempt that reduces `expression` to exactly 0, or None.

    Raises `TimeIsUp` after `seconds` (the start of the process not counted), and `BackendError`
    where no process can be started or the expression cannot be sent.
    """
    process = _take()
    end = time.monotonic() + seconds
    try:
        found = _asked(process, expression, end)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        _give_back(process)
        raise BackendError("expression", got=f"cannot be sent to a process: {error}") from None
    except BaseException:  # Ctrl-C too: nobody will wait for the answer
        process.kill()
        raise
    _give_back(process)
    return found


def _asked(process: _Process, expression: sympy.Expr, end: float) -> str | None:
    process.send(expression)
    found = next((name for name in ATTEMPTS if process.receive(end - time.monotonic())), None)
    process.receive(_START)  # the end mark
    return found


def _take() -> _Process:
    with _guard:
        if _idle:
            return _idle.pop()
    try:
        return _Process()
    except OSError as error:
        raise BackendError("prover", got=f"no process can be started: {error}") from None


def _give_back(process: _Process) -> None:
    with _guard:
        _idle.append(process)


@atexit.register
def close() -> None:
    """End the processes that wait for a question."""
    with _guard:
        while _idle:
            _idle.pop().kill()


def _send(stream: IO[bytes], message: object) -> None:
    data = pickle.dumps(message)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> object | None:
    try:
        head = stream.read(_LENGTH.size)
        if len(head) < _LENGTH.size:
            return None
        return pickle.loads(stream.read(*_LENGTH.unpack(head)))
    except (OSError, ValueError, EOFError):
        return None


def serve() -> None:
    """Answer expressions until the input ends: one boolean an attempt, then an end mark."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    _send(sink, "ready")
    while (expression := _receive(source)) is not None:
        for reduce in ATTEMPTS.values():
            found = _is_zero(reduce, expression)
            _send(sink, found)
            if found:
                break
        _send(sink, "end")


def _is_zero(reduce: Callable[[sympy.Expr], sympy.Expr], expression: sympy.Expr) -> bool:
    try:
        return bool(reduce(expression) == 0)
    except Exception:  # noqa: BLE001 - SymPy raises anything; a crash is no proof and no more
        return False


if __name__ == "__main__":
    serve()
