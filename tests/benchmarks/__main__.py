"""Measure everything and write the record, or compare a few cells with the record.

    python -m tests.benchmarks [FILE]      everything, about a quarter of an hour
    python -m tests.benchmarks --quick     a few cells beside those of the record, in two minutes

Needs the dependency group `bench`; names what is missing and stops.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

#: one thread for everybody; read by the libraries when they are first imported
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "NUMEXPR_MAX_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "TORCHINDUCTOR_COMPILE_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
    "JAX_ENABLE_X64": "1",
}


def main(arguments: list[str]) -> None:
    """Read the command line, hold the process to one thread on one core, measure."""
    quick = "--quick" in arguments
    targets = [argument for argument in arguments if argument != "--quick"]
    if len(targets) > 1 or any(argument.startswith("-") for argument in targets):
        sys.exit(__doc__)
    os.environ.update(ONE_THREAD)
    from tests.benchmarks import setting

    setting.require_all()
    setting.hold_to_one_core()
    setting.empty_caches()
    if quick:
        from tests.benchmarks import quick as comparison

        comparison.main()
        return
    from gradmath.claims.performance.record import FILE
    from tests.benchmarks import everything

    everything.main(Path(targets[0]) if targets else FILE)


if __name__ == "__main__":
    main(sys.argv[1:])
