"""Catalogue entries as callables, in tables by name; NumPy loads with the first array."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from gradmath import catalogue
from gradmath.catalogue.entries import VectorLoss
from gradmath.functions.activations import ActivationFunction
from gradmath.functions.gradients import ClipByNorm, ClipByValue, PenaltyFunction
from gradmath.functions.initialisers import InitialiserFunction
from gradmath.functions.losses import LossFunction, VectorLossFunction


class Callables[F](Mapping[str, F]):
    """A read-only mapping name -> callable entry, over a catalogue table."""

    def __init__(self, table: Mapping[str, Any], make: Callable[[Any], F]) -> None:
        self._table = table
        self._made = {entry.name: make(entry) for entry in table.values()}

    def __getitem__(self, name: str) -> F:
        return self._made[self._table[name].name]

    def __contains__(self, name: object) -> bool:
        return name in self._table

    def __iter__(self) -> Iterator[str]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def __repr__(self) -> str:
        return repr(self._table)


def _loss(entry: Any) -> LossFunction | VectorLossFunction:
    return VectorLossFunction(entry) if isinstance(entry, VectorLoss) else LossFunction(entry)


def _clip(entry: Any) -> ClipByValue | ClipByNorm:
    return ClipByNorm(entry) if entry.norm is not None else ClipByValue(entry)


activations: Callables[ActivationFunction] = Callables(catalogue.activations, ActivationFunction)
losses: Callables[LossFunction | VectorLossFunction] = Callables(catalogue.losses, _loss)
penalties: Callables[PenaltyFunction] = Callables(catalogue.penalties, PenaltyFunction)
clips: Callables[ClipByValue | ClipByNorm] = Callables(catalogue.clips, _clip)
initialisers: Callables[InitialiserFunction] = Callables(
    catalogue.initialisers, InitialiserFunction
)
