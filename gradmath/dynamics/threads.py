"""One thread for NumPy's matrix products: faster for small matrices, and the same bits every time.

A product of a few dozen rows takes longer to hand out than to do, and several processes that each
ask for every core wait for one another.  How a sum is divided among threads also decides its last
bits.
"""

from __future__ import annotations

from threadpoolctl import threadpool_limits


def single_thread() -> threadpool_limits:
    """A context in which the linear algebra below NumPy runs on one thread; or call it for good.

    >>> with single_thread():
    ...     pass
    """
    return threadpool_limits(limits=1, user_api="blas")
