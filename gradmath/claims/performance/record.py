"""What `nox -s bench` measured on one machine on one day: the file and its strict reader.

A cell that is missing, twice there or no positive number makes the whole file unusable: no table
is drawn with a hole in it.
"""

from __future__ import annotations

import functools
import itertools
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gradmath.errors import UnknownNameError, VerificationError

FILE = Path(__file__).parents[1] / "recorded" / "bench.json"
FORMAT = 1
REMEDY = "write it with: python -m nox -s bench"

FULL, REDUCED = MODES = ("full", "reduced")
SIZES = (10_000, 1_000_000, 10_000_000)
DTYPES = ("float32", "float64")
REUSED, FRESH, SCALARS = "reused", "fresh", "scalars"
DEPTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000, 2000, 4000)
#: contenders that every record has, beside our backends
PEERS = (
    "numpy-plain", "numpy-stable", "numpy-clipped", "lambdify", "numexpr", "numba", "jax",
    "torch-eager", "torch-compile", "pytensor", "limit",
)  # fmt: skip
LIMIT = "limit"
OURS = ("numpy", "native", "javascript")
#: what is measured at growing depth, and by whom at least
LADDERS: Mapping[str, Sequence[str]] = {
    "compile": (*OURS, "jax"),
    "run": (*OURS, "jax"),
    "derive": ("gradmath", "sympy", "symengine"),
    "network": ("gradmath",),
}
#: numbers for which null stands for infinity, which JSON has not
_UNBOUNDED = ("worst", "share", "tiny")
#: whose errors every record has
JUDGED = (*OURS, "torch", "jax", "scipy", "naive")


@dataclass(frozen=True)
class Contender:
    """Who was timed: one of our backends (`ours`) or a peer, under which allocation policies."""

    id: str
    ours: bool
    policies: Sequence[str]


@dataclass(frozen=True)
class Cell:
    """Seconds of one call: the median of the rounds and the quartiles on either side.

    They are of processor time, every thread counted; `elapsed` is the median of the time elapsed.
    """

    contender: str
    policy: str
    mode: str
    size: int
    dtype: str
    median: float
    low: float
    high: float
    elapsed: float
    loops: int
    rounds: int

    @property
    def key(self) -> tuple[str, str, str, int, str]:
        """What the cell is of."""
        return (self.contender, self.policy, self.mode, self.size, self.dtype)

    @property
    def nanoseconds(self) -> float:
        """Nanoseconds for each element."""
        return self.median / self.size * 1e9


@dataclass(frozen=True)
class Rung:
    """Seconds at one depth, or why there are none."""

    kind: str
    contender: str
    depth: int
    seconds: float | None
    reason: str


@dataclass(frozen=True)
class Error:
    """The worst error of one contender on one activation: order of derivative and type.

    `worst` is in ulp of the true value, over normal results not too near to a root, at the point
    `where`; `share` is the same as a share of 4(1+k) ulp.  `tiny` is the worst error
    below the smallest normal number, in smallest subnormals.  Infinity stands for
    no bound: NaN, or an infinity that should not be.
    """

    contender: str
    activation: str
    order: int
    dtype: str
    worst: float
    where: float
    share: float
    tiny: float
    points: int


@dataclass(frozen=True)
class Recording:
    """The whole file."""

    date: str
    machine: Mapping[str, Any]
    versions: Mapping[str, str]
    settings: Mapping[str, Any]
    contenders: Mapping[str, Contender]
    cells: Mapping[tuple[str, str, str, int, str], Cell]
    rungs: Sequence[Rung]
    errors: Sequence[Error]

    def cell(self, contender: str, policy: str, mode: str, size: int, dtype: str) -> Cell:
        """One cell of the table."""
        key = (contender, policy, mode, size, dtype)
        if key not in self.cells:
            raise UnknownNameError("cell", " ".join(map(str, key)), _words(self.cells))
        return self.cells[key]

    def fastest(self, contender: str, mode: str, size: int, dtype: str) -> Cell:
        """The contender's best policy for this task."""
        policies = self.policies(contender, mode)
        found = [self.cell(contender, policy, mode, size, dtype) for policy in policies]
        return min(found, key=lambda cell: cell.median)

    def policies(self, contender: str, mode: str) -> Sequence[str]:
        """The allocation policies under which a contender was timed."""
        if contender not in self.contenders:
            raise UnknownNameError("contender", contender, self.contenders)
        return (SCALARS,) if mode == REDUCED else self.contenders[contender].policies

    @property
    def peers(self) -> list[str]:
        """Everybody else's, without the memory limit."""
        return [c.id for c in self.contenders.values() if not c.ours and c.id != LIMIT]

    @property
    def ours(self) -> list[str]:
        """Our backends that were timed."""
        return [c.id for c in self.contenders.values() if c.ours]

    def ladder(self, kind: str, contender: str) -> list[tuple[int, float]]:
        """Depths and seconds, as far as they were measured."""
        return [
            (rung.depth, rung.seconds)
            for rung in self.rungs
            if (rung.kind, rung.contender) == (kind, contender) and rung.seconds is not None
        ]

    def climbers(self, kind: str) -> list[str]:
        """Who is on this ladder, in the order of the file."""
        return list(dict.fromkeys(rung.contender for rung in self.rungs if rung.kind == kind))


@functools.cache
def recording() -> Recording:
    """The file that is part of this package."""
    return read(FILE)


def read(file: Path) -> Recording:
    """Read a file that `nox -s bench` wrote; `VerificationError` if anything is missing in it."""
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise VerificationError("record of the benchmarks", "no file", file.name, REMEDY) from None
    try:
        return of(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        raise VerificationError(
            "record of the benchmarks", repr(error), "a whole file", REMEDY
        ) from None


def of(plain: Mapping[str, Any]) -> Recording:
    """A record from plain data, every cell of it there."""
    if plain["format"] != FORMAT:
        raise ValueError(f"format {plain['format']}, not {FORMAT}")
    contenders = {each["id"]: Contender(**each) for each in plain["contenders"]}
    cells = [Cell(**each) for each in plain["cells"]]
    rungs = [Rung(**each) for each in plain["rungs"]]
    errors = [_error(each) for each in plain["errors"]]
    _complete("contender", contenders, [*OURS, *PEERS])
    _complete("cell", (cell.key for cell in cells), _cells(contenders.values()), exactly=True)
    _complete("rung", ((r.kind, r.contender, r.depth) for r in rungs), _rungs(rungs))
    _complete("judge", dict.fromkeys(error.contender for error in errors), JUDGED)
    _complete("error", ((e.contender, e.activation, e.order, e.dtype) for e in errors), _errors())
    for cell in cells:
        ordered = 0 < cell.low <= cell.median <= cell.high < math.inf
        if not (ordered and 0 < cell.elapsed < math.inf and cell.rounds >= 3):
            raise ValueError(f"no measurement: {cell}")
    for rung in rungs:
        if (rung.seconds is None) != bool(rung.reason):
            raise ValueError(f"seconds or a reason: {rung}")
    return Recording(
        plain["date"],
        plain["machine"],
        plain["versions"],
        plain["settings"],
        contenders,
        {cell.key: cell for cell in cells},
        rungs,
        errors,
    )


def _error(plain: Mapping[str, Any]) -> Error:
    numbers = {name: math.inf if plain[name] is None else plain[name] for name in _UNBOUNDED}
    return Error(**{**plain, **numbers})


def _cells(contenders: Iterable[Contender]) -> list[tuple[str, str, str, int, str]]:
    tasks = list(itertools.product(SIZES, DTYPES))
    return [
        (each.id, policy, mode, size, dtype)
        for each in contenders
        for mode in MODES
        for policy in (each.policies if mode == FULL else (SCALARS,))
        for size, dtype in tasks
    ]


def _rungs(found: Iterable[Rung]) -> list[tuple[str, str, int]]:
    """Whoever is on a ladder is on every rung of it; network depths are the file's own."""
    found = list(found)
    wanted: list[tuple[str, str, int]] = []
    for kind, needed in LADDERS.items():
        here = [rung for rung in found if rung.kind == kind]
        depths = DEPTHS if kind != "network" else sorted({rung.depth for rung in here}) or [1]
        names = dict.fromkeys([*needed, *(rung.contender for rung in here)])
        wanted += [(kind, name, depth) for name in names for depth in depths]
    return wanted


def _errors() -> list[tuple[str, str, int, str]]:
    """Our backends on every activation and order; the plain formula on value and slope."""
    from gradmath.catalogue import activations

    ours = itertools.product(OURS, activations, (0, 1, 2), DTYPES)
    return [*ours, *itertools.product(["naive"], activations, (0, 1), DTYPES)]


def _complete(
    what: str, found: Iterable[Any], wanted: Iterable[Any], *, exactly: bool = False
) -> None:
    keys = list(found)
    missing = [key for key in wanted if key not in set(keys)]
    if missing:
        raise ValueError(f"{len(missing)} missing of {what}: {_words(missing)[:3]}")
    if len(keys) != len(set(keys)):
        raise ValueError(f"a {what} is there twice")
    if exactly and len(keys) != len(set(wanted)):
        raise ValueError(f"a {what} that nobody asked for")


def _words(keys: Iterable[Any]) -> list[str]:
    return [key if isinstance(key, str) else " ".join(map(str, key)) for key in keys]
