"""Processes that check one subject each at a time, and end when they should.

Every worker leads a process group of its own, which the provers it starts belong to.  So Ctrl-C
reaches the program alone, which then ends each group whole.  A worker that dies is known by the
subject it had in hand: that gets an outcome without an answer, and another worker takes its place.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, cast

from gradmath.checking import kept
from gradmath.checking.listing import subjects
from gradmath.checking.outcome import Outcome, check, without_answer
from gradmath.dynamics.threads import single_thread

#: for a process that was killed to be gone, in seconds
_PATIENCE = 5.0
#: what a worker answers to an id that only the program that started it knows
_UNKNOWN = "unknown"


@dataclass
class _Worker:
    """A process, our end of the pipe to it, and the subject it has in hand."""

    process: BaseProcess
    pipe: Connection
    id: str

    def end(self) -> None:
        """End the process and those it started."""
        pid = self.process.pid
        if pid is not None and hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self.process.kill()
        self.process.join(_PATIENCE)
        self.pipe.close()

    @property
    def death(self) -> str:
        """How the process ended, in words."""
        self.process.join(_PATIENCE)
        code = self.process.exitcode
        how = signal.Signals(-code).name if code is not None and code < 0 else f"exit status {code}"
        return f"the process that checked it ended ({how})"


def run(ids: Sequence[str], workers: int, source: str) -> Iterator[Outcome]:
    """Check these subjects, in this order, on so many processes; outcomes as they come.

    `source` is the hash of the package's source from before the first process is started.
    """
    waiting = deque(ids)
    busy: dict[Connection, _Worker] = {}
    try:
        while waiting and len(busy) < workers:
            _start(waiting.popleft(), source, busy)
        while busy:
            for pipe in wait(list(busy)):
                worker = busy[cast(Connection, pipe)]
                yield _answer(worker)
                if not worker.process.is_alive():
                    busy.pop(worker.pipe).end()
                    if waiting:
                        _start(waiting.popleft(), source, busy)
                elif waiting:
                    worker.id = waiting.popleft()
                    with contextlib.suppress(OSError):  # if it has just died, the next wait tells
                        worker.pipe.send(worker.id)
                else:
                    busy.pop(worker.pipe).end()
    finally:
        for worker in busy.values():
            worker.end()


def _answer(worker: _Worker) -> Outcome:
    try:
        answer: Any = worker.pipe.recv()
    except (EOFError, OSError):
        return without_answer(worker.id, worker.death)
    # a subject declared by the running program, which a fresh process cannot know
    return check(worker.id) if answer == _UNKNOWN else cast(Outcome, answer)


def _start(id: str, source: str, busy: dict[Connection, _Worker]) -> None:
    # fresh processes: a fork would copy the locks of the libraries' threads
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs, id, source), daemon=True)
    with _uninterrupted():
        process.start()
        busy[ours] = _Worker(process, ours, id)
    theirs.close()


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Ctrl-C waits; a process started here never sees it, and leaves ending to its parent."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _work(pipe: Connection, id: str, source: str) -> None:
    """Check one subject after the other until there are no more."""
    if hasattr(os, "setsid"):
        os.setsid()
    else:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with contextlib.suppress(EOFError, OSError):
        while True:
            if id in subjects():
                with single_thread():  # there are as many workers as cores
                    outcome = check(id)
                kept.keep(outcome, source)
                pipe.send(outcome)
            else:
                pipe.send(_UNKNOWN)
            id = pipe.recv()


def _end_with_parent() -> None:
    """End this process, and those it started, when the one that started it is gone."""
    parent = multiprocessing.parent_process()
    if parent is None:
        return
    wait([parent.sentinel])
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)
    os._exit(1)
