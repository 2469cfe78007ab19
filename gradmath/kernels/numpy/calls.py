"""The calls of a NumPy kernel, and their source.

The source is two functions.  `once(scalars...)` computes what depends on numbers alone and returns
the `numbers` that the rest needs.  `block(arrays, numbers, work, out)` computes the rest, on whole
arrays or on any block of them: it writes results into `out` and returns the sums, whether guards
held, and the results that are numbers.  Each operation writes its last argument.

Where a shorter program does for most samples (see `near`) there is a third function, `near`, that
is called before `block` and as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from gradmath.kernels.numpy.slots import Place

#: Calls from which on the source is not compiled.
LONG = 1000


class Call(NamedTuple):
    """`target = function(args, out)`; `target` is a name for what was written into `out`."""

    target: str
    function: str
    args: tuple[str, ...]
    out: str | None = None

    def __str__(self) -> str:
        inside = list(self.args)
        if self.out:  # by its place: a name costs as much as computing a thousand entries
            inside.append(f"out={self.out}" if self.function in _BY_NAME else self.out)
        return f"{self.target} = {self.function}({', '.join(inside)})"


#: What NumPy wants to be told the output of by name.
_BY_NAME = ("np.maximum", "np.minimum", "np.sum")


class Check(NamedTuple):
    """Nothing more is computed where `value`, an exponential, is infinite somewhere.

    A NaN goes on, as it does where no other sample is infinite.
    """

    value: str

    def __str__(self) -> str:
        return f"if np.equal({self.value}, np.inf).any(): return {self.value} != np.inf"


@dataclass(frozen=True, slots=True)
class Want:
    """What a name of the work space is: a buffer, a constant, or a vector of one constant.

    A constant is an array without axes, of the type to compute in: NumPy takes it at once, while a
    number of Python's is looked at and converted in each call.
    """

    place: Place | None = None
    constant: float = 0.0
    vector: bool = False


@dataclass
class NumpyCalls:
    """The calls of both functions, in order, and their arguments; numbers are of instructions.

    names: what the inputs are called.  arrays, scalars: the inputs of `block` and of `once`.
    kept: what `numbers` holds.  wants: what `work` holds, by name.  written: the results in `out`.
    sums, guards and late: what `block` returns; guards by their number.  whole: only whole arrays
    will do.
    """

    names: dict[str, str] = field(default_factory=dict)
    once: list[Call] = field(default_factory=list)
    calls: list[Call | Check] = field(default_factory=list)
    arrays: tuple[str, ...] = ()
    scalars: tuple[str, ...] = ()
    kept: dict[int, str] = field(default_factory=dict)
    wants: dict[str, Want] = field(default_factory=dict)
    written: tuple[int, ...] = ()
    sums: dict[int, str] = field(default_factory=dict)
    guards: dict[int, str] = field(default_factory=dict)
    late: dict[int, str] = field(default_factory=dict)
    whole: bool = False

    @property
    def long(self) -> bool:
        """Whether the calls are followed one by one, since to compile them takes too long."""
        return len(self.calls) + len(self.once) >= LONG

    def forget(self) -> None:
        """Let go of the calls, once functions are made of them.

        A deep chain has hundred thousand, and each is a few objects that Python's collector of
        cycles would look through again and again.
        """
        self.once.clear()
        self.calls.clear()

    @property
    def buffers(self) -> int:
        """How many arrays lie between the inputs and the sums, those of the results among them."""
        wants = self.wants.values()
        own = len({want.place for want in wants if want.place}) + sum(w.vector for w in wants)
        return own + len(self.written)

    @property
    def groups(self) -> dict[str, list[str]]:
        """What each argument of `block` holds, by name."""
        return {
            "arrays": [self.names[name] for name in self.arrays],
            "numbers": list(self.kept.values()),
            "work": list(self.wants),
            "out": [f"out{k}" for k in range(len(self.written))],
        }

    @property
    def scalar_names(self) -> list[str]:
        """The arguments of `once`."""
        return [self.names[name] for name in self.scalars]

    @property
    def passes_numbers(self) -> bool:
        """Whether `once` gives its arguments back as they are."""
        return not self.once and list(self.kept.values()) == self.scalar_names

    @property
    def results(self) -> tuple[list[str], ...]:
        """What `block` returns."""
        return tuple(list(part.values()) for part in (self.sums, self.guards, self.late))

    def once_text(self) -> str:
        """The source of `once`."""
        return _function(
            f"once({', '.join(self.scalar_names)})", self.once, _tuple(list(self.kept.values()))
        )

    def block_text(self, name: str) -> str:
        """The source of the other function, by this name."""
        groups = [f"{', '.join(names)}, = {group}" for group, names in self.groups.items() if names]
        constants = [
            f"# {name} = {want.constant!r}"
            for name, want in self.wants.items()
            if want.place is None
        ]
        return _function(
            f"{name}({', '.join(self.groups)})",
            [*groups, *constants, *self.calls],
            ", ".join(map(_tuple, self.results)),
        )


def _function(head: str, lines: Iterable[object], result: str) -> str:
    return "\n".join([f"def {head}:", *(f"    {x}" for x in lines), f"    return {result}", ""])


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)}{',' * (len(names) == 1)})"
