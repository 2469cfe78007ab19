"""The plain array API: the same program on any library that follows the standard."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import ModuleType
from typing import Any

from gradmath.kernels.array_api.source import array_source
from gradmath.kernels.runner import Sizes, run_of, summed
from gradmath.program.ir import Program
from gradmath.program.special import expand_scaled_erfc


class ArrayRunner:
    """The functions of the array API standard alone, on whatever library the arrays are from."""

    def __init__(self, program: Program, xp: ModuleType) -> None:
        self.program = expand_scaled_erfc(program)
        self.source = array_source(self.program)
        self._run = run_of(self.source, {})
        self._xp = xp

    def run(
        self,
        values: Mapping[str, Any],
        sizes: Sizes,
        dtype: Any,
        out: Mapping[str, Any],
        sums: Collection[str] = (),
    ) -> tuple[dict[str, Any], list[Any]]:
        """Results by name, and the guards; see `Runner.run`."""
        import array_api_compat

        xp = self._xp
        arguments = [values[name] for name in self.program.inputs]
        device = array_api_compat.device(arguments[0])

        def asarray(value: float) -> Any:
            return xp.asarray(value, dtype=dtype, device=device)

        def exp(value: Any) -> Any:
            # Libraries' own float32 exp errs by some ulp; through float64 it is rounded once.
            wide = value if value.dtype == xp.float64 else xp.astype(value, xp.float64)
            result = xp.exp(wide)
            return result if wide is value else xp.astype(result, value.dtype)

        def columns(matrix: Any) -> Any:
            return xp.arange(matrix.shape[1], device=device)[None, :]

        guards: list[Any] = []
        found = self._run(*arguments, xp, asarray, exp, columns, guards)
        unique = list(dict.fromkeys(self.program.outputs.values()))
        by_position = dict(zip(unique, found, strict=True))
        results = {name: by_position[p] for name, p in self.program.outputs.items()}
        return summed(xp, results, self.program, sizes, sums) if sums else results, guards
