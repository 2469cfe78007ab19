"""Statements about the spectra of given matrices, and Arb's evidence for them.

A matrix is given as it is printed: exact decimals, and how far each entry may be from the number
printed.  A statement holds for *every* matrix within that distance, and so does its enclosure.

    M = Printed.of("M", [["2", "1"], ["1", "2"]], places=0)
    Between(RADIUS, (M,), low=3, high=3)

The enclosures come from FLINT (`verify.enclose.spectrum`); what shows a planted mistake to be
false is mpmath at 40 digits, on the numbers as printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import sympy as sp

from gradmath import notation
from gradmath.claims.evidence import Evidence, named_parts
from gradmath.claims.statement import Counterexample, Statement
from gradmath.errors import DeclarationError, UnknownNameError
from gradmath.verify.report import FAILED, INCONCLUSIVE, PASSED, Row, Status

if TYPE_CHECKING:
    from flint import arb, arb_mat

DIGITS = 40  # of mpmath
BITS = (256, 1024, 4096)  # of Arb, until the question is decided
_HAIR = Fraction(1, 10**25)  # mpmath's own error is far below it


@dataclass(frozen=True)
class Printed:
    """A matrix as printed; `error` is the most by which an entry may differ from its number."""

    name: str
    rows: tuple[tuple[Fraction, ...], ...]
    error: Fraction = Fraction(0)

    @classmethod
    def of(
        cls, name: str, rows: Sequence[Sequence[str | int]], places: int | None = None
    ) -> Printed:
        """Decimals as texts; with `places`, rounded to so many of them (else exact).

        >>> Printed.of("A", [["0.5", "1"]], places=1).error
        Fraction(1, 20)
        """
        table = tuple(tuple(Fraction(entry) for entry in row) for row in rows)
        if not table or len({len(row) for row in table}) != 1 or not table[0]:
            raise DeclarationError(name, got="rows of several lengths", allowed="a matrix")
        error = Fraction(0) if places is None else Fraction(1, 2 * 10**places)
        return cls(name, table, error)

    @property
    def exact(self) -> Printed:
        """The numbers printed, without any error."""
        return replace(self, error=Fraction(0))

    @property
    def matrix(self) -> sp.Matrix:
        """The numbers printed."""
        return sp.Matrix([[sp.Rational(e.numerator, e.denominator) for e in r] for r in self.rows])

    @property
    def words(self) -> str:
        """Which matrices are meant."""
        if not self.error:
            return f"{self.name} exactly as printed"
        return f"every matrix within {float(self.error):g} of {self.name}, entry by entry"

    def balls(self) -> arb_mat:
        """The matrix in balls of the present precision."""
        from flint import arb, arb_mat, fmpq

        def ball(entry: Fraction, radius: arb) -> arb:
            return arb(fmpq(entry.numerator, entry.denominator)) + arb(0, radius)

        radius = arb(fmpq(self.error.numerator, self.error.denominator)).upper()
        return arb_mat([[ball(entry, radius) for entry in row] for row in self.rows])

    def estimated(self) -> Any:
        """The numbers printed as an mpmath matrix."""
        import mpmath

        return mpmath.matrix(
            [[mpmath.mpf(e.numerator) / e.denominator for e in r] for r in self.rows]
        )


@dataclass(frozen=True)
class Measure:
    """A number that belongs to one or several matrices, found in two ways that share no code.

    `latex` and `words` name it, with `{0}` and `{1}` for the matrices' names.
    """

    enclose: Callable[..., Any]
    estimate: Callable[..., Any]
    latex: str
    words: str


@dataclass(frozen=True)
class Between:
    """`low <= measure <= high` for every matrix (or pair of them) that prints so."""

    measure: Measure
    of: tuple[Printed, ...]
    low: sp.Rational
    high: sp.Rational

    @property
    def _names(self) -> list[str]:
        return [each.name for each in self.of]

    @property
    def latex(self) -> str:
        """As a formula."""
        name = self.measure.latex.format(*self._names)
        low, high = (_decimal(end) for end in (self.low, self.high))
        return f"{name} = {low}" if self.low == self.high else rf"{low} \le {name} \le {high}"

    @property
    def text(self) -> str:
        """In plain characters."""
        name = self.measure.words.format(*self._names)
        low, high = (notation.text(sp.sympify(end)) for end in (self.low, self.high))
        return f"{name} = {low}" if self.low == self.high else f"{low} <= {name} <= {high}"

    def enclosed(self) -> tuple[arb, int]:
        """A ball that holds the number for every matrix that prints so, and the bits it took.

        Raises `NotEnclosed` where no precision helps.
        """
        from gradmath.verify import balls
        from gradmath.verify.enclose import NotEnclosed

        for bits in BITS:
            try:
                with balls.precision(bits):
                    return self.measure.enclose(*(each.balls() for each in self.of)), bits
            except NotEnclosed:
                if bits == BITS[-1]:
                    raise
        raise AssertionError("no precision to try")

    def estimated(self) -> Any:
        """The number for the matrices exactly as printed, by mpmath."""
        import mpmath

        with mpmath.workdps(DIGITS):
            return self.measure.estimate(*(each.estimated() for each in self.of))

    def value(self) -> sp.Rational:
        """The number for the matrices exactly as printed, as a fraction good to 25 digits."""
        import mpmath

        with mpmath.workdps(DIGITS):
            number = self.estimated()
            scale = mpmath.mpf(10) ** 25
            return sp.Rational(int(mpmath.nint(number * scale)), 10**25)


def _decimal(end: sp.Rational) -> str:
    """A bound as a decimal, exactly: those of statements have finitely many places."""
    text = f"{sp.Rational(end).p / sp.Rational(end).q:.12g}"
    return text if sp.Rational(text) == end else notation.latex(sp.sympify(end))


@dataclass(frozen=True)
class OfMatrices:
    """Bounds of numbers that belong to given matrices; `display` replaces the formulas."""

    parts: Mapping[str, Between]
    display: Sequence[str] = ()
    words: str = ""

    def __post_init__(self) -> None:
        if not self.parts:
            raise DeclarationError("statement", got="no part", allowed="one or more")

    def but(self, **changed: Mapping[str, Any]) -> OfMatrices:
        """The same statement with fields of the named parts replaced: how a mistake is planted."""
        for name in changed:
            if name not in self.parts:
                raise UnknownNameError("part", name, self.parts)
        new = {name: replace(self.parts[name], **fields) for name, fields in changed.items()}
        shown = "; ".join(f"{name}: {part.text}" for name, part in new.items())
        return OfMatrices({**self.parts, **new}, words=shown)

    @property
    def latex(self) -> str:
        """One formula below the other."""
        rows = self.display or [part.latex for part in self.parts.values()]
        return r"\begin{gathered}" + r" \\[0.6ex] ".join(rows) + r"\end{gathered}"

    @property
    def text(self) -> str:
        """In plain characters."""
        return self.words or "; ".join(part.text for part in self.parts.values())

    def domain_text(self, part: str) -> str:
        """Which matrices are meant."""
        return "; ".join(each.words for each in self.parts[part].of)

    def counterexample(self, at: Mapping[Any, Any] | None = None) -> Counterexample | None:
        """A part whose number, for the matrices as printed, lies outside its bounds."""
        for name, part in self.parts.items():
            number = part.value()
            if number < part.low - _HAIR or number > part.high + _HAIR:
                stated = part.text
                where = {"matrices": ", ".join(each.exact.words for each in part.of)}
                return Counterexample(name, where, str(sp.N(number, 17)), stated)
        return None


@dataclass(frozen=True)
class Spectra(Evidence):
    """Bounds of numbers of matrices (none named: all), held to the balls Arb encloses them in."""

    parts: tuple[str, ...] = ()
    proves: ClassVar[bool] = True

    def covers(self, statement: Statement) -> frozenset[str]:
        """Names of the parts that this evidence decides."""
        return frozenset(self._chosen(statement))

    def check(self, statement: Statement) -> list[Row]:
        """One row for each part covered."""
        return [_row(name, part) for name, part in self._chosen(statement).items()]

    def _chosen(self, statement: Statement) -> dict[str, Between]:
        return named_parts(statement, OfMatrices, self.parts)


def _row(name: str, part: Between) -> Row:
    from flint import arb, fmpq

    from gradmath.verify.enclose import NotEnclosed

    method = "Arb: enclosed for every matrix in the balls"
    try:
        found, bits = part.enclosed()
    except NotEnclosed as failure:
        return Row(name, method, INCONCLUSIVE, note=str(failure))
    low, high = (
        arb(fmpq(int(end.p), int(end.q))) for end in map(sp.Rational, (part.low, part.high))
    )
    status: Status = INCONCLUSIVE
    if found >= low and found <= high:
        status = PASSED
    elif found < low or found > high:
        status = FAILED
    return Row(name, method, status, got=found.str(20), expected=part.text, note=f"{bits} bits")
