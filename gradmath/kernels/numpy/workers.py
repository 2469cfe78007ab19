"""Blocks of a call shared among threads."""

from __future__ import annotations

import contextvars
import functools
import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

#: Shares for each thread: a thread that is held up leaves the rest of its work to others.
_SHARES = 4


def in_threads[Item, Result](
    threads: int, compute: Callable[[Sequence[Item]], list[Result]], items: Sequence[Item]
) -> list[Result]:
    """compute(items), the items divided among threads; results in the order of the items."""
    if threads == 1 or len(items) == 1:
        return compute(items)
    shares = min(threads * _SHARES, len(items))
    ends = [len(items) * k // shares for k in range(shares + 1)]
    parts = [items[start:end] for start, end in itertools.pairwise(ends)]
    context = contextvars.copy_context()  # NumPy's way with floating-point errors goes along
    calls = [_pool(threads).submit(context.copy().run, compute, part) for part in parts]
    return [result for call in calls for result in call.result()]


@functools.cache
def _pool(threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="gradmath")


# A forked process has none of its parent's threads and makes its own.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.cache_clear)
